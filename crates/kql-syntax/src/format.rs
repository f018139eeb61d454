//! Layout of a query: what a reader expects of blanks, line ends and indentation, and nothing else.
//!
//! Only blanks change. A pipeline that does not stand on one short line has a line for each operator; other line ends
//! stay where the author put them; a line is indented by what it stands in. Where no rule says whether a blank stands
//! between two signs, the author's choice stays. Doing it twice changes nothing more.

use crate::SyntaxKind::{self, *};
use crate::edit::{TextEdit, apply};
use crate::lower::token_span;
use crate::{Parse, Severity, Span, SyntaxElement, SyntaxNode, SyntaxToken, parse};
use std::collections::{HashMap, HashSet};

/// A pipeline longer than this, in bytes that are no blanks, has a line for each operator.
const ONE_LINE: usize = 70;

/// How far a line stands behind the one that it belongs to.
const INDENT: usize = 4;

/// The edits that give a text its usual layout, in order; none when it has it. `None` for a text with a mistake, which
/// has to be mended first.
#[must_use]
pub fn format(parsed: &Parse) -> Option<Vec<TextEdit>> {
    if parsed.diagnostics().iter().any(|d| d.severity == Severity::Error) {
        return None;
    }
    let root = parsed.syntax();
    let text = root.text().to_string();
    let edits = Layout::new(&root, &text).edits();
    // What is laid out anew must be the same query: word for word, sign for sign.
    let after = parse(&apply(&text, &edits).ok()?);
    let words = |root: &SyntaxNode| -> Vec<(SyntaxKind, String)> {
        marks(root).map(|token| (token.kind(), token.text().to_owned())).collect()
    };
    (words(&root) == words(&after.syntax()) && after.diagnostics().len() == parsed.diagnostics().len()).then_some(edits)
}

/// The tokens of a tree that are no blanks; comments are among them.
fn marks(root: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    root.descendants_with_tokens().filter_map(SyntaxElement::into_token).filter(|token| token.kind() != Whitespace)
}

struct Layout<'a> {
    text: &'a str,
    marks: Vec<SyntaxToken>,
    line_end: &'static str,
    /// Where a mark stands, by its beginning.
    places: HashMap<u32, usize>,
    /// Marks that begin a line whatever the author wrote.
    forced: HashSet<u32>,
    /// The indentation of the line that each mark stands on, as far as they are laid out.
    indents: Vec<usize>,
}

impl<'a> Layout<'a> {
    fn new(root: &SyntaxNode, text: &'a str) -> Self {
        let marks: Vec<SyntaxToken> = marks(root).collect();
        let places = marks.iter().enumerate().map(|(index, mark)| (token_span(mark).start, index)).collect();
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut layout = Self { text, marks, line_end, places, forced: HashSet::new(), indents: Vec::new() };
        for node in root.descendants() {
            match node.kind() {
                Pipeline => layout.pipeline(&node),
                Root | Block => layout.statements(&node),
                _ => {}
            }
        }
        layout
    }

    /// A pipeline that is long or has several lines: each operator on a line of its own.
    fn pipeline(&mut self, node: &SyntaxNode) {
        let Some((first, last)) = ends(node) else { return };
        let (start, end) = (token_span(&first).start, token_span(&last).end);
        let before = self.places.get(&start).and_then(|place| place.checked_sub(1)).map(|place| &self.marks[place]);
        // The line end after a parenthesis counts: what is in it has lines of its own.
        let open = before.filter(|mark| mark.kind() == LParen).map_or(start, |mark| token_span(mark).end);
        let body = &self.text[open as usize..end as usize];
        let pipes: Vec<u32> =
            tokens(node).filter(|token| token.kind() == Pipe).map(|pipe| token_span(&pipe).start).collect();
        let length = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
        if pipes.is_empty() || length <= ONE_LINE && !body.contains('\n') {
            return;
        }
        self.forced.extend(pipes);
        match before.map(SyntaxToken::kind) {
            Some(Equal) if node.parent().is_some_and(|parent| parent.kind() == LetStatement) => {
                self.forced.insert(start);
            }
            Some(LParen) => {
                self.forced.insert(start);
                let after = self.places.get(&token_span(&last).start).map(|place| place + 1);
                if let Some(closing) = after.and_then(|place| self.marks.get(place)).filter(|m| m.kind() == RParen) {
                    self.forced.insert(token_span(closing).start);
                }
            }
            _ => {}
        }
    }

    /// Each statement begins a line.
    fn statements(&mut self, node: &SyntaxNode) {
        let starts = node.children().filter_map(|child| ends(&child)).map(|(first, _)| token_span(&first).start);
        let starts: Vec<u32> = starts.collect();
        let several = starts.len() > 1 || node.kind() == Root;
        self.forced.extend(starts.into_iter().filter(|_| several));
        if several
            && node.kind() == Block
            && let Some(closing) = tokens(node).find(|token| token.kind() == RBrace)
        {
            self.forced.insert(token_span(&closing).start);
        }
    }

    fn edits(mut self) -> Vec<TextEdit> {
        let mut edits = Vec::new();
        let mut end = 0;
        for index in 0..self.marks.len() {
            let span = token_span(&self.marks[index]);
            let wanted = self.gap(index, Span::new(end, span.start));
            if wanted != self.text[end as usize..span.start as usize] {
                edits.push(TextEdit { span: Span::new(end, span.start), insert: wanted });
            }
            end = span.end;
        }
        let wanted = if self.marks.is_empty() { "" } else { self.line_end };
        if self.text[end as usize..] != *wanted {
            edits.push(TextEdit { span: Span::new(end, self.text.len() as u32), insert: wanted.to_owned() });
        }
        edits
    }

    /// The blanks before a mark, and the indentation of its line.
    fn gap(&mut self, index: usize, written: Span) -> String {
        let mark = self.marks[index].clone();
        let Some(before) = index.checked_sub(1).map(|before| self.marks[before].clone()) else {
            self.indents.push(0);
            return String::new();
        };
        let blanks = written.of(self.text);
        let forced = self.forced.contains(&token_span(&mark).start) && mark.kind() != Comment;
        // A comment before what begins a line stands on a line of its own, unless it follows something on its line.
        if !(forced || before.kind() == Comment || blanks.contains('\n')) {
            self.indents.push(self.indents[index - 1]);
            return match between(&before, &mark) {
                Some(true) => " ".to_owned(),
                Some(false) => String::new(),
                None if mark.kind() == Comment => " ".to_owned(),
                None => if blanks.is_empty() { "" } else { " " }.to_owned(),
            };
        }
        let indent = self.indent(index);
        self.indents.push(indent);
        // One empty line stays, where something stands before it that it divides from.
        let opened = matches!(before.kind(), LParen | LBracket | LBrace);
        let lines = if blanks.matches('\n').count() > 1 && !opened { 2 } else { 1 };
        self.line_end.repeat(lines) + &" ".repeat(indent)
    }

    /// How far a line that begins with a mark is indented.
    fn indent(&self, index: usize) -> usize {
        let Some(next) = self.marks[index..].iter().find(|mark| mark.kind() != Comment) else { return 0 };
        let comment = self.marks[index].kind() == Comment;
        let mut child = SyntaxElement::Token(next.clone());
        while let Some(parent) = child.parent() {
            let start = child.text_range().start();
            let before = |token: &SyntaxToken| token.text_range().start() < start;
            let opening = tokens(&parent)
                .filter(|token| matches!(token.kind(), LParen | LBracket | LBrace) && before(token))
                .last();
            let closes = |token: &SyntaxToken| matches!(token.kind(), RParen | RBracket | RBrace);
            // A bracket that was closed before holds nothing here.
            let opening = opening.filter(|opening| {
                !tokens(&parent).any(|token| {
                    closes(&token) && before(&token) && token.text_range().start() > opening.text_range().start()
                })
            });
            if let Some(opening) = opening {
                let base = self.indent_of(&opening);
                let closing = child.as_token().is_some_and(closes);
                return if closing && !comment { base } else { base + INDENT };
            }
            let first = ends(&parent).map(|(first, _)| first);
            let begins = first.as_ref().is_some_and(|first| first.text_range().start() == start);
            match (parent.kind(), first) {
                (Operator, Some(first)) if !begins => return self.indent_of(&first) + INDENT,
                (Pipeline, Some(first)) if !begins => return self.indent_of(&first),
                (LetStatement, Some(first)) if !begins => return self.indent_of(&first) + INDENT,
                _ => {}
            }
            child = SyntaxElement::Node(parent);
        }
        0
    }

    /// The indentation of the line that a mark which is laid out stands on.
    fn indent_of(&self, mark: &SyntaxToken) -> usize {
        let place = self.places.get(&token_span(mark).start);
        place.and_then(|place| self.indents.get(*place)).copied().unwrap_or_default()
    }
}

/// The tokens of a node itself that carry meaning.
fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.children_with_tokens().filter_map(SyntaxElement::into_token).filter(|token| !token.kind().is_trivia())
}

/// The first and the last token of a node that carry meaning.
fn ends(node: &SyntaxNode) -> Option<(SyntaxToken, SyntaxToken)> {
    let mut all =
        node.descendants_with_tokens().filter_map(SyntaxElement::into_token).filter(|t| !t.kind().is_trivia());
    let first = all.next()?;
    let last = all.last().unwrap_or_else(|| first.clone());
    Some((first, last))
}

/// Whether a blank stands between two marks of a line; `None` where the author decides.
fn between(before: &SyntaxToken, after: &SyntaxToken) -> Option<bool> {
    let parent = |token: &SyntaxToken| token.parent().map(|node| node.kind());
    let (left, right) = (before.kind(), after.kind());
    // Names of several parts, wildcards and comments.
    if left == Dot || right == Dot || right == Comment {
        return None;
    }
    match (left, right) {
        (_, Comma | Semicolon | RParen | RBracket) => return Some(false),
        (LParen | LBracket, _) => return Some(false),
        (Comma | Semicolon, _) => return Some(true),
        (LBrace, RBrace) => return Some(false),
        (RParen, LBrace) => return Some(true),
        (LBrace, _) => return Some(parent(before) != Some(DynamicBag)),
        (_, RBrace) => return Some(parent(after) != Some(DynamicBag)),
        _ => {}
    }
    for (token, is_left) in [(before, true), (after, false)] {
        let spaced = match (token.kind(), parent(token)) {
            (Equal, Some(Property | DefaultClause)) => Some(false),
            (Equal | Pipe | Arrow | DotDot, _) => Some(true),
            (EqualEqual | EqualTilde | NotEqual | NotTilde | LessGreater, _) => Some(true),
            (Less | LessOrEqual | Greater | GreaterOrEqual, Some(RelationalExpr)) => Some(true),
            (Plus | Minus, Some(AddExpr)) | (Star | Slash | Percent, Some(MultiplyExpr)) => Some(true),
            (Plus | Minus, Some(UnaryExpr)) if is_left => Some(false),
            (Colon, Some(DynamicPair)) => Some(is_left),
            (Colon, Some(ColumnDecl | Parameter)) => Some(false),
            _ => None,
        };
        if spaced.is_some() {
            return spaced;
        }
    }
    match (left, right, parent(after)) {
        (Word, LParen, Some(ArgumentList | CallExpr | CallPart)) => Some(false),
        (_, LParen, Some(ListExpr)) => Some(true),
        (_, LParen, _) => None,
        (Keyword | OperatorWord, _, _) | (_, Keyword | OperatorWord, _) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str) -> String {
        let edits = format(&parse(text)).unwrap_or_else(|| panic!("a mistake in {text}"));
        apply(text, &edits).unwrap()
    }

    #[test]
    fn a_query_is_laid_out_as_readers_expect() {
        let cases = [
            ("", ""),
            ("  T  ", "T\n"),
            ("T|take 5", "T | take 5\n"),
            ("T\n|take 5|where a==1", "T\n| take 5\n| where a == 1\n"),
            ("let a=1;T|where x>a;", "let a = 1;\nT | where x > a;\n"),
            (
                "let N=T|where a has_any(\"a\",\"b\")\n|project a,b;N",
                "let N =\n    T\n    | where a has_any (\"a\", \"b\")\n    | project a, b;\nN\n",
            ),
            (
                "T | where x in (\n'a',\n'b'\n)\n| count // all\n\n\n// end\n",
                "T\n| where x in (\n    'a',\n    'b'\n)\n| count // all\n\n// end\n",
            ),
            (
                "T\n| project\na,\n  b = f( -1 ,2 )\n| join kind = inner (\nU | where c) on k",
                "T\n| project\n    a,\n    b = f(-1, 2)\n| join kind=inner (\n    U\n    | where c\n) on k\n",
            ),
            (
                "let f=(x:long,y:string='a'){T|where z==x};f(1)",
                "let f = (x:long, y:string = 'a') { T | where z == x };\nf(1)\n",
            ),
            ("print d = dynamic( {\"a\":[1,2],\"b\":null} )", "print d = dynamic({\"a\": [1, 2], \"b\": null})\n"),
            ("T | project-away De* , *x\r\n| count", "T\r\n| project-away De*, *x\r\n| count\r\n"),
            ("T // why\n | take 5", "T // why\n| take 5\n"),
            ("// one\n  // two\nlet a = 1; // three\n  T", "// one\n// two\nlet a = 1; // three\nT\n"),
            ("T | where a between(1..5) and b!~'x' or not(c)", "T | where a between (1 .. 5) and b !~ 'x' or not(c)\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(formatted(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_with_a_mistake_stays_as_it_is() {
        assert_eq!(format(&parse("T | where a ==")), None);
    }

    #[test]
    fn the_layout_of_real_queries_is_stable_and_keeps_every_word() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/queries");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            if parse(&text).diagnostics().iter().any(|d| d.severity == Severity::Error) {
                continue;
            }
            let once = formatted(&text);
            assert_eq!(formatted(&once), once);
            count += 1;
        }
        assert!(count > 0, "no query is without a mistake");
        let rule = include_str!("../../detection/rule/T1567.001.kql");
        assert_eq!(formatted(rule), rule, "the shipped rule has its layout already");
    }
}
