//! Names that Kusto gives to columns without one, and names nearest to a mistyped one.
//!
//! Source: what Microsoft's analyzer answers; the tests ask it.

use super::scope::Binding;
use super::{Resolver, ResultColumn};
use crate::facts::{self, FunctionKind, Naming, Returns};
use crate::functions::series_fit::several;
use event_table::ColumnType;
use kql_syntax::ast::{Argument, BinaryOp, Expr as Ast, ExprKind, Literal, LiteralKind, Name, NamedExpr};
use std::sync::Arc;

/// The name that an expression has by itself; `None` when it has none and is numbered.
pub(crate) fn own_name(expr: &Ast, position: FunctionKind) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.text.to_string()),
        ExprKind::Paren(inner) => own_name(inner, position),
        ExprKind::Member { base, member } => Some(joined(own_name(base, position), &member.text)),
        ExprKind::Index { base, index } => {
            let index = match &index.kind {
                ExprKind::Literal(literal) => literal.text.to_string(),
                _ => String::new(),
            };
            Some(joined(own_name(base, position), &index))
        }
        ExprKind::Call { name, arguments } => {
            let find = |kind| facts::find(&name.text, kind);
            let function = match position {
                FunctionKind::Aggregate => find(FunctionKind::Aggregate).or_else(|| find(FunctionKind::Scalar)),
                FunctionKind::Scalar => find(FunctionKind::Scalar),
            }?;
            let first = arguments.first().map(|a| &a.value);
            // A name before the argument is the argument's.
            let given = arguments.first().and_then(|a| a.name.as_ref()).map(|name| name.text.to_string());
            let own = || first.and_then(|a| own_name(a, FunctionKind::Scalar).or_else(|| own_name(a, position)));
            let first_name = || given.clone().or_else(own);
            match function.naming {
                Naming::Numbered => None,
                Naming::FirstArgument => first_name(),
                Naming::OnlyArgument if arguments.len() == 1 => first_name(),
                Naming::OnlyArgument => None,
                Naming::NameAndFirst => Some(format!("{}_{}", function.name, first_name().unwrap_or_default())),
                Naming::NameAndOnly if arguments.len() == 1 => {
                    Some(format!("{}_{}", function.name, first_name().unwrap_or_default()))
                }
                Naming::NameAndOnly => None,
                Naming::PrefixAndFirst(prefix) => Some(format!("{prefix}_{}", first_name().unwrap_or_default())),
                Naming::PrefixAndOnly(prefix) if arguments.len() == 1 => {
                    Some(format!("{prefix}_{}", first_name().unwrap_or_default()))
                }
                Naming::PrefixAndOnly(_) => None,
                Naming::Prefix(prefix) => Some(prefix.to_owned()),
                Naming::FirstValue => match first.map(|a| &a.kind) {
                    Some(ExprKind::Literal(literal)) if matches!(literal.kind, LiteralKind::String) => {
                        Some(literal.text.to_string())
                    }
                    _ => None,
                },
            }
        }
        _ => None,
    }
}

/// A property's name behind that of what it is in, where that has one.
fn joined(base: Option<String>, member: &str) -> String {
    base.map_or_else(|| member.to_owned(), |base| format!("{base}_{member}"))
}

impl Resolver<'_> {
    /// The name of a column to which the query gives none, its own or a numbered one.
    pub(super) fn column_name_of(&mut self, expr: &Ast, position: FunctionKind, input: &[ResultColumn]) -> Arc<str> {
        own_name(expr, position).map_or_else(|| self.numbered_name(input), Into::into)
    }

    /// The next numbered name that no column of the input has. Numbers go through the whole query.
    pub(super) fn numbered_name(&mut self, input: &[ResultColumn]) -> Arc<str> {
        loop {
            self.numbered += 1;
            let name = format!("Column{}", self.numbered);
            if !input.iter().any(|c| *c.name == name) {
                return name.into();
            }
        }
    }
}

/// The name of an argument: the one written before it, or its own.
pub(super) fn argument_name(argument: &Argument) -> Option<String> {
    match &argument.name {
        Some(name) => Some(name.text.to_string()),
        None => own_name(&argument.value, FunctionKind::Scalar),
    }
}

/// The name of a column that `arg_max`, `take_any` or one of their old names makes of its argument at a place.
pub(super) fn name_of_several(function: &str, arguments: &[Argument], index: usize) -> String {
    let of = |index: usize| arguments.get(index).and_then(argument_name);
    let own = of(index);
    // The old names say what was done.
    let old = matches!(function, "any" | "argmax" | "argmin");
    let Some(prefix) = function.strip_prefix("arg").map(|rest| rest.trim_start_matches('_')) else {
        return match own {
            Some(own) if old => format!("any_{own}"),
            Some(own) => own,
            None => format!("any_arg{index}"),
        };
    };
    match own {
        Some(own) if !old => own,
        own if index == 0 => format!("{prefix}_{}", own.unwrap_or_default()),
        own => format!("{prefix}_{}_{}", of(0).unwrap_or_default(), own.unwrap_or_else(|| format!("arg{index}"))),
    }
}

/// What one name does before a call that gives several columns, as Microsoft's analyzer has it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OneName {
    /// It names the first, and the others have their own.
    NamesTheFirst,
    /// `print`: it takes the first, and there are no others; a single column without a name is numbered.
    TakesTheFirst,
}

impl Resolver<'_> {
    /// The names of the columns that a call gives when it gives several; `None` for any other expression.
    fn several_names(&self, expr: &Ast, input: &[ResultColumn]) -> Option<Vec<String>> {
        match &expr.kind {
            ExprKind::Paren(inner) => self.several_names(inner, input),
            ExprKind::Call { name, arguments } if matches!(&*name.text, "array_sort_asc" | "array_sort_desc") => {
                // A last argument that is no array says where nulls go.
                let arrays = match arguments.split_last() {
                    Some((last, arrays)) if self.is_bool(&last.value, input) => arrays,
                    _ => arguments,
                };
                let own = |(index, argument): (usize, &Argument)| {
                    let name = argument_name(argument).unwrap_or_else(|| format!("array{index}"));
                    format!("{name}_sorted")
                };
                Some(arrays.iter().enumerate().map(own).collect())
            }
            ExprKind::Call { name, arguments } => {
                let columns = several(&name.text)?;
                let own = arguments.first().and_then(argument_name).unwrap_or_default();
                Some(columns.iter().map(|(column, _)| format!("{}_{own}_{column}", name.text)).collect())
            }
            _ => None,
        }
    }

    /// Whether an expression is a condition, by its form and what its name stands for.
    fn is_bool(&self, expr: &Ast, input: &[ResultColumn]) -> bool {
        match &expr.kind {
            ExprKind::Paren(inner) => self.is_bool(inner, input),
            ExprKind::Literal(literal) => matches!(literal.kind, LiteralKind::Bool),
            ExprKind::And(_) | ExprKind::Or(_) | ExprKind::In { .. } | ExprKind::Between { .. } => true,
            ExprKind::Binary { op, .. } => !matches!(
                op,
                BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo
            ),
            ExprKind::Name(name) => match input.iter().find(|column| column.name == name.text) {
                Some(column) => column.ty == Some(ColumnType::Bool),
                None => {
                    matches!(self.environment.get(&name.text), Some(Binding::Scalar(x)) if x.ty == ColumnType::Bool)
                }
            },
            ExprKind::Call { name, .. } => facts::find(&name.text, FunctionKind::Scalar)
                .is_some_and(|f| f.signatures.iter().all(|s| s.returns == Returns::Type(ColumnType::Bool))),
            _ => false,
        }
    }

    /// The items of an operator, each that gives several columns written out as so many.
    pub(super) fn spread(&mut self, items: &[NamedExpr], input: &[ResultColumn], one: OneName) -> Vec<NamedExpr> {
        let mut out: Vec<NamedExpr> = Vec::new();
        for item in items {
            let own = match self.several_names(&item.expr, input) {
                Some(own) if own.len() > 1 || one == OneName::NamesTheFirst || item.names.len() > 1 => own,
                _ => {
                    out.push(item.clone());
                    continue;
                }
            };
            let span = item.expr.span;
            if let Some(name) = item.names.get(own.len()) {
                let message = format!("The name '{}' has no column: there are {}.", name.text, own.len());
                self.error("too-many-names", name.span, message);
            }
            let element = |index: usize| {
                let literal = Literal { kind: LiteralKind::Long, text: index.to_string().into() };
                let index = Ast { kind: ExprKind::Literal(literal), span };
                Ast { kind: ExprKind::Index { base: Box::new(item.expr.clone()), index: Box::new(index) }, span }
            };
            let takes_one = one == OneName::TakesTheFirst && item.names.len() == 1;
            let count = if takes_one { 1 } else { own.len() };
            for (index, name) in own.iter().enumerate().take(count) {
                let mut made = UniqueNames::default();
                out.iter().flat_map(|item| &item.names).for_each(|name| made.take(&name.text));
                let name = item.names.get(index).cloned().unwrap_or_else(|| Name { text: made.make(name), span });
                let expr = if own.len() == 1 { item.expr.clone() } else { element(index) };
                out.push(NamedExpr { names: vec![name], expr, span: item.span });
            }
        }
        out
    }
}

/// Gives each column of an operator a name of its own.
#[derive(Default)]
pub(crate) struct UniqueNames {
    taken: Vec<Arc<str>>,
    /// Names that the query gives, as against those that it leaves to be made.
    given: Vec<Arc<str>>,
}

impl UniqueNames {
    pub(crate) fn is_taken(&self, name: &str) -> bool {
        self.taken.iter().any(|t| &**t == name)
    }

    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|g| &**g == name)
    }

    /// Takes a name that the query gives. It yields to one that was made before, but no other may be given it.
    pub(crate) fn give(&mut self, name: &Arc<str>) -> Arc<str> {
        self.given.push(name.clone());
        self.make(name)
    }

    /// Takes a name as it is.
    pub(crate) fn take(&mut self, name: &Arc<str>) {
        self.taken.push(name.clone());
    }

    /// Takes a name, or the name with the first number that makes it free.
    pub(crate) fn make(&mut self, wanted: &str) -> Arc<str> {
        let free = |names: &Self, name: &str| !names.is_taken(name);
        let name = if free(self, wanted) {
            wanted.to_owned()
        } else {
            (1..).map(|n| format!("{wanted}{n}")).find(|name| free(self, name)).unwrap_or_default()
        };
        let name: Arc<str> = name.into();
        self.take(&name);
        name
    }
}
