//! What trades: the list as the venue gives it, read again now and then, and what follows from a change of it for the books that are
//! followed. Owns nothing; the feed does.

use std::sync::Arc;

use super::calls::Body;
use super::feed::BinanceFeed;
use super::followed::Followed;
use super::note;
use crate::domain::message::MarketFact;
use crate::domain::text::sanitise;
use crate::domain::{Instrument, Stamp, Symbol, TradingStatus};
use crate::exchange::machine::Out;

impl BinanceFeed {
    /// The answer to the question what trades.
    pub(super) fn instruments_came(&mut self, now: Stamp, body: Body, out: &mut Out) {
        let load = body.and_then(|body| {
            (self.product.load)(&body, self.venue).map_err(|error| sanitise(&error.to_string(), 80))
        });
        let first = self.instruments.is_empty();
        match load {
            Ok(load) => {
                self.calls.instruments_read(now, load.weight_limit);
                self.refused = load.refused;
                if first {
                    self.say_refused(out);
                }
                self.learn(now, load.instruments, out);
                self.follow_wanted(now, out);
            }
            Err(why) => {
                self.calls.instruments_failed(now);
                if first {
                    note(out, format!("no instruments yet: {why}"));
                }
            }
        }
    }

    fn say_refused(&self, out: &mut Out) {
        if let Some((symbol, why)) = self.refused.first() {
            let count = self.refused.len();
            let words = format!("{count} symbols disabled, first {symbol}: {why}");
            note(out, words);
        }
    }

    /// These are the venue's instruments now: the desk is told where anything is new.
    fn learn(&mut self, now: Stamp, instruments: Vec<Instrument>, out: &mut Out) {
        if *self.instruments == *instruments {
            return;
        }
        self.know(instruments, out);
        for index in 0..self.followed.len() {
            self.renew(now, index, out);
        }
    }

    /// These are the venue's instruments.
    pub(super) fn know(&mut self, instruments: Vec<Instrument>, out: &mut Out) {
        self.instruments = instruments.into();
        out.market
            .push(MarketFact::Instruments(self.instruments.clone()));
    }

    /// The rules of a followed instrument may be new. With new steps its book is read anew: its numbers meant something else.
    fn renew(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let old = self.followed[index].instrument.clone();
        let symbol = old.symbol;
        let listed = self.instruments.iter().find(|i| i.symbol == symbol);
        // What is not listed any more does not trade.
        let new = listed.cloned().unwrap_or_else(|| Instrument {
            status: TradingStatus::Closed,
            ..Instrument::clone(&old)
        });
        if new.status != old.status {
            let status = new.status;
            out.market.push(MarketFact::Status { symbol, status });
        }
        if (new.tick, new.lot) == (old.tick, old.lot) {
            self.followed[index].instrument = Arc::new(new);
            return;
        }
        let words = format!(
            "{symbol}: price step {} (was {}), size step {} (was {}): reading the book anew",
            new.tick.text(1),
            old.tick.text(1),
            new.lot.text(1),
            old.lot.text(1),
        );
        note(out, words);
        self.followed[index] = Followed::new(new, self.product.sequence);
        self.tell(index, now, out);
    }

    /// Follows what is wanted and known; says what is not.
    pub(super) fn follow_wanted(&mut self, now: Stamp, out: &mut Out) {
        if self.instruments.is_empty() {
            return;
        }
        let wanted = std::mem::take(&mut self.wanted);
        self.followed.retain(|f| wanted.contains(&f.symbol()));
        for symbol in &wanted {
            if self.index(symbol).is_some() {
                continue;
            }
            match self.instruments.iter().find(|i| i.symbol == *symbol) {
                Some(instrument) => {
                    let sequence = self.product.sequence;
                    let followed = Followed::new(instrument.clone(), sequence);
                    self.followed.push(followed);
                }
                None => self.say_unknown(symbol, out),
            }
        }
        let symbols: Vec<Symbol> = self.followed.iter().map(Followed::symbol).collect();
        self.public.follow(&symbols);
        self.market.follow(&symbols);
        self.wanted = wanted;
        self.wake(now, out);
    }

    fn say_unknown(&self, symbol: &Symbol, out: &mut Out) {
        let refused = self
            .refused
            .iter()
            .find(|(name, _)| name == symbol.as_str());
        match refused {
            Some((_, why)) => note(out, format!("{symbol} is disabled: it {why}")),
            None => note(out, format!("no symbol {symbol} at {}", self.venue)),
        }
    }
}
