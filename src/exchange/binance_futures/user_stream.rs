//! Events of the private stream of Binance futures as domain facts. Pure; owns nothing.
//!
//! `TRADE_LITE` is not read: it tells of a fill some milliseconds earlier but without its fee and profit, and a fill is
//! told once. Unknown events are skipped, as the venue asks.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::read::algo::{self, AlgoOrder};
use super::read::{self, ReadError, Reader};
use crate::domain::message::Balance;
use crate::domain::{
    Asset, Fill, OrderClass, OrderId, OrderRef, OrderReport, PositionReport, Symbol, TradeId,
};

/// What one event of the private stream says.
#[derive(Debug)]
pub enum Event {
    /// An order changed; with the fill, where it was one.
    Order {
        /// The order.
        report: Box<OrderReport>,
        /// The fill.
        fill: Option<Box<Fill>>,
        /// A sentence when it is the venue's own order (liquidation, auto-deleveraging, delisting).
        alarm: Option<&'static str>,
    },
    /// A conditional order changed.
    Algo(Box<AlgoOrder>),
    /// Balances and positions changed.
    Account(AccountUpdate),
    /// Leverage of a symbol changed.
    Leverage(Symbol, u32),
    /// Something about the account as a whole changed: read it again.
    Reread,
    /// Margin is about to run out on these symbols.
    MarginCall(Vec<Symbol>),
    /// The listen key ended: a new one is needed.
    ListenKeyExpired,
    /// Nothing that we use.
    Other,
}

/// `ACCOUNT_UPDATE`.
#[derive(Debug, Default)]
pub struct AccountUpdate {
    /// Positions that changed.
    pub positions: Vec<PositionReport>,
    /// Balances that changed.
    pub balances: Vec<Balance>,
    /// Funding booked: symbol and amount, positive when received.
    pub funding: Option<(Symbol, Decimal)>,
    /// Records that were skipped.
    pub bad: Vec<ReadError>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    e: Option<Cow<'a, str>>,
    #[serde(rename = "T")]
    transacted: Option<i64>,
    #[serde(rename = "E")]
    at: Option<i64>,
    #[serde(borrow)]
    o: Option<&'a RawValue>,
    #[serde(borrow)]
    a: Option<&'a RawValue>,
    #[serde(borrow)]
    ac: Option<&'a RawValue>,
    #[serde(borrow)]
    p: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// Reads one frame of the private stream, bare or in the combined envelope.
///
/// # Errors
/// When it is no JSON object, or a needed field is missing, or the instrument is unknown.
pub fn read(bytes: &[u8], reader: &Reader<'_>) -> Result<Event, ReadError> {
    let envelope: Envelope<'_> = serde_json::from_slice(bytes)?;
    match envelope.data {
        Some(data) => event(&serde_json::from_str(data.get())?, reader),
        None => event(&envelope, reader),
    }
}

fn event(envelope: &Envelope<'_>, reader: &Reader<'_>) -> Result<Event, ReadError> {
    let venue_ms = envelope.transacted.or(envelope.at).unwrap_or(0);
    match envelope.e.as_deref() {
        Some("ORDER_TRADE_UPDATE") => order(body(envelope.o, "o")?, venue_ms, reader),
        Some("ALGO_UPDATE") => {
            let order = algo::event(body(envelope.o, "o")?, venue_ms, reader)?;
            Ok(Event::Algo(Box::new(order)))
        }
        Some("ACCOUNT_UPDATE") => account(body(envelope.a, "a")?, venue_ms, reader),
        Some("ACCOUNT_CONFIG_UPDATE") => config(envelope.ac),
        Some("MARGIN_CALL") => Ok(margin_call(envelope.p)),
        Some("listenKeyExpired") => Ok(Event::ListenKeyExpired),
        _ => Ok(Event::Other),
    }
}

fn body<'a>(part: Option<&'a RawValue>, name: &'static str) -> Result<&'a str, ReadError> {
    part.map(RawValue::get).ok_or(ReadError::Field(name))
}

/// `ORDER_TRADE_UPDATE.o`; letters as the venue documents them.
#[derive(Deserialize)]
struct OrderRecord<'a> {
    #[serde(borrow)]
    s: Cow<'a, str>,
    #[serde(borrow)]
    c: Cow<'a, str>,
    #[serde(rename = "S", borrow)]
    side: Cow<'a, str>,
    f: Option<Cow<'a, str>>,
    #[serde(borrow)]
    q: Cow<'a, str>,
    p: Option<Cow<'a, str>>,
    ap: Option<Cow<'a, str>>,
    sp: Option<Cow<'a, str>>,
    x: Option<Cow<'a, str>>,
    #[serde(rename = "X", borrow)]
    status: Cow<'a, str>,
    i: u64,
    l: Option<Cow<'a, str>>,
    z: Option<Cow<'a, str>>,
    #[serde(rename = "L")]
    last_price: Option<Decimal>,
    #[serde(rename = "N")]
    fee_asset: Option<Cow<'a, str>>,
    n: Option<Decimal>,
    #[serde(rename = "T")]
    traded: Option<i64>,
    t: Option<u64>,
    m: Option<bool>,
    #[serde(rename = "R")]
    reduce_only: Option<bool>,
    rp: Option<Decimal>,
    ps: Option<Cow<'a, str>>,
}

fn order(body: &str, venue_ms: i64, reader: &Reader<'_>) -> Result<Event, ReadError> {
    let record: OrderRecord<'_> = serde_json::from_str(body)?;
    let instrument = reader.instrument(&record.s)?;
    let (status, reason) = read::status(&record.status, record.f.as_deref());
    let client = read::client(&record.c, record.i)?;
    let side = read::side(&record.side)?;
    let leg = read::leg(record.ps.as_deref())?;
    let filled = match record.z.as_deref() {
        Some(text) => read::qty(instrument, text, "z")?,
        None => crate::domain::Qty::ZERO,
    };
    let key = reader.whose.key(instrument.symbol);
    let is_fill = matches!(record.x.as_deref(), Some("TRADE" | "CALCULATED"));
    let fill = match (is_fill, record.t) {
        (true, Some(trade)) if trade > 0 => Some(Box::new(Fill {
            key,
            client,
            order: OrderId::of_number(record.i),
            trade: TradeId::of_number(trade),
            side,
            leg,
            price: record.last_price.ok_or(ReadError::Field("L"))?,
            qty: read::qty(instrument, record.l.as_deref().unwrap_or_default(), "l")?,
            fee: record.n.unwrap_or_default(),
            fee_asset: read::asset_or(record.fee_asset.as_deref(), instrument.settle),
            realised: record.rp,
            liquidity: read::liquidity(record.m.unwrap_or(false)),
            venue_ms: record.traded.unwrap_or(venue_ms),
            at: reader.at,
            recovered: false,
        })),
        _ => None,
    };
    let report = Box::new(OrderReport {
        key,
        order: OrderRef {
            client,
            venue: Some(OrderId::of_number(record.i)),
            class: OrderClass::Regular,
        },
        side,
        leg,
        price: read::price_or_none(instrument, record.p.as_deref(), "p")?,
        trigger: read::price_or_none(instrument, record.sp.as_deref(), "sp")?,
        callback: None,
        triggered: false,
        qty: read::qty(instrument, &record.q, "q")?,
        filled,
        average: read::positive(record.ap.as_deref()),
        reduce_only: read::reduces(record.reduce_only, leg, side),
        status,
        reason,
        venue_ms,
        at: reader.at,
    });
    Ok(Event::Order {
        report,
        fill,
        alarm: alarm(&record.c),
    })
}

/// Client ids of the venue's own orders (long standing; Binance, Event: Order Update, special client order ids).
fn alarm(client: &str) -> Option<&'static str> {
    if client.starts_with("autoclose-") {
        Some("the venue liquidates this position")
    } else if client.starts_with("adl_autoclose") {
        Some("the venue auto-deleverages this position")
    } else if client.starts_with("settlement_autoclose-") {
        Some("the venue settles this position: the symbol is being delisted")
    } else {
        None
    }
}

#[derive(Deserialize)]
struct AccountRecord<'a> {
    #[serde(borrow)]
    m: Option<Cow<'a, str>>,
    #[serde(rename = "S")]
    symbol: Option<Cow<'a, str>>,
    #[serde(rename = "B", borrow, default)]
    balances: Vec<&'a RawValue>,
    #[serde(rename = "P", borrow, default)]
    positions: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct BalanceRecord<'a> {
    #[serde(borrow)]
    a: Cow<'a, str>,
    wb: Decimal,
    bc: Option<Decimal>,
}

#[derive(Deserialize)]
struct PositionRecord<'a> {
    #[serde(borrow)]
    s: Cow<'a, str>,
    pa: Decimal,
    #[serde(default)]
    ep: Decimal,
    ps: Option<Cow<'a, str>>,
}

fn account(body: &str, venue_ms: i64, reader: &Reader<'_>) -> Result<Event, ReadError> {
    let record: AccountRecord<'_> = serde_json::from_str(body)?;
    let mut update = AccountUpdate::default();
    let mut change = None;
    for raw in &record.balances {
        match balance(raw.get()) {
            Ok((balance, changed)) => {
                change = change.or(changed);
                update.balances.push(balance);
            }
            Err(error) => update.bad.push(error),
        }
    }
    for raw in &record.positions {
        match position(raw.get(), venue_ms, reader) {
            Ok(position) => update.positions.push(position),
            Err(error) => update.bad.push(error),
        }
    }
    if record.m.as_deref() == Some("FUNDING_FEE") {
        // The symbol stands beside the reason since August 2026, before that only in the positions.
        let named = record.symbol.and_then(|s| Symbol::new(&s).ok());
        let symbol = named.or_else(|| update.positions.first().map(|p| p.key.symbol));
        update.funding = symbol.zip(change);
    }
    // A hedge account's rows have an empty one-way row among them, which says nothing of the legs.
    if update.positions.iter().any(|p| p.leg.is_some()) {
        update.positions.retain(|p| p.leg.is_some());
    }
    Ok(Event::Account(update))
}

fn balance(body: &str) -> Result<(Balance, Option<Decimal>), ReadError> {
    let record: BalanceRecord<'_> = serde_json::from_str(body)?;
    let balance = Balance {
        asset: Asset::new(&record.a).map_err(|_| ReadError::Field("a"))?,
        wallet: record.wb,
        available: None,
    };
    Ok((balance, record.bc))
}

fn position(body: &str, venue_ms: i64, reader: &Reader<'_>) -> Result<PositionReport, ReadError> {
    let record: PositionRecord<'_> = serde_json::from_str(body)?;
    let symbol = Symbol::new(&record.s).map_err(|_| ReadError::Field("s"))?;
    Ok(PositionReport {
        key: reader.whose.key(symbol),
        leg: read::leg(record.ps.as_deref())?,
        size: record.pa,
        entry: record.ep,
        liquidation: None,
        venue_ms,
        at: reader.at,
    })
}

#[derive(Deserialize)]
struct ConfigRecord<'a> {
    #[serde(borrow)]
    s: Cow<'a, str>,
    l: u32,
}

fn config(ac: Option<&RawValue>) -> Result<Event, ReadError> {
    let Some(ac) = ac else {
        return Ok(Event::Reread);
    };
    let record: ConfigRecord<'_> = serde_json::from_str(ac.get())?;
    let symbol = Symbol::new(&record.s).map_err(|_| ReadError::Field("s"))?;
    Ok(Event::Leverage(symbol, record.l))
}

/// An unreadable margin call is a margin call all the same.
fn margin_call(p: Option<&RawValue>) -> Event {
    #[derive(Deserialize)]
    struct Called<'a> {
        #[serde(borrow)]
        s: Cow<'a, str>,
    }
    let called: Vec<Called<'_>> = p
        .and_then(|p| serde_json::from_str(p.get()).ok())
        .unwrap_or_default();
    let symbols = called
        .iter()
        .filter_map(|called| Symbol::new(&called.s).ok());
    Event::MarginCall(symbols.collect())
}
