//! The user stream and account truth, kept in one order: what the stream tells while truth is fetched after a (re)connect
//! waits for it. Owns nothing; the account owns what waits.

use super::BinanceSpotAccount;
use super::truth::{self, Part, Progress};
use crate::domain::message::{Balance, PositionMode};
use crate::domain::{Fact, Fill, OrderReport, OrderStatus, Stamp, Symbol};
use crate::exchange::binance::read::ReadError;
use crate::exchange::binance::whole::Whole;
use crate::exchange::binance_spot::user_stream::{self, Event};
use crate::exchange::machine::Out;

/// So many events wait at most; one more and truth is fetched again instead.
const HELD: usize = 10_000;
/// The venue ended the subscription by itself.
const ENDED: &str = "the venue ended the user stream";
/// Why a line that the venue is about to end is replaced.
pub(super) const SHUTDOWN: &str = "the venue ends this connection";

impl BinanceSpotAccount {
    /// An event of the private line, out of its envelope.
    pub(super) fn stream_event(&mut self, event: &[u8], now: Stamp, out: &mut Out) {
        if self.in_sync {
            return self.private_event(event, false, now, out);
        }
        match user_stream::read(event, &self.reader(now)) {
            Ok(Event::Ended) => return self.renew_private(ENDED, now, out),
            Ok(Event::Shutdown) => return self.shut_down(now, out),
            _ => {}
        }
        if self.held.len() < HELD {
            self.held.push(event.to_vec());
        } else {
            self.held.clear();
            self.truth_failed("too many events while account truth was fetched", now, out);
        }
    }

    /// One event. `again`: it waited for its instrument, which was loaded since.
    pub(super) fn private_event(&mut self, event: &[u8], again: bool, now: Stamp, out: &mut Out) {
        match user_stream::read(event, &self.reader(now)) {
            Ok(Event::Order { report, fill }) => {
                self.order_told(*report, fill.map(|fill| *fill), now, out);
            }
            Ok(Event::Balances(balances, bad)) => self.balances_told(balances, &bad, now, out),
            Ok(Event::Reread) => self.want_truth(now),
            Ok(Event::Ended) => self.renew_private(ENDED, now, out),
            Ok(Event::Shutdown) => self.shut_down(now, out),
            Ok(Event::Other) => {}
            Err(ReadError::Instrument(symbol)) => {
                self.unknown_symbol(symbol, event, again, now, out);
            }
            Err(error) => {
                self.bad(&format!("user stream: {error}"), out);
                self.want_truth(now);
            }
        }
    }

    fn shut_down(&mut self, now: Stamp, out: &mut Out) {
        self.planned = true;
        self.renew_private(SHUTDOWN, now, out);
    }

    /// An event of an instrument that is not loaded waits for it; one that the venue does not list is counted.
    fn unknown_symbol(
        &mut self,
        symbol: Symbol,
        event: &[u8],
        again: bool,
        now: Stamp,
        out: &mut Out,
    ) {
        if again {
            self.given_up.insert(symbol);
        }
        if self.given_up.contains(&symbol) || self.waiting.len() >= HELD {
            let words = format!("an event of {symbol}, which the venue does not list");
            return self.bad(&words, out);
        }
        self.waiting.push(event.to_vec());
        self.load_instruments(now, out);
    }

    pub(super) fn order_told(
        &mut self,
        report: OrderReport,
        fill: Option<Fill>,
        now: Stamp,
        out: &mut Out,
    ) {
        let client = report.order.client;
        self.requests.seen(client, report.order.venue);
        self.proofs.placed(client);
        if report.status.is_final() {
            self.proofs.ended(client);
        }
        if let Some(fill) = fill
            && self.told.fill(&fill)
        {
            out.facts.push(Fact::Fill(fill));
        }
        if report.status == OrderStatus::Unknown {
            self.query(report.key, report.order, false, now, out);
        }
        if self.told.order(&report) {
            out.facts.push(Fact::Order(report));
        }
    }

    fn balances_told(
        &mut self,
        balances: Vec<Balance>,
        bad: &[ReadError],
        now: Stamp,
        out: &mut Out,
    ) {
        for balance in balances {
            self.coins.insert(balance.asset);
            out.facts.push(Fact::Balance {
                account: self.whose.account,
                venue: self.whose.venue,
                balance,
            });
        }
        for error in bad {
            self.bad(&format!("balances: {error}"), out);
        }
        if !bad.is_empty() {
            self.want_truth(now);
        }
    }

    /// Begins a fetch of account truth where everything that it needs is there.
    pub(super) fn begin_truth(&mut self, now: Stamp, out: &mut Out) {
        self.told.begin();
        self.truth.begin(&mut self.caller, now, out);
    }

    pub(super) fn truth_part(&mut self, part: Part, body: &[u8], now: Stamp, out: &mut Out) {
        let progress = self.with_truth(now, |truth, context| truth.take(part, body, context, out));
        self.truth_progress(progress, now, out);
    }

    /// The order behind a lookup is not known any more.
    pub(super) fn truth_missing(&mut self, part: Part, now: Stamp, out: &mut Out) {
        if self.truth.is_current(part) {
            let progress =
                self.with_truth(now, |truth, context| truth.take_missing(part, context, out));
            self.truth_progress(progress, now, out);
        }
    }

    fn with_truth(
        &mut self,
        now: Stamp,
        go_on: impl FnOnce(&mut truth::Truth, &mut truth::Context<'_>) -> Progress,
    ) -> Progress {
        let mut symbols = self.followed.clone();
        symbols.extend(self.told.symbols());
        symbols.extend(self.proofs.symbols().map(|key| key.symbol));
        let mut context = truth::Context {
            caller: &mut self.caller,
            told: &self.told,
            reader: super::Reader {
                whose: self.whose,
                instruments: &self.instruments,
                at: now,
            },
            symbols: &symbols,
            given_up: &self.given_up,
        };
        go_on(&mut self.truth, &mut context)
    }

    fn truth_progress(&mut self, progress: Progress, now: Stamp, out: &mut Out) {
        match progress {
            Progress::More | Progress::Old => {}
            Progress::Done(whole) => self.truth_done(*whole, now, out),
            Progress::Failed(error) => {
                self.truth_failed(&format!("account truth: {error}"), now, out);
            }
            Progress::Needs(symbol) => {
                // Loaded already and still not listed: its records are skipped from here on.
                if self.instruments.contains_key(&symbol) || !self.wanted.insert(symbol) {
                    self.given_up.insert(symbol);
                }
                self.load_instruments(now, out);
                self.truth_failed(&format!("account truth needs {symbol}"), now, out);
            }
        }
    }

    /// A part is missing, so nothing is concluded: what was known stays, and it is tried again.
    pub(super) fn truth_failed(&mut self, words: &str, now: Stamp, out: &mut Out) {
        self.bad(words, out);
        self.truth.failed(now);
    }

    fn truth_done(&mut self, mut whole: Whole, now: Stamp, out: &mut Out) {
        let (orders, positions) = self.told.beside();
        whole.merge(&orders, &positions);
        self.proofs.absent(whole.began, |order| whole.knows(order));
        for error in &whole.bad {
            self.bad(&format!("account truth: {error}"), out);
        }
        for report in whole.looked_up.iter().chain(&whole.truth.orders) {
            self.requests.seen(report.order.client, report.order.venue);
            self.proofs.placed(report.order.client);
        }
        for report in std::mem::take(&mut whole.looked_up) {
            if report.status.is_final() {
                self.proofs.ended(report.order.client);
            }
            if self.told.order(&report) {
                out.facts.push(Fact::Order(report));
            }
        }
        whole.truth.fills.retain(|fill| self.told.fill(fill));
        for fill in &mut whole.truth.fills {
            fill.client = self.told.client_of(fill.order).unwrap_or(fill.client);
        }
        self.told.truth(&whole.truth.orders, &[], whole.began_ms);
        for (symbol, trade) in self.truth.confirmed() {
            self.told.confirmed(symbol, trade);
        }
        self.tell_truth(whole, now, out);
    }

    fn tell_truth(&mut self, mut whole: Whole, now: Stamp, out: &mut Out) {
        let (mode, can_trade) = whole.mode;
        if self.can_trade != Some(can_trade) || !self.in_sync {
            self.can_trade = Some(can_trade);
            out.facts.push(Fact::Mode {
                account: self.whose.account,
                venue: self.whose.venue,
                mode,
                can_trade,
            });
        }
        self.name_empty_coins(&mut whole.truth.balances);
        out.facts.push(Fact::Truth {
            account: self.whose.account,
            venue: self.whose.venue,
            truth: Box::new(whole.truth),
        });
        if !self.in_sync {
            // Fees may have been changed while nobody listened.
            for symbol in self.followed.clone() {
                self.follow(symbol, now, out);
            }
        }
        self.key_refused = false;
        self.in_sync = true;
        self.ready = self.order_line.is_open();
        for event in std::mem::take(&mut self.held) {
            self.private_event(&event, false, now, out);
        }
        self.relink("", out);
        if self.truth.next.is_none() {
            self.truth.rest(now, self.told.anything_open());
        }
    }

    /// The venue lists what is there: a coin that was told of and is not listed is all gone.
    fn name_empty_coins(&mut self, balances: &mut Vec<Balance>) {
        let listed: Vec<_> = balances.iter().map(|b| b.asset).collect();
        let gone = self.coins.iter().filter(|coin| !listed.contains(coin));
        balances.extend(gone.map(|&asset| Balance {
            asset,
            wallet: rust_decimal::Decimal::ZERO,
            available: Some(rust_decimal::Decimal::ZERO),
        }));
        self.coins.extend(listed);
    }
}

/// Spot has one net holding of each coin.
pub(super) const MODE: PositionMode = PositionMode::OneWay;
