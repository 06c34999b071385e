//! What time brings: pings, dead sockets, reconnects, deadlines, proofs, polls. Owns nothing.

use super::lines::{BUSINESS, PRIVATE};
use super::{Fact, OkxAccount};
use crate::domain::Stamp;
use crate::exchange::account::upkeep::Due;
use crate::exchange::machine::{Line, Out};

/// A load of instruments without an answer is tried again after this, ms.
const LOAD_AGAIN_MS: u64 = 15_000;
/// What must wait for REST is looked at again after this, ms.
const WAIT_MS: u64 = 500;
/// Why a socket is replaced that the venue is about to end, or that is a day old.
const PLANNED: &str = "a planned reconnect";
/// The venue's ping is a text, answered by the text `pong` (OKX v5, WebSocket, connect).
const PING: &str = "ping";

impl OkxAccount {
    /// Does what is due.
    pub(super) fn due(&mut self, now: Stamp, out: &mut Out) {
        self.line_due(PRIVATE, now, out);
        self.line_due(BUSINESS, now, out);
        self.overdue(now, out);
        let healthy = self.in_sync && self.lines.takes_orders(now);
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
        self.load_again(now, out);
        self.ask_settings(now, out);
        if is_due(self.truth.next) && !self.truth.is_running() {
            self.truth_due(now, out);
        }
    }

    /// A load was not answered in time, or the first one failed: one try every few seconds.
    fn load_again(&mut self, now: Stamp, out: &mut Out) {
        let waited_ms = self.load_tried.map_or(0, |at| now.ms_since(at));
        if waited_ms >= LOAD_AGAIN_MS {
            self.loading.clear();
        }
        if !self.has_instruments() && waited_ms >= LOAD_AGAIN_MS / 5 {
            self.load_instruments(now, out);
        }
    }

    fn truth_due(&mut self, now: Stamp, out: &mut Out) {
        let possible = self.lines.private.logon.stands()
            && self.has_instruments()
            && self.caller.clock.venue_ms(now).is_some();
        let earliest = self.truth.earliest();
        if !possible {
            self.truth.next = Some(now.plus_ms(WAIT_MS));
        } else if let Some(earliest) = earliest.filter(|at| at.mono_ns > now.mono_ns) {
            self.truth.next = Some(earliest);
        } else {
            self.begin_truth(now, out);
        }
    }

    fn line_due(&mut self, line: Line, now: Stamp, out: &mut Out) {
        let busy = line == PRIVATE && self.requests.line_is_busy();
        let socket = self.lines.of(line);
        if socket.logon.is_overdue(now) {
            socket.upkeep.close(now, out);
            self.bad("the venue does not answer login or subscription", out);
            return self.ended(line, "no answer to the login", now, out);
        }
        match socket.upkeep.due(now) {
            None => {}
            Some(Due::Ping) => socket.upkeep.pinged_by_text(now, PING, out),
            Some(Due::Dead) => {
                socket.upkeep.close(now, out);
                self.ended(line, "nothing came in for 5 s", now, out);
            }
            Some(Due::Open) => self.open(line, now, out),
            // Not from under a request.
            Some(Due::Replace) if busy => {}
            Some(Due::Replace) => {
                self.planned = true;
                self.open(line, now, out);
                self.ended(line, PLANNED, now, out);
            }
        }
    }

    /// When something is due next. What is due but must wait for a pause to end does not make the session spin.
    pub(super) fn next(&self, now: Stamp) -> Option<Stamp> {
        let wishes = [
            self.lines.private.upkeep.next(),
            self.lines.business.upkeep.next(),
            self.lines.private.logon.next(),
            self.lines.business.logon.next(),
            self.requests.next(),
            self.proofs.next(),
            self.truth.next.filter(|_| !self.truth.is_running()),
            self.next_time,
            self.next_ask.filter(|_| self.has_instruments()),
        ];
        let paused = self.caller.paused_ms(now).is_some();
        let soonest = now.plus_ms(if paused { WAIT_MS / 2 } else { 1 });
        let next = wishes.into_iter().flatten().min()?;
        Some(next.max(soonest))
    }
}
