//! Where a reader of JSON stands: the containers that are open around the next value, and what is in them.

/// What the values of a source are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Objects, one after the other, each a record; in an array or not.
    Records,
    /// Objects that hold an array of records beside other things: `{"Schema":[…],"Results":[…]}`, `{"records":[…]}`.
    Results,
    /// Objects that hold tables: `{"tables":[{"name":…,"columns":[…],"rows":[[…]]}]}`.
    Tables,
    /// An array of frames, some of which hold a table: `[{"FrameType":"DataTable","Columns":[…],"Rows":[[…]]}]`.
    Frames,
}

/// What an open container is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// An array of objects, each a record.
    Records,
    /// An array of arrays, each a record.
    Rows,
    /// The object that holds records or tables.
    Document,
    /// An array of tables, of which only the first holds rows when `true`.
    TableList(bool),
    /// A table.
    Table,
    /// An array of frames.
    FrameList,
    /// A frame; one of another table than the query's result when `true`.
    Frame(bool),
    /// Something that says nothing about rows.
    Nothing,
}

/// What the value of a key is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// Names and types of columns, to be taken whole.
    Columns,
    /// The name of a table, to be taken whole.
    TableName,
    /// What a frame is, or the kind of its table.
    FrameKind,
    /// A container to go into.
    Container(Role),
    /// A scalar to pass over.
    Nothing,
}

/// Names under which a document's records stand.
pub(crate) const RESULT_KEYS: [&str; 6] = ["Results", "results", "records", "Records", "value", "hits"];
/// Names under which a document's tables stand.
pub(crate) const TABLE_KEYS: [&str; 2] = ["tables", "Tables"];
/// Names that a document may have before these.
pub(crate) const OTHER_DOCUMENT_KEYS: [&str; 19] = [
    "Schema",
    "schema",
    "Stats",
    "stats",
    "statistics",
    "render",
    "error",
    "QueryId",
    "@odata.context",
    "@odata.type",
    "@odata.count",
    // Splunk's and Elasticsearch's search responses.
    "preview",
    "init_offset",
    "messages",
    "fields",
    "took",
    "timed_out",
    "_shards",
    "_scroll_id",
];

impl Role {
    /// What the value of a key is that begins with a byte.
    pub(crate) fn member(self, key: &str, first_byte: u8) -> Member {
        let is_array = first_byte == b'[';
        match (self, key) {
            (Self::Document, "Schema" | "schema") if is_array => Member::Columns,
            (Self::Document, "tables") if is_array => Member::Container(Self::TableList(false)),
            (Self::Document, "Tables") if is_array => Member::Container(Self::TableList(true)),
            (Self::Document, key) if is_array && RESULT_KEYS.contains(&key) => Member::Container(Self::Records),
            (Self::Frame(false), "Columns") if is_array => Member::Columns,
            (Self::Frame(false), "Rows") if is_array => Member::Container(Self::Rows),
            (Self::Frame(_), "FrameType" | "TableKind") if first_byte == b'"' => Member::FrameKind,
            (Self::Document, "hits") if first_byte == b'{' => Member::Container(Self::Document),
            (Self::Table, "columns" | "Columns") if is_array => Member::Columns,
            (Self::Table, "rows" | "Rows") if is_array => Member::Container(Self::Rows),
            (Self::Table, "name" | "TableName") if first_byte == b'"' => Member::TableName,
            _ if matches!(first_byte, b'[' | b'{') => Member::Container(Self::Nothing),
            _ => Member::Nothing,
        }
    }
}

/// The line that a reader is on, and how far into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinePlace {
    /// Characters before the next one on its line.
    pub(crate) characters: u64,
    /// How many of the line's first bytes are spaces or tabs.
    pub(crate) indent: usize,
    /// Whether there was nothing else on it yet.
    pub(crate) is_indent: bool,
}

impl LinePlace {
    pub(crate) const START: Self = Self { characters: 0, indent: 0, is_indent: true };

    /// The place after some more bytes.
    pub(crate) fn after(self, bytes: &[u8]) -> Self {
        let (place, on_line) = match memchr::memrchr(b'\n', bytes) {
            Some(end) => (Self::START, &bytes[end + 1..]),
            None => (self, bytes),
        };
        let spaces =
            if place.is_indent { on_line.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count() } else { 0 };
        Self {
            characters: place.characters + characters(on_line),
            indent: place.indent + spaces,
            is_indent: place.is_indent && spaces == on_line.len(),
        }
    }
}

/// The number of characters of a text; bytes that are no text count as none or one.
pub(crate) fn characters(bytes: &[u8]) -> u64 {
    // Continuation bytes are those below -64 as signed ones; this form is what compilers turn into vectors.
    bytes.iter().filter(|b| **b as i8 >= -64).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_a_line_does_not_depend_on_the_cuts() {
        let text = "{\n  \"é\": 1,\n\t {} x".as_bytes();
        let whole = LinePlace::START.after(text);
        assert_eq!(whole, LinePlace { characters: 6, indent: 2, is_indent: false });
        for cut in 0..text.len() {
            assert_eq!(LinePlace::START.after(&text[..cut]).after(&text[cut..]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn keys_say_what_is_under_them() {
        for (role, key, first_byte, member) in [
            (Role::Document, "Schema", b'[', Member::Columns),
            (Role::Document, "Results", b'[', Member::Container(Role::Records)),
            (Role::Document, "Results", b'{', Member::Container(Role::Nothing)),
            (Role::Document, "Stats", b'{', Member::Container(Role::Nothing)),
            (Role::Document, "tables", b'[', Member::Container(Role::TableList(false))),
            (Role::Document, "count", b'1', Member::Nothing),
            (Role::Table, "TableName", b'"', Member::TableName),
            (Role::Table, "rows", b'[', Member::Container(Role::Rows)),
            (Role::Nothing, "rows", b'[', Member::Container(Role::Nothing)),
        ] {
            assert_eq!(role.member(key, first_byte), member, "{role:?} {key}");
        }
    }
}
