//! The columns of a log as they stand in it, to be mapped by hand.

use crate::session::Session;
use event_logs::{Proposal, propose};
use event_table::{SourceId, schema};
use kql_engine::scalar::convert;
use serde::{Deserialize, Serialize};

/// How many rows are looked through for an example.
const LOOKED_THROUGH: usize = 1000;
/// The longest example, in characters.
const EXAMPLE: usize = 80;

/// The columns of a log, and what they may stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogColumns {
    /// The columns, in the log's order.
    pub columns: Vec<LogColumnReport>,
    /// What they most likely stand for, the surest table first.
    pub proposals: Vec<Proposal>,
}

/// A column of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogColumnReport {
    /// Its name in the log.
    pub name: String,
    /// The table's column that it became.
    pub column: String,
    /// The first value in it, cut where it is long; empty where none of the first rows has one.
    pub example: String,
}

impl Session {
    /// The columns of a log; nothing of logs that have none by themselves, as those of Windows events.
    #[must_use]
    pub fn log_columns(&self, source: SourceId) -> LogColumns {
        let Some(source) = self.sources.iter().find(|s| s.id == source) else { return LogColumns::default() };
        let mut columns: Vec<LogColumnReport> = Vec::new();
        for known in &source.report.columns {
            let example = self.example(source.id, &known.table, &known.column);
            match columns.iter_mut().find(|column| *column.name == *known.name) {
                // Rows of several tables have the column.
                Some(column) if column.example.is_empty() => column.example = example,
                Some(_) => {}
                None => columns.push(LogColumnReport {
                    name: known.name.to_string(),
                    column: known.column.to_string(),
                    example,
                }),
            }
        }
        // A log that tells its own table needs no advice.
        let report = &source.report;
        let is_open = report.options.table.is_some()
            || report.options.columns.is_some()
            || report.tables.iter().any(|table| schema::published(&table.table).is_none());
        let names: Vec<&str> = columns.iter().filter(|_| is_open).map(|column| &*column.name).collect();
        let proposals = propose(&names);
        LogColumns { columns, proposals }
    }

    fn example(&self, source: SourceId, table: &str, column: &str) -> String {
        let Some(table) = self.tables.get(table) else { return String::new() };
        let Some(position) = table.schema().position(column) else { return String::new() };
        let batches = table.batches().iter().filter(|batch| batch.source() == source);
        let cells = batches.filter_map(|batch| batch.column(position.get()).map(|column| (column, batch.len())));
        let texts = cells.flat_map(|(column, rows)| (0..rows).map(|row| column.value(row))).take(LOOKED_THROUGH);
        let found = texts.map(|value| convert::to_text(&value).into_owned()).find(|text| !text.is_empty());
        let text = found.unwrap_or_default();
        if text.chars().nth(EXAMPLE).is_none() {
            return text;
        }
        text.chars().take(EXAMPLE - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_logs::{ColumnMapping, Mapping, Options};

    /// A proxy's log, with the fields of Squid's and of the W3C's format under names of their own.
    const PROXY: &str = "when,c-ip,cs-username,cs-host,r-port,cs-bytes,agent\n\
        22/Oct/2026:10:00:01 +0000,10.0.0.5,ada,api.github.com,443,900000,curl/8.5\n\
        22/Oct/2026:10:00:02 +0000,10.0.0.6,,example.com,443,1,x\n";

    fn mapping(pairs: &[(&str, &str)]) -> Option<Vec<ColumnMapping>> {
        let pair = |(from, to): &(&str, &str)| ColumnMapping { from: (*from).into(), to: (*to).into() };
        Some(pairs.iter().map(pair).collect())
    }

    #[test]
    fn columns_are_told_with_an_example_and_what_they_may_stand_for() {
        let mut session = Session::new();
        let id = session.load("proxy.csv", PROXY.as_bytes(), Options::default()).source;
        let told = session.log_columns(id);
        let column = |at: usize| (&*told.columns[at].name, &*told.columns[at].column, &*told.columns[at].example);
        assert_eq!(told.columns.len(), 7);
        assert_eq!(column(2), ("cs-username", "cs-username", "ada"));
        assert_eq!(column(5), ("cs-bytes", "cs-bytes", "900000"));
        assert_eq!(told.proposals.len(), 1);
        assert_eq!(told.proposals[0].columns.len(), 5, "{:?}", told.proposals[0]);
        let own = "Timestamp,DeviceName,RemoteUrl,RemotePort\n2026-10-22T10:00:00Z,pc,x,443\n";
        let id = session.load("own.csv", own.as_bytes(), Options::default()).source;
        assert_eq!((session.log_columns(id).columns.len(), session.log_columns(id).proposals), (4, Vec::new()));
        assert_eq!(session.log_columns(SourceId(99)), LogColumns::default());
    }

    #[test]
    fn what_a_user_says_of_one_log_holds_for_the_next_of_that_shape() {
        let columns = mapping(&[
            ("when", "Timestamp"),
            ("cs-host", "RemoteUrl"),
            ("cs-bytes", "BytesSent"),
            ("agent", "InitiatingProcessFileName"),
        ]);
        let options = Options { table: Some("DeviceNetworkEvents".into()), columns, ..Options::default() };
        let mut session = Session::new();
        let report = session.load("proxy.csv", PROXY.as_bytes(), options.clone()).clone();
        assert_eq!((report.rows(), &*report.tables[0].table), (2, "DeviceNetworkEvents"));
        let url = |session: &mut Session| {
            session.set_query("DeviceNetworkEvents | where BytesSent > 524288 | project Timestamp, RemoteUrl");
            session.run_now(event_table::DateTime::MAX);
            crate::output::csv(session)
        };
        let found = url(&mut session);
        assert!(found.contains("2026-10-22T10:00:01.0000000Z,api.github.com"), "{found}");

        let mut session = Session::new();
        session.set_mappings(vec![Mapping { shape: report.shape.clone(), options: options.clone() }]);
        // The same columns in another order are the same shape; one more is another.
        let other = "cs-host,when,c-ip,cs-username,r-port,cs-bytes,agent\nx.example,2026-10-22T11:00:00Z,,,,700000,y\n";
        let known = session.load("next.csv", other.as_bytes(), Options::default()).clone();
        assert_eq!((&known.options.columns, &*known.tables[0].table), (&options.columns, "DeviceNetworkEvents"));
        assert!(known.warnings.iter().any(|w| w.code == event_logs::Code::ColumnsMapped), "{:?}", known.warnings);
        assert!(url(&mut session).contains("2026-10-22T11:00:00.0000000Z,x.example"));
        let more = other.replace("agent\n", "agent,more\n").replace(",y\n", ",y,z\n");
        assert_eq!(session.load("more.csv", more.as_bytes(), Options::default()).options, Options::default());
        // And who says something of a log is heard.
        let own = Options { columns: Some(Vec::new()), ..Options::default() };
        assert_eq!(&*session.load("own.csv", other.as_bytes(), own).tables[0].table, "own");
    }

    #[test]
    fn json_is_mapped_as_csv_is_and_a_column_that_is_displaced_gets_another_name() {
        let log = "{\"ts\":1792663201.5,\"id.resp_h\":\"10.1.1.1\",\"orig_bytes\":700000,\"RemoteIP\":\"own\",\"host\":\"h\"}\n\
            {\"ts\":1792663202.5,\"orig_bytes\":1}\n";
        let columns = mapping(&[
            ("ts", "Timestamp"),
            ("id.resp_h", "RemoteIP"),
            ("orig_bytes", "BytesSent"),
            ("host", "RemoteIP"),
            ("", "X"),
            ("none", " "),
        ]);
        let options = Options { table: Some("DeviceNetworkEvents".into()), columns, ..Options::default() };
        let mut session = Session::new();
        let report = session.load("conn.log", log.as_bytes(), options).clone();
        assert_eq!(
            report.options.columns.as_ref().map(Vec::len),
            Some(3),
            "two for one column, and two without a name"
        );
        session.set_query("DeviceNetworkEvents | project Timestamp, RemoteIP, BytesSent, RemoteIP1, host");
        session.run_now(event_table::DateTime::MAX);
        let expected = "2026-10-22T10:00:01.5000000Z,10.1.1.1,700000,own,h";
        assert!(crate::output::csv(&session).contains(expected), "{}", crate::output::csv(&session));
        assert_eq!(report.shape, ["RemoteIP", "host", "id.resp_h", "orig_bytes", "ts"]);
    }
}
