//! The operators of Kusto that run here, with how they are written and what they are for.
//!
//! Each has an example; a test runs every one, so that nothing is offered that does not run.

/// Where an operator stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperatorPlace {
    /// After a pipe.
    Pipe,
    /// At the start of a query.
    Start,
    /// Between or before values.
    Scalar,
    /// Where rows stand, and around the rows of a `let`.
    Rows,
    /// Where a value stands, around a query.
    Value,
}

/// An operator that runs here.
#[derive(Clone, Copy, Debug)]
pub struct OperatorFact {
    /// The word or sign.
    pub name: &'static str,
    /// Where it stands.
    pub place: OperatorPlace,
    /// How it is written.
    pub syntax: &'static str,
    /// What it is for, in a sentence.
    pub description: &'static str,
    /// A query that uses it, over tables that are always known.
    pub example: &'static str,
}

const fn pipe(
    name: &'static str,
    syntax: &'static str,
    description: &'static str,
    example: &'static str,
) -> OperatorFact {
    OperatorFact { name, place: OperatorPlace::Pipe, syntax, description, example }
}

const fn start(
    name: &'static str,
    syntax: &'static str,
    description: &'static str,
    example: &'static str,
) -> OperatorFact {
    OperatorFact { name, place: OperatorPlace::Start, syntax, description, example }
}

const fn scalar(
    name: &'static str,
    syntax: &'static str,
    description: &'static str,
    example: &'static str,
) -> OperatorFact {
    OperatorFact { name, place: OperatorPlace::Scalar, syntax, description, example }
}

/// Every operator that runs here: after a pipe, at the start, and between values.
#[must_use]
pub fn operators() -> &'static [OperatorFact] {
    OPERATORS
}

static OPERATORS: &[OperatorFact] = &[
    pipe(
        "where",
        "where Condition",
        "Keeps the rows for which the condition is true.",
        "DeviceProcessEvents | where FileName =~ 'git.exe'",
    ),
    pipe("filter", "filter Condition", "The same as where.", "DeviceProcessEvents | filter FileName =~ 'git.exe'"),
    pipe(
        "extend",
        "extend Name = Expression, …",
        "Adds columns, or replaces those of the same name.",
        "DeviceProcessEvents | extend Length = strlen(ProcessCommandLine)",
    ),
    pipe(
        "project",
        "project Name = Expression, …",
        "Keeps only these columns, in this order.",
        "DeviceProcessEvents | project Timestamp, DeviceName",
    ),
    pipe(
        "project-away",
        "project-away Column, Pattern*, …",
        "Leaves columns out.",
        "DeviceProcessEvents | project-away Initiating*",
    ),
    pipe(
        "project-keep",
        "project-keep Column, Pattern*, …",
        "Keeps columns in their present order.",
        "DeviceProcessEvents | project-keep Device*, FileName",
    ),
    pipe(
        "project-rename",
        "project-rename NewName = Column, …",
        "Renames columns.",
        "DeviceProcessEvents | project-rename Host = DeviceName",
    ),
    pipe(
        "project-reorder",
        "project-reorder Column, Pattern* asc, …",
        "Puts columns first.",
        "DeviceProcessEvents | project-reorder DeviceName, File* asc",
    ),
    pipe(
        "sort",
        "sort by Column desc nulls last, …",
        "Sorts the rows; descending unless asc is written.",
        "DeviceProcessEvents | sort by Timestamp asc",
    ),
    pipe("order", "order by Column desc, …", "The same as sort.", "DeviceProcessEvents | order by Timestamp"),
    pipe(
        "top",
        "top Number by Column desc",
        "The first rows of a sort.",
        "DeviceNetworkEvents | top 10 by BytesSent desc",
    ),
    pipe("take", "take Number", "Some rows, up to a number.", "DeviceProcessEvents | take 10"),
    pipe("limit", "limit Number", "The same as take.", "DeviceProcessEvents | limit 10"),
    pipe("count", "count", "The number of rows.", "DeviceProcessEvents | count"),
    pipe(
        "distinct",
        "distinct Column, …",
        "Each combination of values once.",
        "DeviceProcessEvents | distinct DeviceName, FileName",
    ),
    pipe(
        "summarize",
        "summarize Name = Aggregate(…), … by Key, …",
        "One row for each group, with aggregates over its rows.",
        "DeviceNetworkEvents | summarize Sent = sum(BytesSent) by DeviceName, bin(Timestamp, 1h)",
    ),
    pipe(
        "union",
        "union Table, (Query), …",
        "Adds the rows of other tables or queries.",
        "DeviceProcessEvents | union DeviceNetworkEvents",
    ),
    pipe(
        "serialize",
        "serialize Name = Expression, …",
        "Fixes the order of the rows, and may add columns.",
        "DeviceProcessEvents | serialize",
    ),
    pipe(
        "as",
        "as Name",
        "Gives the rows so far a name, for the rest of the pipeline.",
        "DeviceProcessEvents | as P | union P",
    ),
    pipe("consume", "consume", "Runs the query and gives no rows.", "DeviceProcessEvents | consume"),
    pipe("getschema", "getschema", "The columns and their types, as rows.", "DeviceProcessEvents | getschema"),
    pipe(
        "join",
        "join kind=inner (Right) on Column, $left.A == $right.B",
        "Rows of both sides whose columns are equal; innerunique unless a kind is written.",
        "DeviceProcessEvents | join kind=inner (DeviceNetworkEvents) on DeviceName",
    ),
    pipe(
        "lookup",
        "lookup (Right) on Column",
        "Adds the columns of a table of facts.",
        "DeviceProcessEvents | lookup (DeviceInfo | project DeviceId, OSPlatform) on DeviceId",
    ),
    pipe(
        "mv-expand",
        "mv-expand Name = Array to typeof(type)",
        "A row for each element of an array or property of a bag.",
        "print Tags = dynamic(['a', 'b']) | mv-expand Tags",
    ),
    pipe(
        "mv-apply",
        "mv-apply Name = Array on ( query )",
        "A query over the elements of each row's array.",
        "print Sizes = dynamic([3, 5]) | mv-apply Size = Sizes to typeof(long) on ( top 1 by Size )",
    ),
    pipe(
        "parse",
        "parse Text with * 'literal' Column: type *",
        "Takes columns out of text by a pattern.",
        "print T = 'size=5 bytes' | parse T with * 'size=' Size: long ' ' *",
    ),
    pipe(
        "parse-where",
        "parse-where Text with * 'literal' Column: type *",
        "As parse; rows that do not fit are left out.",
        "print T = 'size=5 bytes' | parse-where T with * 'size=' Size: long ' ' *",
    ),
    pipe(
        "parse-kv",
        "parse-kv Text as (Key: type, …) with (pair_delimiter=',', kv_delimiter='=')",
        "Takes key and value pairs out of text.",
        "print T = 'a=1,b=2' | parse-kv T as (a: long, b: long) with (pair_delimiter=',', kv_delimiter='=')",
    ),
    pipe(
        "make-series",
        "make-series Name = Aggregate(…) on Time from Start to End step Size by Key",
        "Arrays of aggregates over evenly spaced points.",
        "DeviceNetworkEvents | make-series Sent = sum(BytesSent) on Timestamp from datetime(2025-06-01) to datetime(2025-06-02) step 1h by DeviceName",
    ),
    pipe(
        "top-nested",
        "top-nested Number of Column by Aggregate(…), …",
        "The largest values, and within each the largest of the next level.",
        "DeviceProcessEvents | top-nested 3 of DeviceName by count(), top-nested 2 of FileName by count()",
    ),
    pipe(
        "top-hitters",
        "top-hitters Number of Column by Number",
        "The values with the largest sums or the most rows.",
        "DeviceNetworkEvents | top-hitters 3 of DeviceName by BytesSent",
    ),
    pipe("sample", "sample Number", "Rows spread over the input.", "DeviceProcessEvents | sample 10"),
    pipe(
        "sample-distinct",
        "sample-distinct Number of Column",
        "Some different values.",
        "DeviceProcessEvents | sample-distinct 10 of DeviceName",
    ),
    pipe(
        "partition",
        "partition by Column ( query )",
        "A query for each value of a column; in braces, a query with rows of its own that knows the value.",
        "DeviceProcessEvents | partition by DeviceName ( top 1 by Timestamp )",
    ),
    pipe(
        "scan",
        "scan declare (Name: type = default) with ( step Name: Condition => Column = Value; )",
        "Follows sequences of rows from step to step.",
        "DeviceProcessEvents | sort by Timestamp asc | scan declare (Rows: long = 0) with ( step s: true => Rows = s.Rows + 1; )",
    ),
    pipe("search", "search 'term'", "Rows that have a term in any column.", "DeviceProcessEvents | search 'git'"),
    pipe(
        "evaluate",
        "evaluate bag_unpack(Bag)",
        "A plugin: bag_unpack, pivot, narrow, rows_near, ipv4_lookup or ipv6_lookup.",
        "print Bag = dynamic({'a': 1}) | evaluate bag_unpack(Bag)",
    ),
    pipe(
        "invoke",
        "invoke Function(…)",
        "Calls a function of the query on the rows so far.",
        "let f = (T: (FileName: string)) { T | take 1 }; DeviceProcessEvents | invoke f()",
    ),
    pipe(
        "render",
        "render Chart with (property = value)",
        "Says how the result is to be drawn.",
        "DeviceProcessEvents | summarize count() by bin(Timestamp, 1h) | render timechart",
    ),
    start(
        "union",
        "union kind=outer withsource=Name Table, (Query), Pattern*",
        "The rows of several tables or queries.",
        "union DeviceProcessEvents, DeviceNetworkEvents",
    ),
    start("print", "print Name = Expression, …", "One row of values.", "print Answer = 42"),
    start(
        "range",
        "range Name from Start to End step Step",
        "A column of evenly spaced values.",
        "range x from 1 to 10 step 3",
    ),
    start(
        "datatable",
        "datatable (Name: type, …) [value, …]",
        "A table written in the query.",
        "datatable (Name: string, Size: long) ['a', 1, 'b', 2]",
    ),
    start(
        "externaldata",
        "externaldata (Name: type, …) ['address/file.csv'] with (format='csv', ignoreFirstRecord=true)",
        "The rows of a file that was loaded under the name that the address ends with; nothing is fetched.",
        "externaldata (Address: string) ['https://host.example/addresses.txt'] with (format='txt')",
    ),
    OperatorFact {
        name: "table",
        place: OperatorPlace::Rows,
        syntax: "table('Name')",
        description: "A table by its name as text.",
        example: "table('DeviceProcessEvents') | count",
    },
    OperatorFact {
        name: "materialize",
        place: OperatorPlace::Rows,
        syntax: "materialize(Query)",
        description: "The rows of a query, worked out once for all places that use them.",
        example: "let Pushes = materialize(DeviceProcessEvents | where ProcessCommandLine has 'push'); Pushes | count",
    },
    OperatorFact {
        name: "toscalar",
        place: OperatorPlace::Value,
        syntax: "toscalar(Query)",
        description: "The first value of a query's first row.",
        example: "let Busiest = toscalar(DeviceProcessEvents | summarize count() by DeviceName | top 1 by count_); DeviceProcessEvents | where DeviceName == Busiest",
    },
    start(
        "search",
        "search in (Table, …) 'term'",
        "Rows of tables that have a term in any column.",
        "search in (DeviceProcessEvents, DeviceNetworkEvents) 'git'",
    ),
    start(
        "find",
        "find in (Table, …) where Condition project Column: type, …",
        "Rows of tables that a condition is true of; what not all tables have is packed.",
        "find in (DeviceProcessEvents, DeviceNetworkEvents) where DeviceName =~ 'pc-1'",
    ),
    start(
        "let",
        "let Name = Expression;",
        "Names a value, a list, rows or a function.",
        "let Limit = 10; DeviceProcessEvents | take Limit",
    ),
    scalar("==", "a == b", "Equal; text with the same case.", "print 1 == 1"),
    scalar("!=", "a != b", "Not equal; text with the same case.", "print 1 != 2"),
    scalar("=~", "text =~ text", "Equal in any case.", "print 'a' =~ 'A'"),
    scalar("!~", "text !~ text", "Not equal in any case.", "print 'a' !~ 'b'"),
    scalar(
        "has",
        "text has term",
        "The text has the literal as whole terms, in any case. Terms are runs of letters and digits.",
        "print 'a-b' has 'a'",
    ),
    scalar("!has", "text !has term", "The text does not have the literal as whole terms.", "print 'a-b' !has 'c'"),
    scalar("has_cs", "text has_cs term", "As has, with the same case.", "print 'a' has_cs 'A'"),
    scalar("!has_cs", "text !has_cs term", "As !has, with the same case.", "print 'a' !has_cs 'A'"),
    scalar(
        "has_any",
        "text has_any (term, …)",
        "The text has at least one of the literals as whole terms.",
        "print 'a b' has_any ('a', 'c')",
    ),
    scalar(
        "has_all",
        "text has_all (term, …)",
        "The text has each of the literals as whole terms.",
        "print 'a b' has_all ('a', 'b')",
    ),
    scalar(
        "hasprefix",
        "text hasprefix start",
        "A term of the text starts with the literal.",
        "print 'abc' hasprefix 'ab'",
    ),
    scalar(
        "!hasprefix",
        "text !hasprefix start",
        "No term of the text starts with the literal.",
        "print 'abc' !hasprefix 'b'",
    ),
    scalar(
        "hasprefix_cs",
        "text hasprefix_cs start",
        "As hasprefix, with the same case.",
        "print 'abc' hasprefix_cs 'ab'",
    ),
    scalar(
        "!hasprefix_cs",
        "text !hasprefix_cs start",
        "As !hasprefix, with the same case.",
        "print 'abc' !hasprefix_cs 'b'",
    ),
    scalar(
        "hassuffix",
        "text hassuffix end",
        "A term of the text ends with the literal.",
        "print 'abc' hassuffix 'bc'",
    ),
    scalar(
        "!hassuffix",
        "text !hassuffix end",
        "No term of the text ends with the literal.",
        "print 'abc' !hassuffix 'b'",
    ),
    scalar(
        "hassuffix_cs",
        "text hassuffix_cs end",
        "As hassuffix, with the same case.",
        "print 'abc' hassuffix_cs 'bc'",
    ),
    scalar(
        "!hassuffix_cs",
        "text !hassuffix_cs end",
        "As !hassuffix, with the same case.",
        "print 'abc' !hassuffix_cs 'b'",
    ),
    scalar(
        "contains",
        "text contains part",
        "The literal stands anywhere in the text, in any case.",
        "print 'abc' contains 'B'",
    ),
    scalar("!contains", "text !contains part", "The literal stands nowhere in the text.", "print 'abc' !contains 'x'"),
    scalar("contains_cs", "text contains_cs part", "As contains, with the same case.", "print 'abc' contains_cs 'b'"),
    scalar(
        "!contains_cs",
        "text !contains_cs part",
        "As !contains, with the same case.",
        "print 'abc' !contains_cs 'B'",
    ),
    scalar(
        "startswith",
        "text startswith start",
        "The text starts with the literal, in any case.",
        "print 'abc' startswith 'A'",
    ),
    scalar(
        "!startswith",
        "text !startswith start",
        "The text does not start with the literal.",
        "print 'abc' !startswith 'b'",
    ),
    scalar(
        "startswith_cs",
        "text startswith_cs start",
        "As startswith, with the same case.",
        "print 'abc' startswith_cs 'a'",
    ),
    scalar(
        "!startswith_cs",
        "text !startswith_cs start",
        "As !startswith, with the same case.",
        "print 'abc' !startswith_cs 'b'",
    ),
    scalar("endswith", "text endswith end", "The text ends with the literal, in any case.", "print 'abc' endswith 'C'"),
    scalar("!endswith", "text !endswith end", "The text does not end with the literal.", "print 'abc' !endswith 'b'"),
    scalar("endswith_cs", "text endswith_cs end", "As endswith, with the same case.", "print 'abc' endswith_cs 'c'"),
    scalar(
        "!endswith_cs",
        "text !endswith_cs end",
        "As !endswith, with the same case.",
        "print 'abc' !endswith_cs 'b'",
    ),
    scalar(
        "matches regex",
        "text matches regex pattern",
        "The regular expression (RE2) matches somewhere in the text.",
        "print 'abc' matches regex 'b.$'",
    ),
    scalar(
        "in",
        "value in (value, …)",
        "Equal to one of the values, or to one in the first column of a query.",
        "print 1 in (1, 2)",
    ),
    scalar("!in", "value !in (value, …)", "Equal to none of the values.", "print 1 !in (2, 3)"),
    scalar("in~", "text in~ (text, …)", "Equal to one of the texts, in any case.", "print 'a' in~ ('A')"),
    scalar("!in~", "text !in~ (text, …)", "Equal to none of the texts, in any case.", "print 'a' !in~ ('B')"),
    scalar(
        "between",
        "value between (low .. high)",
        "From low to high, both included; after a datetime, high may be a timespan.",
        "print 5 between (1 .. 9)",
    ),
    scalar("!between", "value !between (low .. high)", "Below low or above high.", "print 5 !between (6 .. 9)"),
    scalar("and", "a and b", "True when both are.", "print true and false"),
    scalar("or", "a or b", "True when one is.", "print true or false"),
    scalar("<", "a < b", "Less.", "print 1 < 2"),
    scalar("<=", "a <= b", "Less or equal.", "print 1 <= 2"),
    scalar(">", "a > b", "Greater.", "print 1 > 2"),
    scalar(">=", "a >= b", "Greater or equal.", "print 1 >= 2"),
    scalar("+", "a + b", "Sum; of a datetime and a timespan, the later datetime.", "print 1 + 2"),
    scalar("-", "a - b", "Difference; of two datetimes, the timespan between them.", "print 2 - 1"),
    scalar("*", "a * b", "Product.", "print 2 * 3"),
    scalar("/", "a / b", "Quotient; of whole numbers, a whole number.", "print 7 / 2"),
    scalar("%", "a % b", "Remainder; never negative.", "print 7 % 2"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::{DateTime, TableSet};

    #[test]
    fn every_operator_that_is_offered_runs() {
        let mut tables = TableSet::new();
        tables.set_file(event_table::NamedFile::new("addresses.txt", &b"192.0.2.1\n"[..]));
        for fact in operators() {
            let parsed = kql_syntax::parse(fact.example);
            assert_eq!(parsed.diagnostics(), [], "{}", fact.example);
            let resolved = crate::resolve::resolve(&parsed.document(), &tables, DateTime::MIN);
            assert_eq!(resolved.diagnostics, [], "{}", fact.example);
            let plan = resolved.plan.unwrap();
            assert!(crate::run::Runner::new().run_now(&plan, &tables, DateTime::MIN).is_ok(), "{}", fact.example);
            assert!(fact.example.contains(fact.name), "{}", fact.name);
        }
    }
}
