//! The minutes before an instrument was followed. Owns nothing; the feed does.

use super::PushedFeed;
use super::calls::Body;
use super::dialect::Dialect;
use super::followed::Followed;
use crate::domain::{Stamp, Symbol};
use crate::exchange::machine::Out;

impl<D: Dialect> PushedFeed<D> {
    /// Asks for the past of one instrument, where that is wanted: after its book, and one at a time, so that nothing waits for it.
    pub(super) fn ask_past(&mut self, now: Stamp, out: &mut Out) {
        if self.followed.iter().any(|f| f.past.is_flying()) {
            return;
        }
        let Some(venue_ms) = self.calls.clock.venue_ms(now) else {
            return;
        };
        let is_live = |f: &Followed| {
            let (line, unanswered) = (self.line_view(f.route), self.unanswered(f));
            f.state(now, line, unanswered).is_live()
        };
        let due = |f: &Followed| f.past.is_due(now) && is_live(f);
        let Some(index) = self.followed.iter().position(due) else {
            return;
        };
        let followed = &mut self.followed[index];
        let target = self.dialect.past(&followed.instrument);
        match self.calls.past(now, followed.symbol(), target, out) {
            Ok(()) => followed.past.asked(venue_ms),
            Err(until) => followed.past.wait_until(until),
        }
    }

    pub(super) fn past_came(&mut self, now: Stamp, symbol: &Symbol, body: Body, out: &mut Out) {
        let venue_ms = self.calls.clock.venue_ms(now);
        let Some(index) = self.index(symbol) else {
            return;
        };
        let followed = &mut self.followed[index];
        let rows = match &body {
            Ok(body) => self.dialect.read_past(body),
            Err(why) => Err(why.clone()),
        };
        let instrument = followed.instrument.clone();
        followed.past.came(now, venue_ms, &instrument, rows, out);
    }
}
