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

impl Latest {
    /// Puts best prices in the place of the symbol's last ones.
    pub fn put_touch(&mut self, touch: Touch) {
        put(&mut self.touches, touch, |old, new| {
            old.symbol == new.symbol
        });
    }

    /// Puts a picture in the place of the symbol's last one.
    pub fn put_depth(&mut self, depth: Arc<Depth>) {
        put(&mut self.depths, depth, |old, new| old.symbol == new.symbol);
    }
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
            latest
                .touches
                .retain(|touch| symbols.contains(&touch.symbol));
            latest
                .depths
                .retain(|depth| symbols.contains(&depth.symbol));
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
                latest.put_touch(touch);
            }
            for depth in depths {
                latest.put_depth(depth);
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::poll_fn;

    use super::*;
    use crate::domain::BookState;

    fn symbol(name: &str) -> Symbol {
        Symbol::new(name).unwrap()
    }

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(ms)
    }

    fn touch(symbol: Symbol, ms: u64) -> Touch {
        Touch {
            symbol,
            bid: None,
            ask: None,
            live: true,
            proved: at(ms),
            at: at(ms),
            venue_ms: 0,
        }
    }

    fn depth(symbol: Symbol, ms: u64) -> Option<Arc<Depth>> {
        Some(Arc::new(Depth {
            symbol,
            state: BookState::Live,
            bids: Arc::new([]),
            asks: Arc::new([]),
            known_down_to: None,
            known_up_to: None,
            proved: at(ms),
            changed: at(ms),
            lag_ms: 0,
            gaps: 0,
        }))
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn depth_is_asked_for_once_a_round_and_what_was_put_off_comes_by_alarm() {
        let (sender, latest) = watch::channel(Latest::default());
        let mut pictures = Pictures::new(sender);
        let asked = RefCell::new(Vec::new());
        let (a, b) = (symbol("AAAUSDT"), symbol("BBBUSDT"));
        let message = |pictures: &mut Pictures, ms: u64, symbol: Symbol| {
            let depth_at = |symbol| {
                asked.borrow_mut().push((ms, symbol));
                depth(symbol, ms)
            };
            let now = at(1_000 + ms);
            pictures.take(
                now,
                &mut vec![touch(symbol, ms)],
                &mut vec![symbol],
                depth_at,
            );
        };
        for ms in 0..16 {
            message(&mut pictures, ms, a);
            message(&mut pictures, ms, b);
        }
        assert_eq!(latest.borrow().touches, [touch(a, 15), touch(b, 15)]);
        poll_fn(|cx| pictures.poll_due(cx)).await;
        message(&mut pictures, 16, a);
        assert_eq!(*asked.borrow(), [(0, a), (16, b), (16, a)]);
        assert_eq!(latest.borrow().depths.len(), 2);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_symbol_that_is_left_leaves_the_pictures() {
        let (sender, latest) = watch::channel(Latest::default());
        let mut pictures = Pictures::new(sender);
        let (a, b) = (symbol("AAAUSDT"), symbol("BBBUSDT"));
        let mut touches = vec![touch(a, 0), touch(b, 0)];
        pictures.take(at(0), &mut touches, &mut vec![a, b], |s| depth(s, 0));
        pictures.follow(&[b]);
        assert_eq!(latest.borrow().touches, [touch(b, 0)]);
        assert_eq!(latest.borrow().depths.len(), 1);
    }
}
