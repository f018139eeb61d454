//! Near misses and suggested tuning on the samples: what is suggested does what it says, and nothing else.
//!
//! The labels say what must alert and what must not; they were written by hand. What a change does to the alerts is
//! counted here from the alerts before and after it, and not taken from the comparison that is tested.

use crate::wall;
use detection::{Comparison, Label, Session, Suggestion, Totals, TuningRequest, rule, sample, samples};
use event_table::RowRef;
use kql_engine::run::{Unpaced, block_on};
use kql_syntax::edit::apply;
use std::collections::BTreeSet;

/// The alerts of a result: the row of the logs, and the signal by position.
type Alerts = BTreeSet<(RowRef, u16)>;

fn session_of(ids: &[&str]) -> Session {
    let mut session = Session::new();
    ids.iter().for_each(|id| session.load_sample(sample(id).unwrap_or_else(|| panic!("no sample {id}"))));
    session.run_now(wall());
    session
}

fn alerts(session: &Session) -> Alerts {
    let result = session.result().expect("a result");
    let all: Vec<_> = (0..result.len())
        .map(|row| result.origin(row).expect("a row of a log"))
        .map(|origin| (origin.row, origin.leg.expect("a signal")))
        .collect();
    let set: Alerts = all.iter().copied().collect();
    assert_eq!(set.len(), all.len(), "a row alerts once in a signal");
    set
}

/// Runs a text instead of the session's, and gives the alerts.
fn run(session: &mut Session, text: &str, what: &str) -> Alerts {
    session.set_query(text);
    let report = session.run_now(wall());
    assert!(!report.has_errors() && report.failure.is_none(), "{what}: {:?} {:?}", report.findings, report.failure);
    alerts(session)
}

fn totals(before: &Alerts, after: &Alerts) -> Totals {
    Totals {
        gained: after.difference(before).count(),
        lost: before.difference(after).count(),
        kept: after.intersection(before).count(),
    }
}

/// The rows that a comparison names.
fn told(rows: &[detection::ComparedRow]) -> BTreeSet<RowRef> {
    rows.iter().map(|row| row.record.expect("a row of a log")).collect()
}

/// The preview of an edit, held against what the edit does when it is made. Gives the alerts after it, and leaves the
/// session as it was.
fn previewed(session: &mut Session, suggestion: &Suggestion) -> (Comparison, Alerts) {
    let text = session.query().to_owned();
    let edited = apply(&text, &suggestion.edits).unwrap_or_else(|e| panic!("{}: {e:?}", suggestion.words));
    let before = alerts(session);
    let preview = block_on(session.preview(&edited, &Unpaced)).expect("nobody calls it off");
    assert_eq!(alerts(session), before, "a preview changes nothing");
    let after = run(session, &edited, &suggestion.words);
    assert_eq!(preview.totals, totals(&before, &after), "{}", suggestion.words);
    let rows = |alerts: std::collections::btree_set::Difference<'_, _>| -> BTreeSet<RowRef> {
        alerts.map(|(row, _): &(RowRef, u16)| *row).collect()
    };
    assert_eq!(told(&preview.gained), rows(after.difference(&before)), "{}", suggestion.words);
    assert_eq!(told(&preview.lost), rows(before.difference(&after)), "{}", suggestion.words);
    // Undone by one step: the text is what it was, and so are the alerts.
    assert_eq!(run(session, &text, "the text before"), before);
    (preview, after)
}

fn has(alerts: &Alerts, row: RowRef) -> bool {
    alerts.iter().any(|(record, _)| *record == row)
}

#[test]
fn the_first_suggestion_for_every_row_of_the_evasion_set_makes_it_alert_and_the_preview_says_what_happens() {
    let mut session = session_of(&["evasion"]);
    assert!(alerts(&session).is_empty(), "the rule sees none of them");
    let rows = session.labelled(Label::Malicious);
    let labelled = sample("evasion").expect("it is there").labels();
    assert_eq!(rows.len(), labelled.rows.iter().filter(|row| row.label == Label::Malicious).count());
    let mut wrong = Vec::new();
    for row in rows {
        let line = session.record(row).expect("a record").line;
        let Some(first) = session.suggestions(row).into_iter().next() else {
            wrong.push(format!("line {line}: nothing is suggested"));
            continue;
        };
        let (preview, after) = previewed(&mut session, &first);
        if !has(&after, row) || preview.totals.gained == 0 {
            wrong.push(format!("line {line}: {} does not catch it", first.words));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_first_suggestion_of_every_near_miss_of_the_evasion_set_catches_all_of_its_rows() {
    let mut session = session_of(&["evasion"]);
    let (mut groups, mut wrong) = (0, Vec::new());
    for signal in session.near_misses_now(1) {
        assert_eq!(signal.total, signal.groups.iter().map(|group| group.count).sum::<usize>(), "{}", signal.name);
        for group in &signal.groups {
            groups += 1;
            let what = format!("{} {} {:?}", signal.name, group.failures[0].text, group.failures[0].value);
            let Some(first) = group.suggestions.first() else {
                wrong.push(format!("{what}: nothing is suggested"));
                continue;
            };
            let (_, after) = previewed(&mut session, first);
            let caught = group.rows.iter().filter(|row| after.contains(&(**row, signal.signal as u16))).count();
            if caught != group.rows.len() {
                wrong.push(format!("{what}: {} catches {caught} of {}", first.words, group.rows.len()));
            }
        }
    }
    assert!(groups >= 20, "only {groups} groups");
    assert!(wrong.is_empty(), "{} groups:\n{}", wrong.len(), wrong.join("\n"));
}

/// The alerts on rows with a label.
fn labelled(session: &Session, alerts: &Alerts, label: Label) -> Alerts {
    alerts.iter().copied().filter(|(row, _)| session.label(*row) == Some(label)).collect()
}

/// Marks the false positives, takes the best exclusion, and gives the edited query. The session is left as it was.
fn silenced(session: &mut Session, what: &str) -> String {
    let before = alerts(session);
    let (bad, good) = (labelled(session, &before, Label::Benign), labelled(session, &before, Label::Malicious));
    assert!(!bad.is_empty(), "{what}: nothing to silence");
    let silence: BTreeSet<RowRef> = bad.iter().map(|(row, _)| *row).collect();
    let request = TuningRequest { silence: silence.into_iter().collect(), keep: Vec::new() };
    let tuning = block_on(session.tuning(&request, &Unpaced)).expect("nobody calls it off");
    assert_eq!((tuning.asked, tuning.kept), (bad.len(), good.len()), "{what}");
    let best = tuning.exclusions.first().unwrap_or_else(|| panic!("{what}: {:?}", tuning.notes));
    assert!(best.complete, "{what}: {} silences {} of {}", best.suggestion.words, best.silenced, bad.len());
    let (preview, after) = previewed(session, &best.suggestion);
    assert_eq!(preview.totals, best.totals, "{what}: {}", best.suggestion.words);
    assert_eq!(labelled(session, &after, Label::Benign), Alerts::new(), "{what}: {}", best.suggestion.words);
    assert_eq!(labelled(session, &after, Label::Malicious), good, "{what}: {}", best.suggestion.words);
    apply(session.query(), &best.suggestion.edits).expect("it fits")
}

#[test]
fn the_best_exclusion_silences_every_false_positive_sample_and_every_true_positive_still_alerts() {
    let ids: Vec<&str> = samples().iter().filter(|s| s.group == "false_positive").map(|s| s.id.as_str()).collect();
    assert_eq!(ids.len(), 5, "the detection page names five known false positives");
    let mut day = session_of(&["mixed-day"]);
    let must = {
        let all = alerts(&day);
        labelled(&day, &all, Label::Malicious)
    };
    assert!(must.len() >= 7, "seven thefts among the rows of the mixed day, not {}", must.len());
    for id in ids {
        let edited = silenced(&mut session_of(&[id]), id);
        // What was learned from the sample alone loses nothing of a day that it has never seen.
        let after = run(&mut day, &edited, id);
        let lost: Vec<_> = must.difference(&after).collect();
        assert!(lost.is_empty(), "{id} hides {lost:?} of the mixed day");
        // And with both at hand, the false positives of both are silenced.
        silenced(&mut session_of(&[id, "mixed-day"]), &format!("{id} with the mixed day"));
    }
    run(&mut day, rule::TEXT, "the shipped rule");
    silenced(&mut day, "the mixed day");
}
