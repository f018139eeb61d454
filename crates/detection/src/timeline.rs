//! Events and alerts over time: how many in each of some even stretches, by table and by signal.

use crate::marks::alerting_rows;
use crate::session::{LastRun, Session};
use crate::signals::{leg_chain, signal_name};
use crate::target::look_back;
use event_table::{Column, DateTime, RowRef, TICKS_PER_DAY, TICKS_PER_SECOND, Table, schema};
use kql_syntax::parse;
use serde::{Deserialize, Serialize};

/// Ticks of 100 ns in a millisecond.
const MS: i64 = TICKS_PER_SECOND / 1000;
/// Ticks from year 1 to the beginning of Unix time.
const UNIX_EPOCH: i64 = 719_162 * TICKS_PER_DAY;
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The fewest bars that a stretch can be asked in, since bars begin at full minutes, hours or days, and the most.
const ROOM: std::ops::RangeInclusive<usize> = 12..=2_000;

/// How wide a stretch may be, in milliseconds: what people count time by.
const WIDTHS: [i64; 39] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
    182 * DAY,
    365 * DAY,
    730 * DAY,
    1_826 * DAY,
    3_652 * DAY,
    36_525 * DAY,
    365_250 * DAY,
];

/// A stretch of time, in milliseconds of Unix time, UTC: from, and up to but without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    /// The first millisecond.
    pub from: i64,
    /// The first one after it.
    pub to: i64,
}

/// What a timeline is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRequest {
    /// The stretch to look at; everything when none.
    pub range: Option<TimeRange>,
    /// How many bars there is room for, at least 12: there are never more.
    pub bars: usize,
}

/// Counts over time. Bar `i` stands for `start + i * width` and up to the next, in milliseconds of Unix time, UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Where the first bar begins: a whole multiple of the width, so that bars begin at full minutes, hours or days.
    pub start: i64,
    /// How wide a bar is, in milliseconds.
    pub width: i64,
    /// How many bars there are.
    pub bars: usize,
    /// The first and last time of all rows; none when no row has a time.
    pub extent: Option<TimeRange>,
    /// What now() was in the newest run.
    pub now: Option<i64>,
    /// Where the longest look-back of the query begins.
    pub look_back: Option<i64>,
    /// The rows of each table of the logs.
    pub tables: Vec<TableTimeline>,
    /// The alerts of each signal of the newest run.
    pub signals: Vec<SignalTimeline>,
}

/// The rows of a table over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableTimeline {
    /// The table.
    pub table: String,
    /// Rows in each bar.
    pub counts: Vec<u32>,
    /// Rows in all bars together.
    pub shown: usize,
    /// Rows with a time outside the bars.
    pub outside: usize,
    /// Rows without a time.
    pub undated: usize,
}

/// The alerts of a signal over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalTimeline {
    /// The signal, by position.
    pub signal: usize,
    /// Its name.
    pub name: String,
    /// The table that it reads, where it is one.
    pub table: Option<String>,
    /// Alerts in each bar.
    pub counts: Vec<u32>,
    /// Alerts in all bars together.
    pub shown: usize,
    /// Alerts with a time outside the bars.
    pub outside: usize,
    /// Alerts without a time.
    pub undated: usize,
}

/// Bars, and what is counted into them.
struct Bars {
    start: i64,
    width: i64,
    bars: usize,
}

#[derive(Default)]
struct Counted {
    counts: Vec<u32>,
    shown: usize,
    outside: usize,
    undated: usize,
}

impl Bars {
    /// Bars over a stretch: of the narrowest width that needs no more than there is room for.
    fn over(range: TimeRange, room: usize) -> Self {
        let room = room.clamp(*ROOM.start(), *ROOM.end()) as i64;
        let bars = |width: i64| (range.to - 1).div_euclid(width) - range.from.div_euclid(width) + 1;
        let width = WIDTHS.into_iter().find(|width| bars(*width) <= room).unwrap_or(WIDTHS[WIDTHS.len() - 1]);
        let start = range.from.div_euclid(width) * width;
        Self { start, width, bars: bars(width).max(1) as usize }
    }

    fn empty(&self) -> Counted {
        Counted { counts: vec![0; self.bars], ..Counted::default() }
    }

    #[inline]
    fn add(&self, into: &mut Counted, at: Option<i64>) {
        let Some(at) = at else {
            into.undated += 1;
            return;
        };
        // Before the start the quotient is negative, and no index.
        match usize::try_from((at - self.start).div_euclid(self.width)).ok().and_then(|bar| into.counts.get_mut(bar)) {
            Some(count) => {
                *count += 1;
                into.shown += 1;
            }
            None => into.outside += 1,
        }
    }
}

/// Milliseconds of Unix time of a moment.
pub(crate) fn unix_ms(ticks: i64) -> i64 {
    (ticks - UNIX_EPOCH).div_euclid(MS)
}

/// The time of each row of a table, batch by batch.
fn each_time(table: &Table, mut take: impl FnMut(Option<i64>)) {
    let position = schema::TIME_COLUMNS.iter().find_map(|name| table.schema().position(name));
    for batch in table.batches() {
        match position.and_then(|at| batch.column(at.get())).map(|column| &**column) {
            Some(Column::DateTime(times)) => match &times.valid {
                None => times.values.iter().for_each(|ticks| take(Some(unix_ms(*ticks)))),
                Some(_) => (0..batch.len()).for_each(|row| take(times.get(row).map(unix_ms))),
            },
            _ => (0..batch.len()).for_each(|_| take(None)),
        }
    }
}

/// The time of a row of a table.
pub(crate) fn time_of(table: &Table, row: usize) -> Option<i64> {
    let position = schema::TIME_COLUMNS.iter().find_map(|name| table.schema().position(name))?;
    let (batch, at) = table.locate(row)?;
    match &**batch.column(position.get())? {
        Column::DateTime(times) => times.get(at).map(unix_ms),
        _ => None,
    }
}

impl Session {
    /// Events and alerts over time. Rows of the result that are no single rows of a log have the time of the result's
    /// own time column.
    #[must_use]
    pub fn timeline(&self, request: &TimelineRequest) -> Timeline {
        let extent = self.extent();
        let now = self.last.as_ref().map(|last| unix_ms(last.now.ticks()));
        let back = self.last.as_ref().and_then(|last| look_back(&parse(&last.query)));
        let look_back = now.zip(back).map(|(now, back)| now - back / MS);
        let mut timeline = Timeline { extent, now, look_back, ..Timeline::default() };
        let asked = request.range.filter(|range| range.from < range.to).map(|range| {
            // No calendar goes further; sums of what lies within cannot overflow.
            let [least, most] = [DateTime::MIN, DateTime::MAX].map(|end| unix_ms(end.ticks()));
            TimeRange { from: range.from.clamp(least, most), to: range.to.clamp(least + 1, most + 1) }
        });
        let Some(range) = asked.or(extent) else { return timeline };
        let bars = Bars::over(range, request.bars);
        (timeline.start, timeline.width, timeline.bars) = (bars.start, bars.width, bars.bars);
        timeline.tables = self.tables.tables().iter().map(|table| table_timeline(table, &bars)).collect();
        if let Some(last) = &self.last {
            timeline.signals = self.signal_timelines(last, &bars);
        }
        timeline
    }

    /// The first and last time of all rows.
    fn extent(&self) -> Option<TimeRange> {
        let mut found: Option<TimeRange> = None;
        for table in self.tables.tables() {
            each_time(table, |at| {
                if let Some(at) = at {
                    let range = found.get_or_insert(TimeRange { from: at, to: at + 1 });
                    range.from = range.from.min(at);
                    range.to = range.to.max(at + 1);
                }
            });
        }
        found
    }

    fn signal_timelines(&self, last: &LastRun, bars: &Bars) -> Vec<SignalTimeline> {
        let mut counted: Vec<Counted> = last.plan.legs.iter().map(|_| bars.empty()).collect();
        for (at, signal) in self.alert_times(last) {
            if let Some(counted) = counted.get_mut(signal) {
                bars.add(counted, at);
            }
        }
        let legs = last.plan.legs.iter().zip(counted).enumerate();
        legs.map(|(signal, (leg, counted))| {
            let chain = leg_chain(&last.plan, leg, &last.outcome);
            SignalTimeline {
                signal,
                name: signal_name(&last.plan, leg),
                table: chain.and_then(|chain| last.plan.tables(chain.base).first().map(|name| name.to_string())),
                counts: counted.counts,
                shown: counted.shown,
                outside: counted.outside,
                undated: counted.undated,
            }
        })
        .collect()
    }

    /// The time and signal of every row of the result, in its order.
    pub(crate) fn alert_times(&self, last: &LastRun) -> Vec<(Option<i64>, usize)> {
        let relation = &last.outcome.relation;
        let own = schema::TIME_COLUMNS
            .iter()
            .find_map(|name| relation.columns().iter().position(|column| &*column.name == *name));
        alerting_rows(relation)
            .map(|(row, origin)| match origin {
                Some((RowRef { table, row }, signal)) => {
                    let table = self.tables.tables().get(table as usize);
                    (table.and_then(|table| time_of(table, row as usize)), signal)
                }
                None => {
                    let at = own.and_then(|column| match relation.value(row, column) {
                        event_table::Value::DateTime(at) => Some(unix_ms(at.ticks())),
                        _ => None,
                    });
                    (at, 0)
                }
            })
            .collect()
    }
}

fn table_timeline(table: &Table, bars: &Bars) -> TableTimeline {
    let mut counted = bars.empty();
    each_time(table, |at| bars.add(&mut counted, at));
    TableTimeline {
        table: table.name().to_owned(),
        counts: counted.counts,
        shown: counted.shown,
        outside: counted.outside,
        undated: counted.undated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, sample, samples};

    const LOG: &str = "Timestamp,DeviceName,FileName,ProcessCommandLine
2025-06-01T10:00:00Z,a,git.exe,git push github.com
2025-06-01T10:00:59Z,b,git.exe,git pull github.com
2025-06-01T10:01:00Z,c,git.exe,git push github.com
2025-06-01T10:07:30Z,d,git.exe,git push github.com
,e,git.exe,git push github.com
";

    fn session() -> Session {
        let mut session = Session::new();
        session.load("log.csv", LOG.as_bytes(), Options::default());
        session.set_query("DeviceProcessEvents | where ProcessCommandLine has 'push'");
        session.run_now(DateTime::MAX);
        session
    }

    fn ms(text: &str) -> i64 {
        unix_ms(kql_engine::scalar::parse_datetime(text).unwrap().ticks())
    }

    #[test]
    fn rows_and_alerts_are_counted_in_bars_that_begin_at_full_minutes() {
        let timeline = session().timeline(&TimelineRequest { range: None, bars: 8 });
        assert_eq!((timeline.start, timeline.width, timeline.bars), (ms("2025-06-01T10:00:00Z"), MINUTE, 8));
        let events = &timeline.tables[0];
        assert_eq!((&events.counts[..], events.undated), (&[2, 1, 0, 0, 0, 0, 0, 1][..], 1));
        let alerts = &timeline.signals[0];
        assert_eq!((&alerts.counts[..], alerts.undated), (&[1, 1, 0, 0, 0, 0, 0, 1][..], 1));
        assert_eq!(alerts.table.as_deref(), Some("DeviceProcessEvents"));
        assert_eq!(timeline.now, Some(ms("2025-06-01T10:07:30Z")));
    }

    #[test]
    fn a_part_can_be_looked_at_closer_and_what_lies_outside_is_counted() {
        let range = Some(TimeRange { from: ms("2025-06-01T10:00:30Z"), to: ms("2025-06-01T10:01:10Z") });
        let timeline = session().timeline(&TimelineRequest { range, bars: 5 });
        assert_eq!((timeline.start, timeline.width, timeline.bars), (ms("2025-06-01T10:00:30Z"), 5_000, 8));
        let events = &timeline.tables[0];
        assert_eq!((&events.counts[..], events.shown, events.outside), (&[0, 0, 0, 0, 0, 1, 1, 0][..], 2, 2));
    }

    #[test]
    fn nothing_is_lost_whatever_is_asked() {
        let session = session();
        for (from, to) in [(i64::MIN, i64::MAX), (0, 1), (5, 5), (9, -9), (i64::MAX - 1, i64::MAX)] {
            for bars in [0, 1, 7, usize::MAX] {
                let timeline = session.timeline(&TimelineRequest { range: Some(TimeRange { from, to }), bars });
                let events = &timeline.tables[0];
                assert_eq!(events.shown + events.outside + events.undated, 5, "{from} {to} {bars}");
                assert!(events.counts.len() <= bars.clamp(12, 2_000) && events.counts.len() == timeline.bars);
            }
        }
        assert_eq!(Session::new().timeline(&TimelineRequest { range: None, bars: 9 }), Timeline::default());
    }

    #[test]
    fn every_alert_of_every_sample_stands_in_a_bar_of_its_signal() {
        for sample in samples() {
            let mut session = Session::new();
            session.load_sample(sample);
            let report = session.run_now(DateTime::MAX);
            let timeline = session.timeline(&TimelineRequest { range: None, bars: 60 });
            for (signal, told) in report.signals.iter().zip(&timeline.signals) {
                assert_eq!((&signal.name, signal.alerts), (&told.name, told.shown), "{}", sample.id);
            }
            assert!(timeline.look_back.unwrap() < timeline.now.unwrap());
        }
    }

    #[test]
    fn a_result_that_groups_rows_has_its_own_time() {
        let mut session = Session::new();
        session.load_sample(sample("mixed-day").unwrap());
        session.set_query("DeviceProcessEvents | summarize n = count() by Timestamp = bin(Timestamp, 1h)");
        let report = session.run_now(DateTime::MAX);
        let timeline = session.timeline(&TimelineRequest { range: None, bars: 60 });
        assert_eq!(timeline.signals[0].shown, report.rows);
    }
}
