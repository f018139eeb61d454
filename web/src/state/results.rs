//! The rows that are looked at.

use std::ops::Range;
use std::rc::Rc;

use detection::ColumnReport;

use crate::protocol::{Direction, Generation, RowName, RowsRequest, Sort, TableKind, TableRow, TableView, Window};

/// How many rows are kept ready above and below those in sight.
const AROUND: usize = 40;

/// A table that is looked at through a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The table.
    pub kind: TableKind,
    /// How a result is looked at.
    pub view: TableView,
    /// Its columns.
    pub columns: Rc<Vec<ColumnReport>>,
    /// How many rows it has.
    pub total: usize,
    /// How many of them the view shows.
    pub shown: usize,
    /// The place of the first row that is here.
    pub start: usize,
    /// The rows that are here.
    pub rows: Rc<Vec<TableRow>>,
    /// The row that is marked.
    pub selected: Option<Selected>,
    /// The places in sight.
    in_sight: Range<usize>,
    /// The newest request for rows.
    pub(super) request: Generation,
}

/// The row that is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Its place.
    pub place: usize,
    /// What names it wherever it stands; none for a row that was computed, or is not here yet.
    pub name: Option<RowName>,
}

impl Default for Table {
    fn default() -> Table {
        Table {
            kind: TableKind::Result,
            view: TableView::default(),
            columns: Rc::default(),
            total: 0,
            shown: 0,
            start: 0,
            rows: Rc::default(),
            selected: None,
            in_sight: 0..40,
            request: Generation::default(),
        }
    }
}

impl Table {
    /// The result, looked at in some way.
    pub(super) fn looked_at(view: TableView) -> Table {
        Table { view, ..Table::default() }
    }

    /// The row at a place, if it is here.
    pub fn row(&self, place: usize) -> Option<&TableRow> {
        self.rows.get(place.checked_sub(self.start)?)
    }

    /// The rows to ask for.
    pub(super) fn wanted(&self) -> Range<usize> {
        self.in_sight.start.saturating_sub(AROUND)..self.in_sight.end + AROUND
    }

    /// The request for the rows to show.
    pub(super) fn rows_request(&self) -> RowsRequest {
        let view = match self.kind {
            TableKind::Result => self.view.clone(),
            TableKind::Fallen { .. } => TableView::default(),
        };
        RowsRequest { table: self.kind, view, range: self.wanted(), find: self.named() }
    }

    pub(super) fn named(&self) -> Option<RowName> {
        self.selected.and_then(|selected| selected.name)
    }

    /// Takes in which rows are in sight; whether some of them are not here.
    pub(super) fn scrolled(&mut self, first: usize, count: usize) -> bool {
        self.in_sight = first..first + count;
        let end = (first + count).min(self.shown);
        first < end && !(self.start <= first && end <= self.start + self.rows.len())
    }

    /// Takes in rows that came.
    pub(super) fn take(&mut self, window: Window) {
        if let Some(selected) = &mut self.selected {
            match (selected.name, window.found) {
                (Some(_), Some(place)) => selected.place = place,
                // The marked row is no longer among those shown.
                (Some(_), None) if self.kind == TableKind::Result => self.selected = None,
                _ => selected.place = selected.place.min(window.shown.saturating_sub(1)),
            }
        }
        if self.kind == TableKind::Result {
            // An edit of the query may have taken a column away.
            let known = |name: &str| window.columns.iter().any(|column| column.name == name);
            self.view.filters.retain(|filter| known(&filter.column));
            self.view.sort.take_if(|sort| !known(&sort.column));
        }
        if *self.columns != window.columns {
            self.columns = Rc::new(window.columns);
        }
        (self.total, self.shown, self.start) = (window.total, window.shown, window.start);
        self.rows = Rc::new(window.rows);
        if let Some(selected) = self.selected {
            self.select(selected.place);
        }
    }

    /// Marks the row at a place.
    pub(super) fn select(&mut self, place: usize) {
        let row = self.row(place);
        let name = row.and_then(|row| Some(RowName { record: row.record?, signal: row.signal }));
        let kept = self.selected.filter(|selected| selected.place == place).and_then(|selected| selected.name);
        self.selected = Some(Selected { place, name: name.or(kept) });
    }

    /// Sorts by a column, then the other way round, then not.
    pub(super) fn sort(&mut self, column: String) {
        let direction = match &self.view.sort {
            Some(sort) if sort.column == column => match sort.direction {
                Direction::Ascending => Some(Direction::Descending),
                Direction::Descending => None,
            },
            _ => Some(Direction::Ascending),
        };
        self.view.sort = direction.map(|direction| Sort { column, direction });
    }

    /// Looks at another table, from its top.
    pub(super) fn show(&mut self, kind: TableKind) {
        *self = Table {
            kind,
            in_sight: 0..self.in_sight.len(),
            view: self.view.clone(),
            request: self.request,
            ..Table::default()
        };
    }
}
