//! Candles of the chosen time frame with what was traded under them and the average price as a line; at the right edge the prices of
//! what is one's own. It has a price scale of its own and keeps nothing.

mod marks;
mod scale;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Scene;
use crate::domain::{Instrument, Price, Qty, Side};
use crate::market::bar::{Bar, Frame};
use crate::market::candles::{Candle, PARTS, Picture};
use crate::ui::format;
use crate::ui::pen::{Pen, Piece};
use crate::ui::theme::{ColourDepth, Role};
use crate::ui::view::profile;
use scale::Scale;

pub(super) use scale::every;

/// Blocks of an eighth to eight eighths of a cell.
const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// A line in the four quarters of a cell, from its bottom.
const LINES: [&str; 4] = ["⣀", "⠤", "⠒", "⠉"];
/// Cells between two labels of the time.
const APART: i64 = 10;

/// What the parts share during one draw.
struct Chart<'a> {
    scene: &'a Scene<'a>,
    instrument: &'a Instrument,
    /// Those that have room, oldest first.
    candles: Vec<Candle>,
    scale: Scale,
    /// Columns of candles.
    width: u16,
    /// The first column that has one.
    first: u16,
}

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let picture = scene.market().candles.as_ref();
    let (Some(picture), Some(instrument)) = (picture, scene.instrument()) else {
        head(scene, None, &mut pen);
        pen.put(0, 1, "no trades yet", scene.style(Role::Faint));
        return;
    };
    head(scene, Some((picture, instrument)), &mut pen);
    let axis = marks::width(scene);
    let width = area.width.saturating_sub(axis);
    let volume = match area.height {
        0..10 => 0,
        10..18 => 2,
        _ => 3,
    };
    let rows = area.height.saturating_sub(2 + volume);
    if width < 4 || rows < 3 {
        return;
    }
    let candles = newest(picture, usize::from(width));
    let first = width - u16::try_from(candles.len()).unwrap_or(width).min(width);
    let scale = Scale::of(reach(scene, instrument, &candles), rows);
    let chart = Chart {
        scene,
        instrument,
        candles,
        scale,
        width,
        first,
    };
    let part = |y: u16, height: u16| Rect {
        y: area.y + y,
        height,
        ..area
    };
    chart.candles(&mut Pen::new(buffer, part(1, rows)));
    chart.fills(&mut Pen::new(buffer, part(1, rows)));
    marks::draw(&chart, &mut Pen::new(buffer, part(1, rows)));
    chart.volumes(&mut Pen::new(buffer, part(1 + rows, volume)));
    chart.times(&mut Pen::new(buffer, part(1 + rows + volume, 1)));
}

/// `candles 1m`, the average price, and since when it is counted: what does not fit is left out.
fn head(scene: &Scene<'_>, known: Option<(&Picture, &Instrument)>, pen: &mut Pen<'_>) {
    let frame = scene.view.charts.shown();
    let frame = frame.map_or_else(String::new, |frame| frame.to_string());
    let at = pen.put(0, 0, "candles ", scene.style(Role::Heading));
    let at = pen.put(at, 0, &frame, scene.style(Role::Dim));
    let Some((picture, instrument)) = known else {
        return;
    };
    let average = picture.open.and_then(|open| open.average);
    let (Some(average), Some(since)) = (average, picture.since_ms) else {
        return;
    };
    let dim = scene.style(Role::Dim);
    let average = format::price(instrument, Price(average.div_euclid(PARTS)));
    let since = format::time_of_day(since, scene.view.utc_offset_s);
    let groups: [Vec<Piece>; 2] = [
        vec![
            ("average ".to_owned(), dim),
            (average, scene.style(Role::Text)),
        ],
        vec![("since ".to_owned(), dim), (since, dim)],
    ];
    let mut at = at + 2;
    for group in groups {
        if usize::from(at) + crate::ui::pen::width(&group) > usize::from(pen.width()) {
            return;
        }
        at = pen.pieces(at, 0, &group) + 1;
    }
}

/// The newest candles, as many as there are columns.
fn newest(picture: &Picture, columns: usize) -> Vec<Candle> {
    let finished = picture.finished.iter().copied();
    let count = picture.finished.len() + usize::from(picture.open.is_some());
    let all = finished.chain(picture.open);
    all.skip(count.saturating_sub(columns)).collect()
}

/// Lowest and highest price that the scale must show: the candles, and what is one's own where that is near.
fn reach(scene: &Scene<'_>, instrument: &Instrument, candles: &[Candle]) -> (i64, i64) {
    let low = candles.iter().map(|candle| candle.bar.low.0).min();
    let high = candles.iter().map(|candle| candle.bar.high.0).max();
    let (low, high) = (low.unwrap_or(0), high.unwrap_or(0));
    let span = high.saturating_sub(low);
    let near = |price: &i64| {
        *price >= low.saturating_sub(span / 2) && *price <= high.saturating_add(span / 2)
    };
    let own = marks::own(scene, instrument);
    let own = own.iter().map(|mark| mark.price.0).filter(near);
    own.fold((low, high), |(low, high), price| {
        (low.min(price), high.max(price))
    })
}

/// What a candle has in half a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Wick,
    Body,
}

impl Chart<'_> {
    fn style(&self, role: Role) -> Style {
        self.scene.style(role)
    }

    fn columns(&self) -> impl Iterator<Item = (u16, &Candle)> {
        (self.first..self.width).zip(&self.candles)
    }

    fn candles(&self, pen: &mut Pen<'_>) {
        for (column, candle) in self.columns() {
            self.average(column, candle, pen);
            let role = match (candle.bar.volume(), rises(&candle.bar)) {
                (0, _) => Role::Faint,
                (_, true) => Role::Bid,
                (_, false) => Role::Ask,
            };
            for row in 0..self.scale.rows() {
                let glyph = self.glyph(&candle.bar, row);
                pen.put(column, row, glyph, self.style(role));
            }
        }
    }

    /// The candle on a row; without colours one that rises is hollow.
    fn glyph(&self, bar: &Bar, row: u16) -> &'static str {
        let (upper, lower) = self.scale.halves(row);
        let hollow = self.scene.theme.depth() == ColourDepth::None && rises(bar);
        match (self.part(bar, upper), self.part(bar, lower)) {
            (Part::Body, Part::Body) if hollow => "║",
            (Part::Body, Part::Body) => "┃",
            (Part::Body, Part::Wick) => "╿",
            (Part::Wick, Part::Body) => "╽",
            (Part::Wick, Part::Wick) => "│",
            (Part::Body, Part::None) => "╹",
            (Part::None, Part::Body) => "╻",
            (Part::Wick, Part::None) => "╵",
            (Part::None, Part::Wick) => "╷",
            (Part::None, Part::None) => "",
        }
    }

    fn part(&self, bar: &Bar, half: i64) -> Part {
        let at = |price: Price| self.scale.half(price);
        let (low, high) = (bar.open.min(bar.close), bar.open.max(bar.close));
        if (at(low)..=at(high)).contains(&half) {
            Part::Body
        } else if (at(bar.low)..=at(bar.high)).contains(&half) {
            Part::Wick
        } else {
            Part::None
        }
    }

    /// The average price, in the quarter of the cell that it falls in.
    fn average(&self, column: u16, candle: &Candle, pen: &mut Pen<'_>) {
        let found = candle.average.and_then(|parts| self.scale.quarter(parts));
        if let Some((row, quarter)) = found {
            pen.put(column, row, LINES[quarter], self.style(Role::Dim));
        }
    }

    /// Own fills where and when they were.
    fn fills(&self, pen: &mut Pen<'_>) {
        for fill in &self.scene.market().fills {
            let later = |candle: &Candle| candle.bar.began_ms <= fill.venue_ms;
            let at = self.candles.partition_point(later).checked_sub(1);
            let price = self.instrument.tick.floor(fill.price).map(Price);
            let row = price.and_then(|price| self.scale.row(price));
            let (Some(at), Some(row)) = (at, row) else {
                continue;
            };
            let mark = match fill.side {
                Side::Buy => "▲",
                Side::Sell => "▼",
            };
            let column = self.first + u16::try_from(at).unwrap_or(0);
            pen.put(column, row, mark, self.style(Role::Mine));
        }
    }

    /// What each candle traded; a full bar is a round size, which stands beside it.
    fn volumes(&self, pen: &mut Pen<'_>) {
        let most = self.candles.iter().map(|candle| candle.bar.volume()).max();
        let full = profile::round_up(most.unwrap_or(0));
        let eighths = i128::from(pen.height()) * 8;
        for (column, candle) in self.columns() {
            let lots = i128::from(candle.bar.volume());
            let mut left = (lots * eighths / i128::from(full)).max(i128::from(lots > 0));
            let role = if rises(&candle.bar) {
                Role::BidBar
            } else {
                Role::AskBar
            };
            for row in (0..pen.height()).rev() {
                let here = left.clamp(0, 8);
                left -= here;
                let bar = BARS[usize::try_from(here).unwrap_or(0)];
                pen.put(column, row, bar, self.style(role));
            }
        }
        let text = format::narrow(self.instrument.qty_decimal(Qty(full)));
        pen.put_right(pen.width(), 0, &text, self.style(Role::Dim));
    }

    /// Times of day under the candles that begin at a round one.
    fn times(&self, pen: &mut Pen<'_>) {
        let frame = self.scene.view.charts.shown();
        let offset = self.scene.view.utc_offset_s;
        let mut free = 0;
        for (column, candle) in self.columns() {
            let began = candle.bar.began_ms;
            let (here, seconds) = match frame {
                Some(Frame::Time(ms)) => {
                    let every = scale::every(ms, APART);
                    let local = began.saturating_add(i64::from(offset) * 1_000);
                    (local.rem_euclid(every) == 0, every % 60_000 != 0)
                }
                _ => ((self.width - 1 - column).is_multiple_of(12), true),
            };
            let time = format::time_of_day(began, offset);
            let time = if seconds {
                &time
            } else {
                time.get(..5).unwrap_or("")
            };
            let end = column + format::cells(time) as u16;
            if here && column >= free && end <= pen.width() {
                pen.put(column, 0, time, self.style(Role::Faint));
                free = end + 1;
            }
        }
    }
}

/// True for a candle that closes no lower than it opened.
fn rises(bar: &Bar) -> bool {
    bar.close >= bar.open
}

#[cfg(test)]
mod tests;
