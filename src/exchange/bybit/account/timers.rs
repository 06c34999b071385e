//! What time brings: pings, dead lines, reconnects, deadlines, proofs, polls, heartbeats. Owns nothing.

use super::{BybitAccount, Fact, ORDERS, PRIVATE, truth};
use crate::domain::Stamp;
use crate::exchange::account::upkeep::Due;
use crate::exchange::budget::Purse;
use crate::exchange::machine::{Line, LineOut, Out};

/// What must wait for REST is looked at again after this, ms.
const WAIT_MS: u64 = 500;

/// Why a line is replaced that still stands.
const PLANNED: &str = "a planned reconnect";

impl BybitAccount {
    /// Does what is due.
    pub(super) fn due(&mut self, now: Stamp, out: &mut Out) {
        self.line_due(ORDERS, now, out);
        self.line_due(PRIVATE, now, out);
        self.overdue(now, out);
        let is_due = |at: Option<Stamp>| at.is_none_or(|at| now.mono_ns >= at.mono_ns);
        if is_due(self.next_heartbeat) {
            self.heartbeat(now, out);
        }
        let steps = self.slots.due(now);
        self.take_slot_steps(steps, now, out);
        let healthy = self.in_sync && self.private_line.upkeep.is_proved(now);
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
        self.load_due(now, out);
        if is_due(self.truth.next) && !self.truth.is_running() {
            self.truth_due(now, out);
        }
    }

    fn truth_due(&mut self, now: Stamp, out: &mut Out) {
        let possible = self.private_line.is_ready()
            && self.is_listed()
            && self.caller.clock.venue_ms(now).is_some();
        let purse = if self.in_sync {
            Purse::Ordinary
        } else {
            Purse::Exits
        };
        if possible && self.caller.afford(now, truth::CALLS, purse) {
            self.begin_truth(now, out);
        } else {
            self.truth.next = Some(now.plus_ms(WAIT_MS));
        }
    }

    fn line_due(&mut self, line: Line, now: Stamp, out: &mut Out) {
        if self.socket(line).is_mute(now) {
            self.end_line(line, now, out);
            return self.relink("no answer to the authentication within 5 s", out);
        }
        let busy = line == ORDERS && self.requests.line_is_busy();
        let socket = self.socket(line);
        // What takes nothing new is replaced like what is old: not from under a request.
        let worn = socket.worn && socket.upkeep.is_open() && !busy;
        match socket.upkeep.due(now) {
            Some(Due::Dead) => {
                self.end_line(line, now, out);
                self.relink("nothing came in for 5 s", out);
            }
            Some(Due::Replace) if !busy => self.replace(line, now, out),
            _ if worn => self.replace(line, now, out),
            None | Some(Due::Replace) => {}
            Some(Due::Ping) => socket.upkeep.pinged(now, out),
            Some(Due::Open) => socket.open(now, out),
        }
    }

    /// Ends a line from here; it is tried again soon.
    pub(super) fn end_line(&mut self, line: Line, now: Stamp, out: &mut Out) {
        out.lines.push(LineOut::Close { line });
        self.socket(line).closed(now);
        if line == ORDERS {
            self.order_line_ended(now, out);
        } else {
            self.private_ended();
        }
    }

    fn replace(&mut self, line: Line, now: Stamp, out: &mut Out) {
        self.planned = true;
        if line == ORDERS {
            self.order_line.open(now, out);
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
            self.requests.next(),
            self.parked.next(),
            self.slots.next(),
            self.proofs.next(),
            self.truth.next,
            self.next_time,
            self.next_heartbeat,
        ];
        let paused = self.caller.paused_ms(now).is_some();
        let soonest = now.plus_ms(if paused { WAIT_MS / 2 } else { 1 });
        let next = wishes.into_iter().flatten().min()?;
        Some(next.max(soonest))
    }
}
