//! Redaction of rows that are to travel: accounts, devices, internal addresses and secrets are replaced. The same name gets the same
//! stand-in everywhere, so that what belongs together can still be seen to.

mod addresses;

use crate::near::terms;
use addresses::Addresses;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use event_table::{ColumnDef, RowRef, TableSet};
use regex::{Captures, Regex};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::net::IpAddr;
use std::sync::LazyLock;

/// Names shorter than this are replaced in their own columns only: in a command line they may be anything.
const SHORTEST: usize = 3;

/// Accounts that every system has: they name nobody.
const NOBODY: [&str; 14] = [
    "system",
    "local service",
    "network service",
    "localservice",
    "networkservice",
    "nt authority",
    "nt service",
    "root",
    "administrator",
    "anonymous logon",
    "s-1-5-18",
    "s-1-5-19",
    "s-1-5-20",
    "workgroup",
];

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum NameKind {
    Account,
    Domain,
    Device,
    Address,
}

/// A name and its stand-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// What it names.
    pub kind: NameKind,
    /// The name; it stays here.
    pub from: String,
    /// What travels instead.
    pub to: String,
}

/// What a secret looks like: a group `keep` stays before it.
static SECRETS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // First, for what follows the `@` is the host: another pattern would take it for part of the secret.
        r"(?P<keep>://)[^\s/@:]+:[^\s/@]+@",
        r"gh[pousr]_[A-Za-z0-9_]{8,}",
        r"github_pat_[A-Za-z0-9_]{8,}",
        r"glpat-[A-Za-z0-9_\-]{8,}",
        r"ATBB[A-Za-z0-9]{8,}",
        r"xox[abposr]-[A-Za-z0-9\-]{8,}",
        r"\bAKIA[A-Z0-9]{16}\b",
        r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",
        r"(?i)(?P<keep>\bauthorization\b[\x22']?\s*[:=]\s*[\x22']?(?:(?:token|bearer|basic)\s+)?)[^\s\x22',;}]+",
        r"(?i)(?P<keep>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=\-]{8,}",
        r"(?i)(?P<keep>\b[a-z_\-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)\b[\x22']?\s*[=:]\s*[\x22']?)[^\s\x22'&;,}]{3,}",
        r"(?i)(?P<keep>\s--?(?:password|token|secret|api-key)\s+[\x22']?)[^\s\x22'&;,\-][^\s\x22'&;,]{2,}",
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// What stands for a secret.
const SECRET: &str = "REDACTED";

/// Replaces names and secrets in cells.
pub(crate) struct Redactor {
    names: FxHashMap<String, usize>,
    replaced: Vec<Replaced>,
    search: Option<AhoCorasick>,
    /// For each pattern of the search, the name that it belongs to.
    found: Vec<usize>,
    addresses: Addresses,
    secrets: Cell<usize>,
}

impl Redactor {
    /// Learns the names that stand in the columns for them, in some rows. Words of the query are left alone in other
    /// columns: an account called `git` must not take `git push` away.
    pub(crate) fn of(tables: &TableSet, rows: impl Iterator<Item = RowRef> + Clone, query: &str) -> Self {
        let mut redactor = Self {
            names: FxHashMap::default(),
            replaced: Vec::new(),
            search: None,
            found: Vec::new(),
            addresses: Addresses::of(query),
            secrets: Cell::new(0),
        };
        let mut counts: FxHashMap<NameKind, usize> = FxHashMap::default();
        for (position, table) in tables.tables().iter().enumerate() {
            for (index, column) in table.schema().columns.iter().enumerate() {
                let Some(kind) = kind_of(&column.name) else { continue };
                for row in rows.clone().filter(|row| row.table as usize == position) {
                    let value = table.value(row.row as usize, index.into());
                    if let Some(text) = value.as_str() {
                        redactor.learn(kind, text, &mut counts);
                    }
                }
            }
        }
        redactor.prepare(query);
        redactor
    }

    fn learn(&mut self, kind: NameKind, text: &str, counts: &mut FxHashMap<NameKind, usize>) {
        let key = text.to_lowercase();
        // A device that goes by its address is an address.
        let is_none = text.is_empty() || NOBODY.contains(&key.as_str()) || text.parse::<IpAddr>().is_ok();
        if is_none || self.names.contains_key(&key) {
            return;
        }
        // A machine's full name and its first label are one machine, an address and its first part one person.
        let short = match kind {
            NameKind::Device => key.split('.').next(),
            NameKind::Account => key.split('@').next(),
            NameKind::Domain | NameKind::Address => None,
        };
        let known = short.and_then(|short| self.names.get(short).copied());
        let name = known.unwrap_or_else(|| {
            let count = counts.entry(kind).or_default();
            *count += 1;
            let word = match kind {
                NameKind::Account => "user",
                NameKind::Domain => "domain",
                NameKind::Device => "device",
                NameKind::Address => "address",
            };
            self.replaced.push(Replaced { kind, from: text.to_owned(), to: format!("{word}{count}") });
            self.replaced.len() - 1
        });
        if let Some(short) = short.filter(|short| !short.is_empty() && !NOBODY.contains(short)) {
            self.names.entry(short.to_owned()).or_insert(name);
        }
        self.names.insert(key, name);
    }

    fn prepare(&mut self, query: &str) {
        let words: FxHashSet<String> = terms(query).map(str::to_lowercase).collect();
        let mut patterns: Vec<(&String, usize)> = self
            .names
            .iter()
            .filter(|(name, _)| name.chars().count() >= SHORTEST && !words.contains(*name))
            .map(|(name, index)| (name, *index))
            .collect();
        patterns.sort();
        let (texts, found): (Vec<&String>, Vec<usize>) = patterns.into_iter().unzip();
        self.search = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(texts)
            .ok();
        self.found = found;
    }

    /// A cell as it may travel.
    pub(crate) fn cell(&self, column: &ColumnDef, text: &str) -> String {
        if kind_of(&column.name).is_some()
            && let Some(name) = self.names.get(&text.to_lowercase())
        {
            return self.replaced[*name].to.clone();
        }
        self.text(text)
    }

    /// Any text as it may travel.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for secret in &*SECRETS {
            if secret.is_match(&out) {
                out = secret
                    .replace_all(&out, |found: &Captures<'_>| {
                        let kept = found.name("keep").map_or("", |kept| kept.as_str());
                        // What a pattern before this one has replaced is not counted again.
                        if !found[0].ends_with(SECRET) {
                            self.secrets.set(self.secrets.get() + 1);
                        }
                        let at = if found[0].ends_with('@') { "@" } else { "" };
                        format!("{kept}{SECRET}{at}")
                    })
                    .into_owned();
            }
        }
        if let Some(replaced) = self.addresses.replace(&out) {
            out = replaced;
        }
        let Some(search) = &self.search else { return out };
        let mut replaced = String::with_capacity(out.len());
        let mut done = 0;
        for found in search.find_iter(&out) {
            let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let inside =
                is_word(out[..found.start()].chars().next_back()) || is_word(out[found.end()..].chars().next());
            if inside {
                continue;
            }
            replaced.push_str(&out[done..found.start()]);
            replaced.push_str(&self.replaced[self.found[found.pattern().as_usize()]].to);
            done = found.end();
        }
        replaced.push_str(&out[done..]);
        replaced
    }

    /// The names and addresses with their stand-ins, and how many secrets were replaced so far.
    pub(crate) fn told(self) -> (Vec<Replaced>, usize) {
        let mut replaced = self.replaced;
        replaced.extend(self.addresses.told());
        (replaced, self.secrets.get())
    }
}

/// What the cells of a column name, by the words that Microsoft's and others' tables use.
fn kind_of(column: &str) -> Option<NameKind> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| column.ends_with(ending));
    if ends(&["DeviceName", "DeviceId"])
        || ["Computer", "ComputerName", "MachineName", "Hostname", "HostName"].contains(&column)
    {
        Some(NameKind::Device)
    } else if ends(&["AccountDomain", "UserDomain", "DomainName"]) {
        Some(NameKind::Domain)
    } else if ends(&[
        "AccountName",
        "AccountUpn",
        "AccountSid",
        "AccountObjectId",
        "AccountDisplayName",
        "AccountId",
        "UserName",
        "UserSid",
        "OnPremSid",
        "CloudSid",
    ]) || ["User", "UserId", "UserPrincipalName"].contains(&column)
    {
        Some(NameKind::Account)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, Session, samples};

    fn all(tables: &TableSet) -> Vec<RowRef> {
        let rows =
            |(table, rows): (usize, usize)| (0..rows).map(move |row| RowRef { table: table as u32, row: row as u32 });
        tables.tables().iter().map(event_table::Table::len).enumerate().flat_map(rows).collect()
    }

    #[test]
    fn names_and_secrets_are_replaced_wherever_they_stand() {
        let log = r#"{"Timestamp":"2025-06-01","DeviceName":"pc-7.corp.example","AccountName":"Jane.Doe","AccountDomain":"CORP","AccountUpn":"jane.doe@corp.example","FileName":"git.exe","ProcessCommandLine":"C:\\Users\\jane.doe\\x -H \"Authorization: token ghp_1234567890abcdef\" \\\\PC-7\\share https://bob:hunter22@github.com/corp/x push"}
{"Timestamp":"2025-06-01","DeviceName":"pc-8","AccountName":"git","AccountDomain":"NT AUTHORITY","FileName":"git","ProcessCommandLine":"git push --token abcdef; password=hunter22 pc-80 corpse"}"#;
        let mut session = Session::new();
        session.load("DeviceProcessEvents.ndjson", log.as_bytes(), Options::default());
        let tables = session.tables();
        let redactor = Redactor::of(tables, all(tables).into_iter(), "T | where FileName =~ 'git'");
        let table = &tables.tables()[0];
        let cell = |row: usize, name: &str| {
            let index = table.schema().position(name).unwrap();
            redactor.cell(&table.schema().columns[index.get()], &table.value(row, index).to_string())
        };
        for (row, column, expected) in [
            (0, "DeviceName", "device1"),
            (0, "AccountName", "user1"),
            (0, "AccountUpn", "user1"),
            (0, "AccountDomain", "domain1"),
            (
                0,
                "ProcessCommandLine",
                r#"C:\Users\user1\x -H "Authorization: token REDACTED" \\device1\share https://REDACTED@github.com/domain1/x push"#,
            ),
            (1, "DeviceName", "device2"),
            (1, "AccountName", "user2"),
            (1, "AccountDomain", "NT AUTHORITY"),
            (1, "FileName", "git"),
            (1, "ProcessCommandLine", "git push --token REDACTED; password=REDACTED pc-80 corpse"),
        ] {
            assert_eq!(cell(row, column), expected);
        }
        let (replaced, secrets) = redactor.told();
        assert_eq!((replaced.len(), secrets), (5, 4));
    }

    #[test]
    fn nothing_of_a_samples_accounts_and_devices_is_left() {
        for sample in samples() {
            let mut session = Session::new();
            session.load_sample(sample);
            let tables = session.tables();
            let redactor = Redactor::of(tables, all(tables).into_iter(), "");
            for row in all(tables) {
                let table = &tables.tables()[row.table as usize];
                let named: Vec<String> = ["DeviceName", "AccountName", "AccountUpn"]
                    .iter()
                    .filter_map(|name| table.schema().position(name))
                    .map(|index| table.value(row.row as usize, index).to_string().to_lowercase())
                    .filter(|name| name.len() > 3 && !NOBODY.contains(&name.as_str()))
                    .collect();
                for (index, column) in table.schema().columns.iter().enumerate() {
                    let text = redactor.cell(column, &table.value(row.row as usize, index.into()).to_string());
                    let text = text.to_lowercase();
                    assert!(!text.contains("ghp_") && !text.contains("glpat-"), "{}: {text}", sample.id);
                    for name in &named {
                        let whole = text.match_indices(name.as_str()).any(|(at, _)| {
                            let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                            !word(text[..at].chars().next_back()) && !word(text[at + name.len()..].chars().next())
                        });
                        assert!(!whole, "{}: {name} in {}: {text}", sample.id, column.name);
                    }
                }
            }
        }
    }
}
