//! Which rows Windows events become, as `mapping.txt` says it.

use super::event::{System, WindowsEvent};
use super::values::How;
use std::sync::LazyLock;

/// The rows of one kind of event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The provider's short name.
    pub(crate) provider: &'static str,
    pub(crate) event_id: &'static str,
    /// A datum that the event must have with this value.
    pub(crate) condition: Option<(&'static str, &'static str)>,
    pub(crate) table: &'static str,
    pub(crate) action: &'static str,
    pub(crate) cells: Vec<Cell>,
}

/// How a cell is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) column: &'static str,
    pub(crate) how: How,
    /// What it is made of: the first that has a value.
    pub(crate) origins: Vec<Origin>,
}

/// A part of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    System(System),
    Datum(&'static str),
}

/// The providers whose events have rules, by the short names that the rules use.
const PROVIDERS: [(&str, &str); 3] = [
    ("Microsoft-Windows-Sysmon", "Sysmon"),
    ("Microsoft-Windows-Security-Auditing", "Security"),
    ("Microsoft-Windows-PowerShell", "PowerShell"),
];

/// The short name of an event's provider. Where a log leaves the provider out, or writes its title, the channel tells.
pub(crate) fn short_name(event: &WindowsEvent) -> &'static str {
    let provider = event.system(System::Provider);
    let known = PROVIDERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(provider));
    if let Some((_, short)) = known {
        return short;
    }
    let is_told = !provider.is_empty() && !provider.contains(' ');
    match event.system(System::Channel) {
        "Microsoft-Windows-Sysmon/Operational" => "Sysmon",
        "Microsoft-Windows-PowerShell/Operational" => "PowerShell",
        // Others write to this channel too, but under their own name.
        "Security" if !is_told => "Security",
        _ => "",
    }
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| parse(include_str!("mapping.txt")));

/// The rules for an event, in the order in which they are to be tried.
pub(crate) fn rules(provider: &str, event_id: &str) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(move |rule| rule.provider == provider && rule.event_id == event_id)
}

/// Reads the rules. The file is ours and a test looks at all of it, so lines that say nothing are passed over.
fn parse(text: &'static str) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut groups: Vec<(&'static str, Vec<Cell>)> = Vec::new();
    let mut in_group = false;
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix("group ") {
            groups.push((name, Vec::new()));
            in_group = true;
            continue;
        }
        let Some(inner) = line.strip_prefix("  ") else {
            rules.extend(rule(line));
            in_group = false;
            continue;
        };
        let cells = match inner.strip_prefix("+ ") {
            Some(name) => groups.iter().find(|(known, _)| *known == name).map_or_else(Vec::new, |(_, c)| c.clone()),
            None => cell(inner).into_iter().collect(),
        };
        let group = groups.last_mut().filter(|_| in_group).map(|(_, cells)| cells);
        if let Some(into) = group.or_else(|| rules.last_mut().map(|rule: &mut Rule| &mut rule.cells)) {
            into.extend(cells);
        }
    }
    rules
}

/// `Sysmon 12 EventType=CreateKey -> DeviceRegistryEvents RegistryKeyCreated`
fn rule(line: &'static str) -> Option<Rule> {
    let (events, rows) = line.split_once(" -> ")?;
    let mut events = events.split(' ');
    let (table, action) = rows.split_once(' ')?;
    Some(Rule {
        provider: events.next()?,
        event_id: events.next()?,
        condition: events.next().and_then(|condition| condition.split_once('=')),
        table,
        action,
        cells: Vec::new(),
    })
}

/// `FileName   file   Image | SourceImage`
fn cell(line: &'static str) -> Option<Cell> {
    let (column, rest) = line.split_once(' ')?;
    let (how, origins) = rest.trim_start().split_once(' ')?;
    let origins: Option<Vec<_>> = origins.split('|').map(|name| origin(name.trim())).collect();
    Some(Cell { column, how: How::named(how)?, origins: origins? })
}

fn origin(name: &'static str) -> Option<Origin> {
    Some(match name {
        "@Time" => Origin::System(System::Time),
        "@Computer" => Origin::System(System::Computer),
        "@RecordId" => Origin::System(System::RecordId),
        "@ProcessId" => Origin::System(System::ProcessId),
        "@UserSid" => Origin::System(System::UserSid),
        _ if name.starts_with('@') => return None,
        _ => Origin::Datum(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::{ColumnOrigin, ColumnType, schema};

    #[test]
    fn every_line_of_the_file_is_understood_and_names_published_columns() {
        let text = include_str!("mapping.txt");
        let lines: Vec<&str> = text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()).collect();
        for line in lines.iter().filter(|l| l.starts_with("  ") && !l.starts_with("  + ")) {
            assert!(cell(line.trim_start()).is_some(), "{line}");
        }
        let blocks = lines.iter().filter(|l| l.contains(" -> ")).count();
        assert_eq!(RULES.len(), blocks);
        for line in lines.iter().filter_map(|l| l.strip_prefix("  + ")) {
            assert!(lines.contains(&format!("group {line}").as_str()), "{line} is no group");
        }
        for rule in RULES.iter() {
            let name = format!("{} {}", rule.provider, rule.event_id);
            assert!(PROVIDERS.iter().any(|(_, short)| *short == rule.provider), "{name}");
            let schema = schema::published(rule.table).unwrap_or_else(|| panic!("{name}: no table {}", rule.table));
            let mut columns = Vec::new();
            for cell in &rule.cells {
                let def = schema.column(cell.column).unwrap_or_else(|| panic!("{name}: {}", cell.column));
                assert!(
                    matches!(def.origin, ColumnOrigin::Published | ColumnOrigin::Extension),
                    "{name}: {}",
                    def.name
                );
                let expected = match cell.how {
                    How::Number | How::Logon => [ColumnType::Long, ColumnType::Int].contains(&def.ty),
                    How::Time => def.ty == ColumnType::DateTime,
                    _ => def.ty == ColumnType::String,
                };
                assert!(expected, "{name}: {} is {}", cell.column, def.ty);
                assert!(!columns.contains(&cell.column), "{name}: {} twice", cell.column);
                columns.push(cell.column);
            }
            for needed in ["Timestamp", "DeviceName", "ReportId"] {
                assert!(columns.contains(&needed), "{name} has no {needed}");
            }
        }
    }

    #[test]
    fn the_provider_is_told_by_its_name_or_its_channel() {
        for (provider, channel, expected) in [
            ("Microsoft-Windows-Sysmon", "", "Sysmon"),
            ("", "Microsoft-Windows-Sysmon/Operational", "Sysmon"),
            ("Microsoft-Windows-Security-Auditing", "Security", "Security"),
            ("Microsoft Windows security auditing.", "Security", "Security"),
            ("Microsoft-Windows-Eventlog", "Security", ""),
            ("PowerShell", "Windows PowerShell", ""),
            ("", "System", ""),
        ] {
            let mut event = WindowsEvent::default();
            event.set(System::Provider, provider);
            event.set(System::Channel, channel);
            assert_eq!(short_name(&event), expected, "{provider} {channel}");
        }
    }
}
