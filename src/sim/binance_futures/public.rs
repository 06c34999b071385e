//! Questions that need no key: instruments, books, trades, candles, statistics, mark prices.

use serde_json::{Value, json};

use super::call::Call;
use super::digits::{fixed, money, plain, price, price_places, qty, quote};
use super::error::Refused;
use super::streams::{self, INTERVALS};
use super::{BinanceFutures, limits};
use crate::domain::{Level, Price};
use crate::sim::market::{Kline, PublicTrade, SymbolNo, SymbolSpec, Ticker};

/// The day before which no contract was listed (2019-09-25), ms.
const ONBOARD_MS: i64 = 1_569_398_400_000;
/// The delivery date that stands for "never", ms.
const NEVER_MS: i64 = 4_133_404_800_000;
const MINUTE_MS: i64 = 60_000;
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
            "rateLimits": [
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": limits::WEIGHT_PER_MINUTE},
                {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": limits::ORDERS_PER_MINUTE},
                {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": limits::ORDERS_PER_10_S},
            ],
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
            "bids": rows(spec, &top.bids),
            "asks": rows(spec, &top.asks),
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
        if from.is_some() || start > 0 {
            rows.truncate(limit);
        } else {
            rows.drain(..rows.len().saturating_sub(limit));
        }
        Ok(rows.iter().map(|a| a.json(spec)).collect())
    }

    /// `klines`.
    pub(super) fn klines(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1500)?;
        let interval = streams::interval(call.params.need("interval")?)
            .ok_or_else(|| Refused::new(-1120, "Invalid interval."))?;
        let (start, end) = call.span()?;
        let mut candles = self.candles(symbol, interval);
        candles.retain(|k| (start..=end).contains(&k.open_ms));
        if start > 0 {
            candles.truncate(limit);
        } else {
            candles.drain(..candles.len().saturating_sub(limit));
        }
        let spec = self.spec(symbol)?;
        Ok(candles.iter().map(|k| candle(spec, k, interval)).collect())
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

/// Trades of one taker at one price.
pub(super) struct Aggregate {
    /// The first trade of it.
    pub first: PublicTrade,
    /// The id of the last trade of it.
    pub last: u64,
    /// Size of all, lots.
    pub lots: i64,
}

impl Aggregate {
    fn json(&self, spec: &SymbolSpec) -> Value {
        let size = qty(&spec.instrument, crate::domain::Qty(self.lots));
        json!({
            "a": self.first.aggregate,
            "p": price(&spec.instrument, self.first.price),
            "q": size,
            "nq": size,
            "f": self.first.id,
            "l": self.last,
            "T": self.first.time_ms,
            "m": self.first.side == crate::domain::Side::Sell,
        })
    }
}

/// Joins neighbouring trades of one aggregate.
pub(super) fn aggregate(trades: &[PublicTrade]) -> Vec<Aggregate> {
    let mut out: Vec<Aggregate> = Vec::new();
    for trade in trades {
        match out
            .last_mut()
            .filter(|a| a.first.aggregate == trade.aggregate && a.first.symbol == trade.symbol)
        {
            Some(last) => {
                last.last = trade.id;
                last.lots = last.lots.saturating_add(trade.qty.0);
            }
            None => out.push(Aggregate {
                first: *trade,
                last: trade.id,
                lots: trade.qty.0,
            }),
        }
    }
    out
}

fn extend(candle: &mut Kline, minute: &Kline) {
    candle.high = candle.high.max(minute.high);
    candle.low = candle.low.min(minute.low);
    candle.close = minute.close;
    candle.volume = candle.volume.saturating_add(minute.volume);
    candle.quote += minute.quote;
    candle.taker_buy = candle.taker_buy.saturating_add(minute.taker_buy);
    candle.taker_buy_quote += minute.taker_buy_quote;
    candle.trades += minute.trades;
}

fn candle(spec: &SymbolSpec, k: &Kline, interval: usize) -> Value {
    let at = |p: Price| price(&spec.instrument, p);
    let size = |lots| super::digits::lots(&spec.instrument, lots);
    json!([
        k.open_ms,
        at(k.open),
        at(k.high),
        at(k.low),
        at(k.close),
        size(k.volume),
        k.open_ms + INTERVALS[interval].1 * MINUTE_MS - 1,
        quote(&spec.instrument, k.quote),
        k.trades,
        size(k.taker_buy),
        quote(&spec.instrument, k.taker_buy_quote),
        "0",
    ])
}

fn trade(spec: &SymbolSpec, t: &PublicTrade) -> Value {
    let worth = spec
        .instrument
        .notional(
            spec.instrument.price_decimal(t.price),
            spec.instrument.qty_decimal(t.qty),
        )
        .unwrap_or_default();
    json!({
        "id": t.id,
        "price": price(&spec.instrument, t.price),
        "qty": qty(&spec.instrument, t.qty),
        "quoteQty": fixed(worth, price_places(&spec.instrument)),
        "time": t.time_ms,
        "isBuyerMaker": t.side == crate::domain::Side::Sell,
        "isRPITrade": false,
    })
}

/// The change of a day as price, percent and volume-weighted average.
pub(super) fn day_change(spec: &SymbolSpec, day: &Ticker) -> (String, String, String) {
    let at = |p| spec.instrument.price_decimal(p);
    let places = price_places(&spec.instrument);
    let change = at(day.last) - at(day.open);
    let percent = (change * rust_decimal::Decimal::ONE_HUNDRED)
        .checked_div(at(day.open))
        .unwrap_or_default();
    let volume = spec.instrument.lot.decimal(day.volume);
    let average = day
        .quote
        .checked_div(volume)
        .unwrap_or_else(|| at(day.last));
    (
        fixed(change, places),
        fixed(percent, 3),
        fixed(average, places),
    )
}

fn ticker(spec: &SymbolSpec, day: &Ticker) -> Value {
    let at = |p: Price| price(&spec.instrument, p);
    let (change, percent, average) = day_change(spec, day);
    json!({
        "symbol": spec.instrument.symbol.as_str(),
        "priceChange": change,
        "priceChangePercent": percent,
        "weightedAvgPrice": average,
        "lastPrice": at(day.last),
        "lastQty": qty(&spec.instrument, day.last_qty),
        "openPrice": at(day.open),
        "highPrice": at(day.high),
        "lowPrice": at(day.low),
        "volume": super::digits::lots(&spec.instrument, day.volume),
        "quoteVolume": fixed(day.quote, price_places(&spec.instrument)),
        "openTime": day.open_ms,
        "closeTime": day.close_ms,
        "firstId": day.first_trade,
        "lastId": day.last_trade,
        "count": day.trades,
    })
}

/// Price and size of a level as text; zeros when there is none.
pub(super) fn level(spec: &SymbolSpec, level: Option<Level>) -> (String, String) {
    let (at, size) = level.map_or((Price(0), crate::domain::Qty::ZERO), |l| (l.price, l.qty));
    (price(&spec.instrument, at), qty(&spec.instrument, size))
}

fn rows(spec: &SymbolSpec, levels: &[Level]) -> Value {
    levels
        .iter()
        .map(|l| {
            json!([
                price(&spec.instrument, l.price),
                qty(&spec.instrument, l.qty)
            ])
        })
        .collect()
}

fn instrument(spec: &SymbolSpec) -> Value {
    let i = &spec.instrument;
    let lot = |q| qty(i, q);
    let tick = |p| price(i, p);
    let (down, up) = i.band.unwrap_or_default();
    json!({
        "symbol": i.symbol.as_str(),
        "pair": i.symbol.as_str(),
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER_MS,
        "onboardDate": ONBOARD_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": i.base.as_str(),
        "quoteAsset": i.quote.as_str(),
        "marginAsset": i.settle.as_str(),
        "pricePrecision": price_places(i),
        "quantityPrecision": i.lot.decimals(),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": plain(up - rust_decimal::Decimal::ONE),
        "maxMoveOrderLimit": 10000,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick(i.min_price), "maxPrice": tick(i.max_price), "tickSize": tick(Price(1))},
            {"filterType": "LOT_SIZE", "minQty": lot(i.min_qty), "maxQty": lot(i.max_qty), "stepSize": lot(crate::domain::Qty(1))},
            {"filterType": "MARKET_LOT_SIZE", "minQty": lot(i.min_qty), "maxQty": lot(i.max_market_qty), "stepSize": lot(crate::domain::Qty(1))},
            {"filterType": "MAX_NUM_ORDERS", "limit": i.max_orders},
            {"filterType": "MIN_NOTIONAL", "notional": plain(i.min_notional)},
            {"filterType": "PERCENT_PRICE", "multiplierUp": fixed(up, 4), "multiplierDown": fixed(down, 4), "multiplierDecimal": "4"},
            {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
        ],
        "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "permissionSets": ["GRID", "COPY"],
    })
}
