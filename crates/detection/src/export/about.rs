//! What a rule says of itself: its name, description and techniques, read from the comment that its text begins with,
//! and its look-back as the durations that services take.

use crate::rule;
use crate::target::look_back;
use event_table::{TICKS_PER_DAY, TICKS_PER_SECOND};
use kql_syntax::parse;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static TECHNIQUE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bT\d{4}(\.\d{3})?\b").ok());

/// The longest name that Sentinel and Defender take.
const NAME: usize = 200;
/// The longest description.
const DESCRIPTION: usize = 4_000;

/// What a rule says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFacts {
    /// The first line of the comment.
    pub name: String,
    /// The comment's first paragraphs.
    pub description: String,
    /// MITRE ATT&CK techniques and sub-techniques that the comment names.
    pub techniques: Vec<String>,
    /// How far back it looks, in ticks of 100 ns; none when it does not say.
    pub look_back: Option<i64>,
}

impl RuleFacts {
    /// Reads a rule's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let comment: Vec<&str> = text
            .lines()
            .skip_while(|line| line.trim().is_empty())
            .take_while(|line| line.trim_start().starts_with("//"))
            .map(|line| line.trim_start().trim_start_matches('/').trim())
            .collect();
        let mut paragraphs: Vec<String> = vec![String::new()];
        for line in comment.iter().skip(1) {
            match (line.is_empty(), paragraphs.last_mut()) {
                (true, _) => paragraphs.push(String::new()),
                (false, Some(last)) => {
                    if !last.is_empty() {
                        last.push(' ');
                    }
                    last.push_str(line);
                }
                _ => {}
            }
        }
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        let named = |texts: &[&str]| {
            let mut found: Vec<String> = Vec::new();
            for id in TECHNIQUE.iter().flat_map(|regex| texts.iter().flat_map(|text| regex.find_iter(text))) {
                if !found.iter().any(|known| known == id.as_str()) {
                    found.push(id.as_str().to_owned());
                }
            }
            found
        };
        let mut techniques = named(&comment);
        // An address such as …/techniques/T1567/001/ names the parent of what is meant.
        let all = techniques.clone();
        techniques.retain(|id| !all.iter().any(|other| other.starts_with(&format!("{id}."))));
        if techniques.is_empty() {
            techniques.push(rule::TECHNIQUE.to_owned());
        }
        let name = comment.first().filter(|line| !line.is_empty()).map_or("Exfiltration to a code repository", |n| n);
        let description = paragraphs.into_iter().take(2).collect::<Vec<_>>().join("\n\n");
        let description = if description.is_empty() { name.to_owned() } else { description };
        Self {
            name: name.chars().take(NAME).collect(),
            description: description.chars().take(DESCRIPTION).collect(),
            techniques,
            look_back: look_back(&parse(text)),
        }
    }

    /// A file's name without its ending: letters, digits and hyphens.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain: String =
            self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
        let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).take(10).collect();
        if parts.is_empty() { "rule".to_owned() } else { parts.join("-") }
    }

    /// The techniques without their sub-techniques: `T1567`.
    pub(super) fn parents(&self) -> Vec<String> {
        let mut parents: Vec<String> = Vec::new();
        for technique in &self.techniques {
            let parent = technique.split('.').next().unwrap_or(technique).to_owned();
            if !parents.contains(&parent) {
                parents.push(parent);
            }
        }
        parents
    }

    /// The sub-techniques: `T1567.001`.
    pub(super) fn sub_techniques(&self) -> Vec<String> {
        self.techniques.iter().filter(|technique| technique.contains('.')).cloned().collect()
    }

    /// An id that is the same for every export of a rule of this name, in the form of a GUID.
    pub(super) fn id(&self) -> String {
        // FNV-1a, 128 bits: ids must differ between names, nothing more.
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in "exfil-playground:".bytes().chain(self.name.bytes()) {
            hash ^= u128::from(byte);
            hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        // The bits that say version 8 (made by its owner's rule) and the usual variant.
        let hash = (hash & !(0xf << 76) & !(0x3 << 62)) | (0x8 << 76) | (0x2 << 62);
        let hex = format!("{hash:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// A duration of whole minutes in ISO 8601: `PT15M`, `PT5H`, `P1D`, `P1DT12H`.
pub(super) fn iso_duration(ticks: i64) -> String {
    let (days, hours, minutes) = parts(ticks);
    let date = if days > 0 { format!("{days}D") } else { String::new() };
    let mut time = String::new();
    if hours > 0 {
        time.push_str(&format!("{hours}H"));
    }
    if minutes > 0 {
        time.push_str(&format!("{minutes}M"));
    }
    if time.is_empty() { format!("P{date}") } else { format!("P{date}T{time}") }
}

/// The same as rule repositories write it: in the largest unit that needs no other.
pub(super) fn short_duration(ticks: i64) -> String {
    let (days, hours, minutes) = parts(ticks);
    match (days, hours, minutes) {
        (days, 0, 0) => format!("{days}d"),
        (days, hours, 0) => format!("{}h", days * 24 + hours),
        (days, hours, minutes) => format!("{}m", (days * 24 + hours) * 60 + minutes),
    }
}

/// Days, hours and minutes, a begun minute counted whole; at least five minutes.
fn parts(ticks: i64) -> (i64, i64, i64) {
    let minute = 60 * TICKS_PER_SECOND;
    let minutes = (ticks.max(0) + minute - 1) / minute;
    let minutes = minutes.max(5);
    (minutes / (24 * 60), minutes / 60 % 24, minutes % 60)
}

/// A look-back within the bounds that a service sets, and a note when that changed it.
pub(super) fn bounded(look_back: Option<i64>, most_days: i64, service: &str, notes: &mut Vec<String>) -> i64 {
    let most = most_days * TICKS_PER_DAY;
    match look_back {
        None => {
            notes.push(format!("The query has no look-back: the {service} rule looks back one day."));
            TICKS_PER_DAY
        }
        Some(ticks) if ticks > most => {
            notes.push(format!("A {service} rule looks back {most_days} days at most; this query looks back further."));
            most
        }
        Some(ticks) => ticks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_says_its_name_and_techniques_in_its_first_comment() {
        let facts = RuleFacts::of(rule::TEXT);
        assert_eq!(facts.name, "Exfiltration to a code repository");
        assert_eq!(facts.techniques, ["T1567.001"]);
        assert_eq!((facts.parents(), facts.sub_techniques()), (vec!["T1567".into()], vec!["T1567.001".into()]));
        assert_eq!(facts.look_back, Some(TICKS_PER_DAY));
        assert_eq!(facts.file_name(), "exfiltration-to-a-code-repository");
        assert!(facts.description.starts_with("MITRE ATT&CK T1567.001"), "{}", facts.description);
        let plain = RuleFacts::of("DeviceProcessEvents | take 1");
        assert_eq!((&*plain.name, plain.look_back), ("Exfiltration to a code repository", None));
        let odd = RuleFacts::of("// ../../etc/passwd\u{202e} “x”\n// T1048 and T1048\nT");
        assert_eq!((&*odd.file_name(), odd.techniques), ("etc-passwd-x", vec!["T1048".to_owned()]));
    }

    #[test]
    fn ids_are_guids_that_depend_on_the_name_alone() {
        let id = |text: &str| RuleFacts::of(text).id();
        assert_eq!(id("// A\nT"), id("// A\n// other\nU"));
        assert_ne!(id("// A\nT"), id("// B\nT"));
        let guid = id(rule::TEXT);
        assert_eq!(guid.len(), 36);
        assert_eq!((&guid[14..15], guid.matches('-').count()), ("8", 4));
        assert!(matches!(&guid[19..20], "8" | "9" | "a" | "b"), "{guid}");
    }

    #[test]
    fn durations_have_the_forms_that_services_take() {
        let minute = 60 * TICKS_PER_SECOND;
        for (ticks, iso, short) in [
            (TICKS_PER_DAY, "P1D", "1d"),
            (90 * minute, "PT1H30M", "90m"),
            (36 * 60 * minute, "P1DT12H", "36h"),
            (60 * minute, "PT1H", "1h"),
            (minute, "PT5M", "5m"),
            (6 * minute + 1, "PT7M", "7m"),
        ] {
            assert_eq!((&*iso_duration(ticks), &*short_duration(ticks)), (iso, short));
        }
    }
}
