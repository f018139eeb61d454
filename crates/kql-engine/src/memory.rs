//! How much a run may hold at once: a bound that is met with words, not with a tab that dies.
//!
//! What an operator makes is counted where it is made: columns, row numbers, groups, the values of aggregates. A run
//! installs its [`Meter`] while it is polled, so that neither functions nor aggregates take it as a parameter. Once the
//! bound is met the meter is *spent*: loops that make values give up, and the run ends at its next checkpoint with
//! [`crate::run::RunError::TooLarge`]. Tables of the logs are not counted: they are there before the run.

use event_table::{Dynamic, Value};
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a run may hold by default: what is left to one in a browser's tab of 4 GiB beside a large log.
pub(crate) const DEFAULT_BOUND: usize = 1 << 30;

/// Values larger than this are counted one by one, smaller ones some at a time.
const LARGE: usize = 1 << 16;
/// How many small values are made between two looks at the meter.
const STRIDE: usize = 1 << 10;

/// Bytes that may still be held, and whether there were too few once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    left: usize,
    spent: bool,
}

thread_local! {
    /// The meter of the run that is being polled; boundless outside runs.
    static METER: Cell<Meter> = const { Cell::new(Meter { left: usize::MAX, spent: false }) };
}

/// Counts bytes that are kept until the run is over.
pub(crate) fn take(bytes: usize) {
    METER.with(|cell| {
        let meter = cell.get();
        match meter.left.checked_sub(bytes) {
            Some(left) => cell.set(Meter { left, ..meter }),
            None => cell.set(Meter { left: 0, spent: true }),
        }
    });
}

/// Whether so many bytes more may be held; if not, the meter is spent.
pub(crate) fn fits(bytes: usize) -> bool {
    METER.with(|cell| {
        let meter = cell.get();
        if bytes > meter.left {
            cell.set(Meter { spent: true, ..meter });
        }
        bytes <= meter.left && !meter.spent
    })
}

/// Whether the bound was met: what is made from now on is not wanted.
pub(crate) fn is_spent() -> bool {
    METER.with(Cell::get).spent
}

/// What is left, to come back to with [`release_to`].
pub(crate) fn mark() -> usize {
    METER.with(Cell::get).left
}

/// Gives back what was taken since a mark. A meter that is spent stays so.
pub(crate) fn release_to(mark: usize) {
    METER.with(|cell| cell.set(Meter { left: mark, ..cell.get() }));
}

/// Bytes that are given back when this goes: what an operator holds only while it works.
#[derive(Default)]
pub(crate) struct Held(usize);

impl Held {
    /// Holds so many bytes in all.
    pub(crate) fn grow_to(&mut self, bytes: usize) {
        take(bytes.saturating_sub(self.0));
        self.0 = self.0.max(bytes);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        METER.with(|cell| {
            let meter = cell.get();
            cell.set(Meter { left: meter.left.saturating_add(self.0), ..meter });
        });
    }
}

/// Bytes that a value holds beside itself.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Dynamic(d) => dynamic_size(d),
        _ => 0,
    }
}

/// Bytes that a dynamic value holds, itself included. Values nest no deeper than they could be made.
pub(crate) fn dynamic_size(value: &Dynamic) -> usize {
    size_of::<Dynamic>()
        + match value {
            Dynamic::String(text) => text.len(),
            Dynamic::Array(items) => items.iter().map(dynamic_size).sum(),
            Dynamic::Bag(bag) => bag.iter().map(|(name, value)| name.len() + 48 + dynamic_size(value)).sum(),
            _ => 0,
        }
}

/// Whether what a function could make of its arguments by joining them may be held.
#[inline]
pub(crate) fn may_join(arguments: &[Value]) -> bool {
    // One value is held already, and most are small.
    let [_, _, ..] = arguments else { return true };
    let total: usize = arguments.iter().map(size).sum();
    total < LARGE || fits(total)
}

/// Whether a text may be held in which so many places were replaced; they are counted only where it matters.
pub(crate) fn may_replace(text: &str, rewrite: &str, places: impl FnOnce() -> usize) -> bool {
    let most = (text.len() + 1).saturating_mul(rewrite.len());
    most < LARGE || fits(text.len().saturating_add(places().saturating_mul(rewrite.len())))
}

/// A value that a function made; null when it may not be held, and the meter is spent.
#[inline]
pub(crate) fn vetted(value: Value) -> Value {
    let bytes = size(&value);
    if bytes < LARGE || fits(bytes) { value } else { Value::Null }
}

/// Counts a value that is kept, where that matters.
pub(crate) fn keep_large(value: &Value) {
    let bytes = size(value);
    if bytes >= LARGE {
        take(bytes);
    }
}

/// Calls something under a bound of its own, and says whether it was met.
pub(crate) fn within<T>(bound: usize, work: impl FnOnce() -> T) -> T {
    let outer = METER.with(|cell| cell.replace(Meter { left: bound, spent: false }));
    let done = work();
    METER.with(|cell| cell.set(outer));
    done
}

/// Watches a loop that makes values.
#[derive(Default)]
pub(crate) struct Watch {
    made: usize,
    /// Bytes of dynamic values, which a column holds by reference.
    beside: usize,
}

impl Watch {
    /// Whether the loop may go on after a value; `held` gives the bytes that the column takes so far.
    #[inline]
    pub(crate) fn goes_on(&mut self, value: &Value, held: impl FnOnce() -> usize) -> bool {
        self.made += 1;
        let own = match value {
            Value::String(text) => text.len(),
            Value::Dynamic(d) => {
                let bytes = dynamic_size(d);
                self.beside += bytes;
                bytes
            }
            _ => 0,
        };
        if own < LARGE && !self.made.is_multiple_of(STRIDE) {
            return true;
        }
        fits(held() + self.beside)
    }

    /// Counts what was made for the rest of the run; `held` is what the column takes.
    pub(crate) fn keep(self, held: usize) {
        take(held + self.beside);
    }
}

/// A future that is polled under a meter of its own.
pub(crate) struct Metered<'f, T> {
    inner: Pin<Box<dyn Future<Output = T> + 'f>>,
    meter: Meter,
}

impl<'f, T> Metered<'f, T> {
    /// Work that may hold so many bytes.
    pub(crate) fn new(bound: usize, work: impl Future<Output = T> + 'f) -> Self {
        Self { inner: Box::pin(work), meter: Meter { left: bound, spent: false } }
    }
}

impl<T> Future for Metered<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let outer = METER.with(|cell| cell.replace(self.meter));
        let polled = self.inner.as_mut().poll(context);
        self.meter = METER.with(|cell| cell.replace(outer));
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::block_on;

    #[test]
    fn a_bound_holds_inside_its_run_only() {
        block_on(Metered::new(100, async {
            assert!(fits(100) && !is_spent());
            let before = mark();
            take(60);
            assert!(fits(40));
            release_to(before);
            assert!(fits(100));
            // A run inside a run has its own.
            block_on(Metered::new(10, async { take(11) }));
            assert!(!is_spent());
            assert!(!fits(101) && is_spent() && !fits(0));
        }));
        assert!(!is_spent() && fits(usize::MAX));
    }

    #[test]
    fn values_are_counted_with_what_is_in_them() {
        let text = Dynamic::from_json(r#"["abc", {"k": "de"}]"#).unwrap_or_default();
        let array = size(&Value::dynamic(text));
        assert!(array > 5 * size_of::<Dynamic>() - 20 && array < 400, "{array}");
        assert_eq!((size(&Value::string("abc")), size(&Value::Long(1))), (3, 0));
    }
}
