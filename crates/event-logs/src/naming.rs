//! Which column of a table a name in a log stands for.

use event_table::schema::{self, TIME_COLUMNS};
use event_table::{ColumnDef, ColumnType, TableSchema};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// What a header says about the zone of its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Nothing.
    Unsaid,
    /// `Timestamp [UTC]`
    Utc,
    /// `Timestamp [Local Time]`
    Local,
}

/// A header without the zone that Log Analytics' export writes after the names of time columns.
pub(crate) fn split_zone(header: &str) -> (&str, Zone) {
    let suffix = |suffix: &str| {
        let at = header.len().checked_sub(suffix.len())?;
        header.get(at..)?.eq_ignore_ascii_case(suffix).then(|| header[..at].trim_end())
    };
    match (suffix("[UTC]"), suffix("[Local Time]")) {
        (Some(name), _) if !name.is_empty() => (name, Zone::Utc),
        (_, Some(name)) if !name.is_empty() => (name, Zone::Local),
        _ => (header, Zone::Unsaid),
    }
}

/// A column that a table is known to have.
pub(crate) struct Known {
    pub(crate) def: ColumnDef,
    /// Whether the name was written just so.
    pub(crate) exact: bool,
}

/// The known column that a name stands for: the one of exactly that name, else the one that differs in case only.
pub(crate) fn known(schema: Option<&TableSchema>, name: &str) -> Option<Known> {
    let common;
    let columns = match schema {
        Some(schema) => &schema.columns,
        None => {
            // Nobody publishes the table, but a time is a time in every table.
            common = schema::common_columns()
                .into_iter()
                .chain([ColumnDef::new(TIME_COLUMNS[0], ColumnType::DateTime)])
                .collect::<Vec<_>>();
            &common
        }
    };
    let find = |same: &dyn Fn(&str) -> bool| columns.iter().find(|c| same(&c.name)).cloned();
    match find(&|known| known == name) {
        Some(def) => Some(Known { def, exact: true }),
        None => find(&|known| known.eq_ignore_ascii_case(name)).map(|def| Known { def, exact: false }),
    }
}

/// The name of a column of any published table that a name stands for: exactly, else by case.
pub(crate) fn published_anywhere(name: &str) -> Option<&'static str> {
    static EXACT: LazyLock<FxHashSet<&str>> = LazyLock::new(|| published_names().collect());
    static BY_CASE: LazyLock<FxHashMap<String, &str>> =
        LazyLock::new(|| published_names().map(|name| (name.to_ascii_lowercase(), name)).collect());
    let exact = EXACT.get(name).copied();
    exact.or_else(|| BY_CASE.get(&name.to_ascii_lowercase()).copied())
}

fn published_names() -> impl Iterator<Item = &'static str> {
    schema::all().iter().flat_map(|table| &table.columns).map(|column| &*column.name)
}

/// A name that is not among those taken: the name itself, or with the first number that makes it another.
pub(crate) fn free_name(name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let numbered = (1u32..).map(|n| format!("{name}{n}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_after_a_name_is_no_part_of_it() {
        for (header, expected) in [
            ("Timestamp [UTC]", ("Timestamp", Zone::Utc)),
            ("TimeGenerated [Local Time]", ("TimeGenerated", Zone::Local)),
            ("TimeGenerated[utc]", ("TimeGenerated", Zone::Utc)),
            ("Timestamp", ("Timestamp", Zone::Unsaid)),
            ("[UTC]", ("[UTC]", Zone::Unsaid)),
            ("é[UTC]", ("é", Zone::Utc)),
            ("日本語日本語", ("日本語日本語", Zone::Unsaid)),
        ] {
            assert_eq!(split_zone(header), expected);
        }
    }

    #[test]
    fn names_are_known_exactly_before_they_are_known_by_case() {
        let schema = schema::published("DeviceNetworkEvents");
        for (name, expected) in [
            ("RemoteUrl", Some(("RemoteUrl", true))),
            ("remoteurl", Some(("RemoteUrl", false))),
            ("BytesSent", Some(("BytesSent", true))),
            ("TimeGenerated", Some(("TimeGenerated", true))),
            ("Nonsense", None),
        ] {
            let found = known(schema, name);
            assert_eq!(found.as_ref().map(|k| (&*k.def.name, k.exact)), expected, "{name}");
        }
        assert_eq!(known(None, "Timestamp").map(|k| k.def.ty), Some(ColumnType::DateTime));
        assert!(known(None, "RemoteUrl").is_none());
        assert_eq!(published_anywhere("FOLDERPATH"), Some("FolderPath"));
        assert_eq!(published_anywhere("Nonsense"), None);
    }

    #[test]
    fn a_free_name_is_the_name_or_has_a_number() {
        let taken = ["A", "A1", "B"];
        let is_taken = |name: &str| taken.contains(&name);
        assert_eq!(["A", "B", "C"].map(|name| free_name(name, &is_taken)), ["A2", "B1", "C"]);
    }
}
