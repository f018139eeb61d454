//! Rows that are about to travel, as they would: so that what is in them is seen before anybody else does.

use serde_json::{Map, Value};
use yew::prelude::*;

use super::visible::visible;
use crate::format::grouped;

/// The column that names a row's table, and those of its time: they stand first.
const FIRST: [&str; 3] = ["$table", "Timestamp", "TimeGenerated"];

/// The most of a cell that is shown, in characters. Who wants all of it has the file.
const MOST: usize = 1_000;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct SentRowsProps {
    /// The first of them, each a JSON object.
    pub rows: Vec<String>,
    /// How many travel.
    pub all: usize,
}

/// Rows that are about to travel.
#[component]
pub fn SentRows(props: &SentRowsProps) -> Html {
    let rows = read(&props.rows);
    let columns = columns(&rows);
    let words = match rows.len() {
        shown if shown < props.all => format!("Look at the first {shown} of {} rows", grouped(props.all as u64)),
        1 => "Look at the row".to_owned(),
        all => format!("Look at the {all} rows"),
    };
    let row = |(place, row): (usize, &Map<String, Value>)| {
        let cell = |column: &&str| html! { <td key={*column}>{ visible(&text(row.get(*column))) }</td> };
        html! { <tr key={place}>{ for columns.iter().map(cell) }</tr> }
    };
    html! {
        <details class="sent">
            <summary>{ words }</summary>
            <div class="compared sent-rows" role="region" tabindex="0" aria-label="Rows as they travel">
                <table>
                    <thead><tr>{ for columns.iter().map(|name| html! { <th scope="col" key={*name}>{ visible(if *name == FIRST[0] { "Table" } else { name }) }</th> }) }</tr></thead>
                    <tbody>{ for rows.iter().enumerate().map(row) }</tbody>
                </table>
            </div>
        </details>
    }
}

fn read(rows: &[String]) -> Vec<Map<String, Value>> {
    rows.iter().filter_map(|row| serde_json::from_str(row).ok()).collect()
}

/// The columns that have a value in any row.
fn columns(rows: &[Map<String, Value>]) -> Vec<&str> {
    let mut columns: Vec<&str> = Vec::new();
    for column in rows.iter().flat_map(Map::keys) {
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    columns.sort_by_key(|column| FIRST.iter().position(|first| first == column).unwrap_or(FIRST.len()));
    columns
}

fn text(value: Option<&Value>) -> String {
    let text = match value {
        None => return String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_shown_by_the_columns_that_have_values() {
        let rows = read(&[
            r#"{"$table":"T","A":"<b>x</b>","Timestamp":"2026-01-01"}"#.to_owned(),
            r#"{"$table":"T","B":[1,2]}"#.to_owned(),
            "no row".to_owned(),
        ]);
        let columns = columns(&rows);
        assert_eq!(columns, ["$table", "Timestamp", "A", "B"]);
        let cells: Vec<String> = columns.iter().map(|column| text(rows[1].get(*column))).collect();
        assert_eq!(cells, ["T", "", "", "[1,2]"]);
        let long = Value::String("é".repeat(MOST + 1));
        assert_eq!(text(Some(&long)).chars().count(), MOST + 1);
    }
}
