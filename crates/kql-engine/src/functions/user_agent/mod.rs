//! `parse_user_agent`: browser, system and device that a user agent's text names.
//!
//! The page says that the text is tried against many predefined patterns, and its examples are what the patterns of the
//! ua-parser project give: `expressions.z` holds those of uap-core (see `README.md`), which its specification says how to
//! use: the first expression that matches gives each field, by a replacement where one is written. **Our choices**: the
//! patterns are those of uap-core 0.18.0; nothing that matches is the family `Other`, as that specification says, with the
//! other fields empty; of a longer text the first 8,192 bytes are looked at.
//!
//! All is read when a query first asks, and an expression compiled when one of the texts that it needs first stands in a
//! user agent.

use super::{ScalarFunction, args};
use aho_corasick::AhoCorasick;
use event_table::{Bag, Dynamic, Value};
use flate2::read::ZlibDecoder;
use regex::{Captures, Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::io::Read;
use std::sync::{Arc, LazyLock, OnceLock};

/// What may be looked for.
pub(crate) const TARGETS: [&str; 3] = ["browser", "os", "device"];

/// Bytes of a text that are looked at. Servers take no longer headers.
const LOOKED_AT: usize = 8_192;
/// Answers kept, each for a text and a target.
const KEPT: usize = 4_096;
/// Bytes that an expression's automaton may keep between texts.
const AUTOMATON: usize = 1 << 18;

/// A target's name in the answer, and the names of its fields.
const KINDS: [(&str, &[&str]); 3] = [
    ("Browser", &["Family", "MajorVersion", "MinorVersion", "Patch"]),
    ("OperatingSystem", &["Family", "MajorVersion", "MinorVersion", "Patch", "PatchMinor"]),
    ("Device", &["Family", "Brand", "Model"]),
];
const DEVICE: usize = 2;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "parse_user_agent" => |_, a| parse(&args::text(a, 0), a.get(1)),
        _ => return None,
    })
}

/// What each target is in a text; null where a target is none.
fn parse(text: &str, look_for: Option<&Value>) -> Value {
    let wanted: Vec<Arc<str>> = match look_for {
        Some(Value::String(target)) => vec![target.clone()],
        Some(Value::Dynamic(d)) => {
            let Some(names) =
                d.as_array().map_or_else(|| text_of(d).map(|t| vec![t]), |a| a.iter().map(text_of).collect())
            else {
                return Value::Null;
            };
            names
        }
        _ => return Value::Null,
    };
    let mut asked = [false; 3];
    for name in &wanted {
        let Some(kind) = TARGETS.iter().position(|target| target.eq_ignore_ascii_case(name)) else {
            return Value::Null;
        };
        asked[kind] = true;
    }
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let bag = (0..3).filter(|kind| asked[*kind]).map(|kind| (KINDS[kind].0.into(), found(kind, &text[..end])));
    Value::dynamic(Dynamic::Bag(bag.collect()))
}

fn text_of(value: &Dynamic) -> Option<Arc<str>> {
    if let Dynamic::String(text) = value { Some(text.clone()) } else { None }
}

thread_local! {
    static ANSWERS: RefCell<FxHashMap<(usize, Box<str>), Dynamic>> = RefCell::default();
}

/// What a target is in a text, as a bag of its fields.
fn found(kind: usize, text: &str) -> Dynamic {
    let key = (kind, Box::from(text));
    if let Some(known) = ANSWERS.with_borrow(|known| known.get(&key).cloned()) {
        return known;
    }
    let fields = PARSERS[kind].find(text).unwrap_or_else(|| vec!["Other".to_owned()]);
    let values = fields.into_iter().chain(std::iter::repeat(String::new()));
    let bag: Bag =
        KINDS[kind].1.iter().zip(values).map(|(name, v)| ((*name).into(), Dynamic::String(v.into()))).collect();
    let answer = Dynamic::Bag(bag);
    ANSWERS.with_borrow_mut(|known| {
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(key, answer.clone());
    });
    answer
}

/// The expressions for one target.
struct Parser {
    kind: usize,
    expressions: Vec<Expression>,
    /// Finds the texts that expressions need.
    needed: Option<AhoCorasick>,
    /// The expressions that need a text, by its number.
    needing: Vec<Vec<u32>>,
    /// The expressions that need none.
    always: Vec<u32>,
}

struct Expression {
    pattern: String,
    is_caseless: bool,
    replacements: Vec<Option<String>>,
    regex: OnceLock<Option<Regex>>,
}

static PARSERS: LazyLock<[Parser; 3]> = LazyLock::new(|| {
    let mut text = String::new();
    // The bytes are ours, and a test reads all of them.
    let _ = ZlibDecoder::new(&include_bytes!("expressions.z")[..]).read_to_string(&mut text);
    let mut parts = text.split("\n\n");
    [0, 1, 2].map(|kind| Parser::read(kind, parts.next().unwrap_or_default()))
});

impl Parser {
    /// Reads the lines that `make.py` writes.
    fn read(kind: usize, lines: &str) -> Self {
        let mut expressions = Vec::new();
        let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
        let mut texts: Vec<&str> = Vec::new();
        let mut needing: Vec<Vec<u32>> = Vec::new();
        let mut always = Vec::new();
        for (index, line) in lines.lines().enumerate() {
            let mut fields = line.split('\t');
            let pattern = fields.next().unwrap_or_default().to_owned();
            let is_caseless = fields.next() == Some("i");
            let replacement = |field: &str| if field == "-" { None } else { Some(field.to_owned()) };
            let replacements = fields.by_ref().take(KINDS[kind].1.len()).map(replacement).collect();
            expressions.push(Expression { pattern, is_caseless, replacements, regex: OnceLock::new() });
            let mut needs_any = false;
            for text in fields {
                needs_any = true;
                let number = *numbers.entry(text).or_insert_with(|| {
                    texts.push(text);
                    needing.push(Vec::new());
                    texts.len() - 1
                });
                needing[number].push(index as u32);
            }
            if !needs_any {
                always.push(index as u32);
            }
        }
        let needed = AhoCorasick::builder().ascii_case_insensitive(true).build(&texts).ok();
        Self { kind, expressions, needed, needing, always }
    }

    /// The numbers of the expressions that may match, in their order.
    fn candidates(&self, text: &str) -> Vec<u32> {
        let Some(needed) = &self.needed else { return (0..self.expressions.len() as u32).collect() };
        let mut seen = vec![false; self.needing.len()];
        needed.find_overlapping_iter(text).for_each(|found| seen[found.pattern().as_usize()] = true);
        let by_text = seen.iter().zip(&self.needing).filter(|(seen, _)| **seen).flat_map(|(_, needing)| needing);
        let mut candidates: Vec<u32> = by_text.chain(&self.always).copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// The fields that the first expression that matches gives.
    fn find(&self, text: &str) -> Option<Vec<String>> {
        self.candidates(text).into_iter().find_map(|index| {
            let expression = &self.expressions[index as usize];
            let captures = expression.regex()?.captures(text)?;
            Some(expression.fields(self.kind, &captures))
        })
    }
}

impl Expression {
    fn regex(&self) -> Option<&Regex> {
        let build = || {
            RegexBuilder::new(&self.pattern).case_insensitive(self.is_caseless).dfa_size_limit(AUTOMATON).build().ok()
        };
        self.regex.get_or_init(build).as_ref()
    }

    fn fields(&self, kind: usize, captures: &Captures<'_>) -> Vec<String> {
        let field = |(index, replacement): (usize, &Option<String>)| match replacement {
            Some(text) => replaced(text, captures),
            // A device's model is the first group, as its family is, and its brand no group.
            None if kind == DEVICE && index == 1 => String::new(),
            None if kind == DEVICE => group(captures, 1).to_owned(),
            None => group(captures, index + 1).to_owned(),
        };
        self.replacements.iter().enumerate().map(field).collect()
    }
}

fn group<'t>(captures: &Captures<'t>, index: usize) -> &'t str {
    captures.get(index).map_or("", |group| group.as_str())
}

/// A replacement with the groups in the places of `$1` to `$9`, without blanks at its ends.
fn replaced(text: &str, captures: &Captures<'_>) -> String {
    let mut pieces = text.split('$');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.chars().next().and_then(|c| c.to_digit(10)) {
            Some(number @ 1..) => {
                out.push_str(group(captures, number as usize));
                out.push_str(&piece[1..]);
            }
            _ => {
                out.push('$');
                out.push_str(piece);
            }
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: [(&str, &str, &str); 2] = [
        (
            "Mozilla/5.0 (Windows; U; en-US) AppleWebKit/531.9 (KHTML, like Gecko) AdobeAIR/2.5.1",
            "\"browser\"",
            r#"{"Browser":{"Family":"AdobeAIR","MajorVersion":"2","MinorVersion":"5","Patch":"1"}}"#,
        ),
        (
            "Mozilla/5.0 (SymbianOS/9.2; U; Series60/3.1 NokiaN81-3/10.0.032 Profile/MIDP-2.0 Configuration/CLDC-1.1 ) AppleWebKit/413 (KHTML, like Gecko) Safari/4",
            r#"["browser","os","device"]"#,
            r#"{"Browser":{"Family":"Nokia OSS Browser","MajorVersion":"3","MinorVersion":"1","Patch":""},"OperatingSystem":{"Family":"Symbian OS","MajorVersion":"9","MinorVersion":"2","Patch":"","PatchMinor":""},"Device":{"Family":"Nokia N81","Brand":"Nokia","Model":"N81-3"}}"#,
        ),
    ];

    /// From `parse-user-agent-function`, and the examples of uap-core's specification.
    #[test]
    fn a_user_agent_is_taken_apart_as_the_page_shows() {
        let specified = [
            (
                "Mozilla/5.0 (Windows; Windows NT 5.1; rv:2.0b3pre) Gecko/20100727 Minefield/4.0.1pre",
                "\"browser\"",
                r#"{"Browser":{"Family":"Firefox (Minefield)","MajorVersion":"4","MinorVersion":"0","Patch":"1pre"}}"#,
            ),
            (
                "Mozilla/5.0 (Windows; U; Win95; en-US; rv:1.1) Gecko/20020826",
                "\"OS\"",
                r#"{"OperatingSystem":{"Family":"Windows","MajorVersion":"95","MinorVersion":"","Patch":"","PatchMinor":""}}"#,
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 4.2.2; de-de; PEDI_PLUS_W Build/JDQ39) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Safari/534.30",
                "\"device\"",
                r#"{"Device":{"Family":"Odys PEDI PLUS W","Brand":"Odys","Model":"PEDI PLUS W"}}"#,
            ),
            ("", "[\"device\"]", r#"{"Device":{"Family":"Other","Brand":"","Model":""}}"#),
            ("curl", "[]", "{}"),
            ("curl", "\"engine\"", "(null)"),
            ("curl", "[\"os\", 1]", "(null)"),
        ];
        for (text, look_for, expected) in PAGE.into_iter().chain(specified) {
            let look_for = Value::dynamic(Dynamic::from_json(look_for).expect("it is JSON"));
            let found = parse(text, Some(&crate::scalar::plain(&look_for)));
            let found = if found.is_null() { "(null)".to_owned() } else { found.to_string() };
            assert_eq!(found, expected, "{text}");
        }
    }

    /// Every expression is compiled, and answers do not depend on which ones are left out as they cannot match.
    #[test]
    fn expressions_are_left_out_only_where_they_cannot_match() {
        let made = PARSERS.iter().flat_map(|parser| &parser.expressions).map(|e| {
            // Texts near what the expression takes: its letters without its signs.
            let plain = e.pattern.replace("\\.", ".").replace("\\-", "-").replace("[0-9]", "7").replace("\\/", "/");
            plain.chars().filter(|c| !"()?|\\+*^$[]{}".contains(*c)).collect::<String>()
        });
        let texts: Vec<String> = PAGE.iter().map(|(text, ..)| (*text).to_owned()).chain(made).collect();
        let mut matched = 0;
        for parser in PARSERS.iter() {
            assert!(parser.expressions.len() > 190 && parser.always.len() < 10);
            assert_eq!(parser.expressions.iter().filter(|e| e.regex().is_none()).map(|e| &e.pattern).next(), None);
            for text in &texts {
                let candidates = parser.candidates(text);
                let is_match = |e: &Expression| e.regex().is_some_and(|regex| regex.is_match(text));
                for (index, expression) in
                    parser.expressions.iter().enumerate().step_by(if cfg!(debug_assertions) { 7 } else { 1 })
                {
                    if is_match(expression) {
                        matched += 1;
                        assert!(candidates.contains(&(index as u32)), "{} in {text}", expression.pattern);
                    }
                }
            }
        }
        assert!(matched > 100, "{matched}");
    }
}
