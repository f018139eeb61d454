//! What could stand at a position.

use super::context::{Context, Token};
use crate::facts::{self, FunctionKind, OperatorPlace};
use event_table::{ColumnType, DateTime, TableSet};
use kql_syntax::{Span, SyntaxKind};
use serde::{Deserialize, Serialize};

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompletionKind {
    Column,
    Variable,
    Table,
    Operator,
    Function,
    Aggregate,
    Keyword,
    Type,
}

/// Something that could stand at a position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The word.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type or form, in a few words.
    pub detail: String,
    /// What it is for, in a sentence; may be empty.
    pub documentation: String,
    /// What is put in place of [`Completion::replace`].
    pub insert: String,
    /// The words that it replaces.
    pub replace: Span,
}

/// What could stand at a position, in the order to offer it. Filtering by what is already typed is left to the
/// editor; [`Completion::replace`] covers the word at the position.
#[must_use]
pub fn complete(text: &str, offset: u32, tables: &TableSet, now: DateTime) -> Vec<Completion> {
    let context = Context::new(text, offset, tables, now);
    if context.in_comment {
        return Vec::new();
    }
    let here = context.at(offset).filter(|i| is_word(&context.tokens[*i]));
    if here.is_none() && context.at(offset).is_some_and(|i| in_literal(&context.tokens[i], offset)) {
        return Vec::new();
    }
    let replace = here.map_or(Span::new(offset, offset), |i| context.tokens[i].span);
    let before = here.unwrap_or_else(|| context.tokens.iter().take_while(|t| t.span.end <= offset).count());
    let previous = &context.tokens[..before];
    let mut list = List { items: Vec::new(), replace };
    match place(previous) {
        Place::Operator => list.operators(OperatorPlace::Pipe),
        Place::Start => {
            list.variables(&context, offset, Some(true));
            list.tables(tables);
            list.operators(OperatorPlace::Start);
            list.operators(OperatorPlace::Rows);
            // A `let` may name a value too.
            if previous.last().is_some_and(|token| token.kind == SyntaxKind::Equal) {
                list.operators(OperatorPlace::Value);
            }
        }
        Place::Rows => {
            list.variables(&context, offset, Some(true));
            list.tables(tables);
            list.operators(OperatorPlace::Rows);
        }
        Place::Type => list.types(),
        Place::By => list.keyword("by"),
        Place::AfterValue => {
            list.operators(OperatorPlace::Scalar);
            for word in after_value(previous) {
                list.keyword(word);
            }
        }
        Place::Value => {
            let in_summarize = current_operator(previous).is_some_and(|w| w == "summarize");
            if let Some(scope) = context.scope(offset) {
                for column in &*scope.columns {
                    let ty = column.ty.map_or("unknown", ColumnType::name);
                    list.add(&column.name, CompletionKind::Column, ty, "", quoted(&column.name));
                }
            }
            list.variables(&context, offset, None);
            if in_summarize && !after_by(previous) {
                list.functions(FunctionKind::Aggregate);
            }
            list.functions(FunctionKind::Scalar);
            list.operators(OperatorPlace::Value);
        }
        Place::Name => {}
    }
    list.items
}

/// What kind of thing a position takes, by the tokens before it.
enum Place {
    /// A pipe stands before.
    Operator,
    /// Nothing of the query stands before.
    Start,
    /// A table or query.
    Rows,
    /// A type.
    Type,
    /// `by`.
    By,
    /// A value.
    Value,
    /// A value stands before: an operator, or the end.
    AfterValue,
    /// A new name: nothing to offer.
    Name,
}

fn is_word(token: &Token) -> bool {
    matches!(token.kind, SyntaxKind::Word | SyntaxKind::Keyword | SyntaxKind::OperatorWord | SyntaxKind::Bool)
}

/// Inside text there is nothing to offer; at its end neither.
fn in_literal(token: &Token, offset: u32) -> bool {
    let text = matches!(token.kind, SyntaxKind::Text | SyntaxKind::Typed | SyntaxKind::RawGuid);
    let number = matches!(token.kind, SyntaxKind::Long | SyntaxKind::Real | SyntaxKind::TimeSpan);
    (text || number) && token.span.start < offset
}

fn place(previous: &[Token]) -> Place {
    let Some(last) = previous.last() else { return Place::Start };
    match last.kind {
        SyntaxKind::Pipe => Place::Operator,
        SyntaxKind::Semicolon => Place::Start,
        SyntaxKind::Dot | SyntaxKind::LBrace => Place::Name,
        SyntaxKind::Colon => Place::Type,
        SyntaxKind::RParen | SyntaxKind::RBracket => Place::AfterValue,
        SyntaxKind::Text
        | SyntaxKind::Long
        | SyntaxKind::Real
        | SyntaxKind::TimeSpan
        | SyntaxKind::Bool
        | SyntaxKind::Typed => match (current_operator(previous).as_deref(), previous.len()) {
            (Some("top"), _) if !after_by(previous) => Place::By,
            _ => Place::AfterValue,
        },
        SyntaxKind::Equal => match (current_operator(previous), previous.len().checked_sub(3).map(|i| &previous[i])) {
            (_, Some(t)) if t.text == "let" => Place::Start,
            _ => Place::Value,
        },
        SyntaxKind::LParen if opens_query(previous) => Place::Rows,
        SyntaxKind::LParen | SyntaxKind::Comma => match current_operator(previous).as_deref() {
            Some("union" | "join" | "lookup") if depth_is_rows(previous) => Place::Rows,
            Some("datatable") => Place::Name,
            _ => Place::Value,
        },
        SyntaxKind::Keyword | SyntaxKind::Word | SyntaxKind::OperatorWord => match last.text.as_str() {
            "union" | "join" | "lookup" | "materialize" => Place::Rows,
            "let" | "as" | "set" => Place::Name,
            "sort" | "order" => Place::By,
            "where" | "filter" | "extend" | "project" | "project-away" | "project-keep" | "project-rename"
            | "project-reorder" | "by" | "summarize" | "distinct" | "serialize" | "print" | "and" | "or" | "on" => {
                Place::Value
            }
            "top" | "take" | "limit" | "range" | "from" | "to" | "step" => Place::Value,
            "typeof" => Place::Type,
            _ if last.kind == SyntaxKind::OperatorWord => Place::Value,
            _ if previous.len() == 1 => Place::Name,
            _ => Place::AfterValue,
        },
        _ => Place::Value,
    }
}

/// Whether a parenthesis at the end of some tokens has a query in it.
fn opens_query(previous: &[Token]) -> bool {
    let function = previous.len().checked_sub(2).and_then(|at| previous.get(at));
    function.is_some_and(|token| matches!(token.text.as_str(), "materialize" | "toscalar"))
}

/// The keyword of the operator that the end of some tokens lies in.
fn current_operator(previous: &[Token]) -> Option<String> {
    let mut depth = 0i32;
    for (index, token) in previous.iter().enumerate().rev() {
        match token.kind {
            SyntaxKind::RParen | SyntaxKind::RBracket | SyntaxKind::RBrace => depth += 1,
            SyntaxKind::LParen | SyntaxKind::LBracket | SyntaxKind::LBrace => depth -= 1,
            SyntaxKind::Pipe if depth <= 0 => return previous.get(index + 1).map(|t| t.text.clone()),
            SyntaxKind::Semicolon if depth <= 0 => return previous.get(index + 1).map(|t| t.text.clone()),
            _ => {}
        }
    }
    previous.first().map(|t| t.text.clone())
}

/// Whether `by` stands in the operator at the end of some tokens.
fn after_by(previous: &[Token]) -> bool {
    let pipe = previous.iter().rposition(|t| t.kind == SyntaxKind::Pipe).map_or(0, |i| i + 1);
    previous[pipe..].iter().any(|t| t.text == "by")
}

/// Whether a comma or parenthesis at the end of some tokens separates tables: no call is open.
fn depth_is_rows(previous: &[Token]) -> bool {
    let mut depth = 0i32;
    for (index, token) in previous.iter().enumerate().rev() {
        match token.kind {
            SyntaxKind::RParen => depth += 1,
            SyntaxKind::LParen if depth == 0 => {
                return index.checked_sub(1).is_none_or(|i| {
                    matches!(previous[i].kind, SyntaxKind::Comma)
                        || matches!(previous[i].text.as_str(), "union" | "join" | "lookup")
                });
            }
            SyntaxKind::LParen => depth -= 1,
            SyntaxKind::Pipe if depth == 0 => return true,
            _ => {}
        }
    }
    true
}

/// Words that may follow a value in the operator at the end of some tokens.
fn after_value(previous: &[Token]) -> &'static [&'static str] {
    match current_operator(previous).as_deref() {
        Some("sort" | "order" | "top") if after_by(previous) => &["asc", "desc", "nulls first", "nulls last"],
        Some("summarize" | "top") => &["by"],
        Some("project-reorder") => &["asc", "desc"],
        _ => &[],
    }
}

/// A name as it must be written in a query.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")) }
}

struct List {
    items: Vec<Completion>,
    replace: Span,
}

impl List {
    fn add(&mut self, label: &str, kind: CompletionKind, detail: &str, documentation: &str, insert: String) {
        if self.items.iter().any(|i| i.label == label && i.kind == kind) {
            return;
        }
        self.items.push(Completion {
            label: label.to_owned(),
            kind,
            detail: detail.to_owned(),
            documentation: documentation.to_owned(),
            insert,
            replace: self.replace,
        });
    }

    fn keyword(&mut self, word: &str) {
        self.add(word, CompletionKind::Keyword, "", "", word.to_owned());
    }

    fn operators(&mut self, place: OperatorPlace) {
        for fact in facts::operators().iter().filter(|f| f.place == place) {
            self.add(fact.name, CompletionKind::Operator, fact.syntax, fact.description, fact.name.to_owned());
        }
    }

    /// The `let` names before the position: only those that are tables, or all.
    fn variables(&mut self, context: &Context, offset: u32, tables: Option<bool>) {
        for (name, statement) in context.lets(offset) {
            let known = context.resolution.bindings.iter().find(|b| *b.name == *name);
            let is_table = known.is_some_and(|b| b.is_table);
            if tables.is_none_or(|wanted| wanted == is_table) {
                let detail = known.map_or("", |b| &*b.detail);
                let _ = statement;
                self.add(name, CompletionKind::Variable, detail, "", quoted(name));
            }
        }
    }

    fn tables(&mut self, tables: &TableSet) {
        for name in tables.names() {
            let rows = tables.get(name).map_or(0, event_table::Table::len);
            let detail = if rows > 0 { format!("{rows} rows loaded") } else { "no rows loaded".to_owned() };
            self.add(name, CompletionKind::Table, &detail, "", quoted(name));
        }
    }

    fn types(&mut self) {
        for ty in ColumnType::ALL {
            self.add(ty.name(), CompletionKind::Type, "", "", ty.name().to_owned());
        }
    }

    fn functions(&mut self, kind: FunctionKind) {
        for function in facts::all().iter().filter(|f| f.kind == kind && f.replaced_by.is_none() && facts::runs(f)) {
            let shown =
                if kind == FunctionKind::Aggregate { CompletionKind::Aggregate } else { CompletionKind::Function };
            let detail = function.signatures.first().map_or_else(String::new, |s| s.written(function.name));
            let takes_nothing = function.signatures.iter().all(|s| s.parameters.is_empty());
            let insert = format!("{}({}", function.name, if takes_nothing { ")" } else { "" });
            self.add(function.name, shown, &detail, facts::description(function.name, kind), insert);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(query: &str) -> Vec<String> {
        let offset = query.find('¦').unwrap();
        let text = query.replace('¦', "");
        complete(&text, offset as u32, &TableSet::new(), DateTime::MIN).into_iter().map(|c| c.label).collect()
    }

    #[test]
    fn what_is_offered_fits_the_place() {
        for (query, offered, withheld) in [
            ("¦", &["DeviceNetworkEvents", "let", "union", "print"][..], &["where", "tolower"][..]),
            ("Dev¦", &["DeviceProcessEvents"], &["where"]),
            (
                "DeviceProcessEvents | ¦",
                &["where", "summarize", "union"],
                &["DeviceProcessEvents", "print", "FileName"],
            ),
            ("DeviceProcessEvents | where ¦", &["FileName", "tolower", "isempty"], &["where", "count", "DeviceEvents"]),
            ("DeviceProcessEvents | where File¦", &["FileName"], &["BytesSent"]),
            ("DeviceProcessEvents | where FileName ¦", &["==", "has_any", "in~", "matches regex"], &["FileName"]),
            ("DeviceProcessEvents | where FileName has '¦'", &[], &["FileName"]),
            ("DeviceProcessEvents | where FileName =~ 'a' and ¦", &["FileName"], &["=="]),
            ("DeviceProcessEvents | project A = FileName, B = 1 | where ¦", &["A", "B"], &["FileName"]),
            ("DeviceProcessEvents | summarize ¦", &["count", "dcount", "FileName"], &[]),
            ("DeviceProcessEvents | summarize count() by ¦", &["FileName", "bin"], &["dcount"]),
            ("DeviceProcessEvents | summarize count() ¦", &["by"], &[]),
            ("DeviceProcessEvents | sort by Timestamp ¦", &["asc", "desc"], &[]),
            ("DeviceProcessEvents | union ¦", &["DeviceNetworkEvents"], &["FileName"]),
            (
                "let L = 5; let T = DeviceEvents | take 1; DeviceProcessEvents | where ProcessId > ¦",
                &["L", "ProcessId"],
                &[],
            ),
            ("let L = 5; let T = DeviceEvents | take 1; union ¦", &["T", "DeviceEvents"], &["L"]),
            ("¦", &["materialize", "table"], &["toscalar"]),
            ("let Rows = ¦", &["materialize", "toscalar"], &["where"]),
            ("let Rows = materialize(¦", &["DeviceProcessEvents", "table"], &["tolower", "FileName"]),
            ("DeviceProcessEvents | where FileName == ¦", &["toscalar"], &["materialize"]),
            ("DeviceProcessEvents | where FileName == toscalar(¦", &["DeviceNetworkEvents"], &["FileName"]),
            ("DeviceProcessEvents // a comment ¦", &[], &["where", "DeviceEvents"]),
            ("DeviceProcessEvents | where FileName has_any (¦", &["FileName"], &["DeviceEvents"]),
            (
                "DeviceNetworkEvents | where BytesSent > 5 | extend x = BytesSent / 2 | where x¦",
                &["x", "BytesSent"],
                &[],
            ),
        ] {
            let found = labels(query);
            for label in offered {
                assert!(found.iter().any(|f| f == label), "{query}: {label} is not offered");
            }
            for label in withheld {
                assert!(!found.iter().any(|f| f == label), "{query}: {label} is offered");
            }
        }
    }

    #[test]
    fn the_word_at_the_position_is_replaced() {
        let found = complete("DeviceProcessEvents | where FileNa", 34, &TableSet::new(), DateTime::MIN);
        let item = found.iter().find(|c| c.label == "FileName").unwrap();
        assert_eq!((item.replace, &*item.insert, &*item.detail), (Span::new(28, 34), "FileName", "string"));
    }
}
