//! What an order call asks for, read field by field and refused by the documented codes.

use rust_decimal::Decimal;

use super::error::{filter, rejected};
use crate::domain::decimal::{DecimalError, Step, parse_scaled};
use crate::domain::{ClientId, Price, Qty, Side};
use crate::sim::binance::params::Params;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{Kind, SelfTrade, SymbolSpec, Tif, Which};

/// Decimals of every number on this wire.
const PLACES: u32 = 8;

/// How large an order is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So many lots.
    Lots(Qty),
    /// As much as this buys or brings at the market, quote currency.
    Worth(Decimal),
}

/// What the answer to a new order shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Its ids.
    Ack,
    /// How it stands.
    Result,
    /// And its fills.
    Full,
}

pub(super) fn read_side(params: &Params) -> Result<Side, Refused> {
    match params.need("side")? {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(Refused::new(-1117, "Invalid side.")),
    }
}

/// Type, price and life. Conditional orders are not done here, and `exchangeInfo` does not list them.
pub(super) fn read_kind(params: &Params, spec: &SymbolSpec) -> Result<Kind, Refused> {
    let kind = params.need("type")?;
    let unsupported = match kind {
        "LIMIT" | "LIMIT_MAKER" | "MARKET" => None,
        "STOP_LOSS" => Some("Stop loss orders"),
        "STOP_LOSS_LIMIT" => Some("Stop loss limit orders"),
        "TAKE_PROFIT" => Some("Take profit orders"),
        "TAKE_PROFIT_LIMIT" => Some("Take profit limit orders"),
        _ => return Err(Refused::new(-1116, "Invalid orderType.")),
    };
    if let Some(orders) = unsupported {
        let words = format!("{orders} are not supported for this symbol.");
        return Err(rejected(&words));
    }
    if params.get("icebergQty").is_some() {
        return Err(rejected(
            "Iceberg orders are not supported for this symbol.",
        ));
    }
    let not_of = |names: &[&str]| match names.iter().find(|name| params.get(name).is_some()) {
        Some(name) => Err(Refused::not_required(name)),
        None => Ok(()),
    };
    not_of(&["stopPrice", "trailingDelta"])?;
    match kind {
        "MARKET" => {
            not_of(&["price", "timeInForce"])?;
            Ok(Kind::Market)
        }
        "LIMIT_MAKER" => {
            not_of(&["timeInForce", "quoteOrderQty"])?;
            let price = read_price(params, spec)?;
            let tif = Tif::Gtx;
            Ok(Kind::Limit { price, tif })
        }
        _ => {
            not_of(&["quoteOrderQty"])?;
            let tif = match params.need("timeInForce")? {
                "GTC" => Tif::Gtc,
                "IOC" => Tif::Ioc,
                "FOK" => Tif::Fok,
                _ => return Err(Refused::new(-1115, "Invalid timeInForce.")),
            };
            let price = read_price(params, spec)?;
            Ok(Kind::Limit { price, tif })
        }
    }
}

/// `quantity`, or on market orders `quoteOrderQty` in its place.
pub(super) fn read_size(params: &Params, kind: Kind, spec: &SymbolSpec) -> Result<Size, Refused> {
    let worth = params.get("quoteOrderQty");
    match (params.get("quantity"), worth) {
        (Some(_), Some(_)) => Err(Refused::not_required("quoteOrderQty")),
        (None, Some(text)) if kind == Kind::Market => {
            let scaled = read_scaled("quoteOrderQty", text)?;
            let worth = Decimal::try_from_i128_with_scale(i128::from(scaled), PLACES);
            Ok(Size::Worth(worth.map_err(|_| filter("NOTIONAL"))?))
        }
        (None, None) if kind == Kind::Market => Err(Refused::new(
            -1102,
            "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
        )),
        _ => {
            let name = match kind {
                Kind::Limit { .. } => "LOT_SIZE",
                Kind::Market => "MARKET_LOT_SIZE",
            };
            let lots = read_steps(params, "quantity", spec.instrument.lot, name)?;
            Ok(Size::Lots(Qty(lots)))
        }
    }
}

fn read_price(params: &Params, spec: &SymbolSpec) -> Result<Price, Refused> {
    read_steps(params, "price", spec.instrument.tick, "PRICE_FILTER").map(Price)
}

/// A number that is not negative, in 1e-8.
fn read_scaled(name: &str, text: &str) -> Result<i64, Refused> {
    match parse_scaled(text.as_bytes(), PLACES) {
        Ok(value) if value >= 0 => Ok(value),
        Err(DecimalError::OffStep) => Err(Refused::new(
            -1111,
            format!("Parameter '{name}' has too much precision."),
        )),
        Err(DecimalError::TooLarge) => Err(Refused::new(
            -1108,
            format!("Parameter '{name}' overflowed."),
        )),
        _ => Err(Refused::illegal(name)),
    }
}

/// A number on the grid of `step`, as steps; off it the filter of this name refuses.
fn read_steps(params: &Params, name: &str, step: Step, of: &str) -> Result<i64, Refused> {
    let text = params.need(name)?;
    read_scaled(name, text)?;
    match step.count(text.as_bytes()) {
        Ok(steps) if steps > 0 => Ok(steps),
        _ => Err(filter(of)),
    }
}

pub(super) fn read_client(params: &Params, name: &str) -> Result<Option<ClientId>, Refused> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    match ClientId::new(text) {
        Ok(id) if text.bytes().all(allowed) => Ok(Some(id)),
        _ => Err(Refused::new(
            -1100,
            format!(
                "Illegal characters found in parameter '{name}'; legal range is '^[a-zA-Z0-9-_]{{1,36}}$'."
            ),
        )),
    }
}

pub(super) fn read_self_trade(params: &Params) -> Result<SelfTrade, Refused> {
    Ok(match params.get("selfTradePreventionMode") {
        // The symbols' `defaultSelfTradePreventionMode`.
        None | Some("EXPIRE_MAKER") => SelfTrade::ExpireMaker,
        Some("NONE") => SelfTrade::Allow,
        Some("EXPIRE_TAKER") => SelfTrade::ExpireTaker,
        Some("EXPIRE_BOTH") => SelfTrade::ExpireBoth,
        Some(_) => return Err(Refused::invalid("selfTradePreventionMode")),
    })
}

/// `LIMIT` and `MARKET` show everything unless they are asked to show less.
pub(super) fn read_detail(params: &Params, kind: Kind) -> Result<Detail, Refused> {
    let usual = match kind {
        Kind::Limit { tif: Tif::Gtx, .. } => Detail::Ack,
        _ => Detail::Full,
    };
    Ok(match params.get("newOrderRespType") {
        None => usual,
        Some("ACK") => Detail::Ack,
        Some("RESULT") => Detail::Result,
        Some("FULL") => Detail::Full,
        Some(_) => return Err(Refused::invalid("newOrderRespType")),
    })
}

/// An order by id or by name; where both are given they have to be of one order, which the id decides.
pub(super) fn read_which(params: &Params, id: &str, client: &str) -> Result<Which, Refused> {
    if let Some(number) = params.int(id)? {
        return u64::try_from(number)
            .map(Which::Id)
            .map_err(|_| Refused::missing(id));
    }
    match read_client(params, client)? {
        Some(name) => Ok(Which::Client(name)),
        None => Err(Refused::new(
            -1102,
            format!("Param '{client}' or '{id}' must be sent, but both were empty/null!"),
        )),
    }
}
