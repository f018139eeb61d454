//! Which table a row is for, when the caller does not say: the record says so, else the file's name, else its columns.
//!
//! The order and the rules for the two tables of the detection are those of the project's log specification; the
//! columns of the other published tables settle what those rules leave open.

use event_table::schema;

/// Columns whose value names a row's table, the surest first.
pub(crate) const TABLE_COLUMNS: [&str; 4] = ["$table", "Type", "TableName", "SourceTable"];

/// The table that a value of such a column names; `None` when it names none.
///
/// `Type` is a word that other logs use for other things: there, only published tables and Log Analytics' custom
/// ones (`…_CL`) count.
pub(crate) fn named_by(column: &str, value: &str) -> Option<String> {
    if let Some(schema) = schema::all().iter().find(|s| s.name.eq_ignore_ascii_case(value)) {
        return Some(schema.name.to_string());
    }
    let accepted = column != "Type" || value.ends_with("_CL") || LOG_ANALYTICS_TABLES.contains(&value);
    (accepted && is_identifier(value)).then(|| value.to_owned())
}

/// Tables of Windows events in Log Analytics: their schemas are not needed here, their names are.
const LOG_ANALYTICS_TABLES: [&str; 8] = [
    "SecurityEvent",
    "WindowsEvent",
    "Event",
    "Syslog",
    "CommonSecurityLog",
    "SigninLogs",
    "AuditLogs",
    "OfficeActivity",
];

/// Whether a text can be written as a table's name in KQL.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The published table whose name is a word of a file's name.
pub(crate) fn named_by_file(name: &str) -> Option<&'static str> {
    let is_word = |word: &str| schema::all().iter().find(|s| s.name.eq_ignore_ascii_case(word)).map(|s| &*s.name);
    name.split(|c: char| !c.is_ascii_alphanumeric()).find_map(is_word)
}

/// The name for the rows of a file that nothing else names: its own, as KQL can write it.
pub(crate) fn fallback(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.split('.').find(|part| !part.is_empty()).unwrap_or("");
    let mut table: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(64).collect();
    if !is_identifier(&table) {
        table.insert_str(0, "Log_");
    }
    if schema::published(&table).is_some() || table == "Log_" { "Log".into() } else { table }
}

/// What the names of a log's columns say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The table that they speak for.
    pub(crate) table: Option<&'static str>,
    /// The reason, in words.
    pub(crate) why: String,
    /// The tables among which a row's ActionType decides.
    pub(crate) by_action: Vec<&'static str>,
}

const PROCESS: &str = "DeviceProcessEvents";
const NETWORK: &str = "DeviceNetworkEvents";
/// The tables that a row's ActionType can speak for.
const ACTION_TABLES: [&str; 6] =
    [PROCESS, NETWORK, "DeviceFileEvents", "DeviceRegistryEvents", "DeviceImageLoadEvents", "DeviceLogonEvents"];

/// What the names of a log's columns say about the table of its rows.
pub(crate) fn by_columns(columns: &[&str]) -> Evidence {
    let has = |name: &str| columns.contains(&name);
    let first_of = |names: &[&'static str]| names.iter().copied().find(|name| has(name));
    let process = first_of(&["ProcessCommandLine"])
        .or_else(|| first_of(&["FolderPath", "ProcessId"]).filter(|_| has("FileName")));
    let network = first_of(&["RemoteUrl", "RemoteIP", "RemotePort"]);

    let published: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|c| schema::all().iter().any(|s| s.position(c).is_some()))
        .filter(|c| schema::common_columns().iter().all(|common| &*common.name != *c))
        .collect();
    let lacks = |table: &str| {
        schema::published(table).is_none_or(|s| published.iter().any(|column| s.position(column).is_none()))
    };
    let fits: Vec<&'static str> = if published.len() < 2 {
        Vec::new()
    } else {
        schema::all().iter().map(|s| &*s.name).filter(|table| !lacks(table)).collect()
    };

    let by_rule = [process.map(|c| (PROCESS, c)), network.map(|c| (NETWORK, c))];
    let ruled = by_rule.into_iter().flatten().next();
    let (table, why) = match (ruled, fits.as_slice()) {
        (Some((table, _)), [only]) if lacks(table) => (Some(*only), format!("only {only} has all of its columns")),
        (Some((table, column)), _) => (Some(table), format!("it has the column {column}")),
        (None, [only]) => (Some(*only), format!("only {only} has all of its columns")),
        (None, _) => (None, String::new()),
    };
    let mut by_action: Vec<&'static str> = Vec::new();
    if has("ActionType") {
        let open = |t: &&'static str| by_rule.iter().flatten().any(|(ruled, _)| ruled == t) || fits.contains(t);
        by_action.extend(ACTION_TABLES.iter().filter(|t| open(t) || (table.is_none() && fits.is_empty())));
        if by_action.len() == 1 && table == by_action.first().copied() {
            by_action.clear();
        }
    }
    Evidence { table, why, by_action }
}

/// The table whose rows have an ActionType.
pub(crate) fn by_action(action: &str) -> Option<&'static str> {
    Some(match action {
        "ProcessCreated" => PROCESS,
        "ListeningConnectionCreated"
        | "InboundConnectionAccepted"
        | "InboundConnectionAttempt"
        | "NetworkSignatureInspected" => NETWORK,
        "FileCreated" | "FileModified" | "FileRenamed" | "FileDeleted" => "DeviceFileEvents",
        "ImageLoaded" => "DeviceImageLoadEvents",
        "LogonSuccess" | "LogonFailed" | "LogonAttempted" => "DeviceLogonEvents",
        _ if action.starts_with("Connection") || action.ends_with("ConnectionInspected") => NETWORK,
        _ if action.starts_with("RegistryKey") || action.starts_with("RegistryValue") => "DeviceRegistryEvents",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_say_which_table() {
        let file = "DeviceFileEvents";
        for (columns, table, by_action) in [
            (
                "Timestamp DeviceName ActionType FileName FolderPath ProcessCommandLine ProcessId",
                Some(PROCESS),
                &[][..],
            ),
            ("Timestamp DeviceName ProcessCommandLine", Some(PROCESS), &[]),
            ("Timestamp DeviceName FileName ProcessId", Some(PROCESS), &[]),
            ("Timestamp DeviceName ActionType RemoteUrl RemoteIP RemotePort BytesSent", Some(NETWORK), &[]),
            ("Timestamp DeviceName RemoteUrl InitiatingProcessFileName Custom", Some(NETWORK), &[]),
            (
                "Timestamp ActionType ProcessCommandLine FileName RemoteUrl LocalPort Protocol",
                Some(PROCESS),
                &[PROCESS, NETWORK],
            ),
            ("Timestamp ActionType FileName FolderPath SHA1 PreviousFileName", Some(file), &[PROCESS, file]),
            (
                "Timestamp DeviceName RegistryKey RegistryValueName PreviousRegistryKey",
                Some("DeviceRegistryEvents"),
                &[],
            ),
            ("Timestamp Foo Bar", None, &[]),
            ("Timestamp ActionType", None, &ACTION_TABLES),
            ("time src dst", None, &[]),
        ] {
            let columns: Vec<&str> = columns.split(' ').collect();
            let evidence = by_columns(&columns);
            assert_eq!((evidence.table, evidence.by_action.as_slice()), (table, by_action), "{columns:?}");
        }
    }

    #[test]
    fn records_and_files_name_tables() {
        for (column, value, expected) in [
            ("Type", "DeviceProcessEvents", Some("DeviceProcessEvents")),
            ("Type", "deviceprocessevents", Some("DeviceProcessEvents")),
            ("Type", "SecurityEvent", Some("SecurityEvent")),
            ("Type", "Proxy_CL", Some("Proxy_CL")),
            ("Type", "Information", None),
            ("$table", "Information", Some("Information")),
            ("SourceTable", "my table", None),
            ("TableName", "", None),
        ] {
            assert_eq!(named_by(column, value).as_deref(), expected, "{column} {value}");
        }
        for (name, table) in [
            ("DeviceProcessEvents.csv", Some("DeviceProcessEvents")),
            ("export/2025-06-01 devicenetworkevents (1).json", Some("DeviceNetworkEvents")),
            ("MyDeviceProcessEventsCopy.csv", None),
        ] {
            assert_eq!(named_by_file(name), table, "{name}");
        }
        for (name, table) in [
            ("proxy.csv", "proxy"),
            ("C:\\logs\\web proxy-2025.log.gz", "web_proxy_2025"),
            ("2025.csv", "Log_2025"),
            ("", "Log"),
            ("日本.csv", "__"),
        ] {
            assert_eq!(fallback(name), table, "{name}");
        }
    }

    #[test]
    fn actions_belong_to_tables() {
        for (action, table) in [
            ("ProcessCreated", Some(PROCESS)),
            ("ConnectionSuccess", Some(NETWORK)),
            ("DnsConnectionInspected", Some(NETWORK)),
            ("RegistryValueSet", Some("DeviceRegistryEvents")),
            ("PowerShellCommand", None),
        ] {
            assert_eq!(by_action(action), table, "{action}");
        }
    }
}
