//! Small pictures: the equity curve and the hours of the day.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{CURVE, tally};
use crate::domain::Asset;
use crate::engine::diary::curve::Curve;
use crate::engine::diary::tally::Part;
use crate::ui::panel::Scene;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Eighths of a row, from below.
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The session's curve, and its hours where there is room.
pub(super) fn draw(scene: &Scene<'_>, asset: Option<Asset>, area: Rect, buffer: &mut Buffer) {
    if area.width < 16 || area.height <= CURVE {
        return;
    }
    let mut pen = Pen::new(buffer, area);
    let session = tally(&scene.snapshot.diary.session, asset);
    let dim = scene.style(Role::Dim);
    let end = pen.put(0, 0, "equity, session", dim);
    let Some(session) = session else {
        pen.put(
            end + 2,
            0,
            "draws itself trip by trip",
            scene.style(Role::Faint),
        );
        return;
    };
    curve(scene, &session.curve, &mut pen);
    if area.height >= CURVE + 6 {
        hours(scene, &session.by_hour, CURVE + 2, &mut pen);
    }
}

/// The curve as columns from nothing up or down to what the trips had made by then.
fn curve(scene: &Scene<'_>, curve: &Curve, pen: &mut Pen<'_>) {
    let room = usize::from(pen.width()).min(64);
    let ends: Vec<Decimal> = curve.spans().iter().map(|span| span.end).collect();
    let each = ends.len().div_ceil(room).max(1);
    let last = |part: &[Decimal]| part.last().copied();
    let ends: Vec<Decimal> = ends.chunks(each).filter_map(last).collect();
    let low = ends.iter().copied().fold(Decimal::ZERO, Decimal::min);
    let high = ends.iter().copied().fold(Decimal::ZERO, Decimal::max);
    let above = high.checked_div(high.saturating_sub(low));
    let rows = above
        .unwrap_or(Decimal::ONE)
        .saturating_mul(CURVE.into())
        .round();
    // A side that is there at all has a row.
    let least = u16::from(!high.is_zero());
    let most = CURVE - u16::from(!low.is_zero());
    let up = rows.to_u16().unwrap_or(CURVE).clamp(least.min(most), most);
    columns(scene, &ends, 1, (1, up, CURVE - up), pen);
}

/// Twenty-four columns, and their hours.
fn hours(scene: &Scene<'_>, hours: &[Part; 24], row: u16, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    pen.put(0, row, "by hour, UTC", dim);
    let nets: Vec<Decimal> = hours.iter().map(|part| part.net).collect();
    columns(scene, &nets, 2, (row + 1, 1, 1), pen);
    for hour in (0..24).step_by(6) {
        pen.put(hour * 2, row + 3, &format!("{hour:02}"), dim);
    }
}

/// A column of so many cells for each value, from the line of nothing up or down, on one scale. `rows`: the first one, how many above
/// that line and how many below.
fn columns(
    scene: &Scene<'_>,
    values: &[Decimal],
    width: u16,
    (first, up, down): (u16, u16, u16),
    pen: &mut Pen<'_>,
) {
    let a_row = |most: Decimal, rows: u16| most.checked_div(rows.into()).unwrap_or_default();
    let high = values.iter().copied().fold(Decimal::ZERO, Decimal::max);
    let low = values.iter().copied().fold(Decimal::ZERO, Decimal::min);
    let scale = a_row(high, up).max(a_row(low.abs(), down));
    for (index, value) in (0u16..).zip(values).filter(|(_, value)| !value.is_zero()) {
        let eighths = value.abs().saturating_mul(8.into()).checked_div(scale);
        let eighths = eighths
            .unwrap_or_default()
            .round()
            .to_u16()
            .unwrap_or_default()
            .max(1);
        let gains = value.is_sign_positive();
        let rows = if gains { up } else { down };
        for step in 0..rows.min(eighths.div_ceil(8)) {
            let level = usize::from((eighths - step * 8).min(8));
            let (row, glyph, style) = if gains {
                let style = scene.style(Role::Profit);
                (first + up - 1 - step, LEVELS[level], style)
            } else {
                // What hangs from the line is the rest of a cell in reverse.
                let style = scene.style(Role::Loss).add_modifier(Modifier::REVERSED);
                (first + up + step, LEVELS[8 - level], style)
            };
            let cells = glyph.to_string().repeat(usize::from(width));
            pen.put(index * width, row, &cells, style);
        }
    }
}
