//! Questions that need no key: books, trades, candles, statistics.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::BinanceSpot;
use super::digits::price;
use super::instruments::AVERAGE_MINUTES;
use super::rows::{aggregated, candle, level, levels, short_day, trade, whole_day};
use crate::sim::binance::call::Call;
use crate::sim::binance::digits::money;
use crate::sim::binance::params::Params;
use crate::sim::binance::refused::Refused;
use crate::sim::binance::tape::{aggregate, candles, interval, page};
use crate::sim::market::{SymbolNo, SymbolSpec};

/// The deepest book that is shown.
const DEEPEST: usize = 5000;

impl BinanceSpot {
    /// `ping`.
    pub(super) fn ping(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({}))
    }

    /// `time`.
    pub(super) fn time(&mut self, call: &Call) -> Result<Value, Refused> {
        Ok(json!({"serverTime": call.now}))
    }

    /// `depth`.
    pub(super) fn depth(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(100, DEEPEST)?;
        let top = self.bourse.market.snapshot(symbol, limit);
        let top = top.ok_or_else(Refused::symbol)?;
        Ok(json!({
            "lastUpdateId": top.last,
            "bids": levels(spec, &top.bids),
            "asks": levels(spec, &top.asks),
        }))
    }

    /// `trades` and `historicalTrades`.
    pub(super) fn trades(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let from = call.params.int("fromId")?;
        let mut trades = self.bourse.market.trades(symbol);
        trades.retain(|t| from.is_none_or(|id| i64::try_from(t.id).unwrap_or(i64::MAX) >= id));
        page(&mut trades, limit, from.is_some());
        Ok(trades.iter().map(|t| trade(spec, t)).collect())
    }

    /// `aggTrades`.
    pub(super) fn agg_trades(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let from = call.params.int("fromId")?;
        let (start, end) = call.span()?;
        let mut rows = aggregate(&self.bourse.market.trades(symbol));
        rows.retain(|one| {
            let id = i64::try_from(one.first.aggregate).unwrap_or(i64::MAX);
            (start..=end).contains(&one.first.time_ms) && from.is_none_or(|from| id >= from)
        });
        page(&mut rows, limit, from.is_some() || start > 0);
        Ok(rows.iter().map(|one| aggregated(spec, one)).collect())
    }

    /// `klines` and `uiKlines`.
    pub(super) fn klines(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let interval = interval(call.params.need("interval")?)
            .ok_or_else(|| Refused::new(-1120, "Invalid interval."))?;
        let (start, end) = call.span()?;
        let mut rows = candles(&self.bourse.market, symbol, interval);
        rows.retain(|k| (start..=end).contains(&k.open_ms));
        page(&mut rows, limit, start > 0);
        Ok(rows.iter().map(|k| candle(spec, k, interval)).collect())
    }

    /// The average price of the last minutes, weighted by volume; the last price when nothing traded.
    pub(super) fn average(&self, symbol: SymbolNo, spec: &SymbolSpec) -> Decimal {
        let minutes = self.bourse.market.klines(symbol);
        let recent = &minutes[minutes.len().saturating_sub(AVERAGE_MINUTES)..];
        let quote: Decimal = recent.iter().map(|k| k.quote).sum();
        let volume = recent
            .iter()
            .fold(0_i64, |sum, k| sum.saturating_add(k.volume));
        let last = recent
            .last()
            .map(|k| spec.instrument.price_decimal(k.close));
        let average = quote.checked_div(spec.instrument.lot.decimal(volume));
        average.or(last).unwrap_or_default()
    }

    /// `avgPrice`.
    pub(super) fn average_price(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let last = self.bourse.market.trades(symbol).last().map(|t| t.time_ms);
        Ok(json!({
            "mins": AVERAGE_MINUTES,
            "price": money(self.average(symbol, spec)),
            "closeTime": last.unwrap_or(call.now),
        }))
    }

    /// `type`: the short form of a statistic is wanted.
    pub(super) fn is_short(params: &Params) -> Result<bool, Refused> {
        match params.get("type") {
            None | Some("FULL") => Ok(false),
            Some("MINI") => Ok(true),
            Some(_) => Err(Refused::new(-1139, "Invalid ticker type.")),
        }
    }

    /// `ticker/24hr`, `ticker.24hr`.
    pub(super) fn ticker_24h(&mut self, call: &Call) -> Result<Value, Refused> {
        let short = Self::is_short(&call.params)?;
        self.one_or_more(call, |this, symbol, spec| {
            let day = this.bourse.market.ticker(symbol)?;
            Some(Value::Object(if short {
                short_day(spec, &day)
            } else {
                whole_day(spec, &day, &this.bourse.market.best(symbol))
            }))
        })
    }

    /// `ticker/price`.
    pub(super) fn ticker_price(&mut self, call: &Call) -> Result<Value, Refused> {
        self.one_or_more(call, |this, symbol, spec| {
            let day = this.bourse.market.ticker(symbol)?;
            Some(json!({
                "symbol": spec.instrument.symbol.as_str(),
                "price": price(&spec.instrument, day.last),
            }))
        })
    }

    /// `ticker/bookTicker`.
    pub(super) fn ticker_book(&mut self, call: &Call) -> Result<Value, Refused> {
        self.one_or_more(call, |this, symbol, spec| {
            let best = this.bourse.market.best(symbol);
            let (bid, bid_qty) = level(spec, best.bid);
            let (ask, ask_qty) = level(spec, best.ask);
            Some(json!({
                "symbol": spec.instrument.symbol.as_str(),
                "bidPrice": bid, "bidQty": bid_qty,
                "askPrice": ask, "askQty": ask_qty,
            }))
        })
    }

    /// One object for `symbol=`, else a list: of `symbols=`, or of all.
    pub(super) fn one_or_more(
        &self,
        call: &Call,
        row: impl Fn(&Self, SymbolNo, &SymbolSpec) -> Option<Value>,
    ) -> Result<Value, Refused> {
        let of = |symbol| row(self, symbol, self.spec(symbol).ok()?);
        if let Some(symbol) = self.symbol_if_any(&call.params)? {
            return of(symbol).ok_or_else(Refused::symbol);
        }
        let wanted = self.symbols_wanted(&call.params)?;
        let wanted = wanted.unwrap_or_else(|| self.symbol_numbers());
        Ok(wanted.into_iter().filter_map(of).collect())
    }
}
