//! Names that Kusto gives to columns without one, and names nearest to a mistyped one.
//!
//! Source: what Microsoft's analyzer answers; the tests ask it.

use super::{Resolver, ResultColumn};
use crate::facts::{self, FunctionKind, Naming};
use kql_syntax::ast::{Argument, Expr as Ast, ExprKind, Literal, LiteralKind, Name, NamedExpr};
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
            let first_name = || first.and_then(|a| own_name(a, FunctionKind::Scalar).or_else(|| own_name(a, position)));
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

/// The names of the columns that a call gives when it gives several; `None` for any other expression.
pub(crate) fn several_names(expr: &Ast) -> Option<Vec<String>> {
    match &expr.kind {
        ExprKind::Paren(inner) => several_names(inner),
        ExprKind::Call { name, arguments } if matches!(&*name.text, "array_sort_asc" | "array_sort_desc") => {
            // A last argument that is no array says where nulls go.
            let nulls_last = |a: &Argument| matches!(&a.value.kind, ExprKind::Literal(literal) if matches!(literal.kind, LiteralKind::Bool));
            let arrays: Vec<_> = arguments.iter().filter(|a| !nulls_last(a)).collect();
            let own = |(index, argument): (usize, &&Argument)| {
                let name = own_name(&argument.value, FunctionKind::Scalar).unwrap_or_else(|| format!("array{index}"));
                format!("{name}_sorted")
            };
            Some(arrays.iter().enumerate().map(own).collect())
        }
        _ => None,
    }
}

/// The items of an operator, each that gives several columns written out as so many.
pub(crate) fn spread(items: &[NamedExpr]) -> Vec<NamedExpr> {
    let mut out: Vec<NamedExpr> = Vec::new();
    for item in items {
        let Some(own) = several_names(&item.expr) else {
            out.push(item.clone());
            continue;
        };
        let span = item.expr.span;
        let element = |index: usize| {
            let literal = Literal { kind: LiteralKind::Long, text: index.to_string().into() };
            let index = Ast { kind: ExprKind::Literal(literal), span };
            Ast { kind: ExprKind::Index { base: Box::new(item.expr.clone()), index: Box::new(index) }, span }
        };
        // One name takes the first; without names each has its own.
        let count = if item.names.is_empty() { own.len() } else { item.names.len().min(own.len()) };
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
