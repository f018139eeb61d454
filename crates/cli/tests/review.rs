//! The contract of `near-misses`, `compare` and `test` (ARCHITECTURE.md, *The command line*): output, exit status, the
//! shape of the JSON, JUnit.

use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A run of the program.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn exfil(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_exfil")).args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is printed is text");
    let ran = Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!(!ran.err.contains("panicked"), "{arguments:?}: {}", ran.err);
    ran
}

fn json_of(ran: &Ran) -> Json {
    serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {} {}", ran.out, ran.err))
}

fn detection(path: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../detection").join(path).display().to_string()
}

/// A folder that a test writes into, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("the scratch folder can be made");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("the scratch folder can be written");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn keys(object: &Json) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn near_misses_are_told_with_the_edits_that_would_catch_them() {
    let log = detection("samples/evasion/query_data.csv");
    let ran = exfil(&["near-misses", "--format", "json", &log]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let json = json_of(&ran);
    let signal = &json["signals"][0];
    assert_eq!(keys(signal), ["groups", "name", "total"]);
    assert_eq!(signal["name"], "LargeUploadToCodeRepo");
    let groups = signal["groups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["failures"][0]["value"] == "524288").unwrap();
    assert_eq!(keys(group), ["distance", "examples", "failures", "rows", "suggestions"]);
    assert_eq!(keys(&group["failures"][0]), ["column", "condition", "distance", "value", "why"]);
    assert_eq!(group["examples"], json!([{ "log": "query_data.csv", "line": 57, "table": "DeviceNetworkEvents" }]));
    let first = &group["suggestions"][0];
    assert_eq!(keys(first), ["edits", "query", "words"]);
    assert_eq!(first["words"], "Set UploadThreshold to 524287");

    // What is suggested does what it says.
    let folder = Folder::new("near-misses");
    let query = folder.file("edited.kql", first["query"].as_str().unwrap());
    let compared = json_of(&exfil(&["compare", "--query", &query, "--format", "json", &log]));
    assert_eq!(compared["totals"], json!({ "gained": 1, "lost": 0, "kept": 0 }));
    assert_eq!(compared["gained"][0]["record"]["line"], 57);

    let text = exfil(&["near-misses", "--most", "1", &log]);
    assert!(text.out.contains("failed one condition only") && text.out.contains("would catch: "), "{}", text.out);
    let json = json_of(&exfil(&["near-misses", "--failed", "2", "--format", "json", &log]));
    let all = json["signals"].as_array().unwrap().iter().map(|signal| signal["groups"].as_array().unwrap());
    let groups: Vec<&Json> = all.flatten().collect();
    assert!(!groups.is_empty() && groups.iter().all(|group| group["failures"].as_array().unwrap().len() == 2));
    assert_eq!(exfil(&["near-misses", "--failed", "3", &log]).code, 2);
}

#[test]
fn a_comparison_tells_what_came_and_went_and_can_deny_it() {
    let folder = Folder::new("compare");
    let log = detection("samples/fp-bots/hunting.json");
    let rule = fs::read_to_string(detection("rule/T1567.001.kql")).unwrap();
    let narrower =
        folder.file("narrower.kql", &rule.replace("let UploadThreshold = 524288", "let UploadThreshold = 1000000"));
    let ran = exfil(&["compare", "--query", &narrower, "--format", "json", &log]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let json = json_of(&ran);
    assert_eq!(keys(&json), ["columns", "gained", "lost", "old_columns", "signals", "totals"]);
    assert_eq!(json["totals"], json!({ "gained": 0, "lost": 1, "kept": 6 }));
    assert_eq!(keys(&json["lost"][0]), ["cells", "record", "signal"]);
    assert_eq!(json["lost"][0]["signal"], "LargeUploadToCodeRepo");
    assert_eq!(json["columns"].as_array().unwrap().len(), 12);

    for (deny, code) in [("lost", 1), ("gained", 0), ("any", 1)] {
        assert_eq!(exfil(&["compare", "--query", &narrower, "--deny", deny, &log]).code, code, "{deny}");
        // The other way round what was lost is gained.
        let code = if deny == "any" { 1 } else { 1 - code };
        assert_eq!(exfil(&["compare", "--with", &narrower, "--deny", deny, &log]).code, code, "{deny}");
    }
    let text = exfil(&["compare", "--query", &narrower, &log]).out;
    assert!(
        text.starts_with("0 gained, 1 lost, 6 kept\n")
            && text.contains("\n- LargeUploadToCodeRepo (hunting.json, line "),
        "{text}"
    );

    let broken = folder.file("broken.kql", "DeviceProcessEvents | where");
    for arguments in [["compare", "--query", &broken, &log], ["compare", "--with", &broken, &log]] {
        let ran = exfil(&arguments);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{arguments:?}");
        assert!(ran.err.contains("broken.kql"), "{}", ran.err);
    }
    assert_eq!(exfil(&["compare", "--deny", "nothing", &log]).code, 2);
}

const CASE: &str = "version: 1
title: A push
logs:
  - file: logs/p.csv
expect:
  alert:
    - { log: p.csv, line: 2, signal: GitPushToExternalRepo }
  silent:
    - { log: p.csv, line: 3, note: a pull }
";

fn case_folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    fs::create_dir_all(folder.0.join("logs")).expect("the scratch folder can be made");
    folder.file(
        "logs/p.csv",
        "Timestamp,FileName,ProcessCommandLine\n2026-10-12T13:00:00Z,git.exe,git push https://github.com/a\n2026-10-12T13:00:05Z,git.exe,git pull\n",
    );
    folder
}

#[test]
fn cases_pass_or_fail_and_the_exit_status_says_so() {
    let folder = case_folder("cases");
    let good = folder.file("good.yaml", CASE);
    let ran = exfil(&["test", &good]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.ends_with("1 of 1 cases passed\n"));

    let bad = folder.file("bad.yaml", &CASE.replace("line: 2", "line: 3"));
    let unreadable = folder.file("unreadable.json", "{");
    let path = folder.0.display().to_string();
    let junit = folder.0.join("out.xml").display().to_string();
    let ran = exfil(&["test", "--format", "json", "--junit", &junit, &path]);
    assert_eq!(ran.code, 1);
    let json = json_of(&ran);
    let told: Vec<(bool, bool)> = json["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| (case["passed"].as_bool().unwrap(), case["error"].is_null()))
        .collect();
    assert_eq!(told, [(false, true), (true, true), (false, false)], "in the order of their names");
    assert_eq!(keys(&json["cases"][0]), ["error", "file", "goals", "passed", "title"]);
    assert_eq!(keys(&json["cases"][0]["goals"][0]), ["met", "why", "words"]);
    assert!(json["cases"][0]["goals"][0]["why"].as_str().unwrap().contains("fails"), "{json}");
    let xml = fs::read_to_string(junit).unwrap();
    assert!(xml.contains("tests=\"5\" failures=\"1\" errors=\"1\""), "{xml}");
    assert!(xml.contains("<testsuite name=\"A push\""));

    for (arguments, code) in [
        (vec!["test"], 2),
        (vec!["test", "nowhere.yaml"], 1),
        (vec!["test", &bad, &good], 1),
        (vec!["test", &unreadable], 1),
    ] {
        assert_eq!(exfil(&arguments).code, code, "{arguments:?}");
    }
    let empty = folder.0.join("logs").display().to_string();
    assert!(exfil(&["test", &empty]).out.contains("no case file"));
}

#[test]
fn another_query_can_be_held_against_the_same_cases() {
    let folder = case_folder("query");
    let good = folder.file("good.yaml", CASE);
    let blind =
        folder.file("blind.kql", "let GitPushToExternalRepo = DeviceProcessEvents | take 0; GitPushToExternalRepo");
    assert_eq!(exfil(&["test", "--query", &blind, &good]).code, 1);
    let wide = folder.file(
        "wide.kql",
        "let GitPushToExternalRepo = DeviceProcessEvents | where ProcessCommandLine has 'push'; GitPushToExternalRepo",
    );
    assert_eq!(exfil(&["test", "--query", &wide, &good]).code, 0);
}

#[test]
fn the_lessons_are_solved_from_the_terminal_too() {
    let ran = exfil(&["test", &detection("lessons")]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let lessons = fs::read_dir(Path::new(&detection("lessons"))).unwrap().count();
    assert!(ran.out.ends_with(&format!("{lessons} of {lessons} cases passed\n")), "{}", ran.out);
}
