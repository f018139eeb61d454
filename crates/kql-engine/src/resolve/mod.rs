//! From the shape of a query to a plan: names become columns and tables, operators get their types.
//!
//! Every finding has the position of the words that it is about, and resolution goes on after one, so that all
//! are told at once; what depends on an unknown name is not complained about again. The rules are those of
//! Microsoft's own analyzer, which the tests ask; where the running Kusto refuses what the analyzer lets pass
//! (`"5" == 5`), so does this.

mod calls;
mod evaluate;
mod expand;
mod external;
mod file_profile;
mod find;
mod join;
mod literals;
mod names;
mod nested;
mod operators;
mod own_names;
mod parsing;
mod patterns;
mod scalar;
mod scan;
mod scope;
mod search;
mod series;
mod summarize;
mod tabular;
mod types;
mod union;
mod warnings;
mod window;

use crate::facts;
use crate::memory;
use crate::plan::{Leg, NodeId, NodeKind, Plan, PlanColumn};
use crate::run::{Cancelled, Pace, Relation, RunError, Runner};
use event_table::{ColumnType, DateTime, TableSet};
pub use external::{ExternalFile, external_name, is_external};
use kql_syntax::ast::{Document, Expr as Ast, Statement, StatementKind};
use kql_syntax::{Diagnostic, Span};
pub(crate) use names::own_name;
pub use own_names::OwnNames;
use rustc_hash::{FxHashMap, FxHashSet};
use scope::{Binding, Environment, UserFunction};
use std::rc::Rc;
use std::sync::Arc;

/// A resolved query, as far as it could be resolved.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// What to run; `None` when a finding is an error.
    pub plan: Option<Plan>,
    /// The columns of the result as far as they are known; the type of one that depends on an error is not.
    pub columns: Vec<ResultColumn>,
    /// The findings, by position.
    pub diagnostics: Vec<Diagnostic>,
    /// The operators of the text with the columns that flow into each, for editors.
    pub scopes: Vec<Scope>,
    /// The names that the query binds, for editors.
    pub bindings: Vec<BoundName>,
    /// Where the names that the query declares stand.
    pub own_names: OwnNames,
    /// The files that the query reads by name (`externaldata`), by position.
    pub external: Vec<ExternalFile>,
}

/// An operator of the text and the columns that flow into it.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The operator, from its keyword on.
    pub span: Span,
    /// The columns of its input.
    pub columns: Rc<Vec<ResultColumn>>,
}

/// A name that the query binds with `let`.
#[derive(Clone, Debug)]
pub struct BoundName {
    /// The name.
    pub name: Arc<str>,
    /// Whether it stands for rows.
    pub is_table: bool,
    /// What it stands for, in a few words.
    pub detail: String,
}

/// A column while a query is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    /// The name.
    pub name: Arc<str>,
    /// The type; `None` when it depends on an error.
    pub ty: Option<ColumnType>,
}

/// Rows of a tabular expression while a query is resolved.
#[derive(Clone, Debug)]
pub(crate) struct Tabular {
    pub(crate) node: NodeId,
    pub(crate) columns: Rc<Vec<ResultColumn>>,
}

/// The code of findings that something must be known before the query runs.
const NOT_CONSTANT: &str = "not-constant";
/// The column that a parameter stands for while its function's body is checked without a call: it is nowhere.
const NO_COLUMN: usize = usize::MAX;
/// A use of user functions beyond this is refused: each use is written out.
const MAX_CALLS: usize = 2_000;
/// Findings beyond this are not told.
const MAX_FINDINGS: usize = 1_000;
/// The most columns that the operators of a query may give, added up: each operator's are held.
const MAX_PLANNED: usize = 4_000_000;

/// Whether an expression stands on a parameter of a function whose body is checked without a call.
fn of_parameter(expr: &crate::expr::Expr) -> bool {
    expr.columns().contains(&NO_COLUMN)
}

pub(crate) struct Resolver<'a> {
    tables: &'a TableSet,
    now: DateTime,
    plan: Plan,
    diagnostics: Vec<Diagnostic>,
    environment: Environment,
    /// The names and places of the legs of each union.
    legs: FxHashMap<NodeId, Vec<(Arc<str>, Span)>>,
    /// The name and place that a `let` gave an operator.
    bound: FxHashMap<NodeId, (Arc<str>, Span)>,
    calls: usize,
    /// How many tabular expressions stand around what is resolved, up to the body of the function that it is in.
    depth: usize,
    /// The columns of all operators so far, added up.
    planned: usize,
    /// How many columns without a name have been numbered: the next has the next number, wherever in the query.
    numbered: usize,
    scopes: Vec<Scope>,
    bindings: Vec<BoundName>,
    own_names: OwnNames,
    external: Vec<ExternalFile>,
    /// What `serialize` gave.
    serialized: FxHashSet<NodeId>,
    /// What `materialize` was called on: nothing behind it changes its rows.
    materialized: FxHashSet<NodeId>,
    /// What gives the key of a part to the query in braces of `partition`.
    part_keys: FxHashSet<NodeId>,
    /// Whether the call that is resolved next may give several values, of which one is taken.
    takes_one_of_several: bool,
    /// A plugin that made no columns because there were no rows to make them of, and why there were none.
    without_columns: Option<(&'static str, &'static str)>,
    /// Whether it was told that a constant takes too much memory.
    has_told_of_memory: bool,
    /// The window functions met in the operator that is being resolved.
    windows: window::WindowScope,
    patterns: FxHashMap<Arc<str>, Rc<patterns::Pattern>>,
    /// What `set` statements say.
    options: FxHashMap<Arc<str>, crate::expr::Expr>,
    /// Where the rows come from that the columns of plugins depend on.
    given: Given<'a>,
    /// How many plugins asked for rows so far.
    asked_rows: usize,
    /// The plan whose rows are to be given before the query can be resolved further.
    wanted: Option<Plan>,
}

/// The rows of a plan, or why there are none.
type GivenRows = Result<Rc<Relation>, RunError>;

/// Where the rows come from that the columns of `bag_unpack` and `pivot` depend on.
#[derive(Clone, Copy)]
enum Given<'a> {
    /// They are run while the query is resolved.
    Here,
    /// They were run before, in the order in which they are asked for.
    Before(&'a [GivenRows]),
}

/// Resolves a query against tables. `now` is the instant that `now()` stands for. Rows that the columns of `bag_unpack`
/// and `pivot` depend on are run here and now; [`resolve_paced`] can be called off.
#[must_use]
pub fn resolve(document: &Document, tables: &TableSet, now: DateTime) -> Resolution {
    within_bound(document, tables, now, Given::Here).0
}

/// As [`resolve`], with pauses where rows are run that the columns of plugins depend on.
///
/// # Errors
/// When the pace called it off.
pub async fn resolve_paced(
    document: &Document,
    tables: &TableSet,
    now: DateTime,
    pace: &dyn Pace,
) -> Result<Resolution, Cancelled> {
    let mut given: Vec<GivenRows> = Vec::new();
    loop {
        // Resolving again with the rows of one plugin more gives the same up to the next.
        let (resolution, wanted) = within_bound(document, tables, now, Given::Before(&given));
        let Some(plan) = wanted else { return Ok(resolution) };
        given.push(match Runner::new().run(&plan, tables, now, pace).await {
            Err(RunError::Cancelled) => return Err(Cancelled),
            outcome => outcome.map(|outcome| outcome.relation),
        });
    }
}

fn within_bound(document: &Document, tables: &TableSet, now: DateTime, given: Given<'_>) -> (Resolution, Option<Plan>) {
    // Constants are computed here, so a bound holds here too.
    memory::within(memory::DEFAULT_BOUND, || resolve_given(document, tables, now, given))
}

fn resolve_given(
    document: &Document,
    tables: &TableSet,
    now: DateTime,
    given: Given<'_>,
) -> (Resolution, Option<Plan>) {
    let mut resolver = Resolver {
        tables,
        now,
        plan: Plan::default(),
        diagnostics: Vec::new(),
        environment: Environment::default(),
        legs: FxHashMap::default(),
        bound: FxHashMap::default(),
        calls: 0,
        depth: 0,
        planned: 0,
        numbered: 0,
        scopes: Vec::new(),
        bindings: Vec::new(),
        own_names: OwnNames::default(),
        external: Vec::new(),
        serialized: FxHashSet::default(),
        materialized: FxHashSet::default(),
        part_keys: FxHashSet::default(),
        takes_one_of_several: false,
        without_columns: None,
        has_told_of_memory: false,
        windows: window::WindowScope::default(),
        patterns: FxHashMap::default(),
        options: FxHashMap::default(),
        given,
        asked_rows: 0,
        wanted: None,
    };
    let result = resolver.statements(&document.statements);
    let wanted = resolver.wanted.take();
    (resolver.finish(result, document), wanted)
}

impl Resolver<'_> {
    /// What a name of the query stands for, which is noted as a use of it.
    fn named(&mut self, name: &kql_syntax::ast::Name) -> Option<&Binding> {
        if let Some(declared) = self.environment.place(&name.text) {
            self.own_names.refer(declared, name.span);
        }
        self.environment.get(&name.text)
    }

    /// What the name of a call stands for, which is a function of the query or one of the language.
    fn called(&mut self, name: &kql_syntax::ast::Name) -> Option<&Binding> {
        let is_own = matches!(self.environment.get(&name.text), Some(Binding::Function(_) | Binding::Unknown));
        if is_own { self.named(name) } else { self.environment.get(&name.text) }
    }

    fn error(&mut self, code: &str, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, span, message));
    }

    /// Says that an expression must be known before the query runs; of one that stands on a parameter a call tells.
    fn not_constant(&mut self, expr: &crate::expr::Expr, span: Span, message: &str) {
        if !of_parameter(expr) {
            self.error(NOT_CONSTANT, span, message);
        }
    }

    /// Adds a finding, unless the same one is there: a function's body is resolved at each use.
    fn report(&mut self, diagnostic: Diagnostic) {
        // One error at least is among those told, since it keeps the query from being run.
        let is_error = |d: &Diagnostic| d.severity == kql_syntax::Severity::Error;
        if self.has_told_all() && (!is_error(&diagnostic) || self.diagnostics.iter().any(is_error)) {
            return;
        }
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether there are so many findings that no more are told.
    fn has_told_all(&self) -> bool {
        self.diagnostics.len() >= MAX_FINDINGS
    }

    fn add(&mut self, kind: NodeKind, columns: Vec<ResultColumn>, span: Span) -> Tabular {
        // A type that is not known stands for an error, which keeps the plan from being run.
        let planned =
            columns.iter().map(|c| PlanColumn { name: c.name.clone(), ty: c.ty.unwrap_or(ColumnType::Dynamic) });
        let before = self.planned;
        self.planned += columns.len();
        if before <= MAX_PLANNED && self.planned > MAX_PLANNED {
            let message = format!("The operators of this query give more than {MAX_PLANNED} columns in all.");
            self.error("too-large", span, message);
        }
        let node = self.plan.add(kind, planned.collect(), span);
        Tabular { node, columns: Rc::new(columns) }
    }

    /// Binds the `let`s and gives the rows of the last query.
    fn statements(&mut self, statements: &[Statement]) -> Option<Tabular> {
        let mut result = None;
        let last = statements.iter().rposition(|s| matches!(s.kind, StatementKind::Query(_)));
        for (position, statement) in statements.iter().enumerate() {
            if matches!(statement.kind, StatementKind::Query(_)) && last != Some(position) {
                let message = "The rows of this query are not shown: of several queries the last one is run.";
                self.report(Diagnostic::warning("earlier-query", statement.span, message));
            }
            match &statement.kind {
                StatementKind::Let { name, value } => self.bind(name, value, statement.span),
                StatementKind::Query(expr) => result = self.tabular(expr),
                StatementKind::Set { name, value } => self.set_option(name, value.as_ref()),
                StatementKind::QueryParameters(parameters) => {
                    for parameter in parameters {
                        self.query_parameter(parameter);
                    }
                }
                StatementKind::Pattern { name, parameters, path, cases } => {
                    let path = path.as_ref().map(|p| p.name.clone());
                    self.own_names.unseen.push(statement.span);
                    let pattern = patterns::Pattern { parameters: parameters.clone(), path, cases: cases.clone() };
                    self.patterns.insert(name.text.clone(), Rc::new(pattern));
                }
                StatementKind::Unsupported(name) => {
                    self.unsupported(name.span, &name.text, &format!("`{}`", name.text))
                }
            }
        }
        result
    }

    /// `set name = value;`. Options that say how a cluster is to work change nothing here.
    fn set_option(&mut self, name: &kql_syntax::ast::Name, value: Option<&Ast>) {
        if let Some(value) = value.and_then(|value| self.scalar(value, &mut scope::RowScope::empty())) {
            self.options.insert(name.text.clone(), value);
        }
        // The one option that changes values: `now()` is what the clock of the page, or of the command line, says.
        if &*name.text == "query_now" {
            let found = Diagnostic::warning("no-query-now", name.span, "`query_now` changes nothing here.");
            self.report(found.with_hint("The clock beside the query, and --now of exfil, say what now() is."));
        }
    }

    /// Refuses a construct of the language, by the name that it has in `facts::instead`.
    fn unsupported(&mut self, span: Span, name: &str, what: &str) {
        let refused = Diagnostic::error("unsupported", span, format!("{what} is part of KQL but not supported here."));
        self.report(match facts::instead(name) {
            Some(instead) => refused.with_hint(instead),
            None => refused,
        });
    }

    /// Refuses a function that a service has beside those of the language.
    fn of_a_service(&mut self, name: &kql_syntax::ast::Name) {
        let message = format!("`{}` is known to Defender or Sentinel and not supported here.", name.text);
        let refused = Diagnostic::error("unsupported", name.span, message);
        self.report(match facts::of_a_service(&name.text) {
            Some(instead) => refused.with_hint(instead),
            None => refused,
        });
    }

    fn bind(&mut self, name: &kql_syntax::ast::Name, value: &Ast, span: Span) {
        if self.environment.is_declared(&name.text) {
            self.error("duplicate-let", name.span, format!("The name '{}' has already been declared.", name.text));
        }
        let binding = if let kql_syntax::ast::ExprKind::Function { parameters, body, view } = &value.kind {
            let function = Rc::new(UserFunction {
                name: name.text.clone(),
                parameters: parameters.clone(),
                body: body.clone(),
                is_view: *view,
                environment: self.environment.clone(),
            });
            function.parameters.iter().for_each(|parameter| self.own_names.declare(&parameter.name));
            self.own_names.unseen.extend(function.parameters.iter().filter_map(|p| p.default.as_ref()).map(|d| d.span));
            self.own_names.bodies.entry(body.span).or_insert(false);
            self.check_function(&function);
            Binding::Function(function)
        } else if self.is_tabular(value) {
            match self.tabular(value) {
                Some(table) => {
                    self.bound.entry(table.node).or_insert_with(|| (name.text.clone(), span));
                    Binding::Table(table)
                }
                None => Binding::Unknown,
            }
        } else {
            match self.scalar(value, &mut scope::RowScope::empty()) {
                Some(expr) => Binding::Scalar(expr),
                None => Binding::Unknown,
            }
        };
        let bound = BoundName {
            name: name.text.clone(),
            is_table: matches!(binding, Binding::Table(_)) || self.is_tabular(value),
            detail: binding.describe(),
        };
        self.bindings.push(bound);
        self.own_names.declare(name);
        self.environment.declare(name, binding);
    }

    fn finish(mut self, result: Option<Tabular>, document: &Document) -> Resolution {
        let columns = result.as_ref().map(|t| t.columns.to_vec()).unwrap_or_default();
        let has_query = document.statements.iter().any(|s| matches!(s.kind, StatementKind::Query(_)));
        if !has_query && self.diagnostics.is_empty() {
            let end = document.statements.last().map_or(Span::default(), |s| Span::new(s.span.end, s.span.end));
            self.error(
                "no-query",
                end,
                "There is no query here: end with a table name or an expression that gives rows.",
            );
        }
        self.diagnostics.sort_by_key(|d| (d.span, d.severity));
        self.external.sort_by_key(|file| file.span);
        let failed = self.diagnostics.iter().any(|d| d.severity == kql_syntax::Severity::Error);
        let runnable = result.filter(|_| !failed);
        if let Some(result) = &runnable {
            self.plan.root = Some(result.node);
            self.name_legs(result.node);
        }
        Resolution {
            plan: runnable.map(|_| self.plan),
            columns,
            diagnostics: self.diagnostics,
            scopes: self.scopes,
            bindings: self.bindings,
            own_names: self.own_names,
            external: self.external,
        }
    }

    /// Finds what feeds the outermost union.
    fn name_legs(&mut self, root: NodeId) {
        let mut top = root;
        while let NodeKind::Filter(input, _)
        | NodeKind::Project(input, _)
        | NodeKind::Sort(input, _)
        | NodeKind::Top(input, ..)
        | NodeKind::Take(input, _)
        | NodeKind::Count(input)
        | NodeKind::Distinct(input)
        | NodeKind::Window(input, _)
        | NodeKind::Summarize(input, ..) = &self.plan.node(top).kind
        {
            top = *input;
        }
        let mut legs = Vec::new();
        self.collect_legs(top, &mut legs);
        if legs.is_empty() {
            let table = self.plan.tables(root).first().cloned().unwrap_or_else(|| "Query".into());
            let (name, span) = self.bound.get(&root).cloned().unwrap_or((table, self.plan.node(root).span));
            legs.push(Leg { name, node: root, span });
        }
        self.plan.legs = legs;
    }

    /// The legs of a union, those of unions directly below it in their place.
    fn collect_legs(&mut self, union: NodeId, legs: &mut Vec<Leg>) {
        let NodeKind::Union(inputs) = &self.plan.node(union).kind else { return };
        let inputs: Vec<NodeId> = inputs.iter().map(|input| input.node).collect();
        let names = self.legs.get(&union).cloned().unwrap_or_default();
        for (position, (node, (name, span))) in inputs.into_iter().zip(names).enumerate() {
            if matches!(self.plan.node(node).kind, NodeKind::Union(_)) {
                self.collect_legs(node, legs);
            } else {
                let leg = u16::try_from(legs.len()).ok();
                self.plan.set_leg(union, position, leg);
                let (name, span) = self.bound.get(&node).cloned().unwrap_or((name, span));
                legs.push(Leg { name, node, span });
            }
        }
    }
}
