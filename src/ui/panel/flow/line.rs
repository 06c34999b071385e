//! The line of the cumulative delta, in dots of an eighth of a cell.

use ratatui::layout::Rect;

use super::Flow;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Draws the latest points, the newest at the right, over the whole height from the lowest to the highest of them; over it, at the
/// right, how long they took.
pub fn draw(flow: &Flow<'_>, area: Rect, pen: &mut Pen<'_>) {
    if area.is_empty() {
        return;
    }
    let columns = usize::from(area.width) * 2;
    let all = flow.flow.deltas.iter().copied();
    let from = flow.flow.deltas.len().saturating_sub(columns);
    let points: Vec<i64> = all.skip(from).collect();
    if points.len() < 2 {
        pen.put(
            area.x,
            area.y,
            "its line comes every 5 s",
            flow.style(Role::Faint),
        );
        return;
    }
    let span = format::seconds(5_000 * points.len() as u64);
    pen.put_right(area.right(), area.y - 1, &span, flow.style(Role::Faint));
    let style = flow.style(Role::Text);
    for (row, text) in dots(&points, area.width, area.height).iter().enumerate() {
        pen.put(area.x, area.y + row as u16, text, style);
    }
}

/// The bits of a cell's dots: by column, from the lowest up.
const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];

/// The points as rows of braille, highest row first; those of fewer points stand at the right.
fn dots(points: &[i64], width: u16, height: u16) -> Vec<String> {
    let (width, height) = (usize::from(width), usize::from(height));
    let mut cells = vec![vec![0_u32; width]; height];
    let (low, high) = range(points);
    let most = (height * 4 - 1) as i128;
    let at = |value: i64| ((i128::from(value) - low) * most / (high - low).max(1)) as usize;
    let start = (width * 2).saturating_sub(points.len());
    let mut before: Option<usize> = None;
    for (column, value) in (start..width * 2).zip(points) {
        let up = at(*value);
        // The way from the point before is filled, so that the line has no holes.
        let from = before.map_or(up, |before| match before.cmp(&up) {
            std::cmp::Ordering::Less => before + 1,
            std::cmp::Ordering::Equal => up,
            std::cmp::Ordering::Greater => before - 1,
        });
        for level in from.min(up)..=from.max(up) {
            cells[height - 1 - level / 4][column / 2] |= DOTS[column % 2][level % 4];
        }
        before = Some(up);
    }
    let text = |row: &Vec<u32>| row.iter().map(|dots| braille(*dots)).collect();
    cells.iter().map(text).collect()
}

fn braille(dots: u32) -> char {
    match dots {
        0 => ' ',
        dots => char::from_u32(0x2800 + dots).unwrap_or(' '),
    }
}

fn range(points: &[i64]) -> (i128, i128) {
    let low = points.iter().copied().min().unwrap_or(0);
    let high = points.iter().copied().max().unwrap_or(0);
    (i128::from(low), i128::from(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_goes_from_the_lowest_to_the_highest_without_holes() {
        assert_eq!(dots(&[0, 1, 2, 3], 2, 1), ["⡠⠊"]);
        assert_eq!(dots(&[0, 7], 1, 2), ["⢸", "⡸"].map(String::from));
        assert_eq!(dots(&[5, 5], 2, 1), [" ⣀"], "what does not move lies flat");
        let wild = dots(&[i64::MIN, i64::MAX, 0], 4, 3);
        assert_eq!(wild.len(), 3);
    }
}
