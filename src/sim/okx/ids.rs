//! Ids as this venue writes them: long whole numbers as text, too large for a float.

use crate::domain::Instrument;
use crate::sim::market::{Leg, Status, SymbolNo, UserTrade};

/// What is added to the market's ids: the venue's have nineteen digits.
const BASE: u64 = 2_510_000_000_000_000_000;
/// Where bills begin.
const BILLS: u64 = 680_000_000_000_000_000;
/// The instrument code of the first symbol.
const FIRST_CODE: i64 = 10_459;
/// The account's user id.
pub const UID: &str = "44705892343619584";

/// An order or conditional order of the market by its id here.
pub fn shown(id: u64) -> String {
    BASE.saturating_add(id).to_string()
}

/// The market's id of what is called so here; zero, which is nobody's, for anything else.
pub fn meant(text: &str) -> u64 {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let id = text.parse::<u64>().ok().filter(|_| digits);
    id.and_then(|id| id.checked_sub(BASE)).unwrap_or(0)
}

/// The bill of a fill.
pub fn bill(fill: &UserTrade) -> u64 {
    let places = u64::from(fill.symbol.0) * 2 + u64::from(fill.maker);
    BILLS
        .saturating_add(fill.trade.saturating_mul(1_000))
        .saturating_add(places)
}

/// `instIdCode`: what sockets call an instrument.
pub fn code(symbol: SymbolNo) -> i64 {
    FIRST_CODE + i64::from(symbol.0)
}

/// The symbol of an `instIdCode`.
pub fn symbol_of(code: i64) -> Option<SymbolNo> {
    let at = code.checked_sub(FIRST_CODE)?;
    u16::try_from(at).ok().map(SymbolNo)
}

/// The position of a leg.
pub fn position(symbol: SymbolNo, leg: Leg) -> String {
    let leg = match leg {
        Leg::Both => 1,
        Leg::Long => 2,
        Leg::Short => 3,
    };
    let id = 307_173_036_051_017_730 + u64::from(symbol.0) * 10 + leg;
    id.to_string()
}

/// The pair behind an instrument: `BTC-USDT` of `BTC-USDT-SWAP`.
pub fn family(instrument: &Instrument) -> String {
    format!("{}-{}", instrument.base, instrument.quote)
}

/// `posSide`.
pub const fn leg(leg: Leg) -> &'static str {
    match leg {
        Leg::Both => "net",
        Leg::Long => "long",
        Leg::Short => "short",
    }
}

/// `state` of an order.
pub const fn state(status: Status) -> &'static str {
    match status {
        Status::New => "live",
        Status::PartiallyFilled => "partially_filled",
        Status::Filled => "filled",
        Status::Cancelled | Status::Expired | Status::ExpiredInMatch => "canceled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back_and_nothing_else_is() {
        assert_eq!(shown(7), "2510000000000000007");
        assert_eq!(meant(&shown(7)), 7);
        for other in [
            "",
            "7",
            "+2510000000000000007",
            "x",
            "99999999999999999999999",
        ] {
            assert_eq!(meant(other), 0, "{other}");
        }
        assert_eq!(symbol_of(code(SymbolNo(3))), Some(SymbolNo(3)));
        assert_eq!(symbol_of(10_458), None);
        assert_eq!(symbol_of(i64::MIN), None);
    }
}
