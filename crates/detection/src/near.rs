//! Near misses: rows that failed one condition of a signal and no other, or two, by the values that failed, the nearest
//! first, each with the smallest edits of the query that would catch it.

use crate::session::LastRun;
use crate::signals::{leg_chain, one_line, signal_name};
use crate::suggest::{Suggestion, suggestions, together};
use event_table::{Column, DateTime, RowRef, StringColumn, Table, TableSet, Value};
use kql_engine::explain::{Explanation, explain_one};
use kql_engine::expr::{Expr, ExprKind};
use kql_engine::plan::Plan;
use kql_engine::run::{Cancelled, ChainOnTable, FailedRows, Outcome, Pace, Progress, RunError, Runner};
use kql_engine::scalar::{Row, convert};
use kql_syntax::literals::literals;
use kql_syntax::{Span, parse};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Rows that failed the same condition that are looked at one by one; past that they are counted.
const LOOKED_AT: usize = 200_000;
/// The same for rows that failed several: they are many, and far off.
const LOOKED_AT_FAR: usize = 50_000;
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
    runner: &mut Runner,
    tables: &TableSet,
    pace: &dyn Pace,
) -> Result<Vec<SignalNearMisses>, RunError> {
    let LastRun { plan, outcome, query: text, now, .. } = last;
    let now = *now;
    let parsed = parse(text);
    let all_literals = literals(&parsed);
    let mut found = Vec::new();
    for (signal, leg) in plan.legs.iter().enumerate() {
        let name = signal_name(plan, leg);
        let mut report = SignalNearMisses { signal, name, total: 0, looked_at: 0, groups: Vec::new() };
        if let Some(chain) = leg_chain(plan, leg, outcome)
            && let Some(table_name) = plan.tables(chain.base).first()
            && let Some(position) = tables.position(table_name)
        {
            let columns = &plan.node(chain.base).columns;
            let on = ChainOnTable { chain: &chain, table: table_name, columns, tables, now };
            let limit = if failed > 1 { LOOKED_AT_FAR } else { LOOKED_AT };
            let misses = runner.near_misses(on, failed, limit, pace).await?;
            report.total = misses.total();
            report.looked_at = misses.failed.iter().map(|failed| failed.rows.len()).sum();
            let table = &tables.tables()[position];
            let cells = Cells::of(table, columns);
            let mut judges: Vec<Judge> = chain
                .conditions
                .iter()
                .enumerate()
                .map(|(condition, of)| Judge {
                    condition,
                    span: of.span,
                    expr: &of.expr,
                    text: one_line(of.span.of(text)),
                    likenesses: Likenesses::to(&of.expr),
                    known: (failed > 1).then(FxHashMap::default),
                })
                .collect();
            let mut progress = Progress { done: 0, total: report.looked_at };
            for FailedRows { conditions, rows, .. } in &misses.failed {
                let exprs: Vec<&Expr> = conditions.iter().map(|condition| &chain.conditions[*condition].expr).collect();
                for SameValue { values, count, rows } in by_values(&cells, &exprs, rows) {
                    let row = cells.row(rows[0]);
                    let judged = conditions.iter().zip(values);
                    let failures: Vec<NearFailure> =
                        judged.map(|(condition, value)| judges[*condition].judge(value, &row, columns, now)).collect();
                    report.groups.push(NearGroup {
                        distance: failures.iter().map(|failure| failure.distance).sum(),
                        failures,
                        count,
                        rows: rows.into_iter().map(|row| RowRef { table: position as u32, row }).collect(),
                        suggestions: Vec::new(),
                    });
                }
                progress.done += rows.len();
                // Where rows failed one condition, they are few enough to be looked at without a pause.
                if failed > 1 {
                    keep_nearest(&mut report.groups);
                    pace.checkpoint(progress).await.map_err(|Cancelled| RunError::Cancelled)?;
                }
            }
            keep_nearest(&mut report.groups);
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
    Ok(found)
}

/// Sorts groups, the nearest first, and lets go of those that are not told.
fn keep_nearest(groups: &mut Vec<NearGroup>) {
    fn values(group: &NearGroup) -> impl Iterator<Item = &str> {
        group.failures.iter().map(|failure| &*failure.value)
    }
    let order = |a: &NearGroup, b: &NearGroup| {
        a.distance.total_cmp(&b.distance).then(b.count.cmp(&a.count)).then_with(|| values(a).cmp(values(b)))
    };
    // There may be a hundred thousand, of which few are told.
    if groups.len() > GROUPS {
        groups.select_nth_unstable_by(GROUPS, order);
        groups.truncate(GROUPS);
    }
    groups.sort_by(order);
}

/// Says how far values are from passing a condition.
struct Judge<'a> {
    condition: usize,
    span: Span,
    expr: &'a Expr,
    text: String,
    likenesses: Likenesses,
    /// What was found for each value, where one comes again and again beside others: with rows that failed several.
    known: Option<FxHashMap<String, Judged>>,
}

/// A distance, the same in words, and the column that failed.
type Judged = (f64, String, Option<usize>);

impl Judge<'_> {
    fn judge(
        &mut self,
        value: String,
        row: &CellsOfRow<'_>,
        columns: &[kql_engine::plan::PlanColumn],
        now: DateTime,
    ) -> NearFailure {
        let known = self.known.as_ref().and_then(|known| known.get(&value)).cloned();
        let (distance, why, column) = known.unwrap_or_else(|| {
            let explained = explain_one(self.expr, row, now);
            let (distance, why) = distance(self.expr, &explained, &mut self.likenesses);
            let judged = (distance, why, failed_cell(&explained));
            if let Some(known) = &mut self.known {
                known.insert(value.clone(), judged.clone());
            }
            judged
        });
        NearFailure {
            condition: self.condition,
            span: self.span,
            text: self.text.clone(),
            column: column.map_or_else(String::new, |cell| columns[cell].name.to_string()),
            value,
            distance,
            why,
        }
    }
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

/// The rows of a table, in the order of a plan's columns; cells are read when they are asked for.
struct Cells<'a> {
    table: &'a Table,
    columns: &'a [kql_engine::plan::PlanColumn],
    places: Vec<Option<event_table::ColumnIndex>>,
}

impl<'a> Cells<'a> {
    fn of(table: &'a Table, columns: &'a [kql_engine::plan::PlanColumn]) -> Self {
        Self { table, columns, places: columns.iter().map(|c| table.schema().position(&c.name)).collect() }
    }

    fn row(&self, row: u32) -> CellsOfRow<'_> {
        CellsOfRow { cells: self, row: row as usize }
    }
}

struct CellsOfRow<'a> {
    cells: &'a Cells<'a>,
    row: usize,
}

impl Row for CellsOfRow<'_> {
    fn value(&self, column: usize) -> Value {
        match self.cells.places.get(column) {
            Some(Some(index)) => self.cells.table.value(self.row, *index),
            _ => self.cells.columns.get(column).map_or(Value::Null, |c| Value::missing(c.ty)),
        }
    }
}

/// Rows with the same texts in the cells that conditions read.
struct SameValue {
    /// The text of each condition's cells.
    values: Vec<String>,
    count: usize,
    /// The first of them, [`EXAMPLES`] at most.
    rows: Vec<u32>,
}

/// Rows, which come in order, by the texts of the cells that conditions read.
fn by_values(cells: &Cells, exprs: &[&Expr], rows: &[u32]) -> Vec<SameValue> {
    let places = |expr: &&Expr| expr.columns().into_iter().map(|c| cells.places[c]).collect::<Vec<_>>();
    let read: Vec<Vec<Option<event_table::ColumnIndex>>> = exprs.iter().map(places).collect();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut groups: Vec<SameValue> = Vec::new();
    let (mut value, mut ends) = (String::new(), Vec::new());
    let mut left = rows;
    for (index, batch) in cells.table.batches().iter().enumerate() {
        let start = cells.table.batch_start(index);
        let (here, later) = left.split_at(left.partition_point(|row| (*row as usize) < start + batch.len()));
        left = later;
        let column = |index: &Option<event_table::ColumnIndex>| batch.column((*index)?.get()).map(|column| &**column);
        let columns: Vec<Vec<Option<&Column>>> = read.iter().map(|read| read.iter().map(column).collect()).collect();
        // Rows of one code have one text: it is looked up once.
        let only = match &columns[..] {
            [columns] => &columns[..],
            _ => &[],
        };
        let dictionary = match only {
            [Some(Column::String(StringColumn::Dictionary(dictionary)))] if !here.is_empty() => Some(dictionary),
            _ => None,
        };
        let mut of_code: Vec<Option<usize>> = vec![None; dictionary.map_or(0, |d| d.entries.len())];
        for row in here {
            let at = *row as usize - start;
            let mut known = dictionary.and_then(|d| of_code.get_mut(d.codes.get(at)));
            let group = known.as_deref().copied().flatten().unwrap_or_else(|| {
                value.clear();
                ends.clear();
                for columns in &columns {
                    write_cells(columns, at, &mut value);
                    ends.push(value.len());
                }
                // Whatever stands in the cells, where each text ends is part of what tells them apart.
                for end in ends.iter().rev().skip(1) {
                    value.push_str(&format!(" {end}"));
                }
                places.get(&value).copied().unwrap_or_else(|| {
                    places.insert(value.clone(), groups.len());
                    let starts = std::iter::once(&0).chain(&ends);
                    let values = starts.zip(&ends).map(|(start, end)| value[*start..*end].to_owned()).collect();
                    groups.push(SameValue { values, count: 0, rows: Vec::new() });
                    groups.len() - 1
                })
            });
            if let Some(known) = &mut known {
                **known = Some(group);
            }
            groups[group].count += 1;
            if groups[group].rows.len() < EXAMPLES {
                groups[group].rows.push(*row);
            }
        }
    }
    groups
}

/// The text of some cells of a row of a batch, one after the other.
fn write_cells(columns: &[Option<&Column>], row: usize, text: &mut String) {
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            text.push_str(" · ");
        }
        match column {
            Some(Column::String(strings)) => text.push_str(strings.get(row)),
            Some(column) => text.push_str(&convert::to_text(&column.value(row))),
            None => {}
        }
    }
}

/// The column that says most about a failure: one with a swallowed literal, else the first.
fn failed_cell(explained: &Explanation) -> Option<usize> {
    let swallowed = explained.cells.iter().find(|cell| !cell.swallowed.is_empty());
    swallowed.or(explained.cells.first()).map(|cell| cell.column)
}

/// How far a value is from passing a condition, and in words.
fn distance(expr: &Expr, explained: &Explanation, likenesses: &mut Likenesses) -> (f64, String) {
    if explained.cells.iter().all(|cell| cell.missing) {
        return (3.0, "There is no value.".to_owned());
    }
    if let Some(cell) = explained.cells.iter().find(|cell| !cell.swallowed.is_empty()) {
        let first = &cell.swallowed[0];
        let term = cell.text.get(first.term.clone()).unwrap_or("");
        return (0.1, format!("'{}' is part of the longer term '{term}'.", first.literal));
    }
    if let ExprKind::Compare(_, left, right) = &expr.kind
        && let (ExprKind::Column(_), ExprKind::Constant(bound)) = (&left.kind, &right.kind)
        && let Some(cell) = explained.cells.first()
    {
        let value = convert::to_type(&Value::string(&cell.text), left.ty);
        if let (Some(value), Some(bound)) = (convert::to_real(&value), convert::to_real(bound)) {
            let gap = (value - bound).abs();
            // A time is judged by days, a number by how it compares with its bound.
            let relative = match left.ty {
                event_table::ColumnType::DateTime => gap / event_table::TICKS_PER_DAY as f64,
                _ => gap / bound.abs().max(1.0),
            };
            return (relative.min(2.0), format!("It is {} away.", measure(gap, left.ty)));
        }
    }
    let mut nearest: Option<(f64, &str, usize)> = None;
    for term in explained.cells.iter().flat_map(|cell| terms(&cell.text).take(32)) {
        if let Some((far, literal)) = likenesses.nearest(term)
            && nearest.is_none_or(|(so_far, ..)| far < so_far)
        {
            nearest = Some((far, term, literal));
        }
    }
    match nearest {
        Some((far, term, literal)) if far < 0.5 => {
            (0.2 + far, format!("'{term}' is close to '{}'.", likenesses.literals[literal].0))
        }
        _ => (1.0, "None of the condition's values is in it.".to_owned()),
    }
}

/// A gap in the unit of its type.
fn measure(gap: f64, ty: event_table::ColumnType) -> String {
    match ty {
        event_table::ColumnType::DateTime | event_table::ColumnType::TimeSpan => {
            event_table::TimeSpan::from_ticks(gap as i64).to_string()
        }
        _ => format!("{gap}"),
    }
}

/// The texts that a condition looks for.
pub(crate) fn literals_of(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    expr.visit(&mut |x| {
        if let ExprKind::Constant(value) = &x.kind {
            let mut values = Vec::new();
            match value {
                Value::Dynamic(d) => {
                    values.extend(d.as_array().unwrap_or_default().iter().map(|item| Value::dynamic(item.clone())))
                }
                other => values.push(other.clone()),
            }
            found.extend(values.iter().filter_map(|v| match v {
                Value::String(_) | Value::Dynamic(_) => Some(convert::to_text(v).to_lowercase()),
                _ => None,
            }));
        }
    });
    found.retain(|literal| !literal.is_empty());
    found
}

/// The terms of a text: runs of letters and digits.
pub(crate) fn terms(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !kql_engine::text::is_term_char(c)).filter(|term| !term.is_empty())
}

/// How unlike terms are to the literals of a condition. Terms come again and again, so what was found is kept.
struct Likenesses {
    literals: Vec<(String, Vec<char>)>,
    known: FxHashMap<Box<str>, Option<(f64, usize)>>,
}

impl Likenesses {
    fn to(expr: &Expr) -> Self {
        let spelled = |literal: String| (literal.chars().take(64).collect(), literal);
        let literals = literals_of(expr).into_iter().map(spelled).map(|(chars, literal)| (literal, chars)).collect();
        Self { literals, known: FxHashMap::default() }
    }

    /// The literal that a term is least unlike, the first of several, and how unlike: from 0 to 1.
    fn nearest(&mut self, term: &str) -> Option<(f64, usize)> {
        if let Some(known) = self.known.get(term) {
            return *known;
        }
        let letters: Vec<char> = term.to_lowercase().chars().take(64).collect();
        let all = self.literals.iter().enumerate().map(|(index, (_, literal))| (unlikeness(&letters, literal), index));
        let nearest = all.min_by(|a, b| a.0.total_cmp(&b.0));
        self.known.insert(term.into(), nearest);
        nearest
    }
}

/// How unlike two short texts are, from 0 to 1: the letters to change, for each letter of the longer one.
fn unlikeness(a: &[char], b: &[char]) -> f64 {
    let longer = a.len().max(b.len()).max(1);
    if a.len().abs_diff(b.len()) * 2 > longer {
        return 1.0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()] as f64 / longer as f64
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
