//! The stable names of everything that a report can say.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a finding is about, as a stable short name: `too-few-cells`. Its sentence is in the finding itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Nothing was read: the source has no bytes.
    EmptyFile,
    /// Nothing was read: the bytes are an image, a program, a document…
    NotALog,
    /// Nothing was read: the bytes are a log or archive of a form that this version does not read.
    NotRead,
    /// Nothing was read: the text is no log of a known form.
    NotRecognised,

    /// A record was refused: it has fewer cells than there are columns.
    TooFewCells,
    /// A record was refused: it has more cells than there are columns.
    TooManyCells,
    /// A record was refused: a quote opens in it and is not closed where a record can end.
    UnclosedQuote,
    /// A record was refused: it is longer than a record may be.
    RecordTooLong,
    /// A record was refused: it is no JSON.
    BrokenJson,
    /// A record was refused: it is no XML.
    BrokenXml,
    /// A record was refused: it is a JSON value, but no object or row.
    NotARecord,
    /// A record was refused: its JSON is nested too deeply.
    NestedTooDeep,
    /// A record was refused: its table's columns are not named before it.
    ColumnsUnknown,
    /// Reading stopped before the end: too much of the source is broken.
    GaveUp,
    /// The source ends in the middle of a record.
    CutOff,

    /// A cell became null: it is no number.
    NotANumber,
    /// A cell became null: its number does not fit the column's type.
    OutOfRange,
    /// A cell became null: it is no time.
    NotATime,
    /// A cell became null: it is no boolean.
    NotABoolean,
    /// A cell became null: it is no timespan.
    NotATimespan,
    /// A cell became null: it is no guid.
    NotAGuid,
    /// A value was left out: the record has its key twice.
    KeyTwice,
    /// A value was left out: the source has more different keys than a table may have columns.
    TooManyKeys,

    /// Bytes that are no UTF-8 (or no UTF-16) were replaced.
    InvalidText,
    /// Rows have NUL characters.
    NulCharacters,
    /// The header line stands in the source more than once.
    HeaderRepeated,
    /// The header line has no rows after it.
    HeaderAlone,
    /// The source holds no records.
    NoRecords,
    /// Two columns have the same name.
    ColumnTwice,
    /// A column has no name.
    ColumnUnnamed,
    /// A column is known under a name of other case.
    ColumnCase,
    /// The log has the columns of one that was mapped before, and was read as that one was.
    ColumnsMapped,
    /// The header names more columns than are read.
    TooManyColumns,
    /// Rows have empty cells beyond the last column.
    ExtraEmptyCells,
    /// Times whose zone the source does not say were read as UTC, or by the caller's setting.
    LocalTime,
    /// Nothing in the source says which table its rows are for.
    TableGuessed,
    /// The source has other tables, which are not read.
    TablesLeftOut,
    /// The source names more tables than are kept apart.
    TooManyTables,
    /// Text stands around the events.
    TextAroundEvents,
    /// Process creations have no command line.
    NoCommandLines,
    /// Connections have no counts of bytes.
    NoByteCounts,
    /// Two times of the same events lie far apart.
    TimesDisagree,
    /// Nothing was read: the archive's member is encrypted, packed by an unknown method, or an archive too deep inside.
    ArchiveNotRead,
    /// The archive ends too early or holds what it should not.
    ArchiveDamaged,
    /// The archive unpacks to more than is let.
    ArchiveTooLarge,
    /// A member of the archive has another size than the archive says.
    ArchiveSizes,
    /// A member of the archive names a place outside of where it is unpacked.
    ArchivePath,
    /// Records were refused: their chunk of the event log is damaged.
    ChunkDamaged,
    /// A record was refused: its binary form is damaged.
    RecordDamaged,
    /// Chunks of the event log do not fit their checksums.
    ChunkChecksum,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The names are stated once, by serde.
        self.serialize(f)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was not read.
    Error,
    /// All was read, but most likely not as its author meant it.
    Warning,
    /// Worth knowing.
    Info,
}

impl Code {
    /// Every code, in the order above.
    pub const ALL: [Self; 50] = [
        Self::EmptyFile,
        Self::NotALog,
        Self::NotRead,
        Self::NotRecognised,
        Self::TooFewCells,
        Self::TooManyCells,
        Self::UnclosedQuote,
        Self::RecordTooLong,
        Self::BrokenJson,
        Self::BrokenXml,
        Self::NotARecord,
        Self::NestedTooDeep,
        Self::ColumnsUnknown,
        Self::GaveUp,
        Self::CutOff,
        Self::NotANumber,
        Self::OutOfRange,
        Self::NotATime,
        Self::NotABoolean,
        Self::NotATimespan,
        Self::NotAGuid,
        Self::KeyTwice,
        Self::TooManyKeys,
        Self::InvalidText,
        Self::NulCharacters,
        Self::HeaderRepeated,
        Self::HeaderAlone,
        Self::NoRecords,
        Self::ColumnTwice,
        Self::ColumnUnnamed,
        Self::ColumnCase,
        Self::ColumnsMapped,
        Self::TooManyColumns,
        Self::ExtraEmptyCells,
        Self::LocalTime,
        Self::TableGuessed,
        Self::TablesLeftOut,
        Self::TooManyTables,
        Self::TextAroundEvents,
        Self::NoCommandLines,
        Self::NoByteCounts,
        Self::TimesDisagree,
        Self::ArchiveNotRead,
        Self::ArchiveDamaged,
        Self::ArchiveTooLarge,
        Self::ArchiveSizes,
        Self::ArchivePath,
        Self::ChunkDamaged,
        Self::RecordDamaged,
        Self::ChunkChecksum,
    ];

    /// How bad a finding of this code is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::InvalidText
            | Self::NulCharacters
            | Self::HeaderAlone
            | Self::NoRecords
            | Self::ColumnTwice
            | Self::ColumnUnnamed
            | Self::ColumnCase
            | Self::LocalTime
            | Self::TableGuessed
            | Self::TooManyTables
            | Self::NoCommandLines
            | Self::NoByteCounts
            | Self::TimesDisagree
            | Self::ArchiveSizes
            | Self::ArchivePath
            | Self::ChunkChecksum => Severity::Warning,
            Self::TextAroundEvents | Self::HeaderRepeated | Self::ExtraEmptyCells | Self::TablesLeftOut => {
                Severity::Info
            }
            _ => Severity::Error,
        }
    }

    /// Whether a warning of this code tells of what the log cannot show, whatever is asked of it.
    #[must_use]
    pub fn is_blind_spot(self) -> bool {
        matches!(self, Self::NoCommandLines | Self::NoByteCounts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_prints_as_its_serialised_name() {
        assert_eq!(Code::TooFewCells.to_string(), "too-few-cells");
        assert_eq!(serde_json::to_string(&Code::TooFewCells).unwrap(), "\"too-few-cells\"");
    }
}
