//! What each REST call of the account is for. Plain data.

use super::truth::Part;
use crate::domain::{Stamp, Symbol};
use crate::exchange::account::proof::Asking;
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
    /// One part of account truth.
    Truth(Part),
    /// An order request that went over REST, by its number.
    Request(u64),
    /// The state of one order.
    Query(Asking),
    /// Fee rates of a symbol.
    Commission(Symbol),
}
