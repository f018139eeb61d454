//! `parse`, `parse-where`, `parse-kv`.
//!
//! Source: Kusto documentation, `parse-operator`: a pattern is a regular expression in which a text stands for
//! itself, `*` for any run, and a column for a run that fits its type.

use super::scope::RowScope;
use super::{Resolver, ResultColumn, Tabular};
use crate::keyvalue::PairForm;
use crate::plan::{NodeKind, ParseKv, ParseText};
use event_table::{ColumnType, Value};
use kql_syntax::Span;
use kql_syntax::ast::{self, ColumnDecl, Expr as Ast, Operator, ParsePart, Property};
use std::sync::Arc;

/// What the names of columns' groups begin with.
const COLUMN: &str = "__column_";

impl Resolver<'_> {
    pub(super) fn parse_text(
        &mut self,
        input: Tabular,
        filter: bool,
        subject: &Ast,
        pattern: &[ParsePart],
        operator: &Operator,
    ) -> Option<Tabular> {
        let property = |name: &str| operator.properties.iter().find(|p| &*p.name.text == name).map(|p| word(&p.value));
        let kind = property("kind").unwrap_or_else(|| "simple".into());
        if !matches!(&*kind, "simple" | "relaxed" | "regex") {
            self.error(
                "unknown-word",
                operator.keyword.span,
                format!("'{kind}' is not one of simple, relaxed, regex."),
            );
            return None;
        }
        let is_regex = &*kind == "regex";
        let flags: String = property("flags").map_or_else(String::new, |f| f.to_string());
        if !flags.is_empty() && !is_regex {
            self.error("unknown-word", operator.keyword.span, "`flags` goes with kind=regex.");
            return None;
        }
        if let Some(unknown) = flags.chars().find(|flag| !"Uims".contains(*flag)) {
            self.error(
                "unknown-word",
                operator.keyword.span,
                format!("'{unknown}' is not one of the flags U, i, m, s."),
            );
            return None;
        }
        let expr = self.scalar(subject, &mut RowScope::row(&input.columns))?;
        let mut columns = input.columns.to_vec();
        let mut groups: Vec<(usize, ColumnType)> = Vec::new();
        // A run goes over lines, but where the pattern is a regular expression, only if its flags say so.
        let mut text = match (is_regex, flags.is_empty()) {
            (true, true) => String::from("^"),
            (true, false) => format!("(?{flags})^"),
            (false, _) => String::from("(?s)^"),
        };
        let mut open = false;
        for (position, part) in pattern.iter().enumerate() {
            let last = position + 1 == pattern.len();
            match part {
                ParsePart::Star(span) => {
                    if open {
                        self.error(
                            "parse-star",
                            *span,
                            "`*` right after a column of type string leaves open where the column ends.",
                        );
                        return None;
                    }
                    text.push_str(match (last, is_regex) {
                        // What is left does not matter, nor over how many lines it goes.
                        (true, true) => r"(?s-U:.*)",
                        (true, false) => ".*",
                        (false, _) => ".*?",
                    });
                }
                ParsePart::Text(part) => {
                    open = false;
                    let value = self.scalar(part, &mut RowScope::empty())?;
                    let Some(Value::String(part_text)) = value.as_constant() else {
                        self.error("argument-type", part.span, "A constant text is expected here.");
                        return None;
                    };
                    if is_regex { text.push_str(part_text) } else { text.push_str(&regex::escape(part_text)) }
                }
                ParsePart::Column(decl) => {
                    let ty = match &decl.ty {
                        Some(ty) => self.type_named(ty)?,
                        None => ColumnType::String,
                    };
                    open = ty == ColumnType::String && !is_regex;
                    let run = match ty {
                        ColumnType::Int | ColumnType::Long => r"\s*-?\d+",
                        ColumnType::Real | ColumnType::Decimal => r"\s*-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?",
                        ColumnType::Bool => "(?i:true|false|[01])",
                        // The page's examples of `kind=regex` take as much as they can, unless `U` is given.
                        _ if last || is_regex => ".*",
                        _ => ".*?",
                    };
                    // Relaxed, what is no value of its type is taken too, and is null.
                    let other = match (&*kind, last) {
                        ("relaxed", true) => "|.*",
                        ("relaxed", false) => "|.*?",
                        _ => "",
                    };
                    // A pattern may have groups of its own: those of columns have names.
                    text.push_str(&format!("(?P<{COLUMN}{}>{run}{other})", groups.len()));
                    groups.push((place(&mut columns, &decl.name.text, ty), ty));
                }
            }
        }
        if !is_regex || !matches!(pattern.last(), Some(ParsePart::Text(_))) {
            text.push('$');
        }
        let regex = match crate::regexes::compile(&text) {
            Ok(regex) => regex,
            Err(error) => {
                self.bad_regex(operator.span, &error);
                return None;
            }
        };
        let strict = &*kind != "relaxed";
        let place_of = |name: &str| regex.capture_names().position(|group| group == Some(name));
        let places = (0..groups.len()).filter_map(|group| place_of(&format!("{COLUMN}{group}"))).collect();
        let parse = ParseText { input: input.node, expr, regex, columns: groups, groups: places, strict, filter };
        Some(self.add(NodeKind::Parse(Box::new(parse)), columns, operator.span))
    }

    pub(super) fn parse_kv(
        &mut self,
        input: Tabular,
        subject: &Ast,
        keys: &[ColumnDecl],
        with: &[Property],
        span: Span,
    ) -> Option<Tabular> {
        let expr = self.scalar(subject, &mut RowScope::row(&input.columns))?;
        let mut columns = input.columns.to_vec();
        let mut found = Vec::new();
        for key in keys {
            let ty = match &key.ty {
                Some(ty) => self.type_named(ty)?,
                None => ColumnType::String,
            };
            found.push((key.name.text.clone(), place(&mut columns, &key.name.text, ty), ty));
        }
        let mut pair = None;
        let mut key_value = None;
        let mut quotes = Vec::new();
        let mut escape = None;
        let mut greedy = false;
        let mut pattern = None;
        for property in with {
            let value = self.scalar(&property.value, &mut RowScope::empty())?;
            let text = value.as_constant().map(|v| crate::scalar::convert::to_text(v).into_owned()).unwrap_or_default();
            match &*property.name.text {
                "pair_delimiter" => pair = Some(text),
                "kv_delimiter" => key_value = Some(text),
                "quote" => {
                    let mut characters = text.chars();
                    if let Some(open) = characters.next() {
                        quotes.push((open, characters.next().unwrap_or(open)));
                    }
                }
                "escape" => escape = text.chars().next(),
                "greedy" => greedy = text == "true",
                "regex" => match crate::regexes::compile(&text) {
                    Ok(regex) => pattern = Some(regex),
                    Err(error) => {
                        self.bad_regex(property.value.span, &error);
                        return None;
                    }
                },
                other => {
                    let message =
                        format!("'{other}' is not one of pair_delimiter, kv_delimiter, quote, escape, greedy, regex.");
                    self.error("unknown-word", property.name.span, message);
                    return None;
                }
            }
        }
        let form = match pattern {
            Some(regex) => PairForm::Pattern(regex),
            None => PairForm::Delimited { pair, key_value, quotes, escape, greedy },
        };
        let parse = ParseKv { input: input.node, expr, keys: found, form };
        Some(self.add(NodeKind::ParseKv(Box::new(parse)), columns, span))
    }
}

/// The column of a name: the one that is there, with a new type, or a new one.
fn place(columns: &mut Vec<ResultColumn>, name: &Arc<str>, ty: ColumnType) -> usize {
    match columns.iter().position(|c| c.name == *name) {
        Some(index) => {
            columns[index].ty = Some(ty);
            index
        }
        None => {
            columns.push(ResultColumn { name: name.clone(), ty: Some(ty) });
            columns.len() - 1
        }
    }
}

/// A bare word or text after `=`.
pub(super) fn word(value: &Ast) -> Arc<str> {
    match &value.kind {
        ast::ExprKind::Name(name) => name.text.clone(),
        ast::ExprKind::Literal(literal) => literal.text.clone(),
        _ => "".into(),
    }
}
