//! Rows of the session's tables as the page shows them.

use std::ops::Range;

use detection::{ColumnReport, Session};

use crate::protocol::{RowName, RowsRequest, TableKind, TableRow, TableView, Window};

/// Cells longer than this are cut, in bytes: a line on the widest screen has no more. The story has the whole text.
const CELL: usize = 600;

/// The rows asked for; none when there is no such table.
pub(super) fn window(session: &mut Session, asked: &RowsRequest) -> Option<Window> {
    match asked.table {
        TableKind::Result => result(session, &asked.view, asked.range.clone(), asked.find),
        TableKind::Fallen { signal, step } => {
            let fallen = session.fallen(signal, step, asked.range.clone())?;
            let start = asked.range.start.min(fallen.total);
            let rows = fallen.rows.into_iter().enumerate().map(|(index, row)| {
                let (cells, cut) = cut(row.cells);
                let (signal, label) = (u16::try_from(signal).ok(), session.label(row.row));
                TableRow { row: start + index, cells, cut, signal, record: Some(row.row), label }
            });
            Some(Window {
                rows: rows.collect(),
                columns: fallen.columns,
                total: fallen.total,
                shown: fallen.total,
                start,
                found: None,
            })
        }
    }
}

/// Rows of the newest result; none when there is no result.
pub(super) fn result(
    session: &mut Session,
    view: &TableView,
    range: Range<usize>,
    find: Option<RowName>,
) -> Option<Window> {
    let relation = session.result()?;
    let column =
        |column: &kql_engine::plan::PlanColumn| ColumnReport { name: column.name.to_string(), ty: Some(column.ty) };
    let columns: Vec<ColumnReport> = relation.columns().iter().map(column).collect();
    let total = relation.len();
    let shown = session.arrange_within(view.resolve(&columns), view.time);
    let start = range.start.min(shown);
    let rows = session.rows(start..range.end.min(shown));
    let relation = session.result()?;
    let rows = rows.into_iter().map(|row| {
        let (cells, cut) = cut(row.cells);
        let record = relation.origin(row.row).map(|origin| origin.row);
        let label = record.and_then(|record| session.label(record));
        TableRow { row: row.row, cells, cut, signal: row.signal, record, label }
    });
    let rows = rows.collect();
    let found = find.and_then(|name| session.place(name.record, name.signal));
    Some(Window { columns, total, shown, start, rows, found })
}

/// Every cell of a row of the newest result, uncut; none when there is no such row.
pub(super) fn whole(session: &Session, row: usize) -> Vec<String> {
    let Some(relation) = session.result().filter(|relation| row < relation.len()) else { return Vec::new() };
    (0..relation.columns().len()).map(|column| relation.value(row, column).to_string()).collect()
}

/// Cells as they are shown, and which of them are cut.
fn cut(mut cells: Vec<String>) -> (Vec<String>, Vec<usize>) {
    let mut cut = Vec::new();
    for (column, cell) in cells.iter_mut().enumerate() {
        if cell.len() > CELL {
            cell.truncate(cell.floor_char_boundary(CELL));
            cut.push(column);
        }
    }
    (cells, cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Direction, Keep, Sort, ValueFilter};
    use detection::Options;
    use event_table::DateTime;

    fn session() -> Session {
        let mut session = Session::new();
        let log = format!(
            "Timestamp,DeviceName,FileName,ProcessCommandLine\n2025-06-01T10:00:00Z,a,git.exe,{}\n\
             2025-06-01T10:00:01Z,b,cmd.exe,x\n2025-06-01T10:00:02Z,c,git.exe,y\n",
            "é".repeat(400)
        );
        session.load("log.csv", log.as_bytes(), Options::default());
        session.set_query("DeviceProcessEvents | project DeviceName, FileName, ProcessCommandLine");
        session.run_now(DateTime::MAX);
        session
    }

    fn devices(window: &Window) -> Vec<&str> {
        window.rows.iter().map(|row| &*row.cells[0]).collect()
    }

    #[test]
    fn rows_come_as_arranged_with_their_place_in_the_result() {
        let mut session = session();
        let sort = Some(Sort { column: "DeviceName".into(), direction: Direction::Descending });
        let filter = ValueFilter { column: "FileName".into(), value: "git.exe".into(), keep: Keep::Equal };
        let unknown = ValueFilter { column: "Nowhere".into(), value: "x".into(), keep: Keep::Equal };
        let view = TableView { sort, text: String::new(), filters: vec![filter, unknown], time: None };
        let first = result(&mut session, &TableView::default(), 0..1, None).unwrap();
        let name = RowName { record: first.rows[0].record.unwrap(), signal: None };
        let window = result(&mut session, &view, 0..10, Some(name)).unwrap();
        assert_eq!(devices(&window), ["c", "a"]);
        assert_eq!((window.total, window.shown, window.found), (3, 2, Some(1)));
        assert_eq!(window.rows[0].row, 2);
        let beyond = result(&mut session, &view, 5..10, None).unwrap();
        assert_eq!((beyond.start, beyond.rows.len()), (2, 0));
    }

    #[test]
    fn a_stretch_of_time_keeps_its_rows() {
        let mut session = session();
        let ten = 1_748_772_000_000; // 2025-06-01T10:00:00Z
        let view = TableView {
            time: Some(detection::TimeRange { from: ten + 1_000, to: ten + 2_000 }),
            ..TableView::default()
        };
        let window = result(&mut session, &view, 0..10, None).unwrap();
        assert_eq!((devices(&window), window.total), (vec!["b"], 3));
    }

    #[test]
    fn long_cells_are_cut_between_characters() {
        let mut session = session();
        let window = result(&mut session, &TableView::default(), 0..1, None).unwrap();
        assert_eq!((window.rows[0].cells[2].as_str(), &*window.rows[0].cut), (&*"é".repeat(300), [2].as_slice()));
        assert_eq!(whole(&session, 0), ["a".to_owned(), "git.exe".to_owned(), "é".repeat(400)]);
        assert!(whole(&session, 3).is_empty());
    }

    #[test]
    fn fallen_rows_come_with_the_signal_they_fell_in() {
        let mut session = session();
        session.set_query("DeviceProcessEvents | where FileName == 'git.exe'");
        session.run_now(DateTime::MAX);
        let asked = |step| RowsRequest {
            table: TableKind::Fallen { signal: 0, step },
            view: TableView::default(),
            range: 0..9,
            find: None,
        };
        let window = super::window(&mut session, &asked(0)).unwrap();
        assert_eq!((window.total, window.rows[0].signal), (1, Some(0)));
        assert!(window.rows[0].cells.contains(&"cmd.exe".to_owned()));
        assert!(super::window(&mut session, &asked(1)).is_none());
    }
}
