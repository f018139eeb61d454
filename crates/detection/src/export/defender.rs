//! A Defender custom detection in the shape of Microsoft Graph's `microsoft.graph.security.detectionRule`
//! (`POST /beta/security/rules/detectionRules`): the columns of the result that name entities, MITRE ids, a schedule.

use super::RuleFacts;
use super::about::iso_duration;
use crate::session::Session;
use crate::target::Target;
use event_table::{TICKS_PER_DAY, TICKS_PER_SECOND};
use kql_syntax::edit::apply;
use serde_json::{Map, Value as Json, json};

const HOUR: i64 = 3600 * TICKS_PER_SECOND;
/// How often a detection can run.
const FREQUENCIES: [i64; 4] = [HOUR, 3 * HOUR, 12 * HOUR, TICKS_PER_DAY];

/// The detection as JSON, and what to know about it.
pub(super) fn detection(facts: &RuleFacts, session: &Session) -> (String, Vec<String>) {
    let report = session.target_report(Target::Defender);
    let (mut query, mut notes) = session.for_target(&report);
    let mut columns = session.result_columns();
    let missing: Vec<&str> = report.required.iter().filter(|c| !c.present).map(|c| c.name.as_str()).collect();
    if !missing.is_empty() {
        let edited = report.with_required.as_ref().and_then(|added| apply(&query, &added.edits).ok());
        match edited {
            Some(edited) => {
                query = edited;
                notes.push(format!("A custom detection needs {} in its result: added.", missing.join(", ")));
                columns.extend(missing.iter().map(|name| (*name).to_owned()));
            }
            None => notes.push(format!(
                "A custom detection needs {} in its result: add them, as the tables give them.",
                missing.join(", ")
            )),
        }
    }
    let frequency = frequency(facts.look_back);
    if facts.look_back.is_none() {
        notes.push("The query has no look-back: it runs once a day, over what Defender gives it.".to_owned());
    }
    let parts = facts.techniques.iter().map(|technique| json!({ "technique": technique }));
    let rule = json!({
        "displayName": facts.name,
        "description": facts.description,
        "status": "enabled",
        "queryCondition": { "queryText": query },
        "schedule": { "frequency": iso_duration(frequency) },
        "detectionAction": {
            "alertTemplate": {
                "title": facts.name,
                "description": facts.description,
                "severity": "medium",
                "recommendedActions": "See what was sent, from which device and account, and whether the repository is one of yours.",
                "entityMappings": entities(&columns),
                "tactics": [{ "tactic": "Exfiltration", "techniques": parts.collect::<Vec<_>>() }]
            }
        }
    });
    notes.push(
        "This is the shape with entityMappings; the older one, with impactedAssets, Microsoft withdraws in October 2026."
            .to_owned(),
    );
    let text = serde_json::to_string_pretty(&rule).unwrap_or_default();
    (format!("{text}\n"), notes)
}

/// As often as the query looks back, so that nothing is seen twice: the longest of the frequencies that is no longer.
fn frequency(look_back: Option<i64>) -> i64 {
    let back = look_back.unwrap_or(TICKS_PER_DAY);
    FREQUENCIES.iter().rev().copied().find(|frequency| *frequency <= back).unwrap_or(HOUR)
}

/// What the columns of the result name.
fn entities(columns: &[String]) -> Json {
    let has = |name: &str| columns.iter().any(|c| c == name);
    let mapped = |pairs: &[(&str, &str)]| {
        let fields: Map<String, Json> = pairs
            .iter()
            .filter(|(_, column)| has(column))
            .map(|(field, column)| ((*field).to_owned(), json!(column)))
            .collect();
        (!fields.is_empty()).then(|| json!([fields]))
    };
    let mut entities = Map::new();
    for (kind, pairs) in [
        ("hosts", &[("deviceIdColumn", "DeviceId"), ("nameColumn", "DeviceName")] as &[(&str, &str)]),
        (
            "accounts",
            &[("nameColumn", "AccountName"), ("ntDomainColumn", "AccountDomain"), ("sidColumn", "AccountSid")],
        ),
        ("files", &[("nameColumn", "FileName"), ("sha1Column", "SHA1"), ("sha256Column", "SHA256")]),
        ("ips", &[("addressColumn", "RemoteIP")]),
    ] {
        if let Some(mapping) = mapped(pairs) {
            entities.insert(kind.to_owned(), mapping);
        }
    }
    Json::Object(entities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detection_runs_as_often_as_it_looks_back() {
        for (back, expected) in [
            (None, "P1D"),
            (Some(TICKS_PER_DAY), "P1D"),
            (Some(2 * TICKS_PER_DAY), "P1D"),
            (Some(23 * HOUR), "PT12H"),
            (Some(4 * HOUR), "PT3H"),
            (Some(HOUR / 2), "PT1H"),
        ] {
            assert_eq!(iso_duration(frequency(back)), expected, "{back:?}");
        }
    }
}
