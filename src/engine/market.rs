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
use super::settings::DeskSettings;
use super::volume;
use super::working::Orders;

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
    /// Working volumes, lots.
    pub volumes: [Option<Qty>; 5],
    /// Chosen working volume, 1 to 5.
    pub volume: u8,
    /// Order selected by the select key.
    pub selected: Option<ClientId>,
    /// What protects the position.
    pub protection: Protection,
    /// A stop further away that was asked for once.
    pub(super) widening: Option<(Price, Stamp)>,
    /// When a following stop last moved.
    pub(super) trailed: Stamp,
    pub(super) close: Option<ClosePlan>,
    pub(super) plans: Plans,
    pub(super) panic: Option<PanicPlan>,
    pub(super) sent: VecDeque<SentEntry>,
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
            volumes: [None; 5],
            volume: volume.clamp(1, 5),
            selected: None,
            protection: Protection::default(),
            widening: None,
            trailed: Stamp::default(),
            close: None,
            plans: Plans::default(),
            panic: None,
            sent: VecDeque::new(),
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

    /// The chosen working volume, lots; `None` before instrument and price are known.
    pub fn chosen(&self) -> Option<Qty> {
        self.volumes[usize::from(self.volume.clamp(1, 5)) - 1]
    }

    /// Taker and maker fee fractions, zero where unknown.
    pub fn fee_rates(&self) -> (Decimal, Decimal) {
        let known = self.settings;
        (
            known.and_then(|s| s.maker_fee).unwrap_or_default(),
            known.and_then(|s| s.taker_fee).unwrap_or_default(),
        )
    }

    /// Makes the volumes lots as soon as instrument and a price are known.
    pub(super) fn fill_volumes(&mut self, settings: &DeskSettings) {
        if self.volumes.iter().all(Option::is_some) {
            return;
        }
        let reference = self.best(Side::Buy).or(self.best(Side::Sell));
        let (Some(instrument), Some(reference)) = (&self.instrument, reference) else {
            return;
        };
        let wanted = settings
            .symbol_volumes
            .get(&self.key.symbol)
            .unwrap_or(&settings.volumes);
        for (slot, setting) in self.volumes.iter_mut().zip(wanted) {
            slot.get_or_insert_with(|| volume::lots(*setting, instrument, reference));
        }
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
            .is_some_and(|sent| now.ms_since(sent.at) >= 1_000)
        {
            self.sent.pop_front();
        }
    }
}
