//! One position from flat to flat, in money: what the limit on a trade's loss and the count of losing trades look at.

use rust_decimal::Decimal;

use crate::domain::Position;

/// Ended trades that nobody took yet; more than this are not kept.
const KEPT: usize = 64;

/// The trade that is open, and those that ended.
#[derive(Clone, Debug, Default)]
pub struct Trips {
    /// What is settled of the open one: realised − fees + funding, settle currency; `None` while flat. Of a position that was
    /// there before, what it cost to open is not known and counts as nothing.
    open: Option<Decimal>,
    /// The open one was there before anything was seen of it.
    found: bool,
    ended: Vec<Decimal>,
}

impl Trips {
    /// A fill made `after` of `before`. `closed`: which part of the fill reduced, 0 to 1; the fee is shared by it.
    pub fn filled(&mut self, before: &Position, after: &Position, closed: Decimal) {
        let realised = after.realised.saturating_sub(before.realised);
        let fee = after.fees.saturating_sub(before.fees);
        let so_far = self.open.unwrap_or_default();
        if after.side() == before.side() || before.side().is_none() {
            let settled = so_far.saturating_add(realised).saturating_sub(fee);
            self.open = after.side().map(|_| settled);
            self.found &= before.side().is_some();
            return;
        }
        self.found = false;
        let closing = fee.saturating_mul(closed);
        self.end(so_far.saturating_add(realised).saturating_sub(closing));
        self.open = after.side().map(|_| closing.saturating_sub(fee));
    }

    fn end(&mut self, result: Decimal) {
        if self.ended.len() < KEPT {
            self.ended.push(result);
        }
    }

    /// The position is now what the venue says: a trade of which the fills are not known goes on, or is given up.
    pub fn based(&mut self, size: Decimal) {
        self.found = !size.is_zero() && (self.found || self.open.is_none());
        self.open = (!size.is_zero()).then(|| self.open.unwrap_or_default());
    }

    /// Funding was booked.
    pub fn funded(&mut self, amount: Decimal) {
        if let Some(open) = &mut self.open {
            *open = open.saturating_add(amount);
        }
    }

    /// What is settled of the open trade, settle currency; `None` while flat.
    pub const fn settled(&self) -> Option<Decimal> {
        self.open
    }

    /// True when the open trade was there before anything was seen of it.
    pub const fn was_found(&self) -> bool {
        self.found
    }

    /// Results of the trades that ended since this was last asked.
    pub fn take_ended(&mut self) -> Vec<Decimal> {
        std::mem::take(&mut self.ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::kit::dec;

    fn position(size: &str, realised: &str, fees: &str) -> Position {
        Position {
            size: dec(size),
            realised: dec(realised),
            fees: dec(fees),
            ..Position::default()
        }
    }

    #[test]
    fn a_trade_goes_from_flat_to_flat_and_pays_its_own_fees() {
        let mut trips = Trips::default();
        let steps = [
            position("0", "0", "0"),
            position("2", "0", "1"),
            position("3", "0", "1.5"),
            position("1", "4", "2"),
            position("0", "3", "2.5"),
        ];
        for pair in steps.windows(2) {
            trips.filled(&pair[0], &pair[1], Decimal::ONE);
        }
        trips.funded(dec("9"));
        assert_eq!(trips.settled(), None);
        assert_eq!(trips.take_ended(), [dec("0.5")]);
        assert_eq!(trips.take_ended(), [], "told once");
    }

    #[test]
    fn a_fill_through_zero_ends_one_trade_and_begins_the_next_each_with_its_share_of_the_fee() {
        let mut trips = Trips::default();
        trips.filled(
            &position("0", "0", "0"),
            &position("1", "0", "1"),
            Decimal::ONE,
        );
        trips.funded(dec("-0.5"));
        trips.filled(
            &position("1", "0", "1"),
            &position("-3", "-2", "5"),
            dec("0.25"),
        );
        assert_eq!(trips.take_ended(), [dec("-4.5")]);
        assert_eq!(trips.settled(), Some(dec("-3")));
    }

    #[test]
    fn a_position_that_was_there_before_counts_from_nothing_and_one_that_vanished_is_no_trade() {
        let mut trips = Trips::default();
        trips.based(dec("5"));
        assert_eq!(trips.settled(), Some(Decimal::ZERO));
        assert!(trips.was_found());
        trips.based(Decimal::ZERO);
        assert_eq!(trips.settled(), None);
        assert_eq!(trips.take_ended(), []);
        trips.filled(
            &position("0", "0", "0"),
            &position("1", "0", "1"),
            Decimal::ONE,
        );
        assert!(!trips.was_found());
    }
}
