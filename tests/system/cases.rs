//! Case files held against their JSON Schema: the lessons, the example in the README, and what a session writes.

use crate::{root, schema, wall};
use detection::{AuthorRequest, Case, LessonText, Sample, Session, lessons, no_files, run_case, sample, samples};
use kql_engine::run::{Unpaced, block_on};
use serde_json::{Value as Json, json};
use std::fs;

fn case_schema() -> Json {
    let path = root().join("crates/detection/cases/case.schema.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the schema is there")).expect("the schema is JSON")
}

fn holds(value: &Json, what: &str) {
    let errors = schema::errors(&case_schema(), value);
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

#[test]
fn every_lesson_and_the_example_of_the_readme_hold_to_the_schema() {
    let folder = root().join("crates/detection/lessons");
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("the lessons are there") {
        let path = entry.expect("the folder can be read").path();
        let text = fs::read_to_string(&path).expect("a lesson is text");
        holds(&serde_saphyr::from_str(&text).expect("a lesson is YAML"), &path.display().to_string());
        files += 1;
    }
    assert_eq!(files, lessons().len());
    let readme = fs::read_to_string(root().join("crates/detection/cases/README.md")).expect("the README is there");
    let example =
        readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it has an example");
    let example: Json = serde_saphyr::from_str(example).expect("the example is YAML");
    holds(&example, "the example");
    let case = Case::read(&example.to_string()).expect("the example is a case");
    let report = run_case(&case, None, wall(), &no_files).expect("it can be run");
    assert!(report.passed, "{report:#?}");
}

#[test]
fn what_a_session_writes_holds_to_the_schema() {
    for lesson in [None, Some(LessonText { goal: "g".to_owned(), ..LessonText::default() })] {
        let mut session = Session::new();
        session.load_sample(sample("fp-bots").expect("it is there"));
        session.run_now(wall());
        let request = AuthorRequest { title: "T".to_owned(), lesson, ..AuthorRequest::default() };
        let case = block_on(session.author_case(&request, &Unpaced)).expect("it can be written");
        let value: Json = serde_json::from_str(&case.to_json()).expect("it is JSON");
        holds(&value, "a case of a session");
    }
}

/// The schema and the reader refuse the same.
#[test]
fn what_the_schema_refuses_the_reader_refuses_too() {
    let good = json!({
        "version": 1, "title": "t",
        "logs": [{ "name": "a.csv", "text": "FileName,ProcessCommandLine\na,b\n" }],
        "expect": { "alert": [{ "log": "a.csv", "line": 2 }] },
        "lesson": { "goal": "g", "limits": { "literals": 1 } }
    });
    holds(&good, "the base");
    assert!(Case::read(&good.to_string()).is_ok());
    for (place, value) in [
        ("/version", json!(2)),
        ("/title", json!("")),
        ("/logs/0/name", json!(5)),
        ("/logs/0", json!({ "text": "x" })),
        ("/logs/0", json!({ "name": "a.csv", "text": "x", "base64": "eA==" })),
        ("/logs/0", json!({ "name": "a.csv", "sample": "evasion" })),
        ("/expect/alert/0/line", json!(0)),
        ("/expect/alert/0", json!({ "log": "a.csv" })),
        ("/expect", json!({ "recall": 2 })),
        ("/expect", json!({ "signals": { "S": { "state": "loud" } } })),
        ("/lesson/goal", json!("")),
        ("/lesson/limits", json!({ "lines": 1 })),
        ("/lesson", json!({ "goal": "g", "questions": [{ "ask": "?", "answers": [] }] })),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(place).expect("the place is there") = value;
        assert!(!schema::errors(&case_schema(), &bad).is_empty(), "the schema takes {bad}");
        assert!(Case::read(&bad.to_string()).is_err(), "the reader takes {bad}");
    }
}

/// A sample as a case, from its manifest and labels, both written by hand.
fn as_case(sample: &Sample) -> Json {
    let labels = sample.labels();
    let alert = labels.rows.iter().flat_map(|row| {
        row.signals.iter().map(|signal| json!({ "log": row.file, "line": row.line, "signal": signal, "note": row.why }))
    });
    let silent = labels.rows.iter().filter(|row| row.signals.is_empty());
    let silent = silent.map(|row| json!({ "log": row.file, "line": row.line, "note": row.why }));
    let signals = sample.expected.iter().map(|(name, expected)| (name.clone(), json!(expected)));
    json!({
        "version": 1,
        "title": sample.title,
        "about": sample.look_for,
        "logs": [{ "sample": sample.id }],
        "expect": {
            "alert": alert.collect::<Vec<_>>(),
            "silent": silent.collect::<Vec<_>>(),
            "signals": signals.collect::<serde_json::Map<_, _>>(),
            "rows": sample.expected.values().map(|expected| expected.alerts).sum::<usize>(),
        }
    })
}

#[test]
fn every_sample_is_a_case_that_the_rule_passes_and_a_blind_rule_does_not() {
    let blind = detection::rule::TEXT.replace("\n| sort by Timestamp desc", "\n| take 0");
    for sample in samples() {
        let file = as_case(sample);
        holds(&file, &sample.id);
        let case = Case::read(&file.to_string()).unwrap_or_else(|why| panic!("{}: {why}", sample.id));
        let report = run_case(&case, None, wall(), &no_files).expect("it can be run");
        let unmet: Vec<_> = report.goals.iter().filter(|goal| !goal.met).collect();
        assert!(report.passed && unmet.is_empty(), "{}: {unmet:#?} {:?}", sample.id, report.findings);
        let alerts = sample.expected.values().any(|expected| expected.alerts > 0);
        let report = run_case(&case, Some(&blind), wall(), &no_files).expect("it can be run");
        assert_eq!(report.passed, !alerts, "{}", sample.id);
    }
}

#[test]
fn every_lesson_is_solved_by_its_solution_and_not_by_where_it_starts() {
    for lesson in lessons() {
        let case = &lesson.case;
        let solved = run_case(case, None, wall(), &no_files).expect("it can be run");
        assert!(solved.passed, "{}: {solved:#?}", case.title);
        let mut begun = case.clone();
        if let Some(lesson) = &mut begun.lesson {
            lesson.solution = detection::Solution::default();
        }
        let begun = run_case(&begun, None, wall(), &no_files).expect("it can be run");
        assert!(!begun.passed, "{} is solved before it begins", case.title);
    }
}
