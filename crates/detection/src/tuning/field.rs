//! The alerts of a run as tuning sees them: what is wanted of each, and its cells where an exclusion would stand.

use super::atoms::Account;
use crate::near::cells;
use crate::placing::Place;
use crate::session::LastRun;
use event_table::{ColumnType, RowRef, TableSet};
use kql_engine::plan::PlanColumn;
use kql_engine::scalar::convert;
use rustc_hash::{FxHashMap, FxHashSet};

/// Alerts of each class that are looked at cell by cell. What is proposed is run on all.
const LOOKED_AT: usize = 4_000;

/// What is wanted of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It is to go.
    Asked,
    /// It must stay.
    Kept,
    /// Nobody said.
    Other,
}

/// An alert: a row of the result that is a row of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alert {
    pub(super) result: usize,
    pub(super) row: RowRef,
    pub(super) leg: usize,
    pub(super) class: Class,
}

/// What is wanted of each alert of a run.
pub(super) struct Classes {
    alerts: Vec<Alert>,
    /// Rows that should alert, whether they do or not.
    pub(super) keep: FxHashSet<RowRef>,
    names: Vec<String>,
    /// Rows of the result that are no rows of a log.
    grouped: usize,
    contradictions: usize,
}

/// What an exclusion did to the alerts.
pub(super) struct Effect {
    pub(super) silenced: usize,
    pub(super) loses_kept: bool,
    pub(super) others: Vec<RowRef>,
}

impl Classes {
    pub(super) fn new(last: Option<&LastRun>, silence: FxHashSet<RowRef>, keep: FxHashSet<RowRef>) -> Self {
        let contradictions = silence.intersection(&keep).count();
        let mut classes = Self { alerts: Vec::new(), keep, names: Vec::new(), grouped: 0, contradictions };
        let Some(last) = last else { return classes };
        classes.names = last.plan.legs.iter().map(|leg| crate::signals::signal_name(&last.plan, leg)).collect();
        for result in 0..last.outcome.relation.len() {
            let Some(origin) = last.outcome.relation.origin(result) else {
                classes.grouped += 1;
                continue;
            };
            let class = match (classes.keep.contains(&origin.row), silence.contains(&origin.row)) {
                (true, _) => Class::Kept,
                (false, true) => Class::Asked,
                (false, false) => Class::Other,
            };
            let leg = usize::from(origin.leg.unwrap_or(0));
            classes.alerts.push(Alert { result, row: origin.row, leg, class });
        }
        classes
    }

    /// How many alerts are to go, and how many must stay.
    pub(super) fn counts(&self) -> (usize, usize) {
        let count = |class| self.alerts.iter().filter(|a| a.class == class).count();
        (count(Class::Asked), count(Class::Kept))
    }

    /// The alerts, by position.
    pub(super) fn alerts(&self) -> &[Alert] {
        &self.alerts
    }

    /// What cannot be done with these alerts, in words.
    pub(super) fn notes(&self, last: &LastRun, fields: &[Field]) -> Vec<String> {
        let mut notes = Vec::new();
        if self.contradictions > 0 {
            notes.push(format!(
                "{} of the rows to silence must also alert: they stay. Take the label or the pin away first.",
                self.contradictions
            ));
        }
        if self.grouped > 0 {
            notes.push("The result is computed from several rows: there is no one row to exclude.".to_owned());
        } else if self.counts().0 == 0 {
            notes.push("No alert is marked as a false positive.".to_owned());
        } else if fields.is_empty() {
            let legs = last.plan.legs.len();
            let what = if legs > 1 { "signals are" } else { "query is" };
            notes.push(format!("The {what} not written as a table and operators: there is no certain place."));
        }
        notes
    }

    /// What became of the alerts, given the rows that alert afterwards.
    pub(super) fn effect(&self, after: &FxHashMap<RowRef, Vec<String>>) -> Effect {
        let mut effect = Effect { silenced: 0, loses_kept: false, others: Vec::new() };
        for alert in &self.alerts {
            let name = self.names.get(alert.leg);
            let stays = after.get(&alert.row).is_some_and(|names| name.is_none_or(|name| names.contains(name)));
            match alert.class {
                _ if stays => {}
                Class::Asked => effect.silenced += 1,
                Class::Kept => effect.loses_kept = true,
                Class::Other => effect.others.push(alert.row),
            }
        }
        effect
    }
}

/// A place for an exclusion, and the cells of the alerts that flow through it.
pub(super) struct Field {
    pub(super) place: Place,
    /// The columns of text, by position in the place's columns.
    pub(super) columns: Vec<usize>,
    /// The alerts that flow through, by position in [`Classes::alerts`]: those looked at.
    pub(super) alerts: Vec<(usize, Class)>,
    /// For each alert the cells of the columns.
    pub(super) cells: Vec<Vec<String>>,
}

impl Field {
    pub(super) fn new(place: Place, last: &LastRun, tables: &TableSet, classes: &Classes) -> Self {
        let columns: Vec<usize> = place
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.ty == Some(ColumnType::String) && is_tellable(&c.name))
            .map(|(index, _)| index)
            .collect();
        let relation = &last.outcome.relation;
        let of_result: Vec<Option<usize>> =
            columns.iter().map(|c| relation.columns().iter().position(|r| r.name == place.columns[*c].name)).collect();
        let of_table: Vec<PlanColumn> = columns
            .iter()
            .map(|c| PlanColumn { name: place.columns[*c].name.clone(), ty: ColumnType::String })
            .collect();
        let mut taken = [0usize; 3];
        let mut field = Self { place, columns, alerts: Vec::new(), cells: Vec::new() };
        for (index, alert) in classes.alerts().iter().enumerate() {
            if field.place.leg.is_some_and(|leg| leg != alert.leg) {
                continue;
            }
            let count = &mut taken[alert.class as usize];
            *count += 1;
            if *count > LOOKED_AT {
                continue;
            }
            let values: Vec<String> = match field.place.leg {
                None => of_result
                    .iter()
                    .map(|c| c.map_or_else(String::new, |c| relation.value(alert.result, c).to_string()))
                    .collect(),
                Some(_) => tables.tables().get(alert.row.table as usize).map_or_else(Vec::new, |table| {
                    let row = cells(table, &of_table, alert.row.row);
                    row.iter().map(|value| convert::to_text(value).into_owned()).collect()
                }),
            };
            field.alerts.push((index, alert.class));
            field.cells.push(values);
        }
        field
    }

    /// For each alert whether a person's account did it.
    pub(super) fn by_people(&self) -> Vec<bool> {
        let account = ["AccountName", "InitiatingProcessAccountName"]
            .iter()
            .find_map(|wanted| (0..self.columns.len()).find(|column| self.name(*column) == *wanted));
        let by_person = |row: &Vec<String>| {
            account.and_then(|column| row.get(column)).is_some_and(|name| Account::of(name) == Account::Person)
        };
        self.cells.iter().map(by_person).collect()
    }

    /// The name of a column of the field.
    pub(super) fn name(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |c| &self.place.columns[*c].name)
    }
}

/// What a column tells of: a second test of the same thing adds nothing.
pub(super) fn family(name: &str) -> &str {
    match name {
        _ if name.contains("Account") => "account",
        _ if name.starts_with("Device") => "device",
        "InitiatingProcessFileName" | "InitiatingProcessFolderPath" => "initiating program",
        "FileName" | "FolderPath" => "program",
        _ => name,
    }
}

/// Whether an analyst would name a column in an exclusion: not what is new with every event, or the same for everybody.
fn is_tellable(name: &str) -> bool {
    const NEVER: [&str; 9] = [
        "Signal",
        "Type",
        "SourceSystem",
        "ActionType",
        "AdditionalFields",
        "Protocol",
        "LocalIP",
        "ProcessIntegrityLevel",
        "ProcessTokenElevation",
    ];
    const ENDS: [&str; 12] =
        ["Id", "SHA1", "SHA256", "MD5", "Sid", "Guid", "Time", "Level", "Elevation", "Version", "IPType", "Domain"];
    !NEVER.contains(&name) && !ENDS.iter().any(|end| name.ends_with(end))
}
