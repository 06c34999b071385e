//! Why the market refuses. The venue's codes are the server's business.

use rust_decimal::Decimal;

use crate::domain::Price;

/// Why an order, a change or a setting was refused; nothing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refuse {
    /// No such symbol.
    #[error("no such symbol")]
    UnknownSymbol,
    /// No such account.
    #[error("no such account")]
    UnknownAccount,
    /// No open order of that name.
    #[error("no such open order")]
    UnknownOrder,
    /// The symbol does not trade now.
    #[error("the symbol does not trade now")]
    NotTrading,
    /// Another open order of the account has this client id.
    #[error("an open order already has this client id")]
    DuplicateClientId,
    /// Size at or below zero, or under the smallest.
    #[error("the size is below the smallest")]
    QtyTooSmall,
    /// Size over the largest for this kind of order.
    #[error("the size is above the largest")]
    QtyTooLarge,
    /// Price at or below zero, or under the filter's lowest.
    #[error("the price is below the lowest")]
    PriceTooLow,
    /// Price over the filter's highest.
    #[error("the price is above the highest")]
    PriceTooHigh,
    /// A buy above the band around the mark; the highest allowed, ticks.
    #[error("the price is above the band around the mark")]
    BandTooHigh(Price),
    /// A sell below the band around the mark; the lowest allowed, ticks.
    #[error("the price is below the band around the mark")]
    BandTooLow(Price),
    /// A market order whose best counterparty lies outside the band.
    #[error("the best counterparty lies outside the band around the mark")]
    MarketOutsideBand,
    /// Price × size under the smallest, which is given in quote currency. Reduce-only orders pass.
    #[error("the order is worth less than the smallest")]
    NotionalTooSmall(Decimal),
    /// Reduce-only without a position that it would reduce.
    #[error("reduce-only, but there is no position that it would reduce")]
    ReduceOnlyRejected,
    /// Reduce-only, but open reduce-only orders already cover the position, or would with this one exceed it.
    #[error("open reduce-only orders already cover the position")]
    ReduceOnlyCovered,
    /// Not enough of the coin that the order would pay with.
    #[error("the balance is insufficient")]
    BalanceInsufficient,
    /// Positions, leverage, reduce-only and conditional orders are of perpetuals alone.
    #[error("a spot symbol has no positions, no leverage and no conditional orders")]
    Spot,
    /// Not enough margin.
    #[error("margin is insufficient")]
    MarginInsufficient,
    /// As many open orders on the symbol as the venue allows.
    #[error("too many open orders")]
    TooManyOrders,
    /// Post-only that would take.
    #[error("post-only, but it would take")]
    PostOnlyWouldTake,
    /// Fill-or-kill that cannot be filled whole.
    #[error("fill-or-kill, but it cannot be filled whole")]
    FokNotFillable,
    /// A change that changes nothing.
    #[error("nothing would change")]
    NoChange,
    /// A change of an order that is no limit order.
    #[error("only limit orders can be changed")]
    AmendLimitOnly,
    /// The stated side is not the order's.
    #[error("the side cannot change")]
    AmendSide,
    /// More changes of one order than the venue allows.
    #[error("the order was changed too often")]
    TooManyAmends,
    /// The position stated is not one that the account's mode has.
    #[error("the position stated is not one of the account's mode")]
    PositionSide,
    /// Leverage below 1 or above the symbol's highest.
    #[error("no such leverage")]
    LeverageInvalid,
    /// The margin left would not carry positions and orders at that leverage.
    #[error("the margin does not carry that leverage")]
    LeverageTooSmall,
    /// The position mode is set already.
    #[error("the position mode is set already")]
    PositionModeNoChange,
    /// The position mode cannot change while orders are open.
    #[error("the position mode cannot change while orders are open")]
    PositionModeOrders,
    /// The position mode cannot change while a position is open.
    #[error("the position mode cannot change while a position is open")]
    PositionModePosition,
    /// Another waiting conditional order of the account has this client id.
    #[error("a waiting conditional order already has this client id")]
    DuplicateAlgoId,
    /// A conditional order whose trigger is met already.
    #[error("the order would trigger at once")]
    WouldTrigger,
    /// A second conditional order that closes the whole position in one direction, both stops or both takes.
    #[error("such an order that closes the position is there already")]
    CloseExists,
    /// A conditional order that closes the whole position where there is none.
    #[error("there is no position that it could close")]
    CloseNeedsPosition,
    /// As many waiting conditional orders as the venue allows.
    #[error("too many waiting conditional orders")]
    TooManyAlgos,
    /// Less leverage for an isolated position that is open.
    #[error("the leverage of an open isolated position cannot be reduced")]
    LeverageIsolated,
    /// The symbol is isolated, or crossed, already.
    #[error("the margin mode is set already")]
    MarginModeNoChange,
    /// The margin mode cannot change while orders are open.
    #[error("the margin mode cannot change while orders are open")]
    MarginModeOrders,
    /// The margin mode cannot change while a position is open.
    #[error("the margin mode cannot change while a position is open")]
    MarginModePosition,
    /// Margin is moved into and out of isolated positions alone.
    #[error("the position is not isolated")]
    NotIsolated,
    /// Margin was to be moved into a position that is not there.
    #[error("there is no position to add margin to")]
    NoPosition,
    /// The wallet does not have the margin that was to be added.
    #[error("the wallet does not have that margin")]
    CrossTooSmall,
    /// The position needs the margin that was to be taken out.
    #[error("the position needs that margin")]
    IsolatedTooSmall,
    /// Numbers too large to reckon with.
    #[error("the numbers are too large")]
    Overflow,
}
