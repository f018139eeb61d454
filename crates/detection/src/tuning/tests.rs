//! Each false positive sample has an exclusion that holds; what must stay stays; what is said is what happens.

use super::*;
use crate::{Options, sample, samples};
use event_table::DateTime;
use kql_engine::run::{Unpaced, block_on};
use kql_syntax::edit::apply;

fn session_of(id: &str) -> Session {
    let mut session = Session::new();
    session.load_sample(sample(id).unwrap());
    session.run_now(DateTime::MIN);
    session
}

fn tuning(session: &mut Session, request: &TuningRequest) -> Tuning {
    block_on(session.tuning(request, &Unpaced)).unwrap()
}

/// The rows that alert, each with its signals.
fn alerts(session: &Session) -> Vec<(RowRef, u16)> {
    let relation = session.result().unwrap();
    (0..relation.len()).filter_map(|row| relation.origin(row)).map(|o| (o.row, o.leg.unwrap_or(0))).collect()
}

#[test]
fn the_best_exclusion_of_every_false_positive_sample_silences_it_and_keeps_every_true_positive() {
    let false_positives: Vec<_> = samples().iter().filter(|s| s.group == "false_positive").collect();
    assert_eq!(false_positives.len(), 5);
    for sample in false_positives {
        let mut session = session_of(&sample.id);
        let before = alerts(&session);
        let is = |session: &Session, row: RowRef, label| session.label(row) == Some(label);
        let malicious: Vec<_> =
            before.iter().filter(|(row, _)| is(&session, *row, Label::Malicious)).copied().collect();
        assert!(!malicious.is_empty(), "{}", sample.id);
        let answer = tuning(&mut session, &TuningRequest::default());
        assert_eq!((answer.asked, answer.kept), (before.len() - malicious.len(), malicious.len()), "{}", sample.id);
        let best = answer.exclusions.first().unwrap_or_else(|| panic!("{}: {:?}", sample.id, answer.notes));
        assert!(best.complete, "{}: {best:#?}", sample.id);
        let edited = apply(session.query(), &best.suggestion.edits).unwrap();
        let preview = block_on(session.preview(&edited, &Unpaced)).unwrap();
        assert_eq!((preview.totals, preview.totals.lost), (best.totals, answer.asked), "{}", sample.id);
        session.set_query(edited);
        let report = session.run_now(DateTime::MIN);
        assert!(!report.has_errors(), "{}: {:?}", sample.id, report.findings);
        assert_eq!(alerts(&session), malicious, "{}: {}", sample.id, best.suggestion.words);
    }
}

#[test]
fn no_exclusion_loses_an_alert_that_must_stay() {
    for id in ["mixed-day", "surprises", "fp-ci-agents"] {
        let mut session = session_of(id);
        let text = session.query().to_owned();
        let must: Vec<_> =
            alerts(&session).into_iter().filter(|(row, _)| session.label(*row) == Some(Label::Malicious)).collect();
        let answer = tuning(&mut session, &TuningRequest::default());
        assert!(!answer.exclusions.is_empty(), "{id}: {:?}", answer.notes);
        for exclusion in &answer.exclusions {
            session.set_query(apply(&text, &exclusion.suggestion.edits).unwrap());
            session.run_now(DateTime::MIN);
            let left = alerts(&session);
            assert!(must.iter().all(|alert| left.contains(alert)), "{id}: {}", exclusion.suggestion.words);
        }
    }
}

const FARM: &str = "Timestamp,DeviceName,AccountName,FileName,ProcessCommandLine,InitiatingProcessParentFileName
2025-06-01T10:00:00Z,bld-01,svc-ci,git.exe,git push https://github.com/acme/a 10001,jenkins.exe
2025-06-01T10:00:01Z,bld-02,svc-ci,git.exe,git push https://github.com/acme/b 10002,jenkins.exe
2025-06-01T10:00:02Z,bld-03,svc-ci,git.exe,git push https://github.com/acme/c 10003,jenkins.exe
2025-06-01T10:00:03Z,ws-07,svc-ci,git.exe,git push https://github.com/qz/loot 10004,jenkins.exe
2025-06-01T10:00:04Z,bld-01,r.halloran,git.exe,git push https://github.com/qz/loot 10005,explorer.exe
2025-06-01T10:00:05Z,bld-01,svc-ci,git.exe,git status,jenkins.exe
";

fn farm() -> Session {
    let mut session = Session::new();
    session.load("DeviceProcessEvents.csv", FARM.as_bytes(), Options::default());
    session.set_query(
        "DeviceProcessEvents\n| where FileName =~ \"git.exe\"\n| where ProcessCommandLine has \"push\"\n\
         | sort by Timestamp asc",
    );
    session.run_now(DateTime::MAX);
    session
}

fn row(row: u32) -> RowRef {
    RowRef { table: 0, row }
}

#[test]
fn an_exclusion_reads_as_an_analyst_would_write_it() {
    let mut session = farm();
    let request = TuningRequest { silence: vec![row(0), row(1), row(2)], keep: vec![row(3), row(4)] };
    let answer = tuning(&mut session, &request);
    let words: Vec<&str> = answer.exclusions.iter().map(|e| &*e.clauses[0].text).collect();
    let expected = r#"where not(InitiatingProcessParentFileName =~ "jenkins.exe" and DeviceName startswith "bld-")"#;
    assert!(words.contains(&expected), "{words:#?}");
    let best = &answer.exclusions[0];
    let text = apply(session.query(), &best.suggestion.edits).unwrap();
    assert!(text.contains("has \"push\"\n| where not("), "{text}");
    assert!(text.ends_with(")\n| sort by Timestamp asc"), "{text}");
}

#[test]
fn values_that_change_and_people_rank_below_what_is_stable() {
    let mut session = farm();
    let request = TuningRequest { silence: vec![row(0), row(1), row(2)], keep: vec![row(3), row(4)] };
    let answer = tuning(&mut session, &request);
    assert!(
        answer
            .exclusions
            .is_sorted_by(|a, b| { a.complete.cmp(&b.complete).then(a.rating.total_cmp(&b.rating)).is_ge() })
    );
    assert!(answer.exclusions.iter().all(|e| !e.clauses.iter().any(|c| c.text.contains("1000"))));
}

#[test]
fn what_else_an_exclusion_silences_is_told() {
    let mut session = farm();
    let request = TuningRequest { silence: vec![row(0)], keep: vec![row(4)] };
    let answer = tuning(&mut session, &request);
    for exclusion in &answer.exclusions {
        session.set_query(apply(session.query(), &exclusion.suggestion.edits).unwrap());
        session.run_now(DateTime::MAX);
        let left: Vec<RowRef> = alerts(&session).into_iter().map(|(row, _)| row).collect();
        let gone = (1..=3).filter(|r| !left.contains(&row(*r))).count();
        assert_eq!(exclusion.others, gone, "{}", exclusion.suggestion.words);
        session = farm();
    }
    // `git status` of the same job on the same machine matches too, and is no alert.
    let quiet = answer.exclusions.iter().find(|e| e.clauses[0].text.contains("\"jenkins.exe\" and DeviceName =~"));
    assert_eq!(quiet.map(|e| e.quiet), Some(1), "{answer:#?}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let mut session = farm();
    let answer = tuning(&mut session, &TuningRequest::default());
    assert_eq!((answer.asked, &answer.notes[..]), (0, &["No alert is marked as a false positive.".to_owned()][..]));
    let both = TuningRequest { silence: vec![row(0)], keep: vec![row(0)] };
    assert!(tuning(&mut session, &both).notes[0].contains("must also alert"));
    session.set_query("DeviceProcessEvents | summarize count() by DeviceName");
    session.run_now(DateTime::MAX);
    let one = TuningRequest { silence: vec![row(0)], keep: Vec::new() };
    assert!(tuning(&mut session, &one).notes[0].contains("computed from several rows"));
    assert_eq!(tuning(&mut Session::new(), &one), Tuning::default());
}

#[test]
fn twins_of_an_alert_that_must_stay_are_not_silenced() {
    let mut session = Session::new();
    let log = "Timestamp,FileName,ProcessCommandLine\n2025-06-01,git,git push\n2025-06-02,git,git push\n";
    session.load("DeviceProcessEvents.csv", log.as_bytes(), Options::default());
    session.set_query("DeviceProcessEvents | where ProcessCommandLine has 'push'");
    session.run_now(DateTime::MAX);
    let answer = tuning(&mut session, &TuningRequest { silence: vec![row(0)], keep: vec![row(1)] });
    assert!(answer.exclusions.is_empty());
    assert!(answer.notes[0].starts_with("1 of the 1 alerts look like alerts that must stay"), "{:?}", answer.notes);
}
