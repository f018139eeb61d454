//! What is said of a run in sentences, for ears and for eyes.

use detection::{Finding, RunReport, SignalReport, SignalSight, SignalState, SourceSight};
use event_logs::{Encoding, Format};
use kql_syntax::Severity;

use crate::format::{counted, grouped};
use crate::protocol::TableRow;

/// The outcome of a run in a breath: for screen readers.
pub fn outcome(report: &RunReport, kind: ResultKind) -> String {
    if report.has_errors() {
        return problems(report);
    }
    let rows = counted(report.rows, kind.noun());
    let signals = report.signals.iter().map(|signal| format!("{}: {}.", signal.name, state_sentence(signal)));
    format!("{rows}. {}", signals.collect::<Vec<_>>().join(" ")).trim_end().to_owned()
}

/// What keeps a query from running.
pub fn problems(report: &RunReport) -> String {
    let errors: Vec<&Finding> = report.findings.iter().filter(|f| f.severity == Severity::Error).collect();
    match (errors.as_slice(), &report.failure) {
        ([first, rest @ ..], _) => {
            let more = if rest.is_empty() { String::new() } else { format!(" And {} more.", rest.len()) };
            format!("Line {}: {}{more}", first.line, first.message)
        }
        ([], Some(failure)) => failure.clone(),
        ([], None) => String::new(),
    }
}

/// What the rows of a result are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    /// Rows of the logs, each of which can tell its story.
    Alerts,
    /// Rows that were computed: counts, groups, values of the query itself.
    Rows,
}

impl ResultKind {
    /// What a result is, by its first rows; one without rows would be of alerts where there are signals.
    pub fn of(report: &RunReport, rows: &[TableRow]) -> ResultKind {
        let is_alerts = match rows.first() {
            Some(first) => first.record.is_some(),
            None => report.signals.iter().any(|signal| signal.funnel.is_some()),
        };
        if is_alerts { ResultKind::Alerts } else { ResultKind::Rows }
    }

    /// What one of them is called.
    pub fn noun(self) -> &'static str {
        match self {
            ResultKind::Alerts => "alert",
            ResultKind::Rows => "row",
        }
    }
}

/// What a signal did, in a few words.
pub fn state_sentence(signal: &SignalReport) -> String {
    match signal.state {
        SignalState::Fired => format!("fired, {}", counted(signal.alerts, "alert")),
        SignalState::Quiet => "quiet".to_owned(),
        SignalState::NotEvaluable => format!("not evaluable, no value in {}", list(&signal.missing_columns)),
    }
}

/// Names in a row: `a`, `a and b`, `a, b and c`.
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// For each signal that cannot fire on these logs, why: said before any result.
pub fn blind_spots(report: &RunReport) -> Vec<String> {
    let blind = report.signals.iter().filter(|signal| signal.state == SignalState::NotEvaluable);
    let sentence = |signal: &SignalReport| {
        let funnel = signal.funnel.as_ref()?;
        let columns = list(&signal.missing_columns);
        Some(if funnel.rows == 0 {
            format!("No row of {} is loaded: {} cannot fire on these logs.", funnel.table, signal.name)
        } else {
            format!(
                "{columns}: 0 of {} rows have a value. {} cannot fire on these logs.",
                grouped(funnel.rows as u64),
                signal.name
            )
        })
    };
    blind.filter_map(sentence).collect()
}

/// What keeps signals from firing on one source, a sentence for each reason.
pub fn unseen(report: &RunReport, sight: &SourceSight) -> Vec<String> {
    let mut reasons: Vec<(&SignalSight, Vec<String>)> = Vec::new();
    for blind in sight.signals.iter().filter(|signal| signal.rows == 0 || !signal.missing_columns.is_empty()) {
        let Some(name) = report.signals.get(blind.signal).map(|signal| signal.name.clone()) else { continue };
        let is_same = |known: &SignalSight| {
            let same_columns = known.rows == 0 || known.missing_columns == blind.missing_columns;
            known.table == blind.table && same_columns
        };
        match reasons.iter_mut().find(|(known, _)| is_same(known)) {
            Some((_, names)) => names.push(name),
            None => reasons.push((blind, vec![name])),
        }
    }
    let sentence = |(blind, names): (&SignalSight, Vec<String>)| match blind.rows {
        0 => format!("It has no rows of {}: {} cannot fire on it.", blind.table, list(&names)),
        rows => format!(
            "{}: 0 of its {} rows of {} have a value. {} cannot fire on them.",
            list(&blind.missing_columns),
            grouped(rows as u64),
            blind.table,
            list(&names)
        ),
    };
    reasons.into_iter().map(sentence).collect()
}

/// Whether the clock alone keeps every signal quiet: no row of any table passes a condition on the time, although
/// there are rows.
pub fn nothing_in_time(report: &RunReport) -> bool {
    let mut seen = false;
    for funnel in report.signals.iter().filter_map(|signal| signal.funnel.as_ref()).filter(|funnel| funnel.rows > 0) {
        let times = |columns: &[String]| columns.iter().any(|c| c == "Timestamp" || c == "TimeGenerated");
        let Some(position) = funnel.steps.iter().position(|step| times(&step.columns)) else { return false };
        let before = position.checked_sub(1).map_or(funnel.rows, |before| funnel.steps[before].left);
        if before == 0 || funnel.steps[position].left > 0 {
            return false;
        }
        seen = true;
    }
    seen
}

/// How what is in a log is stored: of text, by which characters.
pub fn stored(format: Format, stored: Encoding) -> &'static str {
    match format {
        Format::Empty => "empty",
        format if !format.is_text() => "binary",
        _ => encoding(stored),
    }
}

/// How the characters of a log are stored.
pub fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16, low byte first",
        Encoding::Utf16Be => "UTF-16, high byte first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detection::{Clock, Options, Session};
    use event_table::DateTime;

    fn report(sample: &str, query: Option<&str>, clock: Clock) -> RunReport {
        let mut session = Session::new();
        session.load_sample(detection::sample(sample).unwrap());
        if let Some(query) = query {
            session.set_query(query);
        }
        session.set_clock(clock);
        session.run_now(DateTime::from_date(2031, 1, 1).unwrap())
    }

    #[test]
    fn an_outcome_names_each_signal_and_its_state() {
        let report = report("scenario-2-force-push", None, Clock::Newest);
        assert_eq!(
            outcome(&report, ResultKind::Alerts),
            "1 alert. LargeUploadToCodeRepo: not evaluable, no value in BytesSent. GitPushToExternalRepo: fired, 1 \
             alert. CodeRepoAPIUpload: quiet."
        );
        assert_eq!(
            blind_spots(&report),
            ["BytesSent: 0 of 1 rows have a value. LargeUploadToCodeRepo cannot fire on these logs."]
        );
    }

    #[test]
    fn what_the_rule_does_not_see_of_a_log_is_told_by_log() {
        let report = report("scenario-4-python-urllib", None, Clock::Newest);
        let told: Vec<Vec<String>> = report.sources.iter().map(|sight| unseen(&report, sight)).collect();
        let process =
            "It has no rows of DeviceProcessEvents: GitPushToExternalRepo and CodeRepoAPIUpload cannot fire on it.";
        assert!(told.concat().iter().any(|words| words == process), "{told:?}");
        let bytes = "BytesSent: 0 of its 1 rows of DeviceNetworkEvents have a value. LargeUploadToCodeRepo cannot fire on them.";
        assert!(told.concat().iter().any(|words| words == bytes), "{told:?}");
    }

    #[test]
    fn computed_rows_are_no_alerts() {
        let report = report("scenario-2-force-push", Some("DeviceProcessEvents | count"), Clock::Newest);
        let row = |record| TableRow { row: 0, cells: Vec::new(), cut: Vec::new(), signal: None, record, label: None };
        let record = event_table::RowRef { table: 0, row: 0 };
        assert_eq!(ResultKind::of(&report, &[row(None)]), ResultKind::Rows);
        assert_eq!(ResultKind::of(&report, &[row(Some(record))]), ResultKind::Alerts);
        assert_eq!(ResultKind::of(&RunReport::default(), &[]), ResultKind::Rows);
        assert!(outcome(&report, ResultKind::Rows).starts_with("1 row."));
        let none =
            self::report("scenario-2-force-push", Some("DeviceProcessEvents | where FileName == 'x'"), Clock::Newest);
        assert_eq!(ResultKind::of(&none, &[]), ResultKind::Alerts);
    }

    #[test]
    fn errors_are_told_with_their_line() {
        let report = report(
            "scenario-2-force-push",
            Some("DeviceProcessEvents\n| where Nope == 1\n| where Nay == 2"),
            Clock::Newest,
        );
        let said = outcome(&report, ResultKind::Alerts);
        assert!(said.starts_with("Line 2: ") && said.contains("Nope") && said.ends_with("And 1 more."), "{said}");
    }

    #[test]
    fn the_wall_clock_leaves_old_logs_without_a_row_in_time() {
        assert!(nothing_in_time(&report("mixed-day", None, Clock::Wall)));
        assert!(!nothing_in_time(&report("mixed-day", None, Clock::Newest)));
        let mut empty = Session::new();
        assert!(!nothing_in_time(&empty.run_now(DateTime::MAX)));
        empty.load("x.csv", b"a,b\n1,2\n", Options::default());
        assert!(!nothing_in_time(&empty.run_now(DateTime::MAX)));
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        let names = |names: &[&str]| list(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!((names(&[]), names(&["a"]), names(&["a", "b"])), (String::new(), "a".into(), "a and b".into()));
        assert_eq!(names(&["a", "b", "c"]), "a, b and c");
    }
}
