//! What can be wrong with a source, as data, and the one place where it is put into words.

use crate::code::Code;
use event_table::ColumnType;

/// A fact about a source that its reader should be told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Problem {
    EmptyFile,
    /// What the bytes are instead: "a PNG image".
    NotALog(&'static str),
    /// What the bytes are: "a Windows event log (EVTX)".
    NotRead(&'static str),
    OnlyNul,
    NoHeader,
    NotRecognised,
    NotEvtx,
    ArchiveEncrypted,
    /// The number of the method.
    ArchiveMethod(u16),
    ArchiveNested,
    ArchiveTooManyMembers(usize),
    ArchiveDamaged(&'static str),
    ArchiveTooLarge {
        packed: u64,
        unpacked: u64,
    },
    ArchiveSizes {
        said: u64,
        met: u64,
    },
    ArchivePath(String),

    TooFewCells {
        cells: usize,
        columns: usize,
    },
    TooManyCells {
        cells: usize,
        columns: usize,
    },
    /// Where reading goes on, if a line was found.
    UnclosedQuote(Option<u64>),
    RecordTooLong(usize),
    BrokenJson(&'static str),
    BrokenXml(&'static str),
    ChunkDamaged {
        number: u64,
        what: &'static str,
    },
    RecordDamaged,
    ChunkChecksum,
    NotARecord(&'static str),
    NestedTooDeep(usize),
    ColumnsUnknown,
    GaveUp,

    CutOffRow {
        cells: usize,
        columns: usize,
        in_quotes: bool,
    },
    /// What is open at the end: "a record", "the list of records".
    CutOffJson(&'static str),
    CutOffXml,
    CutOffEvtx,

    /// A cell that is no value of its column's type.
    NotConvertible {
        ty: ColumnType,
        text: String,
    },
    OutOfRange {
        ty: ColumnType,
        text: String,
    },
    KeyTwice,
    TooManyKeys,

    InvalidText,
    NulCharacters,
    HeaderRepeated,
    HeaderAlone,
    NoRecords,
    ColumnTwice {
        name: String,
        kept_as: String,
    },
    ColumnUnnamed {
        position: usize,
        kept_as: String,
    },
    ColumnsMapped,
    ColumnCase {
        given: String,
        known: String,
    },
    TooManyColumns {
        named: usize,
        read: usize,
    },
    ExtraEmptyCells,
    LocalTime {
        column: String,
        offset_minutes: Option<i32>,
    },
    TableGuessed(String),
    TablesLeftOut,
    TooManyTables(usize),
    TextAroundEvents,
    /// Events without one, of so many processes.
    NoCommandLines {
        of: u64,
    },
    NoByteCounts,
    TimesDisagree {
        minutes: i64,
    },
}

impl Problem {
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::EmptyFile => Code::EmptyFile,
            Self::NotALog(_) | Self::OnlyNul => Code::NotALog,
            Self::NotRead(_) => Code::NotRead,
            Self::NoHeader | Self::NotRecognised | Self::NotEvtx => Code::NotRecognised,
            Self::ArchiveEncrypted | Self::ArchiveMethod(_) | Self::ArchiveNested | Self::ArchiveTooManyMembers(_) => {
                Code::ArchiveNotRead
            }
            Self::ArchiveDamaged(_) => Code::ArchiveDamaged,
            Self::ArchiveTooLarge { .. } => Code::ArchiveTooLarge,
            Self::ArchiveSizes { .. } => Code::ArchiveSizes,
            Self::ArchivePath(_) => Code::ArchivePath,
            Self::ChunkDamaged { .. } => Code::ChunkDamaged,
            Self::RecordDamaged => Code::RecordDamaged,
            Self::ChunkChecksum => Code::ChunkChecksum,
            Self::TooFewCells { .. } => Code::TooFewCells,
            Self::TooManyCells { .. } => Code::TooManyCells,
            Self::UnclosedQuote(_) => Code::UnclosedQuote,
            Self::RecordTooLong(_) => Code::RecordTooLong,
            Self::BrokenJson(_) => Code::BrokenJson,
            Self::BrokenXml(_) => Code::BrokenXml,
            Self::NotARecord(_) => Code::NotARecord,
            Self::NestedTooDeep(_) => Code::NestedTooDeep,
            Self::ColumnsUnknown => Code::ColumnsUnknown,
            Self::GaveUp => Code::GaveUp,
            Self::CutOffRow { .. } | Self::CutOffJson(_) | Self::CutOffXml | Self::CutOffEvtx => Code::CutOff,
            Self::NotConvertible { ty, .. } => not_convertible(*ty),
            Self::OutOfRange { .. } => Code::OutOfRange,
            Self::KeyTwice => Code::KeyTwice,
            Self::TooManyKeys => Code::TooManyKeys,
            Self::InvalidText => Code::InvalidText,
            Self::NulCharacters => Code::NulCharacters,
            Self::HeaderRepeated => Code::HeaderRepeated,
            Self::HeaderAlone => Code::HeaderAlone,
            Self::NoRecords => Code::NoRecords,
            Self::ColumnTwice { .. } => Code::ColumnTwice,
            Self::ColumnUnnamed { .. } => Code::ColumnUnnamed,
            Self::ColumnsMapped => Code::ColumnsMapped,
            Self::ColumnCase { .. } => Code::ColumnCase,
            Self::TooManyColumns { .. } => Code::TooManyColumns,
            Self::ExtraEmptyCells => Code::ExtraEmptyCells,
            Self::LocalTime { .. } => Code::LocalTime,
            Self::TableGuessed(_) => Code::TableGuessed,
            Self::TablesLeftOut => Code::TablesLeftOut,
            Self::TooManyTables(_) => Code::TooManyTables,
            Self::TextAroundEvents => Code::TextAroundEvents,
            Self::NoCommandLines { .. } => Code::NoCommandLines,
            Self::NoByteCounts => Code::NoByteCounts,
            Self::TimesDisagree { .. } => Code::TimesDisagree,
        }
    }

    /// The sentence for a problem that was met `count` times.
    pub(crate) fn words(&self, count: u64) -> String {
        let rows = plural(count, "row", "rows");
        match self {
            Self::EmptyFile => "The file is empty.".into(),
            Self::NotALog(what) => format!("This is {what}, not a log."),
            Self::OnlyNul => "The file begins with nothing but NUL bytes: it was most likely never written to the end.".into(),
            Self::NotRead(what) => format!("This is {what}, which this version does not read."),
            Self::NoHeader => "The first line holds values, not column names: without a header such as Timestamp,DeviceName,… the cells have no meaning.".into(),
            Self::NotEvtx => "This does not begin as a Windows event log file does.".into(),
            Self::ArchiveEncrypted => "This member of the archive is encrypted. Unpack it and load the log itself.".into(),
            Self::ArchiveMethod(method) => {
                format!("This member of the archive is packed by method {method}, which is not read: deflate is. Unpack it and load the log itself.")
            }
            Self::ArchiveNested => "This archive stands in an archive that stands in another: archives are read in an archive, and no deeper.".into(),
            Self::ArchiveTooManyMembers(limit) => format!("The archive has more than {limit} members; the further ones are not read."),
            Self::ArchiveDamaged(what) => format!("The archive is damaged: {what}. What came before is read."),
            Self::ArchiveTooLarge { packed, unpacked } => format!(
                "Unpacking stops here: {} MB have become {} MB, as no log does and as archives do that are made to fill a computer's memory.",
                packed.div_ceil(1_000_000), unpacked / 1_000_000
            ),
            Self::ArchiveSizes { said, met } => {
                format!("The archive says that this member has {said} bytes; {met} came out of it, and were read.")
            }
            Self::ArchivePath(path) => {
                format!("The archive would have this member written to {}, outside of where it is unpacked. It is only read here.", quoted(path))
            }
            Self::ChunkDamaged { number, what } => format!("Chunk {number} of the file is damaged: {what}. Its records are passed over."),
            Self::RecordDamaged => "The record's binary form is damaged.".into(),
            Self::ChunkChecksum => format!(
                "{} not fit what their checksums say, as in a log that was copied while it was written to; their records are read as far as they can be.",
                plural(count, "chunk does", "chunks do")
            ),
            Self::CutOffEvtx => "The file ends inside a chunk: it was cut off. What there is of it is read.".into(),
            Self::NotRecognised => "This is no log of a known form: CSV with a header line of column names, JSON, XML of Windows events, an event log file (EVTX), or one of these in a zip or gzip archive.".into(),
            Self::TooFewCells { cells, columns } => {
                format!("The row has {} where there are {columns} columns.", plural(*cells as u64, "cell", "cells"))
            }
            Self::TooManyCells { cells, columns } => {
                format!("The row has {} where there are only {columns} columns.", plural(*cells as u64, "cell", "cells"))
            }
            Self::UnclosedQuote(Some(line)) => {
                format!("A quote opens here and is not closed where the row can end; reading goes on at line {line}.")
            }
            Self::UnclosedQuote(None) => "A quote opens here and is not closed where the row can end.".into(),
            Self::RecordTooLong(limit) => {
                format!("The record is longer than {} MiB; reading goes on after it.", limit.div_ceil(1 << 20))
            }
            Self::BrokenJson(what) => format!("The record is no valid JSON: {what}."),
            Self::BrokenXml(what) => format!("The event is no valid XML: {what}."),
            Self::NotARecord(what) => format!("{what} stands where a record should."),
            Self::NestedTooDeep(limit) => format!("The record's values are nested more than {limit} deep."),
            Self::ColumnsUnknown => "The row stands before the columns of its table are named.".into(),
            Self::GaveUp => "Reading stops here: too much of the file is broken JSON.".into(),
            Self::CutOffRow { in_quotes: true, .. } => {
                "The file ends inside a quoted cell: it was cut off. Its last record is left out.".into()
            }
            Self::CutOffRow { cells, columns, .. } => {
                let cells = plural(*cells as u64, "cell", "cells");
                format!("The file ends after {cells} of {columns}, without a line end: it was cut off. Its last record is left out.")
            }
            Self::CutOffJson(what) => format!("The file ends inside {what}: it was cut off."),
            Self::CutOffXml => "The file ends inside an event: it was cut off. Its last event is left out.".into(),
            Self::NotConvertible { ty, text } => format!("{} is no {}; the cell is empty.", quoted(text), type_words(*ty)),
            Self::OutOfRange { ty, text } => format!("{} does not fit a column of type {ty}; the cell is empty.", quoted(text)),
            Self::KeyTwice => "The record has this key twice; the first value is kept.".into(),
            Self::TooManyKeys => "The log has too many different keys for a table; this one is left out.".into(),
            Self::InvalidText => format!("{rows} had bytes that are no valid text; each is shown as \u{FFFD}."),
            Self::NulCharacters => format!("{rows} had NUL characters, which are kept."),
            Self::HeaderRepeated => {
                format!("The header line comes {} more, as in exports joined together; it is passed over.", plural(count, "time", "times"))
            }
            Self::HeaderAlone => "The file has a header line and no rows.".into(),
            Self::NoRecords => "The file is valid, and has no records.".into(),
            Self::ColumnTwice { name, kept_as } => format!("Two columns are named {name}; the later one is kept as {kept_as}."),
            Self::ColumnUnnamed { position, kept_as } => format!("Column {position} has no name; it is kept as {kept_as}."),
            Self::ColumnsMapped => "It has the columns of a log whose columns were mapped by hand before, and is read as that one was.".into(),
            Self::ColumnCase { given, known } => {
                format!("The column {given} is read as {known}: names are case-sensitive in KQL, and no table has {given}.")
            }
            Self::TooManyColumns { named, read } => format!("The header names {named} columns; the first {read} are read."),
            Self::ExtraEmptyCells => format!("{rows} had empty cells after the last column; they are left out."),
            Self::LocalTime { column, offset_minutes: None } => {
                format!("{column} is in local time and the file does not say of which zone: it is read as UTC. Set the zone to correct it.")
            }
            Self::LocalTime { column, offset_minutes: Some(minutes) } => format!(
                "{column} is in local time: it is read as UTC{}{:02}:{:02}, as set.",
                if *minutes < 0 { '-' } else { '+' },
                minutes.abs() / 60,
                minutes.abs() % 60
            ),
            Self::TableGuessed(table) => {
                format!("Neither the rows nor the file's name say which table this is; the rows are kept as {table}. Choose the table to correct it.")
            }
            Self::TooManyTables(limit) => {
                format!("The log names more than {limit} tables; the rows of the further ones are kept together.")
            }
            Self::TextAroundEvents => "Text stands around the events; it is passed over.".into(),
            Self::NoCommandLines { of } => format!(
                "{count} of {} came without a command line, so rules that read it see nothing there. For event 4688, Windows writes it where the policy “Include command line in process creation events” is on.",
                plural(*of, "process creation", "process creations")
            ),
            Self::NoByteCounts => {
                format!(
                    "{} of Windows events: neither Sysmon nor Windows counts the bytes that a connection carries. A rule on BytesSent cannot be evaluated there.",
                    plural(count, "row is a connection", "rows are connections")
                )
            }
            Self::TimesDisagree { minutes } => {
                format!(
                    "The events' own times and those of their records lie {} minutes apart: a clock or a zone is set wrong, and the order of events may be too.",
                    minutes.abs()
                )
            }
            Self::TablesLeftOut => "The response has further tables, with the query's status and not with its rows; they are left out.".into(),
        }
    }
}

/// The code of a cell that cannot become a value of a type.
pub(crate) fn not_convertible(ty: ColumnType) -> Code {
    match ty {
        ColumnType::DateTime => Code::NotATime,
        ColumnType::Bool => Code::NotABoolean,
        ColumnType::TimeSpan => Code::NotATimespan,
        ColumnType::Guid => Code::NotAGuid,
        _ => Code::NotANumber,
    }
}

fn type_words(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::DateTime => "time that is understood",
        ColumnType::Bool => "boolean",
        ColumnType::TimeSpan => "timespan",
        ColumnType::Guid => "guid",
        ColumnType::Int | ColumnType::Long => "whole number",
        _ => "number",
    }
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The text in quotation marks, shortened so that a sentence stays one.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("“{shown}”")
}
