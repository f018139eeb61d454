//! Pausing, progress and cancellation of long work, without threads.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows looked at.
    pub done: usize,
    /// Rows to look at.
    pub total: usize,
}

/// The work was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Asked between batches: goes on at once, after a pause (a browser's worker lets messages in), or not at all.
pub trait Pace {
    /// A pause that the work takes here.
    fn checkpoint(&self, progress: Progress) -> Pin<Box<dyn Future<Output = Result<(), Cancelled>> + '_>>;
}

/// Never pauses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unpaced;

impl Pace for Unpaced {
    fn checkpoint(&self, _: Progress) -> Pin<Box<dyn Future<Output = Result<(), Cancelled>> + '_>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Drives a future to its end on this thread. Futures that wait for something else to happen would spin here:
/// it is for work under a [`Pace`] that never waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
