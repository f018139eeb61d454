//! A fix does what it is for: once it is made, the finding is gone.

use kql_syntax::edit::apply;
use kql_syntax::{Diagnostic, codes, parse};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How many findings say the same.
fn alike(text: &str, finding: &Diagnostic) -> usize {
    let same = |other: &&Diagnostic| other.code == finding.code && other.message == finding.message;
    parse(text).diagnostics().iter().filter(same).count()
}

/// Every text of the tests that has mistakes.
fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let queries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let queries = queries.filter(|path| path.extension().is_some_and(|extension| extension == "kql"));
    let mut texts: Vec<String> = queries.map(|path| fs::read_to_string(path).expect("a query")).collect();
    texts.extend(codes::ALL.iter().map(|code| code.example.to_owned()));
    let table = include_str!("analyzer.txt").lines().filter_map(|line| line.split_once(' '));
    texts.extend(table.map(|(_, text)| text.replace("\\n", "\n")));
    texts.extend(WRONG.iter().map(|(text, _)| (*text).to_owned()));
    texts
}

/// A wrong text, and what the first fix of its first finding makes of it.
const WRONG: &[(&str, &str)] = &[
    ("T | whre a", "T | where a"),
    ("T | Where a == 1", "T | where a == 1"),
    ("T | select a, b", "T | project a, b"),
    ("T | orderby a", "T | order by a"),
    ("T | project-aray a", "T | project-away a"),
    ("T | where a = 1", "T | where a == 1"),
    ("T | where a || b", "T | where a or b"),
    ("T | where a||b", "T | where a or b"),
    ("T | where a && b", "T | where a and b"),
    ("T | where a&&b", "T | where a and b"),
    ("T | where a AND b", "T | where a and b"),
    ("T | where a == \u{201c}x\u{201d}", "T | where a == \"x\""),
    ("T | where a \u{2212} 1 > 0", "T | where a - 1 > 0"),
    ("T take 5", "T | take 5"),
    ("let a = 1\nT", "let a = 1;\nT"),
    ("let f = () { let a = 1 }; f()", "let f = () { let a = 1; }; f()"),
    (";T", "T"),
    ("T | project a,", "T | project a"),
    ("T | project a,, b", "T | project a, b"),
    ("print dynamic([1 2])", "print dynamic([1, 2])"),
    ("print dynamic({a: 1})", "print dynamic({\"a\": 1})"),
    ("T | extend project = 1", "T | extend ['project'] = 1"),
    ("T | extend my-name = 1", "T | extend ['my-name'] = 1"),
    ("T | where long == 1", "T | where ['long'] == 1"),
    ("print 74be27de-1e4e-49d9-b579-fe0b331d3642", "print guid(74be27de-1e4e-49d9-b579-fe0b331d3642)"),
    ("T | sort by a descending", "T | sort by a desc"),
    ("T | join kind inner (U) on a", "T | join kind=inner (U) on a"),
    ("T | join hint.strateg=shuffle (U) on a", "T | join hint.strategy=shuffle (U) on a"),
    ("T | render timechart with (titel='x')", "T | render timechart with (title='x')"),
    ("datatable(a:strng)['x']", "datatable(a:string)['x']"),
    ("T | where a between (1, 2)", "T | where a between (1 .. 2)"),
    ("T | where a in 'x'", "T | where a in ('x')"),
    ("T | where a has_any L and b", "T | where a has_any (L) and b"),
    ("print '\\d'", "print '\\\\d'"),
];

#[test]
fn a_fix_is_what_a_reader_would_write() {
    for (wrong, right) in WRONG {
        let parsed = parse(wrong);
        let fix = parsed.diagnostics().first().and_then(|finding| finding.fixes.first());
        let made = fix.map(|fix| apply(wrong, &fix.edits).expect("a change of this text"));
        assert_eq!(made.as_deref(), Some(*right), "{wrong}: {:?}", parsed.diagnostics());
    }
}

#[test]
fn once_a_fix_is_made_its_finding_is_gone() {
    let (mut mended, mut wrong) = (BTreeSet::new(), Vec::new());
    for text in texts() {
        for finding in parse(&text).diagnostics() {
            for fix in &finding.fixes {
                let made = apply(&text, &fix.edits).expect("a change of this text");
                assert_ne!(made, text, "{}", fix.title);
                if alike(&made, finding) >= alike(&text, finding) {
                    wrong.push(format!("{text}\n{}\n{made}", fix.title));
                }
                mended.insert(finding.code.clone());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // Each kind of finding that has fixes is among them.
    assert!(mended.len() >= 14, "{mended:?}");
}

#[test]
fn words_whose_operands_are_written_otherwise_have_no_fix() {
    for text in ["T | rename a as b", "T | group a", "T | inner (U) on a", "T | from U", "T | banana"] {
        let parsed = parse(text);
        assert!(!parsed.diagnostics().is_empty(), "{text}");
        assert!(parsed.diagnostics().iter().all(|finding| finding.fixes.is_empty()), "{text}");
    }
}
