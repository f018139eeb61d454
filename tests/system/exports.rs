//! Exports held against their receivers: Microsoft's analyzer with the target's own tables, and hand-kept schemas of
//! what Sentinel and Defender take.
//!
//! The analyzer needs Node.js and its package: `cargo xtask test` brings both.

use crate::{analyzer, root, scratch, wall};
use detection::{Export, ExportRequest, RowChoice, Session, Target, rule, samples};
use kql_engine::run::{Unpaced, block_on};
use serde_json::{Value as Json, json};
use std::fs;
use std::process::Command;

/// The errors that the analyzer finds in each query, with these tables known.
fn errors(tables: &Json, queries: &[String], name: &str) -> Vec<Vec<String>> {
    let folder = analyzer::folder();
    let (schema, cases) = (scratch(&format!("{name}-schema.json")), scratch(&format!("{name}.jsonl")));
    fs::write(&schema, tables.to_string()).expect("the scratch folder can be written");
    let lines: Vec<String> = queries.iter().map(|query| json!({ "query": query }).to_string()).collect();
    fs::write(&cases, lines.join("\n")).expect("the scratch folder can be written");
    let asked =
        Command::new("node").current_dir(&folder).args(["ask.js", "--schema"]).arg(&schema).arg(&cases).output();
    let _ = (fs::remove_file(&schema), fs::remove_file(&cases));
    let asked = asked.expect("Node.js starts");
    assert!(asked.status.success(), "ask.js failed: {}", String::from_utf8_lossy(&asked.stderr));
    let answers = String::from_utf8(asked.stdout).expect("answers are text");
    let errors = answers.lines().map(|line| {
        let answer: Json = serde_json::from_str(line).expect("an answer is JSON");
        let list = answer["errors"].as_array().expect("a list");
        list.iter().map(|error| error["message"].as_str().unwrap_or_default().to_owned()).collect()
    });
    let errors: Vec<Vec<String>> = errors.collect();
    assert_eq!(errors.len(), queries.len());
    errors
}

fn tables(target: Target) -> Json {
    let set = target.tables();
    json!(set.names().into_iter().filter_map(|name| set.schema(name)).collect::<Vec<_>>())
}

fn export(session: &mut Session, request: ExportRequest) -> Export {
    block_on(session.export(request, &Unpaced)).expect("it can be made")
}

/// The shipped rule and ways to write parts of it, with what Defender and Sentinel lack in different places.
fn rules() -> Vec<String> {
    vec![
        rule::TEXT.to_owned(),
        rule::TEXT.replace(
            "\n| sort by Timestamp desc",
            "\n| where AccountName !startswith \"svc-\" | sort by Timestamp desc",
        ),
        "DeviceNetworkEvents | where BytesSent > 1000 | project Timestamp, DeviceName, AccountName, BytesSent"
            .to_owned(),
        "DeviceNetworkEvents | where RemoteUrl has 'github.com' | summarize Sent = sum(BytesSent) by DeviceName"
            .to_owned(),
        "let T = DeviceNetworkEvents | where Timestamp > ago(1d); T | where BytesReceived > 5 or BytesSent > 5"
            .to_owned(),
        "DeviceProcessEvents | where FileName =~ 'git.exe' | take 5".to_owned(),
    ]
}

#[test]
fn the_analyzer_finds_no_error_in_what_goes_to_defender_and_sentinel() {
    for (target, name) in [(Target::Defender, "defender"), (Target::Sentinel, "sentinel")] {
        let mut queries = Vec::new();
        for text in rules() {
            let mut session = Session::new();
            session.set_query(text);
            queries.push(export(&mut session, ExportRequest::Portable { target }).text);
            let whole = match target {
                Target::Defender => {
                    let made = export(&mut session, ExportRequest::DefenderDetection);
                    let json: Json = serde_json::from_str(&made.text).expect("it is JSON");
                    json["queryCondition"]["queryText"].clone()
                }
                _ => {
                    let made = export(&mut session, ExportRequest::SentinelArm);
                    let json: Json = serde_json::from_str(&made.text).expect("it is JSON");
                    json["resources"][0]["properties"]["query"].clone()
                }
            };
            queries.push(whole.as_str().expect("a query is text").to_owned());
        }
        // What is asked can say no: the rule as it stands does not resolve there.
        queries.push(rule::TEXT.to_owned());
        let mut found = errors(&tables(target), &queries, name);
        let own = found.pop().expect("the rule was asked last");
        assert!(own.iter().any(|error| error.contains("BytesSent")), "{name}: {own:?}");
        for (query, errors) in queries.iter().zip(found) {
            assert!(errors.is_empty(), "{name}: {errors:?}\n{query}");
        }
    }
}

#[test]
fn the_analyzer_finds_no_error_in_self_contained_queries_where_no_table_is_known() {
    let mut queries = Vec::new();
    for sample in samples() {
        let mut session = Session::new();
        session.load_sample(sample);
        session.run_now(wall());
        for rows in [RowChoice::Alerts, RowChoice::AlertsAndNearMisses] {
            queries.push(export(&mut session, ExportRequest::SelfContained { rows }).text);
        }
    }
    queries.push("DeviceProcessEvents".to_owned());
    let mut found = errors(&json!([]), &queries, "self-contained");
    assert_eq!(found.pop().map(|errors| errors.len()), Some(1), "a table that nobody knows is an error");
    for (query, errors) in queries.iter().zip(found) {
        assert!(errors.is_empty(), "{errors:?}\n{}", &query[..query.len().min(4_000)]);
    }
}

fn schema(name: &str) -> Json {
    let text = fs::read_to_string(root().join("tests/schemas").join(name)).expect("the schema is there");
    serde_json::from_str(&text).expect("the schema is JSON")
}

fn holds(schema: &Json, value: &Json) {
    let errors = crate::schema::errors(schema, value);
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

#[test]
fn rules_and_detections_have_the_fields_that_sentinel_and_defender_take() {
    let (arm, yaml) = (schema("sentinel-rule.arm.json"), schema("sentinel-rule.yaml.json"));
    let defender = schema("defender-detection.json");
    for text in rules() {
        let mut session = Session::new();
        session.set_query(text);
        let made = export(&mut session, ExportRequest::SentinelArm).text;
        let mut value: Json = serde_json::from_str(&made).expect("it is JSON");
        holds(&arm, &value);
        value["resources"][0]["properties"]["queryPeriod"] = json!("1d");
        assert!(!crate::schema::errors(&arm, &value).is_empty(), "a schema that takes everything shows nothing");
        let made = export(&mut session, ExportRequest::SentinelYaml).text;
        holds(&yaml, &serde_saphyr::from_str(&made).expect("it is YAML"));
        let made = export(&mut session, ExportRequest::DefenderDetection).text;
        holds(&defender, &serde_json::from_str(&made).expect("it is JSON"));
    }
}

/// The ids of MITRE ATT&CK for exfiltration to a code repository, where each format has them.
#[test]
fn every_rule_format_names_the_tactic_and_the_technique() {
    let mut session = Session::new();
    let mut made = |request| export(&mut session, request).text;
    let arm: Json = serde_json::from_str(&made(ExportRequest::SentinelArm)).expect("it is JSON");
    let yaml: Json = serde_saphyr::from_str(&made(ExportRequest::SentinelYaml)).expect("it is YAML");
    let defender: Json = serde_json::from_str(&made(ExportRequest::DefenderDetection)).expect("it is JSON");
    let arm = &arm["resources"][0]["properties"];
    for (found, wanted) in [
        (&arm["tactics"], json!(["Exfiltration"])),
        (&arm["techniques"], json!(["T1567"])),
        (&arm["subTechniques"], json!(["T1567.001"])),
        (&yaml["tactics"], json!(["Exfiltration"])),
        (&yaml["relevantTechniques"], json!(["T1567.001"])),
        (
            &defender["detectionAction"]["alertTemplate"]["tactics"],
            json!([{ "tactic": "Exfiltration", "techniques": [{ "technique": "T1567.001" }] }]),
        ),
    ] {
        assert_eq!(*found, wanted);
    }
}

/// What the schemas are for: a rule that lacks what a service asks for, or says it wrongly, is refused.
#[test]
fn the_schemas_refuse_rules_that_a_service_would_refuse() {
    let mut session = Session::new();
    for (file, request, wrong) in [
        (
            "sentinel-rule.arm.json",
            ExportRequest::SentinelArm,
            [
                ("/resources/0/properties/tactics", json!(["Exfiltrate"])),
                ("/resources/0/properties/techniques", json!(["T1567.001"])),
                ("/resources/0/properties/severity", json!("medium")),
                ("/resources/0/properties/triggerOperator", json!("gt")),
            ],
        ),
        (
            "defender-detection.json",
            ExportRequest::DefenderDetection,
            [
                ("/detectionAction/alertTemplate/tactics/0/tactic", json!("exfiltration")),
                ("/detectionAction/alertTemplate/severity", json!("Medium")),
                ("/schedule/frequency", json!("PT24H")),
                ("/queryCondition", json!({})),
            ],
        ),
    ] {
        let good: Json = serde_json::from_str(&export(&mut session, request).text).expect("it is JSON");
        let schema = schema(file);
        holds(&schema, &good);
        for (place, value) in wrong {
            let mut bad = good.clone();
            *bad.pointer_mut(place).unwrap_or_else(|| panic!("{file} has no {place}")) = value;
            assert!(!crate::schema::errors(&schema, &bad).is_empty(), "{file} takes a wrong {place}");
        }
    }
}
