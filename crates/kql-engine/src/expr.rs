//! Scalar expressions after resolution: every name is a column's position, every operator has its types.

use crate::functions::ScalarFunction;
use crate::plan::NodeId;
use crate::scalar::{Arithmetic, Comparison};
use crate::sets::ValueSet;
use crate::text::{Matcher, MatcherError, Quantifier, TextMode};
use event_table::{ColumnType, Dynamic, Value};
use std::fmt;
use std::sync::Arc;

/// An expression and the type of its values.
#[derive(Clone, Debug)]
pub struct Expr {
    /// The type of the values.
    pub ty: ColumnType,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A value.
    Constant(Value),
    /// A column of the input, by position.
    Column(usize),
    /// Unary minus.
    Negate(Box<Expr>),
    /// `+ - * / %`.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// `== != < <= > >=`.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// True when all are true, false when one is false, else null.
    And(Vec<Expr>),
    /// True when one is true, false when all are false, else null.
    Or(Vec<Expr>),
    /// `not(…)`.
    Not(Box<Expr>),
    /// The `has` family, `contains`, `startswith`, `endswith`, `=~`, `in~` and their negations.
    Text(TextTest),
    /// `matches regex`.
    Regex(RegexTest),
    /// `in` and `!in`.
    In(InTest),
    /// A function.
    Call(Call),
    /// A property or element of a dynamic value.
    Access(Box<Expr>, Box<Expr>),
    /// A tabular expression's value, put in place by the run before rows are looked at.
    Subquery(NodeId, SubqueryShape),
}

/// What a tabular expression stands for inside a scalar one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubqueryShape {
    /// `toscalar(…)`: the first cell of the first row.
    Scalar,
    /// `in (…)`, `has_any (…)`: the cells of the first column.
    List,
}

/// A test of text against literals.
#[derive(Clone, Debug)]
pub struct TextTest {
    /// What is looked at.
    pub subject: Box<Expr>,
    /// Where a literal must stand.
    pub mode: TextMode,
    /// How many of the literals must be found.
    pub quantifier: Quantifier,
    /// Whether the case of characters matters.
    pub case_sensitive: bool,
    /// Whether the test is the opposite.
    pub negated: bool,
    /// The literals; an array stands for its elements.
    pub needles: Vec<Expr>,
    /// The literals prepared, when they are all constant.
    pub matcher: Option<Arc<Matcher>>,
}

/// A test of text against a regular expression.
#[derive(Clone)]
pub struct RegexTest {
    /// What is looked at.
    pub subject: Box<Expr>,
    /// The pattern.
    pub pattern: Box<Expr>,
    /// The pattern prepared, when it is constant.
    pub regex: Option<regex::Regex>,
}

/// A test for being one of some values.
#[derive(Clone, Debug)]
pub struct InTest {
    /// What is looked at.
    pub value: Box<Expr>,
    /// Whether the test is the opposite.
    pub negated: bool,
    /// The values; an array stands for its elements.
    pub list: Vec<Expr>,
    /// The values prepared, when they are all constant.
    pub set: Option<Arc<ValueSet>>,
}

/// A call of a function.
#[derive(Clone)]
pub struct Call {
    /// The function's name.
    pub name: &'static str,
    /// What it does.
    pub function: ScalarFunction,
    /// Its arguments.
    pub arguments: Vec<Expr>,
}

impl Expr {
    /// A constant.
    #[must_use]
    pub fn constant(ty: ColumnType, value: Value) -> Self {
        Self { ty, kind: ExprKind::Constant(value) }
    }

    /// A column.
    #[must_use]
    pub fn column(ty: ColumnType, index: usize) -> Self {
        Self { ty, kind: ExprKind::Column(index) }
    }

    /// The value, if this is a constant.
    #[must_use]
    pub fn as_constant(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The expressions directly below this one.
    pub fn for_each_child(&self, f: &mut dyn FnMut(&Expr)) {
        match &self.kind {
            ExprKind::Constant(_) | ExprKind::Column(_) | ExprKind::Subquery(..) => {}
            ExprKind::Negate(x) | ExprKind::Not(x) => f(x),
            ExprKind::Arithmetic(_, a, b) | ExprKind::Compare(_, a, b) | ExprKind::Access(a, b) => {
                f(a);
                f(b);
            }
            ExprKind::And(list) | ExprKind::Or(list) => list.iter().for_each(f),
            ExprKind::Text(test) => {
                f(&test.subject);
                test.needles.iter().for_each(f);
            }
            ExprKind::Regex(test) => {
                f(&test.subject);
                f(&test.pattern);
            }
            ExprKind::In(test) => {
                f(&test.value);
                test.list.iter().for_each(f);
            }
            ExprKind::Call(call) => call.arguments.iter().for_each(f),
        }
    }

    /// This expression with every expression below it replaced, the lowest first; prepared literals are prepared anew.
    #[must_use]
    pub fn map(&self, f: &mut dyn FnMut(Expr) -> Expr) -> Expr {
        let mut below = |x: &Expr| Box::new(x.map(f));
        let kind = match &self.kind {
            ExprKind::Constant(_) | ExprKind::Column(_) | ExprKind::Subquery(..) => return f(self.clone()),
            ExprKind::Negate(x) => ExprKind::Negate(below(x)),
            ExprKind::Not(x) => ExprKind::Not(below(x)),
            ExprKind::Arithmetic(op, a, b) => ExprKind::Arithmetic(*op, below(a), below(b)),
            ExprKind::Compare(op, a, b) => ExprKind::Compare(*op, below(a), below(b)),
            ExprKind::Access(a, b) => ExprKind::Access(below(a), below(b)),
            ExprKind::And(list) => ExprKind::And(list.iter().map(|x| x.map(f)).collect()),
            ExprKind::Or(list) => ExprKind::Or(list.iter().map(|x| x.map(f)).collect()),
            ExprKind::Text(test) => {
                let (subject, needles) = (below(&test.subject), test.needles.iter().map(|x| x.map(f)).collect());
                let mut test = TextTest { subject, needles, ..test.clone() };
                if test.matcher.is_none() {
                    test.prepare().unwrap_or_default();
                }
                ExprKind::Text(test)
            }
            ExprKind::Regex(test) => {
                let mut test =
                    RegexTest { subject: below(&test.subject), pattern: below(&test.pattern), ..test.clone() };
                if test.regex.is_none() {
                    test.prepare().unwrap_or_default();
                }
                ExprKind::Regex(test)
            }
            ExprKind::In(test) => {
                let (value, list) = (below(&test.value), test.list.iter().map(|x| x.map(f)).collect());
                let mut test = InTest { value, list, ..test.clone() };
                if test.set.is_none() {
                    test.prepare();
                }
                ExprKind::In(test)
            }
            ExprKind::Call(call) => {
                ExprKind::Call(Call { arguments: call.arguments.iter().map(|x| x.map(f)).collect(), ..call.clone() })
            }
        };
        f(Expr { ty: self.ty, kind })
    }

    /// Calls back for this expression and every one below it.
    pub fn visit(&self, f: &mut dyn FnMut(&Expr)) {
        f(self);
        self.for_each_child(&mut |child| child.visit(f));
    }

    /// The columns that it reads, each once, in the order of first use.
    #[must_use]
    pub fn columns(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        self.visit(&mut |x| {
            if let ExprKind::Column(index) = x.kind
                && !columns.contains(&index)
            {
                columns.push(index);
            }
        });
        columns
    }

    /// The tabular expressions that it needs the values of, and what each stands for.
    #[must_use]
    pub fn subqueries(&self) -> Vec<(NodeId, SubqueryShape)> {
        let mut found = Vec::new();
        self.visit(&mut |x| {
            if let ExprKind::Subquery(node, shape) = x.kind {
                found.push((node, shape));
            }
        });
        found
    }

    /// Whether its value depends on the instant that is now: on a clock that `resolve` could not put in place.
    #[must_use]
    pub fn reads_clock(&self) -> bool {
        let mut found = false;
        self.visit(&mut |x| {
            if let ExprKind::Call(call) = &x.kind {
                found |= matches!(call.name, "ago" | "now");
            }
        });
        found
    }

    /// This expression with each column replaced by the expression that makes it.
    #[must_use]
    pub fn substitute(&self, made_by: &[Expr]) -> Expr {
        self.map(&mut |x| match x.kind {
            ExprKind::Column(index) => made_by.get(index).cloned().unwrap_or(x),
            _ => x,
        })
    }
}

impl TextTest {
    /// Prepares the literals when they are all constant.
    pub fn prepare(&mut self) -> Result<(), MatcherError> {
        if let Some(literals) = constants(&self.needles) {
            let texts = literals.iter().map(|v| crate::scalar::convert::to_text(v).as_ref().into()).collect();
            let matcher = Matcher::new(self.mode, self.quantifier, self.case_sensitive, texts)?;
            self.matcher = Some(Arc::new(matcher));
        }
        Ok(())
    }
}

impl RegexTest {
    /// Prepares the pattern when it is constant.
    pub fn prepare(&mut self) -> Result<(), regex::Error> {
        if let Some(pattern) = self.pattern.as_constant() {
            self.regex = Some(crate::regexes::compile(&crate::scalar::convert::to_text(pattern))?);
        }
        Ok(())
    }
}

impl InTest {
    /// Prepares the values when they are all constant.
    pub fn prepare(&mut self) {
        self.set = constants(&self.list).map(|values| Arc::new(ValueSet::new(values)));
    }
}

/// The values of a list of constants; an array stands for its elements.
fn constants(list: &[Expr]) -> Option<Vec<Value>> {
    let mut values = Vec::with_capacity(list.len());
    for item in list {
        spread(item.as_constant()?, &mut values);
    }
    Some(values)
}

/// Adds a value, or the elements of an array, to a list.
pub(crate) fn spread(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Dynamic(d) => match &**d {
            Dynamic::Array(items) => {
                into.extend(items.iter().cloned().map(|item| crate::scalar::plain(&Value::dynamic(item))))
            }
            _ => into.push(crate::scalar::plain(value)),
        },
        other => into.push(other.clone()),
    }
}

// The printed form of an expression names it in the cache of selections: it must tell apart what tests apart.

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.name, self.arguments)
    }
}

impl fmt::Debug for RegexTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} matches regex {:?}", self.subject, self.pattern)
    }
}
