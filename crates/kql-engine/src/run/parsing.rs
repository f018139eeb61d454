//! `parse`, `parse-where`, `parse-kv`: columns out of text.

use super::{Run, RunError};
use crate::columnar::{Chunk, Vector, compute};
use crate::plan::{ParseKv, ParseText};
use crate::scalar::convert;
use event_table::{Bitmap, ColumnBuilder, ColumnType, Value};
use std::sync::Arc;

impl Run<'_> {
    pub(super) async fn parse(&mut self, parse: &ParseText, width: usize) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(parse.input).await?;
        let expr = self.bind(&parse.expr).await?;
        let mut chunks = Vec::new();
        for chunk in input.chunks() {
            let texts = compute(&expr, chunk, self.now);
            let mut builders: Vec<ColumnBuilder> =
                parse.columns.iter().map(|(_, ty)| ColumnBuilder::new(*ty)).collect();
            let mut fits = Bitmap::filled(chunk.len, false);
            for row in 0..chunk.len {
                let text = texts.value(row);
                let values = captured(parse, &convert::to_text(&text));
                fits.set(row, values.is_some());
                for (index, builder) in builders.iter_mut().enumerate() {
                    match &values {
                        Some(values) => builder.push(&values[index]),
                        None => builder.push_missing(),
                    }
                }
            }
            let mut parsed = chunk.clone();
            parsed.columns.resize(width, Vector::Constant(Value::Null));
            for ((column, _), builder) in parse.columns.iter().zip(builders) {
                parsed.columns[*column] = Vector::Column(Arc::new(builder.finish()));
            }
            chunks.push(if parse.filter { parsed.filter(&fits) } else { parsed });
            self.checkpoint(0).await?;
        }
        Ok(chunks)
    }

    pub(super) async fn parse_kv(&mut self, parse: &ParseKv, width: usize) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(parse.input).await?;
        let expr = self.bind(&parse.expr).await?;
        let names: Vec<&str> = parse.keys.iter().map(|(name, ..)| &**name).collect();
        let mut chunks = Vec::new();
        for chunk in input.chunks() {
            let texts = compute(&expr, chunk, self.now);
            let mut builders: Vec<ColumnBuilder> =
                parse.keys.iter().map(|(_, _, ty)| ColumnBuilder::new(*ty)).collect();
            for row in 0..chunk.len {
                let text = texts.value(row);
                let found = parse.form.find(&convert::to_text(&text), &names);
                for ((value, builder), (_, _, ty)) in found.into_iter().zip(&mut builders).zip(&parse.keys) {
                    builder.push(
                        &value.map_or_else(|| Value::missing(*ty), |v| convert::to_type(&Value::string(&v), *ty)),
                    );
                }
            }
            let mut parsed = chunk.clone();
            parsed.columns.resize(width, Vector::Constant(Value::Null));
            for ((_, column, _), builder) in parse.keys.iter().zip(builders) {
                parsed.columns[*column] = Vector::Column(Arc::new(builder.finish()));
            }
            chunks.push(parsed);
            self.checkpoint(0).await?;
        }
        Ok(chunks)
    }
}

/// What the groups of a pattern hold; `None` when the text does not fit, or strictly when one is no value of its type.
fn captured(parse: &ParseText, text: &str) -> Option<Vec<Value>> {
    let captures = parse.regex.captures(text)?;
    let mut values = Vec::with_capacity(parse.columns.len());
    for ((_, ty), group) in parse.columns.iter().zip(&parse.groups) {
        let found = captures.get(*group).map_or("", |m| m.as_str());
        let value = convert::to_type(&Value::string(found), *ty);
        if parse.strict && value.is_null() && *ty != ColumnType::String {
            return None;
        }
        values.push(value);
    }
    Some(values)
}
