//! Keys by name, as WebDriver sends them.

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// The code points that WebDriver gives to keys without a character.
const NAMED: &[(&str, char)] = &[
    ("Control", '\u{e009}'),
    ("Shift", '\u{e008}'),
    ("Alt", '\u{e00a}'),
    ("Meta", '\u{e03d}'),
    ("Enter", '\u{e007}'),
    ("Tab", '\u{e004}'),
    ("Escape", '\u{e00c}'),
    ("Space", ' '),
    ("Backspace", '\u{e003}'),
    ("Delete", '\u{e017}'),
    ("Home", '\u{e011}'),
    ("End", '\u{e010}'),
    ("PageUp", '\u{e00e}'),
    ("PageDown", '\u{e00f}'),
    ("Left", '\u{e012}'),
    ("Up", '\u{e013}'),
    ("Right", '\u{e014}'),
    ("Down", '\u{e015}'),
    ("F1", '\u{e031}'),
    ("F2", '\u{e032}'),
    ("F8", '\u{e038}'),
    ("F10", '\u{e03a}'),
];

/// The actions of one chord such as `Control+Shift+Enter` or `a`.
pub(super) fn chord(chord: &str) -> Result<Value> {
    let keys = chord.split('+').map(key).collect::<Result<Vec<char>>>()?;
    let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
    let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
    Ok(actions(down.chain(up).collect()))
}

/// The actions of typing a text; a line feed is Enter.
pub(super) fn text(text: &str) -> Value {
    let keys = text.chars().map(|character| if character == '\n' { '\u{e007}' } else { character });
    let both = |key: char| ["keyDown", "keyUp"].map(|action| json!({ "type": action, "value": key }));
    actions(keys.flat_map(both).collect())
}

fn actions(actions: Vec<Value>) -> Value {
    json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] })
}

fn key(name: &str) -> Result<char> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Ok(only);
    }
    match NAMED.iter().find(|(known, _)| *known == name) {
        Some((_, key)) => Ok(*key),
        None => bail!("no key is named {name:?}"),
    }
}
