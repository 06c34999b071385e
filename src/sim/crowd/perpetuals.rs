//! The perpetuals of the built-in exchange: their filters, and the character of their crowds. Plain data.

use rust_decimal::Decimal;
use rust_decimal::dec;

use super::character::Character;
use crate::domain::decimal::Step;
use crate::domain::{
    Asset, Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};
use crate::sim::market::SymbolSpec;

/// Mark and last price may be 5 % apart for protected conditional orders.
const TRIGGER_PROTECT: Decimal = dec!(0.05);

/// One row of the table below.
struct Row {
    symbol: &'static str,
    base: &'static str,
    tick: &'static str,
    lot: &'static str,
    start: &'static str,
    max_qty: i64,
    max_market_qty: i64,
    min_notional: Decimal,
    band: (Decimal, Decimal),
    max_leverage: u32,
    maintenance: Decimal,
    character: Character,
}

/// The perpetuals, `BTCUSDT` first. Funding every eight hours.
pub fn perpetuals() -> Vec<SymbolSpec> {
    ROWS.iter().filter_map(spec).collect()
}

/// The character of a perpetual's crowd, whatever a wire calls it; of an unknown one it is that of `BTCUSDT`.
/// With the lot that its sizes are counted in.
pub(super) fn character(instrument: &Instrument) -> (Character, &'static str) {
    let row = ROWS.iter().find(|r| r.base == instrument.base.as_str());
    let row = row.unwrap_or(&ROWS[0]);
    (row.character, row.lot)
}

fn spec(row: &Row) -> Option<SymbolSpec> {
    let tick = Step::parse(row.tick).ok()?;
    let lot = Step::parse(row.lot).ok()?;
    let start = Price(tick.count(row.start.as_bytes()).ok()?);
    let instrument = Instrument {
        venue: VenueId::new("sim").ok()?,
        symbol: Symbol::new(row.symbol).ok()?,
        kind: InstrumentKind::Perpetual,
        base: Asset::new(row.base).ok()?,
        quote: Asset::new("USDT").ok()?,
        settle: Asset::new("USDT").ok()?,
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
        band: Some(row.band),
        max_orders: 200,
        status: TradingStatus::Trading,
    };
    Some(SymbolSpec {
        instrument,
        start_price: start,
        max_leverage: row.max_leverage,
        default_leverage: 20,
        maintenance_rate: row.maintenance,
        trigger_protect: TRIGGER_PROTECT,
        funding_interval_ms: 8 * 60 * 60 * 1_000,
    })
}

static ROWS: [Row; 4] = [
    Row {
        symbol: "BTCUSDT",
        base: "BTC",
        tick: "0.1",
        lot: "0.001",
        start: "60000",
        max_qty: 1_000_000,
        max_market_qty: 120_000,
        min_notional: dec!(50),
        band: (dec!(0.95), dec!(1.05)),
        max_leverage: 125,
        maintenance: dec!(0.004),
        character: Character {
            changes: 75.0,
            takes: 1.1,
            news: 3.0,
            reach: 2.6,
            half_spread: 0.7,
            stick: 1.2,
            level: 420.0,
            touch: 7.0,
            hump: 25.0,
            dense: 400,
            far: 4_000,
            coarse: 10,
            holes: 0.04,
            round: 100,
            take: 25.0,
            most: 30_000.0,
            impact: 0.35,
        },
    },
    Row {
        symbol: "ETHUSDT",
        base: "ETH",
        tick: "0.01",
        lot: "0.001",
        start: "3000",
        max_qty: 10_000_000,
        max_market_qty: 2_000_000,
        min_notional: dec!(20),
        band: (dec!(0.95), dec!(1.05)),
        max_leverage: 100,
        maintenance: dec!(0.005),
        character: Character {
            changes: 55.0,
            takes: 0.8,
            news: 2.4,
            reach: 2.0,
            half_spread: 0.8,
            stick: 1.0,
            level: 5_000.0,
            touch: 5.0,
            hump: 18.0,
            dense: 320,
            far: 3_000,
            coarse: 10,
            holes: 0.06,
            round: 100,
            take: 320.0,
            most: 400_000.0,
            impact: 0.25,
        },
    },
    Row {
        symbol: "DOGEUSDT",
        base: "DOGE",
        tick: "0.00001",
        lot: "1",
        start: "0.09",
        max_qty: 50_000_000,
        max_market_qty: 30_000_000,
        min_notional: dec!(5),
        band: (dec!(0.9), dec!(1.1)),
        max_leverage: 75,
        maintenance: dec!(0.0065),
        character: Character {
            changes: 40.0,
            takes: 0.6,
            news: 1.5,
            reach: 0.18,
            half_spread: 0.5,
            stick: 0.85,
            level: 420_000.0,
            touch: 1.0,
            hump: 6.0,
            dense: 160,
            far: 800,
            coarse: 5,
            holes: 0.0,
            round: 50,
            take: 2_500.0,
            most: 900_000.0,
            impact: 0.012,
        },
    },
    Row {
        symbol: "KAVAUSDT",
        base: "KAVA",
        tick: "0.0001",
        lot: "0.1",
        start: "0.45",
        max_qty: 10_000_000,
        max_market_qty: 2_000_000,
        min_notional: dec!(5),
        band: (dec!(0.9), dec!(1.1)),
        max_leverage: 50,
        maintenance: dec!(0.01),
        character: Character {
            changes: 9.0,
            takes: 0.09,
            news: 0.5,
            reach: 0.7,
            half_spread: 2.6,
            stick: 1.4,
            level: 6_000.0,
            touch: 0.7,
            hump: 14.0,
            dense: 200,
            far: 1_000,
            coarse: 5,
            holes: 0.3,
            round: 50,
            take: 900.0,
            most: 150_000.0,
            impact: 0.25,
        },
    },
];
