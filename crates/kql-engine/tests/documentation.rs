//! `docs/kql.md` is what the engine's own table of facts says: nothing stands there that does not run, and the other
//! way round. `UPDATE_GOLDEN=1` writes it anew.

use kql_engine::facts::{self, Function, FunctionKind, OperatorPlace};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

const HEAD: &str = "\
# KQL here

Made from the engine's own table of facts (`crates/kql-engine/src/facts`), which also drives resolution, completion and
help: `UPDATE_GOLDEN=1 cargo test -p kql-engine --test documentation` writes this page.

What runs means what [Kusto's documentation](https://learn.microsoft.com/kusto/query/) says. What does not run is refused
by name at its position. Where the documentation is silent, *Our choices* says what holds.
";

#[test]
fn the_page_on_the_language_says_what_the_engine_knows() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/kql.md");
    let page = page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::write(&path, &page).expect("the page can be written");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page, "docs/kql.md is not what the facts say: UPDATE_GOLDEN=1 writes it anew");
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (title, place) in [
        ("Operators that begin a query", OperatorPlace::Start),
        ("Operators after a pipe", OperatorPlace::Pipe),
        ("Operators between values", OperatorPlace::Scalar),
        ("Functions that give rows", OperatorPlace::Rows),
        ("Functions that give a value of a query", OperatorPlace::Value),
    ] {
        let facts = facts::operators().iter().filter(|fact| fact.place == place);
        let rows = facts.map(|fact| [code(fact.syntax), fact.description.to_owned(), code(fact.example)]);
        table(&mut page, title, ["Written", "What it does", "Example"], rows);
    }
    for (title, kind) in
        [("Scalar functions", FunctionKind::Scalar), ("Aggregates of summarize", FunctionKind::Aggregate)]
    {
        let running = facts::all().iter().filter(|f| f.kind == kind && facts::runs(f));
        table(&mut page, title, ["Function", "What it gives"], running.map(|f| [forms(f), described(f)]));
    }
    table(
        &mut page,
        "What does not run",
        ["Part of KQL", "Instead"],
        facts::refusals().map(|(name, instead)| [code(name), instead.to_owned()]),
    );
    let unknown = facts::all().iter().filter(|f| !facts::runs(f));
    let names: Vec<String> = unknown.map(|f| code(f.name)).collect();
    let _ = write!(page, "\nThese functions among them, one by one: {}.\n", names.join(", "));
    table(
        &mut page,
        "Our choices",
        ["About", "What holds here"],
        facts::choices().map(|(subject, choice)| [subject.to_owned(), choice.to_owned()]),
    );
    table(
        &mut page,
        "Examples of Kusto's documentation that come out otherwise",
        ["Page", "Why"],
        facts::differing_examples().map(|(name, reason)| [code(name), reason.to_owned()]),
    );
    page
}

fn table<const N: usize>(page: &mut String, title: &str, head: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    let _ = write!(page, "\n## {title}\n\n| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
}

fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{text}{fence}")
}

fn forms(function: &Function) -> String {
    let forms: Vec<String> = function.signatures.iter().map(|s| code(&s.written(function.name))).collect();
    forms.join("<br>")
}

fn described(function: &Function) -> String {
    match function.replaced_by {
        Some(current) => format!("The old name of `{current}`."),
        None => facts::description(function.name, function.kind).to_owned(),
    }
}
