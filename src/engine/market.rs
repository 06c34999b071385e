//! Everything that the desk knows of one market of one account.

use std::collections::VecDeque;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::message::SymbolSettings;
use crate::domain::{
    ClientId, Depth, Instrument, Intent, MarketKey, NewOrder, Price, Qty, Side, Stamp, Touch,
};

use super::closing::ClosePlan;
use super::ledger::Ledger;
use super::panic::PanicPlan;
use super::plans::Plans;
use super::price;
use super::protect::Protection;
use super::volume::Size;
use super::working::Orders;

/// Entries are remembered so long for the rate limits, ms.
pub(super) const MINUTE_MS: u64 = 60_000;

/// Mark price and funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Mark price, quote currency.
    pub mark: Decimal,
    /// Funding rate of the running interval as a fraction.
    pub funding: Decimal,
    /// Next funding, venue ms since 1970.
    pub next_funding_ms: i64,
}

/// One market of one account.
#[derive(Clone, Debug)]
pub struct Market {
    /// Whose and where.
    pub key: MarketKey,
    /// The venue's rules; `None` until told.
    pub instrument: Option<Arc<Instrument>>,
    /// Latest best prices.
    pub touch: Option<Touch>,
    /// Latest picture of the book.
    pub depth: Option<Arc<Depth>>,
    /// Mark price and funding.
    pub mark: Option<Mark>,
    /// Leverage, margin mode, fees.
    pub settings: Option<SymbolSettings>,
    /// Own orders.
    pub orders: Orders,
    /// Position.
    pub ledger: Ledger,
    /// Working volumes.
    pub volumes: Vec<Size>,
    /// Chosen working volume, from 1.
    pub volume: u8,
    /// Spot: Lancet's position begins where the trader said.
    pub(super) is_based: bool,
    /// Order selected by the select key.
    pub selected: Option<ClientId>,
    /// What protects the position.
    pub protection: Protection,
    /// A stop further away that was asked for once; no price: none at all.
    pub(super) widening: Option<(Option<Price>, Stamp)>,
    /// When a following stop last moved.
    pub(super) trailed: Stamp,
    pub(super) close: Option<ClosePlan>,
    /// What runs over several turns.
    pub plans: Plans,
    pub(super) panic: Option<PanicPlan>,
    pub(super) sent: VecDeque<SentEntry>,
    /// Lowest and highest price at which the position could have been closed since its last fill, ticks.
    pub(super) seen: Option<(Price, Price)>,
}

/// An entry that was sent, for the rate limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct SentEntry {
    pub at: Stamp,
    pub side: Side,
    pub price: Price,
    pub qty: Qty,
}

impl Market {
    pub(super) fn new(key: MarketKey, volume: u8) -> Self {
        Self {
            key,
            instrument: None,
            touch: None,
            depth: None,
            mark: None,
            settings: None,
            orders: Orders::default(),
            ledger: Ledger::default(),
            volumes: Vec::new(),
            volume,
            is_based: false,
            selected: None,
            protection: Protection::default(),
            widening: None,
            trailed: Stamp::default(),
            close: None,
            plans: Plans::default(),
            panic: None,
            sent: VecDeque::new(),
            seen: None,
        }
    }

    /// A leg begins with what is known of its symbol.
    pub(super) fn begin_beside(&mut self, known: &Self) {
        self.touch = known.touch;
        self.depth.clone_from(&known.depth);
        self.mark = known.mark;
        self.settings = known.settings;
        self.volumes.clone_from(&known.volumes);
        self.volume = known.volume;
    }

    /// Remembers at which prices an open position could have been closed.
    pub(super) fn see_exit(&mut self) {
        let best = self.ledger.side().and_then(|side| self.best(side));
        if let Some(best) = best {
            let (low, high) = self.seen.unwrap_or((best, best));
            self.seen = Some((low.min(best), high.max(best)));
        }
    }

    /// Best price of a half of the book.
    pub fn best(&self, side: Side) -> Option<Price> {
        price::best(self.touch.as_ref(), side)
    }

    /// The price at which the position would be closed now: the other side's best, else the mark.
    pub fn exit_price(&self) -> Option<Decimal> {
        let side = self.ledger.side()?;
        let instrument = self.instrument.as_ref()?;
        // A long is sold to the bids.
        self.best(side)
            .map(|best| instrument.price_decimal(best))
            .or(self.mark.map(|m| m.mark))
    }

    /// The chosen working volume.
    pub fn chosen(&self) -> Size {
        let chosen = usize::from(self.volume).checked_sub(1);
        let size = chosen.and_then(|slot| self.volumes.get(slot));
        size.copied().unwrap_or(Size::TimesMinimum(1))
    }

    /// Where working volume `index` (from 1) is kept.
    ///
    /// # Errors
    /// When there are not so many.
    pub(super) fn slot(&self, index: u8) -> Result<usize, String> {
        let many = self.volumes.len();
        usize::from(index)
            .checked_sub(1)
            .filter(|slot| *slot < many)
            .ok_or_else(|| format!("there are {many} volumes here; config.toml may hold up to 9"))
    }

    /// Taker and maker fee fractions, zero where unknown.
    pub fn fee_rates(&self) -> (Decimal, Decimal) {
        let known = self.settings;
        (
            known.and_then(|s| s.maker_fee).unwrap_or_default(),
            known.and_then(|s| s.taker_fee).unwrap_or_default(),
        )
    }

    pub(super) fn note_sent(&mut self, order: &NewOrder, now: Stamp) {
        if let (Intent::Entry, Some(price)) = (order.intent, order.kind.limit()) {
            self.sent.push_back(SentEntry {
                at: now,
                side: order.side,
                price,
                qty: order.qty,
            });
        }
    }

    pub(super) fn forget_sent(&mut self, now: Stamp) {
        while self
            .sent
            .front()
            .is_some_and(|sent| now.ms_since(sent.at) >= MINUTE_MS)
        {
            self.sent.pop_front();
        }
    }
}
