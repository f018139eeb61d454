//! Which rows each condition has seen, and which of them passed, kept between runs.

use crate::expr::Expr;
use event_table::{BatchId, Bitmap, DateTime, TableSet};
use rustc_hash::{FxHashMap, FxHashSet};

/// Names a condition on a table by what it tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ConditionName(u32);

struct Selection {
    tested: Bitmap,
    passed: Bitmap,
    last_run: u64,
}

/// Kept selections. Those that no run of the last [`Selections::KEPT_RUNS`] used are forgotten, and those of
/// batches that are gone.
#[derive(Default)]
pub(super) struct Selections {
    names: FxHashMap<String, ConditionName>,
    kept: FxHashMap<(BatchId, ConditionName), Selection>,
    run: u64,
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
        self.names.retain(|_, name| used.contains(&name.0));
    }

    /// The name of a condition. The printed form of an expression tells apart what tests apart, but for the clock.
    pub(super) fn name(&mut self, table: &str, condition: &Expr, now: DateTime) -> ConditionName {
        let mut text = format!("{table} {condition:?}");
        if condition.reads_clock() {
            text.push_str(&format!(" at {}", now.ticks()));
        }
        let next = self.names.values().map(|name| name.0 + 1).max().unwrap_or(0);
        *self.names.entry(text).or_insert(ConditionName(next))
    }

    /// Of some rows of a batch, those that pass a condition; `test` looks at the rows that were never tested.
    pub(super) fn narrow(
        &mut self,
        batch: BatchId,
        name: ConditionName,
        mut rows: Bitmap,
        test: impl FnOnce(&Bitmap) -> Bitmap,
    ) -> Bitmap {
        let len = rows.len();
        let selection = self.kept.entry((batch, name)).or_insert_with(|| Selection {
            tested: Bitmap::filled(len, false),
            passed: Bitmap::filled(len, false),
            last_run: 0,
        });
        selection.last_run = self.run;
        let mut untested = rows.clone();
        untested.and_not(&selection.tested);
        if untested.any() {
            selection.passed.or(&test(&untested));
            selection.tested.or(&untested);
        }
        rows.and(&selection.passed);
        rows
    }
}
