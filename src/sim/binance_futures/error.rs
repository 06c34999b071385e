//! The venue's refusals: HTTP status, code and words as it documents them.

use crate::sim::binance::digits::plain;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{Refuse, SymbolSpec};

/// What the market's refusal is called on this wire (Binance, Futures error codes).
pub fn of_market(refuse: Refuse, spec: Option<&SymbolSpec>) -> Refused {
    let price = |at| spec.map_or_else(String::new, |s| plain(s.instrument.price_decimal(at)));
    let (code, words) = words(refuse);
    let text = match refuse {
        Refuse::BandTooHigh(at) | Refuse::BandTooLow(at) => format!("{words} {}.", price(at)),
        Refuse::NotionalTooSmall(least) => {
            format!("{words} {} (unless you choose reduce only).", plain(least))
        }
        _ => words.to_owned(),
    };
    Refused::new(code, text)
}

/// Code and words; where a number belongs into the sentence, what stands before it.
#[rustfmt::skip]
const fn words(refuse: Refuse) -> (i32, &'static str) {
    match refuse {
        Refuse::UnknownSymbol => (-1121, "Invalid symbol."),
        Refuse::UnknownAccount => (-2015, "Invalid API-key, IP, or permissions for action."),
        Refuse::UnknownOrder => (-2013, "Order does not exist."),
        Refuse::NotTrading => (-4140, "Invalid symbol status for opening position."),
        Refuse::DuplicateClientId => (-4116, "ClientOrderId is duplicated."),
        Refuse::QtyTooSmall => (-4004, "Quantity less than min quantity."),
        Refuse::QtyTooLarge | Refuse::Overflow => (-4005, "Quantity greater than max quantity."),
        Refuse::PriceTooLow => (-4013, "Price less than min price."),
        Refuse::PriceTooHigh => (-4002, "Price greater than max price."),
        Refuse::BandTooHigh(_) => (-4016, "Limit price can't be higher than"),
        Refuse::BandTooLow(_) => (-4024, "Limit price can't be lower than"),
        Refuse::MarketOutsideBand => (-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."),
        Refuse::NotionalTooSmall(_) => (-4164, "Order's notional must be no smaller than"),
        Refuse::ReduceOnlyRejected => (-2022, "ReduceOnly Order is rejected."),
        Refuse::ReduceOnlyCovered => (-4118, "ReduceOnly Order Failed. Please check your existing position and open orders"),
        // Only of spot symbols, and there are none here.
        Refuse::BalanceInsufficient => (-2018, "Balance is insufficient."),
        Refuse::Spot => (-1121, "Invalid symbol."),
        Refuse::MarginInsufficient => (-2019, "Margin is insufficient."),
        Refuse::TooManyOrders => (-2025, "Reach max open order limit."),
        Refuse::PostOnlyWouldTake => (-5022, "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history"),
        Refuse::FokNotFillable => (-5021, "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history"),
        Refuse::LeverageIsolated => (-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions."),
        Refuse::MarginModeNoChange => (-4046, "No need to change margin type."),
        Refuse::MarginModeOrders => (-4047, "Margin type cannot be changed if there exists open orders."),
        Refuse::MarginModePosition => (-4048, "Margin type cannot be changed if there exists position."),
        Refuse::NotIsolated => (-4049, "Add margin only support for isolated position."),
        Refuse::CrossTooSmall => (-4050, "Cross balance insufficient."),
        Refuse::IsolatedTooSmall => (-4051, "Isolated balance insufficient."),
        Refuse::NoPosition => (-4054, "Cannot add position margin: position is 0."),
        Refuse::DuplicateAlgoId => (-20132, "The client algo id is duplicated."),
        Refuse::WouldTrigger => (-2021, "Order would immediately trigger."),
        Refuse::CloseExists => (-4130, "An open stop or take profit order with GTE and closePosition in the direction is existing."),
        Refuse::CloseNeedsPosition => (-4509, "Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions are available."),
        Refuse::TooManyAlgos => (-4045, "Reach max stop order limit."),
        Refuse::NoChange => (-5027, "No need to modify the order."),
        Refuse::AmendLimitOnly => (-5025, "Only limit order is supported."),
        Refuse::AmendSide => (-1117, "Invalid side."),
        Refuse::TooManyAmends => (-5026, "Exceed maximum modify order limit."),
        Refuse::PositionSide => (-4061, "Order's position side does not match user's setting."),
        Refuse::LeverageInvalid => (-4028, "Leverage is not valid."),
        Refuse::LeverageTooSmall => (-2028, "Leverage is smaller than permitted: insufficient margin balance."),
        Refuse::PositionModeNoChange => (-4059, "No need to change position side."),
        Refuse::PositionModeOrders => (-4067, "Position side cannot be changed if there exists open orders."),
        Refuse::PositionModePosition => (-4068, "Position side cannot be changed if there exists position."),
    }
}
