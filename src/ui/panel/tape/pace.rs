//! How fast it trades, in the three lines under the tape: prints and volume a second, each against what is usual, and who bought.

use super::Scene;
use crate::domain::Qty;
use crate::market::pace::{PaceView, Rate};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Rows that it takes.
pub const ROWS: u16 = 3;
/// From so many times the usual on a figure is bright, in tenths.
const FAST: i64 = 20;

/// Draws it: the last second, the last ten, the sides of those ten.
pub fn draw(scene: &Scene<'_>, pen: &mut Pen<'_>) {
    let Some(pace) = scene.market().pace else {
        return;
    };
    for (row, word, rate) in [(0, "1s", pace.second), (1, "10s", pace.ten)] {
        pen.put(1, row, word, scene.style(Role::Dim));
        one(scene, rate, row, pen);
    }
    let end = pen.width();
    sides(scene, pace, 1, end, 2, pen);
}

/// `41/s 2.4x` of the prints, then of the volume where there is room.
fn one(scene: &Scene<'_>, rate: Rate, row: u16, pen: &mut Pen<'_>) {
    let style = scene.style(Role::Text);
    pen.put_right(9, row, &prints(rate), style);
    put_times(scene, rate.prints_times, 14, row, pen);
    put_times(scene, rate.volume_times, pen.width(), row, pen);
    let volume = scene
        .instrument()
        .map(|instrument| format::short(instrument.qty_decimal(rate.volume)));
    let room = pen.width().saturating_sub(5);
    if let Some(volume) = volume
        && room >= 15
    {
        pen.put_right(room, row, &volume, style);
    }
}

/// Prints a second: `41/s`, `0.3/s`.
pub fn prints(rate: Rate) -> String {
    if rate.prints < 100 && rate.prints % 10 != 0 {
        format!("{}.{}/s", rate.prints / 10, rate.prints % 10)
    } else {
        format!("{}/s", format::grouped(&(rate.prints / 10).to_string()))
    }
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
pub fn sides(scene: &Scene<'_>, pace: PaceView, start: u16, end: u16, row: u16, pen: &mut Pen<'_>) {
    let Some(share) = share(pace.bought, pace.sold) else {
        pen.put(start, row, "no trades", scene.style(Role::Faint));
        return;
    };
    pen.put(start, row, "buys", scene.style(Role::Dim));
    let percent = format!("{}%", (share + 5) / 10);
    pen.put_right(start + 9, row, &percent, scene.style(Role::Text));
    balance(scene, share, start + 10, end, row, pen);
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
