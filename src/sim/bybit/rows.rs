//! Instruments, tickers and candles as the venue writes them.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::category::{Category, wire_name};
use super::digits::{fixed, plain, price, price_of, price_scale, qty, share};
use crate::domain::{Level, Price, Qty, TradingStatus};
use crate::sim::market::{Best, Kline, MarkView, PublicTrade, SymbolNo, SymbolSpec, Ticker};

const MINUTE_MS: i64 = 60_000;

/// The candles' lengths, minutes, by name. Weeks and months are not served.
pub const INTERVALS: [(&str, i64); 11] = [
    ("1", 1),
    ("3", 3),
    ("5", 5),
    ("15", 15),
    ("30", 30),
    ("60", 60),
    ("120", 120),
    ("240", 240),
    ("360", 360),
    ("720", 720),
    ("D", 1440),
];

/// A row of `instruments-info`.
pub fn instrument(symbol: SymbolNo, spec: &SymbolSpec, launched_ms: i64) -> Value {
    let mut row = match Category::of(spec) {
        Category::Linear => linear_instrument(spec, launched_ms),
        Category::Spot => spot_instrument(spec),
    };
    row["symbolId"] = (symbol.0 + 1).into();
    row
}

const fn status(spec: &SymbolSpec) -> &'static str {
    match spec.instrument.status {
        TradingStatus::Trading => "Trading",
        TradingStatus::CancelOnly | TradingStatus::Halted => "PreLaunch",
        TradingStatus::Closed => "Closed",
    }
}

fn linear_instrument(spec: &SymbolSpec, launched_ms: i64) -> Value {
    let i = &spec.instrument;
    json!({
        "symbol": wire_name(spec),
        "contractType": "LinearPerpetual",
        "status": status(spec),
        "baseCoin": i.base.as_str(),
        "quoteCoin": i.quote.as_str(),
        "launchTime": launched_ms.to_string(),
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": price_scale(spec).to_string(),
        "leverageFilter": {
            "minLeverage": "1",
            "maxLeverage": fixed(Decimal::from(spec.max_leverage), 2),
            "leverageStep": "0.01",
        },
        "priceFilter": {
            "minPrice": price(spec, i.min_price),
            "maxPrice": price(spec, i.max_price),
            "tickSize": price(spec, Price(1)),
        },
        "lotSizeFilter": {
            "maxOrderQty": qty(spec, i.max_qty),
            "minOrderQty": qty(spec, i.min_qty),
            "qtyStep": qty(spec, Qty(1)),
            "postOnlyMaxOrderQty": qty(spec, i.max_qty),
            "maxMktOrderQty": qty(spec, i.max_market_qty),
            "minNotionalValue": plain(i.min_notional),
        },
        "unifiedMarginTrade": true,
        "fundingInterval": spec.funding_interval_ms / MINUTE_MS,
        "settleCoin": i.settle.as_str(),
        "copyTrading": "none",
        "upperFundingRate": "0.02",
        "lowerFundingRate": "-0.02",
        "isPreListing": false,
        "preListingInfo": null,
        "riskParameters": price_limits(spec),
        "displayName": "",
        "symbolType": "",
        "forbidUplWithdrawal": false,
    })
}

fn spot_instrument(spec: &SymbolSpec) -> Value {
    let i = &spec.instrument;
    let tick = i.tick.decimals();
    json!({
        "symbol": wire_name(spec),
        "baseCoin": i.base.as_str(),
        "quoteCoin": i.quote.as_str(),
        "innovation": "0",
        "status": status(spec),
        "marginTrading": "none",
        "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": plain(i.lot.decimal(1)),
            "quotePrecision": plain(Decimal::new(1, tick + i.lot.decimals())),
            "minOrderQty": qty(spec, i.min_qty),
            "maxOrderQty": qty(spec, i.max_qty),
            "minOrderAmt": plain(i.min_notional),
            "maxOrderAmt": "8000000",
            "maxLimitOrderQty": qty(spec, i.max_qty),
            "maxMarketOrderQty": qty(spec, i.max_market_qty),
            "postOnlyMaxLimitOrderSize": qty(spec, i.max_qty),
        },
        "priceFilter": {"tickSize": plain(i.tick.decimal(1))},
        "riskParameters": price_limits(spec),
        "symbolType": "",
    })
}

fn price_limits(spec: &SymbolSpec) -> Value {
    let ratio = spec
        .instrument
        .band
        .map_or(Decimal::ZERO, |(_, up)| up - Decimal::ONE);
    json!({"priceLimitRatioX": plain(ratio), "priceLimitRatioY": plain(ratio)})
}

/// The lowest price at which one may sell and the highest at which one may buy, as the mark stands.
pub fn limits(spec: &SymbolSpec, mark: Decimal) -> (String, String) {
    let (down, up) = spec.instrument.band.unwrap_or((Decimal::ONE, Decimal::ONE));
    let tick = spec.instrument.tick;
    let low = tick.ceil(mark * down).map_or(Price(1), Price);
    let high = tick
        .floor(mark * up)
        .map_or(spec.instrument.max_price, Price);
    (price(spec, low), price(spec, high))
}

/// A level as price and size.
pub fn level(spec: &SymbolSpec, level: Level) -> [String; 2] {
    [price(spec, level.price), qty(spec, level.qty)]
}

fn best(spec: &SymbolSpec, level: Option<Level>) -> [String; 2] {
    level.map_or_else(
        || [String::new(), String::new()],
        |found| self::level(spec, found),
    )
}

/// What a ticker is made of.
#[derive(Clone, Copy, Debug)]
pub struct Quote<'a> {
    /// The instrument.
    pub spec: &'a SymbolSpec,
    /// The last 24 hours.
    pub day: Ticker,
    /// The price an hour ago, ticks.
    pub hour_ago: Price,
    /// Best prices.
    pub best: Best,
    /// Mark, index, funding.
    pub mark: MarkView,
}

impl Quote<'_> {
    fn change(&self) -> String {
        let i = &self.spec.instrument;
        let (open, last) = (
            i.price_decimal(self.day.open),
            i.price_decimal(self.day.last),
        );
        share((last - open).checked_div(open).unwrap_or_default())
    }

    fn usual(&self) -> Map<String, Value> {
        let spec = self.spec;
        let rows = json!({
            "symbol": wire_name(spec),
            "lastPrice": price(spec, self.day.last),
            "prevPrice24h": price(spec, self.day.open),
            "price24hPcnt": self.change(),
            "highPrice24h": price(spec, self.day.high),
            "lowPrice24h": price(spec, self.day.low),
            "turnover24h": plain(self.day.quote.round_dp(4)),
            "volume24h": qty(spec, Qty(self.day.volume)),
        });
        match rows {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    fn touch(&self, map: &mut Map<String, Value>) {
        let [bid, bid_size] = best(self.spec, self.best.bid);
        let [ask, ask_size] = best(self.spec, self.best.ask);
        map.insert("bid1Price".into(), bid.into());
        map.insert("bid1Size".into(), bid_size.into());
        map.insert("ask1Price".into(), ask.into());
        map.insert("ask1Size".into(), ask_size.into());
    }

    fn perpetual(&self, map: &mut Map<String, Value>) {
        let spec = self.spec;
        // Nobody but the crowd holds anything: half of what was traded in a day stands for what is open.
        let open = spec.instrument.qty_decimal(Qty(self.day.volume / 2));
        let hours = spec.funding_interval_ms / 3_600_000;
        let fields = json!({
            "prevPrice1h": price(spec, self.hour_ago),
            "markPrice": price_of(spec, self.mark.mark),
            "indexPrice": price_of(spec, self.mark.index),
            "openInterest": plain(open),
            "openInterestValue": fixed(open * self.mark.mark, 2),
            "fundingRate": plain(self.mark.rate),
            "nextFundingTime": self.mark.next_ms.to_string(),
            "fundingIntervalHour": hours.to_string(),
            "fundingCap": "0.02",
        });
        if let Value::Object(mut fields) = fields {
            map.append(&mut fields);
        }
    }

    /// A row of `GET /v5/market/tickers`.
    pub fn asked(&self) -> Value {
        let mut map = self.usual();
        self.touch(&mut map);
        match Category::of(self.spec) {
            Category::Linear => {
                self.perpetual(&mut map);
                for (name, value) in [
                    ("predictedDeliveryPrice", ""),
                    ("basisRate", ""),
                    ("deliveryFeeRate", ""),
                    ("deliveryTime", "0"),
                    ("basis", ""),
                ] {
                    map.insert(name.into(), value.into());
                }
            }
            Category::Spot => {
                let index = price_of(self.spec, self.mark.index);
                map.insert("usdIndexPrice".into(), index.into());
            }
        }
        Value::Object(map)
    }

    /// What the `tickers` topic tells.
    pub fn told(&self, direction: &'static str) -> Map<String, Value> {
        let mut map = self.usual();
        match Category::of(self.spec) {
            Category::Linear => {
                self.touch(&mut map);
                self.perpetual(&mut map);
                map.insert("tickDirection".into(), direction.into());
                for name in ["preOpenPrice", "preQty", "curPreListingPhase"] {
                    map.insert(name.into(), "".into());
                }
            }
            Category::Spot => {
                let index = price_of(self.spec, self.mark.index);
                map.insert("usdIndexPrice".into(), index.into());
            }
        }
        map
    }
}

/// A minute joins a longer candle.
pub fn extend(candle: &mut Kline, minute: &Kline) {
    candle.high = candle.high.max(minute.high);
    candle.low = candle.low.min(minute.low);
    candle.close = minute.close;
    candle.volume = candle.volume.saturating_add(minute.volume);
    candle.quote += minute.quote;
    candle.trades = candle.trades.saturating_add(minute.trades);
}

/// A price as candles show it: without trailing zeros.
pub fn candle_price(spec: &SymbolSpec, at: Price) -> String {
    plain(spec.instrument.price_decimal(at))
}

/// A candle as `GET /v5/market/kline` shows it.
pub fn candle(spec: &SymbolSpec, k: &Kline) -> Value {
    json!([
        k.open_ms.to_string(),
        candle_price(spec, k.open),
        candle_price(spec, k.high),
        candle_price(spec, k.low),
        candle_price(spec, k.close),
        plain(spec.instrument.qty_decimal(Qty(k.volume))),
        plain(k.quote),
    ])
}

/// `tickDirection` of a trade after another; the direction before stays where the price does.
pub fn direction(before: Option<Price>, now: Price, was: &'static str) -> &'static str {
    match before {
        Some(before) if now > before => "PlusTick",
        Some(before) if now < before => "MinusTick",
        Some(_) if was.ends_with("MinusTick") => "ZeroMinusTick",
        Some(_) => "ZeroPlusTick",
        None => "PlusTick",
    }
}

/// A row of `GET /v5/market/recent-trade`.
pub fn recent(spec: &SymbolSpec, trade: &PublicTrade, id: String, seq: u64) -> Value {
    json!({
        "execId": id,
        "symbol": wire_name(spec),
        "price": price(spec, trade.price),
        "size": qty(spec, trade.qty),
        "side": super::shapes::side(trade.side),
        "time": trade.time_ms.to_string(),
        "isBlockTrade": false,
        "isRPITrade": false,
        "seq": seq.to_string(),
    })
}
