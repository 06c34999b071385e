//! Public trades of a symbol and what is derived from them: recent prints, one-minute candles, the 24 h statistics.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use super::spec::SymbolNo;
use crate::domain::{Instrument, Price, Qty, Side};

/// A public trade: one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicTrade {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Grows by one a trade of the symbol.
    pub id: u64,
    /// Shared by consecutive trades of one taker order at one price; grows by one an aggregate.
    pub aggregate: u64,
    /// Side of the aggressor: [`Side::Buy`] lifted the ask.
    pub side: Side,
    /// Ticks.
    pub price: Price,
    /// Lots.
    pub qty: Qty,
    /// When, ms.
    pub time_ms: i64,
}

/// A one-minute candle. Minutes without a trade have one too: flat at the last close, zero volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kline {
    /// Start of the minute, ms.
    pub open_ms: i64,
    /// First price, ticks.
    pub open: Price,
    /// Highest price, ticks.
    pub high: Price,
    /// Lowest price, ticks.
    pub low: Price,
    /// Last price, ticks.
    pub close: Price,
    /// Size traded, lots.
    pub volume: i64,
    /// Price × size traded, quote currency.
    pub quote: Decimal,
    /// Size bought by takers, lots.
    pub taker_buy: i64,
    /// Price × size bought by takers, quote currency.
    pub taker_buy_quote: Decimal,
    /// Trades.
    pub trades: u64,
}

/// The last 24 hours of a symbol (or all there is).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticker {
    /// First price, ticks.
    pub open: Price,
    /// Highest price, ticks.
    pub high: Price,
    /// Lowest price, ticks.
    pub low: Price,
    /// Last price, ticks.
    pub last: Price,
    /// Size of the last trade, lots.
    pub last_qty: Qty,
    /// Size traded, lots.
    pub volume: i64,
    /// Price × size traded, quote currency.
    pub quote: Decimal,
    /// Id of the first trade; zero when there was none.
    pub first_trade: u64,
    /// Id of the last trade; zero when there was none.
    pub last_trade: u64,
    /// Trades.
    pub trades: u64,
    /// Start of the window, ms.
    pub open_ms: i64,
    /// End of the window, ms.
    pub close_ms: i64,
}

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: usize = 1_440;
/// Candles kept: a day and the most that one request asks for (1500).
const KLINES_KEPT: usize = 3_000;
/// Prints kept.
const TRADES_KEPT: usize = 1_000;

/// The public record of one symbol.
#[derive(Debug)]
pub(super) struct Prints {
    recent: VecDeque<PublicTrade>,
    klines: VecDeque<Kline>,
    trades: u64,
    aggregates: u64,
    last_taker: u64,
}

impl Prints {
    pub fn new(start: Price, now_ms: i64) -> Self {
        Self {
            recent: VecDeque::new(),
            klines: VecDeque::from([flat(start, minute(now_ms))]),
            trades: 0,
            aggregates: 0,
            last_taker: 0,
        }
    }

    /// The number of a trade that is nobody else's business: it is used and not recorded.
    pub fn unprinted(&mut self) -> u64 {
        self.trades += 1;
        self.trades
    }

    /// Records a match. `taker` numbers the taker order: it tells aggregates apart.
    pub fn record(
        &mut self,
        trade: &PublicTrade,
        taker: u64,
        instrument: &Instrument,
    ) -> PublicTrade {
        self.trades += 1;
        let same = self
            .recent
            .back()
            .is_some_and(|t| self.last_taker == taker && t.price == trade.price);
        if !same {
            self.aggregates += 1;
        }
        self.last_taker = taker;
        let trade = PublicTrade {
            id: self.trades,
            aggregate: self.aggregates,
            ..*trade
        };
        self.step(trade.time_ms);
        let value = instrument.price_decimal(trade.price)
            * instrument.qty_decimal(trade.qty)
            * instrument.multiplier;
        if let Some(kline) = self.klines.back_mut() {
            kline.add(&trade, value);
        }
        if self.recent.len() == TRADES_KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(trade);
        trade
    }

    /// Begins a new candle when its minute has come.
    pub fn step(&mut self, now_ms: i64) {
        let now = minute(now_ms);
        let Some(last) = self.klines.back() else {
            return;
        };
        let (close, mut at) = (last.close, last.open_ms + MINUTE_MS);
        at = at.max(now - MINUTE_MS * KLINES_KEPT as i64);
        while at <= now {
            if self.klines.len() == KLINES_KEPT {
                self.klines.pop_front();
            }
            self.klines.push_back(flat(close, at));
            at += MINUTE_MS;
        }
    }

    /// Puts candles of the past before the first one; their trades take the first ids.
    pub fn prepend(&mut self, past: Vec<Kline>) {
        if self.trades == 0 {
            self.trades = past.iter().map(|k| k.trades).sum();
            self.aggregates = self.trades;
        }
        for kline in past.into_iter().rev() {
            if self.klines.len() == KLINES_KEPT {
                return;
            }
            self.klines.push_front(kline);
        }
    }

    pub fn recent(&self) -> Vec<PublicTrade> {
        self.recent.iter().copied().collect()
    }

    pub fn klines(&self) -> Vec<Kline> {
        self.klines.iter().copied().collect()
    }

    /// The last price traded; the start price before the first trade.
    pub fn last_price(&self) -> Price {
        self.klines.back().map_or(Price(0), |k| k.close)
    }

    pub fn ticker(&self, now_ms: i64) -> Option<Ticker> {
        let skip = self.klines.len().saturating_sub(DAY_MINUTES);
        let day = || self.klines.iter().skip(skip);
        let first = day().next()?;
        let trades = day().map(|k| k.trades).sum::<u64>();
        Some(Ticker {
            open: first.open,
            high: day().map(|k| k.high).max()?,
            low: day().map(|k| k.low).min()?,
            last: self.last_price(),
            last_qty: self.recent.back().map_or(Qty::ZERO, |t| t.qty),
            volume: day().map(|k| k.volume).sum(),
            quote: day().map(|k| k.quote).sum(),
            first_trade: (self.trades + 1)
                .saturating_sub(trades)
                .max(1)
                .min(self.trades),
            last_trade: self.trades,
            trades,
            open_ms: first.open_ms,
            close_ms: now_ms,
        })
    }
}

impl Kline {
    fn add(&mut self, trade: &PublicTrade, value: Decimal) {
        if self.trades == 0 {
            self.open = trade.price;
            self.high = trade.price;
            self.low = trade.price;
        }
        self.high = self.high.max(trade.price);
        self.low = self.low.min(trade.price);
        self.close = trade.price;
        self.volume += trade.qty.0;
        self.quote += value;
        self.trades += 1;
        if trade.side == Side::Buy {
            self.taker_buy += trade.qty.0;
            self.taker_buy_quote += value;
        }
    }
}

fn minute(ms: i64) -> i64 {
    ms - ms.rem_euclid(MINUTE_MS)
}

fn flat(price: Price, open_ms: i64) -> Kline {
    Kline {
        open_ms,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: 0,
        quote: Decimal::ZERO,
        taker_buy: 0,
        taker_buy_quote: Decimal::ZERO,
        trades: 0,
    }
}
