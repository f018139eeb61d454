//! Files of this program's own that are given as logs: sessions and cases. They are recognised by the fields that their
//! formats have; whether they are whole and right is for their readers to say.

use serde::{Deserialize, Serialize};

/// How many bytes from its start a file is recognised by.
const HEAD: usize = 64 << 10;

const SESSION: [&str; 10] =
    ["version", "query", "clock", "sample", "lesson", "case", "logs", "labels", "pins", "versions"];
const CASE: [&str; 9] = ["version", "title", "about", "query", "clock", "logs", "labels", "expect", "lesson"];

/// What a file of this program's own is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum OwnFile {
    Session,
    Case,
    /// A case in YAML, which only the command line reads.
    YamlCase,
}

/// What a file that begins so is, if it is one of this program's own.
#[must_use]
pub fn own_file(head: &[u8]) -> Option<OwnFile> {
    let text = String::from_utf8_lossy(&head[..head.len().min(HEAD)]);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        return yaml_case(text).then_some(OwnFile::YamlCase);
    }
    let keys = outer_keys(text)?;
    let has = |wanted: &str| keys.contains(&wanted);
    let all_of = |known: &[&str]| keys.iter().all(|key| known.contains(key));
    // Each has its version; what else could only be a log's has one of the fields that no log is known to have.
    if !has("version") {
        None
    } else if has("title") && (has("logs") || has("expect")) && all_of(&CASE) {
        Some(OwnFile::Case)
    } else if (keys.len() == 1 || keys[0] == "version") && all_of(&SESSION) {
        Some(OwnFile::Session)
    } else {
        None
    }
}

/// The keys of the object that a text is, as far as the text goes; none when it is lines of objects.
fn outer_keys(text: &str) -> Option<Vec<&str>> {
    let bytes = text.as_bytes();
    let (mut keys, mut depth, mut at) = (Vec::new(), 0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text[at + 1..].trim().is_empty().then_some(keys);
                }
            }
            b'"' => {
                let begun = at + 1;
                at = begun;
                while bytes.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let is_key = depth == 1 && text.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with(':'));
                if is_key {
                    keys.push(text.get(begun..at)?);
                }
            }
            _ => {}
        }
        at += 1;
    }
    Some(keys)
}

fn yaml_case(text: &str) -> bool {
    let key =
        |line: &str| line.split_once(':').map(|(key, _)| key.to_owned()).filter(|key| CASE.contains(&key.as_str()));
    let mut outer = text.lines().filter(|line| !line.starts_with([' ', '#', '-', '\t', '\r']) && !line.is_empty());
    let keys: Option<Vec<String>> = outer.by_ref().take(4).map(key).collect();
    keys.is_some_and(|keys| ["version", "title"].iter().all(|wanted| keys.iter().any(|key| key == wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Saved, lessons};

    #[test]
    fn own_files_are_known_by_their_fields_and_logs_are_none() {
        for lesson in lessons() {
            assert_eq!(own_file(lesson.case.to_json().as_bytes()), Some(OwnFile::Case), "{}", lesson.id);
            let saved = Saved { version: 1, case: Some(Box::new(lesson.case.clone())), ..Saved::default() };
            assert_eq!(own_file(saved.to_json().as_bytes()), Some(OwnFile::Session), "{}", lesson.id);
        }
        let long = format!("{{\"version\":1,\"query\":\"{}", "x".repeat(HEAD * 2));
        for (text, expected) in [
            ("{\"version\":1}", Some(OwnFile::Session)),
            ("\u{feff} {\"version\": 7, \"query\": \"T\"}\n", Some(OwnFile::Session)),
            (long.as_str(), Some(OwnFile::Session)),
            ("# a case\nversion: 1\ntitle: x\nabout: |\n  y\nlogs:\n", Some(OwnFile::YamlCase)),
            ("{\"title\":\"x\",\"version\":1,\"expect\":{}}", Some(OwnFile::Case)),
            ("{\"version\":1,\"query\":\"a.example\"}\n{\"version\":1,\"query\":\"b.example\"}\n", None),
            ("{\"version\":1,\"query\":\"a.example\",\"rcode\":0}", None),
            ("{\"query\":\"a.example\",\"version\":1}", None),
            ("{\"Timestamp\":\"2026-01-01\"}", None),
            ("version: 1\nhost: x\n", None),
            ("Timestamp,FileName\n", None),
            ("{\"a\\", None),
            ("{]]", None),
            ("", None),
        ] {
            assert_eq!(own_file(text.as_bytes()), expected, "{}", &text[..text.len().min(60)]);
        }
    }
}
