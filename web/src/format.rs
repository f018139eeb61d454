//! Numbers, sizes, times and foreign text as a screen shows them.

/// A whole number with its thousands set apart: `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun, which gets an `s` unless there is one of it.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number as u64), if number == 1 { "" } else { "s" })
}

const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// A number of bytes in the largest unit that it fills: `512 KiB`, `1.5 MiB`, `3 bytes`.
pub fn bytes(number: u64) -> String {
    match UNITS.iter().find(|(_, unit)| number >= *unit) {
        Some((name, unit)) => format!("{} {name}", short(number as f64 / *unit as f64)),
        None => counted(number as usize, "byte"),
    }
}

/// A number of bytes as a user types it: digits, perhaps in groups, perhaps with a unit of 1000 or 1024.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let number: String = text[..unit_at].chars().filter(|c| !c.is_whitespace() && *c != ',' && *c != '_').collect();
    let number: f64 = number.parse().ok().filter(|number: &f64| *number >= 0.0)?;
    let unit = match text[unit_at..].trim().to_ascii_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return None,
    };
    let product = (number * unit).round();
    // Beyond this, long arithmetic of KQL ends.
    (product < i64::MAX as f64).then_some(product as u64)
}

/// Two or three leading digits: `1.5`, `12`, `0.3`.
fn short(number: f64) -> String {
    let text = if number < 9.95 { format!("{number:.1}") } else { format!("{number:.0}") };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A share as a percentage, which is neither 0 % nor 100 % unless it is exactly that.
pub fn percent(part: usize, whole: usize) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    if part >= whole {
        return "100 %".to_owned();
    }
    let share = part as f64 * 100.0 / whole as f64;
    if share < 1.0 {
        "< 1 %".to_owned()
    } else if share > 99.0 {
        "> 99 %".to_owned()
    } else {
        format!("{share:.0} %")
    }
}

/// Time left, in seconds, in words.
pub fn time_left(seconds: f64) -> String {
    if seconds < 1.5 {
        "1 s left".to_owned()
    } else if seconds < 90.0 {
        format!("{seconds:.0} s left")
    } else if seconds < 5400.0 {
        format!("{:.0} min left", seconds / 60.0)
    } else {
        format!("{:.1} h left", seconds / 3600.0)
    }
}

/// An instant of the engine (`2026-10-06T13:41:28.8000001Z`) as `2026-10-06 13:41:28`; UTC, which is said beside it.
pub fn instant(text: &str) -> String {
    let text = text.trim_end_matches('Z');
    text.split('.').next().unwrap_or(text).replace('T', " ")
}

/// A moment in milliseconds of Unix time, to the minute where it and a step from it to the next are full minutes, else to
/// the second, or finer. UTC, which is said beside it.
pub fn moment(milliseconds: i64, step: i64) -> String {
    const TICKS: i64 = 10_000;
    let time = milliseconds.checked_mul(TICKS).and_then(event_table::DateTime::from_unix_ticks);
    let Some(time) = time else { return "before or after all times".to_owned() };
    let text = instant(&time.to_string());
    let is_full = |unit: i64| milliseconds % unit == 0 && step % unit == 0;
    if is_full(60_000) {
        text.get(..16).unwrap_or(&text).to_owned()
    } else if is_full(1_000) {
        text
    } else {
        format!("{text}.{:03}", milliseconds.rem_euclid(1_000))
    }
}

/// A run of text, or a character that would not be seen, or would change what is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text that shows what it is.
    Text(&'t str),
    /// A character with a sign of its own in place of it, and its name.
    Hidden {
        /// What is shown.
        sign: String,
        /// What it is.
        name: String,
    },
}

/// Text in pieces. Control characters, marks of writing direction and characters without width get a sign.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for (at, character) in text.char_indices() {
        let Some((sign, name)) = hidden(character) else { continue };
        if done < at {
            pieces.push(Piece::Text(&text[done..at]));
        }
        pieces.push(Piece::Hidden { sign, name });
        done = at + character.len_utf8();
    }
    if done < text.len() {
        pieces.push(Piece::Text(&text[done..]));
    }
    pieces
}

/// The sign and name of a character that is not seen by itself.
fn hidden(character: char) -> Option<(String, String)> {
    let code = u32::from(character);
    let picture = |base: u32| char::from_u32(base).map(String::from);
    let (sign, name) = match character {
        '\n' => ("↵".to_owned(), "line feed"),
        '\r' => ("␍".to_owned(), "carriage return"),
        '\t' => ("⇥".to_owned(), "tab"),
        '\0'..='\u{1f}' => (picture(0x2400 + code)?, "control character"),
        '\u{7f}' => ("␡".to_owned(), "delete"),
        '\u{80}'..='\u{9f}' => (format!("⟨{code:02X}⟩"), "control character"),
        '\u{ad}' => ("⟨SHY⟩".to_owned(), "soft hyphen"),
        '\u{61c}' => ("⟨ALM⟩".to_owned(), "Arabic letter mark"),
        '\u{200b}' => ("⟨ZWSP⟩".to_owned(), "zero width space"),
        '\u{200c}' => ("⟨ZWNJ⟩".to_owned(), "zero width non-joiner"),
        '\u{200d}' => ("⟨ZWJ⟩".to_owned(), "zero width joiner"),
        '\u{200e}' => ("⟨LRM⟩".to_owned(), "left-to-right mark"),
        '\u{200f}' => ("⟨RLM⟩".to_owned(), "right-to-left mark"),
        '\u{2028}' => ("⟨LS⟩".to_owned(), "line separator"),
        '\u{2029}' => ("⟨PS⟩".to_owned(), "paragraph separator"),
        '\u{202a}' => ("⟨LRE⟩".to_owned(), "left-to-right embedding"),
        '\u{202b}' => ("⟨RLE⟩".to_owned(), "right-to-left embedding"),
        '\u{202c}' => ("⟨PDF⟩".to_owned(), "pop directional formatting"),
        '\u{202d}' => ("⟨LRO⟩".to_owned(), "left-to-right override"),
        '\u{202e}' => ("⟨RLO⟩".to_owned(), "right-to-left override"),
        '\u{2060}' => ("⟨WJ⟩".to_owned(), "word joiner"),
        '\u{2066}' => ("⟨LRI⟩".to_owned(), "left-to-right isolate"),
        '\u{2067}' => ("⟨RLI⟩".to_owned(), "right-to-left isolate"),
        '\u{2068}' => ("⟨FSI⟩".to_owned(), "first strong isolate"),
        '\u{2069}' => ("⟨PDI⟩".to_owned(), "pop directional isolate"),
        '\u{feff}' => ("⟨BOM⟩".to_owned(), "byte order mark"),
        '\u{fff9}'..='\u{fffb}' => (format!("⟨{code:04X}⟩"), "interlinear annotation"),
        '\u{e0000}'..='\u{e007f}' => (format!("⟨{code:05X}⟩"), "tag character"),
        _ => return None,
    };
    Some((sign, format!("U+{code:04X}, {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (524_288, "524,288"), (u64::MAX, "18,446,744,073,709,551,615")]
        {
            assert_eq!(grouped(number), text);
        }
        assert_eq!((counted(1, "alert"), counted(2_000, "alert")), ("1 alert".into(), "2,000 alerts".into()));
    }

    #[test]
    fn bytes_are_written_and_read_in_units() {
        for (number, text) in [
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1 KiB"),
            (524_288, "512 KiB"),
            (1_572_864, "1.5 MiB"),
            (1 << 40, "1 TiB"),
        ] {
            assert_eq!(bytes(number), text);
        }
        for (text, number) in [
            ("524288", Some(524_288)),
            (" 524,288 ", Some(524_288)),
            ("512 KiB", Some(524_288)),
            ("512k", Some(524_288)),
            ("1.5 MB", Some(1_500_000)),
            ("1.5MiB", Some(1_572_864)),
            ("0", Some(0)),
            ("", None),
            ("-1", None),
            ("5 parsecs", None),
            ("1e30", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(parse_bytes(text), number, "{text}");
        }
    }

    #[test]
    fn a_share_is_whole_or_nothing_only_when_it_is() {
        for (part, whole, text) in [
            (0, 10, "0 %"),
            (1, 1_000, "< 1 %"),
            (5, 10, "50 %"),
            (999, 1_000, "> 99 %"),
            (10, 10, "100 %"),
            (0, 0, "0 %"),
        ] {
            assert_eq!(percent(part, whole), text);
        }
    }

    #[test]
    fn times_are_short() {
        assert_eq!(instant("2026-10-06T13:41:28.8000001Z"), "2026-10-06 13:41:28");
        for (seconds, text) in [(0.2, "1 s left"), (12.4, "12 s left"), (150.0, "2 min left"), (9_000.0, "2.5 h left")]
        {
            assert_eq!(time_left(seconds), text);
        }
    }

    #[test]
    fn moments_are_as_fine_as_they_need_to_be() {
        let day = 1_792_627_200_000;
        for (at, step, text) in [
            (day, 60_000, "2026-10-22 00:00"),
            (day, 5_000, "2026-10-22 00:00:00"),
            (day + 30_000, 60_000, "2026-10-22 00:00:30"),
            (day + 5, 1, "2026-10-22 00:00:00.005"),
            (-1, 1, "1969-12-31 23:59:59.999"),
            (i64::MAX, 1, "before or after all times"),
        ] {
            assert_eq!(moment(at, step), text, "{at} {step}");
        }
    }

    #[test]
    fn characters_that_hide_are_shown() {
        let sign = |sign: &str, name: &str| Piece::Hidden { sign: sign.to_owned(), name: name.to_owned() };
        assert_eq!(pieces("plain é 🙂"), [Piece::Text("plain é 🙂")]);
        assert_eq!(pieces(""), []);
        assert_eq!(
            pieces("a\u{202e}gpj.exe\n\0"),
            [
                Piece::Text("a"),
                sign("⟨RLO⟩", "U+202E, right-to-left override"),
                Piece::Text("gpj.exe"),
                sign("↵", "U+000A, line feed"),
                sign("␀", "U+0000, control character"),
            ]
        );
    }
}
