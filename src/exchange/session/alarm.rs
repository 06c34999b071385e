//! A timer that is set by the stamps of the program's clock. Owns one timer of the runtime; it must not read a clock to decide.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use crate::domain::Stamp;

/// One time to be woken at, or none.
pub(super) struct Alarm {
    sleep: Pin<Box<Sleep>>,
    set: bool,
}

impl Alarm {
    /// An alarm that is not set. Needs a running tokio runtime.
    pub(super) fn new() -> Self {
        Self {
            sleep: Box::pin(sleep(Duration::ZERO)),
            set: false,
        }
    }

    /// Rings at `at`; replaces the earlier wish. A time that has passed rings at once.
    pub(super) fn set(&mut self, now: Stamp, at: Stamp) {
        let ahead = Duration::from_nanos(at.since(now));
        self.sleep.as_mut().reset(Instant::now() + ahead);
        self.set = true;
    }

    /// True when it will ring.
    pub(super) const fn is_set(&self) -> bool {
        self.set
    }

    /// Ready once for each time set.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.set && self.sleep.as_mut().poll(cx).is_ready() {
            self.set = false;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}
