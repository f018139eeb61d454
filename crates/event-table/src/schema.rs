//! The tables that Microsoft publishes, and the columns that ingestion adds to them.
//!
//! `schemas.txt` holds the facts: a table's name alone on a line, then its columns, each indented, with its type.
//! Source: Microsoft Defender XDR documentation, the pages `advanced-hunting-…-table`. A column marked `+` is no
//! part of the published table: it is an *extension column* that the detection needs and organisations add when
//! they ingest the logs.

use crate::{ColumnIndex, ColumnType};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// Who says that a table has a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnOrigin {
    /// Microsoft's published schema of the table.
    Published,
    /// Not published: added by an organisation's ingestion, and needed by the detection.
    Extension,
    /// Every table in Sentinel and Log Analytics carries it beside Defender's columns.
    Sentinel,
    /// A log brought it.
    Log,
}

/// A column's name and type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDef {
    /// The name, case-sensitive.
    pub name: Arc<str>,
    /// The type of every cell.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Who says that the table has it.
    pub origin: ColumnOrigin,
}

impl ColumnDef {
    /// A column that a log brings.
    #[must_use]
    pub fn new(name: &str, ty: ColumnType) -> Self {
        Self { name: name.into(), ty, origin: ColumnOrigin::Log }
    }
}

/// A table's name and columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSchema {
    /// The table's name, case-sensitive.
    pub name: Arc<str>,
    /// The columns, in the published order.
    pub columns: Vec<ColumnDef>,
}

impl TableSchema {
    /// The position of a column. Names are case-sensitive, as in Kusto.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<ColumnIndex> {
        self.columns.iter().position(|c| &*c.name == name).map(ColumnIndex::from)
    }

    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnDef> {
        self.columns.iter().find(|c| &*c.name == name)
    }
}

/// Defender's and Sentinel's name for the time of an event: a log with one of them has both.
pub const TIME_COLUMNS: [&str; 2] = ["Timestamp", "TimeGenerated"];

static SCHEMAS: LazyLock<Vec<TableSchema>> = LazyLock::new(|| parse(include_str!("schemas.txt")));

/// Every published table.
#[must_use]
pub fn all() -> &'static [TableSchema] {
    &SCHEMAS
}

/// The published table of a name, with its extension columns and Sentinel's common ones at the end.
#[must_use]
pub fn published(name: &str) -> Option<&'static TableSchema> {
    SCHEMAS.iter().find(|schema| &*schema.name == name)
}

/// The columns that every table in Sentinel and Log Analytics has.
#[must_use]
pub fn common_columns() -> Vec<ColumnDef> {
    use ColumnType::{DateTime, String};
    [("TimeGenerated", DateTime), ("Type", String), ("TenantId", String), ("SourceSystem", String)]
        .map(|(name, ty)| ColumnDef { name: name.into(), ty, origin: ColumnOrigin::Sentinel })
        .into()
}

/// Reads the facts. The file is ours and a test reads all of it, so lines that say nothing are passed over.
fn parse(text: &str) -> Vec<TableSchema> {
    let mut schemas: Vec<TableSchema> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix("  "), schemas.last_mut()) {
            (Some(column), Some(schema)) => {
                let (column, origin) = match column.strip_prefix('+') {
                    Some(rest) => (rest, ColumnOrigin::Extension),
                    None => (column, ColumnOrigin::Published),
                };
                if let Some((name, ty)) = column.split_once(' ')
                    && let Some(ty) = ColumnType::parse(ty)
                {
                    schema.columns.push(ColumnDef { name: name.into(), ty, origin });
                }
            }
            _ if line.is_empty() => {}
            _ => schemas.push(TableSchema { name: line.into(), columns: Vec::new() }),
        }
    }
    for schema in &mut schemas {
        let common = common_columns().into_iter().filter(|c| schema.position(&c.name).is_none());
        let missing: Vec<_> = common.collect();
        schema.columns.extend(missing);
    }
    schemas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_facts_is_a_table_or_a_column() {
        let text = include_str!("schemas.txt");
        let columns = text.lines().filter(|l| l.starts_with("  ")).count();
        let known = |c: &&ColumnDef| c.origin != ColumnOrigin::Sentinel;
        assert_eq!(all().iter().flat_map(|s| &s.columns).filter(known).count(), columns);
        for schema in all() {
            for (i, column) in schema.columns.iter().enumerate() {
                assert_eq!(schema.position(&column.name).map(ColumnIndex::get), Some(i), "{} twice", column.name);
            }
        }
    }

    #[test]
    fn the_rules_tables_have_their_columns() {
        let network = published("DeviceNetworkEvents").unwrap();
        for (name, ty, origin) in [
            ("Timestamp", ColumnType::DateTime, ColumnOrigin::Published),
            ("RemotePort", ColumnType::Int, ColumnOrigin::Published),
            ("BytesSent", ColumnType::Long, ColumnOrigin::Extension),
            ("BytesReceived", ColumnType::Long, ColumnOrigin::Extension),
            ("AccountName", ColumnType::String, ColumnOrigin::Extension),
            ("TimeGenerated", ColumnType::DateTime, ColumnOrigin::Sentinel),
        ] {
            assert_eq!(network.column(name).map(|c| (c.ty, c.origin)), Some((ty, origin)), "{name}");
        }
        assert_eq!(
            published("DeviceProcessEvents").unwrap().column("AccountName").map(|c| c.origin),
            Some(ColumnOrigin::Published)
        );
        assert!(published("devicenetworkevents").is_none());
    }
}
