//! The one place that sends orders. Owns nothing; each request passes here once, or once more by REST after the proof that no byte
//! of it left.

use super::BybitAccount;
use crate::domain::{Fact, MarketKey, OrderRef, Stamp};
use crate::exchange::account::request::{Handed, Path, What};
use crate::exchange::account::upkeep::ORDERS;
use crate::exchange::bybit::instruments::Category;
use crate::exchange::bybit::slot::SlotKey;
use crate::exchange::bybit::write::{self, Asked};
use crate::exchange::machine::Out;

impl BybitAccount {
    /// Chooses the way: the warm line where it is proved, REST where nothing can have been handed to the line. A position's own stop
    /// has no way but REST.
    pub(super) fn dispatch(&mut self, what: What, now: Stamp, out: &mut Out) {
        if self.order_line.is_proved(now) && !self.is_of_a_place(&what) {
            self.hand_on(Path::Line, what, now, out);
        } else {
            self.by_rest(what, now, out);
        }
    }

    pub(super) fn by_rest(&mut self, what: What, now: Stamp, out: &mut Out) {
        match self.caller.paused_ms(now) {
            Some(ms) => {
                let words = format!("rate limit {}s", ms.div_ceil(1_000));
                self.not_sent(&what, words, now, out);
            }
            None => self.hand_on(Path::Rest, what, now, out),
        }
    }

    fn hand_on(&mut self, path: Path, what: What, now: Stamp, out: &mut Out) {
        let Some(asked) = self.written(&what) else {
            let words = format!("{} is not loaded yet", what.key().symbol);
            return self.not_sent(&what, words, now, out);
        };
        if let What::Place(order) = &what {
            match SlotKey::of(order.get()) {
                Some(slot) => self.slots.asked(slot, order.get(), now),
                None => self.pace.sent(Category::of(&what.key().symbol), now),
            }
        }
        let id = self.caller.number();
        match (path, asked.op) {
            (Path::Line, Some(op)) => {
                let timestamp = self.caller.timestamp(now);
                out.send(ORDERS, id, write::frame(id, op, &asked.body, timestamp));
            }
            _ => self.caller.order(now, asked, id, out),
        }
        self.requests.sent(id, what, path, now);
    }

    fn written(&self, what: &What) -> Option<Asked> {
        let instrument = || self.listed.get(&what.key().symbol);
        match what {
            What::Place(order) => Some(write::place(order.get(), instrument()?)),
            What::Amend(amend) => Some(write::amend(amend.get(), instrument()?)),
            What::Cancel { key, order } => Some(self.cancel_of(key, order)),
        }
    }

    fn cancel_of(&self, key: &MarketKey, order: &OrderRef) -> Asked {
        match self.slots.of(order.client) {
            Some(slot) => write::remove_stop(&slot),
            None => write::cancel(key, order),
        }
    }

    /// It concerns a position's own stop.
    pub(super) fn is_of_a_place(&self, what: &What) -> bool {
        match what {
            What::Place(order) => SlotKey::of(order.get()).is_some(),
            What::Amend(_) => false,
            What::Cancel { order, .. } => self.slots.of(order.client).is_some(),
        }
    }

    /// The session tells what it wrote of a frame.
    pub(super) fn handed(&mut self, tag: u64, written: usize, now: Stamp, out: &mut Out) {
        match self.requests.handed(tag, written) {
            Handed::Left(client, asked) => out.facts.push(Fact::Written {
                client,
                asked,
                at: now,
            }),
            Handed::Stayed(what) => self.by_rest(what, now, out),
            Handed::TooLate(what) => {
                self.proofs.settled(&what);
                let words = "the order line closed before it left".to_owned();
                self.not_sent(&what, words, now, out);
            }
            Handed::NotOurs => {}
        }
    }
}
