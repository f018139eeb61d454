//! Tests of one column that hold on false positives: equality, one of a few values, a common beginning or end cut at a
//! separator, a term or an address that a text has. Each with how weak it is: a value that changes from day to day, or
//! that anybody can put on a command line, makes an exclusion that breaks soon or hides too much.

use super::field::{Class, Field};
use super::ground::Ground;
use crate::export::literal;
use crate::near::terms;
use crate::suggest::quoted_name;
use event_table::Bitmap;
use kql_engine::text::{Matcher, Quantifier, TextMode, fold};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Tests of one kind that are tried for a column.
const PER_KIND: usize = 24;
/// Tests that are tried for a place.
const PER_FIELD: usize = 120;
/// The most values of an `in~`.
const LISTED: usize = 5;
/// The longest text that an exclusion names.
const LONGEST: usize = 120;
/// The longest name that an exclusion names.
const LONGEST_NAME: usize = 64;
/// Words that say nothing about whose command line it is.
const EVERYWHERE: [&str; 15] = [
    "http", "https", "program", "files", "windows", "system32", "users", "local", "example", "command", "master",
    "main", "origin", "remote", "true",
];

/// Programs that start whatever people and machines run: what they started can be anything.
const SHELLS: [&str; 16] = [
    "explorer.exe",
    "cmd.exe",
    "powershell.exe",
    "pwsh.exe",
    "pwsh",
    "bash.exe",
    "bash",
    "sh",
    "zsh",
    "svchost.exe",
    "services.exe",
    "userinit.exe",
    "systemd",
    "init",
    "launchd",
    "sshd",
];

/// A test of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Equals(String),
    OneOf(Vec<String>),
    StartsWith(String),
    EndsWith(String),
    Has(String),
}

/// A test, the alerts that it holds on, and how weak it is.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// The column, by position in the field.
    pub(super) column: usize,
    pub(super) test: Test,
    /// The alerts of the field that it holds on.
    pub(super) hits: Bitmap,
    /// From 0, a stable fact of the machine's set-up, to 1.
    pub(super) weakness: f64,
    /// Whether a false positive that it holds on was made by a person's account.
    pub(super) on_peoples_machines: bool,
}

impl Test {
    /// The test as KQL.
    pub(super) fn text(&self, column: &str) -> String {
        let name = quoted_name(column);
        match self {
            Self::Equals(value) => format!("{name} =~ {}", literal::string(value)),
            Self::OneOf(values) => {
                let values: Vec<String> = values.iter().map(|value| literal::string(value)).collect();
                format!("{name} in~ ({})", values.join(", "))
            }
            Self::StartsWith(start) => format!("{name} startswith {}", literal::string(start)),
            Self::EndsWith(end) => format!("{name} endswith {}", literal::string(end)),
            Self::Has(text) => format!("{name} has {}", literal::string(text)),
        }
    }

    /// The same test as the engine runs it.
    pub(super) fn matcher(&self) -> Option<Matcher> {
        let (mode, literals) = match self {
            Self::Equals(value) => (TextMode::Equals, vec![value.as_str().into()]),
            Self::OneOf(values) => (TextMode::Equals, values.iter().map(|v| v.as_str().into()).collect()),
            Self::StartsWith(start) => (TextMode::StartsWith, vec![start.as_str().into()]),
            Self::EndsWith(end) => (TextMode::EndsWith, vec![end.as_str().into()]),
            Self::Has(text) => (TextMode::Has, vec![text.as_str().into()]),
        };
        Matcher::new(mode, Quantifier::Any, false, literals).ok()
    }

    /// The values that it names.
    pub(super) fn values(&self) -> Vec<&str> {
        match self {
            Self::OneOf(values) => values.iter().map(String::as_str).collect(),
            Self::Equals(v) | Self::StartsWith(v) | Self::EndsWith(v) | Self::Has(v) => vec![v],
        }
    }
}

/// The different cells of a column, each with the alerts that have it.
struct Cells<'f> {
    values: BTreeMap<&'f str, Vec<usize>>,
    asked: Vec<&'f str>,
    spared: FxHashSet<&'f str>,
}

impl<'f> Cells<'f> {
    fn of(field: &'f Field, column: usize) -> Self {
        let mut cells = Self { values: BTreeMap::new(), asked: Vec::new(), spared: FxHashSet::default() };
        for (at, (row, (_, class))) in field.cells.iter().zip(&field.alerts).enumerate() {
            let Some(cell) = row.get(column).filter(|cell| !cell.is_empty()) else { continue };
            cells.values.entry(cell).or_default().push(at);
            match class {
                Class::Asked if !cells.asked.contains(&cell.as_str()) => cells.asked.push(cell),
                Class::Asked => {}
                Class::Kept | Class::Other => {
                    cells.spared.insert(cell);
                }
            }
            if cells.asked.len() > 2_000 {
                break;
            }
        }
        cells
    }

    fn hits(&self, test: &Test, len: usize) -> Option<Bitmap> {
        let matcher = test.matcher()?;
        let mut hits = Bitmap::filled(len, false);
        for (value, alerts) in &self.values {
            if matcher.matches(value) {
                alerts.iter().for_each(|at| hits.set(*at, true));
            }
        }
        Some(hits)
    }
}

/// The tests that are worth trying at a place. `rule` has the terms that the rule's own lists look for: excluding one
/// of those takes it out of the rule for everybody.
pub(super) fn atoms(field: &Field, rule: &FxHashSet<String>, ground: &Ground) -> Vec<Atom> {
    let by_people = field.by_people();
    let mut found: Vec<(usize, Atom)> = Vec::new();
    let to_spare = field.alerts.iter().any(|(_, class)| *class != Class::Asked);
    for column in 0..field.columns.len() {
        let cells = Cells::of(field, column);
        if cells.asked.is_empty() {
            continue;
        }
        let name = field.name(column);
        let mut of_column: Vec<(usize, Atom)> = Vec::new();
        for test in candidates(name, &cells) {
            let Some(hits) = cells.hits(&test, field.alerts.len()) else { continue };
            let asked = count(&hits, field, Class::Asked);
            let says_nothing = to_spare && hits.count() == field.alerts.len();
            if asked == 0 || says_nothing {
                continue;
            }
            let on_peoples_machines = hits.ones().any(|at| by_people[at] && field.alerts[at].1 == Class::Asked);
            let fleet = if name.starts_with("Device") && on_peoples_machines { 0.35 } else { 0.0 };
            let common = (1.5 * ground.prevalence(column, &test)).min(0.6);
            let weakness = (weakness(name, &test, rule) + fleet + common).min(1.0);
            of_column.push((asked, Atom { column, test, hits, weakness, on_peoples_machines }));
        }
        found.extend(unlike(of_column));
    }
    let worth = |(asked, atom): &(usize, Atom)| {
        let kept = count(&atom.hits, field, Class::Kept);
        (*asked as f64 - kept as f64) / field.alerts.len().max(1) as f64 - atom.weakness
    };
    found.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    found.truncate(PER_FIELD);
    found.into_iter().map(|(_, atom)| atom).collect()
}

/// How many alerts of a class a test holds on.
fn count(hits: &Bitmap, field: &Field, class: Class) -> usize {
    field.alerts.iter().enumerate().filter(|(at, (_, own))| *own == class && hits.get(*at)).count()
}

/// Of tests that hold on the same alerts the three that are least weak.
fn unlike(mut atoms: Vec<(usize, Atom)>) -> Vec<(usize, Atom)> {
    atoms.sort_by(|a, b| a.1.weakness.total_cmp(&b.1.weakness));
    let mut seen: FxHashMap<Vec<u64>, usize> = FxHashMap::default();
    atoms.retain(|(_, atom)| {
        let count = seen.entry(atom.hits.words().to_vec()).or_default();
        *count += 1;
        *count <= 3
    });
    atoms
}

fn candidates(name: &str, cells: &Cells<'_>) -> Vec<Test> {
    let kind = Kind::of(name);
    let longest = if kind == Kind::Text { LONGEST } else { LONGEST_NAME };
    let usable = |value: &&&str| value.len() <= longest && !value.contains(['\n', '\r']);
    let short: Vec<&str> = cells.asked.iter().filter(usable).copied().collect();
    let mut by_count = short.clone();
    by_count.sort_by_key(|value| std::cmp::Reverse(cells.values.get(value).map_or(0, Vec::len)));
    let mut tests: Vec<Test> = by_count.iter().take(PER_KIND).map(|value| Test::Equals((*value).to_owned())).collect();
    if kind != Kind::Text {
        let spared: FxHashSet<_> = cells.spared.iter().map(|value| fold(value).into_owned()).collect();
        let clean: Vec<&str> = short.iter().copied().filter(|value| !spared.contains(&*fold(value))).collect();
        for list in [&short, &clean] {
            let mut values: Vec<String> = list.iter().map(|value| (*value).to_owned()).collect();
            values.sort();
            values.dedup_by(|a, b| fold(a) == fold(b));
            let test = Test::OneOf(values);
            if (2..=LISTED).contains(&test.values().len()) && !tests.contains(&test) {
                tests.push(test);
            }
        }
    }
    if kind != Kind::Program {
        tests.extend(common(&short, |value| beginnings(value, kind)).into_iter().map(Test::StartsWith));
        tests.extend(common(&short, |value| endings(value, kind)).into_iter().map(Test::EndsWith));
    }
    if kind == Kind::Text {
        let parts = common(&cells.asked, |value| addresses(value).into_iter().chain(words(value)).collect());
        // With few false positives a part of just one of them is all there is.
        let lone = if cells.asked.len() <= 12 { each(&cells.asked) } else { Vec::new() };
        let mut seen = FxHashSet::default();
        tests.extend(parts.into_iter().chain(lone).filter(|part| seen.insert(part.clone())).map(Test::Has));
    }
    tests
}

/// What a column's values are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Long text of many parts: a command line, a path, an address.
    Text,
    /// A program's file name: known as a whole or not at all.
    Program,
    /// A name that people gave: of a machine, an account.
    Name,
}

impl Kind {
    fn of(column: &str) -> Self {
        if ["CommandLine", "Url", "Path"].iter().any(|end| column.ends_with(end)) {
            Self::Text
        } else if column.ends_with("FileName") {
            Self::Program
        } else {
            Self::Name
        }
    }

    fn is_cut(self, c: char) -> bool {
        match self {
            Self::Text => matches!(c, '/' | '\\' | ' '),
            _ => matches!(c, '-' | '_' | '.' | '@' | '\\'),
        }
    }
}

/// Parts that at least two different values have, those of the most values first; of parts that the same values have
/// the longest.
fn common(values: &[&str], parts: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, value) in values.iter().enumerate().take(1_000) {
        let mut own = parts(value);
        own.sort();
        own.dedup();
        own.into_iter().for_each(|part| owners.entry(part).or_default().push(at));
    }
    owners.retain(|_, at| at.len() >= 2);
    let mut longest: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
    for (part, at) in owners {
        longest.entry(at).or_default().push(part);
    }
    let mut found: Vec<(usize, String)> = Vec::new();
    for (at, mut parts) in longest {
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        found.extend(parts.into_iter().take(4).map(|part| (at.len(), part)));
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.len().cmp(&a.1.len())));
    found.into_iter().map(|(_, part)| part).take(PER_KIND).collect()
}

/// The addresses in values, whether others have them or not.
fn each(values: &[&str]) -> Vec<String> {
    let found = values.iter().flat_map(|value| addresses(value));
    found.take(PER_KIND).collect()
}

/// Beginnings of a value that end with a separator.
fn beginnings(value: &str, kind: Kind) -> Vec<String> {
    let cuts = value.char_indices().filter(|(_, c)| kind.is_cut(*c)).map(|(at, c)| at + c.len_utf8());
    cuts.filter(|at| *at >= 3 && *at < value.len()).map(|at| value[..at].to_owned()).take(12).collect()
}

/// Endings of a value that begin with a separator. Of a machine's name only its domain.
fn endings(value: &str, kind: Kind) -> Vec<String> {
    let is_cut = |c: char| if kind == Kind::Name { matches!(c, '.' | '@') } else { kind.is_cut(c) };
    let cuts = value.char_indices().filter(|(at, c)| *at > 0 && is_cut(*c)).map(|(at, _)| at);
    cuts.filter(|at| value.len() - at >= 4).map(|at| value[at..].to_owned()).take(12).collect()
}

/// Hosts with the first parts of their paths: `github.com/tarnholm`.
fn addresses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens(text) {
        let Some((_, rest)) = token.split_once("://") else { continue };
        let rest = rest.rsplit_once('@').map_or(rest, |(_, after)| after);
        let plain = rest.split(['?', '#']).next().unwrap_or("");
        let parts: Vec<&str> = plain.split('/').filter(|part| !part.is_empty()).collect();
        for count in 2..=parts.len().min(4) {
            found.push(parts[..count].join("/").trim_end_matches(".git").to_owned());
        }
    }
    found
}

/// Words that a person would recognise: terms, and runs of them joined by `-`, `_` and `.`.
fn words(text: &str) -> Vec<String> {
    let joined = tokens(text).flat_map(|token| token.split(['/', '\\', ':', '@', '?', '#', '=', '&']));
    let joined = joined.map(|word| word.trim_matches(['-', '.', '_', '[', ']', '{', '}', '*'])).map(str::to_owned);
    let is_word = |word: &String| {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let says_nothing = terms(word).all(|term| EVERYWHERE.contains(&&*term.to_lowercase()));
        letters >= 4 && word.len() <= 60 && !is_changing(word) && !says_nothing
    };
    joined.chain(terms(text).map(str::to_owned)).filter(is_word).take(200).collect()
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | ',' | ';' | '|' | '<' | '>'))
}

/// Whether a value looks new with every event: a hash, an id, a number.
pub(super) fn is_changing(value: &str) -> bool {
    terms(value).any(|term| {
        let digits = term.chars().filter(char::is_ascii_digit).count();
        let hex = term.len() >= 8 && digits > 0 && term.chars().all(|c| c.is_ascii_hexdigit());
        digits >= 5 || hex || term.len() >= 24 && digits >= 3
    })
}

/// Whose account a name looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    Service,
    Person,
    /// One word that says neither.
    Unclear,
}

impl Account {
    pub(super) fn of(name: &str) -> Self {
        const SIGNS: [&str; 16] = [
            "svc", "service", "system", "runner", "agent", "bot", "jenkins", "build", "deploy", "backup", "daemon",
            "data", "cron", "root", "gitlab", "github",
        ];
        let lower = name.to_lowercase();
        let is_sign = |term: &str| SIGNS.iter().any(|sign| term.starts_with(sign) || term.ends_with(sign));
        if lower.ends_with('$') || terms(&lower).any(is_sign) {
            Self::Service
        } else if lower.contains(['.', ' ', '@']) {
            Self::Person
        } else {
            Self::Unclear
        }
    }
}

fn weakness(name: &str, test: &Test, rule: &FxHashSet<String>) -> f64 {
    let values = test.values();
    let is_name_test = matches!(test, Test::Equals(_) | Test::OneOf(_));
    let base = if name.ends_with("ParentFileName") {
        0.1
    } else if name.contains("Account") || name.contains("User") {
        let one = |value: &&str| match Account::of(value) {
            Account::Service => 0.2,
            Account::Unclear => 0.4,
            Account::Person => 0.7,
        };
        values.iter().map(one).fold(0.0, f64::max)
    } else if name.ends_with("CommandLine") {
        match test {
            // Whoever runs the command can put a text on it.
            Test::Has(text) if text.contains('/') => 0.4,
            Test::Has(text) if text.contains(['-', '.', '_']) => 0.45,
            Test::StartsWith(_) => 0.5,
            Test::Has(_) | Test::EndsWith(_) => 0.55,
            _ => 0.85,
        }
    } else if name.starts_with("Device") {
        if matches!(test, Test::StartsWith(_)) { 0.15 } else { 0.3 }
    } else if name.ends_with("FileName") {
        if is_name_test { 0.3 } else { 0.45 }
    } else if name.ends_with("FolderPath") {
        if matches!(test, Test::StartsWith(_)) { 0.25 } else { 0.4 }
    } else if name.ends_with("IP") {
        0.6
    } else {
        0.4
    };
    // What all terms of a value stand in the rule's own lists for is what the rule is about. Of a program one is
    // enough: git-remote-https.exe is how git sends.
    let has_program = name.ends_with("FileName") || name.ends_with("FolderPath");
    let program = |value: &str| value.rsplit(['/', '\\']).next().unwrap_or("").to_lowercase();
    let is_the_rule = |value: &&str| {
        let program = if has_program { program(value) } else { (*value).to_owned() };
        let mut own = terms(&program).filter(|term| !term.eq_ignore_ascii_case("exe")).peekable();
        let is_own = |term: &str| rule.contains(&term.to_lowercase());
        if has_program { own.any(is_own) } else { own.peek().is_some() && own.all(is_own) }
    };
    let is_shell = |value: &&str| has_program && SHELLS.contains(&&*program(value));
    let more = [
        if values.iter().any(|value| is_changing(value)) { 0.4 } else { 0.0 },
        if values.iter().any(is_the_rule) { 0.45 } else { 0.0 },
        if values.iter().any(is_shell) { 0.4 } else { 0.0 },
        if values.iter().any(|value| value.chars().filter(|c| c.is_alphanumeric()).count() < 3) { 0.3 } else { 0.0 },
        0.02 * (values.len() - 1) as f64,
    ];
    (base + more.iter().sum::<f64>()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_at_separators() {
        assert_eq!(beginnings("bld-win-03", Kind::Name), ["bld-", "bld-win-"]);
        assert_eq!(endings("bld-win-03.corp.example", Kind::Name), [".corp.example", ".example"]);
        assert_eq!(beginnings("/opt/run-me/bin/x", Kind::Text), ["/opt/", "/opt/run-me/", "/opt/run-me/bin/"]);
        assert_eq!(
            addresses("git push https://x:y@github.com/tarnholm/site.git?a=1 main"),
            ["github.com/tarnholm", "github.com/tarnholm/site"]
        );
        let found = words("curl remote-https --upload-file tarnholm-example/a 4f1f2b3c4d5e6f70");
        assert!(!found.iter().any(|w| w.contains("https")), "{found:?}");
        assert!(found.contains(&"tarnholm-example".to_owned()) && !found.iter().any(|w| w.starts_with("4f1f")));
    }

    #[test]
    fn of_common_parts_the_longest_that_the_same_values_have_comes_first() {
        assert_eq!(
            common(&["bld-win-01", "bld-win-02", "bld-lnx-01"], |value| beginnings(value, Kind::Name))[..2],
            ["bld-", "bld-win-"]
        );
    }

    #[test]
    fn stable_values_are_less_weak_than_those_of_a_day_or_a_person() {
        let rule = FxHashSet::from_iter(["git".to_owned(), "gitlab".to_owned(), "com".to_owned()]);
        let weak = |name: &str, test: Test| weakness(name, &test, &rule);
        let eq = |value: &str| Test::Equals(value.to_owned());
        let order = [
            weak("InitiatingProcessParentFileName", eq("jenkins.exe")),
            weak("DeviceName", Test::StartsWith("bld-".into())),
            weak("AccountName", eq("svc-jenkins")),
            weak("ProcessCommandLine", Test::Has("github.com/tarnholm".into())),
            weak("InitiatingProcessParentFileName", eq("explorer.exe")),
            weak("ProcessCommandLine", Test::Has("tarnholm".into())),
            weak("AccountName", eq("l.novak")),
            weak("InitiatingProcessFileName", eq("git-remote-https.exe")),
            weak("FileName", eq("git.exe")),
            weak("ProcessCommandLine", Test::Has("gitlab".into())),
            weak("InitiatingProcessCommandLine", eq("bash -e /tmp/6f0c11223344.sh")),
        ];
        assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn services_are_told_from_people() {
        for (name, expected) in [
            ("svc-jenkins", Account::Service),
            ("SYSTEM", Account::Service),
            ("gitlab-runner", Account::Service),
            ("th-bld-01$", Account::Service),
            ("www-data", Account::Service),
            ("r.halloran", Account::Person),
            ("o.haddad@tarnholm.example", Account::Person),
            ("oxidized", Account::Unclear),
        ] {
            assert_eq!(Account::of(name), expected, "{name}");
        }
    }
}
