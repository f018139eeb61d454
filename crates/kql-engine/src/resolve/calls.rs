//! Choosing a signature for a call, and the type of its result.
//!
//! The rules are those of Microsoft's language service: a signature fits when the number of arguments and the
//! type of each do; of those that fit, the one with the most exact types is taken.

use super::types;
use crate::facts::{ArgumentKind, Function, ParamKind, Parameter, Repeat, Returns, Signature};
use event_table::ColumnType;

/// What a call is made with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ArgumentFact {
    /// The type of the values; `None` when it depends on an error, which fits everywhere.
    pub(crate) ty: Option<ColumnType>,
    /// Whether it reads no column.
    pub(crate) constant: bool,
    /// Whether it stands on a parameter of a function, so that a call tells whether it is constant.
    pub(crate) of_parameter: bool,
    /// `*`.
    pub(crate) star: bool,
    /// `typeof(type)`.
    pub(crate) type_literal: Option<ColumnType>,
}

/// Why a call fits no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// The number of arguments is wrong, in words.
    Count(String),
    /// An argument, by position, is wrong, in words.
    Argument(usize, String),
    /// An argument, by position, must be known before the query runs, in words.
    Constant(usize, String),
    /// The arguments do not go together, in words.
    Together(String),
}

/// The type that a call gives.
pub(crate) fn resolve(function: &Function, arguments: &[ArgumentFact]) -> Result<Option<ColumnType>, CallError> {
    let mut best: Option<(usize, &Signature, Vec<&Parameter>)> = None;
    let mut wrong: Option<CallError> = None;
    for signature in &function.signatures {
        let Some(parameters) = expand(signature, arguments.len()) else { continue };
        match fit(&parameters, arguments) {
            Ok(exact) if best.as_ref().is_none_or(|(most, ..)| exact > *most) => {
                best = Some((exact, signature, parameters));
            }
            Ok(_) => {}
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    match best {
        Some((_, signature, parameters)) => result_type(function, signature, &parameters, arguments),
        None => Err(wrong.unwrap_or_else(|| CallError::Count(count_message(function)))),
    }
}

/// The parameter of each of `count` arguments; `None` when so many do not fit.
fn expand(signature: &Signature, count: usize) -> Option<Vec<&Parameter>> {
    let parameters = &signature.parameters;
    let repeats = |p: &&Parameter| matches!(p.repeat, Repeat::AtLeast(_));
    let before = parameters.iter().take_while(|p| !repeats(p)).count();
    let group: Vec<&Parameter> = parameters[before..].iter().take_while(|p| repeats(p)).collect();
    if group.is_empty() {
        let needed = parameters.iter().filter(|p| p.repeat == Repeat::Once).count();
        return (needed..=parameters.len()).contains(&count).then(|| parameters.iter().take(count).collect());
    }
    let after = &parameters[before + group.len()..];
    let needed_after = after.iter().filter(|p| p.repeat == Repeat::Once).count();
    let middle = count.checked_sub(before + needed_after)?;
    let least = group.iter().map(|p| if let Repeat::AtLeast(n) = p.repeat { n } else { 1 }).max()?;
    if middle % group.len() != 0 || middle / group.len() < least {
        return None;
    }
    let mut expanded: Vec<&Parameter> = parameters[..before].iter().collect();
    expanded.extend(group.iter().cycle().take(middle));
    expanded.extend(after.iter().filter(|p| p.repeat == Repeat::Once));
    Some(expanded)
}

fn count_message(function: &Function) -> String {
    let bounds = function.signatures.iter().map(|signature| {
        let least: usize = signature
            .parameters
            .iter()
            .map(|p| match p.repeat {
                Repeat::Once => 1,
                Repeat::Optional => 0,
                Repeat::AtLeast(n) => n,
            })
            .sum();
        let endless = signature.parameters.iter().any(|p| matches!(p.repeat, Repeat::AtLeast(_)));
        (least, if endless { usize::MAX } else { signature.parameters.len() })
    });
    let (least, most) = bounds.fold((usize::MAX, 0), |(a, b), (x, y)| (a.min(x), b.max(y)));
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let takes = match (least, most) {
        (0, 0) => "no arguments".to_owned(),
        (a, b) if a == b => format!("{a} argument{}", plural(a)),
        (a, usize::MAX) => format!("at least {a} argument{}", plural(a)),
        (a, b) => format!("{a} to {b} arguments"),
    };
    format!("`{}` takes {takes}.", function.name)
}

/// How many arguments have exactly the type asked for.
fn fit(parameters: &[&Parameter], arguments: &[ArgumentFact]) -> Result<usize, CallError> {
    let mut exact = 0;
    for (position, (parameter, argument)) in parameters.iter().zip(arguments).enumerate() {
        let refuse = |expected: &str| {
            let found = argument.ty.map_or("*", ColumnType::name);
            let name = parameter.name;
            Err(CallError::Argument(position, format!("{expected} is expected for `{name}`, and this is {found}.")))
        };
        if argument.star {
            if parameter.argument == ArgumentKind::Star {
                continue;
            }
            return Err(CallError::Argument(position, "`*` cannot stand here.".into()));
        }
        if parameter.kind == ParamKind::TypeLiteral {
            if argument.type_literal.is_none() {
                return Err(CallError::Argument(position, "`typeof(…)` is expected here.".into()));
            }
            continue;
        }
        let Some(ty) = argument.ty else { continue };
        let ok = match &parameter.kind {
            ParamKind::Types(types) => {
                exact += usize::from(types.contains(&ty));
                let fits = types.contains(&ty) || types.iter().any(|t| promotes(ty, *t));
                if !fits {
                    let names: Vec<_> = types.iter().map(|t| t.name()).collect();
                    return refuse(&format!("A value of type {}", names.join(" or ")));
                }
                true
            }
            ParamKind::Integer => matches!(ty, ColumnType::Int | ColumnType::Long),
            ParamKind::Number => ty.is_numeric(),
            ParamKind::NumberOrBool => ty.is_numeric() || ty == ColumnType::Bool,
            ParamKind::RealOrDecimal => matches!(ty, ColumnType::Real | ColumnType::Decimal),
            ParamKind::Summable => types::is_summable(ty),
            ParamKind::Orderable | ParamKind::CommonOrderable => {
                types::is_summable(ty) || matches!(ty, ColumnType::String | ColumnType::Bool) || {
                    // `max_of(dynamic, 1)` passes, and gives the type of the rest.
                    ty == ColumnType::Dynamic && parameter.kind == ParamKind::CommonOrderable
                }
            }
            ParamKind::StringOrDynamic | ParamKind::StringOrArray => types::is_text(ty),
            ParamKind::IntegerOrArray => matches!(ty, ColumnType::Int | ColumnType::Long | ColumnType::Dynamic),
            ParamKind::Array | ParamKind::Bag => ty == ColumnType::Dynamic,
            ParamKind::NotDynamic => ty != ColumnType::Dynamic,
            ParamKind::NotRealOrBool => !matches!(ty, ColumnType::Real | ColumnType::Bool),
            ParamKind::Tabular | ParamKind::TypeLiteral => false,
            ParamKind::Scalar | ParamKind::Common | ParamKind::CommonOrDynamic => true,
        };
        if !ok {
            return refuse(expected(&parameter.kind));
        }
        let message = || format!("A constant is expected for `{}`: it cannot depend on a row.", parameter.name);
        match parameter.argument {
            ArgumentKind::Constant if !argument.constant && !argument.of_parameter => {
                return Err(CallError::Constant(position, message()));
            }
            // What has to be a literal is one in the text.
            ArgumentKind::Literal if !argument.constant => return Err(CallError::Argument(position, message())),
            _ => {}
        }
    }
    Ok(exact)
}

fn expected(kind: &ParamKind) -> &'static str {
    match kind {
        ParamKind::Integer => "A whole number (int or long)",
        ParamKind::Number => "A number",
        ParamKind::NumberOrBool => "A number or a bool",
        ParamKind::RealOrDecimal => "A real or a decimal",
        ParamKind::Summable => "A number, timespan or datetime",
        ParamKind::Orderable | ParamKind::CommonOrderable => "A number, timespan, datetime, string or bool",
        ParamKind::StringOrDynamic | ParamKind::StringOrArray => "A string or a dynamic value",
        ParamKind::IntegerOrArray => "A whole number or a dynamic array",
        ParamKind::Array => "A dynamic array",
        ParamKind::Bag => "A dynamic property bag",
        ParamKind::NotDynamic => "A value that is not dynamic",
        ParamKind::NotRealOrBool => "A value that is neither real nor bool",
        ParamKind::Tabular => "A tabular expression",
        _ => "A value",
    }
}

/// Whether a value of a type is taken where another type is asked for: numbers widen, dynamic values are read as text.
fn promotes(from: ColumnType, to: ColumnType) -> bool {
    use ColumnType::{Decimal, Dynamic, Int, Long, Real, String};
    matches!((from, to), (Int, Long | Real | Decimal) | (Long, Real | Decimal) | (Real, Decimal) | (Dynamic, String))
}

fn result_type(
    function: &Function,
    signature: &Signature,
    parameters: &[&Parameter],
    arguments: &[ArgumentFact],
) -> Result<Option<ColumnType>, CallError> {
    let of = |index: usize| arguments.get(index).and_then(|a| a.ty);
    let kinds = || parameters.iter().map(|p| &p.kind).zip(arguments);
    Ok(match signature.returns {
        Returns::Type(ty) => Some(ty),
        Returns::Argument(index) => of(index),
        Returns::Promoted(index) => of(index).map(|ty| if ty == ColumnType::Int { ColumnType::Long } else { ty }),
        Returns::ArrayOf => Some(ColumnType::Dynamic),
        Returns::LastLiteral => arguments.last().and_then(|a| a.type_literal),
        Returns::Widest => {
            let types: Option<Vec<ColumnType>> = arguments.iter().map(|a| a.ty).collect();
            types.map(|types| types.into_iter().reduce(types::widest).unwrap_or(ColumnType::Long))
        }
        Returns::Common => {
            let mut found = Vec::new();
            let mut lenient = false;
            for (kind, argument) in kinds() {
                match kind {
                    ParamKind::Common | ParamKind::CommonOrderable => found.push(argument.ty),
                    ParamKind::CommonOrDynamic => {
                        lenient = true;
                        found.push(argument.ty);
                    }
                    _ => {}
                }
            }
            let Some(found) = found.into_iter().collect::<Option<Vec<ColumnType>>>() else { return Ok(None) };
            let ordered = matches!(parameters.first().map(|p| &p.kind), Some(ParamKind::CommonOrderable));
            let mut plain: Vec<ColumnType> = found.clone();
            if lenient || ordered {
                plain.retain(|ty| *ty != ColumnType::Dynamic);
            }
            match types::common(&plain) {
                None if plain.is_empty() || lenient => Some(ColumnType::Dynamic),
                None => {
                    let message = format!("The arguments of `{}` have no type in common.", function.name);
                    return Err(CallError::Together(message));
                }
                some => some,
            }
        }
        Returns::Custom => match function.name {
            "percentile" | "percentiles" | "percentilew" | "percentilesw" => of(0),
            _ => Some(ColumnType::Dynamic),
        },
    })
}
