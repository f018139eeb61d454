//! `externaldata` reads files that were given by name, in each of its formats, and says what is wrong with them.

use event_table::{DateTime, NamedFile, TableSet};
use flate2::Compression;
use flate2::write::GzEncoder;
use kql_engine::resolve::{Resolution, resolve};
use kql_engine::run::{Cancelled, Pace, Progress, RunError, Runner, block_on};
use std::cell::Cell;
use std::io::Write;
use std::pin::Pin;

fn with_file(name: &str, bytes: &[u8]) -> TableSet {
    let mut tables = TableSet::new();
    tables.set_file(NamedFile::new(name, bytes));
    tables
}

fn resolved(text: &str, tables: &TableSet) -> Resolution {
    let parsed = kql_syntax::parse(text);
    assert_eq!(parsed.diagnostics(), [], "{text}");
    resolve(&parsed.document(), tables, DateTime::MIN)
}

/// The rows as text: cells with `|` between them, null as `∅`.
fn rows(text: &str, tables: &TableSet) -> Result<Vec<String>, RunError> {
    let resolution = resolved(text, tables);
    let plan = resolution.plan.unwrap_or_else(|| panic!("{text}: {:?}", resolution.diagnostics));
    let relation = Runner::new().run_now(&plan, tables, DateTime::MIN)?.relation;
    let cell = |row: usize, column: usize| match relation.value(row, column) {
        value if value.is_null() => "∅".to_owned(),
        value => value.to_string(),
    };
    let width = relation.columns().len();
    let row = |row: usize| (0..width).map(|column| cell(row, column)).collect::<Vec<_>>().join("|");
    Ok((0..relation.len()).map(row).collect())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// A file's name and text, a query, and its rows: worked out by hand from the documentation of the formats.
const READ: &[(&str, &str, &str, &[&str])] = &[
    // The first example of the operator's page, with its list of ids, one a line.
    (
        "users.txt",
        "u1\nu3\n",
        r#"datatable(UserID: string) ["u1", "u2", "u3"] | where UserID in ((externaldata (UserID:string) [
            @"https://storageaccount.blob.core.windows.net/storagecontainer/users.txt"
            h@"?...SAS..." // Secret token needed to access the blob
            ])) | order by UserID asc"#,
        &["u1", "u3"],
    ),
    // Its example of a mapping.
    (
        "part-0000046c049c1-86e2-4e74-8583-506bda10cca8.json",
        r#"{"Timestamp": "2020-09-01T10:00:00Z", "data": {"tenant": {"id": "74be27de-1e4e-49d9-b579-fe0b331d3642"}, "api": {"method": {"name": "GET"}}}}"#,
        r#"externaldata(Timestamp: datetime, TenantId: guid, MethodName: string)
            [ h@'https://mycompanystorage.blob.core.windows.net/events/2020/09/01/part-0000046c049c1-86e2-4e74-8583-506bda10cca8.json?...SAS...' ]
            with(format='multijson', ingestionMapping='[{"Column":"Timestamp","Properties":{"Path":"$.Timestamp"}},{"Column":"TenantId","Properties":{"Path":"$.data.tenant.id"}},{"Column":"MethodName","Properties":{"Path":"$.data.api.method.name"}}]')"#,
        &["2020-09-01T10:00:00.0000000Z|74be27de-1e4e-49d9-b579-fe0b331d3642|GET"],
    ),
    (
        "list.csv",
        "Address,Note,Score,When,Tags\n192.0.2.1,\"a, \"\"b\"\"\",5,2025-06-01,\"[1,2]\"\r\n192.0.2.2,,x,,\n",
        "externaldata (a: string, n: string, s: long, w: datetime, t: dynamic) ['https://h.example/list.csv'] with (ignoreFirstRecord=true)",
        &["192.0.2.1|a, \"b\"|5|2025-06-01T00:00:00.0000000Z|[1,2]", "192.0.2.2||∅|∅|∅"],
    ),
    // Too few and too many fields, a blank line, a byte order mark.
    (
        "list.csv",
        "\u{feff}a,b\n\nc\nd,e,f\n",
        "externaldata (x: string, y: string) ['h/list.csv']",
        &["a|b", "c|", "d|e"],
    ),
    ("l.tsv", "a\t\"b\n1\t\n", "externaldata (x: string, y: string) ['h/l.tsv']", &["a|\"b", "1|"]),
    ("l.psv", "a|\"b|c\"\n", "externaldata (x: string, y: string) ['h/l.psv'] | project y, x", &["b|c|a"]),
    ("l.dat", "a;b\n", "externaldata (x: string, y: string) ['h/l.dat'] with (format='SCSV')", &["a|b"]),
    ("l.dat", "a\u{1}b\n", "externaldata (x: string, y: string) ['h/l.dat'] with (format=sohsv)", &["a|b"]),
    // A line is a value, whatever is in it.
    (
        "feed.txt",
        "# heading\r\nhttps://a.example/?x=1,2\n\n\"q\"\n",
        "externaldata (Url: string) ['https://f.example/feed.txt'] with (format='txt', ignoreFirstRecord=true)",
        &["https://a.example/?x=1,2", "\"q\""],
    ),
    ("all.raw", "a\nb\n", "externaldata (x: string) ['h/all.raw'] | project n = strlen(x)", &["4"]),
    (
        "e.json",
        "{\"a\": 1, \"b\": \"x\", \"c\": {\"d\": [true]}}\n\n{\"a\": null, \"b\": 2}\n",
        "externaldata (b: string, a: int, c: dynamic, z: real) ['h/e.json']",
        &["x|1|{\"d\":[true]}|∅", "2|∅|∅|∅"],
    ),
    (
        "e.json",
        "[{\"a\": 1},\n{\"a\": 2}] {\"a\": 3}",
        "externaldata (a: long) ['h/e.json'] with (format='multijson')",
        &["1", "2", "3"],
    ),
    (
        "l.csv",
        "a,b,c\n",
        r#"externaldata (z: string, x: string, k: int, none: long) ['h/l.csv'] with (ingestionMapping='[{"Column": "z", "Properties": {"Ordinal": "2"}}, {"Name": "x", "Ordinal": 0}, {"column": "k", "Properties": {"ConstValue": "7"}}]')"#,
        &["c|a|7|∅"],
    ),
    // The address may be a constant with a name; the file's name may be in other case.
    ("LIST.csv", "a\n", "let u = strcat('https://h.example/', 'list.csv'); externaldata (x: string) [u]", &["a"]),
    ("list.csv", "", "externaldata (x: string) ['h/list.csv']", &[]),
];

#[test]
fn the_rows_of_a_file_of_each_format() {
    for (name, bytes, text, expected) in READ {
        assert_eq!(
            rows(text, &with_file(name, bytes.as_bytes())),
            Ok(expected.iter().map(ToString::to_string).collect()),
            "{text}"
        );
    }
}

#[test]
fn several_files_follow_one_another_and_packed_ones_are_unpacked() {
    let mut tables = with_file("one.csv.gz", &gzip(b"h\n1\n"));
    tables.set_file(NamedFile::new("two.csv", &b"h\n2\n"[..]));
    let text = "externaldata (x: long) ['https://h.example/one.csv.gz?sas', 'https://h.example/two.csv.gz'] with (ignoreFirstRecord=true)";
    assert_eq!(rows(text, &tables), Ok(vec!["1".to_owned(), "2".to_owned()]));
    assert!(tables.remove_file("two.csv") && !tables.remove_file("two.csv"));
    let missing: Vec<_> = resolved(text, &tables).external.into_iter().map(|f| (f.name, f.is_loaded)).collect();
    assert_eq!(missing, [("one.csv.gz".to_owned(), true), ("two.csv.gz".to_owned(), false)]);
}

#[test]
fn what_cannot_be_read_is_told_at_its_place() {
    let tables = with_file("a.csv", b"x");
    for (text, code, place) in [
        (
            "externaldata (x: string) ['https://h.example/b.csv?sas'] | take 1",
            "file-not-loaded",
            "'https://h.example/b.csv?sas'",
        ),
        ("externaldata (x: string) ['https://h.example'] | take 1", "no-file", "'https://h.example'"),
        ("externaldata (x: string) [] | take 1", "no-file", "externaldata (x: string) []"),
        ("externaldata (x: string) ['a.csv'] with (format='parquet')", "unsupported", "'parquet'"),
        ("externaldata (x: string) ['a.csv'] with (format='xml')", "unknown-word", "'xml'"),
        ("externaldata (x: string) ['a.csv'] with (ignoreFirstRecord='maybe')", "unknown-word", "'maybe'"),
        ("externaldata (x: string) ['a.csv'] with (zip='maybe')", "unknown-word", "zip"),
        ("externaldata (x: string) ['a.csv'] with (ingestionMapping='[')", "mapping", "'['"),
        (
            r#"externaldata (x: string) ['a.csv'] with (ingestionMapping='[{"Column":"y","Ordinal":0}]')"#,
            "mapping",
            r#"'[{"Column":"y","Ordinal":0}]'"#,
        ),
        (
            r#"externaldata (x: string) ['a.csv'] with (ingestionMapping='[{"Column":"x","Path":"$.x"}]')"#,
            "mapping",
            r#"'[{"Column":"x","Path":"$.x"}]'"#,
        ),
        (
            r#"externaldata (x: string) ['a.csv'] with (ingestionMapping='[{"Column":"x","Ordinal":0,"Transform":"SourceLocation"}]')"#,
            "mapping",
            r#"'[{"Column":"x","Ordinal":0,"Transform":"SourceLocation"}]'"#,
        ),
        ("externaldata (x: string) ['a.csv', 'a.csv'] | extend y = z", "unknown-column", "z"),
        // What stands behind it is looked at although the file is not there.
        ("externaldata (x: string) ['a.csv'] | where x == 1", "type-mismatch", ""),
    ] {
        let resolution = resolved(text, &tables);
        assert!(resolution.plan.is_none(), "{text}");
        let found: Vec<_> = resolution
            .diagnostics
            .iter()
            .map(|d| (d.code.as_str(), &text[d.span.start as usize..d.span.end as usize]))
            .collect();
        if place.is_empty() {
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            continue;
        }
        assert_eq!(found, [(code, place)], "{text}");
    }
    let missing = resolved("externaldata (x: string) ['https://h.example/b.csv'] | extend y = z", &tables);
    let codes: Vec<&str> = missing.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes, ["file-not-loaded", "unknown-column"]);
    assert!(missing.diagnostics[0].message.contains("'b.csv'"));
}

#[test]
fn a_file_that_is_no_such_file_ends_the_run_in_words() {
    for (name, bytes, query, words) in [
        ("a.json", &b"[1]"[..], "externaldata (x: long) ['a.json']", "line 1 is no JSON object"),
        ("a.json", b"{\"x\": 1}\n{\"x\":\n", "externaldata (x: long) ['a.json']", "line 2 is no JSON object"),
        (
            "a.json",
            b"{\"x\": 1} 2",
            "externaldata (x: long) ['a.json'] with (format='multijson')",
            "JSON that is no object",
        ),
        ("a.json", b"{\"x\": 1} {", "externaldata (x: long) ['a.json'] with (format='multijson')", "it is no JSON"),
        ("a.csv", b"\xff\xfe", "externaldata (x: long) ['a.csv']", "it is not UTF-8 text"),
        ("a.csv", b"\x1f\x8b\x08\x00", "externaldata (x: long) ['a.csv']", "its gzip archive is broken"),
        ("a.csv", b"PK\x03\x04", "externaldata (x: long) ['a.csv']", "it is a zip archive"),
    ] {
        match rows(query, &with_file(name, bytes)) {
            Err(RunError::Invalid(told)) => {
                assert!(
                    told.starts_with(&format!("`externaldata` cannot read '{name}': ")) && told.contains(words),
                    "{told}"
                );
            }
            other => panic!("{query}: {other:?}"),
        }
    }
}

/// Counts how often it is asked, and calls the work off after so many times.
struct Counting(Cell<usize>, usize);

impl Pace for Counting {
    fn checkpoint(&self, _: Progress) -> Pin<Box<dyn Future<Output = Result<(), Cancelled>> + '_>> {
        self.0.set(self.0.get() + 1);
        Box::pin(std::future::ready(if self.0.get() <= self.1 { Ok(()) } else { Err(Cancelled) }))
    }
}

#[test]
fn a_large_file_is_read_in_pieces_and_within_the_memory_of_a_run() {
    let tables = with_file("n.txt", (0..300_000).map(|n| format!("{n}\n")).collect::<String>().as_bytes());
    let resolution = resolved("externaldata (n: long) ['n.txt'] | summarize max(n), count()", &tables);
    let plan = resolution.plan.expect("a right query");
    let run = |patience: usize| {
        let pace = Counting(Cell::new(0), patience);
        let outcome = block_on(Runner::new().run(&plan, &tables, DateTime::MIN, &pace));
        (outcome.map(|o| (o.relation.value(0, 0).to_string(), o.relation.value(0, 1).to_string())), pace.0.get())
    };
    let (outcome, asked) = run(usize::MAX);
    assert_eq!(outcome, Ok(("299999".to_owned(), "300000".to_owned())));
    assert!(asked >= 6, "asked {asked} times");
    assert_eq!(run(3).0, Err(RunError::Cancelled));
    let mut runner = Runner::new();
    runner.set_memory(1 << 20);
    match runner.run_now(&plan, &tables, DateTime::MIN) {
        Err(RunError::TooLarge(words)) => {
            assert!(words.starts_with("`externaldata` needs more than the 1 MiB"), "{words}")
        }
        other => panic!("{:?}", other.map(|o| o.relation.len())),
    }
}

#[test]
fn an_address_that_is_no_expression_gives_no_plan() {
    let parsed = kql_syntax::parse("externaldata (x: string) [)] | take 1");
    assert!(!parsed.diagnostics().is_empty());
    assert!(resolve(&parsed.document(), &TableSet::new(), DateTime::MIN).plan.is_none());
}
