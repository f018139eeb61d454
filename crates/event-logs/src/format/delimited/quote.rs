//! The text of quoted cells, and where reading can go on after a quote that is not closed.

use super::split::{Ending, Record, Split};

/// The text of a cell as it stands in the source.
///
/// A cell that begins with a quote but is not quoted to its end is kept as it stands: grids copied as tab-separated
/// text have such cells, `"C:\Program Files\Git\git.exe" push` being a common one.
#[inline]
pub(crate) fn unquoted<'a>(cell: &'a str, scratch: &'a mut String) -> &'a str {
    match cell.strip_prefix('"') {
        None => cell,
        Some(rest) => inner(cell, rest, scratch),
    }
}

fn inner<'a>(cell: &'a str, rest: &'a str, scratch: &'a mut String) -> &'a str {
    let Some(inner) = rest.strip_suffix('"') else { return cell };
    if memchr::memchr(b'"', inner.as_bytes()).is_none() {
        return inner;
    }
    scratch.clear();
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('"') {
        let Some(after) = after.strip_prefix('"') else { return cell };
        scratch.push_str(before);
        scratch.push('"');
        rest = after;
    }
    scratch.push_str(rest);
    scratch
}

/// Whether a record has a cell that is quoted at its start and not to its end.
pub(crate) fn is_ill_quoted(bytes: &[u8], split: &Split, record: &Record) -> bool {
    (0..record.cells as usize).any(|cell| {
        let (start, end) = split.cell(record, cell);
        let mut quotes = memchr::memchr_iter(b'"', &bytes[start..end]).peekable();
        if quotes.next_if_eq(&0).is_none() {
            return false;
        }
        while let Some(quote) = quotes.next() {
            if quotes.next_if_eq(&(quote + 1)).is_none() {
                return start + quote + 1 != end;
            }
        }
        true
    })
}

/// How a region that a stray quote swallowed ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegionEnd {
    /// With a line end; what follows is known to be outside of the region's quotes.
    Line,
    /// Anywhere: it was cut off.
    Cut,
}

/// Finds the line, after the first, at which reading can go on: the first that is a whole record of as many cells as
/// there are columns. Returns its position and number, counted from the region's first line as 0.
///
/// In a region that ends with a line, a record that a quoted cell carries beyond the end will do, if none is whole.
/// `budget` is lowered by the bytes that were looked at; when it is used up, nothing is found.
pub(crate) fn resume(
    region: &[u8],
    end: RegionEnd,
    delimiter: u8,
    columns: usize,
    budget: &mut u64,
) -> Option<(usize, u64)> {
    let mut split = Split::default();
    let (mut at, mut line) = (0, 0);
    let mut open = None;
    loop {
        let line_end = at + memchr::memchr2(b'\n', b'\r', &region[at..])?;
        at = line_end + if region[line_end..].starts_with(b"\r\n") { 2 } else { 1 };
        line += 1;
        if at >= region.len() {
            return open;
        }
        // Most candidates end at their line's end; only those that do not are looked at further.
        let mut length = memchr::memchr2(b'\n', b'\r', &region[at..]).map_or(region.len() - at, |n| n + 1);
        loop {
            *budget = budget.checked_sub(length as u64)?;
            let all = length == region.len() - at;
            let ending = if all && end == RegionEnd::Cut { Ending::Closed } else { Ending::Open };
            split.split(&region[at..at + length], delimiter, ending);
            if let Some(record) = split.records.first() {
                let whole = !(ending == Ending::Closed && split.records.len() == 1 && split.open_quote);
                if whole && record.cells as usize == columns && !is_ill_quoted(&region[at..], &split, record) {
                    return Some((at, line));
                }
                break;
            }
            if all {
                if end == RegionEnd::Line && split.open_quote && split.open_cells() <= columns {
                    open = open.or(Some((at, line)));
                }
                break;
            }
            length = (length * 4).min(region.len() - at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_come_off_where_they_are_quotes() {
        for (cell, text) in [
            ("plain", "plain"),
            ("", ""),
            ("\"\"", ""),
            ("\"a,b\"", "a,b"),
            ("\"say \"\"push\"\"\"", "say \"push\""),
            ("\"\"\"\"", "\""),
            ("\"git.exe\" push", "\"git.exe\" push"),
            ("\"git.exe\" \"push\"", "\"git.exe\" \"push\""),
            ("\"open", "\"open"),
            ("\"", "\""),
            ("a\"b", "a\"b"),
        ] {
            assert_eq!(unquoted(cell, &mut String::new()), text, "{cell}");
        }
    }

    #[test]
    fn reading_goes_on_at_the_first_line_that_is_a_row() {
        for (region, end, expected) in [
            ("a,\"b,c\nd,e,f\ng,h,i\n", RegionEnd::Line, Some((7, 1))),
            ("a,\"b,c\r\nshort\r\ng,h,i\r\n", RegionEnd::Line, Some((15, 2))),
            ("a,\"b,c\nshort\n", RegionEnd::Line, None),
            ("a,\"b\nd,\"good\n", RegionEnd::Line, Some((5, 1))),
            ("a,\"b\nd,e,f", RegionEnd::Cut, Some((5, 1))),
            ("a,\"b\nd,e,\"f", RegionEnd::Cut, None),
            ("a,\"b", RegionEnd::Cut, None),
        ] {
            let mut budget = 1000;
            assert_eq!(resume(region.as_bytes(), end, b',', 3, &mut budget), expected, "{region}");
        }
        assert_eq!(resume(b"a,\"b,c\nd,e,f\ng,h,i\n", RegionEnd::Line, b',', 3, &mut 2), None);
    }
}
