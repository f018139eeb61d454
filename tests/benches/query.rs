//! Queries over a generated Defender CSV of 1,000,000 rows: the rule at first and after edits, the worst cases of text
//! search, computed columns, sorting, grouping.
//!
//! `cargo xtask bench query` runs it; `EXFIL_BENCH_ROWS` sets another number of rows.

#![allow(missing_docs, reason = "criterion's macros make functions without them")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a bench that cannot go on stops, and tells its size")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use detection::{Options, Session, rule};
use event_table::{Column, DateTime, StringColumn, TableSet};
use kql_engine::plan::Plan;
use kql_engine::resolve::resolve;
use kql_engine::run::{Runner, Unpaced, block_on};
use kql_syntax::parse;
use std::hint::black_box;
use std::time::{Duration, Instant};
use system_tests::bench::rows;
use system_tests::generator;

const SEED: u64 = 1;

fn load() -> Session {
    let mut csv = Vec::new();
    let bytes = generator::write_csv(rows(), SEED, &mut csv).unwrap();
    let mut session = Session::new();
    let started = Instant::now();
    session.load("generated.csv", &csv, Options::default());
    let seconds = started.elapsed().as_secs_f64();
    let (read, held) = (bytes as f64 / 1e6, session.tables().heap_bytes() as f64 / 1e6);
    eprintln!("{} rows, {read:.0} MB, read in {seconds:.2} s ({:.0} MB/s), {held:.0} MB held", rows(), read / seconds);
    session
}

fn wall() -> DateTime {
    DateTime::from_date(2030, 1, 1).unwrap()
}

fn plan(text: &str, tables: &TableSet, now: DateTime) -> Plan {
    let resolution = resolve(&parse(text).document(), tables, now);
    resolution.plan.unwrap_or_else(|| panic!("{text}: {:?}", resolution.diagnostics))
}

/// The bytes of a string column of a table, all batches.
fn text_bytes(tables: &TableSet, table: &str, column: &str) -> u64 {
    let table = tables.get(table).unwrap();
    let index = table.schema().position(column).unwrap().get();
    let bytes = |column: &Column| match column {
        Column::String(StringColumn::Text(text)) => text.text().len() as u64,
        Column::String(StringColumn::Dictionary(d)) => d.entries.text().len() as u64,
        _ => 0,
    };
    table.batches().iter().filter_map(|batch| batch.column(index)).map(|c| bytes(c)).sum()
}

/// The rule over everything, with nothing kept, and after edits, all that is told of a run included.
fn the_rule(c: &mut Criterion, session: &mut Session) {
    let mut group = c.benchmark_group("rule");
    group.throughput(Throughput::Elements(rows()));
    let now = session.newest().unwrap();
    group.bench_function("first run", |b| {
        b.iter(|| {
            let plan = plan(rule::TEXT, session.tables(), now);
            black_box(Runner::new().run_now(&plan, session.tables(), now).unwrap())
        });
    });
    session.run_now(wall());
    type Edit = (&'static str, fn(u64) -> String);
    let edits: [Edit; 5] = [
        ("nothing edited", |_| rule::TEXT.to_owned()),
        ("a domain added", |n| {
            rule::TEXT.replace("\"codeberg.org\"\n", &format!("\"codeberg.org\", \"host{n}.example\"\n"))
        }),
        ("a tool added", |n| rule::TEXT.replace("\"perl\"]", &format!("\"perl\", \"tool{n}\"]"))),
        ("another threshold", |n| rule::TEXT.replace("524288", &(500_000 + n % 100_000).to_string())),
        ("another look-back", |n| rule::TEXT.replace("24h", &format!("{}m", 700 + n % 700))),
    ];
    let mut edited = 0;
    for (name, edit) in edits {
        group.bench_function(BenchmarkId::new("run again", name), |b| {
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    edited += 1;
                    session.set_query(edit(edited));
                    let started = Instant::now();
                    black_box(session.run_now(wall()));
                    spent += started.elapsed();
                }
                spent
            });
        });
    }
    for (name, edit) in edits {
        group.bench_function(BenchmarkId::new("near misses after", name), |b| {
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    edited += 1;
                    session.set_query(edit(edited));
                    session.run_now(wall());
                    let started = Instant::now();
                    black_box(block_on(session.near_misses(1, &Unpaced)).unwrap());
                    spent += started.elapsed();
                }
                spent
            });
        });
    }
    group.finish();
    session.set_query(rule::TEXT);
}

/// Queries with nothing kept, by what they have to look at.
fn queries(c: &mut Criterion, session: &Session) {
    let tables = session.tables();
    let now = session.newest().unwrap();
    let commands = text_bytes(tables, "DeviceProcessEvents", "ProcessCommandLine")
        + text_bytes(tables, "DeviceNetworkEvents", "InitiatingProcessCommandLine");
    let domains = r#"("github.com", "api.github.com", "gitlab.com", "api.gitlab.com", "bitbucket.org", "api.bitbucket.org", "dev.azure.com", "raw.githubusercontent.com", "gist.github.com", "codeberg.org")"#;
    let everywhere = |test: &str| {
        format!(
            "union (DeviceProcessEvents | where ProcessCommandLine {test} | count), (DeviceNetworkEvents | where InitiatingProcessCommandLine {test} | count)"
        )
    };
    let mut group = c.benchmark_group("text of a million command lines");
    group.throughput(Throughput::Bytes(commands));
    for (name, test) in [
        ("has_any of ten domains", format!("has_any {domains}")),
        ("has_any of absent words", "has_any (\"zzqq\", \"qqzzx\", \"xqzqzq\")".to_owned()),
        ("has a frequent word", "has \"push\"".to_owned()),
        ("contains", "contains \"--force\"".to_owned()),
        ("contains_cs", "contains_cs \"--force\"".to_owned()),
        ("startswith", "startswith \"git\"".to_owned()),
        ("has_all of two", "has_all (\"git\", \"push\")".to_owned()),
        (
            "has_any of 1,000 words",
            format!("has_any ({})", (0..1000).map(|i| format!("\"word{i}x\"")).collect::<Vec<_>>().join(", ")),
        ),
        ("matches regex", "matches regex @\"git\\s+push\\s+--force\"".to_owned()),
        ("==", "== \"git push\"".to_owned()),
    ] {
        let plan = plan(&everywhere(&test), tables, now);
        group.bench_function(name, |b| b.iter(|| black_box(Runner::new().run_now(&plan, tables, now).unwrap())));
    }
    group.finish();
    let mut group = c.benchmark_group("half a million rows");
    let rows = tables.get("DeviceProcessEvents").unwrap().len() as u64;
    group.throughput(Throughput::Elements(rows));
    for (name, query) in [
        ("tolower of a command line", "DeviceProcessEvents | where tolower(ProcessCommandLine) has \"push\" | count"),
        (
            "strlen of a command line",
            "DeviceProcessEvents | extend N = strlen(ProcessCommandLine) | where N > 100 | count",
        ),
        (
            "strcat of two columns",
            "DeviceProcessEvents | extend X = strcat(FileName, \" \", ProcessCommandLine) | where X has \"push\" | count",
        ),
        ("a number compared", "DeviceNetworkEvents | where BytesSent > 524288 | count"),
        ("numbers computed", "DeviceNetworkEvents | where BytesSent / 1024 + BytesReceived > 524288 | count"),
        (
            "iff over a dictionary",
            "DeviceProcessEvents | extend K = iff(FileName has \"git\", \"git\", \"other\") | summarize count() by K",
        ),
        ("sort by time", "DeviceProcessEvents | sort by Timestamp desc | project Timestamp, DeviceName"),
        ("sort by a text", "DeviceProcessEvents | sort by ProcessCommandLine asc | project ProcessCommandLine"),
        (
            "sort by a dictionary column",
            "DeviceProcessEvents | sort by FileName asc, Timestamp desc | project FileName",
        ),
        ("top 10 by time", "DeviceProcessEvents | top 10 by Timestamp"),
        ("count by a dictionary column", "DeviceProcessEvents | summarize count() by FileName"),
        ("count by two dictionary columns", "DeviceProcessEvents | summarize count() by DeviceName, FileName"),
        ("count by a text", "DeviceProcessEvents | summarize count() by ProcessCommandLine"),
        (
            "sum and max by a dictionary column",
            "DeviceNetworkEvents | summarize sum(BytesSent), max(BytesSent), count() by DeviceName",
        ),
        ("count by hour", "DeviceProcessEvents | summarize count() by bin(Timestamp, 1h)"),
        ("dcount by a dictionary column", "DeviceProcessEvents | summarize dcount(ProcessCommandLine) by FileName"),
        ("make_set by a dictionary column", "DeviceProcessEvents | summarize make_set(FileName) by DeviceName"),
        ("arg_max by a dictionary column", "DeviceProcessEvents | summarize arg_max(Timestamp, *) by DeviceName"),
        ("distinct of a dictionary column", "DeviceProcessEvents | distinct FileName"),
        ("distinct of a text", "DeviceProcessEvents | distinct ProcessCommandLine"),
        (
            "inner join on a dictionary column",
            "DeviceProcessEvents | where FileName =~ \"git.exe\" | join kind=inner (DeviceNetworkEvents | where BytesSent > 524288 | summarize Sent = sum(BytesSent) by DeviceName) on DeviceName | count",
        ),
    ] {
        let plan = plan(query, tables, now);
        group.bench_function(name, |b| b.iter(|| black_box(Runner::new().run_now(&plan, tables, now).unwrap())));
    }
    group.finish();
}

fn all(c: &mut Criterion) {
    let mut session = load();
    the_rule(c, &mut session);
    queries(c, &session);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = all
}
criterion_main!(benches);
