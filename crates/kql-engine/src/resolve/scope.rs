//! What names stand for.

use super::{ResultColumn, Tabular};
use crate::aggregates::AggregateCall;
use crate::expr::Expr;
use kql_syntax::Span;
use kql_syntax::ast::{Block, Name, Parameter};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// What a `let` name or parameter stands for.
#[derive(Clone, Debug)]
pub(crate) enum Binding {
    Scalar(Expr),
    Table(Tabular),
    Function(Rc<UserFunction>),
    /// Its definition had an error.
    Unknown,
}

impl Binding {
    /// What the name stands for, in a few words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Scalar(expr) => match expr.as_constant() {
                Some(value) => {
                    let text: String = value.to_string().chars().take(120).collect();
                    format!("{} {text}", expr.ty)
                }
                None => expr.ty.to_string(),
            },
            Self::Table(rows) => format!("rows with {} columns", rows.columns.len()),
            Self::Function(function) => {
                let parameters: Vec<&str> = function.parameters.iter().map(|p| &*p.name.text).collect();
                format!("function ({})", parameters.join(", "))
            }
            Self::Unknown => String::new(),
        }
    }
}

/// A function that the query defines.
#[derive(Debug)]
pub(crate) struct UserFunction {
    pub(crate) name: Arc<str>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Block,
    pub(crate) is_view: bool,
    pub(crate) environment: Environment,
}

/// The `let` names in force. Cheap to clone until it is added to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    names: Rc<FxHashMap<Arc<str>, (Binding, Span)>>,
    /// Names declared in the current block, which may not be declared there again.
    declared: Rc<Vec<Arc<str>>>,
}

impl Environment {
    pub(crate) fn get(&self, name: &str) -> Option<&Binding> {
        self.names.get(name).map(|(binding, _)| binding)
    }

    /// Where a name was declared.
    pub(crate) fn place(&self, name: &str) -> Option<Span> {
        self.names.get(name).map(|(_, place)| *place)
    }

    pub(crate) fn declare(&mut self, name: &Name, binding: Binding) {
        Rc::make_mut(&mut self.declared).push(name.text.clone());
        Rc::make_mut(&mut self.names).insert(name.text.clone(), (binding, name.span));
    }

    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.declared.iter().any(|d| &**d == name)
    }

    /// The same names, seen from inside a block that may declare them anew.
    pub(crate) fn inner(&self) -> Self {
        Self { names: self.names.clone(), declared: Rc::default() }
    }

    /// The names that stand for something of a kind, in alphabetical order.
    pub(crate) fn names_of(&self, wanted: impl Fn(&Binding) -> bool) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> =
            self.names.iter().filter(|(_, (binding, _))| wanted(binding)).map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (&Arc<str>, &Binding)> {
        self.names.iter().map(|(name, (binding, _))| (name, binding))
    }
}

/// What a scalar expression may use of the rows that it is evaluated on.
pub(crate) struct RowScope<'s> {
    /// The columns of a row.
    pub(crate) columns: &'s [ResultColumn],
    /// Where aggregates are collected, in `summarize`: there columns are only seen inside an aggregate.
    pub(crate) aggregates: Option<&'s mut AggregateScope>,
    /// Names whose members are columns: the steps of `scan`, each with the position of its first column.
    pub(crate) qualified: &'s [(Arc<str>, usize)],
}

/// The aggregates met so far in a `summarize`.
#[derive(Default)]
pub(crate) struct AggregateScope {
    /// Position of the first aggregate's column among the columns of the operator.
    pub(crate) first: usize,
    pub(crate) calls: Vec<AggregateCall>,
}

impl<'s> RowScope<'s> {
    /// No row: constants only.
    pub(crate) fn empty() -> Self {
        Self::row(&[])
    }

    /// The columns of a row.
    pub(crate) fn row(columns: &'s [ResultColumn]) -> Self {
        Self { columns, aggregates: None, qualified: &[] }
    }
}

impl AggregateScope {
    /// How many columns the aggregates give together.
    pub(crate) fn width(&self) -> usize {
        self.calls.iter().map(|call| call.types.len()).sum()
    }
}
