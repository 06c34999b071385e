//! What an order call asks for, read field by field and refused by the documented codes.

use rust_decimal::Decimal;

use super::call::Call;
use super::error::{Refused, of_market};
use super::params::Params;
use super::shapes::is_spot;
use super::{Okx, ids};
use crate::domain::decimal::{DecimalError, Step};
use crate::domain::{ClientId, Price, Qty, Side};
use crate::sim::market::{Kind, Leg, Refuse, SelfTrade, Submit, SymbolNo, SymbolSpec, Tif, Which};

/// Letters and digits of a client id or a tag (OKX, "Place order": 32 and 16).
const LONGEST_NAME: usize = 32;
const LONGEST_TAG: usize = 16;

/// A new order as it was asked for.
pub(super) struct Asked {
    /// What the market is asked.
    pub submit: Submit,
    /// Its margin mode; `None` on spot.
    pub isolated: Option<bool>,
    /// Asked for as `optimal_limit_ioc`.
    pub optimal: bool,
    /// `sz` as it was written, where it counts quote currency.
    pub quote_size: Option<String>,
}

impl Okx {
    /// The instrument of an order: by name on REST, by number on sockets, which take no name any more.
    ///
    /// # Errors
    /// 50014 when it is not there, 51001 when there is no such one.
    pub(super) fn ordered(
        &self,
        call: &Call,
        item: &Params,
    ) -> Result<(SymbolNo, SymbolSpec), Refused> {
        if !call.socket {
            let (symbol, spec) = self.symbol(item)?;
            return Ok((symbol, spec.clone()));
        }
        item.need("instIdCode")?;
        if !item.is_number("instIdCode") {
            return Err(Refused::invalid("instIdCode"));
        }
        let code = item.int("instIdCode")?;
        let symbol = code
            .and_then(ids::symbol_of)
            .ok_or_else(Refused::instrument)?;
        Ok((symbol, self.spec(symbol)?.clone()))
    }

    /// A new order.
    ///
    /// # Errors
    /// When a field is missing or holds what it may not.
    pub(super) fn read_order(&self, call: &Call, item: &Params) -> Result<Asked, Refused> {
        let (symbol, spec) = self.ordered(call, item)?;
        let isolated = read_mode(item, &spec)?;
        let side = read_side(item)?;
        let leg = self.read_leg(item, &spec)?;
        let (kind, optimal) = read_kind(item, &spec)?;
        if item.get("attachAlgoOrds").is_some_and(|list| list != "[]") {
            return Err(Refused::invalid("attachAlgoOrds"));
        }
        read_tag(item)?;
        let (qty, quote_size) = self.read_order_size(item, (symbol, &spec), side, kind)?;
        let reduce_only = item.flag("reduceOnly")?.unwrap_or(false);
        Ok(Asked {
            submit: Submit {
                symbol,
                client: read_client(item, "clOrdId")?,
                side,
                leg,
                kind,
                qty,
                // In long/short mode and on spot the word is not looked at (OKX, "Place order", `reduceOnly`).
                reduce_only: reduce_only && leg == Leg::Both && !is_spot(&spec),
                self_trade: read_self_trade(item)?,
            },
            isolated,
            optimal,
            quote_size,
        })
    }

    /// `sz`: contracts, or coins; of a market buy on spot quote currency unless `tgtCcy` says otherwise.
    fn read_order_size(
        &self,
        item: &Params,
        (symbol, spec): (SymbolNo, &SymbolSpec),
        side: Side,
        kind: Kind,
    ) -> Result<(Qty, Option<String>), Refused> {
        let quoted = match item.get("tgtCcy") {
            _ if !is_spot(spec) || kind != Kind::Market => false,
            Some("base_ccy") => false,
            Some("quote_ccy") => true,
            None => side == Side::Buy,
            Some(_) => return Err(Refused::invalid("tgtCcy")),
        };
        if !quoted {
            return Ok((read_size(item, "sz", spec)?, None));
        }
        let text = item.need("sz")?;
        let money: Decimal = text.parse().map_err(|_| Refused::invalid("sz"))?;
        let qty = self.bourse.market.lots_for(symbol, side, money);
        if qty.is_zero() {
            return Err(of_market(Refuse::QtyTooSmall, Some(spec)));
        }
        Ok((qty, Some(text.to_owned())))
    }

    /// `posSide`, which has to be one of the account's mode.
    pub(super) fn read_leg(&self, item: &Params, spec: &SymbolSpec) -> Result<Leg, Refused> {
        let wrong = || Refused::invalid("posSide");
        if is_spot(spec) {
            return Ok(Leg::Both);
        }
        let leg = match item.get("posSide") {
            None | Some("net") => Leg::Both,
            Some("long") => Leg::Long,
            Some("short") => Leg::Short,
            Some(_) => return Err(wrong()),
        };
        if self.is_hedged() == (leg == Leg::Both) {
            return Err(wrong());
        }
        Ok(leg)
    }
}

/// `tdMode`: true for isolated; on spot it has to be `cash`, for which there is nothing to set.
pub(super) fn read_mode(item: &Params, spec: &SymbolSpec) -> Result<Option<bool>, Refused> {
    match (item.need("tdMode")?, is_spot(spec)) {
        ("cash", true) => Ok(None),
        ("cross", false) => Ok(Some(false)),
        ("isolated", false) => Ok(Some(true)),
        _ => Err(Refused::invalid("tdMode")),
    }
}

pub(super) fn read_side(item: &Params) -> Result<Side, Refused> {
    match item.need("side")? {
        "buy" => Ok(Side::Buy),
        "sell" => Ok(Side::Sell),
        _ => Err(Refused::invalid("side")),
    }
}

/// `ordType` with its price; true for `optimal_limit_ioc`.
fn read_kind(item: &Params, spec: &SymbolSpec) -> Result<(Kind, bool), Refused> {
    let tif = match item.need("ordType")? {
        "market" => return Ok((Kind::Market, false)),
        "optimal_limit_ioc" if !is_spot(spec) => return Ok((Kind::Market, true)),
        "limit" => Tif::Gtc,
        "post_only" => Tif::Gtx,
        "fok" => Tif::Fok,
        "ioc" => Tif::Ioc,
        _ => return Err(Refused::invalid("ordType")),
    };
    if item.get("px").is_none() {
        return Err(Refused::new(
            51204,
            "The price for the limit order cannot be empty.",
        ));
    }
    let price = read_price(item, "px", spec)?;
    Ok((Kind::Limit { price, tif }, false))
}

fn read_self_trade(item: &Params) -> Result<SelfTrade, Refused> {
    match item.get("stpMode") {
        None | Some("cancel_maker") => Ok(SelfTrade::ExpireMaker),
        Some("cancel_taker") => Ok(SelfTrade::ExpireTaker),
        Some("cancel_both") => Ok(SelfTrade::ExpireBoth),
        Some(_) => Err(Refused::invalid("stpMode")),
    }
}

/// A number above zero on the grid of `step`.
fn read_steps(item: &Params, name: &str, step: Step, off: (u32, &str)) -> Result<i64, Refused> {
    let text = item.need(name)?;
    let count = step.count(text.as_bytes()).map_err(|error| match error {
        DecimalError::OffStep => Refused::new(off.0, off.1),
        DecimalError::Malformed | DecimalError::TooLarge => Refused::invalid(name),
    })?;
    if count <= 0 {
        return Err(Refused::invalid(name));
    }
    Ok(count)
}

/// A price of any name.
pub(super) fn read_price(item: &Params, name: &str, spec: &SymbolSpec) -> Result<Price, Refused> {
    let off = (
        51150,
        "The precision of the number of trades or the price exceeds the limit.",
    );
    read_steps(item, name, spec.instrument.tick, off).map(Price)
}

/// A size of any name in contracts or coins.
pub(super) fn read_size(item: &Params, name: &str, spec: &SymbolSpec) -> Result<Qty, Refused> {
    let off = (51121, "Order quantity must be a multiple of the lot size.");
    read_steps(item, name, spec.instrument.lot, off).map(Qty)
}

/// Letters and digits alone, at most 32.
pub(super) fn read_client(item: &Params, name: &str) -> Result<Option<ClientId>, Refused> {
    let Some(text) = item.get(name) else {
        return Ok(None);
    };
    let fits = text.len() <= LONGEST_NAME && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let client = ClientId::new(text).ok().filter(|_| fits);
    client.map(Some).ok_or_else(|| Refused::invalid(name))
}

/// `tag`: letters and digits alone, at most 16; empty when there is none.
pub(super) fn read_tag(item: &Params) -> Result<&str, Refused> {
    let tag = item.get("tag").unwrap_or_default();
    let fits = tag.len() <= LONGEST_TAG && tag.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits {
        Ok(tag)
    } else {
        Err(Refused::invalid("tag"))
    }
}

/// `ordId` wins over `clOrdId`; one of them has to be there.
pub(super) fn read_which(item: &Params) -> Result<Which, Refused> {
    if let Some(id) = item.get("ordId") {
        return Ok(Which::Id(ids::meant(id)));
    }
    match read_client(item, "clOrdId")? {
        Some(client) => Ok(Which::Client(client)),
        None => Err(Refused::new(
            51003,
            "Either client order ID or order ID is required.",
        )),
    }
}
