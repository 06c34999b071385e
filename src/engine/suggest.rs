//! Limits suggested from what is in the account: what the first arming shows. Pure.

use rust_decimal::Decimal;

use crate::domain::Limits;
use crate::domain::message::Balance;

/// The three limits that a trader looks at before the first arming, quote currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Chosen {
    /// Loss of the day at which entries end.
    pub day_loss: Decimal,
    /// Largest position.
    pub position: Decimal,
    /// Largest order.
    pub order: Decimal,
}

/// A day may cost this part of what is there, percent.
const DAY_LOSS_PERCENT: i64 = 2;
/// A position may be so many times what is there.
const POSITION_TIMES: i64 = 3;

impl Chosen {
    /// From the limits in force.
    pub const fn of(limits: &Limits) -> Self {
        Self {
            day_loss: limits.max_day_loss,
            position: limits.max_position_notional,
            order: limits.max_order_notional,
        }
    }

    /// Puts them into `limits`; one that is above what stands there is cut to it.
    pub fn put(self, limits: &mut Limits) {
        limits.max_day_loss = self.day_loss.min(limits.max_day_loss);
        limits.max_position_notional = self.position.min(limits.max_position_notional);
        limits.max_order_notional = self.order.min(limits.max_order_notional);
    }
}

/// What the account is worth: its largest wallet balance, which for a futures account is the settle currency's.
pub fn equity(balances: &[Balance]) -> Option<Decimal> {
    balances.iter().map(|balance| balance.wallet).max()
}

/// 2 % of the equity a day, three times the equity a position, the equity an order; rounded down to two digits, never above
/// the limits in force.
pub fn suggest(equity: Decimal, limits: &Limits) -> Chosen {
    let part = |times: Decimal, most: Decimal| {
        let wish = equity.max(Decimal::ZERO).saturating_mul(times);
        two_digits(wish).min(most)
    };
    Chosen {
        day_loss: part(Decimal::new(DAY_LOSS_PERCENT, 2), limits.max_day_loss),
        position: part(POSITION_TIMES.into(), limits.max_position_notional),
        order: part(Decimal::ONE, limits.max_order_notional),
    }
}

fn two_digits(value: Decimal) -> Decimal {
    use rust_decimal::RoundingStrategy::ToZero;
    value
        .round_sf_with_strategy(2, ToZero)
        .unwrap_or(value)
        .normalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::kit::{dec, limits};

    #[test]
    fn suggestions_follow_the_equity_and_never_pass_the_limits_in_force() {
        let chosen = suggest(dec("10187.31"), &limits());
        assert_eq!(chosen.day_loss, dec("200"));
        assert_eq!(chosen.position, dec("30000"));
        assert_eq!(chosen.order, dec("10000"));
        let rich = suggest(dec("9000000"), &limits());
        assert_eq!(rich, Chosen::of(&limits()));
        let poor = suggest(dec("-5"), &limits());
        assert_eq!(poor.order, Decimal::ZERO, "zero lets nothing through");
    }

    #[test]
    fn a_choice_above_the_limits_in_force_is_cut_to_them() {
        let mut cut = limits();
        Chosen {
            day_loss: dec("5000"),
            position: dec("100"),
            order: dec("50"),
        }
        .put(&mut cut);
        assert_eq!(cut.max_day_loss, limits().max_day_loss);
        assert_eq!(cut.max_position_notional, dec("100"));
        assert_eq!(cut.max_order_notional, dec("50"));
    }
}
