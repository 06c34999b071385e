//! Balances and the session's result over all symbols.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::{Scene, position};
use crate::domain::Asset;
use crate::domain::message::Balance;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let snapshot = scene.snapshot;
    let dim = scene.style(Role::Dim);
    let end = pen.put(0, 0, "account", scene.style(Role::Heading));
    let name = crate::domain::text::sanitise(&snapshot.account, 24);
    let end = pen.put(end + 1, 0, &name, dim);
    if !snapshot.account_state.is_empty() {
        let state = crate::domain::text::sanitise(&snapshot.account_state, 24);
        pen.put(end + 1, 0, &state, scene.style(Role::Warn));
    } else if let Some((maker, taker)) = snapshot.market.fees {
        let percent = |rate: Decimal| format::fixed(rate.saturating_mul(Decimal::ONE_HUNDRED), 3);
        let rates = format!("fees {}/{} %", percent(maker), percent(taker));
        let at = usize::from(pen.width()).saturating_sub(format::cells(&rates));
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        if at > end {
            pen.put(at, 0, &rates, dim);
        }
    }
    pen.put(0, 1, "session", dim);
    let result = format::right(&format::signed(snapshot.session, 2), 12);
    pen.put(
        8,
        1,
        &result,
        scene.style(position::result_role(snapshot.session)),
    );
    let plural = if snapshot.trips == 1 { "" } else { "s" };
    let trips = format!("{} round trip{plural}", snapshot.trips);
    pen.put(22, 1, &trips, dim);
    for (row, balance) in (2..).zip(shown(scene)) {
        draw_balance(scene, balance, row, &mut pen);
    }
}

/// The money of the ladder's market, and on spot its coins beside it.
fn shown<'a>(scene: &Scene<'a>) -> Vec<&'a Balance> {
    let balances = &scene.snapshot.balances;
    let of = |asset: Asset| balances.iter().find(move |balance| balance.asset == asset);
    let Some(instrument) = scene.instrument() else {
        return balances.first().into_iter().collect();
    };
    let money = of(instrument.settle).or_else(|| balances.first());
    let coins = of(instrument.base).filter(|_| instrument.is_spot());
    money.into_iter().chain(coins).collect()
}

fn draw_balance(scene: &Scene<'_>, balance: &Balance, row: u16, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    let name = format::cut(balance.asset.as_str(), 7);
    pen.put(0, row, &format!("{name:<7}"), dim);
    let coins = scene
        .instrument()
        .filter(|instrument| instrument.base == balance.asset);
    let digits = coins.map_or(2, |instrument| instrument.lot.scale().min(8));
    let number = |value: Decimal| format::fixed(value, digits);
    let wallet = format::right(&number(balance.wallet), 12);
    pen.put(8, row, &wallet, scene.style(Role::Text));
    if let Some(available) = balance.available {
        let end = pen.put(22, row, "free", dim);
        pen.put(end + 1, row, &number(available), scene.style(Role::Text));
    }
}
