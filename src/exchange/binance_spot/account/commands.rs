//! What the desk asks for, and the way that each request takes. Owns nothing; an order is handed on once.

use super::BinanceSpotAccount;
use super::orders;
use super::purpose::Purpose;
use crate::domain::message::{Asked, Setting, SymbolSettings};
use crate::domain::{
    Approved, Command, Fact, Intent, MarketKey, NewOrder, OrderRef, Outcome, Stamp, Symbol,
};
use crate::exchange::account::proof::Asking;
use crate::exchange::account::request::{Handed, Path, What};
use crate::exchange::binance::sign::Value;
use crate::exchange::binance_spot::write::{self, Numbers};
use crate::exchange::machine::{Method, Out};

impl BinanceSpotAccount {
    pub(super) fn command(&mut self, command: Command, now: Stamp, out: &mut Out) {
        match command {
            Command::Place(order) => self.place(order, now, out),
            Command::Amend(amend) => {
                // Binance, Order Amend Keep Priority: it can only make an order smaller.
                let words =
                    "the venue cannot move an order: cancel it and place another".to_owned();
                self.not_sent(&What::Amend(amend), words, now, out);
            }
            Command::Cancel { key, order } => {
                self.dispatch(What::Cancel { key, order }, Numbers::default(), now, out);
            }
            Command::Query { key, order } => self.query(key, order, true, now, out),
            Command::Reconcile => self.want_truth(now),
            Command::Follow(symbol) => self.follow(symbol, now, out),
            Command::SetLeverage { symbol, leverage } => {
                self.no_such_setting(Setting::Leverage(symbol, leverage), now, out);
            }
            Command::SetMargin { symbol, mode } => {
                self.no_such_setting(Setting::Margin(symbol, mode), now, out);
            }
            Command::SetPositionMode(mode) => {
                self.no_such_setting(Setting::PositionMode(mode), now, out);
            }
        }
    }

    fn no_such_setting(&self, setting: Setting, now: Stamp, out: &mut Out) {
        out.facts.push(Fact::Set {
            account: self.whose.account,
            venue: self.whose.venue,
            setting,
            outcome: Outcome::NotSent("spot has no leverage, margin or legs".to_owned()),
            at: now,
        });
    }

    fn place(&mut self, order: Approved<NewOrder>, now: Stamp, out: &mut Out) {
        let intent = order.get().intent;
        let symbol = order.get().key.symbol;
        let what = What::Place(order.clone());
        if let Some(words) = write::cannot(order.get()) {
            return self.not_sent(&what, words.to_owned(), now, out);
        }
        if intent == Intent::Entry
            && let Some(words) = self.entry_must_wait(now)
        {
            return self.not_sent(&what, words, now, out);
        }
        // What comes of it could not be read.
        if !self.instruments.contains_key(&symbol) {
            return self.not_sent(&what, format!("{symbol} is not loaded yet"), now, out);
        }
        self.dispatch(what, Numbers::of_order(&order), now, out);
    }

    /// Why an entry must wait for the venue's limits; exits never do, the venue itself may refuse them.
    fn entry_must_wait(&mut self, now: Stamp) -> Option<String> {
        let venue_ms = self.caller.venue_ms(now);
        let paused = self.caller.paused_ms(now);
        let wait = paused.or_else(|| self.pace.refuses_entry_ms(venue_ms))?;
        Some(format!("rate limit {}s", wait.div_ceil(1_000)))
    }

    /// Chooses the path: the warm line where it is proved, REST where nothing can have been handed to the line.
    pub(super) fn dispatch(&mut self, what: What, numbers: Numbers, now: Stamp, out: &mut Out) {
        if self.order_line.is_proved(now) {
            self.hand_on(Path::Line, what, &numbers, now, out);
        } else {
            self.by_rest(what, &numbers, now, out);
        }
    }

    fn by_rest(&mut self, what: What, numbers: &Numbers, now: Stamp, out: &mut Out) {
        match self.caller.paused_ms(now) {
            Some(ms) => {
                let words = format!("no order line, and rate limit {}s", ms.div_ceil(1_000));
                self.not_sent(&what, words, now, out);
            }
            None => self.hand_on(Path::Rest, what, numbers, now, out),
        }
    }

    fn hand_on(&mut self, path: Path, what: What, numbers: &Numbers, now: Stamp, out: &mut Out) {
        if what.asked() == Asked::Place {
            self.pace.sent(self.caller.venue_ms(now));
        }
        orders::send(
            &mut self.requests,
            &mut self.caller,
            path,
            what,
            numbers,
            now,
            out,
        );
    }

    /// The session tells what it wrote of a frame.
    pub(super) fn handed(&mut self, tag: u64, written: usize, now: Stamp, out: &mut Out) {
        match self.requests.handed(tag, written) {
            Handed::Left(client, asked) => out.facts.push(Fact::Written {
                client,
                asked,
                at: now,
            }),
            Handed::Stayed(what) => {
                let numbers = numbers_of(&what);
                self.by_rest(what, &numbers, now, out);
            }
            Handed::TooLate(what) => {
                self.proofs.settled(&what);
                let words = "the order line closed before it left".to_owned();
                self.not_sent(&what, words, now, out);
            }
            Handed::NotOurs => {}
        }
    }

    fn not_sent(&self, what: &What, words: String, now: Stamp, out: &mut Out) {
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
        let symbol = key.symbol;
        let params = [
            ("symbol", Value::Text(symbol.as_str())),
            write::name(&order),
        ];
        let purpose = Purpose::Query(Asking {
            key,
            order,
            sent: now,
            desk,
        });
        self.caller
            .signed(now, Method::Get, write::ORDER, &params, purpose, out);
    }

    /// Fee rates of a symbol; its trades are part of account truth from here on.
    pub(super) fn follow(&mut self, symbol: Symbol, now: Stamp, out: &mut Out) {
        if !self.followed.contains(&symbol) {
            self.followed.push(symbol);
        }
        let params = [("symbol", Value::Text(symbol.as_str()))];
        let path = "/api/v3/account/commission";
        let purpose = Purpose::Commission(symbol);
        self.caller
            .signed(now, Method::Get, path, &params, purpose, out);
    }

    /// Tells what is known of a symbol's settings after one of them changed.
    pub(super) fn set(
        &mut self,
        symbol: Symbol,
        change: impl FnOnce(&mut SymbolSettings),
        out: &mut Out,
    ) {
        let key = self.whose.key(symbol);
        let settings = self.settings.entry(symbol).or_insert(SymbolSettings {
            key,
            leverage: None,
            margin: None,
            maker_fee: None,
            taker_fee: None,
        });
        change(settings);
        out.facts.push(Fact::Settings(*settings));
    }
}

fn numbers_of(what: &What) -> Numbers {
    match what {
        What::Place(order) => Numbers::of_order(order),
        What::Cancel { .. } | What::Amend(_) => Numbers::default(),
    }
}
