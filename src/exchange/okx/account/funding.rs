//! Funding that was booked. The venue tells no event of it, but each position carries the sum of its own. Owns the last sums; what
//! came before a position was first seen is history.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rust_decimal::Decimal;

use crate::domain::OrderId;
use crate::exchange::okx::read::holding::Funded;

/// See the module.
#[derive(Debug, Default)]
pub struct Fundings {
    sums: HashMap<OrderId, (i64, Decimal), FixedState>,
}

impl Fundings {
    /// Takes the sum of a position. Gives what was booked since the last one, settle currency, positive when received.
    pub fn take(&mut self, funded: &Funded) -> Option<Decimal> {
        if funded.is_flat {
            // The next position under this id begins at zero.
            self.sums.remove(&funded.position);
            return None;
        }
        let now = (funded.venue_ms, funded.sum);
        let last = self.sums.get(&funded.position).copied();
        if last.is_some_and(|(at, _)| at > funded.venue_ms) {
            return None;
        }
        self.sums.insert(funded.position, now);
        let (_, known) = last?;
        let booked = funded.sum.checked_sub(known)?;
        (!booked.is_zero()).then_some(booked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::okx::account::tests::rig;

    fn funded(venue_ms: i64, sum: i64, is_flat: bool) -> Funded {
        Funded {
            symbol: rig::symbol("BTC-USDT-SWAP"),
            position: OrderId::of_number(307_173_036),
            sum: sum.into(),
            is_flat,
            venue_ms,
        }
    }

    #[test]
    fn what_is_booked_is_the_difference_and_a_closed_position_starts_anew() {
        let mut fundings = Fundings::default();
        assert_eq!(fundings.take(&funded(10, -5, false)), None, "history");
        assert_eq!(fundings.take(&funded(11, -5, false)), None);
        assert_eq!(fundings.take(&funded(12, -7, false)), Some((-2).into()));
        assert_eq!(fundings.take(&funded(11, -5, false)), None, "older");
        assert_eq!(fundings.take(&funded(13, -7, true)), None);
        assert_eq!(fundings.take(&funded(14, 0, false)), None);
        assert_eq!(fundings.take(&funded(15, 1, false)), Some(1.into()));
    }
}
