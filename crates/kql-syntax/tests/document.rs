//! The shape that a query gets: every part of every statement and operator lands where `ast` says.

use kql_syntax::ast::*;
use kql_syntax::parse;

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn option<T>(label: &str, item: Option<&T>, show: impl Fn(&T) -> String) -> String {
    item.map_or(String::new(), |item| format!(" {label}:{}", show(item)))
}

fn name(name: &Name) -> String {
    format!("`{}`", name.text)
}

fn document(text: &str) -> String {
    let parsed = parse(text);
    parsed.document().statements.iter().map(statement).collect::<Vec<_>>().join("; ")
}

fn statement(statement: &Statement) -> String {
    match &statement.kind {
        StatementKind::Let { name: n, value } => format!("let {} = {}", name(n), expr(value)),
        StatementKind::Query(query) => expr(query),
        StatementKind::Set { name: n, value } => format!("set {}{}", name(n), option("to", value.as_ref(), expr)),
        StatementKind::QueryParameters(parameters) => format!("parameters({})", list(parameters, parameter)),
        StatementKind::Pattern { name: n, parameters, path, cases } => {
            let case = |case: &PatternCase| {
                let path = option("path", case.path.as_ref(), expr);
                format!("({}){path} => {}", list(&case.arguments, expr), block(&case.body))
            };
            let path = option("path", path.as_ref(), parameter);
            format!("pattern {}({}){path} {}", name(n), list(parameters, parameter), list(cases, case))
        }
        StatementKind::Unsupported(n) => format!("unsupported {}", name(n)),
    }
}

fn block(block: &Block) -> String {
    format!("{{{}}}", block.statements.iter().map(statement).collect::<Vec<_>>().join("; "))
}

fn parameter(parameter: &Parameter) -> String {
    let ty = match &parameter.ty {
        ParameterType::Scalar(ty) => ty.text.to_string(),
        ParameterType::Tabular { columns, .. } => format!("({})", list(columns, column)),
    };
    format!("{}: {ty}{}", name(&parameter.name), option("default", parameter.default.as_ref(), expr))
}

fn column(column: &ColumnDecl) -> String {
    format!("{}{}", name(&column.name), column.ty.as_ref().map_or(String::new(), |ty| format!(": {}", ty.text)))
}

fn property(property: &Property) -> String {
    format!("{}={}", property.name.text, expr(&property.value))
}

fn named(item: &NamedExpr) -> String {
    match item.names.as_slice() {
        [] => expr(&item.expr),
        [one] => format!("{} := {}", name(one), expr(&item.expr)),
        several => format!("({}) := {}", list(several, name), expr(&item.expr)),
    }
}

fn literal(literal: &Literal) -> String {
    match &literal.kind {
        LiteralKind::Dynamic(value) => format!("dynamic({})", dynamic(value)),
        kind => format!("{kind:?}<{}>", literal.text.escape_debug()),
    }
}

fn dynamic(value: &DynamicExpr) -> String {
    match &value.kind {
        DynamicKind::Null => "null".into(),
        DynamicKind::Scalar(scalar) => literal(scalar),
        DynamicKind::Array(items) => format!("[{}]", list(items, dynamic)),
        DynamicKind::Bag(pairs) => {
            format!("{{{}}}", list(pairs, |(n, value)| format!("{}: {}", name(n), dynamic(value))))
        }
    }
}

fn argument(argument: &Argument) -> String {
    format!("{}{}", argument.name.as_ref().map_or(String::new(), |n| name(n) + " := "), expr(&argument.value))
}

fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Error => "ERROR".into(),
        ExprKind::Name(n) => n.text.to_string(),
        ExprKind::Wildcard(n) => format!("wild({})", n.text),
        ExprKind::Star => "*".into(),
        ExprKind::Literal(l) => literal(l),
        ExprKind::Unary { op, operand } => format!("{op:?}({})", expr(operand)),
        ExprKind::And(operands) => format!("and({})", list(operands, expr)),
        ExprKind::Or(operands) => format!("or({})", list(operands, expr)),
        ExprKind::Binary { op, left, right, .. } => format!("{op:?}({}, {})", expr(left), expr(right)),
        ExprKind::In { op, left, list: items, .. } => format!("{op:?}({}, [{}])", expr(left), list(items, expr)),
        ExprKind::Between { negated, value, low, high, .. } => {
            format!("between{}({}, {}, {})", if *negated { "!" } else { "" }, expr(value), expr(low), expr(high))
        }
        ExprKind::Call { name, arguments } => format!("{}({})", name.text, list(arguments, argument)),
        ExprKind::Member { base, member } => format!("{}.{}", expr(base), name(member)),
        ExprKind::MemberCall { base, name, arguments } => {
            format!("{}.{}({})", expr(base), name.text, list(arguments, argument))
        }
        ExprKind::Index { base, index } => format!("{}[{}]", expr(base), expr(index)),
        ExprKind::Paren(inner) => format!("({})", expr(inner)),
        ExprKind::TypeOf(columns) => format!("typeof({})", list(columns, column)),
        ExprKind::Pipeline { source, operators } => {
            let mut parts: Vec<String> = source.iter().map(|source| expr(source)).collect();
            parts.extend(operators.iter().map(operator));
            parts.join(" | ")
        }
        ExprKind::DataTable { columns, values } => {
            format!("datatable({})[{}]", list(columns, column), list(values, expr))
        }
        ExprKind::ExternalData { columns, uris, properties } => {
            format!("external({})[{}]<{}>", list(columns, column), list(uris, expr), list(properties, property))
        }
        ExprKind::Function { parameters, body, view } => {
            let view = if *view { "view " } else { "" };
            format!("{view}fn({}) {}", list(parameters, parameter), block(body))
        }
    }
}

fn order(key: &OrderBy) -> String {
    let direction = key.direction.map_or(String::new(), |direction| format!(" {direction:?}"));
    format!("{}{direction}{}", named(&key.key), key.nulls.map_or(String::new(), |nulls| format!(" nulls{nulls:?}")))
}

fn pattern(pattern: &ColumnPattern) -> String {
    format!("{}{}", name(&pattern.name), if pattern.wildcard { "~" } else { "" })
}

fn mv_item(item: &MvItem) -> String {
    format!("{}{}", named(&item.expr), option("to", item.to_type.as_ref(), |ty| ty.text.to_string()))
}

fn operators(operators: &[Operator]) -> String {
    operators.iter().map(operator).collect::<Vec<_>>().join(" | ")
}

fn operator(op: &Operator) -> String {
    let properties =
        if op.properties.is_empty() { String::new() } else { format!("<{}>", list(&op.properties, property)) };
    let word = &op.keyword.text;
    let rest = match &op.kind {
        OperatorKind::Error => "ERROR".into(),
        OperatorKind::Unsupported => "UNSUPPORTED".into(),
        OperatorKind::Count | OperatorKind::Consume | OperatorKind::GetSchema => String::new(),
        OperatorKind::Where(e) | OperatorKind::Take(e) | OperatorKind::Sample(e) | OperatorKind::Invoke(e) => expr(e),
        OperatorKind::Extend(items)
        | OperatorKind::Project(items)
        | OperatorKind::ProjectRename(items)
        | OperatorKind::Print(items)
        | OperatorKind::Serialize(items)
        | OperatorKind::Distinct(items) => list(items, named),
        OperatorKind::ProjectAway(items) | OperatorKind::ProjectKeep(items) => list(items, pattern),
        OperatorKind::ProjectReorder(items) => list(items, |item| {
            pattern(&item.pattern) + &item.order.map_or(String::new(), |order| format!(" {order:?}"))
        }),
        OperatorKind::Sort(keys) => list(keys, order),
        OperatorKind::Top { count, by } => format!("{} by:{}", expr(count), list(by, order)),
        OperatorKind::Summarize { aggregates, by } => format!("{} by:{}", list(aggregates, named), list(by, named)),
        OperatorKind::Union(legs) => list(legs, expr),
        OperatorKind::Join { right, on } | OperatorKind::Lookup { right, on } => {
            format!("{} on:{}", expr(right), list(on, expr))
        }
        OperatorKind::Range { name: n, from, to, step } => {
            format!("{} {} {} {}", name(n), expr(from), expr(to), expr(step))
        }
        OperatorKind::MvExpand { items, limit } => list(items, mv_item) + &option("limit", limit.as_ref(), expr),
        OperatorKind::MvApply { items, limit, body } => {
            format!("{}{} on ({})", list(items, mv_item), option("limit", limit.as_ref(), expr), operators(body))
        }
        OperatorKind::Parse { filter, expr: e, pattern } => {
            let part = |part: &ParsePart| match part {
                ParsePart::Star(_) => "*".to_owned(),
                ParsePart::Text(text) => expr(text),
                ParsePart::Column(c) => column(c),
            };
            format!("{}{} with {}", if *filter { "! " } else { "" }, expr(e), list(pattern, part))
        }
        OperatorKind::ParseKv { expr: e, keys, with } => {
            format!("{} as ({}) <{}>", expr(e), list(keys, column), list(with, property))
        }
        OperatorKind::Search { tables, predicate } => format!("in [{}] {}", list(tables, expr), expr(predicate)),
        OperatorKind::Find { tables, predicate, project } => {
            let project = project.as_ref().map_or(String::new(), |project| {
                let pack = if project.pack.is_some() { " pack" } else { "" };
                format!(" project:{}{pack}", list(&project.columns, column))
            });
            format!("in [{}] {}{project}", list(tables, expr), expr(predicate))
        }
        OperatorKind::TopNested(levels) => list(levels, |level| {
            format!(
                "[{}of:{}{} by:{}{}]",
                level.count.as_ref().map_or(String::new(), |count| expr(count) + " "),
                named(&level.of),
                option("others", level.others.as_ref(), expr),
                named(&level.by),
                level.direction.map_or(String::new(), |direction| format!(" {direction:?}"))
            )
        }),
        OperatorKind::TopHitters { count, of, by } => {
            format!("{} of:{}{}", expr(count), expr(of), option("by", by.as_ref(), expr))
        }
        OperatorKind::SampleDistinct { count, of } => format!("{} of:{}", expr(count), expr(of)),
        OperatorKind::MakeSeries { aggregates, on, from, to, step, by } => {
            let aggregate = |a: &SeriesAggregate| named(&a.expr) + &option("default", a.default.as_ref(), expr);
            format!(
                "{} on:{}{}{}{} by:{}",
                list(aggregates, aggregate),
                named(on),
                option("from", from.as_ref(), expr),
                option("to", to.as_ref(), expr),
                option("step", step.as_ref(), expr),
                list(by, named)
            )
        }
        OperatorKind::Render { chart, with } => format!("{} <{}>", name(chart), list(with, property)),
        OperatorKind::Evaluate { call, schema } => {
            expr(call) + &option("schema", schema.as_ref(), |columns| format!("({})", list(columns, column)))
        }
        OperatorKind::As(n) => name(n),
        OperatorKind::Partition { by, body } => match body {
            PartitionBody::Operators(body) => format!("{} ({})", expr(by), operators(body)),
            PartitionBody::Query(query) => format!("{} {{{}}}", expr(by), expr(query)),
        },
        OperatorKind::Scan { order: keys, partition, declare, steps, with_match_id } => {
            let step = |step: &ScanStep| {
                format!(
                    "{}{}{}: {} => {}",
                    name(&step.name),
                    if step.optional { "?" } else { "" },
                    option("output", step.output.as_ref(), name),
                    expr(&step.condition),
                    list(&step.assignments, named)
                )
            };
            format!(
                "order:{} partition:{} declare:{}{} {}",
                list(keys, order),
                list(partition, expr),
                list(declare, parameter),
                option("id", with_match_id.as_ref(), name),
                list(steps, step)
            )
        }
    };
    format!("{word}{properties} {rest}").trim_end().to_owned()
}

#[track_caller]
fn assert_shapes(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(parse(text).diagnostics(), [], "{text}");
        assert_eq!(document(text), *expected, "{text}");
    }
}

#[test]
fn statements_have_their_shape() {
    assert_shapes(&[
        ("T", "T"),
        ("let x = 1; T;", "let `x` = Long<1>; T"),
        ("let ['odd name'] = T | take 1; ['odd name']", "let `odd name` = T | take Long<1>; odd name"),
        ("set a; set b = 'x'; T", "set `a`; set `b` to:String<x>; T"),
        (
            "declare query_parameters(a: long = 5, b: string); T",
            "parameters(`a`: long default:Long<5>, `b`: string); T",
        ),
        (
            "let f = (a: long, b: string = 'x') { let c = a; T | where d == c }; f(1)",
            "let `f` = fn(`a`: long, `b`: string default:String<x>) {let `c` = a; T | where Equal(d, c)}; f(Long<1>)",
        ),
        ("let f = (t: (a: long, b: string)) { t }; f(T)", "let `f` = fn(`t`: (`a`: long, `b`: string)) {t}; f(T)"),
        ("let f = (t: (*)) { t }; f(T)", "let `f` = fn(`t`: (`*`)) {t}; f(T)"),
        ("let v = view () { T }; v", "let `v` = view fn() {T}; v"),
        ("let m = materialize(T | count); m", "let `m` = materialize(T | count); m"),
        (
            "declare pattern p = (a: string)[b: string] { ('x').['y'] = { T }; ('z').['w'] = { U; }; }; p('x').y",
            "pattern `p`(`a`: string) path:`b`: string (String<x>) path:String<y> => {T}, (String<z>) \
             path:String<w> => {U}; p(String<x>).`y`",
        ),
        ("alias database d = cluster('x').database('y'); T", "unsupported `alias`; T"),
        ("restrict access to (T); T", "unsupported `restrict`; T"),
    ]);
}

#[test]
fn literals_have_their_type_and_text() {
    assert_shapes(&[
        (
            "print 42, 0x2a, 1.5, 1e3, 2d, true",
            "print Long<42>, Long<0x2a>, Real<1.5>, Real<1e3>, TimeSpan<2d>, Bool<true>",
        ),
        ("print int(5), int32(6), long( 7 ), int64(8)", "print Int<5>, Int<6>, Long<7>, Long<8>"),
        ("print real(nan), double(1.5), decimal(0.1)", "print Real<nan>, Real<1.5>, Decimal<0.1>"),
        ("print datetime(2024-01-02 03:04), date(null)", "print DateTime<2024-01-02 03:04>, DateTime<null>"),
        ("print timespan(0.12:34:56.7), time(1d)", "print TimeSpan<0.12:34:56.7>, TimeSpan<1d>"),
        (
            "print bool(1), guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
            "print Bool<1>, Guid<74be27de-1e4e-49d9-b579-fe0b331d3642>",
        ),
        ("print 'a\\tb' @\"c\\d\" ```e\nf```, h'g'", r"print String<a\tbc\\de\nf>, String<g>"),
        ("print -1, +2.5", "print Minus(Long<1>), Plus(Real<2.5>)"),
        (
            "print dynamic([1, -2.5, 'x', null, true, datetime(2024), 1d, [], {}])",
            "print dynamic([Long<1>, Real<-2.5>, String<x>, null, Bool<true>, DateTime<2024>, TimeSpan<1d>, [], {}])",
        ),
        ("print dynamic({'a': {\"b c\": [1]}})", "print dynamic({`a`: {`b c`: [Long<1>]}})"),
        ("print dynamic(null), dynamic('a' 'b')", "print dynamic(null), dynamic(String<ab>)"),
        ("print typeof(long), typeof(a: long)", "print typeof(`long`), typeof(`a`: long)"),
    ]);
}

#[test]
fn expressions_have_their_shape() {
    assert_shapes(&[
        ("T | where a and b and c", "T | where and(a, b, c)"),
        ("T | where a or (b or c)", "T | where or(a, (or(b, c)))"),
        ("T | where a <> 1 and b != 2", "T | where and(NotEqual(a, Long<1>), NotEqual(b, Long<2>))"),
        ("T | where a =~ 'x' or b !~ 'y'", "T | where or(EqualTilde(a, String<x>), NotEqualTilde(b, String<y>))"),
        ("T | where a !has_cs 'x'", "T | where NotHasCs(a, String<x>)"),
        ("T | where a notcontains 'x'", "T | where NotContains(a, String<x>)"),
        ("T | where a matches regex 'x'", "T | where MatchesRegex(a, String<x>)"),
        ("T | where a !in~ ('x', y)", "T | where NotInTilde(a, [String<x>, y])"),
        ("T | where a in (U | project b)", "T | where In(a, [U | project b])"),
        ("T | where a has_any (L)", "T | where HasAny(a, [L])"),
        ("T | where a !between (1 .. 2)", "T | where between!(a, Long<1>, Long<2>)"),
        ("T | where a.b['c'][0].['d e']", "T | where a.`b`[String<c>][Long<0>].`d e`"),
        ("T | where f(x = 1, *)", "T | where f(`x` := Long<1>, *)"),
        ("print toscalar(T | count)", "print toscalar(T | count)"),
        ("print a - b - c", "print Subtract(Subtract(a, b), c)"),
        ("T | where $left.a == $right.b", "T | where Equal($left.`a`, $right.`b`)"),
        ("cluster('c').database('d').T", "cluster(String<c>).database(String<d>).`T`"),
        (
            "datatable(a: string, ['b c']: long)['x', 1, 'y', -2]",
            "datatable(`a`: string, `b c`: long)[String<x>, Long<1>, String<y>, Minus(Long<2>)]",
        ),
        (
            "externaldata(a: string)[@'u' h@'v'] with (format='csv', x=true)",
            "external(`a`: string)[String<uv>]<format=String<csv>, x=Bool<true>>",
        ),
    ]);
}

#[test]
fn operators_have_their_shape() {
    assert_shapes(&[
        ("T | filter a | limit 5", "T | filter a | limit Long<5>"),
        ("T | extend a = 1, b, (c, d) = f(x)", "T | extend `a` := Long<1>, b, (`c`, `d`) := f(x)"),
        ("T | project | project a, ['b c'] = d", "T | project | project a, `b c` := d"),
        ("T | project-away a*, b, *c*", "T | project-away `a*`~, `b`, `*c*`~"),
        ("T | project-keep ['a*'], b", "T | project-keep `a*`, `b`"),
        ("T | project-rename a = b", "T | project-rename `a` := b"),
        ("T | project-reorder a, b* granny-desc, c asc", "T | project-reorder `a`, `b*`~ GrannyDesc, `c` Asc"),
        ("T | order by a, b asc, c desc nulls first", "T | order a, b Asc, c Desc nullsFirst"),
        ("T | top 5 by a asc nulls last", "T | top Long<5> by:a Asc nullsLast"),
        ("T | count | count as n", "T | count | count<as=n>"),
        ("T | distinct *", "T | distinct *"),
        ("T | summarize", "T | summarize  by:"),
        (
            "T | summarize hint.strategy=shuffle a = count(), arg_max(b, *) by c, d = bin(e, 1h)",
            "T | summarize<hint.strategy=shuffle> `a` := count(), arg_max(b, *) by:c, `d` := bin(e, TimeSpan<1h>)",
        ),
        (
            "union kind=inner withsource=S isfuzzy=true A, B*, (C | take 1), database('d').E*",
            "union<kind=inner, withsource=S, isfuzzy=Bool<true>> A, wild(B*), (C | take Long<1>), database(String<d>).`E*`",
        ),
        (
            "T | join kind=leftouter (U | where x) on a, $left.b == $right.c",
            "T | join<kind=leftouter> (U | where x) on:a, Equal($left.`b`, $right.`c`)",
        ),
        ("T | lookup U on a", "T | lookup U on:a"),
        ("range x from 1 to 10 step 2", "range `x` Long<1> Long<10> Long<2>"),
        (
            "T | mv-expand bagexpansion=array with_itemindex=i a, b = c to typeof(long) limit 5",
            "T | mv-expand<bagexpansion=array, with_itemindex=i> a, `b` := c to:long limit:Long<5>",
        ),
        (
            "T | mvapply a to typeof(string) limit 2 on (where a == 'x' | take 1)",
            "T | mvapply a to:string limit:Long<2> on (where Equal(a, String<x>) | take Long<1>)",
        ),
        (
            "T | parse kind=regex flags=Ui a with * 'x' b: long 'y' c",
            "T | parse<kind=regex, flags=Ui> a with *, String<x>, `b`: long, String<y>, `c`",
        ),
        ("T | parse-where a with 'x' b", "T | parse-where ! a with String<x>, `b`"),
        (
            "T | parse-kv a as (b: long) with (pair_delimiter=',')",
            "T | parse-kv a as (`b`: long) <pair_delimiter=String<,>>",
        ),
        ("search in (A, B*) x: 'y' or 'z'", "search in [A, wild(B*)] or(SearchHas(x, String<y>), String<z>)"),
        ("search * and x == 1", "search in [] and(*, Equal(x, Long<1>))"),
        ("T | serialize | serialize a = 1", "T | serialize | serialize `a` := Long<1>"),
        (
            "T | top-nested 3 of a with others='x' by n = count() asc, top-nested of b by max(c)",
            "T | top-nested [Long<3> of:a others:String<x> by:`n` := count() Asc], [of:b by:max(c)]",
        ),
        ("T | top-hitters 3 of a by b", "T | top-hitters Long<3> of:a by:b"),
        ("T | sample 5 | sample-distinct 6 of a", "T | sample Long<5> | sample-distinct Long<6> of:a"),
        (
            "T | make-series n = count() default=0, avg(a) on t from x to y step 1h by b",
            "T | make-series `n` := count() default:Long<0>, avg(a) on:t from:x to:y step:TimeSpan<1h> by:b",
        ),
        (
            "T | make-series count() on t in range(x, y, 1h)",
            "T | make-series count() on:t from:x to:y step:TimeSpan<1h> by:",
        ),
        (
            "T | render timechart kind=stacked with (title='x', ycolumns=a, b)",
            "T | render<kind=stacked> `timechart` <title=String<x>, ycolumns=a, ycolumns=b>",
        ),
        ("T | evaluate pivot(a, count()) : (b: long)", "T | evaluate pivot(a, count()) schema:(`b`: long)"),
        ("T | evaluate bag_unpack(a) : (*, b: long)", "T | evaluate bag_unpack(a) schema:(`*`, `b`: long)"),
        ("T | invoke f(1)", "T | invoke f(Long<1>)"),
        ("T | as hint.materialized=true X", "T | as<hint.materialized=Bool<true>> `X`"),
        ("T | consume | getschema", "T | consume | getschema"),
        (
            "T | partition hint.strategy=native by a (top 1 by b | project b)",
            "T | partition<hint.strategy=native> a (top Long<1> by:b | project b)",
        ),
        ("T | partition by a { U | where b == a }", "T | partition a {U | where Equal(b, a)}"),
        (
            "T | scan with_match_id=m order by t asc partition by p declare (s: long = 0) with \
             (step a optional output=last: x > 1 => s = a.s + 1; step b: true;)",
            "T | scan<with_match_id=m> order:t Asc partition:p declare:`s`: long default:Long<0> id:`m` \
             `a`? output:`last`: Greater(x, Long<1>) => `s` := Add(a.`s`, Long<1>), `b`: Bool<true> =>",
        ),
        ("T | fork (count) (take 5) | take 1", "T | fork UNSUPPORTED | take Long<1>"),
        ("T | reduce by a with threshold=0.1", "T | reduce UNSUPPORTED"),
        ("find in (T) where a == 1 | take 1", "find in [T] Equal(a, Long<1>) | take Long<1>"),
        ("find 'x'", "find in [] String<x>"),
        (
            "find withsource=S in (T, U*) where 'x' and b project a, b: string, pack(*)",
            "find<withsource=S> in [T, wild(U*)] and(String<x>, b) project:`a`, `b`: string pack",
        ),
        ("find where a project pack_all()", "find in [] a project: pack"),
        ("find a project-smart | take 1", "find in [] a | take Long<1>"),
    ]);
}

#[test]
fn a_mistake_leaves_the_rest_of_the_query_in_shape() {
    for (text, expected) in [
        ("T | where a == | take 5", "T | where Equal(a, ERROR) | take Long<5>"),
        ("T | where a = 1 and b", "T | where and(Equal(a, Long<1>), b)"),
        ("T | where a && b | take 5", "T | where and(a, b) | take Long<5>"),
        ("T | where f(a | take 5", "T | where f(a) | take Long<5>"),
        ("T | whre a | take 5", "T |  ERROR | take Long<5>"),
        ("T where a | take 5", "T | where a | take Long<5>"),
        ("let a = ; T | take 5", "let `a` = ERROR; T | take Long<5>"),
        ("let a = 1\nT | take 5", "let `a` = Long<1>; T | take Long<5>"),
        ("T | project a,, b | sort by", "T | project a, b | sort ERROR"),
        ("T | where a in 'x' | take 5", "T | where In(a, [String<x>]) | take Long<5>"),
        ("T | where [1] == a", "T | where Equal(ERROR, a)"),
        ("union A, , B", "union A, B"),
    ] {
        assert!(!parse(text).diagnostics().is_empty(), "{text}");
        assert_eq!(document(text), expected, "{text}");
    }
}
