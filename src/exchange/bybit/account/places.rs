//! What the account does about the stops that positions have themselves. Owns nothing; [`super::slots`] knows whose they are.

use super::BybitAccount;
use super::caller::{Purpose, Query};
use super::slots::SlotStep;
use crate::domain::{Fact, Stamp, Symbol};
use crate::exchange::bybit::instruments::{Category, venue_name};
use crate::exchange::bybit::read::{Page, position};
use crate::exchange::machine::Out;

impl BybitAccount {
    pub(super) fn take_slot_steps(&mut self, steps: Vec<SlotStep>, now: Stamp, out: &mut Out) {
        for step in steps {
            match step {
                SlotStep::Tell(report) => {
                    if self.told.order(&report) {
                        out.facts.push(Fact::Order(*report));
                    }
                }
                SlotStep::Placed(client) => {
                    self.requests.seen(client, None);
                    self.proofs.placed(client);
                }
                SlotStep::Ended(client) => self.proofs.ended(client),
                SlotStep::Read(slot) => self.read_position(slot.symbol, now, out),
                SlotStep::Explain(slot, id) => self.explain(slot, id, now, out),
            }
        }
    }

    /// Asks for the positions of an instrument: their stops, their mode, their leverage.
    pub(super) fn read_position(&mut self, symbol: Symbol, now: Stamp, out: &mut Out) {
        let query = Query::of("category", Category::Linear.as_str())
            .and("symbol", venue_name(&symbol).as_str());
        let purpose = Purpose::Position { symbol, sent: now };
        self.caller
            .read(now, "/v5/position/list", &query, purpose, out);
    }

    pub(super) fn position_read(
        &mut self,
        symbol: Symbol,
        sent: Stamp,
        result: &str,
        now: Stamp,
        out: &mut Out,
    ) {
        let page = match Page::read(result) {
            Ok(page) => page,
            Err(error) => return self.bad(&format!("position of {symbol}: {error}"), out),
        };
        for raw in page.list {
            let linear = Some(Category::Linear);
            match position::position(raw.get(), linear, &self.reader(now)) {
                Ok(Some(said)) => self.position_said(&said, Some(sent), now, out),
                Ok(None) => {}
                Err(error) => self.bad(&format!("position of {symbol}: {error}"), out),
            }
        }
    }
}
