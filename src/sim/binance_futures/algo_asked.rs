//! What a conditional-order call asks for, read field by field (Binance, "New Algo Order").

use rust_decimal::Decimal;

use super::asked::{
    read_client, read_qty, read_self_trade, read_side, read_ticks, read_tif, unsupported_match,
};
use crate::sim::binance::params::Params;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{
    AlgoAsk, Kind, Leg, SelfTrade, SymbolNo, SymbolSpec, Tif, Trigger, Watch, WhichAlgo,
};

/// Narrowest and widest callback, percent (Binance, change log 2026-10-23).
const CALLBACK: (Decimal, Decimal) = (
    Decimal::from_parts(1, 0, 0, false, 1),
    Decimal::from_parts(20, 0, 0, false, 0),
);

pub(super) fn read_algo(
    params: &Params,
    symbol: SymbolNo,
    spec: &SymbolSpec,
    leg: Leg,
) -> Result<AlgoAsk, Refused> {
    if params.need("algoType")? != "CONDITIONAL" {
        return Err(Refused::invalid("algoType"));
    }
    let side = read_side(params)?;
    let (trigger, limited) = read_trigger(params, spec)?;
    let kind = read_kind(params, spec, limited)?;
    unsupported_match(params)?;
    let closes = params.flag("closePosition")?.unwrap_or(false);
    let reduce_only = params.flag("reduceOnly")?;
    if closes {
        check_closing(params, &trigger, limited, reduce_only)?;
    }
    match params.get("newOrderRespType") {
        None | Some("ACK" | "RESULT") => {}
        Some(_) => return Err(Refused::invalid("newOrderRespType")),
    }
    Ok(AlgoAsk {
        symbol,
        client: read_client(params, "clientAlgoId")?,
        side,
        leg,
        trigger,
        watch: match params.get("workingType") {
            None | Some("CONTRACT_PRICE") => Watch::Last,
            Some("MARK_PRICE") => Watch::Mark,
            Some(_) => return Err(Refused::invalid("workingType")),
        },
        protect: params.flag("priceProtect")?.unwrap_or(false),
        kind,
        qty: if closes {
            None
        } else {
            Some(read_qty(params, spec)?)
        },
        reduce_only: reduce_only.unwrap_or(false),
        // The text says NONE, every documented and recorded answer says EXPIRE_MAKER.
        self_trade: read_self_trade(params, SelfTrade::ExpireMaker)?,
    })
}

/// What it waits for, and whether it becomes a limit order.
fn read_trigger(params: &Params, spec: &SymbolSpec) -> Result<(Trigger, bool), Refused> {
    let at = || read_ticks(params, "triggerPrice", spec);
    Ok(match params.need("type")? {
        "STOP" => (Trigger::Stop(at()?), true),
        "STOP_MARKET" => (Trigger::Stop(at()?), false),
        "TAKE_PROFIT" => (Trigger::Take(at()?), true),
        "TAKE_PROFIT_MARKET" => (Trigger::Take(at()?), false),
        "TRAILING_STOP_MARKET" => (read_trail(params, spec)?, false),
        _ => return Err(Refused::new(-1116, "Invalid orderType.")),
    })
}

fn read_trail(params: &Params, spec: &SymbolSpec) -> Result<Trigger, Refused> {
    if params.get("triggerPrice").is_some() {
        return Err(Refused::not_required("triggerPrice"));
    }
    let activate = params
        .get("activatePrice")
        .map(|_| read_ticks(params, "activatePrice", spec));
    let text = params.need("callbackRate")?;
    let percent: Decimal = text.parse().map_err(|_| Refused::illegal("callbackRate"))?;
    if percent < CALLBACK.0 || percent > CALLBACK.1 || percent.normalize().scale() > 1 {
        return Err(Refused::new(-2007, "Invalid callBack rate."));
    }
    Ok(Trigger::Trail {
        activate: activate.transpose()?,
        callback: percent / Decimal::ONE_HUNDRED,
    })
}

fn read_kind(params: &Params, spec: &SymbolSpec, limited: bool) -> Result<Kind, Refused> {
    let tif = match params.get("timeInForce") {
        None => Tif::Gtc,
        Some(_) => read_tif(params)?,
    };
    if limited {
        let price = read_ticks(params, "price", spec)?;
        return Ok(Kind::Limit { price, tif });
    }
    if params.get("price").is_some() {
        return Err(Refused::not_required("price"));
    }
    Ok(Kind::Market)
}

fn check_closing(
    params: &Params,
    trigger: &Trigger,
    limited: bool,
    reduce_only: Option<bool>,
) -> Result<(), Refused> {
    let kind = params.need("type")?;
    if limited || matches!(trigger, Trigger::Trail { .. }) {
        let text = format!("Target strategy invalid for orderType {kind},closePosition true.");
        return Err(Refused::new(-4136, text));
    }
    if params.get("quantity").is_some() {
        return Err(Refused::new(
            -4137,
            "Quantity must be zero with closePosition equals true.",
        ));
    }
    if reduce_only.is_some() {
        return Err(Refused::not_required("reduceonly"));
    }
    Ok(())
}

/// `algoId` wins over `clientAlgoId`; one of them has to be there.
pub(super) fn read_which_algo(params: &Params) -> Result<WhichAlgo, Refused> {
    if let Some(id) = params.int("algoId")? {
        return u64::try_from(id)
            .map(WhichAlgo::Id)
            .map_err(|_| Refused::missing("algoId"));
    }
    match read_client(params, "clientAlgoId")? {
        Some(id) => Ok(WhichAlgo::Client(id)),
        None => Err(Refused::new(
            -1102,
            "Param 'clientAlgoId' or 'algoId' must be sent, but both were empty/null!",
        )),
    }
}
