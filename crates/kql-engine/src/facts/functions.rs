//! The functions and aggregates of Kusto, read from `functions.txt`.

use event_table::ColumnType;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A function or aggregate that Kusto documents.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name, case-sensitive.
    pub name: &'static str,
    /// Scalar function or aggregate.
    pub kind: FunctionKind,
    /// The name to use instead, for an old name.
    pub replaced_by: Option<&'static str>,
    /// How a column made by a call without a name of its own is named.
    pub naming: Naming,
    /// The ways to call it.
    pub signatures: Vec<Signature>,
}

/// Whether a function works on a row or on a group of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum FunctionKind {
    Scalar,
    Aggregate,
}

/// How a column made by a call without a name of its own is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// `Column1`, `print_0`…
    Numbered,
    /// The name of the first argument.
    FirstArgument,
    /// The name of the only argument; numbered when there are more.
    OnlyArgument,
    /// Function, underscore, name of the first argument.
    NameAndFirst,
    /// Function, underscore, name of the only argument.
    NameAndOnly,
    /// A prefix, underscore, name of the first argument (which may be empty).
    PrefixAndFirst(&'static str),
    /// A prefix, underscore, name of the only argument (which may be empty).
    PrefixAndOnly(&'static str),
    /// The text of the first argument.
    FirstValue,
    /// A prefix alone.
    Prefix(&'static str),
}

/// One way to call a function.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The type of the result.
    pub returns: Returns,
}

impl Signature {
    /// The signature as people write it: `substring(string, start, length?) -> string`.
    #[must_use]
    pub fn written(&self, name: &str) -> String {
        let parameter = |p: &Parameter| match p.repeat {
            Repeat::Once => p.name.to_owned(),
            Repeat::Optional => format!("{}?", p.name),
            Repeat::AtLeast(_) => format!("{}, …", p.name),
        };
        let parameters: Vec<String> = self.parameters.iter().map(parameter).collect();
        let returns = match self.returns {
            Returns::Type(ty) => format!(" -> {ty}"),
            _ => String::new(),
        };
        format!("{name}({}){returns}", parameters.join(", "))
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name.
    pub name: &'static str,
    /// How often it stands.
    pub repeat: Repeat,
    /// What form the argument must have.
    pub argument: ArgumentKind,
    /// What type the argument must have.
    pub kind: ParamKind,
    /// The words that a literal may be, in any case; none when any will do.
    pub values: Vec<&'static str>,
}

/// How often a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Once.
    Once,
    /// Once or not at all.
    Optional,
    /// At least so many times.
    AtLeast(usize),
}

/// What form an argument must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Any expression.
    Expression,
    /// An expression without columns.
    Constant,
    /// A literal.
    Literal,
    /// A column.
    Column,
    /// An expression or `*`.
    Star,
}

/// What type an argument must have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the language service's")]
pub enum ParamKind {
    Types(Vec<ColumnType>),
    /// `typeof(…)`.
    TypeLiteral,
    Scalar,
    Tabular,
    Integer,
    Number,
    NumberOrBool,
    RealOrDecimal,
    Summable,
    Orderable,
    StringOrDynamic,
    StringOrArray,
    IntegerOrArray,
    Array,
    Bag,
    NotDynamic,
    NotRealOrBool,
    Common,
    CommonOrDynamic,
    CommonOrderable,
}

/// The type of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// Always this one.
    Type(ColumnType),
    /// The type of an argument.
    Argument(usize),
    /// The type of an argument, int made long.
    Promoted(usize),
    /// An array of the argument's type: dynamic.
    ArrayOf,
    /// The type named by the last argument's `typeof(…)`.
    LastLiteral,
    /// The type that the `common` arguments share.
    Common,
    /// The widest number type of the arguments.
    Widest,
    /// Told by the function itself.
    Custom,
}

struct Table {
    functions: Vec<Function>,
    by_name: FxHashMap<(&'static str, FunctionKind), usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let functions = parse(include_str!("functions.txt"));
    let by_name = functions.iter().enumerate().map(|(i, f)| ((f.name, f.kind), i)).collect();
    Table { functions, by_name }
});

/// Every function and aggregate, in alphabetical order within each kind.
#[must_use]
pub fn all() -> &'static [Function] {
    &TABLE.functions
}

/// The function or aggregate of a name.
#[must_use]
pub fn find(name: &str, kind: FunctionKind) -> Option<&'static Function> {
    TABLE.by_name.get(&(name, kind)).map(|i| &TABLE.functions[*i])
}

/// Reads the facts. The file is ours and a test reads all of it: a line that says nothing known is passed over.
fn parse(text: &'static str) -> Vec<Function> {
    let mut functions: Vec<Function> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(signature) = line.strip_prefix("  ") {
            if let (Some(function), Some(signature)) = (functions.last_mut(), parse_signature(signature)) {
                function.signatures.push(signature);
            }
        } else if let Some(function) = parse_head(line) {
            functions.push(function);
        }
    }
    functions
}

fn parse_head(line: &'static str) -> Option<Function> {
    let (head, naming) = match line.split_once(" [") {
        Some((head, naming)) => (head, naming.strip_suffix(']')?),
        None => (line, ""),
    };
    let mut words = head.split(' ');
    let kind = match words.next()? {
        "function" => FunctionKind::Scalar,
        "aggregate" => FunctionKind::Aggregate,
        _ => return None,
    };
    let name = words.next()?;
    let replaced_by = (words.next() == Some("=")).then(|| words.next()).flatten();
    let (word, prefix) = naming.split_once(' ').unwrap_or((naming, ""));
    let naming = match word {
        "" => Naming::Numbered,
        "first" => Naming::FirstArgument,
        "only" => Naming::OnlyArgument,
        "first-name" => Naming::NameAndFirst,
        "only-name" => Naming::NameAndOnly,
        "first-prefix" => Naming::PrefixAndFirst(prefix),
        "only-prefix" => Naming::PrefixAndOnly(prefix),
        "first-value" => Naming::FirstValue,
        "prefix" => Naming::Prefix(prefix),
        _ => return None,
    };
    Some(Function { name, kind, replaced_by, naming, signatures: Vec::new() })
}

fn parse_signature(line: &'static str) -> Option<Signature> {
    let (parameters, returns) = line.strip_prefix('(')?.split_once(") -> ")?;
    let parameters = parameters.split(", ").filter(|p| !p.is_empty()).map(parse_parameter).collect::<Option<_>>()?;
    let returns = match returns {
        "common" | "common-scalar" => Returns::Common,
        "widest" => Returns::Widest,
        "custom" => Returns::Custom,
        "array@0" => Returns::ArrayOf,
        "literal@n" => Returns::LastLiteral,
        "promoted@0" => Returns::Promoted(0),
        "literal@0" | "literal@1" => Returns::LastLiteral,
        "@0" => Returns::Argument(0),
        "@1" => Returns::Argument(1),
        name => Returns::Type(ColumnType::parse(name)?),
    };
    Some(Signature { parameters, returns })
}

fn parse_parameter(text: &'static str) -> Option<Parameter> {
    let (name, ty) = text.split_once(": ")?;
    let (ty, values) = ty.split_once('=').unwrap_or((ty, ""));
    let values = values.split('|').filter(|value| !value.is_empty()).collect();
    let (name, repeat) = match name.find(['?', '+', '*']) {
        None => (name, Repeat::Once),
        Some(at) => {
            let repeat = match name.get(at..at + 1)? {
                "?" => Repeat::Optional,
                "*" => Repeat::AtLeast(0),
                _ => Repeat::AtLeast(name.get(at + 1..)?.parse().unwrap_or(1)),
            };
            (name.get(..at)?, repeat)
        }
    };
    let (argument, kind) = match ty.split_once(' ') {
        Some(("constant", kind)) => (ArgumentKind::Constant, kind),
        Some(("literal", kind)) => (ArgumentKind::Literal, kind),
        Some(("column", kind)) => (ArgumentKind::Column, kind),
        Some(("star", kind)) => (ArgumentKind::Star, kind),
        _ => (ArgumentKind::Expression, ty),
    };
    let kind = match kind {
        "scalar" | "any" => ParamKind::Scalar,
        "tabular" => ParamKind::Tabular,
        "type" => ParamKind::TypeLiteral,
        "integer" => ParamKind::Integer,
        "number" => ParamKind::Number,
        "number-or-bool" => ParamKind::NumberOrBool,
        "real-or-decimal" => ParamKind::RealOrDecimal,
        "summable" => ParamKind::Summable,
        "orderable" => ParamKind::Orderable,
        "string-or-dynamic" => ParamKind::StringOrDynamic,
        "string-or-array" => ParamKind::StringOrArray,
        "integer-or-array" => ParamKind::IntegerOrArray,
        "array" => ParamKind::Array,
        "bag" => ParamKind::Bag,
        "not-dynamic" => ParamKind::NotDynamic,
        "not-real-or-bool" => ParamKind::NotRealOrBool,
        "common" => ParamKind::Common,
        "common-or-dynamic" => ParamKind::CommonOrDynamic,
        "common-orderable" => ParamKind::CommonOrderable,
        types => ParamKind::Types(types.split('|').map(ColumnType::parse).collect::<Option<_>>()?),
    };
    Some(Parameter { name, repeat, argument, kind, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_facts_is_read() {
        let text = include_str!("functions.txt");
        let heads = text.lines().filter(|l| l.starts_with("function ") || l.starts_with("aggregate ")).count();
        let signatures: Vec<_> = text.lines().filter_map(|l| l.strip_prefix("  ")).collect();
        for line in &signatures {
            assert!(parse_signature(line).is_some(), "{line}");
        }
        assert_eq!(all().len(), heads);
        assert_eq!(all().iter().map(|f| f.signatures.len()).sum::<usize>(), signatures.len());
        for function in all() {
            assert!(!function.signatures.is_empty(), "{}", function.name);
            assert!(function.replaced_by.is_none_or(|name| find(name, function.kind).is_some()), "{}", function.name);
        }
    }
}
