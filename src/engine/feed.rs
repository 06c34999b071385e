//! What the feed tells the desk: instruments, best prices, pictures of books, prints, marks.

use std::sync::Arc;

use crate::domain::message::MarketFact;
use crate::domain::{Depth, Instrument, MarketKey, Print, Symbol, Touch, VenueId};

use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Mark;
use super::{queue, send, steps, words};

impl Desk {
    pub(super) fn take_market(&mut self, venue: VenueId, fact: MarketFact, out: &mut Effects) {
        match fact {
            MarketFact::Instruments(list) => self.take_instruments(venue, &list, out),
            MarketFact::Mark {
                symbol,
                mark,
                funding,
                next_funding_ms,
            } => {
                let key = self.key(venue, symbol);
                let mark = Mark {
                    mark,
                    funding,
                    next_funding_ms,
                };
                self.market_mut(key);
                self.each_of(key, |market| market.mark = Some(mark));
            }
            MarketFact::Status { symbol, status } => {
                let key = self.key(venue, symbol);
                self.market_mut(key);
                self.each_of(key, |market| {
                    if let Some(instrument) = market.instrument.as_mut() {
                        Arc::make_mut(instrument).status = status;
                    }
                });
                out.notice(
                    Loudness::Warn,
                    format!("{symbol} is {}", words::status(status)),
                );
            }
            // Of charts the desk knows nothing.
            MarketFact::Minutes { .. } => {}
            MarketFact::Bad { words } => {
                self.account.bad = self.account.bad.saturating_add(1);
                out.notice(Loudness::Warn, words);
            }
            MarketFact::Note { words } => out.notice(Loudness::Info, words),
        }
    }

    fn take_instruments(&mut self, venue: VenueId, list: &[Instrument], out: &mut Effects) {
        for instrument in list {
            self.instruments
                .insert((venue, instrument.symbol), Arc::new(instrument.clone()));
        }
        self.symbols = list.iter().map(|i| i.symbol.to_string()).collect();
        for market in self.markets.values_mut() {
            let known = self.instruments.get(&(market.key.venue, market.key.symbol));
            if let Some(instrument) = known {
                let before = market.instrument.replace(instrument.clone());
                if let Some(before) = before.filter(|before| steps::differ(before, instrument)) {
                    steps::recount(market, &before, instrument);
                    out.notice(Loudness::Alarm, steps::words(market, &before, instrument));
                    send::reconcile(out);
                }
                market.ledger.release(instrument);
            }
        }
    }

    pub(super) fn take_touch(&mut self, venue: VenueId, touch: Touch) {
        let key = self.key(venue, touch.symbol);
        self.market_mut(key);
        self.each_of(key, |market| {
            market.touch = Some(touch);
            market.see_exit();
        });
    }

    pub(super) fn take_depth(&mut self, venue: VenueId, depth: Arc<Depth>) {
        let key = self.key(venue, depth.symbol);
        self.market_mut(key);
        self.each_of(key, |market| {
            queue::take_depth(market, &depth);
            market.depth = Some(depth.clone());
        });
    }

    pub(super) fn take_prints(&mut self, venue: VenueId, prints: &[Print]) {
        for market in self.markets.values_mut() {
            if market.key.venue == venue {
                queue::take_prints(market, prints);
            }
        }
    }

    const fn key(&self, venue: VenueId, symbol: Symbol) -> MarketKey {
        MarketKey {
            account: self.settings.account,
            venue,
            symbol,
            leg: None,
        }
    }
}
