//! The result as CSV and as JSON.
//!
//! CSV keeps every cell exactly by default: it is for programs, and a command line that begins with `-` or `@` must stay
//! what it is. Spreadsheets run cells that begin with `=`, `+`, `-`, `@`, a tab or a line end; for them an apostrophe is
//! put before such cells, which changes the data, and so is only done when asked for.

use super::CsvCells;
use crate::output::value_json;
use crate::session::Session;
use serde_json::{Map, Value as Json};

/// The result as CSV with a header, by RFC 4180.
pub(crate) fn csv(session: &Session, cells: CsvCells) -> String {
    let Some(relation) = session.result() else { return String::new() };
    let mut out = String::new();
    let mut line = |values: &mut dyn Iterator<Item = String>| {
        let quoted: Vec<String> = values.map(|value| cell(&value, cells)).collect();
        out.push_str(&quoted.join(","));
        out.push_str("\r\n");
    };
    line(&mut relation.columns().iter().map(|c| c.name.to_string()));
    for row in 0..relation.len() {
        line(&mut (0..relation.columns().len()).map(|c| relation.value(row, c).to_string()));
    }
    out
}

fn cell(text: &str, cells: CsvCells) -> String {
    let guarded = cells == CsvCells::ForSpreadsheets && is_formula(text);
    let text = if guarded { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Whether a spreadsheet would take a text for a formula. A plain number is none.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && text.parse::<f64>().is_err()
}

/// What to know about the CSV.
pub(super) fn csv_notes(session: &Session, cells: CsvCells) -> Vec<String> {
    let Some(relation) = session.result() else { return vec!["There is no result yet.".to_owned()] };
    let width = relation.columns().len();
    let formulas = (0..relation.len())
        .flat_map(|row| (0..width).map(move |c| (row, c)))
        .filter(|(row, c)| is_formula(&relation.value(*row, *c).to_string()))
        .count();
    match (formulas, cells) {
        (0, _) => Vec::new(),
        (1.., CsvCells::Exact) => {
            vec![format!("{formulas} cells begin like a formula and are kept as they are: a spreadsheet may run them.")]
        }
        (1.., CsvCells::ForSpreadsheets) => {
            vec![format!("{formulas} cells begin like a formula; an apostrophe stands before each.")]
        }
    }
}

/// The result as an array of objects, values in the forms of the command line's contract.
pub(super) fn json(session: &Session) -> String {
    let Some(relation) = session.result() else { return "[]\n".to_owned() };
    let row = |row: usize| {
        let cells = relation.columns().iter().enumerate();
        Json::Object(
            cells
                .map(|(c, column)| (column.name.to_string(), value_json(&relation.value(row, c))))
                .collect::<Map<_, _>>(),
        )
    };
    let rows: Vec<Json> = (0..relation.len()).map(row).collect();
    let text = serde_json::to_string_pretty(&rows).unwrap_or_else(|_| "[]".to_owned());
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_needs_it_and_guards_formulas_only_when_asked() {
        for (text, exact, guarded) in [
            ("plain", "plain", "plain"),
            ("a,\"b\"", "\"a,\"\"b\"\"\"", "\"a,\"\"b\"\"\""),
            ("=1+1", "=1+1", "'=1+1"),
            ("-X PUT, x", "\"-X PUT, x\"", "\"'-X PUT, x\""),
            ("@SUM(1)", "@SUM(1)", "'@SUM(1)"),
            ("-5", "-5", "-5"),
            ("\r=x", "\"\r=x\"", "\"'\r=x\""),
        ] {
            assert_eq!(cell(text, CsvCells::Exact), exact);
            assert_eq!(cell(text, CsvCells::ForSpreadsheets), guarded);
        }
    }
}
