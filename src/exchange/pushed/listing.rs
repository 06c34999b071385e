//! What trades at the venue, what became of it, and which of it is followed.

use std::sync::Arc;

use super::calls::Body;
use super::dialect::{Dialect, Kind};
use super::followed::Followed;
use super::topics::Wanted;
use super::{PushedFeed, note};
use crate::domain::message::MarketFact;
use crate::domain::{Instrument, Stamp, Symbol, TradingStatus};
use crate::exchange::machine::Out;

impl<D: Dialect> PushedFeed<D> {
    pub(super) fn list_came(
        &mut self,
        now: Stamp,
        at: usize,
        target: &str,
        body: Body,
        out: &mut Out,
    ) {
        let page = body.and_then(|body| self.dialect.read_page(target, &body));
        match page {
            Ok(page) => {
                self.refuse(page.refused, out);
                for instrument in page.instruments {
                    self.learn(now, instrument, out);
                }
                if self.calls.page_read(now, at, page.next, out) {
                    self.tell_instruments(out);
                    self.follow_wanted(now, out);
                }
            }
            Err(why) => {
                self.calls.page_failed(now, at);
                note(out, format!("no instruments yet: {why}"));
            }
        }
    }

    pub(super) fn refuse(&mut self, refused: Vec<(String, String)>, out: &mut Out) {
        let unknown = |(name, _): &(String, String)| self.refused.iter().all(|(n, _)| n != name);
        let new: Vec<(String, String)> = refused.into_iter().filter(unknown).collect();
        if let Some((symbol, why)) = new.first() {
            let count = new.len();
            note(
                out,
                format!("{count} symbols disabled, first {symbol}: it {why}"),
            );
        }
        self.refused.extend(new);
    }

    pub(super) fn look_came(
        &mut self,
        now: Stamp,
        symbol: Symbol,
        target: &str,
        body: Body,
        out: &mut Out,
    ) {
        let page = body.and_then(|body| self.dialect.read_page(target, &body));
        self.calls.looked(now, &symbol, page.is_ok());
        let Ok(page) = page else { return };
        let named = |i: &Instrument| i.symbol == symbol;
        let found = page.instruments.into_iter().find(named);
        // What is delisted is not in the venue's answer any more.
        let gone = || {
            let known = self.instruments.iter().find(|i| i.symbol == symbol)?;
            Some(Instrument {
                status: TradingStatus::Closed,
                ..known.clone()
            })
        };
        if let Some(instrument) = found.or_else(gone)
            && self.learn(now, instrument, out)
        {
            self.tell_instruments(out);
        }
    }

    /// An instrument as it is now. True when anything about it is new; what matters to its book is said.
    pub(super) fn learn(&mut self, now: Stamp, instrument: Instrument, out: &mut Out) -> bool {
        let symbol = instrument.symbol;
        let Some(known) = self.instruments.iter_mut().find(|i| i.symbol == symbol) else {
            self.instruments.push(instrument);
            return true;
        };
        if *known == instrument {
            return false;
        }
        *known = instrument;
        if let Some(index) = self.index(&symbol) {
            self.renew(now, index, out);
        }
        true
    }

    /// The rules of a followed instrument are new. With new steps its book is read anew: its numbers meant something else.
    pub(super) fn renew(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let symbol = self.followed[index].symbol();
        let Some(new) = self.instruments.iter().find(|i| i.symbol == symbol) else {
            return;
        };
        let (new, old) = (new.clone(), self.followed[index].instrument.clone());
        if new.status != old.status {
            let status = new.status;
            out.market.push(MarketFact::Status { symbol, status });
        }
        let stepped = new.tick != old.tick || new.lot != old.lot;
        if !stepped && new.multiplier == old.multiplier {
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
        self.tell_instruments(out);
        let (route, name) = (self.followed[index].route, self.followed[index].name);
        self.followed[index] = Followed::new(new, route, name, D::DEPTH);
        if let Some(link) = self.links.get_mut(route) {
            for kind in [Kind::Book, Kind::BestPrices] {
                link.topics().ask_again(&symbol, kind);
            }
        }
        self.tell(now, index, out);
        self.tend(now, route, out);
    }

    pub(super) fn tell_instruments(&self, out: &mut Out) {
        let all: Arc<[Instrument]> = self.instruments.clone().into();
        out.market.push(MarketFact::Instruments(all));
    }

    /// Follows what is wanted and known; says what is not.
    pub(super) fn follow_wanted(&mut self, now: Stamp, out: &mut Out) {
        let wanted = std::mem::take(&mut self.wanted);
        self.followed.retain(|f| wanted.contains(&f.symbol()));
        for symbol in &wanted {
            if self.index(symbol).is_some() {
                continue;
            }
            match self.instruments.iter().find(|i| i.symbol == *symbol) {
                Some(instrument) => {
                    let (route, name) = self.dialect.place(instrument);
                    let instrument = instrument.clone();
                    self.followed
                        .push(Followed::new(instrument, route, name, D::DEPTH));
                }
                // The list that names it may be still to come.
                None if self.calls.has_all() => self.say_unknown(symbol, out),
                None => {}
            }
        }
        self.wanted = wanted;
        self.subscribe(now);
        self.wake(now, out);
    }

    pub(super) fn subscribe(&mut self, now: Stamp) {
        for (route, link) in self.links.iter_mut().enumerate() {
            let of_route = self.followed.iter().filter(|f| f.route == route);
            let wanted = of_route.map(|followed| Wanted {
                symbol: followed.symbol(),
                name: followed.name,
                kinds: self.dialect.kinds(&followed.instrument),
            });
            link.follow(wanted.collect());
        }
        let followed: Vec<&Instrument> = self.followed.iter().map(|f| &*f.instrument).collect();
        self.calls.follow(now, &self.dialect, &followed);
    }

    pub(super) fn say_unknown(&self, symbol: &Symbol, out: &mut Out) {
        let name = symbol.as_str();
        match self.refused.iter().find(|(refused, _)| refused == name) {
            Some((_, why)) => note(out, format!("{symbol} is disabled: it {why}")),
            None => note(out, format!("no symbol {symbol} at {}", self.venue)),
        }
    }

    pub(super) fn follow(&mut self, now: Stamp, symbols: &[Symbol], out: &mut Out) {
        self.wanted = symbols.to_vec();
        self.follow_wanted(now, out);
        for symbol in symbols {
            self.calls.look_now(now, symbol);
        }
    }
}
