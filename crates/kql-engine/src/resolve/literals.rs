//! The values of literals.
//!
//! Source: Kusto documentation, `scalar-data-types/*`.

use super::Resolver;
use crate::expr::Expr;
use crate::scalar::convert::{to_dynamic, to_type};
use crate::scalar::{parse_datetime, parse_timespan};
use event_table::{Bag, ColumnType, Dynamic, Guid, Value};
use kql_syntax::Span;
use kql_syntax::ast::{DynamicExpr, DynamicKind, Literal, LiteralKind};

impl Resolver<'_> {
    /// The value of a literal; a finding when its text is no value of its type.
    pub(super) fn literal(&mut self, literal: &Literal, span: Span) -> Option<Expr> {
        // `datetime("2015-12-14")`: quotes around what a typed literal holds say nothing.
        let text = match &literal.kind {
            LiteralKind::String | LiteralKind::Dynamic(_) => &*literal.text,
            _ => literal.text.trim_matches(['"', '\'']),
        };
        let (ty, value) = match &literal.kind {
            LiteralKind::String => {
                return Some(Expr::constant(ColumnType::String, Value::String(literal.text.clone())));
            }
            LiteralKind::Dynamic(value) => {
                let value = self.dynamic(value)?;
                return Some(Expr::constant(ColumnType::Dynamic, Value::dynamic(value)));
            }
            LiteralKind::Bool => (ColumnType::Bool, to_type(&Value::string(text), ColumnType::Bool)),
            LiteralKind::Int => (ColumnType::Int, to_type(&Value::string(text), ColumnType::Int)),
            LiteralKind::Long => (ColumnType::Long, to_type(&Value::string(text), ColumnType::Long)),
            LiteralKind::Real => (ColumnType::Real, to_type(&Value::string(text), ColumnType::Real)),
            LiteralKind::Decimal => (ColumnType::Decimal, to_type(&Value::string(text), ColumnType::Decimal)),
            // `scalar-data-types/datetime`: without a text it is the current time.
            LiteralKind::DateTime if text.is_empty() => (ColumnType::DateTime, Value::DateTime(self.now)),
            LiteralKind::DateTime => (ColumnType::DateTime, parse_datetime(text).map_or(Value::Null, Value::DateTime)),
            LiteralKind::TimeSpan => (ColumnType::TimeSpan, parse_timespan(text).map_or(Value::Null, Value::TimeSpan)),
            LiteralKind::Guid => (ColumnType::Guid, Guid::parse(text).map_or(Value::Null, Value::Guid)),
        };
        if value.is_null() && !text.is_empty() && text != "null" {
            let article = if ty == ColumnType::Int { "an" } else { "a" };
            self.error("bad-literal", span, format!("'{text}' is not {article} {ty} value."));
            return None;
        }
        Some(Expr::constant(ty, value))
    }

    fn dynamic(&mut self, expr: &DynamicExpr) -> Option<Dynamic> {
        Some(match &expr.kind {
            DynamicKind::Null => Dynamic::Null,
            DynamicKind::Scalar(literal) => {
                let expr = self.literal(literal, expr.span)?;
                to_dynamic(expr.as_constant()?)
            }
            DynamicKind::Array(items) => {
                // All items are looked at, so that every error is told.
                let values: Vec<Option<Dynamic>> = items.iter().map(|item| self.dynamic(item)).collect();
                Dynamic::Array(values.into_iter().collect::<Option<_>>()?)
            }
            DynamicKind::Bag(items) => {
                let mut bag = Bag::default();
                for (name, item) in items {
                    bag.insert(name.text.clone(), self.dynamic(item)?);
                }
                Dynamic::Bag(bag)
            }
        })
    }
}
