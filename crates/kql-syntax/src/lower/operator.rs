//! Operators of a pipeline, by their keyword.

use super::expression::{all_exprs, expr, named, only};
use super::statement::{column, columns, parameters};
use super::{child, missing, missing_name, name_in, name_of, span, tokens};
use crate::ast::{
    ColumnPattern, Direction, Expr, ExprKind, FindColumns, MvItem, Name, NamedExpr, Nulls, Operator, OperatorKind,
    OrderBy, ParsePart, PartitionBody, Property, ReorderItem, ReorderOrder, ScanStep, SeriesAggregate, TopNestedLevel,
};
use crate::{SyntaxKind, SyntaxNode};

/// The operators among a node's children.
pub(super) fn operators(node: &SyntaxNode) -> Vec<Operator> {
    node.children().filter_map(|child| operator(&child)).collect()
}

fn operator(node: &SyntaxNode) -> Option<Operator> {
    let word = tokens(node).find(|token| token.kind() == SyntaxKind::Keyword);
    let keyword = match &word {
        Some(token) => Name { text: token.text().into(), span: super::token_span(token) },
        None => Name { text: "".into(), span: span(node) },
    };
    let (kind, properties) = match node.kind() {
        SyntaxKind::Operator => (shape(node, &keyword.text), operator_properties(node)),
        SyntaxKind::UnsupportedOperator if word.is_some() => (OperatorKind::Unsupported, Vec::new()),
        SyntaxKind::UnsupportedOperator => (OperatorKind::Error, Vec::new()),
        _ => return None,
    };
    Some(Operator { kind, keyword, properties, span: span(node) })
}

fn shape(node: &SyntaxNode, keyword: &str) -> OperatorKind {
    match keyword {
        "where" | "filter" => OperatorKind::Where(only(node)),
        "extend" => OperatorKind::Extend(named_list(node)),
        "project" => OperatorKind::Project(named_list(node)),
        "project-rename" => OperatorKind::ProjectRename(named_list(node)),
        "print" => OperatorKind::Print(named_list(node)),
        "serialize" => OperatorKind::Serialize(named_list(node)),
        "distinct" => OperatorKind::Distinct(named_list(node)),
        "project-away" => OperatorKind::ProjectAway(patterns(node)),
        "project-keep" => OperatorKind::ProjectKeep(patterns(node)),
        "project-reorder" => OperatorKind::ProjectReorder(list_items(node).map(|item| reorder(&item)).collect()),
        "sort" | "order" => OperatorKind::Sort(orders_of(node, SyntaxKind::ByClause)),
        "top" => OperatorKind::Top { count: only(node), by: orders_of(node, SyntaxKind::ByClause) },
        "take" | "limit" => OperatorKind::Take(only(node)),
        "sample" => OperatorKind::Sample(only(node)),
        "count" => OperatorKind::Count,
        "consume" => OperatorKind::Consume,
        "getschema" => OperatorKind::GetSchema,
        "as" => OperatorKind::As(name_in(node)),
        "summarize" => OperatorKind::Summarize { aggregates: named_list(node), by: by_list(node) },
        "union" => OperatorKind::Union(child(node, SyntaxKind::ExprList).map(|l| all_exprs(&l)).unwrap_or_default()),
        "join" => OperatorKind::Join { right: only(node), on: clause_exprs(node, SyntaxKind::OnClause) },
        "lookup" => OperatorKind::Lookup { right: only(node), on: clause_exprs(node, SyntaxKind::OnClause) },
        "range" => OperatorKind::Range {
            name: name_in(node),
            from: required(node, SyntaxKind::FromClause),
            to: required(node, SyntaxKind::ToClause),
            step: required(node, SyntaxKind::StepClause),
        },
        "mv-expand" | "mvexpand" => OperatorKind::MvExpand { items: mv_items(node), limit: limit(node) },
        "mv-apply" | "mvapply" => OperatorKind::MvApply {
            items: mv_items(node),
            limit: limit(node),
            body: child(node, SyntaxKind::OnClause).map(|on| body(&on)).unwrap_or_default(),
        },
        "parse" | "parse-where" => OperatorKind::Parse {
            filter: keyword == "parse-where",
            expr: only(node),
            pattern: child(node, SyntaxKind::WithClause).map(|with| parse_parts(&with)).unwrap_or_default(),
        },
        "parse-kv" => OperatorKind::ParseKv {
            expr: only(node),
            keys: child(node, SyntaxKind::SchemaClause).map(|schema| columns(&schema)).unwrap_or_default(),
            with: child(node, SyntaxKind::WithClause).map(|with| properties(&with)).unwrap_or_default(),
        },
        "search" => OperatorKind::Search {
            tables: child(node, SyntaxKind::InClause).map(|tables| all_exprs(&tables)).unwrap_or_default(),
            predicate: only(node),
        },
        "find" => OperatorKind::Find {
            tables: child(node, SyntaxKind::InClause).map(|tables| all_exprs(&tables)).unwrap_or_default(),
            predicate: only(node),
            project: child(node, SyntaxKind::ProjectClause).map(|project| FindColumns {
                columns: project
                    .children()
                    .filter(|c| c.kind() == SyntaxKind::ColumnDecl)
                    .map(|c| column(&c))
                    .collect(),
                pack: child(&project, SyntaxKind::PackClause).map(|pack| span(&pack)),
            }),
        },
        "top-nested" => OperatorKind::TopNested(
            node.children().filter(|c| c.kind() == SyntaxKind::TopNestedLevel).map(|c| nested_level(&c)).collect(),
        ),
        "top-hitters" => OperatorKind::TopHitters {
            count: first_named(node).map_or_else(|| missing(node), |count| count.expr),
            of: clause_named(node, SyntaxKind::OfClause).map_or_else(|| missing(node), |of| of.expr),
            by: clause_named(node, SyntaxKind::ByClause).map(|by| by.expr),
        },
        "sample-distinct" => {
            OperatorKind::SampleDistinct { count: only(node), of: required(node, SyntaxKind::OfClause) }
        }
        "make-series" => make_series(node),
        "render" => OperatorKind::Render {
            chart: name_in(node),
            with: child(node, SyntaxKind::WithClause).map(|with| properties(&with)).unwrap_or_default(),
        },
        "evaluate" => OperatorKind::Evaluate {
            call: only(node),
            schema: child(node, SyntaxKind::SchemaClause).map(|schema| columns(&schema)),
        },
        "invoke" => OperatorKind::Invoke(only(node)),
        "partition" => partition(node),
        "scan" => scan(node),
        _ => OperatorKind::Unsupported,
    }
}

/// The properties of an operator; `count as Name` gives one named `as`.
fn operator_properties(node: &SyntaxNode) -> Vec<Property> {
    let mut found = properties(node);
    if let Some(alias) = child(node, SyntaxKind::DefaultClause) {
        let name = name_in(&alias);
        let word = tokens(&alias).next();
        let place = word.map_or(span(&alias), |token| super::token_span(&token));
        let value = Expr { span: name.span, kind: ExprKind::Name(name) };
        found.push(Property { name: Name { text: "as".into(), span: place }, value });
    }
    found
}

/// The properties among a node's children; a value without a name has the name of the one before it.
pub(super) fn properties(node: &SyntaxNode) -> Vec<Property> {
    let mut found: Vec<Property> = Vec::new();
    for property in node.children().filter(|child| child.kind() == SyntaxKind::Property) {
        let name = child(&property, SyntaxKind::Name).map(|name| name_of(&name));
        let name = name.or_else(|| found.last().map(|before| before.name.clone()));
        found.push(Property { name: name.unwrap_or_else(|| missing_name(&property)), value: only(&property) });
    }
    found
}

/// The items of the expression list among a node's children.
fn list_items(node: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> {
    child(node, SyntaxKind::ExprList).into_iter().flat_map(|list| list.children().collect::<Vec<_>>())
}

fn named_list(node: &SyntaxNode) -> Vec<NamedExpr> {
    list_items(node).filter(|item| item.kind() == SyntaxKind::NamedExpr).map(|item| named(&item)).collect()
}

fn by_list(node: &SyntaxNode) -> Vec<NamedExpr> {
    child(node, SyntaxKind::ByClause).map(|by| named_list(&by)).unwrap_or_default()
}

fn first_named(node: &SyntaxNode) -> Option<NamedExpr> {
    child(node, SyntaxKind::NamedExpr).map(|item| named(&item))
}

fn clause_named(node: &SyntaxNode, kind: SyntaxKind) -> Option<NamedExpr> {
    child(node, kind).and_then(|clause| first_named(&clause))
}

fn clause_exprs(node: &SyntaxNode, kind: SyntaxKind) -> Vec<Expr> {
    child(node, kind).map(|clause| all_exprs(&clause)).unwrap_or_default()
}

/// The expression of a clause that must be there.
fn required(node: &SyntaxNode, kind: SyntaxKind) -> Expr {
    optional(node, kind).unwrap_or_else(|| missing(node))
}

fn optional(node: &SyntaxNode, kind: SyntaxKind) -> Option<Expr> {
    child(node, kind).map(|clause| only(&clause))
}

fn limit(node: &SyntaxNode) -> Option<Expr> {
    optional(node, SyntaxKind::LimitClause)
}

fn patterns(node: &SyntaxNode) -> Vec<ColumnPattern> {
    list_items(node).filter(|item| item.kind() == SyntaxKind::ColumnPattern).map(|item| pattern(&item)).collect()
}

fn pattern(node: &SyntaxNode) -> ColumnPattern {
    ColumnPattern { name: name_of(node), wildcard: super::has_token(node, SyntaxKind::Star) }
}

fn reorder(node: &SyntaxNode) -> ReorderItem {
    let order = keywords(node).find_map(|word| match word.as_str() {
        "asc" => Some(ReorderOrder::Asc),
        "desc" => Some(ReorderOrder::Desc),
        "granny-asc" => Some(ReorderOrder::GrannyAsc),
        "granny-desc" => Some(ReorderOrder::GrannyDesc),
        _ => None,
    });
    let pattern = child(node, SyntaxKind::ColumnPattern).map(|found| pattern(&found));
    let missing = || ColumnPattern { name: missing_name(node), wildcard: false };
    ReorderItem { pattern: pattern.unwrap_or_else(missing), order }
}

fn keywords(node: &SyntaxNode) -> impl Iterator<Item = String> {
    tokens(node).filter(|token| token.kind() == SyntaxKind::Keyword).map(|token| token.text().to_owned())
}

fn orders_of(node: &SyntaxNode, clause: SyntaxKind) -> Vec<OrderBy> {
    child(node, clause).map(|by| orders(&by)).unwrap_or_default()
}

fn orders(node: &SyntaxNode) -> Vec<OrderBy> {
    list_items(node).filter(|item| item.kind() == SyntaxKind::OrderItem).map(|item| order(&item)).collect()
}

fn order(node: &SyntaxNode) -> OrderBy {
    let mut direction = None;
    let mut nulls = None;
    for word in keywords(node) {
        match word.as_str() {
            "asc" | "granny-asc" => direction = Some(Direction::Asc),
            "desc" | "granny-desc" => direction = Some(Direction::Desc),
            "first" => nulls = Some(Nulls::First),
            "last" => nulls = Some(Nulls::Last),
            _ => {}
        }
    }
    OrderBy { key: named_or_missing(node), direction, nulls }
}

fn named_or_missing(node: &SyntaxNode) -> NamedExpr {
    first_named(node).unwrap_or_else(|| nameless(missing(node)))
}

fn nameless(expr: Expr) -> NamedExpr {
    NamedExpr { names: Vec::new(), span: expr.span, expr }
}

fn mv_items(node: &SyntaxNode) -> Vec<MvItem> {
    list_items(node).filter(|item| item.kind() == SyntaxKind::MvItem).map(|item| mv_item(&item)).collect()
}

fn mv_item(node: &SyntaxNode) -> MvItem {
    let to_type = child(node, SyntaxKind::TypeOfClause)
        .and_then(|clause| child(&clause, SyntaxKind::TypeOfExpr))
        .and_then(|type_of| child(&type_of, SyntaxKind::Name))
        .map(|name| name_of(&name));
    MvItem { expr: named_or_missing(node), to_type }
}

/// The operators of the body among a node's children.
fn body(node: &SyntaxNode) -> Vec<Operator> {
    child(node, SyntaxKind::Body).map(|body| operators(&body)).unwrap_or_default()
}

fn parse_parts(with: &SyntaxNode) -> Vec<ParsePart> {
    let pattern = child(with, SyntaxKind::ParsePattern);
    let parts = pattern.iter().flat_map(SyntaxNode::children);
    parts
        .filter_map(|part| match part.kind() {
            SyntaxKind::StarExpr => Some(ParsePart::Star(span(&part))),
            SyntaxKind::LiteralExpr => expr(&part).map(ParsePart::Text),
            SyntaxKind::ColumnDecl => Some(ParsePart::Column(column(&part))),
            _ => None,
        })
        .collect()
}

fn nested_level(node: &SyntaxNode) -> TopNestedLevel {
    let by = child(node, SyntaxKind::ByClause);
    let by = by.as_ref().and_then(|by| child(by, SyntaxKind::OrderItem)).map(|item| order(&item));
    let (by, direction) = match by {
        Some(by) => (by.key, by.direction),
        None => (nameless(missing(node)), None),
    };
    TopNestedLevel {
        count: first_named(node).map(|count| count.expr),
        of: clause_named(node, SyntaxKind::OfClause).unwrap_or_else(|| nameless(missing(node))),
        others: optional(node, SyntaxKind::OthersClause),
        by,
        direction,
    }
}

fn make_series(node: &SyntaxNode) -> OperatorKind {
    let aggregates = list_items(node)
        .filter(|item| item.kind() == SyntaxKind::SeriesAggregate)
        .map(|item| SeriesAggregate {
            expr: named_or_missing(&item),
            default: optional(&item, SyntaxKind::DefaultClause),
        })
        .collect();
    let (from, to, step) = match child(node, SyntaxKind::RangeClause) {
        Some(range) => {
            let mut values = all_exprs(&range).into_iter();
            (values.next(), values.next(), values.next())
        }
        None => (
            optional(node, SyntaxKind::FromClause),
            optional(node, SyntaxKind::ToClause),
            optional(node, SyntaxKind::StepClause),
        ),
    };
    let on = clause_named(node, SyntaxKind::OnClause).unwrap_or_else(|| nameless(missing(node)));
    OperatorKind::MakeSeries { aggregates, on, from, to, step, by: by_list(node) }
}

fn partition(node: &SyntaxNode) -> OperatorKind {
    let body = match child(node, SyntaxKind::QueryBody) {
        Some(query) => PartitionBody::Query(Box::new(only(&query))),
        None => PartitionBody::Operators(body(node)),
    };
    OperatorKind::Partition { by: required(node, SyntaxKind::ByClause), body }
}

fn scan(node: &SyntaxNode) -> OperatorKind {
    let with = child(node, SyntaxKind::WithClause);
    let steps = with.iter().flat_map(SyntaxNode::children).filter(|step| step.kind() == SyntaxKind::ScanStep);
    let match_id = properties(node).into_iter().find(|property| &*property.name.text == "with_match_id");
    OperatorKind::Scan {
        order: orders_of(node, SyntaxKind::OrderClause),
        partition: clause_exprs(node, SyntaxKind::PartitionClause),
        declare: child(node, SyntaxKind::DeclareClause).map(|declare| parameters(&declare)).unwrap_or_default(),
        steps: steps.map(|step| scan_step(&step)).collect(),
        with_match_id: match_id.and_then(|property| match property.value.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }),
    }
}

fn scan_step(node: &SyntaxNode) -> ScanStep {
    let assignments = child(node, SyntaxKind::ScanAssignments);
    let assignments = assignments.iter().flat_map(SyntaxNode::children);
    ScanStep {
        name: name_in(node),
        optional: keywords(node).any(|word| word == "optional"),
        output: child(node, SyntaxKind::OutputClause).map(|output| name_in(&output)),
        condition: only(node),
        assignments: assignments.filter(|item| item.kind() == SyntaxKind::NamedExpr).map(|item| named(&item)).collect(),
    }
}
