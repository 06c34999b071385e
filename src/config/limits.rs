//! How far each limit may be set.

use rust_decimal::Decimal;

use super::settings::{MAX_ORDER, within};
use crate::domain::{Cap, Limits};

/// The most that a position may ever be worth.
const MAX_POSITION: i64 = 100_000_000;

/// The first limit beyond its hard range, as one sentence.
pub fn out_of_range(limits: &Limits) -> Option<String> {
    let zero = Decimal::ZERO;
    let money = |most: i64| (zero, Decimal::from(most));
    let whole = |most: u32| (0, most);
    let caps = |least: i64, most: i64| (Cap::At(least.into()), Cap::At(most.into()));
    let or_off = |name, cap, range| {
        (cap != Cap::Off)
            .then(|| within(name, cap, range))
            .flatten()
    };
    let checks = [
        within(
            "limits.max_order_notional",
            limits.max_order_notional,
            money(MAX_ORDER),
        ),
        within(
            "limits.max_position_notional",
            limits.max_position_notional,
            money(MAX_POSITION),
        ),
        within("limits.max_open_orders", limits.max_open_orders, whole(200)),
        within(
            "limits.max_orders_per_second",
            limits.max_orders_per_second,
            whole(50),
        ),
        within(
            "limits.max_orders_per_minute",
            limits.max_orders_per_minute,
            whole(1_000),
        ),
        within(
            "limits.max_identical_per_second",
            limits.max_identical_per_second,
            whole(20),
        ),
        within(
            "limits.collar_through",
            limits.collar_through,
            (zero, Decimal::new(5, 2)),
        ),
        within(
            "limits.collar_away",
            limits.collar_away,
            (zero, Decimal::new(5, 1)),
        ),
        or_off(
            "limits.max_trade_loss",
            limits.max_trade_loss,
            caps(0, MAX_ORDER),
        ),
        or_off(
            "limits.max_session_loss",
            limits.max_session_loss,
            caps(0, MAX_ORDER),
        ),
        within("limits.max_day_loss", limits.max_day_loss, money(MAX_ORDER)),
        or_off(
            "limits.max_losses_in_a_row",
            limits.max_losses_in_a_row,
            caps(1, 100),
        ),
        within(
            "limits.cool_down_minutes",
            limits.cool_down_minutes,
            (1, 1_440),
        ),
    ];
    checks.into_iter().flatten().next()
}
