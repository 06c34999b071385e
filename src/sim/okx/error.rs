//! The venue's refusals: code, words and HTTP status as it documents them (OKX, "Error Code").

use serde_json::{Value, json};

use super::digits;
use crate::sim::market::{Refuse, SymbolSpec};

/// A refusal on its way to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status of REST.
    pub status: u16,
    /// The venue's code.
    pub code: u32,
    /// Its words.
    pub text: String,
}

impl Refused {
    /// A refusal that comes with status 200, as those of orders do.
    pub fn new(code: u32, text: impl Into<String>) -> Self {
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

    /// Nothing of the credentials is right.
    pub fn credentials(code: u32, text: impl Into<String>) -> Self {
        Self::new(code, text).with_status(401)
    }

    /// JSON that cannot be read.
    pub fn json() -> Self {
        Self::new(50002, "JSON syntax error").with_status(400)
    }

    /// A parameter that has to be there is not.
    pub fn empty(name: &str) -> Self {
        Self::new(50014, format!("Parameter {name} can not be empty.")).with_status(400)
    }

    /// One of two parameters has to be there.
    pub fn either(one: &str, other: &str) -> Self {
        Self::new(
            50015,
            format!("Either parameter {one} or {other} is required"),
        )
        .with_status(400)
    }

    /// A parameter holds something that it may not.
    pub fn invalid(name: &str) -> Self {
        Self::new(51000, format!("Parameter {name} error"))
    }

    /// No such instrument.
    pub fn instrument() -> Self {
        Self::new(
            51001,
            "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
        )
    }

    /// Too many requests.
    pub fn too_many() -> Self {
        Self::new(50011, "Too Many Requests").with_status(429)
    }

    /// The JSON of the whole answer. Refusals of credentials have no `data`.
    pub fn body(&self) -> Value {
        let code = self.code.to_string();
        match self.status {
            401 => json!({"msg": self.text, "code": code}),
            _ => json!({"code": code, "data": [], "msg": self.text}),
        }
    }
}

/// The market's refusal of an order as this venue words it.
pub fn of_market(refuse: Refuse, spec: Option<&SymbolSpec>) -> Refused {
    let at = |price| spec.map_or_else(String::new, |spec| digits::price(&spec.instrument, price));
    let (code, text) = match refuse {
        Refuse::UnknownSymbol => return Refused::instrument(),
        Refuse::BandTooHigh(limit) => (
            51137,
            format!(
                "Your opening price has triggered the limit price, and the max buy price is {}",
                at(limit)
            ),
        ),
        Refuse::BandTooLow(limit) => (
            51138,
            format!(
                "Your opening price has triggered the limit price, and the min sell price is {}",
                at(limit)
            ),
        ),
        other => {
            let (code, text) = plainly(other);
            (code, text.to_owned())
        }
    };
    Refused::new(code, text)
}

#[rustfmt::skip]
const fn plainly(refuse: Refuse) -> (u32, &'static str) {
    match refuse {
        Refuse::UnknownSymbol => (51001, "Instrument ID, Instrument ID code, or Spread ID doesn't exist."),
        Refuse::UnknownAccount => (50008, "User does not exist."),
        Refuse::UnknownOrder => (51603, "Order does not exist"),
        Refuse::NotTrading => (51022, "Contract suspended."),
        Refuse::DuplicateClientId => (51016, "Client order ID already exists."),
        Refuse::QtyTooSmall => (51020, "Order amount should be greater than the min available amount."),
        Refuse::QtyTooLarge => (51202, "Market order amount exceeds the max amount."),
        Refuse::PriceTooLow | Refuse::PriceTooHigh | Refuse::Overflow => (51000, "Parameter px error"),
        Refuse::BandTooHigh(_) | Refuse::BandTooLow(_) => (51006, "Order price is not within the price limit."),
        Refuse::MarketOutsideBand => (51109, "Currently no available offer."),
        Refuse::NotionalTooSmall(_) => (51020, "Order amount should be greater than the min available amount."),
        Refuse::ReduceOnlyRejected => (51169, "Order failed because you don't have any positions in this direction for this contract to reduce or close."),
        Refuse::ReduceOnlyCovered => (51112, "Close order size exceeds available size for this position."),
        Refuse::MarginInsufficient => (51008, "Order failed. Insufficient USDT margin in account"),
        Refuse::BalanceInsufficient => (51008, "Order failed. Insufficient balance in account"),
        Refuse::Spot => (51010, "You can't complete this request under your current account mode."),
        Refuse::TooManyOrders => (51025, "Order count exceeds the limit."),
        Refuse::PostOnlyWouldTake => (51511, "Operation failed as the order price doesn't meet the requirement for Post Only."),
        Refuse::FokNotFillable => (51109, "Currently no available offer."),
        Refuse::NoChange => (51500, "You must enter a price, quantity, or TP/SL"),
        Refuse::AmendLimitOnly => (51506, "Order modification unavailable for the order type."),
        Refuse::AmendSide => (51000, "Parameter side error"),
        Refuse::TooManyAmends => (51513, "Number of modification requests that are currently in progress for an order cannot exceed 3."),
        Refuse::PositionSide => (51000, "Parameter posSide error"),
        Refuse::LeverageInvalid => (59102, "Leverage exceeds the maximum limit. Please lower the leverage."),
        Refuse::LeverageTooSmall => (59103, "Leverage is too low and no sufficient margin in your account. Please raise the leverage."),
        Refuse::LeverageIsolated => (59100, "You have open positions. Please cancel all open positions before changing the leverage."),
        Refuse::PositionModeNoChange => (51000, "Parameter posMode error"),
        Refuse::PositionModeOrders | Refuse::PositionModePosition => (59000, "Setting failed. Cancel any open orders, close positions, and stop trading bots first."),
        Refuse::DuplicateAlgoId => (51065, "algoClOrdId already exists."),
        Refuse::WouldTrigger => (51280, "SL trigger price cannot be higher than the last price"),
        Refuse::CloseExists => (51299, "Order failed. Too many orders of this type are open."),
        Refuse::CloseNeedsPosition => (51023, "Position doesn't exist."),
        Refuse::TooManyAlgos => (51299, "Order failed. Too many orders of this type are open."),
        // Here the margin mode goes with the order, and one symbol has one at a time.
        Refuse::MarginModeNoChange | Refuse::MarginModeOrders | Refuse::MarginModePosition => (51010, "You can't complete this request under your current account mode."),
        Refuse::NotIsolated | Refuse::NoPosition => (59300, "Margin call failed. Position does not exist."),
        Refuse::CrossTooSmall => (59200, "Insufficient account balance."),
        Refuse::IsolatedTooSmall => (59301, "Margin adjustment failed for exceeding the max limit."),
    }
}
