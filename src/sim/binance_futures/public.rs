//! Questions that need no key: instruments, books, trades, candles, statistics, mark prices.

use serde_json::{Value, json};

use super::BinanceFutures;
use super::LIMITS;
use super::digits::{money, price};
use super::rows::{aggregated, candle, instrument, level, levels, ticker, trade};
use crate::sim::binance::call::Call;
use crate::sim::binance::refused::Refused;
use crate::sim::binance::tape::{Aggregate, aggregate, candles, interval, page};
use crate::sim::market::{SymbolNo, SymbolSpec};

const BOOK_LIMITS: [i64; 7] = [5, 10, 20, 50, 100, 500, 1000];

impl BinanceFutures {
    /// `ping`.
    pub(super) fn ping(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({}))
    }

    /// `time`.
    pub(super) fn time(&mut self, call: &Call) -> Result<Value, Refused> {
        Ok(json!({"serverTime": call.now}))
    }

    /// `exchangeInfo`.
    pub(super) fn exchange_info(&mut self, call: &Call) -> Result<Value, Refused> {
        let symbols: Vec<Value> = self.symbols().map(|(_, spec)| instrument(spec)).collect();
        Ok(json!({
            "timezone": "UTC",
            "serverTime": call.now,
            "futuresType": "U_MARGINED",
            "rateLimits": LIMITS.rows(),
            "exchangeFilters": [],
            "assets": [{"asset": "USDT", "marginAvailable": true, "autoAssetExchange": "-10000"}],
            "symbols": symbols,
        }))
    }

    /// `depth`.
    pub(super) fn depth(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.int("limit")?.unwrap_or(500);
        if !BOOK_LIMITS.contains(&limit) {
            return Err(Refused::new(
                -4021,
                format!("{limit} is not valid depth limit."),
            ));
        }
        let top = self
            .bourse
            .market
            .snapshot(symbol, usize::try_from(limit).unwrap_or(1000))
            .ok_or_else(Refused::symbol)?;
        Ok(json!({
            "lastUpdateId": top.last,
            "E": call.now,
            "T": call.now,
            "bids": levels(spec, &top.bids),
            "asks": levels(spec, &top.asks),
        }))
    }

    /// `trades` and `historicalTrades`.
    pub(super) fn trades(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let trades = self.bourse.market.trades(symbol);
        let skip = trades.len().saturating_sub(limit);
        Ok(trades[skip..].iter().map(|t| trade(spec, t)).collect())
    }

    /// `aggTrades`.
    pub(super) fn agg_trades(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let from = call.params.int("fromId")?;
        let (start, end) = call.span()?;
        let trades = self.bourse.market.trades(symbol);
        let mut rows: Vec<Aggregate> = aggregate(&trades)
            .into_iter()
            .filter(|a| (start..=end).contains(&a.first.time_ms))
            .filter(|a| {
                from.is_none_or(|id| i64::try_from(a.first.aggregate).unwrap_or(i64::MAX) >= id)
            })
            .collect();
        page(&mut rows, limit, from.is_some() || start > 0);
        Ok(rows.iter().map(|one| aggregated(spec, one)).collect())
    }

    /// `klines`.
    pub(super) fn klines(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1500)?;
        let interval = interval(call.params.need("interval")?)
            .ok_or_else(|| Refused::new(-1120, "Invalid interval."))?;
        let (start, end) = call.span()?;
        let mut rows = candles(&self.bourse.market, symbol, interval);
        rows.retain(|k| (start..=end).contains(&k.open_ms));
        page(&mut rows, limit, start > 0);
        let spec = self.spec(symbol)?;
        Ok(rows.iter().map(|k| candle(spec, k, interval)).collect())
    }

    /// `ticker/24hr`.
    pub(super) fn ticker_24h(&mut self, call: &Call) -> Result<Value, Refused> {
        self.one_or_all(call, |this, symbol, spec| {
            let day = this.bourse.market.ticker(symbol)?;
            Some(ticker(spec, &day))
        })
    }

    /// `ticker/price`, version 1 and 2.
    pub(super) fn ticker_price(&mut self, call: &Call) -> Result<Value, Refused> {
        let now = call.now;
        self.one_or_all(call, |this, symbol, spec| {
            let day = this.bourse.market.ticker(symbol)?;
            Some(json!({
                "symbol": spec.instrument.symbol.as_str(),
                "price": price(&spec.instrument, day.last),
                "time": now,
            }))
        })
    }

    /// `ticker/bookTicker`.
    pub(super) fn ticker_book(&mut self, call: &Call) -> Result<Value, Refused> {
        let now = call.now;
        self.one_or_all(call, |this, symbol, spec| {
            let best = this.bourse.market.best(symbol);
            let (bid, bid_qty) = level(spec, best.bid);
            let (ask, ask_qty) = level(spec, best.ask);
            Some(json!({
                "symbol": spec.instrument.symbol.as_str(),
                "bidPrice": bid, "bidQty": bid_qty,
                "askPrice": ask, "askQty": ask_qty,
                "time": now,
                "lastUpdateId": best.id,
            }))
        })
    }

    /// `premiumIndex`.
    pub(super) fn premium_index(&mut self, call: &Call) -> Result<Value, Refused> {
        let now = call.now;
        self.one_or_all(call, |this, symbol, spec| {
            let mark = this.bourse.market.mark(symbol)?;
            Some(json!({
                "symbol": spec.instrument.symbol.as_str(),
                "markPrice": money(mark.mark),
                "indexPrice": money(mark.index),
                "estimatedSettlePrice": money(mark.index),
                "lastFundingRate": money(mark.rate),
                "interestRate": "0.00010000",
                "nextFundingTime": mark.next_ms,
                "time": now,
            }))
        })
    }

    /// `fundingInfo`.
    pub(super) fn funding_info(&mut self, _call: &Call) -> Result<Value, Refused> {
        let row = |spec: &SymbolSpec| {
            json!({
                "symbol": spec.instrument.symbol.as_str(),
                "adjustedFundingRateCap": "0.02000000",
                "adjustedFundingRateFloor": "-0.02000000",
                "fundingIntervalHours": spec.funding_interval_ms / 3_600_000,
                "disclaimer": false,
            })
        };
        Ok(self.symbols().map(|(_, spec)| row(spec)).collect())
    }

    /// `fundingRate`: the rates that this exchange has booked since it was started, oldest first.
    pub(super) fn funding_rate(&mut self, call: &Call) -> Result<Value, Refused> {
        let wanted = self.symbol_if_any(&call.params)?;
        let limit = call.params.limit(100, 1000)?;
        let (start, end) = call.span()?;
        let rows: Vec<_> = self
            .funded
            .iter()
            .filter(|row| wanted.is_none_or(|symbol| symbol == row.symbol))
            .filter(|row| (start..=end).contains(&row.time_ms))
            .collect();
        let skip = rows.len().saturating_sub(limit);
        rows[skip..]
            .iter()
            .map(|row| {
                Ok(json!({
                    "symbol": self.spec(row.symbol)?.instrument.symbol.as_str(),
                    "fundingRate": money(row.rate),
                    "fundingTime": row.time_ms,
                    "markPrice": money(row.mark),
                }))
            })
            .collect()
    }

    /// One object for `symbol=`, else a list of all.
    fn one_or_all(
        &self,
        call: &Call,
        row: impl Fn(&Self, SymbolNo, &SymbolSpec) -> Option<Value>,
    ) -> Result<Value, Refused> {
        if let Some(symbol) = self.symbol_if_any(&call.params)? {
            let spec = self.spec(symbol)?;
            return row(self, symbol, spec).ok_or_else(Refused::symbol);
        }
        Ok(self
            .symbols()
            .filter_map(|(symbol, spec)| row(self, symbol, spec))
            .collect())
    }
}
