//! Texts as YAML scalars. A YAML library is nine times the size of what is written here, and the page has to load it:
//! the tests read what is written with one.

/// A text on one line, in double quotes: JSON's string form, which YAML reads the same, with the characters escaped
/// that old readers of YAML take for line ends.
pub(super) fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// A text of several lines as a literal block, each line as it stands; in quotes where a block cannot hold it.
pub(super) fn block(text: &str, indent: &str) -> String {
    let holds = |line: &str| {
        line.chars().all(|c| matches!(c, '\t' | ' '..='~' | '\u{a1}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{2028}' | '\u{2029}'))
    };
    let lines: Vec<&str> = text.split('\n').collect();
    // A first line that begins with a blank would be taken for a deeper indent, and a blank last line for none.
    let plain = lines.iter().all(|line| holds(line))
        && lines.first().is_some_and(|line| !line.is_empty() && !line.starts_with([' ', '\t']))
        && !text.ends_with("\n\n");
    if !plain {
        return quoted(text);
    }
    // `|` keeps one line end at the end, `|-` keeps none.
    let (header, body) = match text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", text),
    };
    let mut out = header.to_owned();
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(indent);
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(scalar: &str) -> String {
        let text = format!("a:\n  b: {scalar}\nc: 1\n");
        let value: serde_json::Value = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(value["c"], 1, "{text}");
        value["a"]["b"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    #[test]
    fn texts_read_back_as_they_were() {
        for text in [
            "",
            "x",
            " x",
            "\tx",
            "x\n",
            "x\n\n",
            "x\n\n\ny",
            "x  \n y # no comment: z\n- a",
            "a\r\nb",
            "---\n...",
            "\u{85}a\u{2028}b\u{feff}c\u{0}",
            "yes",
            "\"'\\",
        ] {
            assert_eq!(read(&quoted(text)), text, "{text:?}");
            assert_eq!(read(&block(text, "    ")), text, "{text:?}");
        }
        assert_eq!(block("a\nb\n", "  "), "|\n  a\n  b");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_text_reads_back(text in "([ -~]|\n){0,60}|.{0,20}") {
            prop_assert_eq!(read(&quoted(&text)), text.clone());
            prop_assert_eq!(read(&block(&text, "    ")), text);
        }
    }
}
