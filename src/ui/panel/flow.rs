//! Where the market leans: cumulative delta and its line, book imbalance, spread, volatility, pace. In one line where there is no more.

mod line;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Scene;
use super::tape::pace;
use crate::domain::{BookState, Instrument, Qty};
use crate::market::flow::FlowView;
use crate::market::pace::PaceView;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::theme::Role;

/// Rows of the tall form without the line of the delta and the pace.
const ROWS: u16 = 6;
/// Rows of the pace.
const PACE: u16 = 3;
/// From this height on there is room for both.
const WITH_PACE: u16 = ROWS + PACE + 3;
/// The line of the delta is no taller.
const TALLEST: u16 = 5;
/// Columns of a value, its label before it.
const VALUE: u16 = 16;

/// Draws the panel; under six rows in the form of lines.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let market = scene.market();
    let (flow, pace) = (market.flow.as_deref(), market.pace);
    let (Some(flow), Some(pace), Some(instrument)) = (flow, pace, scene.instrument()) else {
        let mut pen = Pen::new(buffer, area);
        pen.put(1, 0, "flow", scene.style(Role::Heading));
        pen.put(1, 1, "no trades yet", scene.style(Role::Faint));
        return;
    };
    let flow = Flow {
        scene,
        instrument,
        flow,
        pace,
        live: market.state.as_ref().is_some_and(BookState::is_live),
    };
    if area.height < 6 {
        flow.lines(&mut Pen::new(buffer, area));
    } else {
        flow.tall(&mut Pen::new(buffer, area));
    }
}

struct Flow<'a> {
    scene: &'a Scene<'a>,
    instrument: &'a Instrument,
    flow: &'a FlowView,
    pace: PaceView,
    live: bool,
}

impl Flow<'_> {
    fn style(&self, role: Role) -> Style {
        self.scene.style(role)
    }

    /// What comes from the book is drawn as stale where the book is.
    fn fresh(&self, role: Role) -> Style {
        self.style(if self.live { role } else { Role::Stale })
    }

    /// A signed size, with all decimals of the lot.
    fn signed(&self, lots: i64) -> String {
        let size = format::qty(self.instrument, Qty(lots));
        if lots > 0 { format!("+{size}") } else { size }
    }

    fn lean(&self, value: i64) -> Role {
        match value {
            1.. => Role::Bid,
            0 => Role::Text,
            ..0 => Role::Ask,
        }
    }

    fn last_ten(&self) -> i64 {
        self.pace.bought.0.saturating_sub(self.pace.sold.0)
    }

    fn imbalance(&self) -> String {
        match self.flow.imbalance {
            None => "–".to_owned(),
            Some(thousandths) => {
                let percent = thousandths.saturating_add(5 * thousandths.signum()) / 10;
                if percent > 0 {
                    format!("+{percent}%")
                } else {
                    format!("{percent}%")
                }
            }
        }
    }

    fn spread(&self) -> String {
        match self.flow.spread {
            Some(ticks) => format!("{}t", format::grouped(&ticks.to_string())),
            None => "–".to_owned(),
        }
    }

    fn volatility(&self) -> String {
        match self.flow.volatility {
            Some(thousandths) => {
                let tenths = thousandths.saturating_add(50) / 100;
                format!("~{}.{}bp", tenths / 10, tenths % 10)
            }
            None => "–".to_owned(),
        }
    }

    fn tall(&self, pen: &mut Pen<'_>) {
        pen.put(1, 0, "flow", self.style(Role::Heading));
        let has_pace = pen.height() >= WITH_PACE;
        let taken = ROWS + if has_pace { PACE } else { 0 };
        let end = pen.width();
        let tall = pen.height().saturating_sub(taken).min(TALLEST);
        let (delta, ten) = (self.flow.delta, self.last_ten());
        self.value(1, "delta", &self.signed(delta), self.lean(delta), pen);
        line::draw(self, Rect::new(1, 2, end.saturating_sub(1), tall), pen);
        let row = 2 + tall;
        self.value(row, "10s", &self.signed(ten), self.lean(ten), pen);
        self.book(row + 1, pen);
        self.spread_row(row + 2, pen);
        self.value(row + 3, "vola", &self.volatility(), Role::Text, pen);
        pace::put_times(self.scene, self.flow.volatility_times, end, row + 3, pen);
        if has_pace {
            self.pace(row + 4, pen);
        }
    }

    fn pace(&self, row: u16, pen: &mut Pen<'_>) {
        let (ten, end) = (self.pace.ten, pen.width());
        let prints = format!("{}/s", pace::prints(ten));
        self.value(row, "prints", &prints, Role::Text, pen);
        pace::put_times(self.scene, ten.prints_times, end, row, pen);
        self.value(row + 1, "volume", &self.volume(), Role::Text, pen);
        pace::put_times(self.scene, ten.volume_times, end, row + 1, pen);
        pace::sides(self.scene, self.pace, end, row + 2, pen);
    }

    fn volume(&self) -> String {
        let volume = self.instrument.qty_decimal(self.pace.ten.volume);
        format!("{}/s", format::brief(volume))
    }

    /// A label, and its value at the right of a fixed column.
    fn value(&self, row: u16, label: &str, value: &str, role: Role, pen: &mut Pen<'_>) {
        pen.put(1, row, label, self.style(Role::Dim));
        let end = VALUE.max(8 + format::cells(value) as u16).min(pen.width());
        pen.put_right(end, row, value, self.style(role));
    }

    fn book(&self, row: u16, pen: &mut Pen<'_>) {
        pen.put(1, row, "book", self.style(Role::Dim));
        pen.put_right(10, row, &self.imbalance(), self.fresh(Role::Text));
        let share = self.flow.imbalance.filter(|_| self.live);
        let share = share.map(|of| u16::try_from(of.saturating_add(1_000) / 2).unwrap_or(0));
        if let Some(share) = share {
            let end = pen.width();
            pace::balance(self.scene, share, 11, end, row, pen);
        }
    }

    fn spread_row(&self, row: u16, pen: &mut Pen<'_>) {
        self.value(row, "spread", &self.spread(), Role::Text, pen);
        if let Some(usual) = self.flow.usual_spread {
            let usual = format::grouped(&usual.to_string());
            let texts = [format!("usual {usual}t"), format!("~{usual}t")];
            let room = usize::from(pen.width().saturating_sub(VALUE + 1));
            let fits = texts.iter().find(|text| format::cells(text) <= room);
            let text = fits.map_or("", String::as_str);
            pen.put_right(pen.width(), row, text, self.style(Role::Dim));
        }
    }

    /// One line of pieces, and a second one where there is room: none is cut in the middle.
    fn lines(&self, pen: &mut Pen<'_>) {
        let mut column = 1;
        let mut row = 0;
        for piece in self.pieces() {
            let wide = pen::width(&piece) as u16;
            if column > 1 && column + wide > pen.width() {
                (row, column) = (row + 1, 1);
            }
            if row >= pen.height() {
                return;
            }
            pen.pieces(column, row, &piece);
            column += wide + 2;
        }
    }

    /// Each figure as wide as it is likely to become, so that the next one stays where it is.
    fn pieces(&self) -> Vec<Vec<Piece>> {
        let label = |word: &str| (format!("{word} "), self.style(Role::Dim));
        let value = |text: String, width: usize, style: Style| (format::right(&text, width), style);
        let delta = self.flow.delta;
        let share = pace::share(self.pace.bought, self.pace.sold);
        let buys = share.map_or_else(|| "–".to_owned(), |of| format!("{}%", (of + 5) / 10));
        vec![
            vec![
                label("delta"),
                value(self.signed(delta), 9, self.style(self.lean(delta))),
            ],
            vec![
                label("book"),
                value(self.imbalance(), 5, self.fresh(Role::Text)),
            ],
            vec![
                label("spread"),
                value(self.spread(), 3, self.fresh(Role::Text)),
            ],
            vec![
                label("vola"),
                value(self.volatility(), 7, self.style(Role::Text)),
            ],
            vec![
                value(
                    format!("{}/s", pace::prints(self.pace.ten)),
                    6,
                    self.style(Role::Text),
                ),
                value(
                    pace::times(self.pace.ten.prints_times),
                    5,
                    self.style(Role::Dim),
                ),
            ],
            vec![label("buys"), value(buys, 4, self.style(Role::Text))],
        ]
    }
}

#[cfg(test)]
mod tests;
