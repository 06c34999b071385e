//! What each REST call of the account is for. Plain data.

use crate::domain::message::Setting;
use crate::domain::{Stamp, Symbol};
use crate::exchange::binance::caller;

/// Makes the calls.
pub type Caller = caller::Caller<Purpose>;

/// What a REST call was for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// The venue's clock.
    Time {
        /// When it was asked.
        sent: Stamp,
    },
    /// Every instrument.
    Instruments,
    /// A listen key, new or extended.
    ListenKey,
    /// Another hour for the listen key.
    KeepAlive,
    /// One part of account truth.
    Truth(super::truth::Part),
    /// An order request that went over REST, by its number.
    Request(u64),
    /// The state of one order.
    Query(crate::exchange::account::proof::Asking),
    /// Leverage and margin mode of a symbol.
    SymbolConfig,
    /// Fee rates of a symbol.
    Commission(Symbol),
    /// Our own change of a setting.
    Set(Setting),
}
