//! What arrives by events, to be waited for.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// A queue whose one reader waits while it is empty.
#[derive(Debug)]
pub struct Mailbox<T> {
    items: RefCell<VecDeque<T>>,
    reader: RefCell<Option<Waker>>,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Mailbox<T> {
        Mailbox { items: RefCell::default(), reader: RefCell::default() }
    }
}

impl<T> Mailbox<T> {
    /// Puts something in.
    pub fn put(&self, item: T) {
        self.items.borrow_mut().push_back(item);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// The first of what is there, if there is anything.
    pub fn take(&self) -> Option<T> {
        self.items.borrow_mut().pop_front()
    }

    /// Takes out the first, waiting for it.
    pub async fn next(&self) -> T {
        poll_fn(|context| match self.take() {
            Some(item) => Poll::Ready(item),
            None => {
                self.reader.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn items_come_out_in_order_and_wake_whoever_waits() {
        let mailbox = Mailbox::default();
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        let mut context = Context::from_waker(&waker);
        let mut first = pin!(mailbox.next());
        assert!(first.as_mut().poll(&mut context).is_pending());
        mailbox.put(1);
        mailbox.put(2);
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert_eq!(first.as_mut().poll(&mut context), Poll::Ready(1));
        assert_eq!((mailbox.take(), mailbox.take()), (Some(2), None));
    }
}
