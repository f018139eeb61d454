//! One cell.

use crate::dynamic::{real_name, write_real};
use crate::{ColumnType, DateTime, Dynamic, Guid, TimeSpan};
use rust_decimal::Decimal;
use std::fmt;
use std::sync::Arc;

/// The value of one cell or scalar expression.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// No value. `string` has none: a missing string is the empty one.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A 32-bit integer.
    Int(i32),
    /// A 64-bit integer.
    Long(i64),
    /// A floating point number.
    Real(f64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text.
    String(Arc<str>),
    /// An instant.
    DateTime(DateTime),
    /// A duration.
    TimeSpan(TimeSpan),
    /// An identifier.
    Guid(Guid),
    /// A dynamic value that is not null.
    Dynamic(Arc<Dynamic>),
}

impl Value {
    /// A string value.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::String(text.into())
    }

    /// A dynamic value; JSON null becomes null.
    #[must_use]
    pub fn dynamic(value: Dynamic) -> Self {
        match value {
            Dynamic::Null => Self::Null,
            other => Self::Dynamic(Arc::new(other)),
        }
    }

    /// Null as a cell of a type holds it: the empty string for strings, null for the rest.
    #[must_use]
    pub fn missing(ty: ColumnType) -> Self {
        if ty == ColumnType::String { Self::String("".into()) } else { Self::Null }
    }

    /// Whether this is null. The empty string is not.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The type of a value that is not null.
    #[must_use]
    pub fn column_type(&self) -> Option<ColumnType> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => ColumnType::Bool,
            Self::Int(_) => ColumnType::Int,
            Self::Long(_) => ColumnType::Long,
            Self::Real(_) => ColumnType::Real,
            Self::Decimal(_) => ColumnType::Decimal,
            Self::String(_) => ColumnType::String,
            Self::DateTime(_) => ColumnType::DateTime,
            Self::TimeSpan(_) => ColumnType::TimeSpan,
            Self::Guid(_) => ColumnType::Guid,
            Self::Dynamic(_) => ColumnType::Dynamic,
        })
    }

    /// The text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) => Some(s),
            _ => None,
        }
    }
}

/// The text that a cell shows: nothing for null, Kusto's text form for the rest.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Long(n) => write!(f, "{n}"),
            Self::Real(n) if n.is_finite() => write_real(*n, f),
            Self::Real(n) => f.write_str(real_name(*n)),
            Self::Decimal(n) => write!(f, "{n}"),
            Self::String(s) => f.write_str(s),
            Self::DateTime(t) => write!(f, "{t}"),
            Self::TimeSpan(t) => write!(f, "{t}"),
            Self::Guid(g) => write!(f, "{g}"),
            Self::Dynamic(d) => match &**d {
                Dynamic::String(s) => f.write_str(s),
                other => write!(f, "{other}"),
            },
        }
    }
}
