//! Labels and pins of rows, and what a row is called where there is room for one line.

use detection::{Label, Session, Wanted};
use event_table::RowRef;

use crate::protocol::{MarkChange, MarkedRow, RowMarks};

/// Longer texts are cut in a title, in characters.
const LONGEST: usize = 120;

/// As many rows are named; the others are counted.
const NAMED: usize = 500;

/// Makes a change, and gives what then is said of the row.
pub(super) fn change(session: &mut Session, record: RowRef, change: MarkChange) -> RowMarks {
    match change {
        MarkChange::Label(label) => session.set_label(record, label),
        MarkChange::Pin(wanted) => session.set_pin(record, wanted.map(|wanted| (wanted, None))),
    }
    marks(session, record)
}

/// What is said of a row.
pub(super) fn marks(session: &Session, record: RowRef) -> RowMarks {
    RowMarks { label: session.label(record), pin: pin(session, record) }
}

fn pin(session: &Session, record: RowRef) -> Option<Wanted> {
    session.pins().iter().find(|pin| pin.row == record).map(|pin| pin.wanted)
}

/// What each protected row is called.
pub(super) fn pin_titles(session: &Session) -> Vec<String> {
    session.pins().iter().map(|pin| title(session, pin.row)).collect()
}

/// The rows with a label that alert, or those that do not; and how many there are.
pub(super) fn labelled(session: &Session, label: Label, alerts: bool) -> (Vec<MarkedRow>, usize) {
    let firing: std::collections::HashSet<RowRef> = session.result().map_or_else(Default::default, |result| {
        (0..result.len()).filter_map(|row| result.origin(row)).map(|origin| origin.row).collect()
    });
    let rows: Vec<RowRef> = session.labelled(label).into_iter().filter(|row| firing.contains(row) == alerts).collect();
    let named = rows.iter().take(NAMED).map(|row| MarkedRow { record: *row, title: title(session, *row) });
    (named.collect(), rows.len())
}

/// A row in a line: when, where, who, and the text that says most.
pub(super) fn title(session: &Session, record: RowRef) -> String {
    let Some(table) = session.tables().tables().get(record.table as usize) else { return String::new() };
    let cell = |name: &&str| {
        let column = table.schema().position(name)?;
        let text = table.value(record.row as usize, column).to_string();
        (!text.is_empty()).then_some(text)
    };
    let first = |names: &[&str]| names.iter().find_map(cell);
    let time = first(&["Timestamp", "TimeGenerated"]).map(|time| crate::format::instant(&time));
    let texts: [&[&str]; 3] = [
        &["DeviceName", "Computer"],
        &["AccountName", "InitiatingProcessAccountName"],
        &["ProcessCommandLine", "RemoteUrl", "FileName", "ActionType"],
    ];
    let parts: Vec<String> = time.into_iter().chain(texts.iter().filter_map(|names| first(names))).collect();
    let text = parts.join(" · ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detection::Options;
    use event_table::DateTime;

    fn session() -> Session {
        let mut session = Session::new();
        let log = format!(
            "Timestamp,DeviceName,AccountName,FileName,ProcessCommandLine\n2025-06-01T10:00:00.5Z,pc,ada,git.exe,{}\n\
             2025-06-01T10:00:01Z,,,cmd.exe,\n",
            "é".repeat(200)
        );
        session.load("log.csv", log.as_bytes(), Options::default());
        session.set_query("DeviceProcessEvents | where FileName == 'git.exe'");
        session.run_now(DateTime::MAX);
        session
    }

    fn row(row: u32) -> RowRef {
        RowRef { table: 0, row }
    }

    #[test]
    fn a_row_is_called_by_what_it_has() {
        let session = session();
        let long = title(&session, row(0));
        assert!(long.starts_with("2025-06-01 10:00:00 · pc · ada · éé") && long.ends_with("é…"), "{long}");
        assert_eq!(title(&session, row(1)), "2025-06-01 10:00:01 · cmd.exe");
        assert_eq!(title(&session, RowRef { table: 7, row: 0 }), "");
    }

    #[test]
    fn labelled_rows_are_told_by_whether_they_alert() {
        let mut session = session();
        change(&mut session, row(0), MarkChange::Label(Some(Label::Benign)));
        let marks = change(&mut session, row(1), MarkChange::Label(Some(Label::Benign)));
        assert_eq!(marks, RowMarks { label: Some(Label::Benign), pin: None });
        let of = |alerts| labelled(&session, Label::Benign, alerts).0.into_iter().map(|row| row.record.row);
        assert_eq!((of(true).collect::<Vec<_>>(), of(false).collect::<Vec<_>>()), (vec![0], vec![1]));
    }
}
