//! Questions that need no key: time, instruments, books, tickers, trades, candles, funding.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Bybit;
use super::books::Depth;
use super::call::Call;
use super::category::{Category, wire_name};
use super::digits::plain;
use super::error::Refused;
use super::params::Params;
use super::rows::{INTERVALS, Quote, candle, extend, instrument, level, limits, recent};
use crate::domain::Level;
use crate::sim::market::{Kline, MarkView, SymbolNo, SymbolSpec};

const MINUTE_MS: i64 = 60_000;

impl Bybit {
    /// `GET /v5/market/time`.
    pub(super) fn time(&mut self, call: &Call) -> Result<Value, Refused> {
        Ok(json!({
            "timeSecond": (call.now / 1_000).to_string(),
            "timeNano": format!("{}000000", call.now),
        }))
    }

    /// `GET /v5/market/instruments-info`; linear comes in pages, spot does not.
    pub(super) fn instruments_info(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let Some(category) = Category::read_any(params)? else {
            return nothing(params);
        };
        let limit = params.limit(500, 1000)?;
        let symbol = params.text("symbol")?;
        let base = params.text("baseCoin")?;
        let status = params.text("status")?;
        let after = match params.text("cursor")? {
            Some(cursor) if category == Category::Linear => read_place(cursor)?,
            _ => 0,
        };
        let rows: Vec<Value> = self
            .symbols_of(category)
            .filter(|(_, spec)| symbol.is_none_or(|name| wire_name(spec) == name))
            .filter(|(_, spec)| base.is_none_or(|coin| spec.instrument.base.as_str() == coin))
            .map(|(symbol, spec)| instrument(symbol, spec, self.started_ms))
            .filter(|row| status.is_none_or(|wanted| row["status"] == wanted))
            .collect();
        if category == Category::Spot {
            return Ok(json!({"category": "spot", "list": rows}));
        }
        let shown: Vec<&Value> = rows.iter().skip(after).take(limit).collect();
        let next = after.saturating_add(shown.len());
        let cursor = if next < rows.len() {
            format!("first%3D{next}%26")
        } else {
            String::new()
        };
        Ok(json!({"category": "linear", "list": shown, "nextPageCursor": cursor}))
    }

    /// `GET /v5/market/orderbook`: what the deepest topic tells, and its number.
    pub(super) fn orderbook(&mut self, call: &Call) -> Result<Value, Refused> {
        let (category, symbol, spec) = self.symbol(&call.params)?;
        let spec = spec.clone();
        let usual = match category {
            Category::Linear => 25,
            Category::Spot => 1,
        };
        let limit = call.params.limit(usual, 1000)?;
        let told = self.book_now(symbol, Depth::Deepest, call.now, 0);
        let side = |levels: &[Level]| -> Vec<[String; 2]> {
            levels
                .iter()
                .take(limit)
                .map(|l| level(&spec, *l))
                .collect()
        };
        Ok(json!({
            "s": wire_name(&spec),
            "b": side(&told.bids),
            "a": side(&told.asks),
            "ts": call.now,
            "u": told.number,
            "seq": told.seq,
            "cts": told.time_ms,
        }))
    }

    /// `GET /v5/market/tickers`.
    pub(super) fn tickers(&mut self, call: &Call) -> Result<Value, Refused> {
        let Some(category) = Category::read_any(&call.params)? else {
            return nothing(&call.params);
        };
        let wanted = self.wanted(category, &call.params, true)?;
        let rows: Vec<Value> = wanted
            .into_iter()
            .filter_map(|symbol| self.quote(symbol).map(|quote| quote.asked()))
            .collect();
        Ok(json!({"category": category.word(), "list": rows}))
    }

    /// What a ticker is made of, now.
    pub(super) fn quote(&self, symbol: SymbolNo) -> Option<Quote<'_>> {
        let market = &self.bourse.market;
        let day = market.ticker(symbol)?;
        let minutes = market.klines(symbol);
        let hour_ago = minutes.iter().rev().nth(60).map_or(day.open, |k| k.open);
        Some(Quote {
            spec: market.spec(symbol)?,
            day,
            hour_ago,
            best: market.best(symbol),
            mark: self.mark(symbol)?,
        })
    }

    /// Mark, index and funding; on spot the last price stands for the first two.
    pub(super) fn mark(&self, symbol: SymbolNo) -> Option<MarkView> {
        let market = &self.bourse.market;
        let spec = market.spec(symbol)?;
        if !spec.is_spot() {
            return market.mark(symbol);
        }
        let last = spec.instrument.price_decimal(market.ticker(symbol)?.last);
        Some(MarkView {
            mark: last,
            index: last,
            rate: Decimal::ZERO,
            next_ms: 0,
        })
    }

    /// `GET /v5/market/recent-trade`, the newest first.
    pub(super) fn recent_trades(&mut self, call: &Call) -> Result<Value, Refused> {
        let (category, symbol, spec) = self.symbol(&call.params)?;
        let most = match category {
            Category::Linear => 1000,
            Category::Spot => 60,
        };
        let limit = call.params.limit(most.min(500), most)?;
        let seq = self.seq(symbol);
        let trades = self.bourse.market.trades(symbol);
        let rows: Vec<Value> = trades
            .iter()
            .rev()
            .take(limit)
            .map(|trade| {
                recent(
                    spec,
                    trade,
                    self.ids.trade(category, symbol.0, trade.id),
                    seq,
                )
            })
            .collect();
        Ok(json!({"category": category.word(), "list": rows}))
    }

    /// `GET /v5/market/kline`, the newest first.
    pub(super) fn kline(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let (category, symbol, spec) = self.symbol(params)?;
        let limit = params.limit(200, 1000)?;
        let interval = interval(params.need("interval")?)?;
        let (start, end) = params.span("start", "end")?;
        let candles = self.candles(symbol, interval);
        let rows: Vec<Value> = candles
            .iter()
            .rev()
            .filter(|k| (start..=end).contains(&k.open_ms))
            .take(limit)
            .map(|k| candle(spec, k))
            .collect();
        Ok(json!({"category": category.word(), "symbol": wire_name(spec), "list": rows}))
    }

    /// Candles of a length, oldest first.
    pub(super) fn candles(&self, symbol: SymbolNo, interval: usize) -> Vec<Kline> {
        let length = INTERVALS[interval].1 * MINUTE_MS;
        let mut out: Vec<Kline> = Vec::new();
        for minute in self.bourse.market.klines(symbol) {
            let open_ms = minute.open_ms - minute.open_ms.rem_euclid(length);
            match out.last_mut().filter(|last| last.open_ms == open_ms) {
                Some(last) => extend(last, &minute),
                None => out.push(Kline { open_ms, ..minute }),
            }
        }
        out
    }

    /// `GET /v5/market/funding/history`: what this exchange has booked since it was started, the newest first.
    pub(super) fn funding_history(&mut self, call: &Call) -> Result<Value, Refused> {
        let (category, symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(200, 200)?;
        let (start, end) = call.params.span("startTime", "endTime")?;
        let name = wire_name(spec);
        let rows = self.funded.iter().rev();
        let rows = rows.filter(|row| row.symbol == symbol && (start..=end).contains(&row.time_ms));
        let rows: Vec<Value> = rows
            .take(limit)
            .map(|row| {
                json!({
                    "symbol": name,
                    "fundingRate": plain(row.rate),
                    "fundingRateTimestamp": row.time_ms.to_string(),
                })
            })
            .collect();
        Ok(json!({"category": category.word(), "list": rows}))
    }

    /// `GET /v5/market/price-limit`.
    pub(super) fn price_limit(&mut self, call: &Call) -> Result<Value, Refused> {
        let (_, symbol, spec) = self.symbol(&call.params)?;
        let mark = self.mark(symbol);
        let mark = mark.ok_or_else(|| Refused::params("symbol invalid"))?.mark;
        let (low, high) = limits(spec, mark);
        Ok(json!({
            "symbol": wire_name(spec),
            "buyLmt": high,
            "sellLmt": low,
            "ts": call.now.to_string(),
        }))
    }

    /// `GET /v5/market/risk-limit`: one tier an instrument.
    pub(super) fn risk_limit(&mut self, call: &Call) -> Result<Value, Refused> {
        let Some(category) = Category::read_any(&call.params)? else {
            return nothing(&call.params);
        };
        let wanted = self.wanted(category, &call.params, true)?;
        let row = |spec: &SymbolSpec| {
            let initial = Decimal::ONE.checked_div(Decimal::from(spec.max_leverage));
            json!({
                "id": 1,
                "symbol": wire_name(spec),
                "riskLimitValue": "2000000",
                "maintenanceMargin": plain(spec.maintenance_rate),
                "initialMargin": plain(initial.unwrap_or_default().round_dp(6)),
                "isLowestRisk": 1,
                "maxLeverage": spec.max_leverage.to_string(),
                "mmDeduction": "",
            })
        };
        let rows = wanted
            .into_iter()
            .map(|symbol| self.spec(symbol).map(row))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"category": category.word(), "list": rows, "nextPageCursor": ""}))
    }
}

/// A candle's length by its name.
pub fn interval(name: &str) -> Result<usize, Refused> {
    INTERVALS
        .iter()
        .position(|(known, _)| *known == name)
        .ok_or_else(|| Refused::params("interval invalid"))
}

/// Products that the venue has and this exchange has not.
fn nothing(params: &Params) -> Result<Value, Refused> {
    Ok(json!({"category": params.need("category")?, "list": [], "nextPageCursor": ""}))
}

/// `first=N&` of a cursor, decoded or not.
fn read_place(cursor: &str) -> Result<usize, Refused> {
    let text = super::params::decode(cursor)?;
    text.strip_prefix("first=")
        .and_then(|rest| rest.strip_suffix('&'))
        .and_then(|place| place.parse().ok())
        .ok_or_else(|| Refused::params("cursor invalid"))
}
