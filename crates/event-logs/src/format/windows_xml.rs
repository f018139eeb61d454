//! Windows events as XML: one or many, with or without an `<Events>` root, one after the other, or amid other text.
//!
//! What is looked for are the elements named `Event`; all else is passed over. An event that is broken is refused, and
//! reading goes on at the next place where one begins.

use super::ReadRecords;
use crate::input::Input;
use crate::problem::Problem;
use crate::sink::Sink;
use crate::windows::xml::EventReader;
use crate::windows::{System, WindowsEvent};
use memchr::memmem;
use std::borrow::Cow;
use std::ops::Range;

/// Reads Windows event XML.
#[derive(Default)]
pub(crate) struct WindowsXml {
    reader: EventReader,
    event: WindowsEvent,
    /// Bytes without which another attempt would find no more.
    wanted: usize,
    /// How many of the input's first bytes hold no beginning of an event's end.
    searched: usize,
    /// Bytes before the input's.
    before: u64,
    /// Bytes that were read again after broken events.
    read_again: u64,
    met_events: bool,
    /// Whether what was passed over ends inside a tag.
    in_tag: bool,
    /// The line of the first text that is no markup around events.
    text_around: Option<u64>,
}

const OPENING: &[u8] = b"<Event";
const CLOSING: &[u8] = b"</Event";
/// What may be read once more after broken events, beyond what is read anyway.
const SPARE: u64 = 64 << 20;

/// Where the first event begins: an element named `Event`, not `EventData` or `Events`. Where the bytes end before that
/// shows, they are an event's beginning.
pub(crate) fn find_opening(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, OPENING)
        .find(|at| bytes.get(at + OPENING.len()).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')))
}

impl WindowsXml {
    /// Takes bytes from the input.
    fn advance(&mut self, input: &mut Input, bytes: usize) {
        let lines = memchr::memchr_iter(b'\n', &input.bytes()[..bytes]).count() as u64;
        input.consume(bytes, lines);
        self.before += bytes as u64;
        self.wanted = 0;
        self.searched = self.searched.saturating_sub(bytes);
    }

    /// Passes over what stands before the next event. Returns whether one begins there.
    fn find_event(&mut self, input: &mut Input) -> bool {
        let bytes = input.bytes();
        let found = find_opening(bytes);
        // An event's beginning may be cut off.
        let spared = if input.is_last() { 0 } else { OPENING.len() - 1 };
        let passed = found.unwrap_or(bytes.len().saturating_sub(spared));
        if self.text_around.is_none()
            && let Some(at) = text_in_markup(&bytes[..passed], &mut self.in_tag)
        {
            let lines = memchr::memchr_iter(b'\n', &bytes[..at]).count() as u64;
            self.text_around = Some(input.line() + lines);
        }
        self.advance(input, passed);
        found.is_some()
    }

    /// Reads the event at the start of the input. Returns whether there may be more to read.
    fn read_event(&mut self, input: &mut Input, sink: &mut Sink) -> bool {
        let limit = sink.options.max_record_bytes;
        let bytes = &input.bytes()[..input.bytes().len().min(limit)];
        let from = self.searched.min(bytes.len());
        let ending = end_of_event(bytes, from).map_err(|searched| self.searched = searched);
        let Ok(Range { start: closing, end }) = ending else {
            self.met_events = true;
            if bytes.len() == limit {
                sink.collector.reject(input.line(), None, &Problem::RecordTooLong(limit));
            } else if !input.is_last() {
                self.wanted = bytes.len().saturating_mul(2);
                return false;
            } else if find_opening(&bytes[1..]).is_some() {
                sink.collector.reject(input.line(), None, &Problem::BrokenXml("an element is not closed"));
            } else {
                sink.collector.truncate(input.line(), &Problem::CutOffXml);
                let all = bytes.len();
                self.advance(input, all);
                return false;
            }
            self.advance(input, OPENING.len());
            return true;
        };
        self.met_events = true;
        let line = input.line();
        match self.reader.read(&text_of(&bytes[..end]), &mut self.event) {
            Ok(()) if self.event.system(System::EventId).is_empty() => {
                sink.collector.reject(line, None, &Problem::NotARecord("An event without a number"));
                self.advance(input, end);
            }
            Ok(()) => {
                if simdutf8::basic::from_utf8(&bytes[..end]).is_err() {
                    sink.collector.warn(Some(line), Problem::InvalidText);
                }
                let span = input.span(0, end, line);
                sink.add_event(&self.event, span);
                self.advance(input, end);
            }
            Err(fault) => {
                sink.collector.reject(line, None, &fault.problem());
                // Another one may begin inside, where this one's end is missing. What is read again is bounded by what
                // was read, or hostile text could have every byte read over and over.
                self.read_again += end as u64;
                let inside = if self.read_again > SPARE + self.before { &[] } else { &bytes[OPENING.len()..end] };
                let next = find_opening(inside).map_or(end, |at| at + OPENING.len());
                self.searched = closing;
                self.advance(input, next);
            }
        }
        true
    }
}

/// Where the end tag stands of the event that the bytes begin with, when it does not begin before a position; else how
/// many bytes hold no beginning of one. White space may stand before its `>` (XML 1.0, production 42).
fn end_of_event(bytes: &[u8], from: usize) -> Result<Range<usize>, usize> {
    // `<Event/>` alone is an element too; whether it is shows with the next character.
    if bytes.get(OPENING.len()) == Some(&b'/') {
        let next = bytes.get(OPENING.len() + 1).ok_or(0_usize)?;
        return Ok(0..OPENING.len() + 1 + usize::from(*next == b'>'));
    }
    for at in memmem::find_iter(&bytes[from..], CLOSING).map(|at| from + at) {
        let name = at + CLOSING.len();
        match bytes[name..].iter().position(|b| !b.is_ascii_whitespace()) {
            Some(space) if bytes[name + space] == b'>' => return Ok(at..name + space + 1),
            Some(_) => {}
            None => return Err(at),
        }
    }
    Err(bytes.len().saturating_sub(CLOSING.len() - 1).max(from))
}

fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Where text begins outside of tags; `in_tag` says whether the bytes begin, and then whether they end, inside one.
fn text_in_markup(bytes: &[u8], in_tag: &mut bool) -> Option<usize> {
    bytes.iter().position(|b| match b {
        b'<' | b'>' => {
            *in_tag = *b == b'<';
            false
        }
        _ => !*in_tag && !b.is_ascii_whitespace(),
    })
}

impl ReadRecords for WindowsXml {
    fn read(&mut self, input: &mut Input, sink: &mut Sink) {
        while !input.bytes().is_empty()
            && (input.is_last() || input.bytes().len() >= self.wanted)
            && self.find_event(input)
            && self.read_event(input, sink)
        {}
        if input.is_last() {
            if let Some(line) = self.text_around {
                sink.collector.warn(Some(line), Problem::TextAroundEvents);
            }
            if !self.met_events {
                sink.collector.warn(None, Problem::NoRecords);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_beginning_is_told_from_other_names() {
        for (text, at) in [
            ("<Event>", Some(0)),
            ("<Events><Event xmlns='x'>", Some(8)),
            ("<EventData><EventID>", None),
            ("x <Event\n", Some(2)),
            ("<Event/>", Some(0)),
            ("x<Event", Some(1)),
            ("x<Even", None),
        ] {
            assert_eq!(find_opening(text.as_bytes()), at, "{text}");
        }
    }

    #[test]
    fn an_events_end_may_have_space_in_it() {
        for (text, end) in [
            ("<Event></Event>", Ok(7..15)),
            ("<Event></Event\t\n>x", Ok(7..17)),
            ("<Event></EventData></Event >", Ok(19..28)),
            ("<Event/>", Ok(0..8)),
            ("<Event></Event", Err(7)),
            ("<Event></Event  ", Err(7)),
            ("<Event></Eve", Err(6)),
        ] {
            assert_eq!(end_of_event(text.as_bytes(), 0), end, "{text}");
        }
    }

    #[test]
    fn text_around_markup_is_seen() {
        for (text, at) in [("<a> \n</a>", None), ("<?xml?>x", Some(7)), (" <a b='x'>", None), ("Dec 11 <", Some(0))] {
            assert_eq!(text_in_markup(text.as_bytes(), &mut false), at, "{text}");
        }
    }
}
