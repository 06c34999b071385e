//! Where each panel lies on a screen of a given size. Pure; it must not look at data, so that nothing moves when a value changes.

use ratatui::layout::Rect;

/// Columns of the tape with its line.
const TAPE: u16 = 24;
/// Columns of the position and order panels.
const SIDE: u16 = 38;
/// Columns that the ladder keeps before a panel may stand beside it.
const LADDER: u16 = 56;
/// Narrowest and shortest screen that everything important fits on.
pub const FULL: (u16, u16) = (80, 20);
/// Under this, words alone.
pub const LEAST: (u16, u16) = (40, 8);

/// Narrowest ladder that stands beside the one with the keys, its line included.
const ASIDE: u16 = 44;
/// Most ladders beside it.
pub const MOST_ASIDE: usize = 3;

/// Where the panels are. An empty rectangle is a panel that this screen has no room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The first line.
    pub status: Rect,
    /// The open ladders in a line, where there are several.
    pub strip: Rect,
    /// The price ladder with its head and foot.
    pub ladder: Rect,
    /// Ladders beside it, with a line to its right.
    pub aside: [Rect; MOST_ASIDE],
    /// Public trades.
    pub tape: Rect,
    /// The position, in full.
    pub position: Rect,
    /// The position in one line, where there is no room beside the ladder.
    pub position_line: Rect,
    /// Working orders.
    pub orders: Rect,
    /// Own fills.
    pub fills: Rect,
    /// Balances and the session.
    pub account: Rect,
    /// What happened, in words.
    pub message: Rect,
    /// Volumes and hints.
    pub bottom: Rect,
    /// True when the screen shows nothing but words.
    pub too_small: bool,
}

/// The plan of a screen on which so many ladders are open beside the one with the keys.
pub fn plan(columns: u16, rows: u16, others: usize) -> Plan {
    if columns < LEAST.0 || rows < LEAST.1 {
        return Plan {
            too_small: true,
            ..Plan::default()
        };
    }
    let wide = columns >= LADDER + TAPE + SIDE;
    let tape = if columns >= LADDER + TAPE + 16 {
        TAPE + u16::from(columns >= 160) * 4
    } else {
        0
    };
    let side = if wide {
        SIDE + (columns - LADDER - TAPE - SIDE).min(80) / 4
    } else {
        0
    };
    let bottom = bottom_rows(rows);
    let lines = if wide { 0 } else { 1 + u16::from(rows >= 12) };
    let strip = u16::from(others > 0 && rows >= FULL.1);
    let top = 1 + strip;
    let body = Rect::new(0, top, columns, rows - top - bottom - lines);
    let mut plan = Plan {
        status: Rect::new(0, 0, columns, 1),
        strip: Rect::new(0, 1, columns, strip),
        tape: Rect::new(0, top, tape, body.height),
        ladder: Rect::new(tape, top, columns - tape - side, body.height),
        bottom: Rect::new(0, rows - bottom, columns, bottom),
        ..Plan::default()
    };
    if wide {
        stack(&mut plan, Rect::new(columns - side, top, side, body.height));
        stand_aside(&mut plan, others);
    } else {
        let y = body.bottom();
        plan.position_line = Rect::new(0, y, columns, 1);
        plan.message = Rect::new(0, y + 1, columns, lines - 1);
    }
    plan
}

/// Gives what the ladder does not need to the ladders beside it, the same width to each.
fn stand_aside(plan: &mut Plan, others: usize) {
    let room = plan.ladder.width - LADDER.min(plan.ladder.width);
    let count = others.min(MOST_ASIDE).min(usize::from(room / ASIDE));
    let Some(count) = u16::try_from(count).ok().filter(|count| *count > 0) else {
        return;
    };
    let each = (plan.ladder.width / (count + 1)).clamp(ASIDE, room / count);
    plan.ladder.width -= each * count;
    let mut x = plan.ladder.right();
    for area in plan.aside.iter_mut().take(usize::from(count)) {
        *area = Rect {
            x,
            width: each,
            ..plan.ladder
        };
        x += each;
    }
}

fn bottom_rows(rows: u16) -> u16 {
    match rows {
        0..10 => 1,
        10..32 => 2,
        32..48 => 3,
        _ => 4,
    }
}

/// Position, orders, fills, account and messages, one over the other.
fn stack(plan: &mut Plan, side: Rect) {
    let position = 8.min(side.height);
    let account = 4.min(side.height - position);
    let rest = side.height - position - account;
    let message = (rest / 3).min(14);
    let orders = (rest - message) / 2;
    let fills = rest - message - orders;
    let mut y = side.y;
    let mut take = |height: u16| {
        let area = Rect::new(side.x, y, side.width, height);
        y += height;
        area
    };
    plan.position = take(position);
    plan.orders = take(orders);
    plan.fills = take(fills);
    plan.account = take(account);
    plan.message = take(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f12_every_panel_lies_on_the_screen_and_none_on_another() {
        for (columns, rows, others) in (0..=250)
            .flat_map(|columns| (0..=80).map(move |rows| (columns, rows)))
            .flat_map(|(columns, rows)| [0, 1, 3].map(|others| (columns, rows, others)))
        {
            {
                let plan = plan(columns, rows, others);
                let screen = Rect::new(0, 0, columns, rows);
                let panels = [
                    plan.status,
                    plan.strip,
                    plan.ladder,
                    plan.aside[0],
                    plan.aside[1],
                    plan.aside[2],
                    plan.tape,
                    plan.position,
                    plan.position_line,
                    plan.orders,
                    plan.fills,
                    plan.account,
                    plan.message,
                    plan.bottom,
                ];
                let mut area = 0;
                for (i, panel) in panels.iter().enumerate() {
                    assert_eq!(
                        panel.intersection(screen),
                        *panel,
                        "{columns}x{rows} {panel:?}"
                    );
                    area += panel.area();
                    for other in &panels[i + 1..] {
                        assert!(panel.intersection(*other).is_empty(), "{columns}x{rows}");
                    }
                }
                assert!(plan.too_small || area == screen.area(), "{columns}x{rows}");
            }
        }
    }

    #[test]
    fn the_ladder_never_loses_a_column_it_needs() {
        for columns in LEAST.0..=250 {
            for others in 0..5 {
                let ladder = plan(columns, 30, others).ladder;
                assert!(ladder.width >= LADDER.min(columns), "{columns}");
            }
        }
    }
}
