//! Searching a cell for literals, with the boundaries that an operator asks for.
//!
//! All literals are found in one pass by an Aho-Corasick automaton, however many there are; each occurrence is
//! then judged by the characters around it. Overlapping occurrences are all tried, so `github.com` is found in
//! `notgithub.com github.com`. Where a literal can stand only at one place of a cell, a few are just compared there.
//!
//! Boundaries (spec/kql.md, *Terms and the `has` family*): where the literal's own edge character is part of a
//! term, the neighbour in the cell must not be; where the edge is a separator, any neighbour will do.

use super::fold::{fold, fold_char, is_term_char};
use super::scan::Scanner;
use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, Input};
use event_table::{Bitmap, TextColumn};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Where a literal must stand in the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextMode {
    /// As whole terms.
    Has,
    /// At the start of a term.
    HasPrefix,
    /// At the end of a term.
    HasSuffix,
    /// Anywhere.
    Contains,
    /// At the start of the cell.
    StartsWith,
    /// At the end of the cell.
    EndsWith,
    /// As the whole cell.
    Equals,
}

/// How many of the literals must be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// At least one; none when the list is empty.
    Any,
    /// Each.
    All,
}

/// Literals prepared for searching.
#[derive(Clone)]
pub struct Matcher {
    mode: TextMode,
    quantifier: Quantifier,
    case_sensitive: bool,
    literals: Vec<Arc<str>>,
    /// The automaton's pattern number for each literal; equal literals share one, empty ones have none.
    patterns: Vec<Pattern>,
    automaton: Option<Automaton>,
    /// A faster way to the first occurrences, where there is one.
    scanner: Option<Scanner>,
    /// The folded literals, when they are few and each can stand only at one place of a cell.
    anchored: Option<Vec<Box<str>>>,
}

/// More literals than this are looked for by the automaton, wherever they must stand.
const FEW: usize = 8;

/// The automaton of some literals. Building it takes longer than a search of the few cells that it is needed for where
/// there is a faster way to the first occurrences, so that of short lists is built when first asked for.
#[derive(Clone)]
struct Automaton {
    texts: Vec<Box<str>>,
    case_sensitive: bool,
    built: OnceLock<Option<AhoCorasick>>,
}

impl Automaton {
    /// Literals of no more bytes than this in all have so few states that building cannot fail.
    const SMALL: usize = 4096;

    fn new(texts: &[Cow<'_, str>], case_sensitive: bool) -> Result<Self, MatcherError> {
        let texts: Vec<Box<str>> = texts.iter().map(|text| (**text).into()).collect();
        let is_small = texts.iter().map(|text| text.len()).sum::<usize>() <= Self::SMALL;
        let automaton = Self { texts, case_sensitive, built: OnceLock::new() };
        if !is_small {
            let built = automaton.build().map_err(|e| MatcherError(e.to_string()))?;
            return Ok(Self { texts: Vec::new(), built: OnceLock::from(Some(built)), case_sensitive });
        }
        Ok(automaton)
    }

    fn build(&self) -> Result<AhoCorasick, aho_corasick::BuildError> {
        AhoCorasick::builder()
            .ascii_case_insensitive(!self.case_sensitive)
            .build(self.texts.iter().map(|text| text.as_bytes()))
    }

    fn get(&self) -> Option<&AhoCorasick> {
        self.built.get_or_init(|| self.build().ok()).as_ref()
    }
}

#[derive(Clone, Debug)]
struct Pattern {
    literal: usize,
    /// Whether the neighbour before (after) an occurrence must not be part of a term.
    bounded: (bool, bool),
}

/// An occurrence that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The position of the literal in [`Matcher::literals`].
    pub literal: usize,
    /// The bytes of the cell.
    pub range: Range<usize>,
}

/// An occurrence that did not pass for the characters around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbounded {
    /// The position of the literal in [`Matcher::literals`].
    pub literal: usize,
    /// The bytes of the cell where the literal stands.
    pub range: Range<usize>,
    /// The bytes of the longer run of letters and digits that swallowed it.
    pub term: Range<usize>,
}

/// Why literals cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatcherError(pub String);

impl Matcher {
    /// Prepares literals. An error says that there are too many for one automaton.
    pub fn new(
        mode: TextMode,
        quantifier: Quantifier,
        case_sensitive: bool,
        literals: Vec<Arc<str>>,
    ) -> Result<Self, MatcherError> {
        let mut patterns = Vec::new();
        let mut texts = Vec::new();
        for (literal, text) in literals.iter().enumerate() {
            if text.is_empty() {
                continue;
            }
            let edge = |c: Option<char>| c.is_some_and(is_term_char);
            patterns.push(Pattern { literal, bounded: (edge(text.chars().next()), edge(text.chars().next_back())) });
            texts.push(if case_sensitive { text.as_ref().into() } else { fold(text) });
        }
        let automaton = if texts.is_empty() { None } else { Some(Automaton::new(&texts, case_sensitive)?) };
        let scanner =
            if texts.len() == literals.len() { scanner_for(mode, quantifier, case_sensitive, &texts) } else { None };
        let is_anchored = matches!(mode, TextMode::StartsWith | TextMode::EndsWith | TextMode::Equals);
        let anchored = (is_anchored && texts.len() <= FEW).then(|| texts.iter().map(|text| (**text).into()).collect());
        Ok(Self { mode, quantifier, case_sensitive, literals, patterns, automaton, scanner, anchored })
    }

    /// The literals as given.
    #[must_use]
    pub fn literals(&self) -> &[Arc<str>] {
        &self.literals
    }

    /// Where a literal must stand.
    #[must_use]
    pub fn mode(&self) -> TextMode {
        self.mode
    }

    /// Whether the case of characters matters.
    #[must_use]
    pub fn case_sensitive(&self) -> bool {
        self.case_sensitive
    }

    /// Whether a cell passes.
    #[must_use]
    pub fn matches(&self, cell: &str) -> bool {
        if let Some(texts) = &self.anchored {
            return self.matches_anchored(cell, texts);
        }
        let Some(scanner) = &self.scanner else { return self.matches_plainly(cell) };
        let mut passes = self.literals.is_empty() && self.quantifier == Quantifier::All;
        scanner.candidates(cell, &mut |at, buckets| match self.judge(scanner, cell, at, buckets) {
            Some(verdict) => {
                passes = verdict;
                cell.len()
            }
            None => at + 1,
        });
        passes
    }

    /// Of some cells of a column, those that pass, found in one pass over the text of all; `None` when there is no
    /// faster way than looking at each.
    #[must_use]
    pub fn select(&self, column: &TextColumn, selected: &Bitmap) -> Option<Bitmap> {
        let scanner = self.scanner.as_ref().filter(|_| !self.literals.is_empty())?;
        let (text, ends) = (column.text(), column.ends());
        let mut found = Bitmap::filled(selected.len(), false);
        let (mut row, mut start) = (0, 0);
        scanner.candidates(text, &mut |at, buckets| {
            // Every place in the text is before the end of some row.
            let mut end = ends[row] as usize;
            while end <= at {
                start = end;
                row += 1;
                end = ends[row] as usize;
            }
            if !selected.get(row) {
                return end;
            }
            match self.judge(scanner, &text[start..end], at - start, buckets) {
                Some(verdict) => {
                    found.set(row, verdict);
                    end
                }
                None => at + 1,
            }
        });
        Some(found)
    }

    /// Whether a cell passes, where literals can only stand at its start, at its end, or as the whole.
    fn matches_anchored(&self, cell: &str, texts: &[Box<str>]) -> bool {
        let stands = |text: &str| {
            let folded = |c: char| if self.case_sensitive { c } else { fold_char(c) };
            let mut chars = cell.chars().map(folded);
            match self.mode {
                TextMode::StartsWith => text.chars().all(|c| chars.next() == Some(c)),
                TextMode::EndsWith => text.chars().rev().all(|c| chars.next_back() == Some(c)),
                _ => chars.eq(text.chars()),
            }
        };
        let has_empty = self.patterns.len() < self.literals.len();
        match self.quantifier {
            Quantifier::Any => (has_empty && self.empty_passes(cell)) || texts.iter().any(|text| stands(text)),
            Quantifier::All => (!has_empty || self.empty_passes(cell)) && texts.iter().all(|text| stands(text)),
        }
    }

    /// What a candidate says about its cell: whether it passes, or nothing.
    #[inline]
    fn judge(&self, scanner: &Scanner, cell: &str, at: usize, buckets: u8) -> Option<bool> {
        if !scanner.case_sensitive() && !cell.as_bytes()[at].is_ascii() {
            return Some(self.matches_plainly(cell));
        }
        if !scanner.confirm(cell, at, buckets, |pattern, range| self.passes(cell, pattern, &range)) {
            return None;
        }
        Some(self.quantifier == Quantifier::Any || self.literals.len() == 1 || self.matches_plainly(cell))
    }

    /// Whether a cell passes, by the automaton alone.
    fn matches_plainly(&self, cell: &str) -> bool {
        match self.quantifier {
            Quantifier::Any => {
                if self.patterns.len() < self.literals.len() && self.empty_passes(cell) {
                    return true;
                }
                let mut found = false;
                self.search(cell, &mut |_, _| {
                    found = true;
                    false
                });
                found
            }
            Quantifier::All => {
                if self.patterns.len() < self.literals.len() && !self.empty_passes(cell) {
                    return false;
                }
                let mut missing = self.patterns.len();
                let mut seen = vec![false; self.patterns.len()];
                self.search(cell, &mut |pattern, _| {
                    if !std::mem::replace(&mut seen[pattern], true) {
                        missing -= 1;
                    }
                    missing > 0
                });
                missing == 0
            }
        }
    }

    /// Every occurrence that passes, in the order of their ends. Empty literals, which pass everywhere, are not listed.
    #[must_use]
    pub fn find(&self, cell: &str) -> Vec<Found> {
        let mut found = Vec::new();
        self.search(cell, &mut |pattern, range| {
            found.push(Found { literal: self.patterns[pattern].literal, range });
            true
        });
        found
    }

    /// Occurrences that only the boundaries turn away, with the longer term that swallowed each.
    #[must_use]
    pub fn find_unbounded(&self, cell: &str) -> Vec<Unbounded> {
        let mut found = Vec::new();
        if !matches!(self.mode, TextMode::Has | TextMode::HasPrefix | TextMode::HasSuffix) {
            return found;
        }
        let folded = Folded::new(cell, self.case_sensitive);
        self.scan(&folded.text, &mut |pattern, range| {
            if !self.passes(&folded.text, pattern, &range) {
                let before = folded.text[..range.start].chars().rev().take_while(|c| is_term_char(*c));
                let after = folded.text[range.end..].chars().take_while(|c| is_term_char(*c));
                let (edge_before, edge_after) = self.patterns[pattern].bounded;
                let start = range.start - if edge_before { before.map(char::len_utf8).sum() } else { 0 };
                let end = range.end + if edge_after { after.map(char::len_utf8).sum() } else { 0 };
                found.push(Unbounded {
                    literal: self.patterns[pattern].literal,
                    range: folded.original(range),
                    term: folded.original(start..end),
                });
            }
            true
        });
        found
    }

    fn empty_passes(&self, cell: &str) -> bool {
        self.mode != TextMode::Equals || cell.is_empty()
    }

    /// Calls back for each passing occurrence with its pattern and place in the cell, until told to stop.
    fn search(&self, cell: &str, found: &mut dyn FnMut(usize, Range<usize>) -> bool) {
        let folded = Folded::new(cell, self.case_sensitive);
        self.scan(&folded.text, &mut |pattern, range| {
            !self.passes(&folded.text, pattern, &range) || found(pattern, folded.original(range))
        });
    }

    /// Calls back for each occurrence, bounded or not, until told to stop.
    fn scan(&self, text: &str, each: &mut dyn FnMut(usize, Range<usize>) -> bool) {
        let Some(automaton) = self.automaton.as_ref().and_then(Automaton::get) else { return };
        let input = Input::new(text);
        let mut state = OverlappingState::start();
        loop {
            automaton.find_overlapping(input.clone(), &mut state);
            match state.get_match() {
                Some(found) => {
                    if !each(found.pattern().as_usize(), found.range()) {
                        return;
                    }
                }
                None => return,
            }
        }
    }

    /// Whether an occurrence stands where the mode wants it.
    #[inline]
    fn passes(&self, text: &str, pattern: usize, range: &Range<usize>) -> bool {
        let (before, after) = self.patterns[pattern].bounded;
        let free_before = || !before || !ends_in_term(&text[..range.start]);
        let free_after = || !after || !starts_with_term(&text[range.end..]);
        match self.mode {
            TextMode::Has => free_before() && free_after(),
            TextMode::HasPrefix => free_before(),
            TextMode::HasSuffix => free_after(),
            TextMode::Contains => true,
            TextMode::StartsWith => range.start == 0,
            TextMode::EndsWith => range.end == text.len(),
            TextMode::Equals => range.start == 0 && range.end == text.len(),
        }
    }
}

/// The scanner for literals, none of them empty, that were folded where case does not matter.
fn scanner_for(
    mode: TextMode,
    quantifier: Quantifier,
    case_sensitive: bool,
    texts: &[Cow<'_, str>],
) -> Option<Scanner> {
    if !matches!(mode, TextMode::Has | TextMode::HasPrefix | TextMode::HasSuffix | TextMode::Contains) {
        return None;
    }
    let numbered = texts.iter().map(AsRef::as_ref).enumerate();
    match quantifier {
        Quantifier::Any => Scanner::new(numbered, case_sensitive),
        // A cell that lacks the longest one, which is likely the rarest, lacks them all together.
        Quantifier::All => Scanner::new(numbered.max_by_key(|(_, text)| text.len()).into_iter(), case_sensitive),
    }
}

/// What the matcher looks for; automata are not shown. Two matchers that print alike test alike.
impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} cs={} {:?}", self.mode, self.quantifier, self.case_sensitive, self.literals)
    }
}

#[inline]
fn ends_in_term(text: &str) -> bool {
    match text.as_bytes().last() {
        Some(b) if b.is_ascii() => b.is_ascii_alphanumeric(),
        Some(_) => text.chars().next_back().is_some_and(is_term_char),
        None => false,
    }
}

#[inline]
fn starts_with_term(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b) if b.is_ascii() => b.is_ascii_alphanumeric(),
        Some(_) => text.chars().next().is_some_and(is_term_char),
        None => false,
    }
}

/// A cell as the automaton reads it: itself when ASCII, which the automaton folds as it goes, or when case
/// matters; folded character by character otherwise.
struct Folded<'a> {
    cell: &'a str,
    text: Cow<'a, str>,
}

impl<'a> Folded<'a> {
    fn new(cell: &'a str, case_sensitive: bool) -> Self {
        if case_sensitive || cell.is_ascii() {
            return Self { cell, text: cell.into() };
        }
        let mut text = String::with_capacity(cell.len());
        text.extend(cell.chars().map(fold_char));
        Self { cell, text: text.into() }
    }

    /// Where a part of the folded text stands in the cell: one character is folded to one.
    fn original(&self, range: Range<usize>) -> Range<usize> {
        if matches!(self.text, Cow::Borrowed(_)) {
            return range;
        }
        let before = self.text[..range.start].chars().count();
        let within = self.text[range].chars().count();
        let mut starts = self.cell.char_indices().map(|(at, _)| at).chain([self.cell.len()]);
        let start = starts.nth(before).unwrap_or(self.cell.len());
        let end = if within == 0 { start } else { starts.nth(within - 1).unwrap_or(self.cell.len()) };
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(mode: TextMode, case_sensitive: bool, literal: &str) -> Matcher {
        Matcher::new(mode, Quantifier::Any, case_sensitive, vec![literal.into()]).unwrap()
    }

    /// The table of spec/kql.md.
    #[test]
    fn has_agrees_with_the_specification() {
        for (cell, literal, expected) in [
            ("KustoExplorerQueryRun", "Explorer", false),
            ("North America", "america", true),
            ("https://api.github.com/repos/o/r", "github.com", true),
            ("notgithub.com", "github.com", false),
            ("github.community", "github.com", false),
            ("github.com.evil.example", "github.com", true),
            ("githubxcom", "github.com", false),
            ("python3.exe", "python", false),
            ("python.exe", "python", true),
            ("git-remote-https.exe", "git", true),
            ("push_default", "push", true),
            ("curl -X PUT url", "-X PUT", true),
            ("curl -X PUTTER url", "-X PUT", false),
            ("a-X PUT b", "-X PUT", true),
            ("GITHUB.COM", "github.com", true),
            ("notgithub.com github.com", "github.com", true),
            ("ünpush", "push", false),
            ("ñ push", "PUSH", true),
            ("anything", "", true),
            ("", "", true),
        ] {
            assert_eq!(one(TextMode::Has, false, literal).matches(cell), expected, "{cell:?} has {literal:?}");
        }
    }

    #[test]
    fn the_modes_differ_in_where_a_literal_may_stand() {
        use TextMode::*;
        let cell = "pre-Term1 mid";
        for (literal, modes) in [
            ("term1", &[Has, HasPrefix, HasSuffix, Contains][..]),
            ("term", &[HasPrefix, Contains]),
            ("erm1", &[HasSuffix, Contains]),
            ("erm", &[Contains]),
            ("pre", &[Has, HasPrefix, HasSuffix, Contains, StartsWith]),
            ("pr", &[HasPrefix, Contains, StartsWith]),
            ("id", &[HasSuffix, Contains, EndsWith]),
            ("PRE-TERM1 MID", &[Has, HasPrefix, HasSuffix, Contains, StartsWith, EndsWith, Equals]),
        ] {
            for mode in [Has, HasPrefix, HasSuffix, Contains, StartsWith, EndsWith, Equals] {
                assert_eq!(one(mode, false, literal).matches(cell), modes.contains(&mode), "{mode:?} {literal}");
            }
        }
    }

    #[test]
    fn any_needs_one_and_all_needs_each() {
        let make = |q, list: &[&str]| {
            Matcher::new(TextMode::Has, q, false, list.iter().map(|l| (*l).into()).collect()).unwrap()
        };
        assert!(make(Quantifier::Any, &["x", "push"]).matches("git push"));
        assert!(!make(Quantifier::All, &["x", "push"]).matches("git push"));
        assert!(make(Quantifier::All, &["git", "push", "git"]).matches("git push"));
        assert!(!make(Quantifier::Any, &[]).matches("git push"));
        assert!(make(Quantifier::All, &[]).matches("git push"));
    }

    #[test]
    fn the_longer_term_that_swallowed_a_literal_is_named() {
        let cell = "C:\\Püython3.exe python3.11";
        let found = one(TextMode::Has, false, "python").find_unbounded(cell);
        assert_eq!(found.iter().map(|u| &cell[u.term.clone()]).collect::<Vec<_>>(), ["python3"]);
        let found = one(TextMode::Has, false, "github.com").find_unbounded("notgithub.community");
        assert_eq!(found[0].term, 0..19);
    }

    /// The specification's sentences, word by word, on vectors of characters.
    fn plain(mode: TextMode, case_sensitive: bool, literal: &str, cell: &str) -> bool {
        let prepare = |s: &str| s.chars().map(|c| if case_sensitive { c } else { fold_char(c) }).collect::<Vec<_>>();
        let (l, c) = (prepare(literal), prepare(cell));
        if l.is_empty() {
            return mode != TextMode::Equals || c.is_empty();
        }
        (0..c.len()).filter(|at| c[*at..].starts_with(&l)).any(|at| {
            let end = at + l.len();
            let left = !is_term_char(l[0]) || at == 0 || !is_term_char(c[at - 1]);
            let right = !is_term_char(l[l.len() - 1]) || end == c.len() || !is_term_char(c[end]);
            match mode {
                TextMode::Has => left && right,
                TextMode::HasPrefix => left,
                TextMode::HasSuffix => right,
                TextMode::Contains => true,
                TextMode::StartsWith => at == 0,
                TextMode::EndsWith => end == c.len(),
                TextMode::Equals => at == 0 && end == c.len(),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn a_column_is_searched_as_its_cells_are(
            cells in proptest::collection::vec("[aAbBkK\u{212A}éß. _-]{0,9}|(git|hub|GitHub.com|x-github.com)( é)?", 1..60),
            literals in proptest::collection::vec("[abké. _-]{1,3}|github.com|hub", 1..6),
            case_sensitive in any::<bool>(), all in any::<bool>(), picked in any::<u64>(),
            mode in prop_oneof![Just(TextMode::Has), Just(TextMode::HasPrefix), Just(TextMode::HasSuffix), Just(TextMode::Contains)],
        ) {
            let quantifier = if all { Quantifier::All } else { Quantifier::Any };
            let list: Vec<Arc<str>> = literals.iter().map(|l| l.as_str().into()).collect();
            let matcher = Matcher::new(mode, quantifier, case_sensitive, list).unwrap();
            let column: TextColumn = cells.iter().collect();
            let selected = Bitmap::from_fn(cells.len(), |row| picked.rotate_left(row as u32) & 3 != 0);
            let found = matcher.select(&column, &selected).unwrap();
            for (row, cell) in cells.iter().enumerate() {
                prop_assert_eq!(matcher.matches(cell), matcher.matches_plainly(cell), "{:?}", cell);
                prop_assert_eq!(found.get(row), selected.get(row) && matcher.matches_plainly(cell), "{:?}", cell);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn a_matcher_agrees_with_the_plain_reading(
            cell in "[aAbBkK\u{212A}éÉßſS. _-]{0,12}",
            literals in proptest::collection::vec("[aAbBkKéſ. _-]{0,3}", 0..4),
            case_sensitive in any::<bool>(), all in any::<bool>(),
            mode in prop_oneof![Just(TextMode::Has), Just(TextMode::HasPrefix), Just(TextMode::HasSuffix), Just(TextMode::Contains), Just(TextMode::StartsWith), Just(TextMode::EndsWith), Just(TextMode::Equals)],
        ) {
            let quantifier = if all { Quantifier::All } else { Quantifier::Any };
            let list: Vec<Arc<str>> = literals.iter().map(|l| l.as_str().into()).collect();
            let matcher = Matcher::new(mode, quantifier, case_sensitive, list).unwrap();
            let each = |l: &String| plain(mode, case_sensitive, l, &cell);
            let expected = if all { literals.iter().all(each) } else { literals.iter().any(each) };
            prop_assert_eq!(matcher.matches(&cell), expected);
            prop_assert_eq!(matcher.matches_plainly(&cell), expected);
            for found in matcher.find(&cell) {
                let (text, literal) = (&cell[found.range], &literals[found.literal]);
                let same = if case_sensitive { text == literal } else { super::super::equal_ignoring_case(text, literal) };
                prop_assert!(same);
            }
            let found: std::collections::HashSet<_> = matcher.find(&cell).into_iter().map(|f| f.literal).collect();
            for (i, literal) in literals.iter().enumerate().filter(|(_, l)| !l.is_empty()) {
                prop_assert_eq!(found.contains(&i), plain(mode, case_sensitive, literal, &cell));
            }
        }
    }
}
