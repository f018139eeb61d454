//! How the data of Windows events become the values of cells.

use std::borrow::Cow;

/// How a cell's value is made from a datum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// As it stands.
    Text,
    /// A number, decimal or hexadecimal.
    Number,
    /// As a number; zero is none.
    Logon,
    /// A time, in UTC where it names no zone.
    Time,
    /// The last part of a path.
    File,
    /// Of `DOMAIN\account`, what stands before the backslash.
    Domain,
    /// Of `DOMAIN\account`, what stands after the backslash.
    Account,
    /// Without braces, in lower case.
    Guid,
    /// A security identifier; the null SID is none.
    Sid,
    /// Of `SHA1=…,MD5=…`, the hash of that name.
    Hash(&'static str),
    /// The name of an IP protocol, as Defender writes it.
    Protocol,
    /// A registry key, with its root written out.
    Key,
    /// The key of a registry value.
    KeyOfValue,
    /// An integrity level by its SID.
    Integrity,
    /// A token's elevation by its message number.
    Elevation,
    /// A logon's type by its number.
    LogonType,
}

/// A datum as it is kept under its own name: GUIDs are written in several ways by those who render events.
pub(super) fn uniform<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    let is_guid = name.len() >= 4 && name.as_bytes()[name.len() - 4..].eq_ignore_ascii_case(b"guid");
    if is_guid { guid(value) } else { value.into() }
}

impl How {
    /// The name that `mapping.txt` has for it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "number" => Self::Number,
            "logon" => Self::Logon,
            "time" => Self::Time,
            "file" => Self::File,
            "domain" => Self::Domain,
            "account" => Self::Account,
            "guid" => Self::Guid,
            "sid" => Self::Sid,
            "md5" => Self::Hash("MD5"),
            "sha1" => Self::Hash("SHA1"),
            "sha256" => Self::Hash("SHA256"),
            "protocol" => Self::Protocol,
            "key" => Self::Key,
            "key-of-value" => Self::KeyOfValue,
            "integrity" => Self::Integrity,
            "elevation" => Self::Elevation,
            "logon-type" => Self::LogonType,
            _ => return None,
        })
    }

    /// The text of the cell; empty for none.
    pub(crate) fn make(self, value: &str) -> Cow<'_, str> {
        match self {
            Self::Text | Self::Time => value.into(),
            Self::Number => number(value),
            Self::Logon => Some(number(value)).filter(|n| n != "0").unwrap_or_default(),
            Self::File => value.rsplit(['\\', '/']).next().unwrap_or(value).into(),
            Self::Domain => value.split_once('\\').map_or("", |(domain, _)| domain).into(),
            Self::Account => value.split_once('\\').map_or(value, |(_, account)| account).into(),
            Self::Guid => guid(value),
            Self::Sid => if value == NULL_SID { "" } else { value }.into(),
            Self::Hash(name) => {
                hashes(value).find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |h| h.1).into()
            }
            Self::Protocol => protocol(value).into(),
            Self::Key => key(value),
            Self::KeyOfValue => key(value.rsplit_once('\\').map_or(value, |(key, _)| key)),
            Self::Integrity => named(&INTEGRITY, value).into(),
            Self::Elevation => named(&ELEVATION, value).into(),
            Self::LogonType => named(&LOGON_TYPES, value).into(),
        }
    }
}

const NULL_SID: &str = "S-1-0-0";

/// Well-known SIDs of mandatory levels (Microsoft's documentation, "Well-known SIDs").
const INTEGRITY: [(&str, &str); 7] = [
    ("S-1-16-0", "Untrusted"),
    ("S-1-16-4096", "Low"),
    ("S-1-16-8192", "Medium"),
    ("S-1-16-8448", "Medium"),
    ("S-1-16-12288", "High"),
    ("S-1-16-16384", "System"),
    ("S-1-16-20480", "Protected"),
];

/// Messages of event 4688 (Microsoft's documentation of the event), as TOKEN_ELEVATION_TYPE names them.
const ELEVATION: [(&str, &str); 3] = [
    ("%%1936", "TokenElevationTypeDefault"),
    ("%%1937", "TokenElevationTypeFull"),
    ("%%1938", "TokenElevationTypeLimited"),
];

/// Logon types (Microsoft's documentation of event 4624), as Defender's DeviceLogonEvents names them.
const LOGON_TYPES: [(&str, &str); 10] = [
    ("0", "System"),
    ("2", "Interactive"),
    ("3", "Network"),
    ("4", "Batch"),
    ("5", "Service"),
    ("7", "Unlock"),
    ("8", "NetworkCleartext"),
    ("9", "NewCredentials"),
    ("10", "RemoteInteractive"),
    ("11", "CachedInteractive"),
];

/// The name that a table has for a value, else the value.
fn named<'a>(names: &[(&str, &'static str)], value: &'a str) -> &'a str {
    names.iter().find(|(known, _)| *known == value).map_or(value, |(_, name)| name)
}

/// IANA's protocol numbers, in Defender's spelling; other texts as they stand.
fn protocol(value: &str) -> &str {
    match value {
        "6" => "Tcp",
        "17" => "Udp",
        "1" => "Icmp",
        "58" => "IcmpV6",
        _ if value.eq_ignore_ascii_case("tcp") => "Tcp",
        _ if value.eq_ignore_ascii_case("udp") => "Udp",
        _ => value,
    }
}

/// The hashes of a list such as Sysmon writes it.
pub(crate) fn hashes(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value.split(',').filter_map(|hash| hash.trim().split_once('='))
}

/// A decimal number as it stands, and a hexadecimal one in decimal digits.
fn number(value: &str) -> Cow<'_, str> {
    let hexadecimal = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
    match hexadecimal.and_then(|digits| u64::from_str_radix(digits, 16).ok()) {
        Some(n) => n.to_string().into(),
        None => value.into(),
    }
}

fn guid(value: &str) -> Cow<'_, str> {
    let inner = value.strip_prefix('{').and_then(|v| v.strip_suffix('}')).unwrap_or(value);
    if inner.bytes().any(|b| b.is_ascii_uppercase()) { inner.to_ascii_lowercase().into() } else { inner.into() }
}

/// A registry key with its root's full name, as Defender writes it; Sysmon abbreviates roots.
fn key(value: &str) -> Cow<'_, str> {
    const ROOTS: [(&str, &str); 5] = [
        ("HKLM", "HKEY_LOCAL_MACHINE"),
        ("HKU", "HKEY_USERS"),
        ("HKCU", "HKEY_CURRENT_USER"),
        ("HKCR", "HKEY_CLASSES_ROOT"),
        ("HKCC", "HKEY_CURRENT_CONFIG"),
    ];
    let (root, rest) = value.split_at(value.find('\\').unwrap_or(value.len()));
    match ROOTS.iter().find(|(short, _)| *short == root) {
        Some((_, full)) => format!("{full}{rest}").into(),
        None => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_made_as_the_mapping_says() {
        const HASHES: &str = "SHA1=C4,MD5=06,SHA256=E5,IMPHASH=E2";
        for (how, value, expected) in [
            ("text", " as it is ", " as it is "),
            ("number", "3904", "3904"),
            ("number", "0xf40", "3904"),
            ("number", "0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
            ("number", "0xg", "0xg"),
            ("logon", "0x0", ""),
            ("logon", "0x3e7", "999"),
            ("file", r"C:\Windows\System32\curl.exe", "curl.exe"),
            ("file", r"\device\harddiskvolume2\a b\agent.exe", "agent.exe"),
            ("file", "System", "System"),
            ("file", "/usr/bin/git", "git"),
            ("domain", r"CORP\ada", "CORP"),
            ("domain", "ada", ""),
            ("account", r"NT AUTHORITY\SYSTEM", "SYSTEM"),
            ("account", "ada", "ada"),
            ("guid", "{39E4A257-e287-5f90-cc10-000000000700}", "39e4a257-e287-5f90-cc10-000000000700"),
            ("guid", "0197231E-4272-6A01-3715-000000000D00", "0197231e-4272-6a01-3715-000000000d00"),
            ("sid", "S-1-0-0", ""),
            ("sid", "S-1-5-18", "S-1-5-18"),
            ("sha1", HASHES, "C4"),
            ("sha256", HASHES, "E5"),
            ("md5", "SHA256=E5", ""),
            ("protocol", "tcp", "Tcp"),
            ("protocol", "17", "Udp"),
            ("protocol", "47", "47"),
            ("key", r"HKLM\SOFTWARE\x", r"HKEY_LOCAL_MACHINE\SOFTWARE\x"),
            ("key", r"HKLMX\x", r"HKLMX\x"),
            ("key-of-value", r"HKU\S-1-5-21\a\b", r"HKEY_USERS\S-1-5-21\a"),
            ("integrity", "S-1-16-12288", "High"),
            ("integrity", "S-1-16-1", "S-1-16-1"),
            ("elevation", "%%1937", "TokenElevationTypeFull"),
            ("logon-type", "10", "RemoteInteractive"),
            ("logon-type", "99", "99"),
        ] {
            assert_eq!(How::named(how).unwrap().make(value), expected, "{how} {value}");
        }
        assert_eq!(How::named("nonsense"), None);
    }
}
