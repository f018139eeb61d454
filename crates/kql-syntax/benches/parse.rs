//! What a keystroke in the editor costs: parsing a rule, and what is asked of the tree each time.

use criterion::{Criterion, criterion_group, criterion_main};
use kql_syntax::{edit, highlight, literals, parse, signals};
use std::hint::black_box;

/// A rule of some fifty lines with three sub-queries.
const RULE: &str = include_str!("../tests/queries/rule.kql");

fn keystroke(c: &mut Criterion) {
    // About as long as the shipped rule.
    let text = format!("{RULE}\n| where true\n{}", "| extend Note = strcat(DeviceName, \" \", Signal)\n".repeat(35));
    let parsed = parse(&text);
    let document = parsed.document();
    let lines = text.lines().count();
    c.bench_function(&format!("parse {lines} lines"), |b| b.iter(|| parse(black_box(&text))));
    c.bench_function("document", |b| b.iter(|| parsed.document()));
    c.bench_function("literals", |b| b.iter(|| literals::literals(&parsed)));
    c.bench_function("signals", |b| b.iter(|| signals(&document, &text)));
    c.bench_function("highlight", |b| b.iter(|| highlight(&parsed.syntax())));
    let found = literals::literals(&parsed);
    let list = found.iter().find(|found| matches!(found.value, literals::LiteralValue::List { .. }));
    let list = list.expect("a list").span;
    let value = literals::Scalar::String("git.example".into());
    c.bench_function("add to a list", |b| b.iter(|| edit::add_item(&parsed, list, &value)));
}

fn long_lists(c: &mut Criterion) {
    let items: Vec<String> = (0..10_000).map(|i| format!("\"host{i}.example\"")).collect();
    let text = format!("T | where Url has_any ({})", items.join(", "));
    c.bench_function("parse a list of 10,000", |b| b.iter(|| parse(black_box(&text))));
}

criterion_group!(benches, keystroke, long_lists);
criterion_main!(benches);
