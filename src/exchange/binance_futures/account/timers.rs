//! What time brings: pings, dead lines, reconnects, deadlines, proofs, polls, keep-alives. Owns nothing.

use super::caller::Purpose;
use super::{BinanceFuturesAccount, Fact, ORDERS, PRIVATE, truth};
use crate::domain::Stamp;
use crate::exchange::account::upkeep::Due;
use crate::exchange::budget::Purse;
use crate::exchange::machine::{Line, Method, Out};

/// A load of instruments without an answer is tried again after this, ms.
const LOAD_AGAIN_MS: u64 = 15_000;
/// What must wait for REST is looked at again after this, ms.
const WAIT_MS: u64 = 500;

/// Why a day-old line is replaced.
const PLANNED: &str = "a planned reconnect";

impl BinanceFuturesAccount {
    /// Does what is due.
    pub(super) fn due(&mut self, now: Stamp, out: &mut Out) {
        self.line_due(ORDERS, now, out);
        self.line_due(PRIVATE, now, out);
        self.overdue(now, out);
        let healthy = self.in_sync && self.private_line.is_proved(now);
        let paused = self.caller.paused_ms(now).is_some();
        if self.limited && !paused {
            self.limited = false;
            out.facts.push(Fact::Limited {
                venue: self.whose.venue,
                until_ms: 0,
            });
        }
        if paused {
            return;
        }
        let mut steps = Vec::new();
        self.proofs.due(now, healthy, &mut steps);
        self.take_steps(steps, now, out);
        self.calls_due(now, out);
    }

    fn calls_due(&mut self, now: Stamp, out: &mut Out) {
        let is_due = |at: Option<Stamp>| at.is_some_and(|at| now.mono_ns >= at.mono_ns);
        if is_due(self.next_time) {
            self.measure_clock(now, out);
        }
        if is_due(self.next_keep_alive) {
            self.next_keep_alive = None;
            let path = "/fapi/v1/listenKey";
            self.caller
                .plain(Method::Put, path, true, Purpose::KeepAlive, out);
        }
        if self
            .loading
            .is_some_and(|since| now.ms_since(since) >= LOAD_AGAIN_MS)
        {
            self.loading = None;
        }
        if self.instruments.is_empty() {
            self.load_again(now, out);
        }
        if is_due(self.truth.next) && !self.truth.is_running() {
            self.truth_due(now, out);
        }
    }

    /// The first load failed: one try every few seconds.
    fn load_again(&mut self, now: Stamp, out: &mut Out) {
        let due = self
            .load_tried
            .is_none_or(|at| now.ms_since(at) >= LOAD_AGAIN_MS / 5);
        if due {
            self.load_tried = Some(now);
            self.load_instruments(now, out);
        }
    }

    fn truth_due(&mut self, now: Stamp, out: &mut Out) {
        let possible = self.private_line.is_open()
            && !self.instruments.is_empty()
            && self.caller.clock.venue_ms(now).is_some();
        let purse = if self.in_sync {
            Purse::Ordinary
        } else {
            Purse::Exits
        };
        if possible && self.caller.afford(now, truth::WEIGHT, purse) {
            self.begin_truth(now, out);
        } else {
            self.truth.next = Some(now.plus_ms(WAIT_MS));
        }
    }

    fn line_due(&mut self, line: Line, now: Stamp, out: &mut Out) {
        let upkeep = if line == ORDERS {
            &mut self.order_line
        } else {
            &mut self.private_line
        };
        match upkeep.due(now) {
            None => {}
            Some(Due::Ping) => upkeep.pinged(now, out),
            Some(Due::Dead) => {
                upkeep.close(now, out);
                if line == ORDERS {
                    self.order_line_ended(now, out);
                } else {
                    self.private_ended();
                }
                self.relink("nothing came in for 5 s", out);
            }
            Some(Due::Open) => self.reopen(line, now, out),
            // A line is replaced when it is a day old, but not from under a request.
            Some(Due::Replace) if line == ORDERS && self.orders.line_is_busy() => {}
            Some(Due::Replace) => self.replace(line, now, out),
        }
    }

    fn reopen(&mut self, line: Line, now: Stamp, out: &mut Out) {
        if line == ORDERS {
            self.order_line.open(now, self.ws_api.clone(), out);
        } else if self.caller.paused_ms(now).is_none() {
            self.open_private(now, out);
        }
    }

    fn replace(&mut self, line: Line, now: Stamp, out: &mut Out) {
        self.planned = true;
        if line == ORDERS {
            self.order_line.open(now, self.ws_api.clone(), out);
            self.relink(PLANNED, out);
        } else {
            self.renew_private(PLANNED, now, out);
        }
    }

    /// When something is due next. What is due but must wait for a ban to end does not make the session spin.
    pub(super) fn next(&self, now: Stamp) -> Option<Stamp> {
        let wishes = [
            self.order_line.next(),
            self.private_line.next(),
            self.orders.next(),
            self.proofs.next(),
            self.truth.next,
            self.next_time,
            self.next_keep_alive,
        ];
        let paused = self.caller.paused_ms(now).is_some();
        let soonest = now.plus_ms(if paused { WAIT_MS / 2 } else { 1 });
        let next = wishes.into_iter().flatten().min()?;
        Some(next.max(soonest))
    }
}
