//! Trades of ours and what else is booked with them, told once. Owns nothing.

use super::BybitAccount;
use crate::domain::{Fact, Fill, Stamp};
use crate::exchange::bybit::read::fill::FillSaid;
use crate::exchange::bybit::slot::{SlotKey, SlotKind};
use crate::exchange::machine::Out;

impl BybitAccount {
    /// The line told of an execution.
    pub(super) fn fill_said(&mut self, said: FillSaid, _now: Stamp, out: &mut Out) {
        if let Some(fill) = self.take_fill(said, out)
            && self.told.fill(&fill)
        {
            out.facts.push(Fact::Fill(fill));
        }
    }

    /// Gives a fill the name that its order has here; funding and alarms are told at once.
    pub(super) fn take_fill(&mut self, said: FillSaid, out: &mut Out) -> Option<Fill> {
        match said {
            FillSaid::Fill { fill, slot, alarm } => {
                let fill = self.named(*fill, slot);
                self.requests.seen(fill.client, Some(fill.order));
                self.proofs.placed(fill.client);
                if let Some(words) = alarm {
                    self.alarm(fill.key.symbol, words, out);
                }
                Some(fill)
            }
            FillSaid::Funding {
                symbol, id, amount, ..
            } => {
                if self.told.booked(symbol, id) {
                    out.facts.push(Fact::Funding {
                        key: self.whose.key(symbol),
                        amount,
                    });
                }
                None
            }
            FillSaid::Other => None,
        }
    }

    fn named(&mut self, fill: Fill, slot: Option<SlotKind>) -> Fill {
        let of_place = slot.and_then(|kind| {
            let slot = SlotKey {
                symbol: fill.key.symbol,
                leg: fill.leg,
                kind,
            };
            self.slots.name(slot, fill.order)
        });
        let known = of_place.or_else(|| self.told.client_of(fill.order));
        Fill {
            client: known.unwrap_or(fill.client),
            ..fill
        }
    }
}
