//! What the desk asks for, and the way that each request takes. Owns nothing; an order is handed on once.

use super::OkxAccount;
use super::caller::{Purpose, encoded};
use super::orders::{self, Terms};
use crate::domain::message::{Asked, PositionMode};
use crate::domain::{
    Amend, Approved, Command, Fact, Instrument, InstrumentKind, Intent, MarketKey, NewOrder,
    OrderClass, OrderKind, OrderRef, Outcome, Stamp,
};
use crate::exchange::account::proof::Asking;
use crate::exchange::account::request::{Handed, Path, What};
use crate::exchange::machine::Out;
use crate::exchange::okx::read::settings::Level;
use crate::exchange::okx::write::{self, TradeMode};

impl OkxAccount {
    pub(super) fn command(&mut self, command: Command, now: Stamp, out: &mut Out) {
        match command {
            Command::Place(order) => self.place(order, now, out),
            Command::Amend(amend) => self.amend(amend, now, out),
            Command::Cancel { key, order } => {
                self.dispatch(What::Cancel { key, order }, now, out);
            }
            Command::Query { key, order } => self.query(key, order, true, now, out),
            Command::Reconcile => self.want_truth(now),
            Command::Follow(symbol) => self.follow(symbol, now),
            Command::SetLeverage { symbol, leverage } => {
                self.set_leverage(symbol, leverage, now, out);
            }
            Command::SetMargin { symbol, mode } => self.set_margin(symbol, mode, now, out),
            Command::SetPositionMode(mode) => self.set_position_mode(mode, now, out),
        }
    }

    fn place(&mut self, order: Approved<NewOrder>, now: Stamp, out: &mut Out) {
        let new = *order.get();
        let what = What::Place(order);
        let symbol = new.key.symbol;
        let Some(instrument) = self.instruments.get(&symbol) else {
            return self.not_sent(&what, format!("{symbol} is not loaded yet"), now, out);
        };
        if let Some(words) = self.cannot_place(&new, instrument) {
            return self.not_sent(&what, words.to_owned(), now, out);
        }
        if new.intent == Intent::Entry
            && let Some(words) = self.entry_must_wait(&new, now)
        {
            return self.not_sent(&what, words, now, out);
        }
        if matches!(new.kind, OrderKind::Trail { .. }) {
            self.trailing.insert(new.id);
        }
        self.dispatch(what, now, out);
    }

    /// What the venue would refuse, or take for something else, whatever the numbers are.
    fn cannot_place(&self, order: &NewOrder, instrument: &Instrument) -> Option<&'static str> {
        if instrument.kind == InstrumentKind::Spot {
            return cannot_place_spot(order);
        }
        let config = self.config.as_ref();
        if config.is_some_and(|config| config.level == Level::Spot) {
            return Some(
                "the account is in spot mode, which has no contracts: change the account mode at the exchange",
            );
        }
        match (config.map(|config| config.mode), order.leg) {
            (Some(PositionMode::Hedge), None) => {
                Some("the account is in long/short mode: an order must say which leg it is for")
            }
            (Some(PositionMode::OneWay), Some(_)) => {
                Some("the account is in net mode: it has no legs")
            }
            _ => write::cannot(order.kind),
        }
    }

    fn amend(&mut self, amend: Approved<Amend>, now: Stamp, out: &mut Out) {
        let symbol = amend.get().key.symbol;
        let what = What::Amend(amend);
        if what.order().class == OrderClass::Conditional {
            // The venue can; but a change of ours states price and size, and a conditional order is about its trigger.
            let words = "a conditional order is not changed: place the new one, then cancel this";
            return self.not_sent(&what, words.to_owned(), now, out);
        }
        if self.instruments.contains_key(&symbol) {
            self.dispatch(what, now, out);
        } else {
            self.not_sent(&what, format!("{symbol} is not loaded yet"), now, out);
        }
    }

    /// Why an entry must wait for the venue's limits; exits never do, the venue itself may refuse them.
    fn entry_must_wait(&mut self, order: &NewOrder, now: Stamp) -> Option<String> {
        let paused = self.caller.paused_ms(now);
        let (symbol, class) = (order.key.symbol, order.kind.class());
        let wait = paused.or_else(|| self.pace.refuses_entry_ms(now, symbol, class))?;
        Some(format!("rate limit {}s", wait.div_ceil(1_000)))
    }

    /// Chooses the path: the warm socket where it is proved, REST where nothing can have been handed to it. Conditional orders have
    /// REST alone.
    pub(super) fn dispatch(&mut self, what: What, now: Stamp, out: &mut Out) {
        let symbol = what.key().symbol;
        let named = self.codes.contains_key(&symbol) && !self.by_rest.contains(&symbol);
        let regular = what.order().class == OrderClass::Regular;
        if regular && named && self.lines.takes_orders(now) {
            self.hand_on(Path::Line, what, now, out);
        } else {
            self.hand_on(Path::Rest, what, now, out);
        }
    }

    fn hand_on(&mut self, path: Path, what: What, now: Stamp, out: &mut Out) {
        let (symbol, order) = (what.key().symbol, what.order());
        match what.asked() {
            Asked::Place => self.pace.placed(now, symbol, order.class),
            Asked::Amend => self.pace.changed(now),
            Asked::Cancel | Asked::Query => {}
        }
        let instrument = self.instruments.get(&symbol);
        let terms = Terms {
            instrument,
            code: self.codes.get(&symbol).copied(),
            mode: self.trade_mode(&what, instrument),
            trails: self.trailing.contains(&order.client),
        };
        let unsaid = what.clone();
        let (requests, caller) = (&mut self.requests, &mut self.caller);
        if !orders::send(requests, caller, path, what, &terms, now, out) {
            let words = format!("{symbol} is not loaded yet");
            self.not_sent(&unsaid, words, now, out);
        }
    }

    /// Spot is bought and sold, on an account with margin of several currencies as `cross` (OKX v5, Place order, `tdMode`).
    fn trade_mode(&self, what: &What, instrument: Option<&Instrument>) -> TradeMode {
        let level = self.config.as_ref().map(|config| config.level);
        if instrument.is_some_and(|i| i.kind == InstrumentKind::Spot) {
            return match level {
                Some(Level::Margin) => TradeMode::Cross,
                _ => TradeMode::Cash,
            };
        }
        let leg = match what {
            What::Place(order) => order.get().leg,
            What::Amend(_) | What::Cancel { .. } => None,
        };
        self.margins.mode(what.key().symbol, leg).into()
    }

    /// The session tells what it wrote of a frame.
    pub(super) fn handed(&mut self, tag: u64, written: usize, now: Stamp, out: &mut Out) {
        match self.requests.handed(tag, written) {
            Handed::Left(client, asked) => out.facts.push(Fact::Written {
                client,
                asked,
                at: now,
            }),
            Handed::Stayed(what) => self.hand_on(Path::Rest, what, now, out),
            Handed::TooLate(what) => {
                self.proofs.settled(&what);
                let words = "the order line closed before it left".to_owned();
                self.not_sent(&what, words, now, out);
            }
            Handed::NotOurs => {}
        }
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

    pub(super) fn query(
        &mut self,
        key: MarketKey,
        order: OrderRef,
        desk: bool,
        now: Stamp,
        out: &mut Out,
    ) {
        let target = query_target(&key, &order);
        let purpose = Purpose::Query(Asking {
            key,
            order,
            sent: now,
            desk,
        });
        self.caller.read(now, target, purpose, out);
    }
}

/// `GET order` or `GET order-algo` for one order.
pub(super) fn query_target(key: &MarketKey, order: &OrderRef) -> String {
    let (name, id) = write::query(order);
    let id = encoded(id);
    match order.class {
        OrderClass::Regular => {
            let symbol = encoded(key.symbol.as_str());
            format!("/api/v5/trade/order?instId={symbol}&{name}={id}")
        }
        OrderClass::Conditional => format!("/api/v5/trade/order-algo?{name}={id}"),
    }
}

/// Coins have no legs, and nothing at the venue would hold a stop to what is owned: the desk carries it.
fn cannot_place_spot(order: &NewOrder) -> Option<&'static str> {
    if order.leg.is_some() {
        Some("spot has no legs")
    } else if order.kind.class() == OrderClass::Conditional {
        Some("stops on spot are Lancet's own: the venue is not asked for them")
    } else {
        None
    }
}
