//! The footprint, row by row beside the ladder: a column for each bar of the time frame, the newest at the right. In each cell what
//! sellers and buyers took there; totals and difference at the foot. It merges rows as the ladder does and keeps nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Scene;
use crate::domain::{Instrument, Qty};
use crate::market::bar::Frame;
use crate::market::clusters::{Cell, Column, Merged};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{ClusterColour, ClusterText, Grid};

/// Steps of a cell's colour.
const SHADES: u8 = 4;
/// From this step on a cell is bold where there are no shades.
const BOLD_FROM: u8 = 3;
/// Rows at the foot: what was traded, and the difference.
const FOOT: u16 = 2;

/// What the parts share during one draw.
struct Clusters<'a> {
    scene: &'a Scene<'a>,
    instrument: &'a Instrument,
    grid: Grid,
    text: ClusterText,
}

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let columns = scene.market().clusters.as_deref();
    let columns = columns.filter(|columns| !columns.is_empty());
    let (Some(columns), Some(instrument), Some(grid)) =
        (columns, scene.instrument(), scene.view.grid())
    else {
        head(scene, pen.width(), &mut pen);
        pen.put(0, 1, "no trades yet", scene.style(Role::Faint));
        return;
    };
    if area.height != grid.rows() + 2 {
        head(scene, pen.width(), &mut pen);
        let words = "stands beside the ladder, at its height";
        pen.put(0, 1, words, scene.style(Role::Faint));
        return;
    }
    let clusters = Clusters {
        scene,
        instrument,
        grid,
        text: scene.view.charts.clusters.text,
    };
    let wide = clusters.width();
    let count = (pen.width() / wide).min(u16::try_from(columns.len()).unwrap_or(u16::MAX));
    let first = pen.width() - count * wide;
    let shown = columns.iter().skip(columns.len() - usize::from(count));
    for (at, column) in (0..count).zip(shown) {
        clusters.column(column, first + at * wide, &mut pen);
    }
    let room = if count == pen.width() / wide {
        // The time of the oldest column gives way to the name.
        first + wide
    } else {
        first
    };
    head(scene, room, &mut pen);
}

/// `clusters 1m`, or the frame alone.
fn head(scene: &Scene<'_>, room: u16, pen: &mut Pen<'_>) {
    let frame = scene.view.charts.shown();
    let frame = frame.map_or_else(String::new, |frame| frame.to_string());
    let whole = format!("clusters {frame}");
    let text = if format::cells(&whole) < usize::from(room) {
        whole
    } else {
        frame
    };
    let text = format::left(&text, usize::from(room));
    pen.put(0, 0, &text, scene.style(Role::Heading));
}

impl Clusters<'_> {
    /// Cells of a column: a mark, the text, and for a single number a place for the imbalance.
    const fn width(&self) -> u16 {
        match self.text {
            ClusterText::BidAsk => 10,
            ClusterText::Delta => 7,
            ClusterText::Total => 6,
        }
    }

    fn style(&self, role: Role) -> Style {
        self.scene.style(role)
    }

    fn brief(&self, lots: i64) -> String {
        format::narrow(self.instrument.qty_decimal(Qty(lots)))
    }

    fn signed(&self, lots: i64) -> String {
        let sign = match lots {
            0 => "",
            1.. => "+",
            _ => "-",
        };
        format!("{sign}{}", self.brief(lots))
    }

    fn column(&self, column: &Column, x: u16, pen: &mut Pen<'_>) {
        let end = x + self.width();
        let time = self.time(column.bar.began_ms);
        pen.put_right(end - 1, 0, &time, self.style(Role::Dim));
        let merged = column.merged(self.grid.zoom());
        let top = self.grid.price(0).0.div_euclid(self.grid.zoom());
        let rows = pen.height().saturating_sub(1 + FOOT);
        for (place, cell) in merged.rows().iter().enumerate() {
            let row = u16::try_from(top.saturating_sub(cell.at)).ok();
            if let Some(row) = row.filter(|row| *row < rows) {
                self.cell(&merged, place, cell, (x, row + 1), pen);
            }
        }
        let foot = pen.height() - FOOT;
        let total = self.brief(column.bar.volume());
        pen.put_right(end - 1, foot, &total, self.style(Role::Bright));
        let Some(delta) = column.bar.delta() else {
            return;
        };
        let role = if delta < 0 { Role::Ask } else { Role::Bid };
        pen.put_right(end - 1, foot + 1, &self.signed(delta), self.style(role));
    }

    /// When it began: without seconds where bars begin with the minute.
    fn time(&self, began_ms: i64) -> String {
        let whole = format::time_of_day(began_ms, self.scene.view.utc_offset_s);
        let seconds = match self.scene.view.charts.shown() {
            Some(Frame::Time(ms)) => ms % 60_000 != 0,
            _ => true,
        };
        match (seconds, self.text) {
            (false, _) => whole.get(..5).unwrap_or("").to_owned(),
            (true, ClusterText::BidAsk) => whole,
            (true, _) => whole.get(3..).unwrap_or("").to_owned(),
        }
    }

    fn cell(
        &self,
        merged: &Merged,
        place: usize,
        cell: &Cell,
        (x, row): (u16, u16),
        pen: &mut Pen<'_>,
    ) {
        let times = self.scene.view.charts.clusters.imbalance;
        let (buyers, sellers) = merged.imbalance(place, times);
        let control = merged.control() == Some(cell.at);
        let shade = self.shade(merged, cell);
        if let Some((_, Some(ground))) = shade {
            pen.tint(x + 1, row, self.width() - 1, Style::new().bg(ground));
        }
        let strong = matches!(shade, Some((BOLD_FROM.., None)));
        // On the strongest ground only the brightest letters can be read.
        let letters = match shade {
            Some((SHADES, Some(_))) => Role::Bright,
            _ => Role::Text,
        };
        let plain = match (control, strong) {
            (true, _) => self.style(Role::Bright).add_modifier(Modifier::BOLD),
            (false, true) => self.style(letters).add_modifier(Modifier::BOLD),
            (false, false) => self.style(letters),
        };
        if control {
            pen.put(x, row, "▐", self.style(Role::Bright));
        }
        let leans = match (sellers, buyers) {
            (true, true) => "◆",
            (true, false) => "◂",
            (false, true) => "▸",
            (false, false) => "",
        };
        let grounded = matches!(shade, Some((_, Some(_))));
        let marked = |role: Role| {
            let role = if grounded { Role::Bright } else { role };
            self.style(role).add_modifier(Modifier::BOLD)
        };
        let faint = self.style(if grounded { letters } else { Role::Faint });
        let lean = marked(if buyers && !sellers {
            Role::Bid
        } else {
            Role::Ask
        });
        let end = x + self.width();
        match self.text {
            ClusterText::BidAsk => {
                let of = |lots: i64, beats: bool, role: Role| match (lots, beats) {
                    (0, _) => faint,
                    (_, true) => marked(role),
                    (_, false) => plain,
                };
                let (bid, ask) = (self.brief(cell.sells), self.brief(cell.buys));
                pen.put_right(x + 5, row, &bid, of(cell.sells, sellers, Role::Ask));
                match leans {
                    "" => pen.put(x + 5, row, "×", faint),
                    mark => pen.put(x + 5, row, mark, lean),
                };
                pen.put(x + 6, row, &ask, of(cell.buys, buyers, Role::Bid));
            }
            ClusterText::Delta => {
                pen.put_right(end - 1, row, &self.signed(cell.delta()), plain);
                pen.put(end - 1, row, leans, lean);
            }
            ClusterText::Total => {
                pen.put_right(end - 1, row, &self.brief(cell.volume()), plain);
                pen.put(end - 1, row, leans, lean);
            }
        }
    }

    /// How strongly a cell is coloured, and its ground where there are shades; `None` where it is not coloured.
    fn shade(&self, merged: &Merged, cell: &Cell) -> Option<(u8, Option<ratatui::style::Color>)> {
        let delta = cell.delta();
        let most = match self.scene.view.charts.clusters.colour {
            ClusterColour::None => return None,
            ClusterColour::Balance => cell.volume(),
            ClusterColour::Delta => merged.most_delta(),
        };
        let part = i128::from(delta.unsigned_abs()) * i128::from(SHADES);
        let step = part.checked_div(i128::from(most)).unwrap_or(0);
        let step = u8::try_from(step).unwrap_or(SHADES).min(SHADES);
        let role = if delta < 0 {
            Role::AskBar
        } else {
            Role::BidBar
        };
        let ground = self.scene.theme.shade(role, step, SHADES);
        (step > 0).then_some((step, ground))
    }
}

#[cfg(test)]
mod tests;
