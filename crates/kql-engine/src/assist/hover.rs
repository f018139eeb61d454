//! What stands at a position.

use super::context::Context;
use crate::facts::{self, FunctionKind};
use event_table::{ColumnOrigin, ColumnType, DateTime, TableSet};
use kql_syntax::{Span, SyntaxKind};
use serde::{Deserialize, Serialize};

/// What a word of a query is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hover {
    /// The words that it is about.
    pub span: Span,
    /// Its name and form.
    pub title: String,
    /// What it is, in a sentence or two; may be empty.
    pub body: String,
}

/// The call that a position lies in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The ways to call the function.
    pub forms: Vec<String>,
    /// What the function is for; may be empty.
    pub documentation: String,
    /// The argument that the position lies in, from 0.
    pub argument: usize,
}

/// What stands at a position; `None` for blanks, signs and what the query leaves unknown.
#[must_use]
pub fn hover(text: &str, offset: u32, tables: &TableSet, now: DateTime) -> Option<Hover> {
    let context = Context::new(text, offset, tables, now);
    let index = context.at(offset)?;
    let token = &context.tokens[index];
    let name =
        token.text.trim_start_matches("['").trim_start_matches("[\"").trim_end_matches("']").trim_end_matches("\"]");
    let found = |title: String, body: String| Some(Hover { span: token.span, title, body });
    if context.tokens.get(index + 1).is_some_and(|t| t.kind == SyntaxKind::LParen) {
        for kind in [FunctionKind::Scalar, FunctionKind::Aggregate] {
            if let Some(function) = facts::find(name, kind) {
                let forms: Vec<String> = function.signatures.iter().map(|s| s.written(function.name)).collect();
                let mut body = facts::description(function.name, kind).to_owned();
                if let Some(current) = function.replaced_by {
                    body = format!("An old name of {current}. {body}");
                }
                if !facts::runs(function) {
                    body = "Part of KQL, but not supported here.".to_owned();
                }
                return found(forms.join("\n"), body);
            }
        }
    }
    if let Some(column) = context.scope(token.span.end).and_then(|s| s.columns.iter().find(|c| *c.name == *name)) {
        let ty = column.ty.map_or("unknown", ColumnType::name);
        return found(format!("{name}: {ty}"), column_origin(name, &context, tables));
    }
    if let Some(binding) = context.resolution.bindings.iter().find(|b| *b.name == *name) {
        return found(format!("let {name}"), binding.detail.to_string());
    }
    if let Some(schema) = tables.schema(name) {
        let rows = tables.get(name).map_or(0, event_table::Table::len);
        let extensions: Vec<&str> =
            schema.columns.iter().filter(|c| c.origin == ColumnOrigin::Extension).map(|c| &*c.name).collect();
        let mut body = format!("{} columns, {rows} rows loaded.", schema.columns.len());
        if !extensions.is_empty() {
            body.push_str(&format!(
                " Not in Microsoft's published table, but needed by the rule: {}.",
                extensions.join(", ")
            ));
        }
        return found(name.to_owned(), body);
    }
    let fact = facts::operators().iter().find(|f| f.name == token.text)?;
    found(fact.syntax.to_owned(), fact.description.to_owned())
}

/// Who says that a column of a table that the query reads exists.
fn column_origin(name: &str, context: &Context, tables: &TableSet) -> String {
    let Some(plan) = &context.resolution.plan else { return String::new() };
    let origin = plan
        .root
        .into_iter()
        .flat_map(|root| plan.tables(root))
        .find_map(|table| tables.schema(&table)?.column(name).map(|c| (table.clone(), c.origin)));
    match origin {
        Some((table, ColumnOrigin::Published)) => format!("A column of {table}."),
        Some((table, ColumnOrigin::Extension)) => {
            format!("Not in Microsoft's published {table}: ingestion has to add it.")
        }
        Some((_, ColumnOrigin::Sentinel)) => "A column that every table in Sentinel has.".to_owned(),
        Some((table, ColumnOrigin::Log)) => format!("A column that the loaded log brought to {table}."),
        None => String::new(),
    }
}

/// The innermost call that a position lies in, if it calls a known function.
#[must_use]
pub fn signature(text: &str, offset: u32) -> Option<Signature> {
    let context = Context::new(text, offset, &TableSet::new(), DateTime::MIN);
    let mut depth = 0usize;
    let mut argument = 0;
    let before = context.tokens.iter().take_while(|t| t.span.end <= offset).count();
    for index in (0..before).rev() {
        match context.tokens[index].kind {
            SyntaxKind::RParen | SyntaxKind::RBracket | SyntaxKind::RBrace => depth += 1,
            SyntaxKind::LParen if depth == 0 => {
                let name = &context.tokens[index.checked_sub(1)?].text;
                let function =
                    [FunctionKind::Scalar, FunctionKind::Aggregate].into_iter().find_map(|k| facts::find(name, k))?;
                return Some(Signature {
                    forms: function.signatures.iter().map(|s| s.written(function.name)).collect(),
                    documentation: facts::description(function.name, function.kind).to_owned(),
                    argument,
                });
            }
            SyntaxKind::LParen | SyntaxKind::LBracket | SyntaxKind::LBrace => depth = depth.checked_sub(1)?,
            SyntaxKind::Comma if depth == 0 => argument += 1,
            SyntaxKind::Pipe | SyntaxKind::Semicolon if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(query: &str) -> Option<String> {
        let offset = query.find('¦').unwrap();
        hover(&query.replace('¦', ""), offset as u32, &TableSet::new(), DateTime::MIN)
            .map(|h| format!("{} | {}", h.title, h.body))
    }

    #[test]
    fn a_word_is_told_for_what_it_is() {
        for (query, expected) in [
            ("Device¦NetworkEvents | take 1", "DeviceNetworkEvents | 52 columns, 0 rows loaded."),
            (
                "DeviceNetworkEvents | where Bytes¦Sent > 1",
                "BytesSent: long | Not in Microsoft's published DeviceNetworkEvents",
            ),
            ("DeviceNetworkEvents | wh¦ere true", "where Condition | Keeps the rows"),
            ("DeviceNetworkEvents | where RemoteUrl has¦_any ('x')", "text has_any (term, …) | "),
            ("print str¦cat('a')", "strcat(arg, …) -> string | "),
            ("let Li¦mit = 5; print Limit", "let Limit | long"),
        ] {
            let found = title(query).unwrap_or_default();
            assert!(found.starts_with(expected), "{query}: {found}");
        }
        assert_eq!(title("print ¦'a text'"), None);
    }

    #[test]
    fn the_call_around_a_position_is_found() {
        let found = signature("print substring(strcat('a', 'b'), 1, ", 37).unwrap();
        assert_eq!((&*found.forms[0], found.argument), ("substring(string, start, length?) -> string", 2));
        assert_eq!(signature("DeviceEvents | where (1 == 1", 25), None);
    }
}
