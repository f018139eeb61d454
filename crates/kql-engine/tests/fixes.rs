//! A fix does what it is for: once it is made, the finding is gone.

use event_table::{DateTime, TableSet};
use kql_engine::facts::{self, FunctionKind};
use kql_engine::resolve::resolve;
use kql_syntax::edit::apply;
use kql_syntax::{Diagnostic, parse};
use proptest::prelude::*;

fn findings(text: &str) -> Vec<Diagnostic> {
    let parsed = parse(text);
    let mut found = parsed.diagnostics().to_vec();
    if found.is_empty() {
        found = resolve(&parsed.document(), &TableSet::new(), DateTime::MIN).diagnostics;
    }
    found
}

fn alike(text: &str, finding: &Diagnostic) -> usize {
    findings(text).iter().filter(|other| other.code == finding.code && other.message == finding.message).count()
}

/// A text, the code of a finding in it, and what the finding's first fix makes of it.
const WRONG: &[(&str, &str, &str)] = &[
    ("DeviceProcessEvents | where FileNam == 'a'", "unknown-column", "DeviceProcessEvents | where FileName == 'a'"),
    ("DeviceProcessEvents | project-away FileNam", "unknown-column", "DeviceProcessEvents | project-away FileName"),
    ("let Limit = 5; print Limt", "unknown-column", "let Limit = 5; print Limit"),
    (
        "print ['odd name'] = 1 | where ['odd nam'] == 1",
        "unknown-column",
        "print ['odd name'] = 1 | where ['odd name'] == 1",
    ),
    (
        "print ['odd name'] = 1 | where odd_name == 1",
        "unknown-column",
        "print ['odd name'] = 1 | where ['odd name'] == 1",
    ),
    ("print a = 1 | join (print b = 1, aa = 2, a = 1) on aaa", "", ""),
    ("DeviceProcesEvents | take 1", "unknown-table", "DeviceProcessEvents | take 1"),
    ("table('DeviceProcesEvents') | take 1", "unknown-table", "table(\"DeviceProcessEvents\") | take 1"),
    (
        "let Recent = DeviceProcessEvents; Recnt | take 1",
        "unknown-table",
        "let Recent = DeviceProcessEvents; Recent | take 1",
    ),
    ("print strcatt('a', 'b')", "unknown-function", "print strcat('a', 'b')"),
    (
        "let twice = (x: long) { x * 2 }; print twise(2)",
        "unknown-function",
        "let twice = (x: long) { x * 2 }; print twice(2)",
    ),
    ("let rows = (n: long) { range x from 1 to n step 1 }; row(2) | take 1", "unknown-function", ""),
    ("DeviceProcessEvents | summarize coutn()", "unknown-function", "DeviceProcessEvents | summarize count()"),
    ("print dynamic(['a']) | where print_0", "not-bool", "print dynamic(['a']) | where tobool(print_0)"),
    ("print a = (print 1) + 1", "table-here", "print a = (toscalar(print 1)) + 1"),
    ("let R = print 1; print a = R + 1", "table-here", "let R = print 1; print a = toscalar(R) + 1"),
    ("print a = '{}' | extend b = a.x", "not-dynamic", "print a = '{}' | extend b = parse_json(a).x"),
    ("print a = '[]' | extend b = a[0]", "not-dynamic", "print a = '[]' | extend b = parse_json(a)[0]"),
    ("print a = 1 | where a in~ ('1')", "operand-types", "print a = 1 | where tostring(a) in~ ('1')"),
    ("print a = 1 | where a has '1'", "operand-types", "print a = 1 | where tostring(a) has '1'"),
    ("print a = 'x' + 'y'", "operand-types", "print a = strcat('x', 'y')"),
    (
        "print a = now() | where a > '2025-01-01'",
        "operand-types",
        "print a = now() | where a > todatetime('2025-01-01')",
    ),
    (
        "print a = '2025-01-01' | where a > now()",
        "operand-types",
        "print a = '2025-01-01' | where todatetime(a) > now()",
    ),
    ("print a = 5 | where a == '5'", "operand-types", "print a = 5 | where tostring(a) == '5'"),
    ("print a = dynamic([1]) | sort by a", "dynamic-here", "print a = dynamic([1]) | sort by tostring(a)"),
    ("print parsejson('1')", "old-name", "print parse_json('1')"),
    ("print a = 1 | summarize makeset(a)", "old-name", "print a = 1 | summarize make_set(a)"),
    (
        "DeviceProcessEvents | where FileName contains 'powershell'",
        "slow-contains",
        "DeviceProcessEvents | where FileName has 'powershell'",
    ),
    (
        "DeviceProcessEvents | where FileName !contains_cs 'powershell'",
        "slow-contains",
        "DeviceProcessEvents | where FileName !has_cs 'powershell'",
    ),
];

#[test]
fn a_fix_is_what_a_reader_would_write() {
    for (text, code, right) in WRONG.iter().filter(|(_, _, right)| !right.is_empty()) {
        let found = findings(text);
        let fix = found.iter().find(|finding| finding.code == *code).and_then(|finding| finding.fixes.first());
        let made = fix.map(|fix| apply(text, &fix.edits).expect("a change of this text"));
        assert_eq!(made.as_deref(), Some(*right), "{text}: {found:?}");
    }
}

fn all_fixes_mend(text: &str) {
    for finding in findings(text) {
        for fix in &finding.fixes {
            let made = apply(text, &fix.edits).expect("a change of this text");
            assert!(alike(&made, &finding) < alike(text, &finding), "{text}\n{}\n{made}", fix.title);
        }
    }
}

#[test]
fn once_a_fix_is_made_its_finding_is_gone() {
    WRONG.iter().for_each(|(text, ..)| all_fixes_mend(text));
    // Every example of the documentation's table of facts, with its old names.
    for fact in facts::operators() {
        all_fixes_mend(fact.example);
    }
}

#[test]
fn contains_is_told_of_only_where_has_could_find_the_same() {
    for (text, told) in [
        ("DeviceProcessEvents | where FileName contains 'git'", true),
        // Two terms, a piece of one, a term too short for the index, and no term at all.
        ("DeviceProcessEvents | where FileName contains 'git.exe'", false),
        ("DeviceProcessEvents | where FileName contains '.git'", false),
        ("DeviceProcessEvents | where FileName contains 'gi'", false),
        ("DeviceProcessEvents | where FileName contains ''", false),
        // What is computed has no index.
        ("DeviceProcessEvents | where tolower(FileName) contains 'git'", false),
        ("DeviceProcessEvents | where FileName contains DeviceName", false),
        ("print FileName = 'git.exe' | where FileName contains 'git'", false),
        ("DeviceProcessEvents | where FileName has 'git'", false),
        ("DeviceProcessEvents | where FileName startswith 'git'", false),
    ] {
        assert_eq!(findings(text).iter().any(|finding| finding.code == "slow-contains"), told, "{text}");
    }
}

#[test]
fn an_old_name_whose_arguments_come_in_another_order_is_not_just_replaced() {
    let found = findings("print replace('a', 'b', 'cab')");
    assert_eq!((found.len(), &*found[0].code, found[0].fixes.len()), (1, "old-name", 0));
    assert!(found[0].hint.as_ref().is_some_and(|hint| hint.contains("replace_regex(")), "{found:?}");
}

proptest! {
    /// A letter of a name left out, doubled or changed: whatever name is offered instead, it is one.
    #[test]
    fn a_mistyped_name_is_mended_by_each_of_its_fixes(
        function in prop::sample::select(facts::all().iter().filter(|f| f.kind == FunctionKind::Scalar).map(|f| f.name).collect::<Vec<_>>()),
        column in prop::sample::select(vec!["FileName", "ProcessCommandLine", "DeviceName", "SHA256", "InitiatingProcessFileName"]),
        at in any::<prop::sample::Index>(), letter in "[a-z ]", what in 0..3,
    ) {
        let mistyped = |name: &str| {
            let at = at.index(name.len());
            match what {
                0 => format!("{}{}", &name[..at], &name[at + 1..]),
                1 => format!("{}{letter}{}", &name[..at], &name[at..]),
                _ => format!("{}{letter}{}", &name[..at], &name[at + 1..]),
            }
        };
        let column = mistyped(column);
        all_fixes_mend(&format!("DeviceProcessEvents | where ['{column}'] == 'x'"));
        all_fixes_mend(&format!("DeviceProcessEvents | project-keep ['{column}']"));
        all_fixes_mend(&format!("DeviceProcessEvents | summarize count() by ['{column}']"));
        all_fixes_mend(&format!("print {}(1)", mistyped(function)));
        all_fixes_mend(&format!("DeviceProcessEvents | summarize {}(1)", mistyped(function)));
        all_fixes_mend(&format!("{} | take 1", mistyped("DeviceProcessEvents")));
        all_fixes_mend(&format!("DeviceProcessEvents | {} 1", mistyped("take")));
    }
}
