//! The command line's contract (ARCHITECTURE.md, *The command line*): what goes to standard output, what to standard
//! error, the exit status, and the exact shape of the JSON.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::{Value as Json, json};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A run of the program.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exfil"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program with a text on its standard input.
fn exfil(input: &str, arguments: &[&str]) -> Ran {
    let mut child = program(arguments).spawn().unwrap();
    // A program that ends without reading closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is printed is text");
    let ran = Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!(!ran.err.contains("panicked"), "{arguments:?}: {}", ran.err);
    ran
}

fn sample(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../detection/samples");
    root.join(path).display().to_string()
}

/// A file that a test wrote, gone when the test is over.
struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

fn keys(object: &Json) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

const TWELVE: [[&str; 2]; 12] = [
    ["Timestamp", "datetime"],
    ["DeviceName", "string"],
    ["AccountName", "string"],
    ["Signal", "string"],
    ["RemoteUrl", "string"],
    ["RemotePort", "int"],
    ["BytesSent", "long"],
    ["BytesSentMB", "real"],
    ["BytesReceived", "long"],
    ["InitiatingProcessFileName", "string"],
    ["InitiatingProcessCommandLine", "string"],
    ["InitiatingProcessParentFileName", "string"],
];

fn columns(json: &Json) -> Vec<[&str; 2]> {
    let column = |c: &'static str| move |column: &Json| column[c].as_str().map(str::to_owned).unwrap_or_default();
    let list = json["columns"].as_array().expect("a list");
    list.iter().for_each(|c| assert_eq!(keys(c), ["name", "type"]));
    list.iter().map(|c| [leak(column("name")(c)), leak(column("type")(c))]).collect()
}

/// The diagnostics but for notes that only teach.
fn faults(json: &Json) -> Vec<&Json> {
    json["diagnostics"].as_array().expect("a list").iter().filter(|found| found["severity"] != "info").collect()
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[test]
fn the_shipped_rule_prints_one_json_object_of_the_contracts_shape() {
    let ran = exfil(
        "",
        &[
            "run",
            "--format",
            "json",
            &sample("scenario-3-gist-curl/DeviceProcessEvents.csv"),
            &sample("scenario-3-gist-curl/DeviceNetworkEvents.csv"),
        ],
    );
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let json = ran.json();
    assert_eq!(keys(&json), ["columns", "diagnostics", "rows", "signals", "sources"]);
    assert_eq!(columns(&json), TWELVE);
    assert_eq!(faults(&json), Vec::<&Json>::new());
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    let row = rows[0].as_array().unwrap();
    assert_eq!(row.len(), 12);
    assert_eq!(row[0], "2026-10-08T11:07:14.0083412Z");
    assert_eq!(
        [&row[3], &row[4], &row[5], &row[6], &row[7]],
        [&json!("CodeRepoAPIUpload"), &json!(""), &json!(443), &json!(0), &json!(0.0)]
    );
    for signal in json["signals"].as_array().unwrap() {
        assert_eq!(keys(signal), ["alerts", "missing_columns", "name", "state"]);
    }
    assert_eq!(
        json["signals"],
        json!([
            {"name": "LargeUploadToCodeRepo", "state": "not_evaluable", "alerts": 0, "missing_columns": ["BytesSent"]},
            {"name": "GitPushToExternalRepo", "state": "quiet", "alerts": 0, "missing_columns": []},
            {"name": "CodeRepoAPIUpload", "state": "fired", "alerts": 1, "missing_columns": []},
        ])
    );
    let sources = json["sources"].as_array().unwrap();
    let told: Vec<Json> =
        sources.iter().map(|s| json!([s["name"], s["format"], s["tables"], s["rejected"], s["warnings"]])).collect();
    assert_eq!(
        told,
        [
            json!(["DeviceProcessEvents.csv", "defender-csv", {"DeviceProcessEvents": 3}, 0, []]),
            json!(["DeviceNetworkEvents.csv", "defender-csv", {"DeviceNetworkEvents": 1}, 0, []]),
        ]
    );
}

#[test]
fn each_type_has_the_json_form_of_the_contract() {
    let query = r#"print a = 1 == 1, b = int(7), c = 9007199254740992, d = 9007199254740993, e = 1.5, f = real(nan),
        g = decimal(1.10), h = "x", i = datetime(2026-10-13 09:30), j = 1.5d, k = dynamic({"n": [1, null, "t"]}),
        l = long(null), m = "", n = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), o = -9007199254740993, p = dynamic(null)"#;
    let json = exfil(query, &["run", "--query", "-", "--format", "json"]).json();
    assert_eq!(
        json["rows"],
        json!([[
            true, 7, 9007199254740992_i64, "9007199254740993", 1.5, "NaN",
            "1.10", "x", "2026-10-13T09:30:00.0000000Z", "1.12:00:00", {"n": [1, null, "t"]},
            null, "", "74be27de-1e4e-49d9-b579-fe0b331d3642", "-9007199254740993", null
        ]])
    );
}

#[test]
fn a_query_comes_from_a_file_from_standard_input_or_is_the_shipped_rule() {
    let file = File::new("q.kql", "\u{feff}print A = 1".as_bytes());
    assert_eq!(exfil("", &["run", "--query", file.path(), "--format", "csv"]).out, "A\r\n1\r\n");
    assert_eq!(exfil("print A = 2", &["run", "--query", "-", "--format", "csv"]).out, "A\r\n2\r\n");
    let shipped = exfil("print A = 3", &["check", "--format", "json"]).json();
    assert_eq!(columns(&shipped), TWELVE);
    assert_eq!(keys(&shipped), ["columns", "diagnostics"]);
}

#[test]
fn externaldata_reads_a_log_argument_of_its_name_or_one_that_is_named() {
    let query =
        "externaldata (A: string, N: long) ['https://h.example/lists/bad.csv?sas'] with (ignoreFirstRecord=true)";
    let missing = exfil(query, &["run", "--query", "-", "--format", "csv"]);
    assert_eq!((missing.code, &*missing.out), (1, ""));
    assert!(missing.err.contains("bad.csv"), "{}", missing.err);
    let list = File::new("bad.csv", b"a,n\n192.0.2.1,3\n");
    let (csv, rows) = (["run", "--query", "-", "--format", "csv"], "A,N\r\n192.0.2.1,3\r\n");
    assert_eq!(exfil(query, &[&csv[..], &[list.path()]].concat()).out, rows);
    let other = File::new("other.csv", b"a,n\n192.0.2.1,3\n");
    let named = format!("--external=bad.csv={}", other.path());
    assert_eq!(exfil(query, &[&csv[..], &[&named]].concat()).out, rows);
    // A log of another name is a log.
    let ran = exfil(query, &[&csv[..], &[other.path()]].concat());
    assert_eq!((ran.code, &*ran.out), (1, ""));
    let ran = exfil(query, &[&csv[..], &["--external=bad.csv=no-such-file"]].concat());
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("no-such-file"), "{}", ran.err);
    assert_eq!(exfil(query, &[&csv[..], &["--external=bad.csv"]].concat()).code, 2);
}

#[test]
fn csv_is_quoted_and_a_table_is_aligned() {
    let query = "print A = 'a,\"b\"', B = 'two\nlines', C = long(null), D = 1";
    let query = query.replace('\n', "\\n");
    let csv = exfil(&query, &["run", "--query", "-", "--format", "csv"]);
    assert_eq!((csv.code, csv.out.as_str()), (0, "A,B,C,D\r\n\"a,\"\"b\"\"\",\"two\nlines\",,1\r\n"));
    let table = exfil("print Name = 'x', N = 10", &["run", "--query", "-"]);
    assert!(table.out.contains("Name  N\nx     10\n1 row\n"), "{}", table.out);
}

#[test]
fn an_error_in_the_query_is_told_on_standard_error_and_in_diagnostics_and_exits_1() {
    let query = "DeviceNetworkEvents\n| where RemoteUrll has \"x\"";
    for arguments in [&["run", "--query", "-", "--format", "json"][..], &["check", "--query", "-", "--format", "json"]]
    {
        let ran = exfil(query, arguments);
        assert_eq!(ran.code, 1, "{arguments:?}");
        assert!(ran.err.contains("error[unknown-column]") && ran.err.contains("standard input:2:9"), "{}", ran.err);
        assert!(ran.err.contains("= fix: Write `RemoteUrl`"), "{}", ran.err);
        let found = &ran.json()["diagnostics"];
        assert_eq!(
            *found,
            json!([{
                "severity": "error", "code": "unknown-column",
                "message": "Failed to resolve column or scalar expression named 'RemoteUrll'",
                "hint": "Did you mean `RemoteUrl`?", "start": 28, "end": 38, "line": 2, "column": 9,
                "fixes": [{"title": "Write `RemoteUrl`", "edits": [{"start": 28, "end": 38, "insert": "RemoteUrl"}]}]
            }])
        );
        assert!(ran.json()["rows"].as_array().is_none_or(Vec::is_empty));
    }
    let explained = exfil(query, &["explain", "--row", "1", "--query", "-"]);
    assert_eq!((explained.code, explained.out.as_str()), (1, ""));
    assert!(explained.err.contains("unknown-column"));
}

#[test]
fn a_warning_is_told_and_exits_0() {
    let ran = exfil("print A = \"x\" has \"\"", &["run", "--query", "-", "--format", "json"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("warning[empty-literal]"), "{}", ran.err);
    assert_eq!(ran.json()["diagnostics"][0]["severity"], "warning");
    assert_eq!(ran.json()["rows"], json!([[true]]));
}

#[test]
fn a_run_that_cannot_end_is_a_diagnostic_and_exits_1() {
    let ran = exfil("range N from 1 to 100000000 step 1", &["run", "--query", "-", "--format", "json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("more than 10000000 rows"), "{}", ran.err);
    assert_eq!(ran.json()["diagnostics"][0]["code"], "run-failed");
    assert_eq!(ran.json()["rows"], json!([]));
}

#[test]
fn wrong_usage_exits_2_with_words_on_standard_error() {
    for arguments in [
        &[][..],
        &["walk"],
        &["run", "--format", "xml"],
        &["run", "--now", "yesterday"],
        &["run", "--query"],
        &["run", "--no-such-option"],
        &["explain"],
        &["explain", "--row", "one"],
        &["explain", "--row", "1", "--format", "csv"],
        &["check", "some.csv"],
    ] {
        let ran = exfil("", arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains("Usage") || ran.err.starts_with("error: "), "{arguments:?}: {}", ran.err);
    }
    for arguments in [&["--help"][..], &["--version"], &["help", "run"]] {
        let ran = exfil("", arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn now_is_the_newest_time_of_the_logs_the_wall_clock_or_an_instant() {
    let log = File::new(
        "DeviceProcessEvents.csv",
        b"Timestamp,FileName,ProcessCommandLine\n\
        2020-05-05T10:00:00Z,a,b\n2020-05-05T12:00:00.5Z,a,b\n2020-05-04T12:00:00Z,a,b\n",
    );
    let run = |now: &[&str]| {
        let ran = exfil(
            "DeviceProcessEvents | where Timestamp > ago(24h) | count | extend Now = now()",
            &[&["run", "--query", "-", "--format", "json"], now, &[log.path()]].concat(),
        );
        assert_eq!(ran.code, 0, "{}", ran.err);
        let row = ran.json()["rows"][0].clone();
        (row[0].as_i64().unwrap(), row[1].as_str().unwrap_or_default().to_owned())
    };
    let newest = (2, "2020-05-05T12:00:00.5000000Z".to_owned());
    assert_eq!(run(&[]), newest);
    assert_eq!(run(&["--now", "newest"]), newest);
    assert_eq!(run(&["--now", "2020-05-04T13:00:00Z"]), (3, "2020-05-04T13:00:00.0000000Z".to_owned()));
    assert_eq!(run(&["--now=2020-05-06 11:00"]), (1, "2020-05-06T11:00:00.0000000Z".to_owned()));
    let (rows, wall) = run(&["--now", "wall"]);
    assert_eq!(rows, 0);
    assert!(wall.as_str() > "2026", "{wall}");
}

#[test]
fn a_log_that_cannot_be_read_is_told_and_the_others_still_count() {
    let good = sample("scenario-3-gist-curl/DeviceProcessEvents.csv");
    let folder = env!("CARGO_TARGET_TMPDIR");
    for (bad, words) in [("no/such/file.csv", "No such file"), (folder, "directory")] {
        let ran = exfil("", &["run", "--format", "json", bad, &good]);
        assert_eq!(ran.code, 1, "{bad}");
        assert!(ran.err.contains(bad) && ran.err.contains(words), "{bad}: {}", ran.err);
        let json = ran.json();
        assert_eq!(json["rows"].as_array().unwrap().len(), 1, "{bad}");
        let told = faults(&json);
        assert_eq!(told.len(), 1, "{bad}: {told:?}");
        assert_eq!((&told[0]["severity"], &told[0]["code"]), (&json!("error"), &json!("unreadable")), "{bad}");
        assert!(told[0]["message"].as_str().unwrap().contains(words), "{told:?}");
    }
    let ran = exfil("", &["run", "--query", "no-such-query.kql"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("no-such-query.kql") && ran.err.contains("No such file"), "{}", ran.err);
    let binary = File::new("q.kql", b"print \xff\xfe");
    let ran = exfil("", &["run", "--query", binary.path()]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("not UTF-8"), "{}", ran.err);
}

/// A log that is bad in some way: its name and bytes, the exit status, words of the sentence, and the rows kept.
struct Bad {
    name: &'static str,
    bytes: Vec<u8>,
    code: i32,
    words: &'static str,
    rows: u64,
}

fn bad_logs() -> Vec<Bad> {
    let bad = |name, bytes: &[u8], code, words, rows| Bad { name, bytes: bytes.to_vec(), code, words, rows };
    let mut wide = "FileName,ProcessCommandLine".to_owned();
    (0..9_998).for_each(|i| wide.push_str(&format!(",C{i}")));
    wide.push_str("\ngit.exe,git push");
    (0..9_998).for_each(|i| wide.push_str(&format!(",{i}")));
    wide.push('\n');
    vec![
        bad("empty.csv", b"", 1, "The file is empty.", 0),
        bad("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", 1, "This is a PNG image, not a log.", 0),
        bad(
            "cut.json",
            br#"[{"FileName":"a","ProcessCommandLine":"x"},{"FileName":"b","ProcessCommandLine":"y"},{"FileN"#,
            0,
            "cut off",
            2,
        ),
        bad(
            "ragged.csv",
            b"FileName,ProcessCommandLine,ProcessId\na,x,1\nb,y\nc,z,3,4\nd,w,4\n",
            0,
            "The row has 2 cells",
            2,
        ),
        bad("nul.csv", b"FileName,ProcessCommandLine\na,x\nb,\0y\nc,z\n", 0, "NUL characters", 3),
        bad("latin.csv", b"FileName,ProcessCommandLine\na,x\nb,\xe9\xff\nc,z\n", 0, "no valid text", 3),
        bad("header.csv", b"FileName,ProcessCommandLine\n", 0, "a header line and no rows", 0),
        bad("zeros.csv", &[0; 4096], 1, "nothing but NUL bytes", 0),
        bad("prose.txt", b"Dear reader,\nthis is no log at all.\n", 1, "no log of a known form", 0),
        Bad { name: "wide.csv", bytes: wide.into_bytes(), code: 0, words: "", rows: 1 },
    ]
}

#[test]
fn a_bad_log_gets_a_clear_sentence_and_loses_no_good_row() {
    for Bad { name, bytes, code, words, rows } in bad_logs() {
        let log = File::new(name, &bytes);
        let query = "union withsource=Table * | where isnotempty(FileName) | count";
        let query = if rows == 0 { "print Count = 0" } else { query };
        let ran = exfil(query, &["run", "--query", "-", "--format", "json", log.path()]);
        assert_eq!(ran.code, code, "{name}: {}", ran.err);
        assert!(ran.err.contains(words) && (words.is_empty() || ran.err.contains(name)), "{name}: {}", ran.err);
        let json = ran.json();
        assert_eq!(json["rows"], json!([[rows]]), "{name}");
        let source = &json["sources"][0];
        let read: u64 = source["tables"].as_object().unwrap().values().filter_map(Json::as_u64).sum();
        assert_eq!(read, rows, "{name}: {source}");
        if code == 1 {
            let told = &json["diagnostics"][0];
            assert_eq!(told["severity"], "error", "{name}: {json}");
            assert!(told["message"].as_str().unwrap().contains(words), "{name}: {told}");
        }
    }
}

#[test]
fn explaining_a_row_shows_each_condition_or_says_why_it_cannot() {
    let log = sample("scenario-3-gist-curl/DeviceProcessEvents.csv");
    let ran = exfil("", &["explain", "--row", "1", &log]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("CodeRepoAPIUpload fires on this row"), "{}", ran.out);
    assert!(ran.out.contains("GitPushToExternalRepo does not fire on this row"), "{}", ran.out);
    assert!(ran.out.contains("found: -X POST, gists"), "{}", ran.out);
    let json = exfil("", &["explain", "--row", "1", "--format", "json", &log]).json();
    assert_eq!(json["signals"][1]["holds"], true);
    assert_eq!(json["record"]["line"], 2);
    for (row, query, words) in [
        ("0", None, "there is no row 0"),
        ("2", None, "there is no row 2: the result has 1 rows"),
        ("1", Some("DeviceProcessEvents | count"), "computed from several rows"),
    ] {
        let input = query.unwrap_or_default();
        let from: &[&str] = if query.is_some() { &["--query", "-"] } else { &[] };
        let ran = exfil(input, &[&["explain", "--row", row][..], from, &[&log]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{row}");
        assert!(ran.err.contains(words), "{row}: {}", ran.err);
    }
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    for format in ["table", "csv", "json"] {
        let mut child = program(&["run", "--query", "-", "--format", format]).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"range N from 1 to 300000 step 1 | extend S = strcat('some text ', N)")
            .unwrap();
        let mut start = [0; 10];
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut start).unwrap();
        drop(out);
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{format}");
    }
}

/// A proxy's log, whose columns no table has.
const PROXY: &str = "when,cs-host,cs-bytes,agent\n01/02/2026 10:00:00,api.github.com,900000,curl.exe\n";

#[test]
fn a_log_is_read_as_its_reader_says() {
    let log = File::new("proxy.csv", PROXY.as_bytes());
    let mapped = [
        "--table",
        "DeviceNetworkEvents",
        "--column",
        "when=Timestamp",
        "--column",
        "cs-host=RemoteUrl",
        "--column",
        "cs-bytes=BytesSent",
        "--column",
        "agent=InitiatingProcessFileName",
        "--day-first",
    ];
    let arguments: Vec<&str> = ["run", "--format", "csv"].into_iter().chain(mapped).chain([log.path()]).collect();
    let ran = exfil("", &arguments);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let row = ran.out.lines().nth(1).unwrap();
    assert!(row.starts_with("2026-02-01T10:00:00.0000000Z,") && row.contains("LargeUploadToCodeRepo"), "{row}");
    for wrong in [
        ["--table", "no name"],
        ["--column", "cs-host"],
        ["--column", "=RemoteUrl"],
        ["--local-zone", "2"],
        ["--local-zone", "+14:30"],
        ["--local-zone", "+02:60"],
    ] {
        let ran = exfil("", &["run", wrong[0], wrong[1], log.path()]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{wrong:?}");
    }
    let local = File::new("local.csv", b"TimeGenerated [Local Time],RemoteUrl\n2026-02-01 10:00:00,x\n");
    let query = File::new("q.kql", b"DeviceNetworkEvents | project TimeGenerated");
    let arguments = ["run", "--query", query.path(), "--format", "csv", "--local-zone", "-05:30", local.path()];
    assert_eq!(exfil("", &arguments).out.lines().nth(1), Some("2026-02-01T15:30:00.0000000Z"));
}

#[test]
fn duplicates_are_told_and_left_out_on_request() {
    let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
        <Provider Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID><TimeCreated SystemTime='2026-02-01T10:00:00Z'/>\
        <EventRecordID>7</EventRecordID><Channel>C</Channel><Computer>pc</Computer></System><EventData>\
        <Data Name='Image'>C:\\git.exe</Data><Data Name='CommandLine'>git</Data></EventData></Event>\n";
    let (log, again) = (File::new("a.xml", event.as_bytes()), File::new("b.xml", event.as_bytes()));
    let query = File::new("count.kql", b"DeviceProcessEvents | count");
    let words = "1 row tells of an event that a row before it tells of too (the same record of the same channel of the same computer)";
    for (option, count, fate) in [(None, "2", "kept"), (Some("--drop-duplicates"), "1", "left out")] {
        let arguments = ["run", "--query", query.path(), "--format", "csv", log.path(), again.path()];
        let ran = exfil("", &arguments.into_iter().chain(option).collect::<Vec<_>>());
        assert_eq!((ran.code, ran.out.lines().nth(1)), (0, Some(count)));
        assert_eq!(ran.err, format!("note: {words}: {fate}.\n"));
    }
}

/// A zip archive of stored members (PKWARE's APPNOTE, sections 4.3.7 and 4.3.16), which names none in its directory.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        let crc = bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
        });
        out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0");
        for number in [!crc, bytes.len() as u32, bytes.len() as u32] {
            out.extend(number.to_le_bytes());
        }
        out.extend((name.len() as u32).to_le_bytes());
        out.extend(name.as_bytes());
        out.extend(*bytes);
    }
    out.extend(b"PK\x01\x02");
    out.resize(out.len() + 42, 0);
    out.extend(b"PK\x05\x06");
    out.resize(out.len() + 18, 0);
    out
}

#[test]
fn what_lies_beside_logs_in_an_archive_is_noted_and_no_error() {
    let log: &[u8] = b"Timestamp,DeviceName,RemoteUrl\n2026-02-01T10:00:00Z,pc,x\n";
    let beside = [("picture.png", b"\x89PNG\r\n\x1a\n".as_slice()), ("read.me", b"words only"), ("empty.csv", b"")];
    let query = File::new("count.kql", b"DeviceNetworkEvents | count");
    let archive = File::new("case.zip", &zip(&[&[("own.csv", log)], &beside[..]].concat()));
    let ran = exfil("", &["run", "--query", query.path(), "--format", "json", archive.path()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("note: case.zip/picture.png: ") && !ran.err.contains("error:"), "{}", ran.err);
    let json = ran.json();
    let told: Vec<&str> =
        json["diagnostics"].as_array().unwrap().iter().filter_map(|d| d["severity"].as_str()).collect();
    assert_eq!((json["rows"].clone(), told), (json!([[1]]), vec!["info"; 3]));
    // Without any log in it, it is no log.
    let archive = File::new("none.zip", &zip(&beside));
    assert_eq!(exfil("", &["run", "--query", query.path(), archive.path()]).code, 1);
}
