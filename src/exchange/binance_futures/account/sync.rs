//! The private stream and account truth, kept in one order: what the stream tells while truth is fetched after a (re)connect
//! waits for it. Owns nothing; the account owns what waits.

use super::BinanceFuturesAccount;
use super::replies::KEY_EXPIRED;
use super::truth::{self, Part, Progress};
use crate::domain::{Fact, Fill, OrderReport, OrderStatus, PositionReport, Stamp, Symbol};
use crate::exchange::binance::whole::Whole;
use crate::exchange::binance_futures::read::ReadError;
use crate::exchange::binance_futures::user_stream::{self, AccountUpdate, Event};
use crate::exchange::machine::Out;

/// So many frames wait at most; one more and truth is fetched again instead.
const HELD: usize = 10_000;

impl BinanceFuturesAccount {
    /// A frame of the private line.
    pub(super) fn private_frame(&mut self, bytes: &[u8], now: Stamp, out: &mut Out) {
        if self.in_sync {
            return self.private_event(bytes, false, now, out);
        }
        let reader = self.reader(now);
        if matches!(
            user_stream::read(bytes, &reader),
            Ok(Event::ListenKeyExpired)
        ) {
            return self.renew_private(KEY_EXPIRED, now, out);
        }
        if self.held.len() < HELD {
            self.held.push(bytes.to_vec());
        } else {
            self.held.clear();
            self.truth_failed("too many events while account truth was fetched", now, out);
        }
    }

    /// One event. `again`: it waited for its instrument, which was loaded since.
    pub(super) fn private_event(&mut self, bytes: &[u8], again: bool, now: Stamp, out: &mut Out) {
        match user_stream::read(bytes, &self.reader(now)) {
            Ok(Event::Order {
                report,
                fill,
                alarm,
            }) => {
                if let Some(words) = alarm {
                    out.facts.push(Fact::Alarm {
                        key: report.key,
                        words: words.to_owned(),
                    });
                }
                self.order_told(*report, fill.map(|fill| *fill), now, out);
            }
            Ok(Event::Algo(order)) => self.algo_told(*order, now, out),
            Ok(Event::Account(update)) => self.account_told(update, now, out),
            Ok(Event::Leverage(symbol, leverage)) => {
                self.set(symbol, |s| s.leverage = Some(leverage), out);
            }
            Ok(Event::Reread) => self.want_truth(now),
            Ok(Event::MarginCall(symbols)) => {
                for symbol in symbols {
                    out.facts.push(Fact::Alarm {
                        key: self.whose.key(symbol),
                        words: "margin call: add margin or reduce".to_owned(),
                    });
                }
            }
            Ok(Event::ListenKeyExpired) => self.renew_private(KEY_EXPIRED, now, out),
            Ok(Event::Other) => {}
            Err(ReadError::Instrument(symbol)) => {
                self.unknown_symbol(symbol, bytes, again, now, out)
            }
            Err(error) => {
                self.bad(&format!("private stream: {error}"), out);
                self.want_truth(now);
            }
        }
    }

    /// An event of an instrument that is not loaded waits for it; one that the venue does not list is counted.
    fn unknown_symbol(
        &mut self,
        symbol: Symbol,
        bytes: &[u8],
        again: bool,
        now: Stamp,
        out: &mut Out,
    ) {
        if again {
            self.given_up.insert(symbol);
        }
        if self.is_given_up(&symbol) || self.waiting.len() >= HELD {
            return self.bad(
                &format!("an event of {symbol}, which the venue does not list"),
                out,
            );
        }
        self.waiting.push(bytes.to_vec());
        self.load_instruments(now, out);
    }

    pub(super) fn order_told(
        &mut self,
        mut report: OrderReport,
        fill: Option<Fill>,
        now: Stamp,
        out: &mut Out,
    ) {
        self.told.rename(&mut report);
        let client = report.order.client;
        self.orders.seen(client, report.order.venue);
        self.proofs.placed(client);
        if report.status.is_final() {
            self.proofs.ended(client);
        }
        if let Some(fill) = fill
            && self.told.fill(&fill)
        {
            out.facts.push(Fact::Fill(Fill { client, ..fill }));
        }
        if report.status == OrderStatus::Unknown {
            self.query(report.key, report.order, false, now, out);
        }
        if self.told.order(&report) {
            out.facts.push(Fact::Order(report));
        }
    }

    fn account_told(&mut self, update: AccountUpdate, now: Stamp, out: &mut Out) {
        for error in &update.bad {
            self.bad(&format!("account update: {error}"), out);
        }
        for balance in update.balances {
            out.facts.push(Fact::Balance {
                account: self.whose.account,
                venue: self.whose.venue,
                balance,
            });
        }
        if let Some((symbol, amount)) = update.funding {
            out.facts.push(Fact::Funding {
                key: self.whose.key(symbol),
                amount,
            });
        }
        for report in update.positions {
            self.position_told(report, out);
        }
        if !update.bad.is_empty() {
            self.want_truth(now);
        }
    }

    fn position_told(&mut self, report: PositionReport, out: &mut Out) {
        if self.told.position(&report) {
            out.facts.push(Fact::Position(report));
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
        self.truth_fired(std::mem::take(&mut whole.fired));
        whole.truth.orders.retain(|o| !self.told.has_fired(o));
        for report in whole.looked_up.iter_mut().chain(&mut whole.truth.orders) {
            self.told.rename(report);
        }
        for error in &whole.bad {
            self.bad(&format!("account truth: {error}"), out);
        }
        for report in whole.looked_up.iter().chain(&whole.truth.orders) {
            self.orders.seen(report.order.client, report.order.venue);
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
        self.told
            .truth(&whole.truth.orders, &whole.truth.positions, whole.began_ms);
        for (symbol, trade) in self.truth.confirmed() {
            self.told.confirmed(symbol, trade);
        }
        self.tell_truth(whole, now, out);
    }

    fn tell_truth(&mut self, whole: Whole, now: Stamp, out: &mut Out) {
        if self.mode != Some(whole.mode) || !self.in_sync {
            self.mode = Some(whole.mode);
            out.facts.push(Fact::Mode {
                account: self.whose.account,
                venue: self.whose.venue,
                mode: whole.mode.0,
                can_trade: whole.mode.1,
            });
        }
        out.facts.push(Fact::Truth {
            account: self.whose.account,
            venue: self.whose.venue,
            truth: Box::new(whole.truth),
        });
        if !self.in_sync {
            // Leverage, margin mode and fees may have been changed elsewhere while nobody listened.
            for symbol in self.followed.clone() {
                self.follow(symbol, now, out);
            }
        }
        self.key_refused = false;
        self.in_sync = true;
        self.ready = self.order_line.is_open();
        for frame in std::mem::take(&mut self.held) {
            self.private_event(&frame, false, now, out);
        }
        self.relink("", out);
        if self.truth.next.is_none() {
            self.truth.rest(now, self.told.anything_open());
        }
    }
}
