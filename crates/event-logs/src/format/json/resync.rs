//! Finds where reading goes on after a broken record.

use super::scan::{Scanned, Scanner, string};
use super::walk::LinePlace;

/// What is known of the broken record, to tell where the next one may begin.
#[derive(Debug)]
pub(crate) struct Resync {
    /// The bracket that records begin with.
    opening: u8,
    /// The indentation of the line that the broken record begins on.
    indent: usize,
    /// The first key of the source's records, as it stands there.
    first_key: Vec<u8>,
    /// The last two bytes before the unread ones that are no spaces.
    before: [u8; 2],
}

/// Where reading goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// At this place a whole record begins.
    Record(usize),
    /// At this place a record may begin; more bytes will tell.
    Perhaps(usize),
    /// Nowhere in these bytes.
    Nowhere,
    /// Nowhere up to this place, and too much was looked at.
    TooMuch(usize),
}

/// What there is to look at.
#[derive(Clone, Copy)]
pub(crate) struct Unread<'a> {
    pub(crate) bytes: &'a [u8],
    /// Where the first byte stands on its line.
    pub(crate) place: LinePlace,
    /// Whether nothing comes after the bytes.
    pub(crate) is_last: bool,
    /// The longest record.
    pub(crate) limit: usize,
}

/// What may be looked at in vain.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    /// Bytes of the source before the unread ones.
    pub(crate) before: u64,
    /// Bytes that were looked at in vain.
    pub(crate) in_vain: u64,
}

impl Budget {
    /// What may be looked at in vain beyond what is read anyway.
    const SPARE: u64 = 64 << 20;

    fn is_spent(&self, at: usize) -> bool {
        self.in_vain > Self::SPARE + self.before + at as u64
    }
}

impl Resync {
    /// After a broken record that begins on a line with this indentation.
    pub(crate) fn new(opening: u8, indent: usize, first_key: &[u8]) -> Self {
        Self { opening, indent, first_key: first_key.to_vec(), before: [0; 2] }
    }

    /// Looks for the next record.
    pub(crate) fn find(&self, unread: Unread<'_>, scanner: &mut Scanner, budget: &mut Budget) -> Found {
        let Unread { bytes, mut place, is_last, limit } = unread;
        let mut from = 0;
        for at in memchr::memchr_iter(self.opening, bytes) {
            if budget.is_spent(at) {
                return Found::TooMuch(at);
            }
            place = place.after(&bytes[from..at]);
            from = at;
            let on_line = place.is_indent && place.indent <= self.indent;
            let candidate = &bytes[at..bytes.len().min(at.saturating_add(limit))];
            let whole = is_last || candidate.len() == limit;
            if !on_line {
                let closing = if self.opening == b'{' { b'}' } else { b']' };
                if self.last_before(&bytes[..at]) != [closing, b','] {
                    continue;
                }
                match self.has_first_key(candidate) {
                    Some(true) => {}
                    None if !whole => return Found::Perhaps(at),
                    _ => continue,
                }
            }
            match scanner.scan(candidate) {
                Scanned::Whole(_) => return Found::Record(at),
                Scanned::Unfinished if !whole => return Found::Perhaps(at),
                Scanned::Unfinished => budget.in_vain += candidate.len() as u64,
                Scanned::Broken(length, _) => budget.in_vain += length as u64,
            }
        }
        Found::Nowhere
    }

    /// Remembers what stands at the end of bytes that are passed over.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        self.before = self.last_before(bytes);
    }

    fn last_before(&self, bytes: &[u8]) -> [u8; 2] {
        let mut significant = bytes.iter().rev().filter(|b| !b.is_ascii_whitespace());
        match (significant.next(), significant.next()) {
            (Some(last), Some(previous)) => [*previous, *last],
            (Some(last), None) => [self.before[1], *last],
            _ => self.before,
        }
    }

    /// Whether the record's first key is that of the other records; `None` when it is not all there.
    fn has_first_key(&self, record: &[u8]) -> Option<bool> {
        if self.opening != b'{' {
            return Some(true);
        }
        if self.first_key.is_empty() {
            return Some(false);
        }
        let quote = 1 + record[1..].iter().position(|b| !b.is_ascii_whitespace())?;
        if record[quote] != b'"' {
            return Some(false);
        }
        match string(record, quote + 1) {
            Ok((end, _)) => Some(record[quote + 1..end] == *self.first_key),
            Err(Scanned::Unfinished) => None,
            Err(_) => Some(false),
        }
    }
}

/// Passes over the rest of a value that is too long to be read, and of the key before it.
#[derive(Debug, Default)]
pub(crate) struct Skip {
    depth: u64,
    in_string: bool,
    is_escaped: bool,
}

impl Skip {
    /// How many of the bytes belong to the value, and whether it ends with them.
    pub(crate) fn over(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (at, byte) in bytes.iter().enumerate() {
            if self.is_escaped {
                self.is_escaped = false;
                continue;
            }
            match byte {
                b'\\' if self.in_string => self.is_escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return (at + 1, true),
                b'}' | b']' | b',' | b'\n' if self.depth == 0 => return (at, true),
                _ => {}
            }
        }
        (bytes.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_x(bytes: &[u8]) -> Unread<'_> {
        Unread { bytes, place: LinePlace::START.after(b"x"), is_last: true, limit: 100 }
    }

    #[test]
    fn looking_in_vain_has_an_end() {
        let mut budget = Budget { before: 0, in_vain: u64::MAX };
        let found = Resync::new(b'{', 0, b"a").find(after_x(b"\n{\"a\":1}"), &mut Scanner::default(), &mut budget);
        assert_eq!(found, Found::TooMuch(1));
    }

    #[test]
    fn the_next_record_is_found_by_its_line_or_its_first_key() {
        for (text, indent, key, is_last, expected) in [
            ("rubbish}\n{\"a\":1}", 0, "a", true, Found::Record(9)),
            ("rubbish}\n  {\"a\":1}", 0, "a", true, Found::Nowhere),
            ("rubbish}\n  {\"a\":1}", 2, "a", true, Found::Record(11)),
            ("x\":1},{\"a\":1},", 0, "a", true, Found::Record(6)),
            ("x\":1} , { \"a\":1},", 0, "a", true, Found::Record(8)),
            ("x\":1},{\"b\":1},", 0, "a", true, Found::Nowhere),
            ("x\":1},{\"b\":1},", 0, "", true, Found::Nowhere),
            ("x\":{\"a\":1}", 0, "a", true, Found::Nowhere),
            ("\n{\"a\":\n{\"a\":1}\n", 0, "a", true, Found::Record(7)),
            ("\n{\"a\":\n{\"a\":1}\n", 0, "a", false, Found::Perhaps(1)),
            ("x},{\"a", 0, "a", false, Found::Perhaps(3)),
            ("x},{\"a", 0, "a", true, Found::Nowhere),
        ] {
            let resync = Resync::new(b'{', indent, key.as_bytes());
            let unread = Unread { is_last, ..after_x(text.as_bytes()) };
            let found = resync.find(unread, &mut Scanner::default(), &mut Budget::default());
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn what_was_passed_over_still_counts_as_before() {
        let mut resync = Resync::new(b'{', 0, b"a");
        resync.pass(b"x } ");
        resync.pass(b" ,\n ");
        let found = resync.find(after_x(b"{\"a\":1}"), &mut Scanner::default(), &mut Budget::default());
        assert_eq!(found, Found::Record(0));
    }

    #[test]
    fn an_overlong_value_is_passed_over_to_its_end() {
        for (text, length) in [
            (r#"{"a":"}\"]}","b":[{"c":1}]},{"a":2}"#, 27),
            (r#""key":[1,[2]],"b":1}"#, 13),
            (r#""text,\"}",{"a":2}"#, 10),
            ("1234\n{}", 4),
        ] {
            for cut in 0..length {
                let mut skip = Skip::default();
                assert_eq!(skip.over(&text.as_bytes()[..cut]), (cut, false));
                assert_eq!(skip.over(&text.as_bytes()[cut..]), (length - cut, true), "{text} cut at {cut}");
            }
        }
    }
}
