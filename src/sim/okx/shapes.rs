//! Orders, fills and positions as rows. REST and sockets show nearly the same fields; what one has beyond the other is added there.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::digits::{lots, plain, plain_or_empty, price, qty};
use super::ids;
use super::life::Life;
use crate::domain::Side;
use crate::sim::market::{
    Kind, Leg, OrderView, PositionView, SelfTrade, SymbolNo, SymbolSpec, Tif, UserTrade,
};

/// Client ids of liquidations and of auto-deleveraging begin so.
const LIQUIDATION: &str = "autoclose-";
const DELEVERAGING: &str = "adl_autoclose";

/// An order with what its row tells beside it.
pub struct Shown<'a> {
    /// Its instrument.
    pub spec: &'a SymbolSpec,
    /// The order.
    pub order: &'a OrderView,
    /// Its fills, oldest first.
    pub fills: &'a [UserTrade],
    /// Why it was cancelled, the venue's number; empty when it was not.
    pub cancel_source: &'a str,
    /// `lever` of its symbol; empty on spot.
    pub lever: String,
    /// The margin mode of its symbol.
    pub mode: &'a str,
    /// What it was asked with: `tag` and `ordType` beyond what the market keeps.
    pub extra: Extra,
}

/// What the market does not keep of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// The client's label.
    pub tag: String,
    /// Asked for as `optimal_limit_ioc`.
    pub optimal: bool,
    /// `tgtCcy` and `sz` as they were asked for, where the size was stated in quote currency.
    pub quote_size: Option<String>,
    /// The conditional order that became it; empty when none did.
    pub algo: String,
    /// The name of that conditional order.
    pub algo_name: String,
    /// `source`: what kind of conditional order became it.
    pub source: &'static str,
}

/// Fields of orders that other kinds of accounts and instruments use.
const NOT_OF_ORDERS: [&str; 13] = [
    "ccy",
    "pxUsd",
    "pxVol",
    "pxType",
    "stpId",
    "attachAlgoClOrdId",
    "quickMgnType",
    "slOrdPx",
    "slTriggerPx",
    "slTriggerPxType",
    "tpOrdPx",
    "tpTriggerPx",
    "tpTriggerPxType",
];
/// Fields of positions that other kinds of accounts and instruments use.
const NOT_OF_POSITIONS: [&str; 25] = [
    "usdPx",
    "baseBorrowed",
    "baseInterest",
    "quoteBorrowed",
    "quoteInterest",
    "posCcy",
    "liab",
    "liabCcy",
    "interest",
    "optVal",
    "pendingCloseOrdLiabVal",
    "deltaBS",
    "deltaPA",
    "gammaBS",
    "gammaPA",
    "thetaBS",
    "thetaPA",
    "vegaBS",
    "vegaPA",
    "spotInUseAmt",
    "spotInUseCcy",
    "clSpotInUseAmt",
    "maxSpotInUseAmt",
    "bizRefId",
    "bizRefType",
];

/// Puts in fields that say nothing.
pub fn leave_empty(row: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        row.entry(*name).or_insert_with(|| "".into());
    }
}

/// `buy` or `sell`.
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

/// `SWAP` or `SPOT`.
pub fn inst_type(spec: &SymbolSpec) -> &'static str {
    if is_spot(spec) { "SPOT" } else { "SWAP" }
}

/// True of an instrument whose trades exchange coins.
pub fn is_spot(spec: &SymbolSpec) -> bool {
    spec.is_spot()
}

/// `ordType`
pub const fn order_type(kind: Kind, optimal: bool) -> &'static str {
    match kind {
        Kind::Market if optimal => "optimal_limit_ioc",
        Kind::Market => "market",
        Kind::Limit { tif: Tif::Gtc, .. } => "limit",
        Kind::Limit { tif: Tif::Gtx, .. } => "post_only",
        Kind::Limit { tif: Tif::Fok, .. } => "fok",
        Kind::Limit { tif: Tif::Ioc, .. } => "ioc",
    }
}

const fn self_trade(mode: SelfTrade) -> &'static str {
    match mode {
        SelfTrade::ExpireMaker => "cancel_maker",
        SelfTrade::ExpireTaker => "cancel_taker",
        SelfTrade::ExpireBoth => "cancel_both",
        SelfTrade::Allow => "",
    }
}

/// The client's name of an order; empty where it gave none. A name that came over from a conditional order is not the order's here.
pub fn client(order: &OrderView) -> &str {
    let name = order.client.as_str();
    let own = format!("auto{}", order.id);
    if order.algo.is_some() || name == own || category(order) != "normal" {
        return "";
    }
    name
}

/// `category`: who made the order.
pub fn category(order: &OrderView) -> &'static str {
    let name = order.client.as_str();
    if name.starts_with(LIQUIDATION) {
        "full_liquidation"
    } else if name.starts_with(DELEVERAGING) {
        "adl"
    } else {
        "normal"
    }
}

/// An order's row with the fields that every question has.
pub fn order(shown: &Shown) -> Map<String, Value> {
    let (spec, order) = (shown.spec, shown.order);
    let i = &spec.instrument;
    let last = shown.fills.last();
    let fees: Decimal = shown.fills.iter().map(|f| f.fee).sum();
    let pnl: Decimal = shown.fills.iter().map(|f| f.realised).sum();
    let average = order.average(i);
    let limit = order.price().map_or_else(String::new, |p| price(i, p));
    let size = match &shown.extra.quote_size {
        Some(size) => size.clone(),
        None => qty(i, order.qty),
    };
    let text = |f: &dyn Fn(&UserTrade) -> String| last.map_or_else(String::new, f);
    let row = json!({
        "instType": inst_type(spec),
        "instId": i.symbol.as_str(),
        "ordId": ids::shown(order.id),
        "clOrdId": client(order),
        "tag": shown.extra.tag,
        "tgtCcy": target(shown),
        "side": side(order.side),
        "posSide": if is_spot(spec) { "" } else { ids::leg(order.leg) },
        "tdMode": shown.mode,
        "ordType": order_type(order.kind, shown.extra.optimal),
        "px": limit,
        "sz": size,
        "accFillSz": qty(i, order.filled),
        "avgPx": plain_or_empty(average),
        "fillPx": text(&|f| price(i, f.price)),
        "fillSz": last.map_or_else(|| "0".to_owned(), |f| qty(i, f.qty)),
        "fillTime": text(&|f| f.time_ms.to_string()),
        "tradeId": text(&|f| f.trade.to_string()),
        "fee": plain(-fees),
        "feeCcy": last.map_or(i.settle, |f| f.fee_asset).as_str(),
        "pnl": plain(pnl),
        "rebate": "0",
        "rebateCcy": i.quote.as_str(),
        "state": ids::state(order.status),
        "stpMode": self_trade(order.self_trade),
        "lever": shown.lever,
        "reduceOnly": order.reduce_only.to_string(),
        "category": category(order),
        "cancelSource": shown.cancel_source,
        "source": shown.extra.source,
        "algoId": shown.extra.algo,
        "algoClOrdId": shown.extra.algo_name,
        "attachAlgoOrds": [],
        "isTpLimit": "false",
        "cTime": order.created_ms.to_string(),
        "uTime": order.updated_ms.to_string(),
    });
    let mut row = object(row);
    leave_empty(&mut row, &NOT_OF_ORDERS);
    row
}

fn target(shown: &Shown) -> &'static str {
    match (&shown.extra.quote_size, shown.order.kind) {
        (Some(_), _) => "quote_ccy",
        (None, Kind::Market) if is_spot(shown.spec) => "base_ccy",
        _ => "",
    }
}

/// The map of an object that was just written.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What was paid of a fill's worth, signed as the venue does: below zero when paid.
fn fee_rate(fill: &UserTrade) -> String {
    let rate = fill.fee.checked_div(fill.quote).unwrap_or_default();
    plain(-rate.round_dp(6))
}

/// A fill's row.
pub fn fill(spec: &SymbolSpec, fill: &UserTrade, client: &str, tag: &str) -> Value {
    let i = &spec.instrument;
    json!({
        "instType": inst_type(spec),
        "instId": i.symbol.as_str(),
        "tradeId": fill.trade.to_string(),
        "ordId": ids::shown(fill.order),
        "clOrdId": client,
        "billId": ids::bill(fill).to_string(),
        "subType": sub_type(fill),
        "tag": tag,
        "fillPx": price(i, fill.price),
        "fillSz": qty(i, fill.qty),
        "fillIdxPx": "", "fillPnl": plain(fill.realised),
        "fillPxVol": "", "fillPxUsd": "", "fillMarkVol": "", "fillFwdPx": "", "fillMarkPx": "",
        "side": side(fill.side),
        "posSide": if is_spot(spec) { "net" } else { ids::leg(fill.leg) },
        "execType": if fill.maker { "M" } else { "T" },
        "feeCcy": fill.fee_asset.as_str(),
        "fee": plain(-fill.fee),
        "feeRate": fee_rate(fill),
        "fillTime": fill.time_ms.to_string(),
        "ts": fill.time_ms.to_string(),
    })
}

/// `subType`: 1 buy, 2 sell, 3 open long, 4 open short, 5 close long, 6 close short (OKX, "Bill subtype").
const fn sub_type(fill: &UserTrade) -> &'static str {
    match (fill.leg, fill.side) {
        (Leg::Both, Side::Buy) => "1",
        (Leg::Both, Side::Sell) => "2",
        (Leg::Long, Side::Buy) => "3",
        (Leg::Short, Side::Sell) => "4",
        (Leg::Long, Side::Sell) => "5",
        (Leg::Short, Side::Buy) => "6",
    }
}

/// `cross` or `isolated`.
pub const fn mode(isolated: bool) -> &'static str {
    if isolated { "isolated" } else { "cross" }
}

/// A position's row.
pub fn position(
    spec: &SymbolSpec,
    (symbol, view): (SymbolNo, &PositionView),
    life: &Life,
    now: i64,
    rest: &Rest,
) -> Map<String, Value> {
    let i = &spec.instrument;
    // A leg of long/short mode is never below zero; its side says where it points (OKX, "Get positions", `pos`).
    let size = if view.leg == Leg::Both {
        view.lots
    } else {
        view.lots.abs()
    };
    let ratio = view
        .unrealised
        .checked_div(view.position_margin)
        .unwrap_or_default()
        .round_dp(8);
    let own = view.isolated_wallet + view.unrealised;
    let balance = if view.isolated { own } else { rest.balance };
    let cover = balance.checked_div(if view.isolated {
        view.maintenance
    } else {
        rest.maintenance
    });
    let cross = |value: Decimal| {
        if view.isolated {
            String::new()
        } else {
            plain(value)
        }
    };
    let realised = life.pnl - life.fee + life.funding;
    let mut row = object(json!({
        "instType": "SWAP",
        "mgnMode": mode(view.isolated),
        "posId": ids::position(symbol, view.leg),
        "posSide": ids::leg(view.leg),
        "pos": lots(i, size),
        "availPos": lots(i, size),
        "avgPx": plain_or_empty(view.entry),
        "upl": plain(view.unrealised),
        "uplRatio": plain(ratio),
        "uplLastPx": plain(view.unrealised),
        "uplRatioLastPx": plain(ratio),
        "instId": i.symbol.as_str(),
        "lever": view.leverage.to_string(),
        "liqPx": view.liquidation.map_or_else(String::new, plain),
        "markPx": plain(view.mark),
        "imr": cross(view.position_margin),
        "margin": if view.isolated { plain(view.isolated_wallet) } else { String::new() },
        "mgnRatio": cover.map_or_else(String::new, |c| plain(c.round_dp(8))),
        "mmr": plain(view.maintenance),
        "tradeId": life.trade.to_string(),
        "notionalUsd": plain(view.notional.abs().round_dp(8)),
        "adl": view.adl_quantile().to_string(),
        "ccy": i.settle.as_str(),
        "last": plain(rest.last),
        "idxPx": plain(rest.index),
        "bePx": plain_or_empty(view.break_even),
        "realizedPnl": plain(realised),
        "pnl": plain(life.pnl),
        "fee": plain(-life.fee),
        "fundingFee": plain(life.funding),
        "liqPenalty": "0",
        "closeOrderAlgo": [],
        "cTime": life.opened_ms.to_string(),
        "uTime": view.updated_ms.to_string(),
        "pTime": now.to_string(),
    }));
    leave_empty(&mut row, &NOT_OF_POSITIONS);
    row
}

/// What a position's row shows of its surroundings.
pub struct Rest {
    /// What stands behind crossed positions, quote currency.
    pub balance: Decimal,
    /// Maintenance margin of crossed positions, quote currency.
    pub maintenance: Decimal,
    /// Last price.
    pub last: Decimal,
    /// Index price.
    pub index: Decimal,
}
