//! The market's refusals as the venue words them.

use crate::sim::binance::refused::Refused;
use crate::sim::market::{Kind, Refuse};

/// What the market's refusal is called on this wire (Binance, Error codes: messages for -1010, -2010 and -2011, filter failures).
pub fn of_market(refuse: Refuse, kind: Kind) -> Refused {
    let lot = match kind {
        Kind::Limit { .. } => "LOT_SIZE",
        Kind::Market => "MARKET_LOT_SIZE",
    };
    match refuse {
        Refuse::UnknownSymbol => Refused::symbol(),
        Refuse::UnknownOrder => Refused::no_order(),
        Refuse::NotTrading => Refused::new(-1013, "Market is closed."),
        Refuse::QtyTooSmall | Refuse::QtyTooLarge | Refuse::Overflow => filter(lot),
        Refuse::PriceTooLow | Refuse::PriceTooHigh => filter("PRICE_FILTER"),
        Refuse::BandTooHigh(_) | Refuse::BandTooLow(_) | Refuse::MarketOutsideBand => {
            filter("PERCENT_PRICE_BY_SIDE")
        }
        Refuse::NotionalTooSmall(_) => filter("NOTIONAL"),
        Refuse::TooManyOrders => filter("MAX_NUM_ORDERS"),
        Refuse::DuplicateClientId => rejected("Duplicate order sent."),
        Refuse::BalanceInsufficient => {
            rejected("Account has insufficient balance for requested action.")
        }
        Refuse::PostOnlyWouldTake => rejected("Order would immediately match and take."),
        _ => Refused::unsupported(),
    }
}

/// A filter refuses before the order reaches the matching engine.
pub fn filter(name: &str) -> Refused {
    Refused::new(-1013, format!("Filter failure: {name}"))
}

/// The matching engine refuses.
pub fn rejected(words: &str) -> Refused {
    Refused::new(-2010, words)
}

/// The order to be cancelled is not there.
pub fn no_order_to_cancel() -> Refused {
    Refused::new(-2011, "Unknown order sent.")
}
