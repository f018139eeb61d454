//! The query as one text that any Kusto runs: its tables as `let`s of `datatable()`, with the rows that it ran on.
//!
//! Of each table only the columns that the query names, and those of the result, are written. Times are moved by the
//! difference between the moment that the text is run and what was now here, so that `ago(24h)` finds what it found.

use super::ExportFailure;
use super::literal::{literal, name};
use crate::rows::chosen_rows;
use crate::session::{LastRun, Session};
use event_table::{ColumnIndex, ColumnType, Table};
use kql_engine::run::Pace;
use kql_syntax::{SyntaxElement, SyntaxKind, parse};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The longest text that is written, in bytes: what the query windows of the services still take.
const MAX_TEXT: usize = 500_000;

/// Which rows go with the query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowChoice {
    /// Those that alert.
    #[default]
    Alerts,
    /// Those, and those that failed one condition of a signal.
    AlertsAndNearMisses,
    /// All rows of the tables that the query reads.
    All,
}

/// A table as it is written.
struct Written<'t> {
    table: &'t Table,
    columns: Vec<ColumnIndex>,
    rows: Vec<u32>,
    left_out: usize,
}

/// The text, and what to know about it.
pub(super) async fn self_contained(
    session: &mut Session,
    choice: RowChoice,
    pace: &dyn Pace,
) -> Result<(String, Vec<String>), ExportFailure> {
    let missing = || ExportFailure::Impossible("The query has to run first.".to_owned());
    let chosen = chosen_rows(session, choice, pace).await?;
    let last = session.last.as_ref().ok_or_else(missing)?;
    let mut notes = chosen.notes;
    let names = mentioned(&last.query);
    let tables = last.plan.root.map_or_else(Vec::new, |root| last.plan.tables(root));
    let mut lets = String::new();
    let mut room = MAX_TEXT.saturating_sub(last.query.len());
    let (mut written_rows, mut left_out) = (0, 0);
    for table_name in &tables {
        let Some(position) = session.tables.position(table_name) else {
            lets.push_str(&empty(session, table_name, &names));
            continue;
        };
        let table = &session.tables.tables()[position];
        let rows: Vec<u32> = match &chosen.rows {
            Some(rows) => rows.iter().filter(|row| row.table == position as u32).map(|row| row.row).collect(),
            None => (0..table.len() as u32).collect(),
        };
        let columns = columns(table, &names, &result_names(last), &rows);
        let mut part = Written { table, columns, rows, left_out: 0 };
        let text = part.text(last, &mut room);
        written_rows += part.rows.len() - part.left_out;
        left_out += part.left_out;
        lets.push_str(&text);
    }
    if left_out > 0 {
        notes.push(format!("{left_out} rows were left out: the text would be too long for a query window."));
    }
    let mut text = format!(
        "// A query and the rows that it ran on, by Exfil Playground. Any Kusto runs it.\n\
         // {written_rows} rows: {}.{}\n\
         // Times are moved so that now() is what {} was: ago(24h) finds what it found there.\n\n",
        match choice {
            RowChoice::Alerts => "those that alert",
            RowChoice::AlertsAndNearMisses => "those that alert or nearly do",
            RowChoice::All => "all that the query reads",
        },
        if left_out > 0 { format!(" {left_out} more are left out.") } else { String::new() },
        last.now
    );
    text.push_str(&lets);
    text.push_str(&last.query);
    Ok((text, notes))
}

/// What a query's text names, and whether it shows columns without naming them.
struct Mentioned {
    words: FxHashSet<String>,
    shows_all: bool,
}

/// Operators and functions whose result or meaning depends on columns that they do not name.
const WIDE: [&str; 9] = [
    "search",
    "find",
    "pack_all",
    "getschema",
    "evaluate",
    "invoke",
    "project-away",
    "project-reorder",
    "project-keep",
];

fn mentioned(text: &str) -> Mentioned {
    let mut found = Mentioned { words: FxHashSet::default(), shows_all: false };
    let tokens = parse(text).syntax().descendants_with_tokens().filter_map(SyntaxElement::into_token);
    for token in tokens {
        match token.kind() {
            SyntaxKind::Star => found.shows_all = true,
            SyntaxKind::Text => {
                found.words.insert(token.text().trim_matches(['"', '\'', '@']).to_owned());
            }
            kind if !kind.is_trivia() => {
                found.shows_all |= WIDE.contains(&token.text());
                found.words.insert(token.text().to_owned());
            }
            _ => {}
        }
    }
    found
}

fn result_names(last: &LastRun) -> FxHashSet<String> {
    last.outcome.relation.columns().iter().map(|c| c.name.to_string()).collect()
}

/// The columns of a table that are written: those named, and of those shown the ones with a value.
fn columns(table: &Table, named: &Mentioned, shown: &FxHashSet<String>, rows: &[u32]) -> Vec<ColumnIndex> {
    let has_value = |index: ColumnIndex| {
        rows.iter().any(|row| {
            let value = table.value(*row as usize, index);
            !value.is_null() && value.as_str() != Some("")
        })
    };
    let wanted = |(index, column): (usize, &event_table::ColumnDef)| {
        let name = &*column.name;
        let index = ColumnIndex::from(index);
        let is_shown = named.shows_all || shown.contains(name);
        (named.words.contains(name) || is_shown && has_value(index)).then_some(index)
    };
    table.schema().columns.iter().enumerate().filter_map(wanted).collect()
}

impl Written<'_> {
    /// The `let`, and the room that is left after it.
    fn text(&mut self, last: &LastRun, room: &mut usize) -> String {
        let defs: Vec<(String, ColumnType)> = self
            .columns
            .iter()
            .map(|c| (name(&self.table.schema().columns[c.get()].name), self.table.schema().columns[c.get()].ty))
            .collect();
        let mut rows = String::new();
        for (done, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = self
                .columns
                .iter()
                .zip(&defs)
                .map(|(column, (_, ty))| literal(&self.table.value(*row as usize, *column), *ty))
                .collect();
            let line = format!("    {},\n", cells.join(", "));
            if line.len() > *room {
                self.left_out = self.rows.len() - done;
                break;
            }
            *room -= line.len();
            rows.push_str(&line);
        }
        let without_comma = rows.trim_end_matches(",\n");
        declared(self.table.name(), &defs, without_comma, &last.now.to_string())
    }
}

/// A table that no log brought, with the columns that the query names.
fn empty(session: &Session, table: &str, named: &Mentioned) -> String {
    let Some(schema) = session.tables.schema(table) else { return String::new() };
    let columns = schema.columns.iter().filter(|c| named.words.contains(&*c.name));
    let defs: Vec<(String, ColumnType)> = columns.map(|c| (name(&c.name), c.ty)).collect();
    declared(table, &defs, "", "")
}

fn declared(table: &str, defs: &[(String, ColumnType)], rows: &str, now: &str) -> String {
    let columns: Vec<String> = defs.iter().map(|(name, ty)| format!("{name}: {}", ty.name())).collect();
    let rows = if rows.is_empty() { "[]".to_owned() } else { format!("[\n{rows}\n]") };
    let mut text = format!("let {} = datatable ({})\n{rows}", name(table), columns.join(", "));
    let times: Vec<String> = defs
        .iter()
        .filter(|(_, ty)| *ty == ColumnType::DateTime && rows.len() > 2)
        .map(|(name, _)| format!("{name} = {name} + (now() - datetime({now}))"))
        .collect();
    if !times.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n| extend {}", times.join(", "));
    }
    text.push_str(";\n\n");
    text
}
