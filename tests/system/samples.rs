//! The sample logs: the shipped rule makes of each what its manifest and its labels say, row for row.
//!
//! Both were written by hand, and an independent reading of the rule is held against them as well
//! (`tests/reference/test_samples.py`).

use crate::wall;
use detection::{Expected, Options, RunReport, Sample, Session, samples};
use std::collections::BTreeMap;

fn run(sample: &Sample) -> (Session, RunReport) {
    let mut session = Session::new();
    for file in &sample.files {
        let report = session.load(file.name(), file.bytes(), Options::default());
        assert!(report.failure.is_none(), "{}: {:?}", file.path, report.failure);
        assert_eq!(report.rejected.total, 0, "{}: {:?}", file.path, report.rejected.first);
    }
    let report = session.run_now(wall());
    assert!(!report.has_errors(), "{}: {:?}", sample.id, report.findings);
    (session, report)
}

#[test]
fn every_sample_gives_the_states_and_alerts_of_its_manifest() {
    assert!(samples().len() >= 12, "only {} samples", samples().len());
    for sample in samples() {
        let (_, report) = run(sample);
        let found: BTreeMap<String, Expected> =
            report.signals.iter().map(|s| (s.name.clone(), Expected { state: s.state, alerts: s.alerts })).collect();
        assert_eq!(found, sample.expected, "{}", sample.id);
    }
}

/// (file, line, signal) of each alert.
type Alerts = Vec<(String, u64, String)>;

#[test]
fn every_alert_stands_on_a_record_whose_label_names_its_signal() {
    for sample in samples() {
        let (session, report) = run(sample);
        let alert = |row: usize| {
            let leg = session.result().expect("a result").origin(row).expect("a row of a log").leg.expect("a leg");
            let story = session.story_of_result(row).expect("a story");
            let line = story.record.expect("a record").line;
            (story.source, line, report.signals[usize::from(leg)].name.clone())
        };
        let mut found: Alerts = (0..report.rows).map(alert).collect();
        let labels = sample.labels();
        let mut said: Alerts = labels
            .rows
            .iter()
            .flat_map(|label| label.signals.iter().map(|signal| (label.file.clone(), label.line, signal.clone())))
            .collect();
        found.sort();
        said.sort();
        assert_eq!(found, said, "{}", sample.id);
    }
}

#[test]
fn every_alert_has_a_story_in_which_its_signal_holds_and_only_those_that_fired_do() {
    for sample in samples() {
        let (session, report) = run(sample);
        let relation = session.result().expect("a result");
        let mut fired: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for row in 0..report.rows {
            let origin = relation.origin(row).expect("a row of a log");
            fired.entry(origin.row).or_default().push(usize::from(origin.leg.expect("a leg")));
        }
        for (row, mut legs) in fired {
            let story = session.story(row).expect("a story");
            legs.sort_unstable();
            let held: Vec<usize> = story.signals.iter().filter(|s| s.holds).map(|s| s.signal).collect();
            assert_eq!(held, legs, "{} {row:?}", sample.id);
        }
    }
}
