//! Histograms held against runs of the query with its threshold written anew.

use super::*;
use crate::{Options, sample};
use event_table::DateTime;
use kql_engine::run::{Unpaced, block_on};

fn histogram(session: &mut Session) -> Histogram {
    let thresholds = session.thresholds();
    assert_eq!(thresholds.len(), 1, "{thresholds:?}");
    block_on(session.histogram(thresholds[0].literal, &Unpaced)).unwrap().unwrap()
}

/// The query with its threshold at a value, run.
fn run_at(session: &mut Session, literal: Span, value: f64) -> crate::RunReport {
    let text = session.query().to_owned();
    let edits = set_scalar(&parse(&text), literal, &Scalar::Number(format!("{value}"))).unwrap();
    session.set_query(apply(&text, &edits).unwrap());
    let report = session.run_now(DateTime::MIN);
    assert!(!report.has_errors(), "{:?}", report.findings);
    session.set_query(text);
    session.run_now(DateTime::MIN);
    report
}

#[test]
fn the_score_at_every_place_is_what_a_run_with_the_threshold_there_gives() {
    let mut tried = 0;
    for id in ["evasion", "mixed-day", "scenario-1-contents-api", "fp-developers"] {
        for (op, written) in [
            (">", "> UploadThreshold"),
            (">=", ">= UploadThreshold"),
            ("<", "< UploadThreshold"),
            ("<=", "<= UploadThreshold"),
        ] {
            let mut session = Session::new();
            session.load_sample(sample(id).unwrap());
            session.set_query(crate::rule::TEXT.replace("> UploadThreshold", written));
            session.run_now(DateTime::MIN);
            let histogram = histogram(&mut session);
            assert!(histogram.all_places && histogram.places.is_sorted_by(|a, b| a.value < b.value));
            let mut values: Vec<f64> = histogram.places.iter().map(|p| p.value).collect();
            values.extend(values.clone().windows(2).map(|pair| ((pair[0] + pair[1]) / 2.0).floor()));
            values.extend([0.0, 524_288.0, 1e12]);
            let every = values.len().div_ceil(12);
            for value in values.into_iter().step_by(every) {
                let told = histogram.at(value).unwrap();
                let report = run_at(&mut session, histogram.threshold.literal, value);
                let signal = &report.signals[histogram.threshold.signals[0]];
                assert_eq!(told.alerts, signal.alerts, "{id} {op} {value}");
                let score = report.score.unwrap();
                assert_eq!(
                    (told.true_positives, told.false_positives, told.false_negatives, told.unlabelled),
                    (score.true_positives, score.false_positives, score.false_negatives, score.unlabelled),
                    "{id} {op} {value}"
                );
                assert_eq!((told.precision, told.recall), (score.precision, score.recall));
                tried += 1;
            }
        }
    }
    assert!(tried > 100);
}

#[test]
fn every_row_stands_in_the_bar_of_its_value() {
    let mut log = String::from("Timestamp,RemoteUrl,InitiatingProcessFileName,BytesSent\n");
    let values: [i64; 14] =
        [-5, 0, 0, 1, 2, 3, 4, 524_287, 524_288, 524_289, 1 << 40, (1 << 53) - 1, 1 << 53, i64::MAX];
    for value in values {
        log.push_str(&format!("2025-06-01T10:00:00Z,github.com,git.exe,{value}\n"));
    }
    log.push_str("2025-06-01T10:00:00Z,github.com,git.exe,\n");
    let mut session = Session::new();
    session.load("DeviceNetworkEvents.csv", log.as_bytes(), Options::default());
    session.run_now(DateTime::MAX);
    let histogram = histogram(&mut session);
    assert_eq!((histogram.rows, histogram.missing), (15, 1));
    assert_eq!(histogram.bars.iter().map(|bar| bar.rows).sum::<usize>(), 14);
    assert_eq!(histogram.bars[0].rows, 3, "zero and less");
    for bar in &histogram.bars[1..] {
        let inside = values.iter().filter(|v| (bar.from..bar.to).contains(&(**v as f64))).count();
        assert_eq!(bar.rows, inside, "{bar:?}");
    }
    assert!(histogram.bars.iter().any(|bar| bar.from == 524_288.0), "the shipped threshold stands at an edge");
    assert_eq!(histogram.bars.iter().map(|bar| bar.alerts).sum::<usize>(), 5);
    assert_eq!(histogram.bars.iter().map(|bar| bar.decided).sum::<usize>(), 14);
    assert_eq!(histogram.threshold.name.as_deref(), Some("UploadThreshold"));
}

#[test]
fn only_numbers_that_decide_by_themselves_are_thresholds() {
    let mut session = Session::new();
    session.load_sample(sample("mixed-day").unwrap());
    for (query, expected) in [
        ("DeviceNetworkEvents | where BytesSent > 5", 1),
        ("DeviceNetworkEvents | where 5 < BytesSent and RemotePort < 1000", 2),
        ("DeviceNetworkEvents | where BytesSent > 5 or RemotePort == 22", 0),
        ("DeviceNetworkEvents | where RemotePort == 22", 0),
        ("let t = 5; DeviceNetworkEvents | where BytesSent > t and RemotePort > t", 0),
        ("DeviceNetworkEvents | summarize n = count() by DeviceName | where n > 5", 0),
        ("DeviceNetworkEvents | where BytesSent * 2 > 5", 0),
        ("DeviceNetworkEvents | where BytesSent > 512 * 1024", 0),
    ] {
        session.set_query(query);
        session.run_now(DateTime::MAX);
        assert_eq!(session.thresholds().len(), expected, "{query}");
    }
    assert!(block_on(session.histogram(Span::new(0, 1), &Unpaced)).unwrap().is_none());
}

#[test]
fn a_histogram_of_nothing_has_no_bars() {
    let mut session = Session::new();
    session.load_sample(sample("scenario-2-force-push").unwrap());
    session.run_now(DateTime::MIN);
    let histogram = histogram(&mut session);
    assert_eq!((histogram.bars.len(), histogram.missing), (0, histogram.rows));
    assert_eq!(histogram.places.len(), 1);
}
