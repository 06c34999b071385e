//! `exchangeInfo`: the pairs with their filters.

use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::digits::{price, qty};
use super::{BinanceSpot, LIMITS};
use crate::domain::{Price, Qty};
use crate::sim::binance::call::{Call, Door};
use crate::sim::binance::digits::{money, plain};
use crate::sim::binance::params::Params;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{SymbolNo, SymbolSpec};

/// The most that a limit order may be worth, quote currency.
pub(super) const MAX_NOTIONAL: Decimal = dec!(9_000_000);
/// Minutes of the average price that filters look at.
pub(super) const AVERAGE_MINUTES: usize = 5;

impl BinanceSpot {
    /// `exchangeInfo`.
    pub(super) fn exchange_info(&mut self, call: &Call) -> Result<Value, Refused> {
        let wanted = self.symbols_wanted(&call.params)?;
        let rows: Result<Vec<Value>, Refused> = wanted
            .unwrap_or_else(|| self.symbol_numbers())
            .into_iter()
            .map(|symbol| self.spec(symbol).map(row))
            .collect();
        let mut limits = LIMITS.rows();
        limits.push(match call.door {
            Door::Rest => {
                json!({"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61000})
            }
            Door::WsApi => {
                json!({"rateLimitType": "CONNECTIONS", "interval": "MINUTE", "intervalNum": 5, "limit": 300})
            }
        });
        Ok(json!({
            "timezone": "UTC",
            "serverTime": call.now,
            "rateLimits": limits,
            "exchangeFilters": [],
            "symbols": rows?,
            "sors": [],
        }))
    }

    /// `symbol` or `symbols`; `None` when neither is given.
    pub(super) fn symbols_wanted(&self, params: &Params) -> Result<Option<Vec<SymbolNo>>, Refused> {
        match (self.symbol_if_any(params)?, params.get("symbols")) {
            (Some(_), Some(_)) => Err(Refused::new(
                -1128,
                "Combination of optional parameters invalid.",
            )),
            (Some(symbol), None) => Ok(Some(vec![symbol])),
            (None, None) => Ok(None),
            (None, Some(list)) => {
                let broken =
                    |_| Refused::new(-1135, "JSON sent for parameter 'symbols' is not valid");
                let names: Vec<String> = serde_json::from_str(list).map_err(broken)?;
                let numbers = names
                    .iter()
                    .map(|name| self.symbol_named(name).map(|s| s.0));
                numbers.collect::<Result<_, _>>().map(Some)
            }
        }
    }
}

fn row(spec: &SymbolSpec) -> Value {
    let i = &spec.instrument;
    let (down, up) = i.band.unwrap_or_default();
    let (down, up) = (plain(down), plain(up));
    let (step, tick) = (qty(i, Qty(1)), price(i, Price(1)));
    let modes = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"];
    json!({
        "symbol": i.symbol.as_str(),
        "status": "TRADING",
        "baseAsset": i.base.as_str(),
        "baseAssetPrecision": 8,
        "quoteAsset": i.quote.as_str(),
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "icebergAllowed": false,
        "ocoAllowed": false,
        "otoAllowed": false,
        "quoteOrderQtyMarketAllowed": true,
        "allowTrailingStop": false,
        "cancelReplaceAllowed": true,
        "amendAllowed": false,
        "isSpotTradingAllowed": true,
        "isMarginTradingAllowed": false,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": price(i, i.min_price), "maxPrice": price(i, i.max_price), "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": qty(i, i.min_qty), "maxQty": qty(i, i.max_qty), "stepSize": step},
            {"filterType": "MARKET_LOT_SIZE", "minQty": qty(i, i.min_qty), "maxQty": qty(i, i.max_market_qty), "stepSize": step},
            {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": up, "bidMultiplierDown": down, "askMultiplierUp": up, "askMultiplierDown": down, "avgPriceMins": AVERAGE_MINUTES},
            {"filterType": "NOTIONAL", "minNotional": money(i.min_notional), "applyMinToMarket": true, "maxNotional": money(MAX_NOTIONAL), "applyMaxToMarket": false, "avgPriceMins": AVERAGE_MINUTES},
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": i.max_orders},
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": modes,
    })
}
