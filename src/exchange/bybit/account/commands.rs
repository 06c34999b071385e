//! What the desk asks for, and whether the venue can be asked for it now. Owns nothing; an order is handed on once.

use super::BybitAccount;
use crate::domain::message::{Asked, PositionMode, Proves, Setting};
use crate::domain::{
    Amend, Approved, Command, Fact, Intent, NewOrder, OrderClass, OrderRef, Outcome, Stamp, Symbol,
};
use crate::domain::{ClientId, MarketKey};
use crate::exchange::account::request::What;
use crate::exchange::bybit::instruments::Category;
use crate::exchange::bybit::write;
use crate::exchange::machine::Out;

impl BybitAccount {
    pub(super) fn command(&mut self, command: Command, now: Stamp, out: &mut Out) {
        match command {
            Command::Place(order) => self.place(order, now, out),
            Command::Amend(amend) => self.amend(amend, now, out),
            Command::Cancel { key, order } => self.cancel(key, order, now, out),
            Command::Query { key, order } => self.query(key, order, true, now, out),
            Command::Reconcile => self.want_truth(now),
            Command::Follow(symbol) => self.follow(symbol, now, out),
            Command::SetLeverage { symbol, leverage } => {
                self.change(Setting::Leverage(symbol, leverage), now, out);
            }
            Command::SetMargin { symbol, mode } => {
                self.change(Setting::Margin(symbol, mode), now, out);
            }
            Command::SetPositionMode(mode) => self.change(Setting::PositionMode(mode), now, out),
        }
    }

    fn place(&mut self, order: Approved<NewOrder>, now: Stamp, out: &mut Out) {
        let what = What::Place(order.clone());
        let order = order.get();
        if let Some(words) = self.cannot_place(order) {
            return self.not_sent(&what, words.to_owned(), now, out);
        }
        if order.intent == Intent::Entry
            && let Some(words) = self.entry_must_wait(&order.key.symbol, now)
        {
            return self.not_sent(&what, words, now, out);
        }
        self.dispatch(what, now, out);
    }

    /// What the venue would refuse, or take for something else, whatever the numbers are. Which mode an instrument is in is the
    /// instrument's own at this venue.
    fn cannot_place(&self, order: &NewOrder) -> Option<&'static str> {
        let symbol = order.key.symbol;
        let known = self.mode.is_some() || self.legs.contains_key(&symbol);
        if Category::of(&symbol) == Category::Linear && known {
            match (self.has_legs(&symbol), order.leg) {
                (true, None) => {
                    return Some(
                        "this instrument is in hedge mode: an order must say which leg it is for",
                    );
                }
                (false, Some(_)) => {
                    return Some("this instrument is in one-way mode: it has no legs");
                }
                _ => {}
            }
        }
        write::cannot(order)
    }

    fn amend(&mut self, amend: Approved<Amend>, now: Stamp, out: &mut Out) {
        let what = What::Amend(amend);
        if what.order().class == OrderClass::Conditional {
            // An amendment says where an order rests; a waiting one has a trigger besides.
            let words = "a conditional order is not changed: place the new one, then cancel this";
            return self.not_sent(&what, words.to_owned(), now, out);
        }
        self.dispatch(what, now, out);
    }

    fn cancel(&mut self, key: MarketKey, order: OrderRef, now: Stamp, out: &mut Out) {
        let gave_way = order.class == OrderClass::Conditional && self.slots.has_ended(order.client);
        if gave_way {
            let words = "the position's stop is another one by now";
            return self.no_such(key, order.client, Asked::Cancel, words, now, out);
        }
        self.dispatch(What::Cancel { key, order }, now, out);
    }

    /// It is known here that there is no such order.
    pub(super) fn no_such(
        &self,
        key: MarketKey,
        client: ClientId,
        asked: Asked,
        words: &str,
        now: Stamp,
        out: &mut Out,
    ) {
        out.facts.push(Fact::Answer {
            key,
            client,
            asked,
            outcome: Outcome::Rejected {
                code: 110_001,
                words: words.to_owned(),
                proves: Proves::NotFound,
            },
            at: now,
        });
    }

    /// Why an entry must wait for the venue's limits; exits never do, the venue itself may refuse them.
    fn entry_must_wait(&mut self, symbol: &Symbol, now: Stamp) -> Option<String> {
        let venue_ms = self.caller.venue_ms(now);
        let paused = self.caller.paused_ms(now);
        let category = Category::of(symbol);
        let wait = paused.or_else(|| self.pace.refuses_entry_ms(category, now, venue_ms))?;
        Some(format!("rate limit {}s", wait.div_ceil(1_000)))
    }

    pub(super) fn not_sent(&self, what: &What, words: String, now: Stamp, out: &mut Out) {
        self.tell(what, Outcome::NotSent(words), now, out);
    }

    pub(super) fn tell(&self, what: &What, outcome: Outcome, now: Stamp, out: &mut Out) {
        out.facts.push(Fact::Answer {
            key: what.key(),
            client: what.order().client,
            asked: what.asked(),
            outcome,
            at: now,
        });
    }

    /// The account's mode, for the desk: hedge where every instrument in question holds two positions; and what to say where they
    /// differ.
    pub(super) fn mode_of(&self) -> (PositionMode, Option<String>) {
        let usdt = |symbol: &Symbol| {
            let instrument = self.listed.get(symbol);
            instrument.is_some_and(|i| i.settle.as_str() == "USDT")
        };
        let asked = self.legs.iter().filter(|(symbol, _)| usdt(symbol));
        let (mut hedge, mut one_way) = (None, None);
        for (symbol, has_legs) in asked {
            let found = if *has_legs { &mut hedge } else { &mut one_way };
            found.get_or_insert(*symbol);
        }
        match (hedge, one_way) {
            (Some(hedge), Some(one_way)) => {
                let words = format!(
                    "{hedge} is in hedge mode and {one_way} is not: set one mode for all, or orders of one of them are refused"
                );
                (PositionMode::OneWay, Some(words))
            }
            (Some(_), None) => (PositionMode::Hedge, None),
            (None, _) => (PositionMode::OneWay, None),
        }
    }
}
