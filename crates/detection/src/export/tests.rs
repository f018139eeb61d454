//! Exports read back: by our engine, by readers of JSON, YAML and CSV.

use super::*;
use crate::{Options, rule, sample, samples};
use event_table::DateTime;
use kql_engine::run::{Unpaced, block_on};
use serde_json::Value as Json;

fn session_of(id: &str) -> Session {
    let mut session = Session::new();
    session.load_sample(sample(id).unwrap());
    session.run_now(DateTime::MIN);
    session
}

fn export(session: &mut Session, request: ExportRequest) -> Export {
    block_on(session.export(request, &Unpaced)).unwrap()
}

/// The result without its times, which move.
fn result(session: &Session) -> Vec<Vec<String>> {
    let relation = session.result().unwrap();
    let is_time = |c: usize| relation.columns()[c].ty == event_table::ColumnType::DateTime;
    let mut rows: Vec<Vec<String>> = (0..relation.len())
        .map(|row| {
            (0..relation.columns().len()).filter(|c| !is_time(*c)).map(|c| relation.value(row, c).to_string()).collect()
        })
        .collect();
    rows.sort();
    rows
}

#[test]
fn a_self_contained_query_finds_the_same_without_any_log_and_at_any_time() {
    for sample in samples() {
        for rows in [RowChoice::Alerts, RowChoice::AlertsAndNearMisses, RowChoice::All] {
            let mut session = session_of(&sample.id);
            let made = export(&mut session, ExportRequest::SelfContained { rows });
            if rows == RowChoice::All && !made.notes.is_empty() {
                assert!(made.notes[0].contains("left out"), "{}", sample.id);
                continue;
            }
            let mut other = Session::new();
            other.set_query(&*made.text);
            other.set_clock(crate::Clock::Wall);
            let report = other.run_now(DateTime::from_date(2031, 5, 6).unwrap());
            assert!(!report.has_errors(), "{}: {:?}", sample.id, report.findings);
            assert_eq!(result(&other), result(&session), "{} {rows:?}", sample.id);
        }
    }
}

#[test]
fn a_self_contained_query_has_the_columns_that_are_read_or_shown_and_no_others() {
    let mut session = session_of("scenario-3-gist-curl");
    let made = export(&mut session, ExportRequest::SelfContained { rows: RowChoice::Alerts });
    let head = made.text.lines().find(|line| line.starts_with("let DeviceProcessEvents")).unwrap();
    assert_eq!(
        head,
        "let DeviceProcessEvents = datatable (Timestamp: datetime, DeviceName: string, FileName: string, \
         ProcessCommandLine: string, AccountName: string, InitiatingProcessFileName: string, \
         InitiatingProcessCommandLine: string, InitiatingProcessParentFileName: string)"
    );
    session.set_query("DeviceProcessEvents | where FileName has 'curl'");
    session.run_now(DateTime::MIN);
    let made = export(&mut session, ExportRequest::SelfContained { rows: RowChoice::Alerts });
    assert!(made.text.contains("SHA1: string") && !made.text.contains("AdditionalFields"), "{}", made.text);
}

#[test]
fn hostile_cells_stay_cells() {
    let nasty = "\"]; DeviceEvents | take 1 // \\\" `~~~ \u{202e}\u{0}\n]";
    let log = serde_json::json!([{ "Timestamp": "2025-06-01", "FileName": nasty, "ProcessCommandLine": nasty }]);
    let mut session = Session::new();
    session.load("DeviceProcessEvents.json", log.to_string().as_bytes(), Options::default());
    session.set_query("DeviceProcessEvents | where isnotempty(FileName) | project FileName");
    session.run_now(DateTime::MIN);
    let made = export(&mut session, ExportRequest::SelfContained { rows: RowChoice::Alerts });
    let mut other = Session::new();
    other.set_query(made.text);
    let report = other.run_now(DateTime::MIN);
    assert!(!report.has_errors(), "{:?}", report.findings);
    assert_eq!(result(&other), result(&session));
}

#[test]
fn what_would_be_too_long_is_left_out_and_said() {
    let mut log = String::from("Timestamp,FileName,ProcessCommandLine\n");
    (0..20_000).for_each(|i| log.push_str(&format!("2025-06-01T00:00:00Z,git.exe,git push {i} {}\n", "x".repeat(40))));
    let mut session = Session::new();
    session.load("DeviceProcessEvents.csv", log.as_bytes(), Options::default());
    session.set_query("DeviceProcessEvents | where FileName == 'git.exe' | project ProcessCommandLine");
    session.run_now(DateTime::MIN);
    let made = export(&mut session, ExportRequest::SelfContained { rows: RowChoice::All });
    assert!(made.text.len() < 510_000 && made.notes[0].contains("rows were left out"), "{:?}", made.notes);
}

#[test]
fn a_sentinel_rule_has_its_period_from_the_look_back_and_its_entities_from_the_result() {
    let mut session = Session::new();
    let arm: Json = serde_json::from_str(&export(&mut session, ExportRequest::SentinelArm).text).unwrap();
    let properties = &arm["resources"][0]["properties"];
    assert_eq!((&properties["queryPeriod"], &properties["queryFrequency"]), (&"P1D".into(), &"P1D".into()));
    assert_eq!(properties["tactics"], serde_json::json!(["Exfiltration"]));
    assert_eq!(properties["techniques"], serde_json::json!(["T1567"]));
    assert_eq!(properties["subTechniques"], serde_json::json!(["T1567.001"]));
    let entities: Vec<&str> =
        properties["entityMappings"].as_array().unwrap().iter().map(|e| e["entityType"].as_str().unwrap()).collect();
    assert_eq!(entities, ["Host", "Account", "URL", "Process"]);
    let query = properties["query"].as_str().unwrap();
    assert!(query.contains("column_ifexists(\"BytesSent\", long(null))"));
    session.set_query(rule::TEXT.replace("LookBack = 24h", "LookBack = 30d"));
    let made = export(&mut session, ExportRequest::SentinelArm);
    assert!(made.text.contains("\"P14D\"") && made.notes.iter().any(|n| n.contains("14 days at most")));
    session.set_query("['odd] name'] | take 1\n]");
    assert!(export(&mut session, ExportRequest::SentinelArm).text.contains("\"query\": \"[['odd] name']"));
}

#[test]
fn the_yaml_says_the_same_and_its_query_reads_back_byte_for_byte() {
    let mut session = Session::new();
    let made = export(&mut session, ExportRequest::SentinelYaml);
    let yaml: Json = serde_saphyr::from_str(&made.text).unwrap();
    assert_eq!(yaml["queryPeriod"], "1d");
    assert_eq!(yaml["relevantTechniques"], serde_json::json!(["T1567.001"]));
    assert_eq!(
        yaml["requiredDataConnectors"][0]["dataTypes"],
        serde_json::json!(["DeviceNetworkEvents", "DeviceProcessEvents"])
    );
    let arm: Json = serde_json::from_str(&export(&mut session, ExportRequest::SentinelArm).text).unwrap();
    assert_eq!(yaml["query"], arm["resources"][0]["properties"]["query"]);
    for odd in ["  DeviceEvents\n  | take 1", "DeviceEvents\t| take 1 # not a comment: x\n\n\n", "\u{85}DeviceEvents"] {
        session.set_query(odd);
        let made = export(&mut session, ExportRequest::SentinelYaml);
        let yaml: Json = serde_saphyr::from_str(&made.text).unwrap_or_else(|e| panic!("{odd:?}: {e}\n{}", made.text));
        assert_eq!(yaml["query"].as_str().map(str::trim_end), Some(odd.trim_end()), "{}", made.text);
    }
}

#[test]
fn a_custom_detection_has_the_columns_that_defender_needs() {
    let mut session = Session::new();
    let made = export(&mut session, ExportRequest::DefenderDetection);
    let json: Json = serde_json::from_str(&made.text).unwrap();
    let query = json["queryCondition"]["queryText"].as_str().unwrap();
    session.set_query(query);
    let report = session.target_report(Target::Defender);
    assert!(report.runs && report.required.iter().all(|c| c.present), "{query}");
    let template = &json["detectionAction"]["alertTemplate"];
    assert_eq!(
        template["entityMappings"]["hosts"],
        serde_json::json!([{"deviceIdColumn": "DeviceId", "nameColumn": "DeviceName"}])
    );
    assert_eq!(template["tactics"][0]["techniques"], serde_json::json!([{"technique": "T1567.001"}]));
    assert_eq!(json["schedule"]["frequency"], "P1D");
    assert!(made.notes.iter().any(|n| n.contains("DeviceId, ReportId in its result: added")), "{:?}", made.notes);
}

#[test]
fn alerts_are_told_as_csv_and_json() {
    let mut session = session_of("scenario-3-gist-curl");
    let csv = export(&mut session, ExportRequest::AlertsCsv { cells: CsvCells::Exact });
    assert_eq!(csv.text.lines().count(), 2);
    assert_eq!(csv.file_name, "exfiltration-to-a-code-repository.alerts.csv");
    let json: Json = serde_json::from_str(&export(&mut session, ExportRequest::AlertsJson).text).unwrap();
    assert_eq!(json[0]["Signal"], "CodeRepoAPIUpload");
    assert_eq!(json[0]["RemotePort"], 443);
}

#[test]
fn what_does_not_run_somewhere_is_said() {
    let mut session = Session::new();
    session.set_query("DeviceProcessEvents | where FileName == 'x'");
    let portable = export(&mut session, ExportRequest::Portable { target: Target::Kusto });
    assert!(portable.notes.iter().any(|n| n.contains("does not run in plain Kusto")), "{:?}", portable.notes);
    assert_eq!(export(&mut session, ExportRequest::Kql).text, session.query());
    let failure = block_on(session.export(ExportRequest::SelfContained { rows: RowChoice::Alerts }, &Unpaced));
    assert_eq!(failure, Err(ExportFailure::Impossible("The query has to run first.".to_owned())));
}
