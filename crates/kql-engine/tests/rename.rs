//! Renaming changes what is called so, and nothing else.

use event_table::{DateTime, TableSet};
use kql_engine::assist::{OwnName, RenameError, own_names, rename};
use kql_engine::resolve::resolve;
use kql_engine::run::Runner;
use kql_syntax::edit::apply;
use kql_syntax::parse;
use proptest::prelude::*;

fn names(text: &str) -> Vec<OwnName> {
    let found = resolve(&parse(text).document(), &TableSet::new(), DateTime::MIN).diagnostics;
    own_names(text, &TableSet::new(), DateTime::MIN).unwrap_or_else(|| panic!("a right query: {text}: {found:?}"))
}

/// The text after the name that is declared at a mark (`¦`) got another one.
fn renamed(marked: &str, to: &str) -> Result<String, RenameError> {
    let at = marked.find('¦').expect("a mark") as u32;
    let text = marked.replace('¦', "");
    let found = names(&text);
    let own = found.iter().find(|own| own.declared.start <= at && at <= own.declared.end).expect("a declaration");
    rename(&text, &TableSet::new(), DateTime::MIN, own.declared, to)
        .map(|edits| apply(&text, &edits).expect("its text"))
}

#[test]
fn what_is_called_so_is_called_otherwise() {
    for (before, to, after) in [
        ("let ¦a = 1; print x = a + a", "b", "let b = 1; print x = b + b"),
        ("let ¦T = print a = 1; T | union T", "Rows", "let Rows = print a = 1; Rows | union Rows"),
        ("let ¦f = (n: long) { n + 1 }; print x = f(f(1))", "g", "let g = (n: long) { n + 1 }; print x = g(g(1))"),
        // Parameters, with arguments by name.
        (
            "let f = (¦n: long, m: long = 2) { n * m }; print x = f(n = 1), y = f(3)",
            "project",
            "let f = (['project']: long, m: long = 2) { ['project'] * m }; print x = f(['project'] = 1), y = f(3)",
        ),
        (
            "let f = (¦T: (a: long)) { T | where a > 1 }; print a = 2 | invoke f()",
            "U",
            "let f = (U: (a: long)) { U | where a > 1 }; print a = 2 | invoke f()",
        ),
        (
            "let a = 1; let f = (¦T: (*)) { T | where x == a }; print x = 1 | invoke f()",
            "U",
            "let a = 1; let f = (U: (*)) { U | where x == a }; print x = 1 | invoke f()",
        ),
        // An inner name hides an outer one, and a column hides both.
        (
            "let ¦a = 1; let f = () { let a = 2; a }; print x = a + f()",
            "b",
            "let b = 1; let f = () { let a = 2; a }; print x = b + f()",
        ),
        (
            "let a = 1; let f = () { let ¦a = 2; a }; print x = a + f()",
            "b",
            "let a = 1; let f = () { let b = 2; b }; print x = a + f()",
        ),
        (
            "let a = 1; let f = (¦a: long) { a * 2 }; print x = f(a)",
            "b",
            "let a = 1; let f = (b: long) { b * 2 }; print x = f(a)",
        ),
        ("let ¦a = 1; print a = 5 | where a == 1", "b", "let b = 1; print a = 5 | where a == 1"),
        ("let ¦a = 1; print c = 5, d = a | where c > a", "b", "let b = 1; print c = 5, d = b | where c > b"),
        // Texts, comments and properties of the same spelling stay.
        (
            "let ¦a = 1; print x = 'a', y = a, z = dynamic({'a': 1}).a // a",
            "b",
            "let b = 1; print x = 'a', y = b, z = dynamic({'a': 1}).a // a",
        ),
        // Names in brackets.
        ("let ['odd ¦name'] = 1; print x = ['odd name']", "plain", "let plain = 1; print x = plain"),
        ("let ¦plain = 1; print x = plain", "odd 'name'", "let ['odd \\'name\\''] = 1; print x = ['odd \\'name\\'']"),
        ("let ¦a = 1; print x = a", "where", "let ['where'] = 1; print x = ['where']"),
        // A column that had its name from it keeps the column's name.
        ("let ¦a = 1; DeviceInfo | project a", "b", "let b = 1; DeviceInfo | project a = b"),
        (
            "let ¦a = 1; print c = 2 | extend a | summarize max(c) by a",
            "b",
            "let b = 1; print c = 2 | extend a = b | summarize max(c) by a",
        ),
        (
            "let ¦a = dynamic({'k': 1}); DeviceInfo | extend a.k | project a_k",
            "b",
            "let b = dynamic({'k': 1}); DeviceInfo | extend a_k = b.k | project a_k",
        ),
        // `as`, which reaches to the end of its pipeline.
        ("print a = 1 | as ¦P | union P", "Q", "print a = 1 | as Q | union Q"),
        // By a text.
        ("let ¦T = print a = 1; table('T') | count", "U", "let U = print a = 1; table(\"U\") | count"),
        // A name of the language where a call is meant is no use of the let.
        ("let ¦bin = 5; print x = bin(7, bin)", "size", "let size = 5; print x = bin(7, size)"),
    ] {
        assert_eq!(renamed(before, to).as_deref(), Ok(after), "{before}");
    }
}

#[test]
fn a_name_that_would_be_taken_for_something_else_is_refused_with_words() {
    for (before, to, words) in [
        ("let ¦a = 1; let b = 2; print x = a + b", "b", "'b' is already a name of this query, declared in line 1."),
        (
            "let b = 2;\nlet f = (¦a: long) { a + b }; print x = f(1)",
            "b",
            "already a name of this query, declared in line 1.",
        ),
        ("let ¦a = 1; let f = (b: long) { a + b }; print x = f(1)", "b", "already a name of this query"),
        ("let f = (¦a: long, b: long) { a + b }; print x = f(1, 2)", "b", "already a name of this query"),
        ("let ¦a = 1; print c = 5 | where c > a", "c", "'c' is also a column where the name is used"),
        ("let ¦a = 1; DeviceInfo | where OSBuild > a | count", "OSBuild", "'OSBuild' is also a column"),
        ("let ¦T = print a = 1; DeviceInfo | union T", "DeviceInfo", "'DeviceInfo' is a table"),
        (
            "let ¦f = (s: string) { s }; print x = strcat(f('a'), 'b')",
            "strcat",
            "'strcat' is a function of the language",
        ),
        ("let ¦a = 1; print x = a", "", "A name has at least one visible character"),
        ("let ¦a = 1; print x = a", " ", "A name has at least one visible character"),
        ("let ¦a = 1; print x = a", "b\nc", "no line break"),
        ("let ¦f = () { 1 }; print x = f()", "f g", "A function is called by a plain word"),
        // It is found otherwise than by being written.
        ("let ¦Some = print a = 1; union So*", "Other", "In line 1 it is found by a pattern"),
        (
            "let n = 'T'; let ¦T = print a = 1; table(n) | count",
            "U",
            "In line 1 it is found by a pattern or a computed text",
        ),
        ("let ¦T = print a = 1; union withsource=S T, DeviceInfo | project S", "U", "The result has this name in it."),
        (
            "let ¦a = 1; let f = (T: (*)) { T | where x == a };\nprint y = a",
            "b",
            "In line 1 'a' stands in a part that is not run",
        ),
        (
            "let ¦a = 1; union isfuzzy=true (Missing | where x == a), (print y = a)",
            "b",
            "stands in a part that is not run",
        ),
    ] {
        let refused = renamed(before, to).map_err(|error| error.to_string());
        assert!(refused.as_ref().is_err_and(|told| told.contains(words)), "{before}: {refused:?}");
    }
}

#[test]
fn a_query_with_a_mistake_has_no_names_to_change() {
    let text = "let a = 1; print x = a +";
    assert_eq!(own_names(text, &TableSet::new(), DateTime::MIN), None);
    let declared = kql_syntax::Span::new(4, 5);
    let refused = |text: &str, to: &str| rename(text, &TableSet::new(), DateTime::MIN, declared, to);
    assert_eq!(refused(text, "b"), Err(RenameError::Mistake));
    assert_eq!(refused("print x = 1", "b"), Err(RenameError::NotThere));
    assert_eq!(refused("let a = 1; print x = a", "a"), Ok(Vec::new()));
}

/// What a query gives, as text.
fn result(text: &str) -> Option<String> {
    let parsed = parse(text);
    let tables = TableSet::new();
    let plan = resolve(&parsed.document(), &tables, DateTime::MIN).plan.filter(|_| parsed.diagnostics().is_empty())?;
    let relation = Runner::new().run_now(&plan, &tables, DateTime::MIN).ok()?.relation;
    let cells = (0..relation.len()).flat_map(|row| (0..relation.columns().len()).map(move |column| (row, column)));
    let cells: Vec<String> = cells.map(|(row, column)| relation.value(row, column).to_string()).collect();
    Some(format!("{:?} {cells:?}", relation.columns()))
}

/// Names that hide one another as often as not.
fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "count", "['x y']"])
}

/// Values over names of the query; whether they are known is another question.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => name().prop_map(str::to_owned),
        1 => (0..5).prop_map(|n: i32| n.to_string()),
        2 => (name(), name()).prop_map(|(x, y)| format!("({x} + 2 * {y})")),
        1 => name().prop_map(|x| format!("f({x})")),
        1 => name().prop_map(|x| format!("g(p = {x})")),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let lets = prop::collection::vec((name(), value()), 0..4);
    let function = (name(), name(), value());
    (lets, function, name(), value(), value(), prop::collection::vec(value(), 1..3)).prop_map(
        |(lets, (parameter, inner, body), column, of_g, condition, items)| {
            let lets: String = lets.iter().map(|(name, value)| format!("let {name} = {value};\n")).collect();
            let items = items.join(", ");
            format!(
                "let a = 1; let b = 2; let ['x y'] = 3; let c = 4; let ['count'] = 5;\n\
                 let f = ({parameter}: long) {{ let {inner} = {parameter} * 7; {body} }};\n\
                 let g = (p: long) {{ {of_g} + p }};\n\
                 let h = () {{ {lets} print {column} = {condition} | where {condition} > 0 | extend {items} | project-reorder * }};\n\
                 h()"
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_result_stays_whatever_is_renamed(text in query(), to in name(), place in any::<prop::sample::Index>()) {
        let tables = TableSet::new();
        let Some(found) = own_names(&text, &tables, DateTime::MIN) else { return Ok(()) };
        let own = &found[place.index(found.len())];
        let before = result(&text);
        prop_assert!(before.is_some(), "{}", text);
        for to in [to.trim_matches(['[', ']', '\'']), "fresh", "it's fresh"] {
            let renamed = rename(&text, &tables, DateTime::MIN, own.declared, to);
            match renamed {
                Ok(edits) => {
                    let after = apply(&text, &edits).expect("a change of this text");
                    prop_assert_eq!(&result(&after), &before, "{}\n{}", text, after);
                    // Back again, and the text does the same as in the beginning.
                    let back = own_names(&after, &tables, DateTime::MIN);
                    prop_assert_eq!(back.map(|names| names.len()), Some(found.len()), "{}", after);
                }
                // A name that nothing else has can always be given, but for one in brackets to what is called.
                Err(_) if to == "it's fresh" && "fgh".contains(&own.name) => {}
                Err(refused) => prop_assert!(!to.contains("fresh"), "{}\n{} to {}: {}", text, own.name, to, refused),
            }
        }
    }
}
