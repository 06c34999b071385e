//! How a size is drawn: in shades of one hue where there are colours enough, else in blocks of more and fewer dots.

use ratatui::style::{Color, Style};

use super::{Map, Scene};
use crate::domain::Side;
use crate::ui::theme::Role;
use crate::ui::view::profile;

/// Steps of brightness; a size reaches one with the square of its number, so that most of a book stays dark and walls do not.
pub const SHADES: u8 = 6;
/// How much of the hue each step has, of so many parts.
const PARTS: [u8; SHADES as usize + 1] = [0, 1, 2, 3, 5, 8, 12];
const OF: u8 = 12;
/// The same of the lines of the best prices.
const TOUCH: u8 = 6;
/// Where colours are too few.
const BLOCKS: [&str; SHADES as usize + 1] = [" ", "·", "░", "░", "▒", "▓", "█"];

/// A half of a cell: its step, and the side whose best price it was.
type Half = (u8, Option<Side>);

/// The scale of one picture.
pub struct Shades<'a> {
    scene: &'a Scene<'a>,
    /// The size from which a cell is brightest, lots.
    full: i64,
    /// The sizes from which a trade is seen, is marked, is large; lots.
    trades: [i64; 3],
}

impl<'a> Shades<'a> {
    /// The scale of a map: brightest is what few of its cells reach.
    pub fn of(scene: &'a Scene<'a>, map: &Map) -> Self {
        // A round size at or just under it: round sizes are no more than half as much again apart.
        let wall = percentile(map.sizes.iter().copied(), 98).unwrap_or(1);
        let full = profile::round_up(wall / 3 * 2);
        let trades = || map.traded.iter().map(|(buys, sells)| *buys.max(sells));
        let at = |percent| percentile(trades(), percent).unwrap_or(i64::MAX);
        Self {
            scene,
            full,
            trades: [at(50), at(85), at(97)],
        }
    }

    /// The size from which a cell is brightest, lots.
    pub const fn full(&self) -> i64 {
        self.full
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.scene.style(role)
    }

    /// The step of a size; 0 is none.
    pub fn step(&self, lots: i64) -> u8 {
        if lots <= 0 {
            return 0;
        }
        let reaches = |step: &u8| {
            let square = i128::from(*step) * i128::from(*step);
            let all = i128::from(SHADES) * i128::from(SHADES);
            i128::from(lots) * all >= i128::from(self.full) * square
        };
        (1..=SHADES).rev().find(reaches).unwrap_or(1)
    }

    /// A step for itself, as the legend shows it.
    pub fn plain(&self, step: u8) -> (&'static str, Style) {
        self.cell((step, None), (step, None))
    }

    /// A cell of two halves.
    pub fn cell(&self, left: Half, right: Half) -> (&'static str, Style) {
        match (self.colour(left), self.colour(right)) {
            (Some(left), Some(right)) if left == right => (" ", Style::new().bg(left)),
            (Some(left), Some(right)) => ("▌", Style::new().fg(left).bg(right)),
            (Some(left), None) => ("▌", Style::new().fg(left)),
            (None, Some(right)) => ("▐", Style::new().fg(right)),
            (None, None) => self.block(left, right),
        }
    }

    /// The ground under a mark.
    pub fn ground(&self, left: Half, right: Half) -> Option<Color> {
        self.colour(right).or_else(|| self.colour(left))
    }

    fn colour(&self, (step, touch): Half) -> Option<Color> {
        let (role, parts) = match touch {
            Some(Side::Buy) => (Role::Bid, TOUCH),
            Some(Side::Sell) => (Role::Ask, TOUCH),
            None if step == 0 => return None,
            None => (Role::Heat, PARTS[usize::from(step.min(SHADES))]),
        };
        self.scene.theme.shade(role, parts, OF)
    }

    fn block(&self, left: Half, right: Half) -> (&'static str, Style) {
        match right.1.or(left.1) {
            Some(Side::Buy) => ("─", self.style(Role::Bid)),
            Some(Side::Sell) => ("─", self.style(Role::Ask)),
            None => {
                let step = usize::from(left.0.max(right.0));
                (BLOCKS[step], self.style(Role::Heat))
            }
        }
    }

    /// The mark of what was traded in a cell, buyers first; `None` for what is too small to be seen.
    pub fn trade(&self, (buys, sells): (i64, i64)) -> Option<(&'static str, Role)> {
        let [seen, marked, large] = self.trades;
        let (lots, role, marks) = if buys >= sells {
            (buys, Role::Bid, ["·", "▴", "▲"])
        } else {
            (sells, Role::Ask, ["·", "▾", "▼"])
        };
        let mark = match lots {
            0 => return None,
            lots if lots >= large => marks[2],
            lots if lots >= marked => marks[1],
            lots if lots >= seen => marks[0],
            _ => return None,
        };
        Some((mark, role))
    }
}

/// The size that so many in a hundred of those above zero stay under.
fn percentile(sizes: impl Iterator<Item = i64>, percent: usize) -> Option<i64> {
    let mut sizes: Vec<i64> = sizes.filter(|size| *size > 0).collect();
    let at = (sizes.len() * percent / 100).min(sizes.len().checked_sub(1)?);
    Some(*sizes.select_nth_unstable(at).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_that_of_the_sorted_sizes() {
        assert_eq!(percentile([].into_iter(), 97), None);
        assert_eq!(percentile([0, 0].into_iter(), 97), None);
        for count in 1..200_i64 {
            let sorted: Vec<i64> = (1..=count).collect();
            let shuffled = (0..count).map(|at| at * 7_919 % count + 1);
            let wanted = if count % 7_919 == 0 {
                None
            } else {
                sorted.get(sorted.len() * 97 / 100)
            };
            assert_eq!(percentile(shuffled, 97).as_ref(), wanted, "{count}");
        }
    }
}
