//! Public trades, newest first: mark of the aggressor, size, price; the time only where the minute changes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::domain::{Print, Side};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.put(1, 0, "tape", scene.style(Role::Heading));
    let prints = &scene.market().prints;
    let Some(instrument) = scene.instrument().filter(|_| !prints.is_empty()) else {
        pen.put(1, 1, "no trades yet", scene.style(Role::Faint));
        return;
    };
    let large = large(prints);
    let mut row = 1;
    let mut minute = prints.first().map(minute_of);
    for print in prints.iter() {
        if row >= pen.height() {
            return;
        }
        if minute != Some(minute_of(print)) {
            minute = Some(minute_of(print));
            let time = format::time_of_day(print.venue_ms, scene.view.utc_offset_s);
            pen.put_right(
                pen.width(),
                row,
                time.get(..5).unwrap_or(""),
                scene.style(Role::Faint),
            );
            row += 1;
        }
        one(
            scene,
            instrument,
            print,
            print.qty.0 >= large,
            row,
            &mut pen,
        );
        row += 1;
    }
}

fn one(
    scene: &Scene<'_>,
    instrument: &crate::domain::Instrument,
    print: &Print,
    large: bool,
    row: u16,
    pen: &mut Pen<'_>,
) {
    let (mark, role) = match print.side {
        Side::Buy => ("▲", Role::Bid),
        Side::Sell => ("▼", Role::Ask),
    };
    let price = format::price(instrument, print.price);
    let end = pen.width();
    let style = scene.style(role);
    pen.put_right(end, row, &price, scene.style(Role::Dim));
    let sizes = end.saturating_sub(scene.view.widths().price.max(7) + 1);
    let size = format::qty(instrument, print.qty);
    pen.put(1, row, mark, style);
    let style = if large {
        scene.style(Role::Large)
    } else {
        style
    };
    pen.put_right(sizes.max(3), row, &size, style);
}

const fn minute_of(print: &Print) -> i64 {
    print.venue_ms.div_euclid(60_000)
}

/// From this size on a print is large: eight times the middle one.
fn large(prints: &[Print]) -> i64 {
    let mut sizes: Vec<i64> = prints.iter().map(|print| print.qty.0).collect();
    let middle = sizes.len() / 2;
    if sizes.len() < 8 {
        return i64::MAX;
    }
    let (_, middle, _) = sizes.select_nth_unstable(middle);
    middle.saturating_mul(8).max(1)
}
