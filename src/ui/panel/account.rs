//! Balances and the session's result over all symbols.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::{Scene, position};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let area = super::beside_line(scene, area, buffer);
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
    let Some(first) = snapshot.balances.first() else {
        return;
    };
    pen.put(
        0,
        2,
        &format!("{:<7}", format::cut(first.asset.as_str(), 7)),
        dim,
    );
    pen.put(
        8,
        2,
        &format::right(&format::fixed(first.wallet, 2), 12),
        scene.style(Role::Text),
    );
    if let Some(available) = first.available {
        let end = pen.put(22, 2, "free", dim);
        pen.put(
            end + 1,
            2,
            &format::fixed(available, 2),
            scene.style(Role::Text),
        );
    }
}
