//! What the private line tells, taken to the desk. Owns nothing; the account owns what waits.

use super::BybitAccount;
use crate::domain::message::Proves;
use crate::domain::{Fact, OrderClass, OrderReport, OrderStatus, Outcome, Stamp, Symbol};
use crate::exchange::bybit::private::{self, Event};
use crate::exchange::bybit::read::order::OrderSaid;
use crate::exchange::bybit::read::position::PositionSaid;
use crate::exchange::bybit::read::{ReadError, Reader};
use crate::exchange::machine::Out;

use super::parked;

/// So many frames wait at most; one more and truth is fetched again instead.
const HELD: usize = 10_000;

impl BybitAccount {
    /// A frame of the private line.
    pub(super) fn private_frame(&mut self, bytes: &[u8], now: Stamp, out: &mut Out) {
        if let Some(control) = private::control(bytes) {
            return self.private_said(control, now, out);
        }
        if self.in_sync {
            return self.private_event(bytes, false, now, out);
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
        let reader = Reader {
            whose: self.whose,
            listed: &self.listed,
            at: now,
        };
        let event = match private::event(bytes, &reader, |symbol| self.has_legs(symbol)) {
            Ok(event) => event,
            Err(error) => return self.unreadable(&error, now, out),
        };
        if let Some(symbol) = event.unknown() {
            if again {
                self.given_up.insert(symbol);
            } else if !self.given_up.contains(&symbol) && self.waiting.len() < HELD {
                self.waiting.push(bytes.to_vec());
                return self.load_instruments(now, out);
            }
        }
        match event {
            Event::Orders(all) => {
                self.each(all, now, out, |this, said, out| {
                    this.order_said(said, now, out)
                });
            }
            Event::Fills(all) => {
                self.each(all, now, out, |this, said, out| {
                    this.fill_said(said, now, out)
                });
            }
            Event::Positions(all) => self.each(all, now, out, |this, said, out| {
                this.position_said(&said, None, now, out);
            }),
            Event::Wallet(balances, bad) => {
                for error in bad {
                    self.unreadable(&error, now, out);
                }
                for balance in balances {
                    out.facts.push(Fact::Balance {
                        account: self.whose.account,
                        venue: self.whose.venue,
                        balance,
                    });
                }
            }
            Event::Other => {}
        }
    }

    fn each<T>(
        &mut self,
        all: Vec<Result<T, ReadError>>,
        now: Stamp,
        out: &mut Out,
        mut take: impl FnMut(&mut Self, T, &mut Out),
    ) {
        for one in all {
            match one {
                Ok(said) => take(self, said, out),
                Err(error) => self.unreadable(&error, now, out),
            }
        }
    }

    fn unreadable(&mut self, error: &ReadError, now: Stamp, out: &mut Out) {
        self.bad(&format!("private line: {error}"), out);
        // What is not listed will not be listed by asking again.
        if !matches!(error, ReadError::Instrument(_)) {
            self.want_truth(now);
        }
    }

    /// The stream or a query told of an order.
    pub(super) fn order_said(&mut self, said: OrderSaid, now: Stamp, out: &mut Out) {
        let mut report = said.report;
        if let Some(words) = said.alarm {
            self.alarm(report.key.symbol, words, out);
        }
        match said.slot {
            Some(kind) => {
                let (tells, steps) = self.slots.order(kind, &mut report, now);
                self.take_slot_steps(steps, now, out);
                if !tells {
                    return;
                }
            }
            None => self.correct_class(&mut report),
        }
        self.told.rename(&mut report);
        let client = report.order.client;
        self.requests.seen(client, report.order.venue);
        self.proofs.placed(client);
        if report.status.is_final() {
            self.proofs.ended(client);
        }
        if said.would_take && self.refused_after_all(&report, now, out) {
            self.told.order(&report);
            return;
        }
        self.parked.take(client);
        if report.status == OrderStatus::Unknown {
            self.query(report.key, report.order, false, now, out);
        }
        if self.told.order(&report) {
            out.facts.push(Fact::Order(report));
        }
    }

    /// A conditional order that was cancelled without a fill: it was told of as the order that it became, or never fired.
    fn correct_class(&self, report: &mut OrderReport) {
        let rested = |id| self.told.told_as(id).is_some();
        if report.order.class == OrderClass::Conditional
            && report.status.is_final()
            && report.order.venue.is_some_and(rested)
        {
            report.order.class = OrderClass::Regular;
            report.triggered = true;
        }
    }

    /// A post-only order that would have taken: what was asked for was refused, whatever the acknowledgement said. `false` where
    /// nobody waits for its answer any more.
    fn refused_after_all(&mut self, report: &OrderReport, now: Stamp, out: &mut Out) -> bool {
        let client = report.order.client;
        let kept = self.parked.take(client);
        let what = kept.or_else(|| self.requests.over(client).map(|request| request.what));
        let Some(what) = what.filter(parked::is_post_only) else {
            return false;
        };
        let outcome = Outcome::Rejected {
            code: 0,
            words: report.reason.clone().unwrap_or_default(),
            proves: Proves::WouldTake,
        };
        self.tell(&what, outcome, now, out);
        true
    }

    /// A position, told by the line, by a query that was sent at `asked`, or by account truth.
    pub(super) fn position_said(
        &mut self,
        said: &PositionSaid,
        asked: Option<Stamp>,
        now: Stamp,
        out: &mut Out,
    ) {
        let report = said.report;
        let symbol = report.key.symbol;
        self.note_position(said, out);
        let steps = self.slots.position(said, asked, now);
        self.take_slot_steps(steps, now, out);
        if self.legs.insert(symbol, said.has_legs) == Some(!said.has_legs) {
            // The instrument's mode was changed elsewhere.
            self.want_truth(now);
        }
        if self.told.position(&report) {
            out.facts.push(Fact::Position(report));
        }
    }

    /// What a position says beside its size.
    pub(super) fn note_position(&mut self, said: &PositionSaid, out: &mut Out) {
        let symbol = said.report.key.symbol;
        if let Some(leverage) = said.leverage
            && self.followed.contains(&symbol)
            && self.settings.get(&symbol).and_then(|s| s.leverage) != Some(leverage)
        {
            self.set(symbol, |s| s.leverage = Some(leverage), out);
        }
        let held = (symbol, said.report.leg);
        match said.alarm {
            Some(words) if self.endangered.insert(held) => self.alarm(symbol, words, out),
            Some(_) => {}
            None => {
                self.endangered.remove(&held);
            }
        }
    }

    pub(super) fn alarm(&self, symbol: Symbol, words: &str, out: &mut Out) {
        out.facts.push(Fact::Alarm {
            key: self.whose.key(symbol),
            words: words.to_owned(),
        });
    }
}
