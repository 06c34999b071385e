//! Fields of order calls, read one by one.

use rust_decimal::Decimal;

use super::category::Category;
use super::error::Refused;
use super::params::Params;
use crate::domain::{Price, Qty, Side};
use crate::sim::market::{Kind, SelfTrade, SymbolSpec, Tif, Watch};

/// `0`, `0.00` and the like.
pub fn is_zero(text: &str) -> bool {
    text.parse::<Decimal>().is_ok_and(|value| value.is_zero())
}

/// `side`.
pub fn read_side(params: &Params) -> Result<Side, Refused> {
    match params.need("side")? {
        "Buy" => Ok(Side::Buy),
        "Sell" => Ok(Side::Sell),
        _ => Err(Refused::params("side invalid")),
    }
}

/// `orderType`, with `price` and `timeInForce` of a limit order.
pub fn read_kind(params: &Params, spec: &SymbolSpec) -> Result<Kind, Refused> {
    match params.need("orderType")? {
        // A price beside it is ignored, as documented.
        "Market" => match params.text("timeInForce")? {
            Some("PostOnly") => Err(Refused::params("a market order cannot be PostOnly")),
            _ => Ok(Kind::Market),
        },
        "Limit" => {
            let tif = match params.text("timeInForce")? {
                None | Some("GTC") => Tif::Gtc,
                Some("IOC") => Tif::Ioc,
                Some("FOK") => Tif::Fok,
                Some("PostOnly") => Tif::Gtx,
                Some("RPI") => return Err(Refused::unsupported("timeInForce RPI")),
                Some(_) => return Err(Refused::params("timeInForce invalid")),
            };
            Ok(Kind::Limit {
                price: read_price(params, "price", spec)?,
                tif,
            })
        }
        _ => Err(Refused::params("orderType invalid")),
    }
}

/// `smpType`.
pub fn read_self_trade(params: &Params) -> Result<SelfTrade, Refused> {
    match params.text("smpType")? {
        None | Some("None") => Ok(SelfTrade::Allow),
        Some("CancelTaker") => Ok(SelfTrade::ExpireTaker),
        Some("CancelMaker") => Ok(SelfTrade::ExpireMaker),
        Some("CancelBoth") => Ok(SelfTrade::ExpireBoth),
        Some(_) => Err(Refused::params("smpType invalid")),
    }
}

/// Which price a trigger looks at.
pub fn read_watch(params: &Params, name: &str) -> Result<Watch, Refused> {
    match params.text(name)? {
        None | Some("LastPrice") => Ok(Watch::Last),
        Some("MarkPrice") => Ok(Watch::Mark),
        Some("IndexPrice") => Err(Refused::unsupported("a trigger by IndexPrice")),
        Some(_) => Err(Refused::params(&format!("{name} invalid"))),
    }
}

/// A price on the tick grid.
pub fn read_price(params: &Params, name: &str, spec: &SymbolSpec) -> Result<Price, Refused> {
    let text = params.need(name)?;
    let wrong = || match Category::of(spec) {
        Category::Linear => Refused::params(&format!("{name} invalid")),
        Category::Spot => Refused::new(170_134, "Order price has too many decimals."),
    };
    spec.instrument
        .price(text.as_bytes())
        .map_err(|_| wrong())
        .and_then(|price| if price.0 > 0 { Ok(price) } else { Err(wrong()) })
}

/// A size on the lot grid.
pub fn read_qty(params: &Params, name: &str, spec: &SymbolSpec) -> Result<Qty, Refused> {
    let text = params.need(name)?;
    spec.instrument
        .qty(text.as_bytes())
        .map_err(|_| match Category::of(spec) {
            Category::Linear => Refused::new(10001, "Qty invalid"),
            Category::Spot => Refused::new(170_137, "Order volume decimal too long"),
        })
}
