//! The venue's refusals: `retCode` and words as it documents them (Bybit v5, "Error Codes").

use super::category::Category;
use super::digits::plain;
use crate::sim::market::{Refuse, SymbolSpec};

/// A refusal on its way to the client. Business errors are HTTP 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// `retCode`.
    pub code: i32,
    /// `retMsg`.
    pub text: String,
}

impl Refused {
    /// A refusal with status 200.
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self {
            status: 200,
            code,
            text: text.into(),
        }
    }

    /// The same with another status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// A parameter that has to be there is not, or holds something that it may not.
    pub fn params(what: &str) -> Self {
        Self::new(10001, format!("params error: {what}"))
    }

    /// The exchange does not do this.
    pub fn unsupported(what: &str) -> Self {
        Self::new(10001, format!("{what} is not supported by this exchange"))
    }

    /// No such instrument in the category.
    pub fn symbol(category: Category) -> Self {
        match category {
            Category::Linear => Self::new(10001, "params error: symbol invalid"),
            Category::Spot => Self::new(170_121, "Invalid symbol."),
        }
    }

    /// The order asked for is not open, or was never there.
    pub fn no_order(category: Category) -> Self {
        match category {
            Category::Linear => Self::new(110_001, "order not exists or too late to cancel"),
            Category::Spot => Self::new(170_213, "Order does not exist."),
        }
    }

    /// The order has another's `orderLinkId`.
    pub fn duplicate(category: Category) -> Self {
        match category {
            Category::Linear => Self::new(110_072, "OrderLinkedID is duplicate"),
            Category::Spot => Self::new(170_141, "Duplicate clientOrderId"),
        }
    }
}

/// What the market's refusal of an order or a setting is called on this wire.
pub fn of_market(refuse: Refuse, spec: Option<&SymbolSpec>) -> Refused {
    let category = spec.map_or(Category::Linear, Category::of);
    let (code, words) = match category {
        Category::Linear => linear(refuse),
        Category::Spot => spot(refuse),
    };
    match refuse {
        Refuse::NotionalTooSmall(least) => {
            let coin = spec.map_or("", |spec| spec.instrument.quote.as_str());
            Refused::new(code, format!("{words}{}{coin}", plain(least)))
        }
        _ => Refused::new(code, words),
    }
}

#[rustfmt::skip]
const fn linear(refuse: Refuse) -> (i32, &'static str) {
    match refuse {
        Refuse::UnknownSymbol => (10001, "params error: symbol invalid"),
        Refuse::UnknownAccount => (10003, "API key is invalid."),
        Refuse::UnknownOrder => (110_001, "order not exists or too late to cancel"),
        Refuse::NotTrading => (110_065, "No trading is allowed at the current time"),
        Refuse::DuplicateClientId | Refuse::DuplicateAlgoId => (110_072, "OrderLinkedID is duplicate"),
        Refuse::QtyTooSmall => (10001, "The number of contracts exceeds minimum limit allowed"),
        Refuse::QtyTooLarge | Refuse::Overflow => (10001, "The number of contracts exceeds maximum limit allowed: too large"),
        Refuse::PriceTooLow | Refuse::PriceTooHigh | Refuse::BandTooHigh(_) | Refuse::BandTooLow(_) => (110_003, "Order price exceeds the allowable range."),
        Refuse::MarketOutsideBand => (110_003, "Order price is out of permissible range"),
        Refuse::NotionalTooSmall(_) => (110_094, "Order does not meet minimum order value "),
        Refuse::ReduceOnlyRejected => (110_017, "current position is zero, cannot fix reduce-only order qty"),
        Refuse::ReduceOnlyCovered => (110_017, "ReduceOnly rule not satisfied: open reduce-only orders cover the position"),
        Refuse::Spot => (10001, "Illegal category"),
        Refuse::BalanceInsufficient | Refuse::MarginInsufficient | Refuse::LeverageTooSmall | Refuse::CrossTooSmall | Refuse::IsolatedTooSmall => (110_007, "ab not enough for new order"),
        Refuse::TooManyOrders | Refuse::TooManyAmends => (110_020, "Cannot have more than 500 active orders."),
        Refuse::PostOnlyWouldTake | Refuse::FokNotFillable => (10001, "the order was refused by the matching engine"),
        Refuse::LeverageIsolated | Refuse::LeverageInvalid => (110_013, "Cannot set leverage due to risk limit level."),
        Refuse::MarginModeNoChange => (110_026, "Cross/isolated margin mode is not modified"),
        Refuse::MarginModeOrders => (110_028, "Open orders exist, so you cannot change margin mode"),
        Refuse::MarginModePosition => (110_024, "You have an existing position, so margin mode cannot be switched"),
        Refuse::NotIsolated => (110_015, "The position is in cross margin."),
        Refuse::NoPosition => (110_034, "There is no net position"),
        Refuse::WouldTrigger => (110_092, "the trigger price is already reached"),
        Refuse::CloseExists => (10001, "such a take profit or stop loss of the position exists already"),
        Refuse::CloseNeedsPosition => (10001, "can not set tp/sl/ts for zero position"),
        Refuse::TooManyAlgos => (110_009, "The number of stop orders exceeds maximum limit allowed"),
        Refuse::NoChange => (10001, "The order remains unchanged as the parameters entered match the existing ones."),
        Refuse::AmendLimitOnly => (10001, "only limit orders can be amended"),
        Refuse::AmendSide => (10001, "params error: side invalid"),
        Refuse::PositionSide => (10001, "position idx not match position mode"),
        Refuse::PositionModeNoChange => (110_025, "Position mode is not modified"),
        Refuse::PositionModeOrders => (110_028, "Open orders exist, so you cannot change position mode"),
        Refuse::PositionModePosition => (110_024, "You have an existing position, so position mode cannot be switched"),
    }
}

#[rustfmt::skip]
const fn spot(refuse: Refuse) -> (i32, &'static str) {
    match refuse {
        Refuse::UnknownSymbol => (170_121, "Invalid symbol."),
        Refuse::UnknownOrder => (170_213, "Order does not exist."),
        Refuse::DuplicateClientId | Refuse::DuplicateAlgoId => (170_141, "Duplicate clientOrderId"),
        Refuse::QtyTooSmall => (170_136, "Order quantity lower than the minimum."),
        Refuse::QtyTooLarge | Refuse::Overflow => (170_135, "Order quantity exceeded upper limit."),
        Refuse::PriceTooHigh => (170_132, "Order price too high."),
        Refuse::PriceTooLow => (170_133, "Order price lower than the minimum."),
        Refuse::BandTooHigh(_) => (170_193, "Buy order price cannot be higher than the limit."),
        Refuse::BandTooLow(_) => (170_194, "Sell order price cannot be lower than the limit."),
        Refuse::NotionalTooSmall(_) => (170_140, "Order value exceeded lower limit "),
        Refuse::BalanceInsufficient | Refuse::MarginInsufficient | Refuse::LeverageTooSmall => (170_131, "Insufficient balance."),
        Refuse::TooManyOrders | Refuse::TooManyAlgos => (170_810, "Exceeded the maximum number of orders."),
        other => linear(other),
    }
}
