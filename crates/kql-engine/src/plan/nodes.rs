//! The operators of a plan that need more than an input and a list of expressions.

use super::NodeId;
use crate::aggregates::AggregateCall;
use crate::expr::Expr;
use crate::functions::json_path::Step;
use crate::ip::Family;
use event_table::{ColumnType, NamedFile, Value};
use std::sync::Arc;

/// Which rows a join gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum JoinKind {
    InnerUnique,
    Inner,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftSemi,
    LeftAnti,
    RightSemi,
    RightAnti,
}

/// A join.
#[derive(Clone, Debug)]
pub struct Join {
    /// Which rows it gives.
    pub kind: JoinKind,
    /// The left rows.
    pub left: NodeId,
    /// The right rows.
    pub right: NodeId,
    /// Pairs of columns that must be equal.
    pub keys: Vec<(usize, usize)>,
    /// The columns that it gives.
    pub columns: Vec<JoinColumn>,
}

/// A column that a join gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the sides of a join")]
pub enum JoinColumn {
    Left(usize),
    Right(usize),
}

/// A `mv-expand`.
#[derive(Clone, Debug)]
pub struct Expand {
    /// The rows.
    pub input: NodeId,
    /// What is expanded.
    pub items: Vec<ExpandItem>,
    /// The column that takes the position of each element.
    pub index: Option<usize>,
    /// Whether a property of a bag becomes an array of its name and value; otherwise a bag of its own.
    pub pairs: bool,
    /// The most rows that a row becomes.
    pub limit: usize,
}

/// An expression of `mv-expand`, and the column that takes its elements.
#[derive(Clone, Debug)]
pub struct ExpandItem {
    /// The array or bag.
    pub expr: Expr,
    /// The column: one of the input's, or a new one.
    pub column: usize,
    /// The type of the column.
    pub ty: ColumnType,
}

/// A query for each part of the input.
#[derive(Clone, Debug)]
pub struct Apply {
    /// The rows.
    pub input: NodeId,
    /// What makes the parts: each row's expansion, or the rows of one value.
    pub parts: Parts,
    /// The operator whose rows are the part, `NodeKind::Part`.
    pub part: NodeId,
    /// The operator that gives the rows of a part.
    pub body: NodeId,
    /// For each column, where it comes from.
    pub columns: Vec<ApplyColumn>,
}

/// What makes the parts.
#[derive(Clone, Debug)]
pub enum Parts {
    /// Each row of the input, expanded.
    Rows(Expand),
    /// The rows that have one value, and how many values there may be.
    Values(Expr, usize),
}

/// A column that `mv-apply` or `partition` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplyColumn {
    /// A column of the row that the part was made from.
    Input(usize),
    /// A column of the part's query.
    Body(usize),
}

/// A `parse`.
#[derive(Clone, Debug)]
pub struct ParseText {
    /// The rows.
    pub input: NodeId,
    /// The text.
    pub expr: Expr,
    /// The pattern, with a group for each column among others.
    pub regex: regex::Regex,
    /// The columns that the groups go to, and their types.
    pub columns: Vec<(usize, ColumnType)>,
    /// The number of each column's group.
    pub groups: Vec<usize>,
    /// Whether every group must be a value of its type.
    pub strict: bool,
    /// Whether rows that do not fit are left out.
    pub filter: bool,
}

/// A `parse-kv`.
#[derive(Clone, Debug)]
pub struct ParseKv {
    /// The rows.
    pub input: NodeId,
    /// The text.
    pub expr: Expr,
    /// The keys, with the column that each goes to and its type.
    pub keys: Vec<(Arc<str>, usize, ColumnType)>,
    /// How pairs are told apart.
    pub form: crate::keyvalue::PairForm,
}

/// A function of the rows around a row.
#[derive(Clone, Debug)]
pub struct WindowCall {
    /// The function.
    pub function: WindowFunction,
    /// Its arguments, over the input's columns and those of the calls before.
    pub arguments: Vec<Expr>,
    /// The type of its values.
    pub ty: ColumnType,
}

/// The functions of the rows around a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum WindowFunction {
    Prev,
    Next,
    RowNumber,
    RowCumsum,
    RowRankDense,
    RowRankMin,
    RowWindowSession,
    /// `rand(n)`: a random number for each row; its arguments are n, 0 for a fraction of 1, and the call's own number.
    Rand,
    /// `new_guid()`: a random identifier for each row; its argument is the call's own number.
    NewGuid,
}

/// A `make-series`.
#[derive(Clone, Debug)]
pub struct Series {
    /// The rows.
    pub input: NodeId,
    /// What the series are told apart by.
    pub keys: Vec<Expr>,
    /// The aggregates, each with the value of a bin without rows.
    pub aggregates: Vec<(AggregateCall, Expr)>,
    /// The axis.
    pub on: Expr,
    /// The first point.
    pub from: Option<Expr>,
    /// The end, which is no point.
    pub to: Option<Expr>,
    /// The distance between points.
    pub step: Expr,
    /// Whether there is a series of defaults when there are no rows.
    pub is_nonempty: bool,
}

/// A level of `top-nested`.
#[derive(Clone, Debug)]
pub struct NestedLevel {
    /// How many values; all when absent.
    pub count: Option<Expr>,
    /// The value.
    pub of: Expr,
    /// The value that stands for all others.
    pub others: Option<Expr>,
    /// The aggregate that ranks the values.
    pub by: AggregateCall,
    /// Whether the smallest come first.
    pub ascending: bool,
}

/// A `scan`. Its expressions read the input's columns, the declared ones, and then both again for each step's state.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The rows.
    pub input: NodeId,
    /// The declared columns' defaults.
    pub defaults: Vec<Value>,
    /// The steps.
    pub steps: Vec<ScanStep>,
    /// Whether the last column holds the number of the match.
    pub match_id: bool,
    /// What the input is partitioned by.
    pub partition: Vec<Expr>,
}

/// A step of `scan`.
#[derive(Clone, Debug)]
pub struct ScanStep {
    /// The condition.
    pub condition: Expr,
    /// The declared columns that it assigns.
    pub assignments: Vec<(usize, Expr)>,
    /// Which matches are given.
    pub output: ScanOutput,
}

/// Which matches of a step are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum ScanOutput {
    All,
    Last,
    None,
}

/// `bag_unpack`.
#[derive(Clone, Debug)]
pub struct Unpack {
    /// The rows.
    pub input: NodeId,
    /// The bag.
    pub column: usize,
    /// For each column, the input's column or the property.
    pub columns: Vec<UnpackColumn>,
}

/// A column that `bag_unpack` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnpackColumn {
    /// A column of the input.
    Input(usize),
    /// A property of the bag.
    Property(Arc<str>),
    /// A property, or the input's column where the bag has none (`replace_source`), or the other way round.
    Either(usize, Arc<str>),
}

/// `pivot`.
#[derive(Clone, Debug)]
pub struct Pivot {
    /// The rows, grouped by keys and the pivoted column: keys, then that column, then the aggregate.
    pub input: NodeId,
    /// How many keys there are.
    pub keys: usize,
    /// The values that become columns.
    pub values: Vec<Value>,
}

/// `rows_near`.
#[derive(Clone, Debug)]
pub struct RowsNear {
    /// The rows.
    pub input: NodeId,
    /// What is true of a row that others are near.
    pub condition: Expr,
    /// How many rows before one are near.
    pub before: Expr,
    /// How many rows after one are near.
    pub after: Expr,
}

/// `ipv4_lookup` and `ipv6_lookup`.
#[derive(Clone, Debug)]
pub struct AddressLookup {
    /// The kind of addresses.
    pub family: Family,
    /// The rows with addresses.
    pub left: NodeId,
    /// The rows with ranges.
    pub right: NodeId,
    /// The address.
    pub address: usize,
    /// The range, as `1.2.3.0/24` or `fe80::/10`.
    pub range: usize,
    /// Further pairs of columns that must be equal.
    pub keys: Vec<(usize, usize)>,
    /// Whether rows without a range are kept.
    pub keep_unmatched: bool,
    /// The columns that it gives.
    pub columns: Vec<JoinColumn>,
}

/// `externaldata`: the rows of files that were given by name.
#[derive(Clone, Debug)]
pub struct External {
    /// The files, each with its format.
    pub(crate) files: Vec<(NamedFile, FileFormat)>,
    /// Whether the first record of each file is a heading.
    pub(crate) skip_first: bool,
    /// For each column, where its values come from.
    pub(crate) fields: Vec<ExternalField>,
}

/// How a file holds records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileFormat {
    /// Lines of fields with this character between them, quoted as RFC 4180 says.
    Quoted(u8),
    /// Lines of fields with tabs between them, nothing quoted.
    Tabs,
    /// Each line is a value.
    Lines,
    /// The whole is one value.
    Raw,
    /// Each line is a JSON object.
    Json,
    /// JSON objects one after the other, or in an array.
    MultiJson,
}

/// Where the values of a column come from.
#[derive(Clone, Debug)]
pub(crate) enum ExternalField {
    /// The field at a position.
    Position(usize),
    /// What stands in a JSON object behind some steps.
    Path(Vec<Step>),
    /// The same value in every row.
    Constant(Value),
}
