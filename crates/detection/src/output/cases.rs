//! What cases gave, as text, JSON and JUnit XML.

use crate::CaseReport;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// A case that was run, or could not be.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRun {
    /// The file, as it was named.
    pub file: String,
    /// How it went; in words, why it could not be run.
    pub outcome: Result<CaseReport, String>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl CaseRun {
    /// Whether every goal was met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|report| report.passed)
    }
}

/// The answer of `exfil test --format json`: `cases` [{file, title, passed, goals [{words, met, why}], error}].
#[must_use]
pub fn cases_json(runs: &[CaseRun]) -> Json {
    let case = |run: &CaseRun| match &run.outcome {
        Ok(report) => json!({
            "file": run.file,
            "title": report.title,
            "passed": report.passed,
            "goals": report.goals.iter().map(|g| json!({ "words": g.words, "met": g.met, "why": g.why })).collect::<Vec<_>>(),
            "error": report.findings.first().map(|finding| &finding.message),
        }),
        Err(why) => json!({ "file": run.file, "title": null, "passed": false, "goals": [], "error": why }),
    };
    json!({ "cases": runs.iter().map(case).collect::<Vec<_>>() })
}

/// The cases as text: a line each, and below it the goals that were not met.
#[must_use]
pub fn cases(runs: &[CaseRun]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    for run in runs {
        match &run.outcome {
            Ok(report) => {
                let word = if report.passed { "ok    " } else { "FAILED" };
                let _ = writeln!(out, "{word}  {}: {}", run.file, report.title);
                for finding in &report.findings {
                    let _ = writeln!(out, "          line {}: {}", finding.line, finding.message);
                }
                for goal in report.goals.iter().filter(|goal| !goal.met) {
                    let _ = writeln!(out, "          {}. {}", goal.words, goal.why.as_deref().unwrap_or_default());
                }
            }
            Err(why) => {
                let _ = writeln!(out, "ERROR   {}: {why}", run.file);
            }
        }
    }
    let passed = runs.iter().filter(|run| run.passed()).count();
    let _ = writeln!(out, "{passed} of {} cases passed", runs.len());
    out
}

/// The cases as JUnit XML: a suite for each case, a test for each goal.
#[must_use]
pub fn junit(runs: &[CaseRun]) -> String {
    let mut suites = String::new();
    let (mut tests, mut failures, mut errors, mut seconds) = (0, 0, 0, 0.0);
    for run in runs {
        let mut body = String::new();
        let file = escaped(&run.file);
        let (mut count, mut failed, mut broken) = (0, 0, 0);
        let mut test = |name: &str, problem: Option<(&str, &str)>| {
            count += 1;
            let name = escaped(name);
            // Writing to a string cannot fail.
            let _ = match problem {
                None => writeln!(body, "    <testcase classname=\"{file}\" name=\"{name}\"/>"),
                Some((kind, why)) => {
                    if kind == "error" {
                        broken += 1
                    } else {
                        failed += 1
                    }
                    let why = escaped(why);
                    writeln!(
                        body,
                        "    <testcase classname=\"{file}\" name=\"{name}\"><{kind} message=\"{why}\"/></testcase>"
                    )
                }
            };
        };
        let title = match &run.outcome {
            Ok(report) => {
                for finding in &report.findings {
                    test("the query has no error", Some(("error", &finding.message)));
                }
                for goal in &report.goals {
                    let why = goal.why.as_deref().unwrap_or_default();
                    test(&goal.words, (!goal.met).then_some(("failure", why)));
                }
                if report.goals.is_empty() && report.findings.is_empty() {
                    test("the query runs", (!report.passed).then_some(("failure", "")));
                }
                report.title.as_str()
            }
            Err(why) => {
                test("the case can be run", Some(("error", why)));
                run.file.as_str()
            }
        };
        let _ = writeln!(
            suites,
            "  <testsuite name=\"{}\" tests=\"{count}\" failures=\"{failed}\" errors=\"{broken}\" time=\"{:.3}\">\n{body}  \
             </testsuite>",
            escaped(title),
            run.seconds
        );
        (tests, failures, errors) = (tests + count, failures + failed, errors + broken);
        seconds += run.seconds;
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"exfil test\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"{errors}\" time=\"{seconds:.3}\">\n{suites}</testsuites>\n"
    )
}

/// A text in an XML attribute. What XML cannot hold becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GoalReport;

    #[test]
    fn junit_counts_goals_and_escapes_what_xml_needs() {
        let goal = |words: &str, met: bool| GoalReport {
            words: words.to_owned(),
            met,
            why: (!met).then(|| "a \"why\" & \u{1} <b>".to_owned()),
            ..GoalReport::default()
        };
        let report = CaseReport {
            title: "T <1>".to_owned(),
            passed: false,
            goals: vec![goal("one", true), goal("two", false)],
            ..CaseReport::default()
        };
        let runs = [
            CaseRun { file: "a.yaml".to_owned(), outcome: Ok(report), seconds: 0.25 },
            CaseRun { file: "b".to_owned(), outcome: Err("no".to_owned()), seconds: 0.0 },
        ];
        assert_eq!(
            junit(&runs),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="exfil test" tests="3" failures="1" errors="1" time="0.250">
  <testsuite name="T &lt;1&gt;" tests="2" failures="1" errors="0" time="0.250">
    <testcase classname="a.yaml" name="one"/>
    <testcase classname="a.yaml" name="two"><failure message="a &quot;why&quot; &amp; � &lt;b&gt;"/></testcase>
  </testsuite>
  <testsuite name="b" tests="1" failures="0" errors="1" time="0.000">
    <testcase classname="b" name="the case can be run"><error message="no"/></testcase>
  </testsuite>
</testsuites>
"#
        );
        assert!(cases(&runs).contains("0 of 2 cases passed"));
    }
}
