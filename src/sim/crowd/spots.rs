//! The spot pairs of the built-in exchange: their filters, and the character of their crowds. Plain data.
//!
//! Named `BASE/QUOTE`, so that one market may have a perpetual of the same coins beside them; what a wire calls them is its business.

use rust_decimal::Decimal;
use rust_decimal::dec;

use super::character::Character;
use crate::domain::decimal::Step;
use crate::domain::{
    Asset, Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};
use crate::sim::market::SymbolSpec;

/// Orders may be this far from the average price, fractions of it (Binance spot, PERCENT_PRICE_BY_SIDE of most pairs).
const BAND: (Decimal, Decimal) = (dec!(0.2), dec!(5));

/// One row of the table below.
struct Row {
    base: &'static str,
    quote: &'static str,
    tick: &'static str,
    lot: &'static str,
    start: &'static str,
    max_qty: i64,
    max_market_qty: i64,
    min_notional: Decimal,
    character: Character,
}

/// The spot pairs, `BTC/USDT` first.
pub fn spots() -> Vec<SymbolSpec> {
    ROWS.iter().filter_map(spec).collect()
}

/// The character of a pair's crowd, whatever a wire calls it; of an unknown one it is that of `BTC/USDT`.
/// With the lot that its sizes are counted in.
pub(super) fn character(instrument: &Instrument) -> (Character, &'static str) {
    let pair = (instrument.base.as_str(), instrument.quote.as_str());
    let row = ROWS.iter().find(|r| (r.base, r.quote) == pair);
    let row = row.unwrap_or(&ROWS[0]);
    (row.character, row.lot)
}

fn spec(row: &Row) -> Option<SymbolSpec> {
    let tick = Step::parse(row.tick).ok()?;
    let lot = Step::parse(row.lot).ok()?;
    let start = Price(tick.count(row.start.as_bytes()).ok()?);
    let quote = Asset::new(row.quote).ok()?;
    let instrument = Instrument {
        venue: VenueId::new("sim").ok()?,
        symbol: Symbol::new(&format!("{}/{}", row.base, row.quote)).ok()?,
        kind: InstrumentKind::Spot,
        base: Asset::new(row.base).ok()?,
        quote,
        settle: quote,
        tick,
        lot,
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(start.0.saturating_mul(100)),
        min_qty: Qty(1),
        max_qty: Qty(row.max_qty),
        max_market_qty: Qty(row.max_market_qty),
        min_notional: row.min_notional,
        band: Some(BAND),
        max_orders: 200,
        status: TradingStatus::Trading,
    };
    Some(SymbolSpec {
        instrument,
        start_price: start,
        max_leverage: 1,
        default_leverage: 1,
        maintenance_rate: Decimal::ZERO,
        trigger_protect: Decimal::ZERO,
        funding_interval_ms: 0,
    })
}

static ROWS: [Row; 4] = [
    Row {
        base: "BTC",
        quote: "USDT",
        tick: "0.01",
        lot: "0.00001",
        start: "60000",
        max_qty: 900_000_000,
        max_market_qty: 10_000_000,
        min_notional: dec!(5),
        character: Character {
            changes: 60.0,
            takes: 0.8,
            news: 2.6,
            reach: 20.0,
            half_spread: 0.5,
            stick: 9.0,
            level: 4_000.0,
            touch: 40.0,
            hump: 150.0,
            dense: 900,
            far: 20_000,
            coarse: 50,
            holes: 0.4,
            round: 1_000,
            take: 900.0,
            most: 1_500_000.0,
            impact: 2.5,
        },
    },
    Row {
        base: "ETH",
        quote: "USDT",
        tick: "0.01",
        lot: "0.0001",
        start: "3000",
        max_qty: 90_000_000,
        max_market_qty: 20_000_000,
        min_notional: dec!(5),
        character: Character {
            changes: 45.0,
            takes: 0.6,
            news: 2.0,
            reach: 1.8,
            half_spread: 0.5,
            stick: 0.9,
            level: 30_000.0,
            touch: 5.0,
            hump: 18.0,
            dense: 320,
            far: 3_000,
            coarse: 10,
            holes: 0.1,
            round: 100,
            take: 1_800.0,
            most: 2_000_000.0,
            impact: 0.22,
        },
    },
    Row {
        base: "DOGE",
        quote: "USDT",
        tick: "0.00001",
        lot: "1",
        start: "0.09",
        max_qty: 9_000_000,
        max_market_qty: 4_000_000,
        min_notional: dec!(1),
        character: Character {
            changes: 30.0,
            takes: 0.5,
            news: 1.3,
            reach: 0.18,
            half_spread: 0.5,
            stick: 0.85,
            level: 200_000.0,
            touch: 1.0,
            hump: 6.0,
            dense: 160,
            far: 800,
            coarse: 5,
            holes: 0.0,
            round: 50,
            take: 1_500.0,
            most: 500_000.0,
            impact: 0.012,
        },
    },
    Row {
        base: "ETH",
        quote: "BTC",
        tick: "0.00001",
        lot: "0.0001",
        start: "0.05",
        max_qty: 1_000_000_000,
        max_market_qty: 20_000_000,
        min_notional: dec!(0.0001),
        character: Character {
            changes: 20.0,
            takes: 0.2,
            news: 0.8,
            reach: 0.2,
            half_spread: 0.5,
            stick: 0.9,
            level: 200_000.0,
            touch: 1.0,
            hump: 6.0,
            dense: 160,
            far: 800,
            coarse: 5,
            holes: 0.05,
            round: 50,
            take: 3_000.0,
            most: 300_000.0,
            impact: 0.02,
        },
    },
];
