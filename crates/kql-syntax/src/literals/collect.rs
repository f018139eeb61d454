//! Finds literals and what they are compared with.

use super::{Item, ListForm, Literal, LiteralValue, Quote, Scalar, Use};
use crate::ast::{
    self, BinaryOp, Block, DynamicKind, Expr, ExprKind, LiteralKind, OperatorKind, Statement, StatementKind, UnaryOp,
};
use crate::lexer::string_form;
use crate::{Parse, Span, SyntaxKind, SyntaxNode, walk};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn collect(parse: &Parse) -> Vec<Literal> {
    let root = parse.syntax();
    let text = root.text().to_string();
    let document = parse.document();
    let mut collector = Collector {
        text: &text,
        root: &root,
        found: Vec::new(),
        known: HashMap::new(),
        bindings: Vec::new(),
        scopes: HashMap::new(),
        within: None,
    };
    collector.statements(&document.statements);
    let mut found = collector.found;
    for literal in &mut found {
        literal.uses.sort_by_key(|used| used.predicate);
        literal.uses.dedup();
    }
    found.sort_by_key(|literal| literal.span);
    found
}

/// How many literals may stand behind one name: more than any rule has, so that names of names of names do not multiply.
const MAX_BEHIND: usize = 64;

/// A name that is in scope, and the literals behind it.
struct Binding {
    name: Arc<str>,
    literals: Vec<usize>,
}

/// What a comparison says about the literals on its value side.
#[derive(Clone, Copy)]
struct Comparison<'e> {
    subject: Span,
    operator: &'e str,
    predicate: Span,
}

struct Collector<'t> {
    text: &'t str,
    root: &'t SyntaxNode,
    found: Vec<Literal>,
    /// The places in `found` by span.
    known: HashMap<Span, usize>,
    bindings: Vec<Binding>,
    /// The places in `bindings` by name, the innermost last.
    scopes: HashMap<Arc<str>, Vec<usize>>,
    within: Option<String>,
}

impl<'t> Collector<'t> {
    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            match &statement.kind {
                StatementKind::Let { name, value } => self.let_statement(name, value),
                StatementKind::Query(expr) => self.expr(expr),
                StatementKind::Set { .. }
                | StatementKind::QueryParameters(_)
                | StatementKind::Pattern { .. }
                | StatementKind::Unsupported(_) => {}
            }
        }
    }

    fn let_statement(&mut self, name: &ast::Name, value: &Expr) {
        let mut literals = Vec::new();
        if is_scalar(value) {
            self.bound(value, &name.text, &mut literals);
            self.expr(value);
        } else {
            let outermost = self.within.is_none();
            if outermost {
                self.within = Some(name.text.to_string());
            }
            if let Some(list) = self.column_list(value) {
                let literal = self.add(Literal { name: Some(name.text.to_string()), ..list });
                self.found[literal].within = None;
                literals.push(literal);
            }
            self.expr(value);
            if outermost {
                self.within = None;
            }
        }
        literals.sort_unstable();
        literals.dedup();
        literals.truncate(MAX_BEHIND);
        self.bind(name.text.clone(), literals);
    }

    fn bind(&mut self, name: Arc<str>, literals: Vec<usize>) {
        self.scopes.entry(name.clone()).or_default().push(self.bindings.len());
        self.bindings.push(Binding { name, literals });
    }

    /// Forgets the names that were bound after some number of names.
    fn unbind(&mut self, scope: usize) {
        for binding in self.bindings.drain(scope..) {
            if let Some(places) = self.scopes.get_mut(&binding.name) {
                places.pop();
            }
        }
    }

    /// The literals of a scalar `let`'s value, and those behind the names that it mentions.
    fn bound(&mut self, value: &Expr, name: &str, literals: &mut Vec<usize>) {
        if let Some(literal) = self.literal(value) {
            let name = Some(name.to_owned());
            literals.push(self.add(Literal { name, ..literal }));
        } else if let ExprKind::Name(name) = &value.kind {
            literals.extend_from_slice(self.behind(&name.text));
        } else if !matches!(value.kind, ExprKind::Pipeline { .. }) {
            walk::children(value, &mut |child| self.bound(child, name, literals));
        }
    }

    /// The literals behind a name in scope.
    fn behind(&self, name: &str) -> &[usize] {
        let innermost = self.scopes.get(name).and_then(|places| places.last());
        innermost.map_or(&[], |place| &self.bindings[*place].literals)
    }

    /// Looks for comparisons in an expression and everything inside it.
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Binary { op, op_span, left, right } if is_comparison(*op) => {
                let (subject, value) = if mentions_column(left, self) || !mentions_column(right, self) {
                    (left, right)
                } else {
                    (right, left)
                };
                let operator = op_span.of(self.text);
                let comparison = Comparison { subject: subject.span, operator, predicate: expr.span };
                self.value_side(value, comparison);
            }
            ExprKind::In { op_span, left, list, list_span, .. } => {
                let operator = op_span.of(self.text);
                let comparison = Comparison { subject: left.span, operator, predicate: expr.span };
                self.list(list, *list_span, comparison);
            }
            ExprKind::Between { op_span, value, low, high, .. } => {
                let operator = op_span.of(self.text);
                let comparison = Comparison { subject: value.span, operator, predicate: expr.span };
                self.value_side(low, comparison);
                self.value_side(high, comparison);
            }
            ExprKind::Function { parameters, body, .. } => {
                self.function(parameters, body);
                return;
            }
            ExprKind::Pipeline { operators, .. } => {
                for operator in operators {
                    if let OperatorKind::Search { predicate, .. } | OperatorKind::Find { predicate, .. } =
                        &operator.kind
                    {
                        self.search(predicate);
                    }
                }
            }
            _ => {}
        }
        walk::children(expr, &mut |child| self.expr(child));
    }

    /// A function's parameters hide names of the query, and its `let`s end with it.
    fn function(&mut self, parameters: &[ast::Parameter], body: &Block) {
        let scope = self.bindings.len();
        for parameter in parameters {
            self.bind(parameter.name.text.clone(), Vec::new());
        }
        self.statements(&body.statements);
        self.unbind(scope);
    }

    /// Bare texts and numbers of `search`, which every column is compared with.
    fn search(&mut self, predicate: &Expr) {
        match &predicate.kind {
            ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().for_each(|o| self.search(o)),
            ExprKind::Paren(inner) => self.search(inner),
            ExprKind::Call { name, arguments } if &*name.text == "not" => {
                arguments.iter().for_each(|argument| self.search(&argument.value));
            }
            ExprKind::Literal(_) => {
                let nowhere = Span::new(predicate.span.start, predicate.span.start);
                let comparison = Comparison { subject: nowhere, operator: "search", predicate: predicate.span };
                self.value_side(predicate, comparison);
            }
            _ => {}
        }
    }

    /// Takes the literals of a comparison's value side: written there, or behind names.
    fn value_side(&mut self, value: &Expr, comparison: Comparison<'_>) {
        if let Some(literal) = self.literal(value) {
            let literal = self.add(literal);
            self.compared(literal, comparison);
            return;
        }
        match &value.kind {
            ExprKind::Name(name) => {
                for literal in self.behind(&name.text).to_vec() {
                    self.compared(literal, comparison);
                }
            }
            ExprKind::Pipeline { .. } => {}
            // `split(x, "/")[2]`: the position is no value to compare with.
            ExprKind::Index { base, .. } => self.value_side(base, comparison),
            _ => walk::children(value, &mut |child| self.value_side(child, comparison)),
        }
    }

    /// Takes a list after `in` and its kin: as one literal when its items are literals.
    fn list(&mut self, list: &[Expr], span: Span, comparison: Comparison<'_>) {
        let items: Vec<Item> = list.iter().filter_map(|item| self.item(item)).collect();
        if !items.is_empty() {
            let value = LiteralValue::List { form: ListForm::Parentheses, items };
            let literal = self.add(self.nameless(span, value));
            self.compared(literal, comparison);
        }
        for item in list {
            if self.item(item).is_some() {
                continue;
            }
            match self.column_list(item) {
                Some(column) => {
                    let literal = self.add(column);
                    self.compared(literal, comparison);
                }
                None => self.value_side(item, comparison),
            }
        }
    }

    fn nameless(&self, span: Span, value: LiteralValue) -> Literal {
        Literal { span, value, name: None, within: self.within.clone(), uses: Vec::new() }
    }

    /// Adds a literal unless it is known.
    fn add(&mut self, literal: Literal) -> usize {
        *self.known.entry(literal.span).or_insert_with(|| {
            self.found.push(literal);
            self.found.len() - 1
        })
    }

    fn compared(&mut self, literal: usize, comparison: Comparison<'_>) {
        let subject = comparison.subject.of(self.text);
        self.found[literal].uses.push(Use {
            subject: if subject.is_empty() { "*".to_owned() } else { subject.to_owned() },
            operator: comparison.operator.to_owned(),
            predicate: comparison.predicate,
            within: self.within.clone(),
        });
    }

    /// The literal that an expression is: a scalar, or an array of scalars.
    fn literal(&self, expr: &Expr) -> Option<Literal> {
        if let Some(item) = self.item(expr) {
            return Some(self.nameless(item.span, LiteralValue::Scalar(item.value)));
        }
        let ExprKind::Literal(ast::Literal { kind: LiteralKind::Dynamic(value), .. }) = &expr.kind else {
            return None;
        };
        let DynamicKind::Array(elements) = &value.kind else { return None };
        let scalar = |element: &ast::DynamicExpr| match &element.kind {
            DynamicKind::Scalar(literal) => self.scalar_item(literal, element.span),
            _ => None,
        };
        let items: Vec<Item> = elements.iter().filter_map(scalar).collect();
        let only_scalars = elements.iter().all(|e| matches!(e.kind, DynamicKind::Scalar(_) | DynamicKind::Null));
        only_scalars.then(|| self.nameless(value.span, LiteralValue::List { form: ListForm::Array, items }))
    }

    /// The scalar that an expression is, with its sign.
    fn item(&self, expr: &Expr) -> Option<Item> {
        match &expr.kind {
            ExprKind::Literal(literal) => self.scalar_item(literal, expr.span),
            ExprKind::Unary { op, operand } => {
                let inner = self.item(operand)?;
                let sign = if *op == UnaryOp::Minus { "-" } else { "" };
                let value = match inner.value {
                    Scalar::Number(text) => Scalar::Number(format!("{sign}{text}")),
                    Scalar::TimeSpan(text) => Scalar::TimeSpan(format!("{sign}{text}")),
                    _ => return None,
                };
                Some(Item { span: expr.span, value, quote: None })
            }
            _ => None,
        }
    }

    fn scalar_item(&self, literal: &ast::Literal, span: Span) -> Option<Item> {
        let text = literal.text.to_string();
        let value = match literal.kind {
            LiteralKind::Int | LiteralKind::Long | LiteralKind::Real | LiteralKind::Decimal => Scalar::Number(text),
            LiteralKind::TimeSpan => Scalar::TimeSpan(text),
            LiteralKind::String => Scalar::String(text),
            LiteralKind::DateTime => Scalar::DateTime(text),
            LiteralKind::Bool => Scalar::Bool(text),
            LiteralKind::Guid => Scalar::Guid(text),
            LiteralKind::Dynamic(_) => return None,
        };
        let quote = matches!(value, Scalar::String(_)).then(|| quote_of(span.of(self.text))).flatten();
        Some(Item { span, value, quote })
    }

    /// The list that a `datatable` with one column is.
    fn column_list(&self, expr: &Expr) -> Option<Literal> {
        let ExprKind::DataTable { columns, values } = &expr.kind else { return None };
        if columns.len() != 1 {
            return None;
        }
        let range = rowan::TextRange::new(expr.span.start.into(), expr.span.end.into());
        let node = self.root.covering_element(range);
        let node = node.as_node().cloned().or_else(|| node.parent())?;
        let list = node
            .descendants()
            .find(|inner| inner.kind() == SyntaxKind::ValueList && range.contains_range(inner.text_range()))?;
        let items = values.iter().filter_map(|value| self.item(value)).collect();
        let value = LiteralValue::List { form: ListForm::Column, items };
        Some(self.nameless(crate::lower::span(&list), value))
    }
}

/// How the string literal at the start of a text is quoted.
fn quote_of(literal: &str) -> Option<Quote> {
    let form = string_form(literal)?;
    Some(match (form.close, form.verbatim) {
        ("\"", false) => Quote::Double,
        ("\"", true) => Quote::VerbatimDouble,
        ("'", false) => Quote::Single,
        ("'", true) => Quote::VerbatimSingle,
        ("~~~", _) => Quote::Tildes,
        _ => Quote::Backticks,
    })
}

/// Whether a `let`'s value is a scalar as far as its form tells: no rows flow in it and it is no function.
fn is_scalar(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Pipeline { .. }
        | ExprKind::Function { .. }
        | ExprKind::DataTable { .. }
        | ExprKind::ExternalData { .. }
        | ExprKind::Wildcard(_) => false,
        ExprKind::Call { name, .. } if matches!(&*name.text, "materialize" | "toscalar" | "totable") => false,
        ExprKind::Paren(inner) => is_scalar(inner),
        _ => true,
    }
}

/// Operators that compare.
fn is_comparison(op: BinaryOp) -> bool {
    !matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo)
}

/// Whether an expression names something that has no literals behind it: a column, most likely.
fn mentions_column(expr: &Expr, collector: &Collector<'_>) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => collector.behind(&name.text).is_empty(),
        ExprKind::Star => true,
        _ => {
            let mut found = false;
            walk::children(expr, &mut |child| found = found || mentions_column(child, collector));
            found
        }
    }
}
