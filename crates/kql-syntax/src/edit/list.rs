//! Items into and out of lists, in the layout that the list has.

use super::{EditError, TextEdit, deletions, node_at, render};
use crate::lexer::string_form;
use crate::literals::Scalar;
use crate::lower::{span as node_span, token_span};
use crate::{Parse, Span, SyntaxKind, SyntaxNode};

/// Puts a value behind the last item of a list, laid out and quoted as that item is. A trailing comma stays one.
pub fn add_item(parse: &Parse, list: Span, value: &Scalar) -> Result<Vec<TextEdit>, EditError> {
    let parts = Parts::of(parse, list)?;
    let Some(&last) = parts.items().last() else {
        let place = if parts.has_comment() { parts.close } else { parts.open };
        return Ok(vec![insertion(place, render::scalar(value, None, parts.in_dynamic)?)]);
    };
    let like = parts.items().rev().map(|item| parts.text(*item)).find(|text| same_form(text, value));
    // What an item looks like is known from its neighbours; `int(…)` is no pattern for a number in `dynamic(…)`.
    let new = render::scalar(value, like, parts.in_dynamic)?;
    let comma = parts.comma_after(last);
    let anchor = comma.unwrap_or(last);
    let ends_with_comma = if comma.is_some() { "," } else { "" };
    let Some(line) = parts.line_of(last) else {
        let gap = parts.gap_before(last);
        let text = if comma.is_some() { format!("{gap}{new},") } else { format!(",{gap}{new}") };
        return Ok(vec![insertion(parts.span(anchor).end, text)]);
    };
    let item = format!("{line}{new}{ends_with_comma}");
    match parts.comment_beside(anchor) {
        // The comment stays beside the item that it stands beside now.
        Some(comment) if comma.is_none() => {
            Ok(vec![insertion(parts.span(last).end, ",".into()), insertion(comment.end, item)])
        }
        Some(comment) => Ok(vec![insertion(comment.end, item)]),
        None if comma.is_none() => Ok(vec![insertion(parts.span(last).end, format!(",{item}"))]),
        None => Ok(vec![insertion(parts.span(anchor).end, item)]),
    }
}

/// Takes an item out of a list, with its comma and the blanks that only it needed. Comments stay. What is left of
/// `("a")` is `(dynamic([]))`, since parentheses cannot be empty.
pub fn remove_item(parse: &Parse, list: Span, item: Span) -> Result<Vec<TextEdit>, EditError> {
    let parts = Parts::of(parse, list)?;
    let at = parts.items().copied().find(|at| parts.span(*at) == item).ok_or(EditError::NoLiteral)?;
    let before = parts.comma_before(at);
    let after = parts.comma_after(at);
    let own = parts.span(at);
    if parts.items().count() == 1 {
        if parts.is_parenthesised {
            return Ok(vec![TextEdit { span: own, insert: "dynamic([])".into() }]);
        }
        return Ok(deletions(vec![own].into_iter().chain(after.map(|comma| parts.span(comma))).collect()));
    }
    Ok(deletions(match (before, after) {
        (_, Some(comma)) => parts.with_comma_after(at, comma),
        (Some(comma), None) => parts.with_comma_before(at, comma),
        (None, None) => vec![own],
    }))
}

/// Whether a literal's form is a pattern for a value: text for text, anything else for anything else.
fn same_form(literal: &str, value: &Scalar) -> bool {
    string_form(literal).is_some() == matches!(value, Scalar::String(_))
}

fn insertion(at: u32, insert: String) -> TextEdit {
    TextEdit { span: Span::new(at, at), insert }
}

/// What a part of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartKind {
    Item,
    Comma,
    Blank,
    Comment,
}

struct Part {
    kind: PartKind,
    span: Span,
    text: String,
}

/// What stands between the brackets of a list.
struct Parts {
    parts: Vec<Part>,
    items: Vec<usize>,
    /// The place behind the opening bracket.
    open: u32,
    /// The place before the closing bracket.
    close: u32,
    is_parenthesised: bool,
    in_dynamic: bool,
}

impl Parts {
    fn of(parse: &Parse, list: Span) -> Result<Self, EditError> {
        let node = node_at(&parse.syntax(), list, is_list).ok_or(EditError::NoLiteral)?;
        let mut found = Self {
            parts: Vec::new(),
            items: Vec::new(),
            open: list.start + 1,
            close: list.end.saturating_sub(1),
            is_parenthesised: node.kind() == SyntaxKind::ListExpr,
            in_dynamic: node.kind() == SyntaxKind::DynamicArray,
        };
        let mut brackets = 0;
        for element in node.children_with_tokens() {
            let (kind, span, text) = match &element {
                rowan::NodeOrToken::Node(inner) if inner.kind() == SyntaxKind::Error => {
                    return Err(EditError::BrokenList);
                }
                rowan::NodeOrToken::Node(inner) => {
                    found.items.push(found.parts.len());
                    (PartKind::Item, node_span(inner), inner.text().to_string())
                }
                rowan::NodeOrToken::Token(token) => {
                    let kind = match token.kind() {
                        SyntaxKind::Comma => PartKind::Comma,
                        SyntaxKind::Whitespace => PartKind::Blank,
                        SyntaxKind::Comment => PartKind::Comment,
                        _ => {
                            brackets += 1;
                            continue;
                        }
                    };
                    (kind, token_span(token), token.text().to_owned())
                }
            };
            found.parts.push(Part { kind, span, text });
        }
        if brackets == 2 && found.is_well_formed() { Ok(found) } else { Err(EditError::BrokenList) }
    }

    /// Whether commas stand between items, and at most one before the first and one after the last.
    fn is_well_formed(&self) -> bool {
        let kinds: Vec<PartKind> =
            self.parts.iter().map(|part| part.kind).filter(|k| matches!(k, PartKind::Item | PartKind::Comma)).collect();
        kinds.windows(2).all(|pair| pair[0] != pair[1])
    }

    fn items(&self) -> std::slice::Iter<'_, usize> {
        self.items.iter()
    }

    fn span(&self, at: usize) -> Span {
        self.parts[at].span
    }

    fn text(&self, at: usize) -> &str {
        &self.parts[at].text
    }

    fn has_comment(&self) -> bool {
        self.parts.iter().any(|part| part.kind == PartKind::Comment)
    }

    fn part_after(&self, at: usize) -> Option<&Part> {
        self.parts.get(at + 1)
    }

    fn part_before(&self, at: usize) -> Option<&Part> {
        at.checked_sub(1).and_then(|before| self.parts.get(before))
    }

    /// The comma that follows an item, blanks and comments between.
    fn comma_after(&self, at: usize) -> Option<usize> {
        let is_sign = |i: &usize| matches!(self.parts[*i].kind, PartKind::Item | PartKind::Comma);
        (at + 1..self.parts.len()).find(is_sign).filter(|i| self.parts[*i].kind == PartKind::Comma)
    }

    fn comma_before(&self, at: usize) -> Option<usize> {
        let is_sign = |i: &usize| matches!(self.parts[*i].kind, PartKind::Item | PartKind::Comma);
        (0..at).rev().find(is_sign).filter(|i| self.parts[*i].kind == PartKind::Comma)
    }

    /// The line break and the indentation before a part that is the first of its line.
    fn line_of(&self, at: usize) -> Option<&str> {
        let blank = self.part_before(at).filter(|part| part.kind == PartKind::Blank)?;
        line_start(&blank.text).map(|start| &blank.text[start..])
    }

    /// The blank between an item and the comma before it, when it stands on that comma's line.
    fn gap_before(&self, at: usize) -> &str {
        let between_comma = at.checked_sub(2).is_some_and(|i| self.parts[i].kind == PartKind::Comma);
        match self.part_before(at) {
            Some(part) if part.kind == PartKind::Comma => "",
            Some(part) if part.kind == PartKind::Blank && between_comma => &part.text,
            _ => " ",
        }
    }

    /// The comment behind a part on the same line.
    fn comment_beside(&self, at: usize) -> Option<Span> {
        let next = self.part_after(at)?;
        let comment = if next.kind == PartKind::Blank && line_start(&next.text).is_none() {
            self.part_after(at + 1)?
        } else {
            next
        };
        (comment.kind == PartKind::Comment).then_some(comment.span)
    }

    /// Whether nothing but a blank stands behind a part on its line.
    fn ends_line(&self, at: usize) -> bool {
        self.part_after(at).is_some_and(|part| part.kind == PartKind::Blank && line_start(&part.text).is_some())
    }

    /// The line break and indentation before a part, as a place in the text.
    fn line_span(&self, at: usize) -> Span {
        let start = self.span(at).start;
        let line = self.line_of(at).map_or(0, str::len) as u32;
        Span::new(start - line, start)
    }

    /// An item with the comma behind it.
    fn with_comma_after(&self, at: usize, comma: usize) -> Vec<Span> {
        let mut gone = self.blanks_between(at, comma);
        gone.extend([self.span(at), self.span(comma)]);
        if self.ends_line(comma) {
            if self.line_of(at).is_some() {
                gone.push(self.line_span(at));
            } else if let Some(blank) = self.part_before(at).filter(|part| part.kind == PartKind::Blank) {
                gone.push(blank.span);
            }
        } else if let Some(blank) = self.part_after(comma).filter(|part| part.kind == PartKind::Blank) {
            gone.push(blank.span);
        }
        gone
    }

    /// The last item with the comma before it.
    fn with_comma_before(&self, at: usize, comma: usize) -> Vec<Span> {
        let mut gone = vec![self.span(at), self.span(comma)];
        let has_comment = self.parts[comma + 1..at].iter().any(|part| part.kind == PartKind::Comment);
        let own_line = self.line_of(at).is_some();
        if own_line && let Some(comment) = self.comment_beside(at) {
            // The item's comment keeps the line.
            gone.push(Span::new(self.span(at).end, comment.start));
        } else if !has_comment {
            gone.extend(self.blanks_between(comma, at));
        } else if own_line && self.ends_line(at) {
            gone.push(self.line_span(at));
        }
        gone
    }

    /// The blanks between two parts when no comment stands there.
    fn blanks_between(&self, from: usize, to: usize) -> Vec<Span> {
        let between = &self.parts[from + 1..to];
        if between.iter().all(|part| part.kind == PartKind::Blank) {
            between.iter().map(|part| part.span).collect()
        } else {
            Vec::new()
        }
    }
}

/// Where the last line of a blank begins, its line break included.
fn line_start(blank: &str) -> Option<usize> {
    let at = blank.rfind(['\n', '\r'])?;
    Some(if blank[..at].ends_with('\r') && blank[at..].starts_with('\n') { at - 1 } else { at })
}

fn is_list(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::DynamicArray | SyntaxKind::ValueList => true,
        SyntaxKind::ListExpr => node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::InExpr),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;
    use crate::literals::{LiteralValue, literals};
    use crate::parse;

    fn first_list(text: &str) -> (Span, Vec<Span>) {
        let found = literals(&parse(text));
        let list = found.iter().find_map(|literal| match &literal.value {
            LiteralValue::List { items, .. } => Some((literal.span, items.iter().map(|item| item.span).collect())),
            LiteralValue::Scalar(_) => None,
        });
        list.expect("a list")
    }

    #[test]
    fn an_added_item_is_laid_out_as_the_last_one() {
        for (list, expected) in [
            (r#"in ("a")"#, r#"in ("a", "n")"#),
            (r#"in ("a","b")"#, r#"in ("a","b","n")"#),
            (r#"in ( 'a', 'b' )"#, r#"in ( 'a', 'b', 'n' )"#),
            ("in (@'a')", "in (@'a', @'n')"),
            ("in (5, 6)", r#"in (5, 6, "n")"#),
            ("in (dynamic([]))", r#"in (dynamic(["n"]))"#),
            ("in (dynamic([ ]))", r#"in (dynamic(["n" ]))"#),
            ("in (dynamic([ // none yet\n]))", "in (dynamic([ // none yet\n\"n\"]))"),
            ("in (\n  \"a\",\n  \"b\"\n)", "in (\n  \"a\",\n  \"b\",\n  \"n\"\n)"),
            ("in (\r\n\t\"a\"\r\n)", "in (\r\n\t\"a\",\r\n\t\"n\"\r\n)"),
            ("in (\n  \"a\", // one\n  \"b\" // two\n)", "in (\n  \"a\", // one\n  \"b\", // two\n  \"n\"\n)"),
            ("in (\"a\", // one\n  \"b\")", "in (\"a\", // one\n  \"b\",\n  \"n\")"),
            ("in (\"a\", \"b\"\n)", "in (\"a\", \"b\", \"n\"\n)"),
            ("in (datatable(x:string)['a',])", "in (datatable(x:string)['a', 'n',])"),
            ("in (datatable(x:string)[\n 'a', // one\n])", "in (datatable(x:string)[\n 'a', // one\n 'n',\n])"),
            ("in (y, \"a\")", "in (y, \"a\", \"n\")"),
            ("in (\"a\", y)", "in (\"a\", y, \"n\")"),
        ] {
            let text = format!("T | where x {list} | take 5");
            let (span, _) = first_list(&text);
            let edits = add_item(&parse(&text), span, &Scalar::String("n".into())).expect("an edit");
            assert_eq!(apply(&text, &edits).expect("a fit"), format!("T | where x {expected} | take 5"));
        }
    }

    #[test]
    fn a_removed_item_takes_its_comma_and_blanks_and_leaves_comments() {
        for (list, item, expected) in [
            (r#"in ("a", "b", "c")"#, 0, r#"in ("b", "c")"#),
            (r#"in ("a", "b", "c")"#, 1, r#"in ("a", "c")"#),
            (r#"in ("a", "b", "c")"#, 2, r#"in ("a", "b")"#),
            (r#"in ( "a" , "b" )"#, 0, r#"in ( "b" )"#),
            (r#"in ( "a" , "b" )"#, 1, r#"in ( "a"  )"#),
            (r#"in ("a")"#, 0, "in (dynamic([]))"),
            (r#"in (dynamic(["a"]))"#, 0, "in (dynamic([]))"),
            ("in (datatable(x:string)['a',])", 0, "in (datatable(x:string)[])"),
            ("in (datatable(x:string)['a', 'b',])", 1, "in (datatable(x:string)['a', ])"),
            ("in (\n  \"a\",\n  \"b\",\n  \"c\"\n)", 0, "in (\n  \"b\",\n  \"c\"\n)"),
            ("in (\n  \"a\",\n  \"b\",\n  \"c\"\n)", 1, "in (\n  \"a\",\n  \"c\"\n)"),
            ("in (\n  \"a\",\n  \"b\",\n  \"c\"\n)", 2, "in (\n  \"a\",\n  \"b\"\n)"),
            ("in (\n  \"a\", \"b\",\n  \"c\")", 1, "in (\n  \"a\",\n  \"c\")"),
            ("in (\n  \"a\", // one\n  \"b\" // two\n)", 0, "in (\n  // one\n  \"b\" // two\n)"),
            ("in (\n  \"a\", // one\n  \"b\" // two\n)", 1, "in (\n  \"a\" // one\n  // two\n)"),
            ("in (\n  \"a\", // one\n  \"b\"\n)", 1, "in (\n  \"a\" // one\n)"),
            ("in (\n  \"a\", // one\n  \"b\")", 1, "in (\n  \"a\" // one\n  )"),
            ("in (\n  // all\n  \"a\",\n  \"b\")", 0, "in (\n  // all\n  \"b\")"),
            ("in (\"a\" // one\n , \"b\")", 0, "in ( // one\n \"b\")"),
            ("in (y, \"a\")", 0, "in (y)"),
        ] {
            let text = format!("T | where x {list} | take 5");
            let (span, items) = first_list(&text);
            let edits = remove_item(&parse(&text), span, items[item]).expect("an edit");
            assert_eq!(apply(&text, &edits).expect("a fit"), format!("T | where x {expected} | take 5"));
        }
    }

    #[test]
    fn what_is_no_list_and_what_is_broken_is_refused() {
        let text = "T | where x in ('a' 'b', , 'c') and y == 5";
        let parsed = parse(text);
        let value = Scalar::String("n".into());
        let list = Span::new(15, 31);
        assert_eq!(list.of(text), "('a' 'b', , 'c')");
        assert_eq!(add_item(&parsed, list, &value), Err(EditError::BrokenList));
        for nowhere in [Span::new(0, 1), Span::new(3, 2), Span::new(500, 600), Span::new(15, 30)] {
            assert_eq!(add_item(&parsed, nowhere, &value), Err(EditError::NoLiteral));
            assert_eq!(remove_item(&parsed, nowhere, nowhere), Err(EditError::NoLiteral));
            assert_eq!(crate::edit::set_scalar(&parsed, nowhere, &value), Err(EditError::NoLiteral));
        }
    }
}
