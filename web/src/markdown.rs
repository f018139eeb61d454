//! Rows and explanations as Markdown, for tickets and chats. Logs are hostile: no cell can become markup.

use std::fmt::Write as _;

use detection::{ColumnReport, ConditionStory, SignalStory, Story};

use crate::format::{Piece, grouped, pieces};

/// A row as a table of two columns: a row of a log is too wide to stand on one line.
pub fn row(columns: &[ColumnReport], cells: &[String]) -> String {
    table(columns.iter().zip(cells).map(|(column, cell)| (column.name.as_str(), cell.as_str())))
}

/// The record of a story as a table of two columns.
pub fn record(story: &Story) -> String {
    table(story.cells.iter().map(|cell| (cell.column.as_str(), cell.text.as_str())))
}

/// Why a row fired, or did not, and its record.
pub fn story(story: &Story) -> String {
    let place =
        story.record.map(|record| format!(", {} {}", story.unit.word(), grouped(record.line))).unwrap_or_default();
    let mut out = format!("**{}**{place}, in {}\n", code(&story.source), code(&story.table));
    let mut signals: Vec<&SignalStory> = story.signals.iter().collect();
    signals.sort_by_key(|signal| (!signal.holds, signal.signal));
    for signal in signals {
        let words = if signal.holds { "fires on this row" } else { "does not fire on this row" };
        let _ = write!(out, "\n**{}** {words}\n\n", text(&signal.name));
        for told in &signal.conditions {
            condition(&mut out, told);
        }
    }
    out.push('\n');
    out.push_str(&record(story));
    out
}

fn condition(out: &mut String, told: &ConditionStory) {
    let sign = match told.verdict {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "∅",
    };
    let _ = writeln!(out, "- {sign} {}", code(&told.text));
    for cell in &told.cells {
        let mut found: Vec<&str> = Vec::new();
        for mark in &cell.matched {
            if !found.contains(&mark.literal.as_str()) {
                found.push(&mark.literal);
            }
        }
        let column = code(&cell.column);
        let words = if !found.is_empty() {
            let found: Vec<String> = found.into_iter().map(code).collect();
            format!("{} found in {column}", found.join(", "))
        } else if cell.missing {
            format!("{column} has no value in this row")
        } else {
            format!("{column} is {}", code(&cell.text))
        };
        let _ = writeln!(out, "  - {words}");
        if told.verdict == Some(true) {
            continue;
        }
        let mut said: Vec<(&str, &str)> = Vec::new();
        for swallowed in &cell.swallowed {
            let pair = (swallowed.mark.literal.as_str(), swallowed.term.as_str());
            if !said.contains(&pair) {
                said.push(pair);
                let _ = writeln!(out, "  - {} is only part of the longer term {}", code(pair.0), code(pair.1));
            }
        }
    }
}

fn table<'t>(cells: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut out = String::from("| Column | Value |\n|---|---|\n");
    for (column, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
        // In a table a bar ends the cell, even within code.
        let _ = writeln!(out, "| {} | {} |", code(column).replace('|', "\\|"), code(cell).replace('|', "\\|"));
    }
    out
}

/// A text as it is, between as many back-ticks as it takes; on one line, and what hides in it shown by its sign.
fn code(text: &str) -> String {
    let shown = shown(text);
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if shown.starts_with('`') || shown.ends_with('`') || shown.is_empty() { " " } else { "" };
    format!("{fence}{blank}{shown}{blank}{fence}")
}

/// A text outside code, with what Markdown or HTML would read something into escaped.
fn text(text: &str) -> String {
    let mut out = String::new();
    for character in shown(text).chars() {
        if character.is_ascii_punctuation() && !matches!(character, '.' | ',' | '-' | ':' | '\'') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn shown(text: &str) -> String {
    let signs = pieces(text).into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Hidden { sign, .. } => sign,
    });
    signs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use detection::{Options, Session};
    use event_table::DateTime;

    fn told(log: &str, query: &str) -> Story {
        let mut session = Session::new();
        session.load("a|b.csv", log.as_bytes(), Options::default());
        session.set_query(query);
        session.run_now(DateTime::MAX);
        session.story(event_table::RowRef { table: 0, row: 0 }).unwrap()
    }

    #[test]
    fn no_cell_becomes_markup() {
        let columns = ["A", "B", "C", "D"].map(|name| ColumnReport { name: name.to_owned(), ty: None });
        let cells = ["a|b", "`x`", "line\nfeed \u{202e}", ""].map(str::to_owned);
        assert_eq!(
            row(&columns, &cells),
            "| Column | Value |\n|---|---|\n| `A` | `a\\|b` |\n| `B` | `` `x` `` |\n| `C` | `line↵feed ⟨RLO⟩` |\n"
        );
    }

    #[test]
    fn an_explanation_says_what_each_condition_saw() {
        let log = "Timestamp,DeviceName,FileName,ProcessCommandLine\n\
                   2025-06-01T10:00:00Z,pc,git.exe,git push https://notgithub.com/x\n";
        let query = "DeviceProcessEvents | where FileName =~ 'git.exe' | where ProcessCommandLine has 'github'";
        let expected = "**`a|b.csv`**, line 2, in `DeviceProcessEvents`\n\
            \n\
            **DeviceProcessEvents** does not fire on this row\n\
            \n\
            - ✓ `FileName =~ 'git.exe'`\n\
            \x20 - `git.exe` found in `FileName`\n\
            - ✗ `ProcessCommandLine has 'github'`\n\
            \x20 - `ProcessCommandLine` is `git push https://notgithub.com/x`\n\
            \x20 - `github` is only part of the longer term `notgithub`\n\
            \n\
            | Column | Value |\n\
            |---|---|\n";
        let copied = story(&told(log, query));
        assert!(copied.starts_with(expected), "{copied}");
        assert!(copied.contains("| `DeviceName` | `pc` |\n"), "{copied}");
    }

    #[test]
    fn names_of_signals_are_text() {
        assert_eq!(text("a_b*<i>"), "a\\_b\\*\\<i\\>");
    }
}
