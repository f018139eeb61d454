//! Near misses: rows that failed one condition of a signal and no other, or two, by the values that failed, the nearest
//! first, each with the smallest edits of the query that would catch it.

mod judge;
mod values;

pub(crate) use judge::{NearMemory, terms};

use crate::session::LastRun;
use crate::signals::{leg_chain, one_line, signal_name};
use crate::suggest::{Suggestion, suggestions, together};
use event_table::{DateTime, RowRef, Table, TableSet, Value};
use judge::{Judge, Judged, failed_cell};
use kql_engine::explain::explain_one;
use kql_engine::plan::Plan;
use kql_engine::run::{Cancelled, ChainOnTable, FailedRows, Outcome, Pace, Progress, RunError, Runner};
use kql_syntax::literals::literals;
use kql_syntax::{Span, parse};
use serde::{Deserialize, Serialize};
use values::{Cells, Values};

/// Rows that failed the same conditions that are looked at one by one; past that they are counted.
const LOOKED_AT: usize = 1_000_000;
/// Values that are judged between pauses.
const STRETCH: usize = 8_192;
/// Groups that are told for each signal.
const GROUPS: usize = 200;
/// Rows that are named in a group.
const EXAMPLES: usize = 50;

/// The near misses of a signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalNearMisses {
    /// The signal, by position.
    pub signal: usize,
    /// Its name.
    pub name: String,
    /// How many rows failed exactly as many of its conditions as was asked.
    pub total: usize,
    /// How many of them were looked at: where they are very many, the first.
    pub looked_at: usize,
    /// The rows by the values that failed, the nearest first.
    pub groups: Vec<NearGroup>,
}

/// Rows that failed the same conditions with the same values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearGroup {
    /// The conditions that they failed, in the text's order.
    pub failures: Vec<NearFailure>,
    /// How many rows.
    pub count: usize,
    /// How far they are from passing: the sum over what failed.
    pub distance: f64,
    /// Some of the rows.
    pub rows: Vec<RowRef>,
    /// What would catch them, the smallest edit first.
    pub suggestions: Vec<Suggestion>,
}

impl NearGroup {
    fn values(&self) -> impl Iterator<Item = &str> {
        self.failures.iter().map(|failure| &*failure.value)
    }
}

/// A condition that rows failed, and with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearFailure {
    /// The condition, by position in the signal's funnel.
    pub condition: usize,
    /// Where the condition stands in the text.
    pub span: Span,
    /// The condition as written, blanks joined.
    pub text: String,
    /// The column that failed.
    pub column: String,
    /// The value that failed.
    pub value: String,
    /// How far the value is from passing: 0 is next to it.
    pub distance: f64,
    /// The distance in words.
    pub why: String,
}

/// Finds the rows that failed just `failed` conditions of a signal, for every signal that stands on one table.
pub(crate) async fn near_misses(
    last: &LastRun,
    failed: usize,
    (runner, memory): (&mut Runner, &mut NearMemory),
    tables: &TableSet,
    pace: &dyn Pace,
) -> Result<Vec<SignalNearMisses>, RunError> {
    let LastRun { plan, outcome, query: text, now, .. } = last;
    let now = *now;
    let parsed = parse(text);
    let all_literals = literals(&parsed);
    let chains: Vec<_> = plan.legs.iter().map(|leg| leg_chain(plan, leg, outcome)).collect();
    let mut all_judges: Vec<Judge<'_>> = Vec::new();
    let mut found = Vec::new();
    for (signal, leg) in plan.legs.iter().enumerate() {
        let name = signal_name(plan, leg);
        let mut report = SignalNearMisses { signal, name, total: 0, looked_at: 0, groups: Vec::new() };
        if let Some(chain) = &chains[signal]
            && let Some(table_name) = plan.tables(chain.base).first()
            && let Some(position) = tables.position(table_name)
        {
            let columns = &plan.node(chain.base).columns;
            let on = ChainOnTable { chain, table: table_name, columns, tables, now };
            let misses = runner.near_misses(on, failed, LOOKED_AT, pace).await?;
            report.total = misses.total();
            report.looked_at = misses.failed.iter().map(|failed| failed.rows.len()).sum();
            let table = &tables.tables()[position];
            let cells = Cells::of(table, columns);
            let mut judges: Vec<Judge<'_>> =
                chain.conditions.iter().map(|of| memory.judge(table, &of.expr, now)).collect();
            let mut progress = Progress { done: 0, total: report.looked_at };
            let mut nearest = Vec::new();
            for FailedRows { conditions, rows, .. } in &misses.failed {
                let found = candidates(&cells, conditions, rows, &mut judges, (pace, progress)).await?;
                nearest.extend(found.into_iter().map(|candidate| (conditions, candidate)));
                progress.done += rows.len();
            }
            // Of the conditions by themselves the nearest are here, so the nearest of all are.
            if nearest.len() > GROUPS {
                let key = |(_, candidate): &(&Vec<usize>, Candidate)| (candidate.distance, candidate.count);
                nearest.select_nth_unstable_by(GROUPS, |a, b| {
                    nearness(key(a), key(b)).then_with(|| a.1.rows.first().cmp(&b.1.rows.first()))
                });
                nearest.truncate(GROUPS);
            }
            for (conditions, Candidate { distance, count, rows }) in nearest {
                let row = cells.row(rows[0]);
                let failure = |condition: &usize| {
                    let of = &chain.conditions[*condition];
                    let Judged { distance, why, column } = judges[*condition].judge(&row);
                    NearFailure {
                        condition: *condition,
                        span: of.span,
                        text: one_line(of.span.of(text)),
                        column: column.map_or_else(String::new, |cell| columns[cell].name.to_string()),
                        value: cells.text(&of.expr, rows[0]),
                        distance,
                        why,
                    }
                };
                report.groups.push(NearGroup {
                    failures: conditions.iter().map(failure).collect(),
                    count,
                    distance,
                    rows: rows.into_iter().map(|row| RowRef { table: position as u32, row }).collect(),
                    suggestions: Vec::new(),
                });
            }
            report.groups.sort_by(|a, b| {
                nearness((a.distance, a.count), (b.distance, b.count)).then_with(|| a.values().cmp(b.values()))
            });
            all_judges.extend(judges);
            for group in &mut report.groups {
                let Some(first) = group.rows.first() else { continue };
                let row = cells.row(first.row);
                let mut of_each = group.failures.iter().map(|failure| {
                    let expr = &chain.conditions[failure.condition].expr;
                    let explained = explain_one(expr, &row, now);
                    let query = (&parsed, &all_literals[..], &**text);
                    suggestions(query, failure.span, expr, columns, failed_cell(&explained), &explained, now)
                });
                group.suggestions = match group.failures.len() {
                    1 => of_each.next().unwrap_or_default(),
                    _ => {
                        let firsts: Option<Vec<Suggestion>> = of_each.map(|list| list.into_iter().next()).collect();
                        firsts.and_then(together).into_iter().collect()
                    }
                };
            }
        }
        found.push(report);
    }
    memory.keep(all_judges.into_iter());
    Ok(found)
}

/// Rows that failed conditions with the same values.
struct Candidate {
    distance: f64,
    count: usize,
    /// The first of them, [`EXAMPLES`] at most.
    rows: Vec<u32>,
}

/// The nearest first, of several as near the ones with the most rows.
fn nearness(a: (f64, usize), b: (f64, usize)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))
}

/// Of rows that failed the same conditions, and come in order, the nearest by the values that failed: [`GROUPS`] at
/// most, of several as near the first.
async fn candidates(
    cells: &Cells<'_>,
    conditions: &[usize],
    rows: &[u32],
    judges: &mut [Judge<'_>],
    (pace, progress): (&dyn Pace, Progress),
) -> Result<Vec<Candidate>, RunError> {
    let mut all: Option<Values> = None;
    // What each condition says of its values, and which of them each row has.
    let mut verdicts: Vec<(Vec<f64>, Vec<u32>)> = Vec::new();
    for condition in conditions {
        let judge = &mut judges[*condition];
        let values = Values::of(cells, judge.expr, rows);
        let mut distance = |first: &u32| {
            let row = rows[*first as usize];
            judge.distance(row, &cells.row(row))
        };
        let mut distances = Vec::with_capacity(values.firsts.len());
        for firsts in values.firsts.chunks(STRETCH) {
            distances.extend(firsts.iter().map(&mut distance));
            pace.checkpoint(progress).await.map_err(|Cancelled| RunError::Cancelled)?;
        }
        all = Some(match &all {
            Some(known) => known.and(&values),
            None => Values { of_row: values.of_row.clone(), firsts: values.firsts },
        });
        verdicts.push((distances, values.of_row));
    }
    let Some(Values { of_row, firsts }) = all else { return Ok(Vec::new()) };
    let mut counts = vec![0_usize; firsts.len()];
    of_row.iter().for_each(|value| counts[*value as usize] += 1);
    let distance = |first: u32| -> f64 {
        verdicts.iter().map(|(distances, of_row)| distances[of_row[first as usize] as usize]).sum()
    };
    let mut nearest: Vec<(f64, usize, usize)> =
        (0..firsts.len()).map(|value| (distance(firsts[value]), counts[value], value)).collect();
    if nearest.len() > GROUPS {
        let order =
            |a: &(f64, usize, usize), b: &(f64, usize, usize)| nearness((a.0, a.1), (b.0, b.1)).then(a.2.cmp(&b.2));
        nearest.select_nth_unstable_by(GROUPS, order);
        nearest.truncate(GROUPS);
    }
    let mut place_of = vec![None; firsts.len()];
    let mut found = Vec::with_capacity(nearest.len());
    for (place, (distance, count, value)) in nearest.into_iter().enumerate() {
        place_of[value] = Some(place);
        found.push(Candidate { distance, count, rows: Vec::with_capacity(count.min(EXAMPLES)) });
    }
    for (row, value) in rows.iter().zip(&of_row) {
        if let Some(place) = place_of[*value as usize]
            && found[place].rows.len() < EXAMPLES
        {
            found[place].rows.push(*row);
        }
    }
    Ok(found)
}

/// Edits that would make a row alert, the signal that it fails in the fewest conditions first.
pub(crate) fn suggestions_for(
    row: RowRef,
    plan: &Plan,
    outcome: &Outcome,
    tables: &TableSet,
    text: &str,
    now: DateTime,
) -> Vec<Suggestion> {
    let Some(table) = tables.tables().get(row.table as usize) else { return Vec::new() };
    let parsed = parse(text);
    let all_literals = literals(&parsed);
    let mut found: Vec<(usize, Suggestion)> = Vec::new();
    for leg in &plan.legs {
        let Some(chain) = leg_chain(plan, leg, outcome) else { continue };
        if plan.tables(chain.base).first().is_none_or(|name| **name != *table.name()) {
            continue;
        }
        let columns = &plan.node(chain.base).columns;
        let values = cells(table, columns, row.row);
        let mut failed: Vec<Vec<Suggestion>> = Vec::new();
        for condition in &chain.conditions {
            let explained = explain_one(&condition.expr, &values[..], now);
            if explained.verdict != Some(true) {
                let column = failed_cell(&explained);
                failed.push(suggestions(
                    (&parsed, &all_literals, text),
                    condition.span,
                    &condition.expr,
                    columns,
                    column,
                    &explained,
                    now,
                ));
            }
        }
        let count = failed.len();
        match &failed[..] {
            [] => {}
            [one] => found.extend(one.iter().map(|s| (count, s.clone()))),
            several => {
                let firsts: Option<Vec<Suggestion>> = several.iter().map(|list| list.first().cloned()).collect();
                found.extend(firsts.and_then(together).map(|s| (count, s)));
            }
        }
    }
    found.sort_by_key(|(count, _)| *count);
    found.into_iter().map(|(_, suggestion)| suggestion).collect()
}

/// The cells of a row of a table, in the order of a plan's columns.
pub(crate) fn cells(table: &Table, columns: &[kql_engine::plan::PlanColumn], row: u32) -> Vec<Value> {
    let cell = |c: &kql_engine::plan::PlanColumn| match table.schema().position(&c.name) {
        Some(index) => table.value(row as usize, index),
        None => Value::missing(c.ty),
    };
    columns.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use crate::{Label, Session, sample};
    use event_table::{DateTime, RowRef};
    use kql_engine::run::{Unpaced, block_on};
    use kql_syntax::edit::apply;

    fn evasion() -> Session {
        let mut session = Session::new();
        session.load_sample(sample("evasion").unwrap());
        session.run_now(DateTime::MIN);
        session
    }

    fn alerts(session: &Session, row: RowRef) -> bool {
        let result = session.result().unwrap();
        (0..result.len()).any(|at| result.origin(at).is_some_and(|origin| origin.row == row))
    }

    /// The sample's rows evade the rule by one condition or by several; whatever it is, the first suggestion closes it.
    #[test]
    fn the_first_suggestion_makes_every_evasive_row_alert_and_the_preview_says_what_happens() {
        let mut session = evasion();
        let rows: Vec<RowRef> = session.labelled(Label::Malicious);
        assert_eq!(rows.len(), 69);
        let text = session.query().to_owned();
        for row in rows {
            assert!(!alerts(&session, row));
            let suggestions = session.suggestions(row);
            let first = suggestions.first().unwrap_or_else(|| panic!("nothing for {:?}", session.story(row)));
            let edited = apply(&text, &first.edits).unwrap();
            let preview = block_on(session.preview(&edited, &Unpaced)).unwrap();
            let before = session.result().unwrap().len();
            session.set_query(edited);
            let report = session.run_now(DateTime::MIN);
            assert!(!report.has_errors(), "{}: {:?}", first.words, report.findings);
            assert!(alerts(&session, row), "{}: {:?}", first.words, session.story(row));
            assert_eq!(before + preview.totals.gained - preview.totals.lost, report.rows, "{}", first.words);
            session.set_query(text.clone());
            session.run_now(DateTime::MIN);
        }
    }

    /// Whatever keeps a row out, each edit that is offered lets it through.
    #[test]
    fn every_suggestion_for_an_exclusion_lets_the_row_through() {
        let rows = "Timestamp,DeviceName,FileName,ProcessCommandLine,ProcessId\n\
            2026-11-05T10:00:00Z,bld-7,git.exe,git push,443\n\
            2026-11-05T10:00:00Z,bld-7,git.exe,,\n";
        for (condition, row, words) in [
            ("FileName !~ \"git.exe\"", 0, &["Take out `FileName !~ \"git.exe\"`"][..]),
            ("FileName != \"git.exe\"", 0, &["Take out `FileName != \"git.exe\"`"]),
            ("ProcessId != 443", 0, &["Take out `ProcessId != 443`"]),
            (
                "FileName !in~ (\"git.exe\", \"hg.exe\")",
                0,
                &["Take 'git.exe' out of the list of FileName", "Take out `FileName !in~ (\"git.exe\", \"hg.exe\")`"],
            ),
            (
                "not(FileName =~ \"git.exe\" and DeviceName startswith \"bld-\")",
                0,
                &[
                    "Or DeviceName =~ \"bld-7\"",
                    "Take out `not(FileName =~ \"git.exe\" and DeviceName startswith \"bld-\")`",
                ],
            ),
            ("not(ProcessId > 5)", 1, &["Or isnull(ProcessId)", "Take out `not(ProcessId > 5)`"]),
            (
                "ProcessId > 5 and ProcessCommandLine !contains \"push\" and DeviceName has \"bld\"",
                0,
                &["Take out `ProcessCommandLine !contains \"push\"`"],
            ),
        ] {
            let query = format!("DeviceProcessEvents\n| where {condition}\n| project FileName");
            let mut session = Session::new();
            session.load("own.csv", rows.as_bytes(), Default::default());
            session.set_query(query.clone());
            session.run_now(DateTime::MIN);
            let row = RowRef { table: 0, row };
            assert!(!alerts(&session, row), "{condition}");
            let offered = session.suggestions(row);
            assert_eq!(offered.iter().map(|s| &s.words[..]).collect::<Vec<_>>(), words, "{condition}");
            for suggestion in offered {
                session.set_query(apply(&query, &suggestion.edits).unwrap());
                let report = session.run_now(DateTime::MIN);
                assert!(!report.has_errors(), "{}: {:?}", session.query(), report.findings);
                assert!(alerts(&session, row), "{}", session.query());
            }
        }
    }

    #[test]
    fn near_misses_are_grouped_by_value_with_the_nearest_first() {
        let mut session = evasion();
        let signals = block_on(session.near_misses(1, &Unpaced)).unwrap();
        let upload = &signals[0];
        assert!(upload.groups.is_sorted_by(|a, b| a.distance <= b.distance));
        let group = |value: &str| upload.groups.iter().find(|g| g.failures[0].value == value).unwrap();
        assert_eq!(group("524288").suggestions[0].words, "Set UploadThreshold to 524287");
        assert_eq!(group("523977").count, 3);
        assert_eq!(group("python3.exe").failures[0].why, "'python' is part of the longer term 'python3'.");
        assert_eq!(group("python3.exe").suggestions[0].words, "Add 'python3' to TransferTools");
        assert_eq!(group("notgithub.com").suggestions[0].words, "Add 'notgithub.com' to CodeRepoDomains");
        // Of a command line the piece that the list lacks.
        let with = |piece: &str| {
            let groups = signals.iter().flat_map(|signal| &signal.groups);
            groups.into_iter().find(|g| g.failures[0].value.contains(piece)).unwrap_or_else(|| panic!("no {piece}"))
        };
        let other = with(" -XPOST ");
        assert_eq!(other.failures[0].why, "'-XPOST' is another way to write '-X POST'.");
        assert_eq!(other.suggestions[0].words, "Add '-XPOST' to ApiUploadMarkers");
        assert_eq!(with("--request POST").suggestions[0].words, "Add '--request POST' to ApiUploadMarkers");
        let host = with("git@ssh.code.example");
        assert_eq!(host.suggestions[0].words, "Add 'ssh.code.example' to CodeRepoDomains");
    }

    /// An address gives its host, and that once.
    #[test]
    fn the_host_of_an_address_is_offered_once() {
        let mut session = Session::new();
        let log = "Timestamp,RemoteUrl\n2026-11-05T10:00:00Z,https://me@Git.Example:8443/x\n";
        session.load("DeviceNetworkEvents.csv", log.as_bytes(), Default::default());
        session.set_query("DeviceNetworkEvents | where RemoteUrl has_any ('github.com', 'gitlab.com')");
        session.run_now(DateTime::MIN);
        let groups = &session.near_misses_now(1)[0].groups;
        let words: Vec<&str> = groups[0].suggestions.iter().map(|s| s.words.as_str()).collect();
        let added = |words: &&str| words.starts_with("Add ");
        assert_eq!(words.into_iter().filter(added).collect::<Vec<_>>(), ["Add 'Git.Example' to the list of RemoteUrl"]);
    }

    /// What is kept from one time to the next changes nothing.
    #[test]
    fn near_misses_after_edits_are_those_of_a_fresh_session() {
        let mut session = evasion();
        let text = session.query().to_owned();
        let edits: [(&str, &str); 5] = [
            ("\"perl\"]", "\"perl\", \"python3\"]"),
            ("524288", "500000"),
            ("24h", "1h"),
            ("\"codeberg.org\"", "\"codeberg.org\", \"notgithub.com\""),
            ("24h", "24h"),
        ];
        for (from, to) in edits {
            assert!(text.contains(from), "{from}");
            let edited = text.replacen(from, to, 1);
            session.set_query(edited.clone());
            session.run_now(DateTime::MIN);
            let mut fresh = evasion();
            fresh.set_query(edited);
            fresh.run_now(DateTime::MIN);
            for failed in [1, 2] {
                assert_eq!(session.near_misses_now(failed), fresh.near_misses_now(failed), "{to}, {failed} failed");
            }
        }
        // Nor after other rows.
        session.load(
            "own.csv",
            b"Timestamp,FileName,ProcessCommandLine\n2026-11-05T10:00:00Z,gti.exe,git push\n",
            Default::default(),
        );
        session.run_now(DateTime::MIN);
        let mut fresh = evasion();
        fresh.load(
            "own.csv",
            b"Timestamp,FileName,ProcessCommandLine\n2026-11-05T10:00:00Z,gti.exe,git push\n",
            Default::default(),
        );
        fresh.run_now(DateTime::MIN);
        assert_eq!(session.near_misses_now(1), fresh.near_misses_now(1));
    }

    /// A bound that is worked out with the clock, and one that stands first, are bounds too.
    #[test]
    fn times_and_numbers_are_told_by_how_far_they_are_the_nearest_first() {
        let mut log = "Timestamp,FileName,ProcessId\n2026-11-05T10:00:00Z,a.exe,10\n".to_owned();
        (1..=300).rev().for_each(|minutes| {
            log += &format!(
                "2026-11-05T{:02}:{:02}:00Z,a.exe,{}\n",
                8 - minutes / 60,
                59 - minutes % 60,
                10 - minutes % 9
            );
        });
        let mut session = Session::new();
        session.load("own.csv", log.as_bytes(), Default::default());
        for (query, nearest, farthest) in [
            ("DeviceProcessEvents | where Timestamp > ago(1h)", "It is 00:02:00 away.", "It is 03:21:00 away."),
            ("DeviceProcessEvents | where 9 < ProcessId", "It is the bound itself.", "It is 7 away."),
        ] {
            session.set_query(query);
            session.run_now(DateTime::MIN);
            let groups = &session.near_misses_now(1)[0].groups;
            assert_eq!(groups.first().unwrap().failures[0].why, nearest, "{query}");
            assert_eq!(groups.last().unwrap().failures[0].why, farthest, "{query}");
        }
    }

    /// Two cells each that read alike one after the other, and are cut at another place.
    #[test]
    fn values_of_two_conditions_are_told_apart_whatever_stands_in_them() {
        let cell = |text: &str| format!("\"{text}\"");
        let row = |name: &str, line: &str| format!("2026-11-05T10:00:00Z,{},{}\n", cell(name), cell(line));
        let rows = [("a\u{1F}b", "c"), ("a", "b\u{1F}c"), ("ab", "c"), ("a", "bc"), ("a 1", "c"), ("a", " 1c")];
        let mut log = "Timestamp,FileName,ProcessCommandLine\n".to_owned();
        rows.iter().for_each(|(name, line)| log += &row(name, line));
        let mut session = Session::new();
        session.load("own.csv", log.as_bytes(), Default::default());
        session.set_query("DeviceProcessEvents | where FileName == 'x' | where ProcessCommandLine == 'y'");
        session.run_now(DateTime::MIN);
        let two = &block_on(session.near_misses(2, &Unpaced)).unwrap()[0];
        let mut found: Vec<(&str, &str)> =
            two.groups.iter().map(|g| (&*g.failures[0].value, &*g.failures[1].value)).collect();
        let mut expected = rows;
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    /// One row for each way to fail: nothing, the tool, the domain, the bytes, and each two of them.
    #[test]
    fn rows_that_failed_two_conditions_are_told_too_the_nearest_first_and_caught_by_one_suggestion() {
        let log = "Timestamp,DeviceName,RemoteUrl,InitiatingProcessFileName,BytesSent\n\
            2026-11-05T10:00:00Z,a,https://github.com,git.exe,900000\n\
            2026-11-05T10:00:01Z,b,https://github.com,python3.exe,900000\n\
            2026-11-05T10:00:02Z,c,https://notgithub.com,git.exe,900000\n\
            2026-11-05T10:00:03Z,d,https://notgithub.com,python3.exe,900000\n\
            2026-11-05T10:00:04Z,e,https://notgithub.com,python3.exe,900000\n\
            2026-11-05T10:00:05Z,f,https://github.com,winword.exe,1\n\
            2026-11-05T10:00:06Z,g,https://example.org,winword.exe,1\n";
        let mut session = Session::new();
        session.load("own.csv", log.as_bytes(), Default::default());
        session.run_now(DateTime::MIN);
        let text = session.query().to_owned();
        let one = &block_on(session.near_misses(1, &Unpaced)).unwrap()[0];
        assert_eq!((one.total, one.looked_at, one.groups.len()), (2, 2, 2));
        let two = &block_on(session.near_misses(2, &Unpaced)).unwrap()[0];
        assert_eq!((two.total, two.looked_at), (3, 3));
        let told: Vec<(Vec<&str>, usize)> = two
            .groups
            .iter()
            .map(|group| (group.failures.iter().map(|failure| &*failure.value).collect(), group.count))
            .collect();
        let mut values: Vec<Vec<&str>> = told.iter().map(|(values, _)| values.clone()).collect();
        values.iter_mut().for_each(|values| values.sort_unstable());
        assert_eq!(values, [vec!["https://notgithub.com", "python3.exe"], vec!["1", "winword.exe"]]);
        assert_eq!((told[0].1, told[1].1), (2, 1));
        for (group, rows) in two.groups.iter().zip([vec![3, 4], vec![5]]) {
            assert_eq!(group.rows.iter().map(|row| row.row).collect::<Vec<_>>(), rows);
            let edited = apply(&text, &group.suggestions[0].edits).unwrap();
            session.set_query(edited);
            session.run_now(DateTime::MIN);
            assert!(group.rows.iter().all(|row| alerts(&session, *row)), "{}", group.suggestions[0].words);
        }
    }
}
