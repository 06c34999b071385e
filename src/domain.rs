//! The words of the trade as plain data.
//!
//! No I/O, no clock, no async, no float lives below this line; time arrives as a [`Stamp`].
#![deny(clippy::float_arithmetic)]

pub mod book;
pub mod decimal;
pub mod depth;
pub mod environment;
pub mod instrument;
pub mod message;
pub mod minute;
pub mod order;
pub mod position;
pub mod price;
pub mod qty;
pub mod risk;
pub mod side;
pub mod stamp;
pub mod text;
pub mod trade;

pub use book::{Book, Level};
pub use depth::{BookState, Depth, Touch};
pub use environment::Environment;
pub use instrument::{Instrument, InstrumentKind, MarketKey, Payoff, TradingStatus, Unit, VenueId};
pub use message::{Command, Fact, Outcome};
pub use minute::Minute;
pub use order::{
    Amend, Callback, ClientId, Intent, Leg, NewOrder, OrderClass, OrderId, OrderKind, OrderRef,
    OrderReport, OrderStatus, TimeInForce, TriggerBy,
};
pub use position::{Position, PositionReport};
pub use price::Price;
pub use qty::Qty;
pub use risk::{Approved, Cap, Limits, Refusal};
pub use side::Side;
pub use stamp::Stamp;
pub use text::{Account, Asset, Symbol, Text};
pub use trade::{Fill, Liquidity, Print, TradeId};
