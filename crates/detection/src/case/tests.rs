//! Case files read and refused, lessons solved, samples as cases, cases written from a session.

use super::*;
use crate::export::RowChoice;
use crate::{Wanted, samples};

const LOG: &str = "Timestamp,DeviceName,FileName,ProcessCommandLine
2026-10-12T13:00:00Z,pc-1,git.exe,git push https://github.com/a/b
2026-10-12T13:05:00Z,pc-1,git.exe,git pull
2026-10-12T13:06:00Z,pc-1,git.exe,git push origin
";

fn wall() -> DateTime {
    DateTime::from_date(2030, 1, 1).unwrap()
}

fn small() -> Case {
    let row = |line: u64| ExpectedRow { log: "p.csv".to_owned(), line, ..ExpectedRow::default() };
    Case {
        version: 1,
        title: "A push".to_owned(),
        logs: vec![CaseLog::text("p.csv", LOG)],
        expect: Expectations { alert: vec![row(2)], silent: vec![row(3)], ..Expectations::default() },
        ..Case::default()
    }
}

fn check(case: &Case, query: &str, answers: &[&str]) -> CaseReport {
    let mut session = Session::new();
    session.open_case(case, &no_files).unwrap();
    session.set_query(query);
    let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    block_on(session.check_case(case, &answers, wall(), &Unpaced)).unwrap()
}

#[test]
fn what_is_no_case_is_refused_in_words() {
    let good = small().to_json();
    assert_eq!(Case::read(&good).unwrap(), small());
    for (from, to, words) in [
        ("\"version\": 1", "\"version\": 2", "Version 2"),
        ("\"title\": \"A push\"", "\"title\": \" \"", "no title"),
        ("\"title\"", "\"titel\"", "titel"),
        ("\"line\": 3", "\"line\": 0", "counted from 1"),
        ("\"line\": 3", "\"line\": -3", "no case file"),
        ("\"log\": \"p.csv\",\n        \"line\": 2", "\"log\": \"q.csv\", \"line\": 2", "no log 'q.csv'"),
        ("\"name\": \"p.csv\",", "\"name\": \"p.csv\", \"sample\": \"evasion\",", "exactly one of"),
        ("\"name\": \"p.csv\",", "", "needs a name"),
        ("\"logs\"", "\"clock\": \"noon\", \"logs\"", "'noon' is no instant"),
        ("\"expect\": {", "\"expect\": { \"recall\": 1.5,", "from 0 to 1"),
        ("\"logs\"", "\"lesson\": { \"goal\": \"\" }, \"logs\"", "no goal"),
        (
            "\"logs\"",
            "\"lesson\": { \"goal\": \"x\", \"solution\": { \"edits\": [{ \"find\": \"nowhere\", \"put\": \"\" }] } }, \"logs\"",
            "not there",
        ),
    ] {
        assert!(good.contains(from), "{from} in {good}");
        let error = Case::read(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(words), "{to}: {error}");
    }
    let twice = Case { logs: [small().logs, small().logs].concat(), ..small() };
    assert!(Case::read(&twice.to_json()).unwrap_err().contains("Two logs"));
    let file = Case { logs: vec![CaseLog { file: Some("p.csv".to_owned()), ..CaseLog::default() }], ..small() };
    assert!(Session::new().open_case(&file, &no_files).unwrap_err().contains("exfil test"));
}

#[test]
fn each_goal_is_met_or_says_why_not() {
    let report = check(&small(), rule::TEXT, &[]);
    assert!(report.passed && report.goals.iter().all(|goal| goal.met && !goal.rows.is_empty()), "{report:#?}");
    let report = check(&small(), "DeviceProcessEvents | where ProcessCommandLine has 'pull'", &[]);
    let why: Vec<&str> = report.goals.iter().map(|goal| goal.why.as_deref().unwrap()).collect();
    assert_eq!(
        why,
        ["DeviceProcessEvents: `ProcessCommandLine has 'pull'` fails.", "DeviceProcessEvents fires on it."]
    );
    let report = check(&small(), "DeviceProcessEvents | where Nonsense == 1", &[]);
    assert!(!report.passed && report.findings.len() == 1 && report.goals.iter().all(|goal| !goal.met));

    let signal = |state, alerts| ExpectedSignal { state: Some(state), alerts: Some(alerts) };
    let mut case = small();
    case.expect.rows = Some(1);
    case.expect.signals.insert("GitPushToExternalRepo".to_owned(), signal(SignalState::Fired, 1));
    case.expect.signals.insert("LargeUploadToCodeRepo".to_owned(), signal(SignalState::NotEvaluable, 0));
    case.labels.push(CaseLabel { log: "p.csv".to_owned(), line: 2, label: Label::Malicious });
    case.labels.push(CaseLabel { log: "p.csv".to_owned(), line: 4, label: Label::Malicious });
    (case.expect.precision, case.expect.recall) = (Some(1.0), Some(0.5));
    assert!(check(&case, rule::TEXT, &[]).passed);
    case.expect.recall = Some(0.6);
    case.expect.rows = Some(2);
    case.expect.signals.insert("Nobody".to_owned(), signal(SignalState::Quiet, 0));
    let report = check(&case, rule::TEXT, &[]);
    let failed: Vec<String> = report
        .goals
        .iter()
        .filter(|goal| !goal.met)
        .map(|goal| format!("{}. {}", goal.words, goal.why.as_deref().unwrap()))
        .collect();
    assert_eq!(
        failed,
        [
            "Nobody is quiet. There is no such signal.",
            "Nobody gives 0 alerts. There is no such signal.",
            "The result has 2 rows. It has 1.",
            "Recall is at least 0.6. It is 0.50.",
        ]
    );
}

#[test]
fn a_lessons_questions_limits_and_hidden_logs_count() {
    let mut case = small();
    let hidden =
        "Timestamp,FileName,ProcessCommandLine\n2026-10-13T13:00:00Z,git.exe,git push https://codeberg.org/a\n";
    case.lesson = Some(Lesson {
        goal: "x".to_owned(),
        questions: vec![Question { ask: "Who?".to_owned(), answers: vec!["pc-1".to_owned()] }],
        limits: Limits { literals: Some(1), words: Some(0) },
        holdout: Some(Holdout {
            about: "the day after".to_owned(),
            logs: vec![CaseLog::text("h.csv", hidden)],
            expect: Expectations {
                alert: vec![ExpectedRow { log: "h.csv".to_owned(), line: 2, ..ExpectedRow::default() }],
                ..Expectations::default()
            },
        }),
        ..Lesson::default()
    });
    let met = |query: &str, answer: &str| -> Vec<bool> {
        check(&case, query, &[answer]).goals.iter().skip(2).map(|goal| goal.met).collect()
    };
    assert_eq!(met(rule::TEXT, " \"PC-1\" "), [true, true, true, true]);
    assert_eq!(met(rule::TEXT, "pc-2"), [false, true, true, true]);
    assert_eq!(met(&rule::TEXT.replace(",\n    \"codeberg.org\"", ""), "pc-1"), [true, true, true, false]);
    assert_eq!(met(&rule::TEXT.replace("24h", "25h").replace("524288", "1"), "pc-1"), [true, false, true, true]);
    assert_eq!(met(&rule::TEXT.replace("has \"push\"", "contains \"push\""), "pc-1"), [true, true, false, true]);
}

#[test]
fn every_lesson_is_open_at_its_start_and_solved_by_its_solution() {
    for BuiltInLesson { id, case } in lessons() {
        let mut session = Session::new();
        session.open_case(case, &no_files).unwrap_or_else(|e| panic!("{id}: {e}"));
        let start = block_on(session.check_case(case, &[], wall(), &Unpaced)).unwrap();
        assert!(!start.passed, "{id} is solved before it begins");
        assert!(start.findings.is_empty(), "{id}: {:?}", start.findings);
        let solved = run_case(case, None, wall(), &no_files).unwrap();
        let open: Vec<_> = solved.goals.iter().filter(|goal| !goal.met).collect();
        assert!(solved.passed, "{id}: {open:#?}");
        assert_eq!(Case::read(&case.to_json()).as_ref(), Ok(case), "{id}");
        let lesson = case.lesson.as_ref().unwrap();
        assert!(!lesson.hints.is_empty() && !lesson.takeaway.is_empty(), "{id}");
        // Rows that nobody can point at are no goals.
        assert!(solved.goals.iter().any(|goal| !goal.rows.is_empty() || goal.question.is_some()), "{id}");
    }
}

#[test]
fn shortcuts_do_not_solve_the_lessons_on_exclusions() {
    let union = "union NetworkSignal, GitPushSignal, ApiUploadSignal\n";
    for (id, line) in [
        ("silence-the-builds", "| where false"),
        ("silence-the-builds", "| where DeviceName !has \"bld\""),
        ("an-exclusion-that-holds", "| where InitiatingProcessParentFileName != \"jenkins.exe\""),
        ("an-exclusion-that-holds", "| where not(DeviceName startswith \"bld-\" and AccountName == \"svc-build\")"),
        (
            "an-exclusion-that-holds",
            "| where not(DeviceName has_any (\"bld-01\", \"bld-02\") and InitiatingProcessParentFileName == \"jenkins.exe\")",
        ),
        ("an-exclusion-that-holds", "| where DeviceName !startswith \"bld-\""),
    ] {
        let case = &lesson(id).unwrap().case;
        let query = case.start().replace(union, &format!("{union}{line}\n"));
        let report = check(case, &query, &[]);
        assert!(report.findings.is_empty() && !report.passed, "{id}: {line}");
    }
}

/// A sample as a case: every record that is labelled alerts in the signals that are named, or not at all.
#[test]
fn every_sample_is_a_case_that_passes() {
    for sample in samples() {
        let mut case = Case {
            version: 1,
            title: sample.title.clone(),
            logs: vec![CaseLog { sample: Some(sample.id.clone()), ..CaseLog::default() }],
            ..Case::default()
        };
        for label in sample.labels().rows {
            let row = |signal: Option<&String>| ExpectedRow {
                log: label.file.clone(),
                line: label.line,
                signal: signal.cloned(),
                note: Some(label.why.clone()),
            };
            match &label.signals[..] {
                [] => case.expect.silent.push(row(None)),
                signals => case.expect.alert.extend(signals.iter().map(|signal| row(Some(signal)))),
            }
        }
        for (name, expected) in &sample.expected {
            let wanted = ExpectedSignal { state: Some(expected.state), alerts: Some(expected.alerts) };
            case.expect.signals.insert(name.clone(), wanted);
        }
        let report = run_case(&case, None, wall(), &no_files).unwrap();
        let open: Vec<_> = report.goals.iter().filter(|goal| !goal.met).take(3).collect();
        assert!(report.passed && report.goals.len() > 5, "{}: {open:#?}", sample.id);
    }
}

#[test]
fn a_case_from_a_session_passes_there_and_fails_when_the_query_loses_something() {
    for sample in samples() {
        for rows in [RowChoice::Alerts, RowChoice::AlertsAndNearMisses, RowChoice::All] {
            let mut session = Session::new();
            session.load_sample(sample);
            let before = session.run_now(wall());
            let request = AuthorRequest { title: sample.title.clone(), rows, ..AuthorRequest::default() };
            let case = block_on(session.author_case(&request, &Unpaced)).unwrap();
            let case = Case::read(&case.to_json()).unwrap();
            let report = run_case(&case, None, wall(), &no_files).unwrap();
            let open: Vec<_> = report.goals.iter().filter(|goal| !goal.met).take(3).collect();
            assert!(report.passed, "{} {rows:?}: {open:#?}", sample.id);
            if before.rows > 0 {
                let other = run_case(&case, Some("DeviceProcessEvents | take 0"), wall(), &no_files).unwrap();
                assert!(!other.passed, "{} {rows:?}", sample.id);
            }
        }
    }
}

#[test]
fn a_lesson_from_a_session_asks_for_what_is_pinned() {
    let mut session = Session::new();
    session.load("p.csv", LOG.as_bytes(), crate::Options::default());
    session.set_clock(Clock::parse("2026-10-12T14:00:00Z").unwrap());
    session.run_now(wall());
    let row = |line: u64, session: &Session| session.rows_at([("p.csv", line)].into_iter())[&("p.csv", line)][0];
    let (push, named) = (row(2, &session), row(4, &session));
    session.set_pin(push, Some((Wanted::Silence, None)));
    session.set_pin(named, Some((Wanted::Alert, Some("GitPushToExternalRepo".to_owned()))));
    let request = AuthorRequest {
        title: "T".to_owned(),
        lesson: Some(LessonText { goal: "g".to_owned(), hints: vec!["h".to_owned()], ..LessonText::default() }),
        ..AuthorRequest::default()
    };
    let case = block_on(session.author_case(&request, &Unpaced)).unwrap();
    assert_eq!(case.clock.as_deref(), Some("2026-10-12T14:00:00.0000000Z"));
    let report = check(&case, rule::TEXT, &[]);
    assert_eq!(report.goals.len(), 2);
    assert!(report.goals.iter().all(|goal| !goal.met));
    let other = "let GitPushToExternalRepo = DeviceProcessEvents | where ProcessCommandLine has 'origin'; GitPushToExternalRepo";
    let report = check(&case, other, &[]);
    assert!(report.passed, "{report:#?}");
}
