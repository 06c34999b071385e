//! What the desk asks for, and the way that each request takes. Owns nothing; an order is handed on once.

use super::caller::Purpose;
use super::orders;
use super::{BinanceFuturesAccount, Numbers, Value};
use crate::domain::message::{Asked, PositionMode, Setting, SymbolSettings};
use crate::domain::{
    Amend, Approved, Command, Fact, Intent, MarketKey, NewOrder, OrderClass, OrderRef, Outcome,
    Stamp, Symbol,
};
use crate::exchange::account::proof::Asking;
use crate::exchange::account::request::{Handed, Path, What};
use crate::exchange::binance_futures::write;
use crate::exchange::machine::{Method, Out};

impl BinanceFuturesAccount {
    pub(super) fn command(&mut self, command: Command, now: Stamp, out: &mut Out) {
        match command {
            Command::Place(order) => self.place(order, now, out),
            Command::Amend(amend) => self.amend(amend, now, out),
            Command::Cancel { key, order } => {
                self.dispatch(What::Cancel { key, order }, Numbers::default(), now, out);
            }
            Command::Query { key, order } => self.query(key, order, true, now, out),
            Command::Reconcile => self.want_truth(now),
            Command::Follow(symbol) => self.follow(symbol, now, out),
            Command::SetLeverage { symbol, leverage } => {
                self.change(Setting::Leverage(symbol, leverage), now, out);
            }
            Command::SetMargin { symbol, mode } => {
                self.change(Setting::Margin(symbol, mode), now, out);
            }
            Command::SetPositionMode(mode) => {
                self.change(Setting::PositionMode(mode), now, out);
            }
        }
    }

    /// Asks for a change of a setting, once.
    fn change(&mut self, setting: Setting, now: Stamp, out: &mut Out) {
        let (path, params) = write::setting(&setting);
        let purpose = Purpose::Set(setting);
        self.caller
            .signed(now, Method::Post, path, &params, purpose, out);
    }

    fn place(&mut self, order: Approved<NewOrder>, now: Stamp, out: &mut Out) {
        let intent = order.get().intent;
        let symbol = order.get().key.symbol;
        let what = What::Place(order.clone());
        if let Some(words) = self.cannot_place(order.get()) {
            return self.not_sent(&what, words.to_owned(), now, out);
        }
        if intent == Intent::Entry
            && let Some(words) = self.entry_must_wait(now)
        {
            return self.not_sent(&what, words, now, out);
        }
        match self.instruments.get(&symbol) {
            Some(instrument) => {
                let numbers = Numbers::of_order(order.get(), instrument);
                self.dispatch(what, numbers, now, out);
            }
            None => self.not_sent(&what, format!("{symbol} is not loaded yet"), now, out),
        }
    }

    /// What the venue would refuse, or take for something else, whatever the numbers are.
    fn cannot_place(&self, order: &NewOrder) -> Option<&'static str> {
        match (self.mode, order.leg) {
            (Some((PositionMode::Hedge, _)), None) => {
                Some("the account is in hedge mode: an order must say which leg it is for")
            }
            (Some((PositionMode::OneWay, _)), Some(_)) => {
                Some("the account is in one-way mode: it has no legs")
            }
            _ => write::cannot(order.kind),
        }
    }

    fn amend(&mut self, amend: Approved<Amend>, now: Stamp, out: &mut Out) {
        let symbol = amend.get().key.symbol;
        let what = What::Amend(amend.clone());
        if what.order().class == OrderClass::Conditional {
            // Change log 2025-11-06: untriggered orders cannot be modified.
            let words =
                "the venue cannot change a conditional order: place the new one, then cancel this";
            return self.not_sent(&what, words.to_owned(), now, out);
        }
        match self.instruments.get(&symbol) {
            Some(instrument) => {
                let numbers = Numbers::of_amend(amend.get(), instrument);
                self.dispatch(what, numbers, now, out);
            }
            None => self.not_sent(&what, format!("{symbol} is not loaded yet"), now, out),
        }
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
        if what.asked() != Asked::Cancel {
            self.pace.sent(self.caller.venue_ms(now));
        }
        orders::send(
            &mut self.orders,
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
        match self.orders.handed(tag, written) {
            Handed::Left(client, asked) => out.facts.push(Fact::Written {
                client,
                asked,
                at: now,
            }),
            Handed::Stayed(what) => match self.numbers_of(&what) {
                Some(numbers) => self.by_rest(what, &numbers, now, out),
                None => self.not_sent(&what, "the order line is closed".into(), now, out),
            },
            Handed::TooLate(what) => {
                self.proofs.settled(&what);
                self.not_sent(
                    &what,
                    "the order line closed before it left".into(),
                    now,
                    out,
                );
            }
            Handed::NotOurs => {}
        }
    }

    fn numbers_of(&self, what: &What) -> Option<Numbers> {
        let instrument = || self.instruments.get(&what.key().symbol);
        match what {
            What::Place(order) => Some(Numbers::of_order(order.get(), instrument()?)),
            What::Amend(amend) => Some(Numbers::of_amend(amend.get(), instrument()?)),
            What::Cancel { .. } => Some(Numbers::default()),
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
        let path = write::path(order.class);
        self.caller
            .signed(now, Method::Get, path, &params, purpose, out);
    }

    pub(super) fn follow(&mut self, symbol: Symbol, now: Stamp, out: &mut Out) {
        if !self.followed.contains(&symbol) {
            self.followed.push(symbol);
        }
        let params = [("symbol", Value::Text(symbol.as_str()))];
        self.caller.signed(
            now,
            Method::Get,
            "/fapi/v1/symbolConfig",
            &params,
            Purpose::SymbolConfig,
            out,
        );
        self.caller.signed(
            now,
            Method::Get,
            "/fapi/v1/commissionRate",
            &params,
            Purpose::Commission(symbol),
            out,
        );
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
