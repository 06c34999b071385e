//! Own fills of the session, newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::domain::{Fill, Instrument, Liquidity, Side};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.put(0, 0, "fills", scene.style(Role::Heading));
    let fills = &scene.market().fills;
    let Some(instrument) = scene.instrument().filter(|_| !fills.is_empty()) else {
        pen.put(0, 1, "none in this session", scene.style(Role::Faint));
        return;
    };
    let sizes = fills.iter().map(|fill| fill.qty);
    let size = format::widest(instrument, sizes);
    for (row, fill) in (1..pen.height()).zip(fills) {
        one(scene, instrument, size, fill, row, &mut pen);
    }
}

fn one(
    scene: &Scene<'_>,
    instrument: &Instrument,
    size: u16,
    fill: &Fill,
    row: u16,
    pen: &mut Pen<'_>,
) {
    let widths = scene.view.widths();
    let time = format::time_of_day(fill.venue_ms, scene.view.utc_offset_s);
    pen.put(0, row, &time, scene.style(Role::Dim));
    let role = match fill.side {
        Side::Buy => Role::Bid,
        Side::Sell => Role::Ask,
    };
    pen.put(9, row, fill.side.word(), scene.style(role));
    let size_end = 14 + size;
    pen.put_right(
        size_end,
        row,
        &format::qty(instrument, fill.qty),
        scene.style(Role::Text),
    );
    let price_end = size_end + 1 + widths.price.max(7);
    let price = format::fixed(fill.price, instrument.tick.decimals());
    pen.put_right(price_end, row, &price, scene.style(Role::Text));
    let how = match (fill.liquidity, fill.recovered) {
        (_, true) => " found",
        (Liquidity::Maker, _) => " maker",
        (Liquidity::Taker, _) => " taker",
    };
    pen.put(price_end, row, how, scene.style(Role::Faint));
}
