//! The newest best prices and depth of each symbol, handed on so that only the newest counts. Owns the pace of depth pictures; it
//! must not touch a book.

use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::watch;

use super::alarm::Alarm;
use crate::domain::{Depth, Stamp, Symbol, Touch};

/// The shortest time between two rounds of depth pictures, ms: 60 a second.
const PACE_MS: u64 = 16;

/// The newest pictures: one entry a symbol.
#[derive(Clone, Debug, Default)]
pub struct Latest {
    /// Best prices, after every message.
    pub touches: Vec<Touch>,
    /// Top of the book, at most 60 a second.
    pub depths: Vec<Arc<Depth>>,
}

/// Keeps [`Latest`] up to date.
pub(super) struct Pictures {
    latest: watch::Sender<Latest>,
    changed: Vec<Symbol>,
    next: Stamp,
    due: Alarm,
}

impl Pictures {
    pub(super) fn new(latest: watch::Sender<Latest>) -> Self {
        Self {
            latest,
            changed: Vec::new(),
            next: Stamp::default(),
            due: Alarm::new(),
        }
    }

    /// Forgets symbols that are not followed any more.
    pub(super) fn follow(&mut self, symbols: &[Symbol]) {
        self.changed.retain(|symbol| symbols.contains(symbol));
        self.latest.send_modify(|latest| {
            latest.touches.retain(|touch| symbols.contains(&touch.symbol));
            latest.depths.retain(|depth| symbols.contains(&depth.symbol));
        });
    }

    /// Takes what one message changed; asks `depth` for pictures when the last round is long enough ago, else sets the alarm.
    pub(super) fn take(
        &mut self,
        now: Stamp,
        touches: &mut Vec<Touch>,
        changed: &mut Vec<Symbol>,
        depth: impl Fn(Symbol) -> Option<Arc<Depth>>,
    ) {
        for symbol in changed.drain(..) {
            if !self.changed.contains(&symbol) {
                self.changed.push(symbol);
            }
        }
        let depths = self.ripe(now, depth);
        if touches.is_empty() && depths.is_empty() {
            return;
        }
        self.latest.send_modify(|latest| {
            for touch in touches.drain(..) {
                put(&mut latest.touches, touch, |old, new| old.symbol == new.symbol);
            }
            for depth in depths {
                put(&mut latest.depths, depth, |old, new| old.symbol == new.symbol);
            }
        });
    }

    fn ripe(
        &mut self,
        now: Stamp,
        depth: impl Fn(Symbol) -> Option<Arc<Depth>>,
    ) -> Vec<Arc<Depth>> {
        if self.changed.is_empty() {
            return Vec::new();
        }
        if now.mono_ns < self.next.mono_ns {
            if !self.due.is_set() {
                self.due.set(now, self.next);
            }
            return Vec::new();
        }
        self.next = now.plus_ms(PACE_MS);
        self.changed.drain(..).filter_map(depth).collect()
    }

    /// Ready when pictures that were put off are due.
    pub(super) fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.due.poll(cx)
    }
}

fn put<T>(all: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) {
    match all.iter_mut().find(|old| same(old, &new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}
