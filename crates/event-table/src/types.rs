//! The scalar types of Kusto and the small identifiers that columns and cells are named by.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A scalar data type of the Kusto query language.
///
/// Source: Kusto documentation, `scalar-data-types/index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// `true`, `false` or null.
    Bool,
    /// A signed 32-bit integer.
    Int,
    /// A signed 64-bit integer.
    Long,
    /// A 64-bit IEEE floating point number.
    Real,
    /// A decimal number with an exact fraction.
    Decimal,
    /// Unicode text; it has no null, a missing string is empty.
    String,
    /// An instant in UTC, in ticks of 100 ns, years 1 to 9999.
    DateTime,
    /// A duration in ticks of 100 ns.
    TimeSpan,
    /// A 128-bit identifier.
    Guid,
    /// Any of the above, an array, or a property bag.
    Dynamic,
}

impl ColumnType {
    /// Every type, in the order of the documentation's table.
    pub const ALL: [ColumnType; 10] = [
        Self::Bool,
        Self::DateTime,
        Self::Decimal,
        Self::Dynamic,
        Self::Guid,
        Self::Int,
        Self::Long,
        Self::Real,
        Self::String,
        Self::TimeSpan,
    ];

    /// Kusto's name of the type, as `getschema` and the analyzer print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::DateTime => "datetime",
            Self::TimeSpan => "timespan",
            Self::Guid => "guid",
            Self::Dynamic => "dynamic",
        }
    }

    /// The type that a name or one of its documented aliases stands for; `None` for any other word.
    ///
    /// Log Analytics and Defender answers also write the .NET names (`Int64`, `SByte`, `DateTime`, `Object`…),
    /// which are accepted here in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "bool" | "boolean" | "sbyte" | "system.boolean" | "system.sbyte" => Self::Bool,
            "int" | "int32" | "uint" | "uint32" | "int16" | "uint16" | "byte" | "system.int32" => Self::Int,
            "long" | "int64" | "ulong" | "uint64" | "system.int64" => Self::Long,
            "real" | "double" | "float" | "single" | "system.double" => Self::Real,
            "decimal" | "sqldecimal" | "system.data.sqltypes.sqldecimal" => Self::Decimal,
            "string" | "system.string" => Self::String,
            "datetime" | "date" | "system.datetime" => Self::DateTime,
            "timespan" | "time" | "system.timespan" => Self::TimeSpan,
            "guid" | "uuid" | "uniqueid" | "system.guid" => Self::Guid,
            "dynamic" | "object" | "system.object" => Self::Dynamic,
            _ => return None,
        })
    }

    /// The narrowest type that says what values of both types say: the wider of two numbers, else their text.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        match (self, other) {
            _ if self == other => self,
            (Self::Int, Self::Long) | (Self::Long, Self::Int) => Self::Long,
            (Self::Int | Self::Long, Self::Real) | (Self::Real, Self::Int | Self::Long) => Self::Real,
            _ => Self::String,
        }
    }

    /// Whether values of the type are numbers: int, long, real or decimal.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Real | Self::Decimal)
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The position of a column in a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ColumnIndex(pub u32);

impl ColumnIndex {
    /// The position as an index into a slice.
    #[must_use]
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

impl From<usize> for ColumnIndex {
    fn from(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// A 128-bit identifier, in the byte order of its text form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// Reads `74be27de-1e4e-49d9-b579-fe0b331d3642`, with or without braces or dashes.
    ///
    /// Returns `None` unless the text holds exactly 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let inner = text
            .strip_prefix('{')
            .and_then(|t| t.strip_suffix('}'))
            .or_else(|| text.strip_prefix('(').and_then(|t| t.strip_suffix(')')))
            .unwrap_or(text);
        let dashes: Vec<usize> = inner.bytes().enumerate().filter(|(_, b)| *b == b'-').map(|(i, _)| i).collect();
        if !(dashes.is_empty() || dashes == [8, 13, 18, 23]) {
            return None;
        }
        let mut bytes = [0u8; 16];
        let mut digits = 0;
        for b in inner.bytes().filter(|b| *b != b'-') {
            let digit = (b as char).to_digit(16)? as u8;
            if digits == 32 {
                return None;
            }
            bytes[digits / 2] = bytes[digits / 2] << 4 | digit;
            digits += 1;
        }
        (digits == 32).then_some(Self(bytes))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_parse_back() {
        for ty in ColumnType::ALL {
            assert_eq!(ColumnType::parse(ty.name()), Some(ty));
        }
        assert_eq!(ColumnType::parse("Int64"), Some(ColumnType::Long));
        assert_eq!(ColumnType::parse("nonsense"), None);
    }

    #[test]
    fn guids_read_their_text_forms() {
        let text = "74be27de-1e4e-49d9-b579-fe0b331d3642";
        assert_eq!(Guid::parse(text).map(|g| g.to_string()).as_deref(), Some(text));
        assert_eq!(Guid::parse("{74BE27DE-1e4e-49d9-b579-fe0b331d3642}"), Guid::parse(text));
        assert_eq!(Guid::parse("74be27de1e4e49d9b579fe0b331d3642"), Guid::parse(text));
        for bad in ["", "74be27de", "74be27de-1e4e-49d9-b579-fe0b331d36421", "7-4be27de1e4e49d9b579fe0b331d3642"] {
            assert_eq!(Guid::parse(bad), None, "{bad}");
        }
    }
}
