//! Which rows each condition has seen, and which of them passed, kept between runs.

use crate::expr::{Expr, ExprKind, TextTest};
use crate::text::Quantifier;
use event_table::{BatchId, Bitmap, ColumnType, DateTime, TableSet, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;
use std::sync::Arc;

/// Names a condition on a table by what it tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ConditionName(u32);

/// A condition on a table, as selections know it.
#[derive(Clone)]
pub(super) struct Condition {
    name: ConditionName,
    expr: Expr,
    edited: Option<Rc<Edited>>,
}

/// Another condition that looks for other literals in the same column in the same way, such as the one that stood here
/// before an edit: a row that has one of several literals keeps it when more are looked for, and a row that has none
/// gets one from those that are new alone.
struct Edited {
    from: ConditionName,
    /// The test for the literals that are new.
    added: Option<Expr>,
    /// Whether literals were taken away.
    has_lost: bool,
}

/// A condition that looks for any of some literals in a column.
struct Search {
    /// What tells apart searches other than by their literals.
    kind: String,
    literals: Vec<Arc<str>>,
}

impl Search {
    fn of<'a>(table: &str, condition: &'a Expr) -> Option<(Self, &'a TextTest)> {
        let ExprKind::Text(test) = &condition.kind else { return None };
        let is_any = test.quantifier == Quantifier::Any && !test.negated;
        let (true, ExprKind::Column(column), Some(matcher)) = (is_any, &test.subject.kind, &test.matcher) else {
            return None;
        };
        let kind = format!("{table} {column} {:?} {}", test.mode, test.case_sensitive);
        Some((Self { kind, literals: matcher.literals().to_vec() }, test))
    }

    /// The literals that this search has and another one lacks.
    fn beyond(&self, other: &Self) -> Vec<Arc<str>> {
        self.literals.iter().filter(|literal| !other.literals.contains(literal)).cloned().collect()
    }
}

/// What is kept of a condition that was named.
struct Named {
    name: ConditionName,
    search: Option<Search>,
    edited: Option<Rc<Edited>>,
}

struct Selection {
    tested: Bitmap,
    passed: Bitmap,
    last_run: u64,
}

/// Kept selections. Those that no run of the last [`Selections::KEPT_RUNS`] used are forgotten, and those of
/// batches that are gone.
#[derive(Default)]
pub(super) struct Selections {
    names: FxHashMap<String, Named>,
    kept: FxHashMap<(BatchId, ConditionName), Selection>,
    run: u64,
    next_name: u32,
}

impl Selections {
    const KEPT_RUNS: u64 = 16;

    /// Begins a run over tables.
    pub(super) fn begin(&mut self, tables: &TableSet) {
        self.run += 1;
        let oldest = self.run.saturating_sub(Self::KEPT_RUNS);
        let there: FxHashSet<BatchId> = tables.tables().iter().flat_map(|t| t.batches()).map(|b| b.id()).collect();
        self.kept.retain(|(batch, _), selection| selection.last_run >= oldest && there.contains(batch));
        let used: FxHashSet<u32> = self.kept.keys().map(|(_, name)| name.0).collect();
        self.names.retain(|_, named| used.contains(&named.name.0));
    }

    /// A condition by its name. The printed form of an expression tells apart what tests apart, but for the clock.
    pub(super) fn condition(&mut self, table: &str, condition: &Expr, now: DateTime) -> Condition {
        let mut text = format!("{table} {condition:?}");
        if condition.reads_clock() {
            text.push_str(&format!(" at {}", now.ticks()));
        }
        let of = |named: &Named| Condition { name: named.name, expr: condition.clone(), edited: named.edited.clone() };
        if let Some(named) = self.names.get(&text) {
            return of(named);
        }
        // No number is given twice: a condition may know another one by its number that was forgotten since.
        let name = ConditionName(self.next_name);
        self.next_name += 1;
        let search = Search::of(table, condition);
        let edited = search.as_ref().and_then(|(search, test)| self.edited(search, test));
        let named = Named { name, search: search.map(|(search, _)| search), edited: edited.map(Rc::new) };
        let condition = of(&named);
        self.names.insert(text, named);
        condition
    }

    /// The search of the same kind whose literals differ the least, of several the newest; none when all have only
    /// other literals.
    fn edited(&self, search: &Search, test: &TextTest) -> Option<Edited> {
        let like = |named: &Named| {
            let other = named.search.as_ref().filter(|other| other.kind == search.kind)?;
            let (added, lost) = (search.beyond(other), other.beyond(search).len());
            let is_like = added.len() < search.literals.len();
            is_like.then_some((added.len() + lost, std::cmp::Reverse(named.name.0), named.name, added, lost > 0))
        };
        let nearest = self.names.values().filter_map(like).min_by_key(|(difference, age, ..)| (*difference, *age))?;
        let (.., from, added, has_lost) = nearest;
        let added = if added.is_empty() {
            None
        } else {
            let needle = |literal: Arc<str>| Expr::constant(ColumnType::String, Value::String(literal));
            let mut test = TextTest { needles: added.into_iter().map(needle).collect(), matcher: None, ..test.clone() };
            test.prepare().ok()?;
            Some(Expr { ty: ColumnType::Bool, kind: ExprKind::Text(test) })
        };
        Some(Edited { from, added, has_lost })
    }

    /// Of some rows of a batch, those that pass a condition; `test` looks at the rows that were never tested.
    pub(super) fn narrow(
        &mut self,
        batch: BatchId,
        condition: &Condition,
        mut rows: Bitmap,
        test: impl Fn(&Expr, &Bitmap) -> Bitmap,
    ) -> Bitmap {
        let Condition { name, expr, edited } = condition;
        let mut untested = rows.clone();
        if let Some(selection) = self.kept.get(&(batch, *name)) {
            untested.and_not(&selection.tested);
        }
        let passed = untested.any().then(|| {
            let before = edited.as_ref().and_then(|edited| Some((edited, self.kept.get(&(batch, edited.from))?)));
            match before {
                Some((edited, before)) => after_edit(edited, before, expr, &untested, test),
                None => test(expr, &untested),
            }
        });
        let nothing = || Bitmap::filled(rows.len(), false);
        let selection = self.kept.entry((batch, *name)).or_insert_with(|| Selection {
            tested: nothing(),
            passed: nothing(),
            last_run: 0,
        });
        selection.last_run = self.run;
        if let Some(passed) = passed {
            selection.passed.or(&passed);
            selection.tested.or(&untested);
        }
        rows.and(&selection.passed);
        rows
    }
}

/// Of some rows, those that pass a search, given the rows that passed it before its literals were edited.
fn after_edit(
    edited: &Edited,
    before: &Selection,
    expr: &Expr,
    rows: &Bitmap,
    test: impl Fn(&Expr, &Bitmap) -> Bitmap,
) -> Bitmap {
    let mut found = rows.clone();
    found.and(&before.tested);
    let mut had_none = found.clone();
    found.and(&before.passed);
    had_none.and_not(&before.passed);
    let mut new = rows.clone();
    new.and_not(&before.tested);
    if edited.has_lost && found.any() {
        found = test(expr, &found);
    }
    if let Some(added) = &edited.added
        && had_none.any()
    {
        found.or(&test(added, &had_none));
    }
    if new.any() {
        found.or(&test(expr, &new));
    }
    found
}
