//! How fast it trades, in the four lines under the tape: prints and volume a second, each against what is usual, and who bought.

use rust_decimal::Decimal;

use super::Scene;
use crate::domain::Qty;
use crate::market::pace::{PaceView, Rate};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Rows that it takes.
pub const ROWS: u16 = 4;
/// From so many times the usual on a figure is bright, in tenths.
const FAST: i64 = 20;
/// Columns up to the end of the prints' figures.
const PRINTS: u16 = 14;
/// From so many columns on the volume is there as a number, not against the usual alone.
const WITH_VOLUME: u16 = 26;

/// Draws it: the last second, the last ten, the sides of those ten.
pub fn draw(scene: &Scene<'_>, pen: &mut Pen<'_>) {
    let Some(pace) = scene.market().pace else {
        return;
    };
    let (dim, end) = (scene.style(Role::Dim), pen.width());
    pen.put(1, 0, "pace", scene.style(Role::Heading));
    pen.put_right(PRINTS, 0, "prints/s", dim);
    let volume = match end {
        WITH_VOLUME.. => "volume/s",
        _ => "volume",
    };
    pen.put_right(end, 0, volume, dim);
    for (row, word, rate) in [(1, "1s", pace.second), (2, "10s", pace.ten)] {
        pen.put(1, row, word, dim);
        one(scene, rate, row, pen);
    }
    sides(scene, pace, end, 3, pen);
}

/// `5.8 1.4x` of the prints, then of the volume.
fn one(scene: &Scene<'_>, rate: Rate, row: u16, pen: &mut Pen<'_>) {
    let (style, end) = (scene.style(Role::Text), pen.width());
    pen.put_right(PRINTS - 5, row, &prints(rate), style);
    put_times(scene, rate.prints_times, PRINTS, row, pen);
    put_times(scene, rate.volume_times, end, row, pen);
    if let Some(instrument) = scene.instrument().filter(|_| end >= WITH_VOLUME) {
        let volume = format::brief(instrument.qty_decimal(rate.volume));
        pen.put_right(end - 5, row, &volume, style);
    }
}

/// Prints a second: `41`, `0.3`, `1.2K`.
pub fn prints(rate: Rate) -> String {
    format::brief(Decimal::new(rate.prints, 1))
}

/// Against what is usual: `2.4x`, `31x`; nothing where that is not known.
pub fn times(tenths: Option<i64>) -> String {
    match tenths {
        None => String::new(),
        Some(tenths @ 0..100) => format!("{}.{}x", tenths / 10, tenths % 10),
        Some(tenths @ 100..10_000) => format!("{}x", tenths / 10),
        Some(_) => "999x".to_owned(),
    }
}

/// Writes it so that it ends before a column; bright where it is fast.
pub fn put_times(scene: &Scene<'_>, tenths: Option<i64>, end: u16, row: u16, pen: &mut Pen<'_>) {
    let role = match tenths {
        Some(FAST..) => Role::Bright,
        _ => Role::Dim,
    };
    pen.put_right(end, row, &times(tenths), scene.style(role));
}

/// The share that aggressors bought, as a number and as a line: heavy what was bought, thin what was sold.
pub fn sides(scene: &Scene<'_>, pace: PaceView, end: u16, row: u16, pen: &mut Pen<'_>) {
    let Some(share) = share(pace.bought, pace.sold) else {
        pen.put(1, row, "no trades", scene.style(Role::Faint));
        return;
    };
    pen.put(1, row, "buys", scene.style(Role::Dim));
    let percent = format!("{}%", (share + 5) / 10);
    pen.put_right(10, row, &percent, scene.style(Role::Text));
    balance(scene, share, 11, end, row, pen);
}

/// What was bought of all, in thousandths; `None` of nothing.
pub fn share(bought: Qty, sold: Qty) -> Option<u16> {
    let (bought, sold) = (i128::from(bought.0.max(0)), i128::from(sold.0.max(0)));
    let all = bought + sold;
    (all > 0).then(|| u16::try_from(bought * 1_000 / all).unwrap_or(0))
}

/// A line from column to column: of `share` thousandths heavy in the colour of buys, the rest thin in that of sells.
pub fn balance(scene: &Scene<'_>, share: u16, start: u16, end: u16, row: u16, pen: &mut Pen<'_>) {
    let halves = u32::from(end.saturating_sub(start)) * 2;
    let heavy = (u32::from(share.min(1_000)) * halves + 500) / 1_000;
    let mut line = "━".repeat(heavy as usize / 2);
    if heavy % 2 == 1 {
        line.push('╸');
    }
    let thin = end
        .saturating_sub(start)
        .saturating_sub(heavy.div_ceil(2) as u16);
    let after = pen.put(start, row, &line, scene.style(Role::Bid));
    pen.put(
        after,
        row,
        &"─".repeat(usize::from(thin)),
        scene.style(Role::Ask),
    );
}
