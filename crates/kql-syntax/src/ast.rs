//! The meaning-free shape of a query: what the lossless tree says, without blanks, comments and punctuation.
//!
//! Built from the tree by [`crate::Parse::document`]. Where the text has an error the shape has
//! [`ExprKind::Error`] or [`OperatorKind::Error`] and the parse has a diagnostic, so that everything else in
//! the query can still be resolved. Chains (`a and b and c`, `a | b | c`, `a.b.c`) are flat in the tree and nest
//! here no deeper than the text's own parentheses do, except that left-associative arithmetic nests to the left.

use crate::Span;
use std::sync::Arc;

/// A name as written, brackets and quotes of `['…']` taken off.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The name itself.
    pub text: Arc<str>,
    /// Where it stands, with brackets and quotes.
    pub span: Span,
}

/// A whole query text.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The statements in order.
    pub statements: Vec<Statement>,
}

/// One statement; they are separated by `;`.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// The statement without its semicolon.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// `let Name = value`.
    Let {
        /// The bound name.
        name: Name,
        /// A scalar, a tabular expression, or a function ([`ExprKind::Function`]).
        value: Expr,
    },
    /// An expression, tabular or (inside a function's body) scalar.
    Query(Expr),
    /// `set option [= value]`: accepted, changes nothing here.
    Set {
        /// The option.
        name: Name,
        /// Its value.
        value: Option<Expr>,
    },
    /// `declare query_parameters (name: type = default, …)`.
    QueryParameters(Vec<Parameter>),
    /// `declare pattern Name = (args)[path] { ("a") = { body }; … }`.
    Pattern {
        /// The pattern's name.
        name: Name,
        /// Its parameters.
        parameters: Vec<Parameter>,
        /// The parameter in brackets, whose value is given by `.Name` or `.['name']`.
        path: Option<Parameter>,
        /// The cases.
        cases: Vec<PatternCase>,
    },
    /// A statement of KQL that is recognised by its keyword but has no shape here (`alias`, `restrict`…).
    Unsupported(Name),
}

/// One case of a `declare pattern`.
#[derive(Clone, Debug)]
pub struct PatternCase {
    /// The argument values that it stands for.
    pub arguments: Vec<Expr>,
    /// The value of the path, `.[ 'x' ]`.
    pub path: Option<Expr>,
    /// The body.
    pub body: Block,
}

/// The statements between braces; the last is the result.
#[derive(Clone, Debug)]
pub struct Block {
    /// `let`s, then one query.
    pub statements: Vec<Statement>,
    /// The braces and what is between them.
    pub span: Span,
}

/// An expression, scalar or tabular.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Something that could not be parsed; a diagnostic says why.
    Error,
    /// A column, a `let` name, a table.
    Name(Name),
    /// A table name with `*` in it, as a leg of `union`, `search in` or `find in`.
    Wildcard(Name),
    /// `*`, where that is allowed: `arg_max(x, *)`, `count(*)`, `search *`.
    Star,
    /// A literal value.
    Literal(Literal),
    /// `-x`, `+x`.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// What it applies to.
        operand: Box<Expr>,
    },
    /// `a and b and c`: two or more operands.
    And(Vec<Expr>),
    /// `a or b or c`: two or more operands.
    Or(Vec<Expr>),
    /// Arithmetic, comparison, and the string operators with one right side.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// `x in (…)`, `x has_any (…)` and their kin.
    In {
        /// The operator.
        op: InOp,
        /// Where the operator stands.
        op_span: Span,
        /// The left side; [`ExprKind::Star`] for `* has_any (…)`.
        left: Box<Expr>,
        /// What stands between the parentheses: values, or one array, list name or tabular expression.
        list: Vec<Expr>,
        /// The parentheses and what is between them.
        list_span: Span,
    },
    /// `x between (low .. high)`.
    Between {
        /// Whether it is `!between`.
        negated: bool,
        /// Where the operator stands.
        op_span: Span,
        /// The value.
        value: Box<Expr>,
        /// The lower bound, included.
        low: Box<Expr>,
        /// The upper bound, included.
        high: Box<Expr>,
    },
    /// `name(arguments)`. Arguments may be tabular: `toscalar(T | count)`.
    Call {
        /// The function.
        name: Name,
        /// Its arguments.
        arguments: Vec<Argument>,
    },
    /// `base.member` or `base.['member']`.
    Member {
        /// What is looked into.
        base: Box<Expr>,
        /// The property.
        member: Name,
    },
    /// `base.name(arguments)`, as in `database("Logs").Table` after `cluster("…")`.
    MemberCall {
        /// What is looked into.
        base: Box<Expr>,
        /// The function.
        name: Name,
        /// Its arguments.
        arguments: Vec<Argument>,
    },
    /// `base[index]`.
    Index {
        /// What is looked into.
        base: Box<Expr>,
        /// The position or the property.
        index: Box<Expr>,
    },
    /// `(x)`.
    Paren(Box<Expr>),
    /// `typeof(type)`: one column with the type as its name and no type of its own; `typeof(Name: type, …)`: the
    /// columns.
    TypeOf(Vec<ColumnDecl>),
    /// `source | operator | operator`. Without a source the first operator makes rows itself: `union`, `print`,
    /// `range`, `search`, `find`, `evaluate`. A lone table name without pipes is no pipeline but a name.
    Pipeline {
        /// The rows that flow into the first operator.
        source: Option<Box<Expr>>,
        /// The operators in order.
        operators: Vec<Operator>,
    },
    /// `datatable (Name: type, …) [value, …]`.
    DataTable {
        /// The columns.
        columns: Vec<ColumnDecl>,
        /// The cells, row after row.
        values: Vec<Expr>,
    },
    /// `externaldata (Name: type, …) [uri, …] with (property = value, …)`.
    ExternalData {
        /// The columns.
        columns: Vec<ColumnDecl>,
        /// The addresses, which are never fetched.
        uris: Vec<Expr>,
        /// The `with` properties.
        properties: Vec<Property>,
    },
    /// `(parameters) { body }`, with or without `view`; only as the value of a `let`.
    Function {
        /// The parameters.
        parameters: Vec<Parameter>,
        /// The body.
        body: Block,
        /// Whether `view` stands before it: `union`, `search` and `find` find it by a pattern.
        view: bool,
    },
}

/// A literal: its type by its form, and its text.
#[derive(Clone, Debug)]
pub struct Literal {
    /// The type.
    pub kind: LiteralKind,
    /// The value as text. For strings the text itself: escapes resolved, adjacent pieces joined, a multi-line
    /// literal without its fences. For `kind(…)` forms what stands between the parentheses, trimmed. For the
    /// rest the text as written.
    pub text: Arc<str>,
}

/// The forms of literals.
#[derive(Clone, Debug)]
pub enum LiteralKind {
    /// `true`, `false`, `bool(…)`.
    Bool,
    /// `int(…)`.
    Int,
    /// `42`, `0x2a`, `long(…)`.
    Long,
    /// `1.5`, `1e3`, `real(…)`, `double(…)`.
    Real,
    /// `decimal(…)`.
    Decimal,
    /// A string; obfuscated ones (`h"…"`) mean the same.
    String,
    /// `datetime(…)`.
    DateTime,
    /// `1d`, `timespan(…)`, `time(…)`.
    TimeSpan,
    /// `guid(…)`.
    Guid,
    /// `dynamic(…)` with its value.
    Dynamic(DynamicExpr),
}

/// The value inside `dynamic(…)`.
#[derive(Clone, Debug)]
pub struct DynamicExpr {
    /// What it is.
    pub kind: DynamicKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of values inside `dynamic(…)`.
#[derive(Clone, Debug)]
pub enum DynamicKind {
    /// `null`, or nothing between the parentheses.
    Null,
    /// A scalar literal; numbers may have a sign, which is part of the text.
    Scalar(Box<Literal>),
    /// `[…]`.
    Array(Vec<DynamicExpr>),
    /// `{…}`, in the order written.
    Bag(Vec<(Name, DynamicExpr)>),
}

/// `-`, `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Minus,
    Plus,
}

/// Operators with one right side. `Not…` is the form with `!`, `…Cs` the case-sensitive form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    EqualTilde,
    NotEqualTilde,
    Has,
    NotHas,
    HasCs,
    NotHasCs,
    HasPrefix,
    NotHasPrefix,
    HasPrefixCs,
    NotHasPrefixCs,
    HasSuffix,
    NotHasSuffix,
    HasSuffixCs,
    NotHasSuffixCs,
    Contains,
    NotContains,
    ContainsCs,
    NotContainsCs,
    StartsWith,
    NotStartsWith,
    StartsWithCs,
    NotStartsWithCs,
    EndsWith,
    NotEndsWith,
    EndsWithCs,
    NotEndsWithCs,
    MatchesRegex,
    /// `like`, which the documentation no longer tells of.
    Like,
    NotLike,
    LikeCs,
    NotLikeCs,
    /// `column : term` in `search`.
    SearchHas,
}

/// Operators with a list on the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum InOp {
    In,
    NotIn,
    InTilde,
    NotInTilde,
    HasAny,
    HasAll,
}

/// One argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// `name = value`.
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// `expr`, `Name = expr` or `(A, B) = expr`.
#[derive(Clone, Debug)]
pub struct NamedExpr {
    /// The given names; none when the expression stands alone.
    pub names: Vec<Name>,
    /// The expression.
    pub expr: Expr,
    /// The whole.
    pub span: Span,
}

/// `Name: type`, or `Name` alone where the type may be left out.
#[derive(Clone, Debug)]
pub struct ColumnDecl {
    /// The column.
    pub name: Name,
    /// The type's name as written.
    pub ty: Option<Name>,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The parameter.
    pub name: Name,
    /// What it takes.
    pub ty: ParameterType,
    /// The value that it has when no argument is given.
    pub default: Option<Expr>,
}

/// What a parameter takes.
#[derive(Clone, Debug)]
pub enum ParameterType {
    /// A scalar of the named type.
    Scalar(Name),
    /// A table with at least these columns; `(*)` is any table.
    Tabular {
        /// The columns that it must have.
        columns: Vec<ColumnDecl>,
        /// Where the type stands.
        span: Span,
    },
}

/// `name = value` after an operator's keyword (`kind=inner`, `hint.strategy=shuffle`) or in `with (…)`.
#[derive(Clone, Debug)]
pub struct Property {
    /// The name, dots included.
    pub name: Name,
    /// The value; a bare word such as `inner` is [`ExprKind::Name`].
    pub value: Expr,
}

/// One operator of a pipeline.
#[derive(Clone, Debug)]
pub struct Operator {
    /// What it does.
    pub kind: OperatorKind,
    /// The keyword, for messages.
    pub keyword: Name,
    /// `name = value` pairs right after the keyword.
    pub properties: Vec<Property>,
    /// The operator from its keyword on, without the pipe.
    pub span: Span,
}

/// A column name in `project-away` and its kin, which may hold `*`.
#[derive(Clone, Debug)]
pub struct ColumnPattern {
    /// The name or pattern.
    pub name: Name,
    /// Whether `*` in it stands for any run of characters.
    pub wildcard: bool,
}

/// The direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum Direction {
    Asc,
    Desc,
}

/// Where nulls go in a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum Nulls {
    First,
    Last,
}

/// One key of a sort.
#[derive(Clone, Debug)]
pub struct OrderBy {
    /// The key, possibly named.
    pub key: NamedExpr,
    /// `asc` or `desc`, if written.
    pub direction: Option<Direction>,
    /// `nulls first` or `nulls last`, if written.
    pub nulls: Option<Nulls>,
}

/// One item of `project-reorder`.
#[derive(Clone, Debug)]
pub struct ReorderItem {
    /// The columns.
    pub pattern: ColumnPattern,
    /// How the columns of a wildcard are ordered.
    pub order: Option<ReorderOrder>,
}

/// How the columns of a wildcard are ordered by `project-reorder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum ReorderOrder {
    Asc,
    Desc,
    GrannyAsc,
    GrannyDesc,
}

/// One column of `mv-expand` or `mv-apply`.
#[derive(Clone, Debug)]
pub struct MvItem {
    /// The column or expression.
    pub expr: NamedExpr,
    /// `to typeof(type)`.
    pub to_type: Option<Name>,
}

/// One part of a `parse` pattern.
#[derive(Clone, Debug)]
pub enum ParsePart {
    /// `*`.
    Star(Span),
    /// A string that must occur.
    Text(Expr),
    /// A column that takes what stands there.
    Column(ColumnDecl),
}

/// One level of `top-nested`.
#[derive(Clone, Debug)]
pub struct TopNestedLevel {
    /// How many values; all when absent.
    pub count: Option<Expr>,
    /// The value.
    pub of: NamedExpr,
    /// `with others = value`.
    pub others: Option<Expr>,
    /// The aggregate.
    pub by: NamedExpr,
    /// The direction, if written.
    pub direction: Option<Direction>,
}

/// One aggregate of `make-series`.
#[derive(Clone, Debug)]
pub struct SeriesAggregate {
    /// The aggregate.
    pub expr: NamedExpr,
    /// `default = value`.
    pub default: Option<Expr>,
}

/// One step of `scan`.
#[derive(Clone, Debug)]
pub struct ScanStep {
    /// The step's name.
    pub name: Name,
    /// Whether it is `optional`.
    pub optional: bool,
    /// `output = all | last | none`.
    pub output: Option<Name>,
    /// The condition.
    pub condition: Expr,
    /// What it assigns.
    pub assignments: Vec<NamedExpr>,
}

/// The kinds of operators.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the operators and their parts have Kusto's names")]
pub enum OperatorKind {
    /// Could not be parsed; a diagnostic says why.
    Error,
    /// `where` or `filter`.
    Where(Expr),
    Extend(Vec<NamedExpr>),
    Project(Vec<NamedExpr>),
    ProjectAway(Vec<ColumnPattern>),
    ProjectKeep(Vec<ColumnPattern>),
    ProjectRename(Vec<NamedExpr>),
    ProjectReorder(Vec<ReorderItem>),
    /// `sort by` or `order by`.
    Sort(Vec<OrderBy>),
    Top {
        count: Expr,
        by: Vec<OrderBy>,
    },
    /// `take` or `limit`.
    Take(Expr),
    /// `count`; `count as Name` has the name as the property `as`.
    Count,
    /// `distinct *` has one [`ExprKind::Star`].
    Distinct(Vec<NamedExpr>),
    Summarize {
        aggregates: Vec<NamedExpr>,
        by: Vec<NamedExpr>,
    },
    /// The legs that are written; when it is not first, the input is a leg too.
    Union(Vec<Expr>),
    Join {
        right: Expr,
        on: Vec<Expr>,
    },
    Lookup {
        right: Expr,
        on: Vec<Expr>,
    },
    Print(Vec<NamedExpr>),
    Range {
        name: Name,
        from: Expr,
        to: Expr,
        step: Expr,
    },
    MvExpand {
        items: Vec<MvItem>,
        limit: Option<Expr>,
    },
    MvApply {
        items: Vec<MvItem>,
        limit: Option<Expr>,
        body: Vec<Operator>,
    },
    Parse {
        filter: bool,
        expr: Expr,
        pattern: Vec<ParsePart>,
    },
    ParseKv {
        expr: Expr,
        keys: Vec<ColumnDecl>,
        with: Vec<Property>,
    },
    /// `search [in (tables)] predicate`.
    Search {
        tables: Vec<Expr>,
        predicate: Expr,
    },
    /// `find [in (tables)] where predicate [project Name: type, …, pack(*)]`.
    Find {
        tables: Vec<Expr>,
        predicate: Expr,
        /// What `project` asks for; the columns are chosen by what there is without it.
        project: Option<FindColumns>,
    },
    Serialize(Vec<NamedExpr>),
    TopNested(Vec<TopNestedLevel>),
    TopHitters {
        count: Expr,
        of: Expr,
        by: Option<Expr>,
    },
    Sample(Expr),
    SampleDistinct {
        count: Expr,
        of: Expr,
    },
    MakeSeries {
        aggregates: Vec<SeriesAggregate>,
        on: NamedExpr,
        from: Option<Expr>,
        to: Option<Expr>,
        step: Option<Expr>,
        by: Vec<NamedExpr>,
    },
    Render {
        chart: Name,
        with: Vec<Property>,
    },
    /// `evaluate plugin(arguments) [: (schema)]`.
    Evaluate {
        call: Expr,
        schema: Option<Vec<ColumnDecl>>,
    },
    Invoke(Expr),
    As(Name),
    Consume,
    GetSchema,
    /// `partition by Column ( operators )` or `{ query }`.
    Partition {
        by: Expr,
        body: PartitionBody,
    },
    Scan {
        order: Vec<OrderBy>,
        partition: Vec<Expr>,
        declare: Vec<Parameter>,
        steps: Vec<ScanStep>,
        with_match_id: Option<Name>,
    },
    /// An operator of KQL that is recognised by its keyword but has no shape here; its text was skipped.
    Unsupported,
}

/// What `find … project` gives.
#[derive(Clone, Debug)]
pub struct FindColumns {
    /// The columns, each with the type that it is turned into, if one is written.
    pub columns: Vec<ColumnDecl>,
    /// The `pack(*)` or `pack_all()` among them.
    pub pack: Option<Span>,
}

/// What `partition` runs on each part.
#[derive(Clone, Debug)]
pub enum PartitionBody {
    /// `( operators )`: the part flows in.
    Operators(Vec<Operator>),
    /// `{ query }`: a query of its own.
    Query(Box<Expr>),
}
