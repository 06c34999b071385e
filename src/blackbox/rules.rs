//! An instrument's rules as JSON with decimal text, and back.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::decimal::Step;
use crate::domain::{
    Asset, Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};

/// What of the rules a picture of the market needs; bounds of orders stay away, since nothing is ordered on a recording.
#[derive(Serialize, Deserialize)]
struct Rules {
    venue: String,
    symbol: String,
    kind: String,
    base: String,
    quote: String,
    settle: String,
    tick: String,
    lot: String,
    multiplier: Decimal,
    unit: String,
    payoff: String,
    min_qty: String,
    min_notional: Decimal,
}

const KINDS: [(&str, InstrumentKind); 3] = [
    ("perpetual", InstrumentKind::Perpetual),
    ("dated", InstrumentKind::Dated),
    ("spot", InstrumentKind::Spot),
];
const UNITS: [(&str, Unit); 3] = [
    ("base", Unit::Base),
    ("contract", Unit::Contract),
    ("quote", Unit::Quote),
];
const PAYOFFS: [(&str, Payoff); 2] = [("linear", Payoff::Linear), ("inverse", Payoff::Inverse)];

/// The word of a value in its table.
pub fn word<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    let found = table.iter().find(|(_, known)| known == value);
    found.map_or("", |(word, _)| word)
}

/// The value of a word in its table.
pub fn value<T: Copy>(table: &[(&'static str, T)], word: &str) -> Option<T> {
    let found = table.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value)
}

/// The rules as one JSON object.
pub fn write(of: &Instrument) -> String {
    let rules = Rules {
        venue: of.venue.to_string(),
        symbol: of.symbol.to_string(),
        kind: word(&KINDS, &of.kind).to_owned(),
        base: of.base.to_string(),
        quote: of.quote.to_string(),
        settle: of.settle.to_string(),
        tick: of.tick.text(1),
        lot: of.lot.text(1),
        multiplier: of.multiplier,
        unit: word(&UNITS, &of.unit).to_owned(),
        payoff: word(&PAYOFFS, &of.payoff).to_owned(),
        min_qty: of.qty_text(of.min_qty),
        min_notional: of.min_notional,
    };
    // A struct of texts and numbers is always JSON.
    serde_json::to_string(&rules).unwrap_or_default()
}

/// The rules of a JSON object; `None` where it is none.
pub fn read(text: &str) -> Option<Instrument> {
    let rules: Rules = serde_json::from_str(text).ok()?;
    let asset = |name: &str| Asset::new(name).ok();
    let lot = Step::parse(&rules.lot).ok()?;
    Some(Instrument {
        venue: VenueId::new(&rules.venue).ok()?,
        symbol: Symbol::new(&rules.symbol).ok()?,
        kind: value(&KINDS, &rules.kind)?,
        base: asset(&rules.base)?,
        quote: asset(&rules.quote)?,
        settle: asset(&rules.settle)?,
        tick: Step::parse(&rules.tick).ok()?,
        lot,
        multiplier: rules.multiplier,
        unit: value(&UNITS, &rules.unit)?,
        payoff: value(&PAYOFFS, &rules.payoff)?,
        min_price: Price(1),
        max_price: Price(i64::MAX),
        min_qty: Qty(lot.count(rules.min_qty.as_bytes()).ok()?),
        max_qty: Qty(i64::MAX),
        max_market_qty: Qty(i64::MAX),
        min_notional: rules.min_notional,
        band: None,
        max_orders: 0,
        status: TradingStatus::Trading,
    })
}
