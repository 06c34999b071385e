//! What an order call asks for, read field by field and refused by the documented codes.

use crate::domain::decimal::{DecimalError, Step, parse_scaled};
use crate::domain::{ClientId, Price, Qty, Side};
use crate::sim::binance::params::Params;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{Kind, Leg, SelfTrade, SymbolSpec, Tif, Which};

const CONDITIONAL: [&str; 5] = [
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
];
pub(super) fn read_side(params: &Params) -> Result<Side, Refused> {
    match params.need("side")? {
        "BUY" => Ok(Side::Buy),
        "SELL" => Ok(Side::Sell),
        _ => Err(Refused::new(-1117, "Invalid side.")),
    }
}

/// Which position; whether the account's mode has it is another question.
pub(super) fn read_leg(params: &Params) -> Result<Leg, Refused> {
    match params.get("positionSide") {
        None | Some("BOTH") => Ok(Leg::Both),
        Some("LONG") => Ok(Leg::Long),
        Some("SHORT") => Ok(Leg::Short),
        Some(_) => Err(Refused::invalid("positionSide")),
    }
}

pub(super) fn read_kind(params: &Params, spec: &SymbolSpec) -> Result<Kind, Refused> {
    let kind = params.need("type")?;
    if CONDITIONAL.contains(&kind) {
        return Err(Refused::new(
            -4120,
            "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
        ));
    }
    match kind {
        "LIMIT" => {
            let tif = read_tif(params)?;
            let price = read_price(params, spec)?;
            Ok(Kind::Limit { price, tif })
        }
        "MARKET" => {
            for extra in ["price", "timeInForce"] {
                if params.get(extra).is_some() {
                    return Err(Refused::not_required(extra));
                }
            }
            Ok(Kind::Market)
        }
        _ => Err(Refused::new(-1116, "Invalid orderType.")),
    }
}

pub(super) fn read_tif(params: &Params) -> Result<Tif, Refused> {
    match params.need("timeInForce")? {
        "GTC" => Ok(Tif::Gtc),
        "IOC" => Ok(Tif::Ioc),
        "FOK" => Ok(Tif::Fok),
        "GTX" => Ok(Tif::Gtx),
        _ => Err(Refused::new(-1115, "Invalid timeInForce.")),
    }
}

/// Prices that follow the book by themselves are not done here.
pub(super) fn unsupported_match(params: &Params) -> Result<(), Refused> {
    match params.get("priceMatch") {
        None | Some("NONE") => Ok(()),
        Some(_) => Err(Refused::unsupported()),
    }
}

/// A number on the grid of `step` that is written with at most `places` decimals.
fn read_steps(
    params: &Params,
    name: &str,
    step: Step,
    places: u32,
    off_grid: (i32, &str),
) -> Result<i64, Refused> {
    let text = params.need(name)?;
    match parse_scaled(text.as_bytes(), places) {
        Err(DecimalError::Malformed) => return Err(Refused::illegal(name)),
        Err(DecimalError::OffStep) => {
            return Err(Refused::new(
                -1111,
                "Precision is over the maximum defined for this asset.",
            ));
        }
        Ok(value) if value < 0 => return Err(Refused::illegal(name)),
        _ => {}
    }
    step.count(text.as_bytes()).map_err(|error| match error {
        DecimalError::OffStep => Refused::new(off_grid.0, off_grid.1),
        DecimalError::Malformed => Refused::illegal(name),
        DecimalError::TooLarge => Refused::new(-4005, "Quantity greater than max quantity."),
    })
}

pub(super) fn read_qty(params: &Params, spec: &SymbolSpec) -> Result<Qty, Refused> {
    let lot = spec.instrument.lot;
    let lots = read_steps(
        params,
        "quantity",
        lot,
        lot.decimals(),
        (-4023, "Qty not increased by step size."),
    )?;
    if lots == 0 {
        return Err(Refused::new(-4003, "Quantity less than or equal to zero."));
    }
    Ok(Qty(lots))
}

pub(super) fn read_price(params: &Params, spec: &SymbolSpec) -> Result<Price, Refused> {
    read_ticks(params, "price", spec)
}

/// A price of any name.
pub(super) fn read_ticks(params: &Params, name: &str, spec: &SymbolSpec) -> Result<Price, Refused> {
    let ticks = read_steps(
        params,
        name,
        spec.instrument.tick,
        super::digits::price_places(&spec.instrument),
        (-4014, "Price not increased by tick size."),
    )?;
    if ticks == 0 {
        return Err(Refused::new(-4001, "Price less than 0."));
    }
    Ok(Price(ticks))
}

pub(super) fn read_client(params: &Params, name: &str) -> Result<Option<ClientId>, Refused> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".:/_-".contains(&b);
    match ClientId::new(text) {
        Ok(id) if text.bytes().all(allowed) => Ok(Some(id)),
        _ => Err(Refused::new(-4015, "Client order id is not valid.")),
    }
}

pub(super) fn read_self_trade(params: &Params, usual: SelfTrade) -> Result<SelfTrade, Refused> {
    Ok(match params.get("selfTradePreventionMode") {
        None => usual,
        Some("NONE") => SelfTrade::Allow,
        Some("EXPIRE_TAKER") => SelfTrade::ExpireTaker,
        Some("EXPIRE_MAKER") => SelfTrade::ExpireMaker,
        Some("EXPIRE_BOTH") => SelfTrade::ExpireBoth,
        Some(_) => return Err(Refused::invalid("selfTradePreventionMode")),
    })
}

/// `orderId` wins over `origClientOrderId`; one of them has to be there.
pub(super) fn read_which(params: &Params) -> Result<Which, Refused> {
    if let Some(id) = params.int("orderId")? {
        return u64::try_from(id)
            .map(Which::Id)
            .map_err(|_| Refused::missing("orderId"));
    }
    match read_client(params, "origClientOrderId")? {
        Some(id) => Ok(Which::Client(id)),
        None => Err(Refused::new(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        )),
    }
}

pub(super) fn read_batch(text: &str, most: usize) -> Result<Vec<Params>, Refused> {
    let rows: Vec<Box<serde_json::value::RawValue>> =
        serde_json::from_str(text).map_err(|_| Refused::invalid("batchOrders"))?;
    if rows.is_empty() || rows.len() > most {
        return Err(Refused::new(-4082, "Invalid number of batch place orders."));
    }
    rows.iter()
        .map(|row| Params::from_object(Some(row)))
        .collect()
}
