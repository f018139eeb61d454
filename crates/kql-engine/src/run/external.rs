//! `externaldata`: reading the rows of files that were given by name.
//!
//! Source: Kusto documentation, `externaldata-operator` and `ingestion-supported-formats`. **Our choice**: a field that
//! a record lacks is missing and one too many is left out; blank lines are no records; a line's end may be `\r\n`;
//! fields between tabs have no quotation marks.

use super::{Run, RunError, STRETCH};
use crate::columnar::{Chunk, Origins, Vector};
use crate::functions::json_path;
use crate::memory;
use crate::plan::{External, ExternalField, FileFormat, PlanColumn};
use crate::scalar::{convert, plain};
use event_table::{ColumnBuilder, ColumnType, Dynamic, MAX_BATCH_ROWS, NamedFile, Value};
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

/// The most bytes of a file that `externaldata` reads, unpacked: what the documentation recommends at most.
pub const MAX_FILE_BYTES: usize = 100_000_000;

/// A record of a file, or what is wrong with it.
type Record = Result<Vec<Value>, String>;
type Records<'f> = Box<dyn Iterator<Item = Record> + 'f>;

impl Run<'_> {
    pub(super) async fn external(
        &mut self,
        external: &External,
        columns: &[PlanColumn],
    ) -> Result<Vec<Chunk>, RunError> {
        let mut chunks = Vec::new();
        for (file, format) in &external.files {
            let wrong =
                |words: String| RunError::Invalid(format!("`externaldata` cannot read '{}': {words}", file.name()));
            let bytes = unpacked(file).map_err(wrong)?;
            let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is not UTF-8 text.".into()))?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            self.checkpoint(0).await?;
            let mut records =
                records(text, *format, &external.fields).skip(usize::from(external.skip_first)).peekable();
            while records.peek().is_some() {
                let mut builders: Vec<ColumnBuilder> = columns.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
                let (mut len, mut beside) = (0, 0);
                for record in records.by_ref().take(MAX_BATCH_ROWS) {
                    let record = record.map_err(wrong)?;
                    for ((value, column), builder) in record.iter().zip(columns).zip(&mut builders) {
                        let value = typed(value, column.ty);
                        beside += if column.ty == ColumnType::Dynamic { memory::size(&value) } else { 0 };
                        builder.push(&value);
                    }
                    len += 1;
                    if len % STRETCH == 0 {
                        self.checkpoint(0).await?;
                    }
                }
                memory::take(beside + builders.iter().map(ColumnBuilder::heap_bytes).sum::<usize>());
                let columns = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
                chunks.push(Chunk { len, columns, origins: Origins::None });
                self.checkpoint(0).await?;
            }
        }
        Ok(chunks)
    }
}

/// The bytes of a file, out of a gzip archive if they are in one.
fn unpacked(file: &NamedFile) -> Result<Cow<'_, [u8]>, String> {
    let too_large = || format!("it holds more than {} MB.", MAX_FILE_BYTES / 1_000_000);
    let bytes = match file.bytes() {
        [0x1f, 0x8b, ..] => {
            let mut out = Vec::new();
            let read = MultiGzDecoder::new(file.bytes()).take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut out);
            read.map_err(|error| format!("its gzip archive is broken ({error})."))?;
            memory::take(out.len());
            Cow::Owned(out)
        }
        [b'P', b'K', 3, 4, ..] => return Err("it is a zip archive. Load the file that is in it.".into()),
        bytes => Cow::Borrowed(bytes),
    };
    if bytes.len() > MAX_FILE_BYTES { Err(too_large()) } else { Ok(bytes) }
}

/// The records of a text, each with a value for each field.
fn records<'f>(text: &'f str, format: FileFormat, fields: &'f [ExternalField]) -> Records<'f> {
    match format {
        FileFormat::Quoted(separator) => {
            let reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(separator)
                .from_reader(text.as_bytes());
            Box::new(reader.into_records().map(|record| {
                let record = record.map_err(|error| format!("{error}."))?;
                Ok(separated(fields, |position| record.get(position)))
            }))
        }
        FileFormat::Tabs => Box::new(lines(text).map(|line| {
            let parts: Vec<&str> = line.split('\t').collect();
            Ok(separated(fields, |position| parts.get(position).copied()))
        })),
        FileFormat::Lines => Box::new(lines(text).map(|line| Ok(separated(fields, |at| (at == 0).then_some(line))))),
        FileFormat::Raw => {
            Box::new(std::iter::once_with(move || Ok(separated(fields, |position| (position == 0).then_some(text)))))
        }
        FileFormat::Json => Box::new(text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(
            |(index, line)| match Dynamic::from_json(line) {
                Ok(record @ Dynamic::Bag(_)) => Ok(taken(fields, &record)),
                _ => Err(format!(
                    "line {} is no JSON object. Objects over several lines, or in an array, are format='multijson'.",
                    index + 1
                )),
            },
        )),
        FileFormat::MultiJson => {
            let values = serde_json::Deserializer::from_str(text).into_iter::<Dynamic>();
            Box::new(values.flat_map(move |value| -> Records<'f> {
                if let Ok(value) = &value {
                    // What is too large ends the run at its next question.
                    memory::fits(memory::dynamic_size(value));
                }
                match value {
                    Ok(Dynamic::Array(items)) => Box::new(items.into_iter().map(move |item| object(fields, &item))),
                    Ok(value) => Box::new(std::iter::once(object(fields, &value))),
                    Err(error) => Box::new(std::iter::once(Err(format!("it is no JSON: {error}.")))),
                }
            }))
        }
    }
}

/// Lines that are not blank.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty())
}

/// The values of a record by its fields' positions.
fn separated<'r>(fields: &[ExternalField], at: impl Fn(usize) -> Option<&'r str>) -> Vec<Value> {
    let value = |field: &ExternalField| match field {
        ExternalField::Position(position) => at(*position).map_or(Value::Null, Value::string),
        ExternalField::Constant(value) => value.clone(),
        ExternalField::Path(_) => Value::Null,
    };
    fields.iter().map(value).collect()
}

fn object(fields: &[ExternalField], value: &Dynamic) -> Record {
    match value {
        Dynamic::Bag(_) => Ok(taken(fields, value)),
        _ => Err("it holds JSON that is no object.".into()),
    }
}

/// The values of a record by the paths to them.
fn taken(fields: &[ExternalField], record: &Dynamic) -> Vec<Value> {
    let value = |field: &ExternalField| match field {
        ExternalField::Path(steps) => json_path::find(record, steps).cloned().map_or(Value::Null, Value::dynamic),
        ExternalField::Constant(value) => value.clone(),
        ExternalField::Position(_) => Value::Null,
    };
    fields.iter().map(value).collect()
}

/// A value as it is kept in a column: text for a dynamic one is read as JSON where it is any.
fn typed(value: &Value, ty: ColumnType) -> Value {
    match (value, ty) {
        (Value::Null, _) => Value::missing(ty),
        (Value::String(text), ColumnType::Dynamic) if text.is_empty() => Value::Null,
        (Value::String(text), ColumnType::Dynamic) => {
            Value::dynamic(Dynamic::from_json(text).unwrap_or_else(|_| Dynamic::String(text.clone())))
        }
        (Value::Dynamic(_), ColumnType::Dynamic) => value.clone(),
        _ => match plain(value) {
            Value::Null => Value::missing(ty),
            plain => convert::to_type(&plain, ty),
        },
    }
}
