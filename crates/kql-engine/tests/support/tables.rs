//! A table `T` with a column of every type, in several batches.
//!
//! | column | type | | column | type |
//! |---|---|---|---|---|
//! | B | bool | | W | string, of few values in a small batch, mostly different ones in a large one |
//! | I | int | | A | datetime |
//! | L | long | | P | timespan |
//! | R | real | | G | guid |
//! | M | decimal | | D | dynamic |
//! | S | string, of few values | | TenantId | string that no batch has |

use event_table::{
    BatchBuilder, ColumnDef, ColumnType, DateTime, Dynamic, Guid, RecordSpan, SourceId, TableSet, TimeSpan, Value,
};
use proptest::prelude::*;
use std::fmt;
use std::str::FromStr;

/// Text with everything in it that folding, terms and bytes can stumble over.
pub const TEXTS: &[&str] = &[
    "",
    "a",
    "git",
    "A",
    "GIT.exe",
    "git push",
    "github.com",
    "notgithub.com github.com",
    "python3",
    "push_default",
    "k",
    "\u{212A}",
    "ſ",
    "S s",
    "ß",
    "ẞ",
    "SS",
    "İ",
    "ı",
    "é",
    "É",
    "e\u{301}",
    "Σ",
    "ς",
    "ǅ",
    "🙂",
    "a🙂git",
    "１",
    "a\0b",
    "line\nfeed",
    "\"quoted\"",
    "C:\\x",
    "true",
    "7",
    "1.5",
    "2026-10-13",
    "{\"n\":5}",
];

/// The cells of a row, in the order of [`columns`].
#[derive(Clone)]
pub struct Cells(pub Vec<Value>);

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = self.0.iter().map(|value| if value.is_null() { "null".into() } else { format!("{value}") });
        write!(f, "{:?}", cells.collect::<Vec<_>>())
    }
}

/// The columns of `T` that its batches have.
pub fn columns() -> Vec<ColumnDef> {
    use ColumnType::{Bool, DateTime, Decimal, Dynamic, Guid, Int, Long, Real, String, TimeSpan};
    let all = [
        ("B", Bool),
        ("I", Int),
        ("L", Long),
        ("R", Real),
        ("M", Decimal),
        ("S", String),
        ("W", String),
        ("A", DateTime),
        ("P", TimeSpan),
        ("G", Guid),
        ("D", Dynamic),
    ];
    all.map(|(name, ty)| ColumnDef::new(name, ty)).into()
}

fn or_null(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![6 => value, 1 => Just(Value::Null)].boxed()
}

fn pick<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(from)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => pick(TEXTS).prop_map(str::to_owned),
        2 => (pick(TEXTS), pick(&[" ", "-", "", "/"]), pick(TEXTS)).prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        1 => "[aAgGiItT.\u{212A} _é]{0,9}",
    ]
}

/// A datetime near the clock of the tests, or at the ends of the calendar.
fn instant() -> impl Strategy<Value = DateTime> {
    let base = super::now().ticks();
    prop_oneof![
        (-40i64..40).prop_map(move |h| DateTime::from_ticks(base + h * 36_000_000_000).unwrap()),
        (-2i64..2).prop_map(move |t| DateTime::from_ticks(base + t).unwrap()),
        pick(&[DateTime::MIN, DateTime::MAX]),
    ]
}

fn dynamic() -> impl Strategy<Value = Value> {
    pick(&[
        "5",
        "1.5",
        "true",
        "false",
        "\"git\"",
        "\"5\"",
        "[1,2,\"git\"]",
        "[]",
        "{\"n\":5,\"s\":\"git push\",\"b\":true}",
        "{\"n\":\"5\",\"b\":false,\"in\":{\"x\":[10,20]}}",
        "{\"n\":null}",
        "9007199254740993",
    ])
    .prop_map(|json| Value::dynamic(Dynamic::from_json(json).unwrap()))
}

/// A row.
pub fn cells() -> impl Strategy<Value = Cells> {
    let real = prop_oneof![
        pick(&[0.0, -0.0, 1.5, 5.0, -2.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 9_007_199_254_740_993.0]),
        -9.0..9.0f64
    ];
    let long = prop_oneof![-9i64..9, pick(&[i64::MAX, i64::MIN, 524_288, 524_289, (1 << 53) + 1])];
    let decimal = pick(&["0", "1.10", "5", "-2.5", "79228162514264337593543950335"]);
    (
        or_null(any::<bool>().prop_map(Value::Bool)),
        or_null(prop_oneof![-9i32..9, pick(&[i32::MAX, i32::MIN, 443])].prop_map(Value::Int)),
        or_null(long.prop_map(Value::Long)),
        or_null(real.prop_map(Value::Real)),
        or_null(decimal.prop_map(|text| Value::Decimal(rust_decimal::Decimal::from_str(text).unwrap()))),
        text().prop_map(|t| Value::string(&t)),
        text().prop_map(|t| Value::string(&t)),
        or_null(instant().prop_map(Value::DateTime)),
        or_null(
            pick(&[0, 1, -1, 36_000_000_000, 864_000_000_000, -864_000_000_000, i64::MAX, i64::MIN])
                .prop_map(|t| Value::TimeSpan(TimeSpan::from_ticks(t))),
        ),
        or_null(pick(&[[0; 16], [7; 16]]).prop_map(|bytes| Value::Guid(Guid(bytes)))),
        or_null(dynamic()),
    )
        .prop_map(|(b, i, l, r, m, s, w, a, p, g, d)| Cells(vec![b, i, l, r, m, s, w, a, p, g, d]))
}

/// How many rows make a string column of different values plain text, and not a dictionary.
const LARGE: usize = 700;

/// Batches of rows, and whether a large one comes after them.
#[derive(Clone, Debug)]
pub struct Rows {
    pub batches: Vec<Vec<Cells>>,
    pub large: bool,
}

/// Rows in up to three batches. A large batch repeats them, `W` made different in each row.
pub fn rows() -> impl Strategy<Value = Rows> {
    let batches = proptest::collection::vec(proptest::collection::vec(cells(), 1..12), 1..4);
    (batches, prop_oneof![3 => Just(false), 1 => Just(true)]).prop_map(|(batches, large)| Rows { batches, large })
}

impl Rows {
    /// The set with `T` in it.
    pub fn tables(&self) -> TableSet {
        let mut tables = TableSet::new();
        for (source, batch) in self.batches.iter().enumerate() {
            append(&mut tables, source as u32, batch.iter().cloned());
        }
        if self.large {
            let all: Vec<&Cells> = self.batches.iter().flatten().collect();
            let repeated = (0..LARGE).map(|i| {
                let mut row = all[i % all.len()].clone();
                // Most keep their text, so that what is found in it is found; the rest makes it long and varied.
                if i >= all.len() {
                    row.0[6] = Value::string(&format!("{} {i}", row.0[6]));
                }
                row
            });
            append(&mut tables, u32::MAX, repeated);
        }
        tables
    }
}

/// Adds a batch to `T`.
pub fn append(tables: &mut TableSet, source: u32, rows: impl Iterator<Item = Cells>) {
    let mut builder = BatchBuilder::new(SourceId(source), columns());
    for (line, Cells(cells)) in rows.enumerate() {
        cells.iter().enumerate().for_each(|(index, cell)| builder.column(index).push(cell));
        builder.end_row(RecordSpan { line: line as u64 + 1, offset: line as u64, len: 1 });
    }
    let (mut defs, batch) = builder.finish();
    defs.iter_mut().for_each(|def| def.origin = event_table::ColumnOrigin::Log);
    tables.table_mut("T").append(&defs, batch);
}
