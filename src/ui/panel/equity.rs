//! The session's result as a curve, settled and open together, with the most that it was and how far it is under that.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Scene, position};
use crate::engine::equity::{Equity, Point};
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::theme::Role;

/// Dots of a cell, across and down.
const DOTS: (usize, usize) = (2, 4);
/// The bit of each dot of a braille cell, column by column from the top.
const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let at = pen.put(0, 0, "equity ", scene.style(Role::Heading));
    let equity = scene.snapshot.equity.as_ref();
    let Some(equity) = equity.filter(|equity| equity.points().len() > 1) else {
        pen.put(0, 1, "begins with the session", scene.style(Role::Faint));
        return;
    };
    if !scene.view.money_off {
        figures(scene, equity, at, &mut pen);
    }
    let curve = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    draw_curve(scene, equity, &mut Pen::new(buffer, curve));
}

/// `+41.20  high +52.10  under it 10.90, at most 15.00`: what does not fit is left out.
fn figures(scene: &Scene<'_>, equity: &Equity, at: u16, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    let text = scene.style(Role::Text);
    let money = |value: Decimal| {
        let style = scene.style(position::result_role(value));
        (format::right(&format::signed(value, 2), 9), style)
    };
    let fall = |value: Decimal| (format::right(&format::fixed(value, 2), 8), text);
    let groups: [Vec<Piece>; 4] = [
        vec![money(equity.now())],
        vec![("high ".to_owned(), dim), money(equity.high())],
        vec![("under it ".to_owned(), dim), fall(equity.drawdown())],
        vec![("at most ".to_owned(), dim), fall(equity.deepest())],
    ];
    let mut at = at;
    for group in groups {
        if usize::from(at) + pen::width(&group) > usize::from(pen.width()) {
            return;
        }
        at = pen.pieces(at, 0, &group) + 1;
    }
}

/// The curve in dots, over a line at zero; the part under zero in the colour of a loss.
fn draw_curve(scene: &Scene<'_>, equity: &Equity, pen: &mut Pen<'_>) {
    let (wide, tall) = (usize::from(pen.width()), usize::from(pen.height()));
    if wide == 0 || tall == 0 {
        return;
    }
    let heights = heights(equity.points(), wide * DOTS.0, tall * DOTS.1);
    let zero = heights.zero / DOTS.1;
    let mut cells = vec![0_u32; wide * tall];
    let mut before = heights.dots.first().copied().unwrap_or(0);
    for (x, dot) in heights.dots.iter().copied().enumerate() {
        // A fall from one column to the next is drawn as a stroke.
        for y in before.min(dot)..=before.max(dot) {
            let cell = y / DOTS.1 * wide + x / DOTS.0;
            if let Some(bits) = cells.get_mut(cell) {
                *bits |= BITS[x % DOTS.0][y % DOTS.1];
            }
        }
        before = dot;
    }
    for (at, bits) in cells.into_iter().enumerate() {
        let (column, row) = (at % wide, at / wide);
        let role = if row > zero { Role::Loss } else { Role::Profit };
        let glyph = char::from_u32(0x2800 + bits).filter(|_| bits != 0);
        let (text, role) = match glyph {
            Some(glyph) => (glyph, role),
            None if row == zero => ('┈', Role::Faint),
            None => continue,
        };
        let (column, row) = (u16::try_from(column), u16::try_from(row));
        if let (Ok(column), Ok(row)) = (column, row) {
            pen.put(column, row, &text.to_string(), scene.style(role));
        }
    }
}

/// A curve in dots from the top.
struct Heights {
    dots: Vec<usize>,
    /// Where zero is.
    zero: usize,
}

/// The result in each of so many columns of time, scaled to so many dots of height with zero among them.
fn heights(points: &[Point], columns: usize, tall: usize) -> Heights {
    let results = || points.iter().map(|point| point.result);
    let high = results().max().unwrap_or_default().max(Decimal::ZERO);
    let low = results().min().unwrap_or_default().min(Decimal::ZERO);
    let most = tall.saturating_sub(1);
    let span = high.checked_sub(low).unwrap_or(Decimal::MAX);
    let down = |value: Decimal| {
        let part = high
            .checked_sub(value)
            .and_then(|down| down.checked_div(span));
        let part = part.and_then(|part| part.to_f64()).unwrap_or(0.5);
        ((part * most as f64).round() as usize).min(most)
    };
    let (first, last) = match (points.first(), points.last()) {
        (Some(first), Some(last)) => (first.at, last.at),
        _ => {
            return Heights {
                dots: Vec::new(),
                zero: most,
            };
        }
    };
    let long = last.since(first).max(1);
    let mut next = 0;
    let mut value = points.first().map_or(Decimal::ZERO, |point| point.result);
    let dots = (0..columns).map(|column| {
        let until = u128::from(long) * (column as u128 + 1) / columns as u128;
        while let Some(point) = points.get(next)
            && u128::from(point.at.since(first)) <= until
        {
            value = point.result;
            next += 1;
        }
        down(value)
    });
    Heights {
        dots: dots.collect(),
        zero: down(Decimal::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Stamp;

    fn points(results: &[i64]) -> Vec<Point> {
        let at = |second: usize| Stamp::default().plus_ms(second as u64 * 1_000);
        let point = |(second, result): (usize, &i64)| Point {
            at: at(second),
            result: Decimal::new(*result, 2),
        };
        results.iter().enumerate().map(point).collect()
    }

    #[test]
    fn the_curve_goes_from_its_highest_dot_to_its_lowest_with_zero_between() {
        let heights = heights(&points(&[0, 300, -100]), 3, 9);
        assert_eq!(heights.zero, 6);
        assert_eq!(heights.dots.len(), 3);
        assert_eq!((heights.dots[1], heights.dots[2]), (0, 8));
        let flat = self::heights(&points(&[0, 0]), 4, 9);
        assert_eq!(flat.dots, vec![flat.zero; 4]);
    }

    #[test]
    fn numbers_beyond_all_measure_do_not_panic() {
        let mut points = points(&[0, 1, 2]);
        points[1].result = Decimal::MAX;
        points[2].result = Decimal::MIN;
        heights(&points, 5, 5);
        heights(&points, 0, 0);
    }
}
