//! Each target's verdict on the shipped rule and on others, and that the offered forms keep their promise.

use super::*;
use crate::{rule, samples};
use kql_syntax::edit::apply;

fn session(text: &str) -> Session {
    let mut session = Session::new();
    session.set_query(text);
    session
}

fn names(report: &TargetReport) -> Vec<(LackKind, &str, usize)> {
    report.lacks.iter().map(|l| (l.kind, l.name.as_str(), l.places.len())).collect()
}

/// The text of a report's portable form.
fn portable(text: &str, report: &TargetReport) -> String {
    let suggestion = report.portable.as_ref().unwrap_or_else(|| panic!("{report:#?}"));
    apply(text, &suggestion.edits).unwrap()
}

#[test]
fn the_shipped_rule_lacks_three_columns_in_defender_and_its_portable_form_none() {
    for target in [Target::Defender, Target::Sentinel] {
        let report = session(rule::TEXT).target_report(target);
        assert!(!report.runs && report.findings.is_empty(), "{report:#?}");
        let column = LackKind::Column;
        assert_eq!(
            names(&report),
            [(column, "BytesSent", 3), (column, "AccountName", 1), (column, "BytesReceived", 1)]
        );
        for lack in &report.lacks {
            let known = lack.column.as_ref().unwrap();
            assert_eq!((known.origin, &*known.table), (ColumnOrigin::Extension, "DeviceNetworkEvents"));
            for place in &lack.places {
                assert_eq!(place.span.of(rule::TEXT), lack.name);
                let line = rule::TEXT.lines().nth(place.line as usize - 1).unwrap();
                assert!(line.contains(&lack.name), "{line}");
            }
        }
        let text = portable(rule::TEXT, &report);
        assert!(session(&text).target_report(target).runs, "{text}");
        let extended = "    DeviceNetworkEvents
    | extend
        BytesSent = column_ifexists(\"BytesSent\", long(null)),
        AccountName = column_ifexists(\"AccountName\", \"\"),
        BytesReceived = column_ifexists(\"BytesReceived\", long(null))
    | where Timestamp > ago(LookBack)";
        assert!(text.contains(extended), "{text}");
    }
}

#[test]
fn the_portable_form_gives_the_same_result_on_every_sample() {
    let text = portable(rule::TEXT, &session(rule::TEXT).target_report(Target::Defender));
    for sample in samples() {
        let run = |text: &str| {
            let mut session = session(text);
            session.load_sample(sample);
            let report = session.run_now(DateTime::MIN);
            assert!(!report.has_errors());
            session.rows(0..report.rows).into_iter().map(|row| row.cells).collect::<Vec<_>>()
        };
        assert_eq!(run(&text), run(rule::TEXT), "{}", sample.id);
    }
}

#[test]
fn what_a_target_lacks_is_told_and_mended_wherever_it_stands() {
    let network = "DeviceNetworkEvents";
    for (text, target, lacking, expected) in [
        (
            "DeviceNetworkEvents | where BytesSent > 1 | project BytesSent".to_owned(),
            Target::Defender,
            vec!["BytesSent"],
            Some("DeviceNetworkEvents | extend BytesSent = column_ifexists(\"BytesSent\", long(null)) | where BytesSent > 1 | project BytesSent".to_owned()),
        ),
        (
            "let N = DeviceNetworkEvents;\nN\n| summarize sum(BytesSent) by AccountName".to_owned(),
            Target::Sentinel,
            vec!["BytesSent", "AccountName"],
            Some("let N = DeviceNetworkEvents;\nN\n| extend\n    BytesSent = column_ifexists(\"BytesSent\", long(null)),\n    AccountName = column_ifexists(\"AccountName\", \"\")\n| summarize sum(BytesSent) by AccountName".to_owned()),
        ),
        (
            format!("union {network}, DeviceProcessEvents | where BytesSent > 1 | count"),
            Target::Defender,
            vec!["BytesSent"],
            Some(format!("union {network}, DeviceProcessEvents | extend BytesSent = column_ifexists(\"BytesSent\", long(null)) | where BytesSent > 1 | count")),
        ),
        (
            format!("DeviceProcessEvents | join ({network} | where BytesSent > 5) on DeviceId | count"),
            Target::Defender,
            vec!["BytesSent"],
            Some(format!("DeviceProcessEvents | join ({network} | extend BytesSent = column_ifexists(\"BytesSent\", long(null)) | where BytesSent > 5) on DeviceId | count")),
        ),
        (format!("{network} | where TimeGenerated > ago(1d) | count"), Target::Sentinel, vec![], None),
        (
            format!("{network} | where TimeGenerated > ago(1d) | count"),
            Target::Defender,
            vec!["TimeGenerated"],
            Some(format!("{network} | extend TimeGenerated = column_ifexists(\"TimeGenerated\", datetime(null)) | where TimeGenerated > ago(1d) | count")),
        ),
        (format!("{network} | count"), Target::Kusto, vec![network], None),
        ("print 1".to_owned(), Target::Kusto, vec![], None),
    ] {
        let report = session(&text).target_report(target);
        assert_eq!(report.lacks.iter().map(|l| &*l.name).collect::<Vec<_>>(), lacking, "{text}");
        assert_eq!(report.runs, lacking.is_empty(), "{text}");
        assert_eq!(report.portable.as_ref().map(|p| apply(&text, &p.edits).unwrap()), expected, "{text}");
    }
}

#[test]
fn a_column_that_a_log_brought_is_lacking_everywhere() {
    let mut session = session("DeviceProcessEvents | where Score > 5");
    session.load(
        "DeviceProcessEvents.json",
        br#"[{"Timestamp":"2025-06-01","FileName":"git","ProcessCommandLine":"git push","Score":7}]"#,
        crate::Options::default(),
    );
    let report = session.target_report(Target::Defender);
    let column = report.lacks[0].column.clone().unwrap();
    assert_eq!((column.origin, column.ty), (ColumnOrigin::Log, ColumnType::Long));
    assert!(portable(session.query(), &report).contains("column_ifexists(\"Score\", long(null))"));
}

#[test]
fn a_custom_detection_gets_the_columns_that_it_needs() {
    let report = session(rule::TEXT).target_report(Target::Defender);
    let present: Vec<(&str, bool)> = report.required.iter().map(|c| (&*c.name, c.present)).collect();
    assert_eq!(present, [("Timestamp", true), ("DeviceId", false), ("ReportId", false)]);
    let base = portable(rule::TEXT, &report);
    let text = apply(&base, &report.with_required.as_ref().unwrap().edits).unwrap();
    let there = session(&text).target_report(Target::Defender);
    assert!(there.runs && there.required.iter().all(|c| c.present) && there.with_required.is_none(), "{text}");
    assert!(text.contains("        InitiatingProcessParentFileName,\n        DeviceId,\n        ReportId;"), "{text}");
    for (text, can) in [
        ("DeviceProcessEvents | where FileName == 'x'", None),
        ("DeviceProcessEvents | project Timestamp, FileName", Some(true)),
        ("DeviceProcessEvents | summarize count() by FileName", Some(false)),
    ] {
        let report = session(text).target_report(Target::Defender);
        assert_eq!(report.with_required.is_some(), can == Some(true), "{text}");
        assert_eq!(report.required.iter().all(|c| c.present), can.is_none(), "{text}");
    }
}

#[test]
fn notes_tell_what_is_different_there() {
    let note = |text: &str, target: Target| session(text).target_report(target).notes.join(" ");
    assert!(note("DeviceProcessEvents | where Timestamp > ago(60d)", Target::Defender).contains("30 days"));
    assert!(note("DeviceProcessEvents | where Timestamp > ago(1d)", Target::Sentinel).contains("TimeGenerated"));
    assert!(note("print 1", Target::Kusto).contains("no tables of yours"));
    assert!(note(rule::TEXT, Target::Defender).contains("your ingestion adds them"));
    assert!(note("DeviceProcessEvents | where Nope > 1", Target::Defender).contains("mend them first"));
}

#[test]
fn the_look_back_is_the_longest_span_that_a_time_is_compared_with() {
    let day = event_table::TICKS_PER_DAY;
    for (text, expected) in [
        (rule::TEXT, Some(day)),
        ("T | where Timestamp > ago(2d) and x > 30d", Some(2 * day)),
        ("let L = 36h; let S = ago(L); T | where TimeGenerated > S | where Timestamp > ago(1h)", Some(day * 3 / 2)),
        ("T | where x > 5", None),
    ] {
        assert_eq!(look_back(&parse(text)), expected, "{text}");
    }
}
