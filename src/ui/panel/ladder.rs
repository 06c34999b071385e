//! The ladder: own orders, bid sizes, prices, ask sizes; what matters now is written in the half of a row that has no size.
//!
//! It keeps nothing: rows, widths and fading trades are the view's.

mod edges;
mod figures;
mod lines;
mod own;
mod queue;
mod ruler;
mod sizes;
mod tags;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Scene;
use crate::domain::{BookState, Instrument, Price, Side};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::columns::COLUMNS;
use crate::ui::view::{self, Columns, Grid, Marks, Profile};
use figures::Figures;

pub use own::{mark as own_mark, waits_at as own_waits_at};

/// Milliseconds of one step of a trade's fading.
pub const FADE_STEP_MS: u64 = view::FADE_MS / crate::ui::theme::FADE_STEPS as u64;

/// What the parts of the ladder share during one draw.
struct Ladder<'a> {
    scene: &'a Scene<'a>,
    instrument: &'a Instrument,
    grid: Grid,
    columns: Columns,
    profile: Profile,
    marks: Marks,
    figures: Figures,
    /// What has a price and a word on its row.
    marked: Vec<tags::Marked>,
    bid_row: Option<u16>,
    ask_row: Option<u16>,
    live: bool,
    /// Bytes of a price text, and how many of them all rows share.
    shared: (usize, usize),
}

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let columns = Columns::of(pen.width(), scene.view.widths(), scene.view.columns());
    head(scene, &columns, &mut pen);
    let rows = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(2),
        ..area
    };
    let (Some(grid), Some(instrument)) = (scene.view.grid(), scene.instrument()) else {
        waiting(scene, &mut Pen::new(buffer, rows));
        return;
    };
    let ladder = Ladder::new(scene, instrument, grid, columns);
    let mut pen = Pen::new(buffer, rows);
    for row in 0..grid.rows().min(pen.height()) {
        ladder.row(row, &mut pen);
    }
    let told = ladder.state(&mut pen);
    let mut pen = Pen::new(buffer, area);
    let taken = edges::draw(&ladder, &mut pen);
    ladder.heads(taken, &mut pen);
    if let Some(words) = told {
        // Nothing of the heads may stick out behind the words.
        let room = usize::from(pen.width());
        pen.put(0, 0, &" ".repeat(room), scene.style(Role::Heading));
        pen.put(
            1,
            0,
            &format::cut(&words, room.saturating_sub(1)),
            scene.style(Role::Alarm),
        );
    }
}

fn head(scene: &Scene<'_>, columns: &Columns, pen: &mut Pen<'_>) {
    let style = scene.style(Role::Heading);
    pen.put(columns.mine.0, 0, "mine", style);
    pen.put_right(columns.bid_size.1, 0, "bid", style);
    pen.put_right(columns.price.1, 0, "price", style);
    pen.put_right(columns.ask_size.1, 0, "ask", style);
}

/// Nothing to draw yet: says what is awaited, or what is wrong, in the middle.
fn waiting(scene: &Scene<'_>, pen: &mut Pen<'_>) {
    let market = scene.market();
    let (words, role) = match (&market.state, &market.key) {
        (Some(state), _) if !state.is_live() => (state_words(state, market.quiet_ms), Role::Alarm),
        (_, None) => ("no symbol is open; / finds one".to_owned(), Role::Dim),
        _ => ("waiting for the book".to_owned(), Role::Dim),
    };
    let text = format!(
        " {} ",
        format::cut(&words, usize::from(pen.width().saturating_sub(2)))
    );
    let column = pen.width().saturating_sub(format::cells(&text) as u16) / 2;
    pen.put(column, pen.height() / 2, &text, scene.style(role));
}

/// A book state that is not LIVE as the trader reads it, with the age of what is drawn.
pub fn state_words(state: &BookState, quiet_ms: u64) -> String {
    let (word, why, aged) = match state {
        BookState::Live => return "LIVE".to_owned(),
        BookState::Stale(why) => ("STALE", why, true),
        BookState::Resync(why) => ("RESYNC", why, false),
        BookState::Down(why) => ("DOWN", why, false),
    };
    let mut out = word.to_owned();
    if aged {
        out.push(' ');
        out.push_str(&format::span(quiet_ms));
    }
    if !why.is_empty() {
        out.push(' ');
        out.push_str(&crate::domain::text::sanitise(why, 60));
    }
    out
}

/// The length of a price text and the bytes at its head that the first and the last row have in common.
fn shared_digits(instrument: &Instrument, grid: Grid) -> (usize, usize) {
    let first = format::price(instrument, grid.price(0));
    let last = format::price(instrument, grid.price(grid.rows().saturating_sub(1)));
    if first.len() != last.len() {
        return (0, 0);
    }
    let same = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b);
    (first.len(), same.count())
}

impl<'a> Ladder<'a> {
    fn new(scene: &'a Scene<'a>, instrument: &'a Instrument, grid: Grid, columns: Columns) -> Self {
        let market = scene.market();
        let (bid, ask) = view::touch(market);
        let profile = Profile::of(grid, market.depth.as_deref());
        let mut ladder = Self {
            scene,
            instrument,
            grid,
            columns,
            marks: scene.view.marks(market, &profile),
            figures: Figures::of(scene, grid, &columns),
            marked: Vec::new(),
            profile,
            bid_row: bid.and_then(|price| grid.row(Side::Buy, price)),
            ask_row: ask.and_then(|price| grid.row(Side::Sell, price)),
            live: market.state.as_ref().is_some_and(BookState::is_live),
            shared: shared_digits(instrument, grid),
        };
        ladder.marked = tags::marks(&ladder);
        ladder
    }

    fn style(&self, role: Role) -> Style {
        self.scene.style(role)
    }

    /// The words over the columns that can be left out, where nothing stands before `taken`.
    fn heads(&self, taken: u16, pen: &mut Pen<'_>) {
        for (column, _) in COLUMNS {
            let word = figures::head(self, column);
            if let Some((_, end)) = self.columns.place(column)
                && (end <= self.columns.price.0 || end >= taken + format::cells(&word) as u16 + 2)
            {
                pen.put_right(end, 0, &word, self.style(Role::Heading));
            }
        }
    }

    /// The style of a number of the book: one role while the book is live, another when it is not.
    fn fresh(&self, role: Role) -> Style {
        self.style(if self.live { role } else { Role::Stale })
    }

    fn row(&self, row: u16, pen: &mut Pen<'_>) {
        let price = self.grid.price(row);
        if price.0 <= 0 {
            return;
        }
        self.ground(row, pen);
        self.price(row, price, pen);
        let tags = tags::pieces(self, row);
        if tags.is_empty() {
            lines::draw(self, row, pen);
        }
        sizes::draw(self, row, pen);
        figures::draw(self, row, pen);
        own::draw(self, row, pen);
        tags::draw(self, row, tags, pen);
    }

    /// The row's background: cursor, else trade, else entry, else best price.
    fn ground(&self, row: u16, pen: &mut Pen<'_>) {
        let (start, end) = self.columns.price;
        let price = (start.saturating_sub(1), (end + 2).saturating_sub(start));
        if self.scene.view.cursor_row() == Some(row) {
            pen.tint(0, row, pen.width(), self.style(Role::Cursor));
        } else if let Some(style) = self.traded(row) {
            pen.tint(price.0, row, price.1, style);
        } else if tags::entry_row(self) == Some(row) {
            pen.tint(price.0, row, price.1, self.style(Role::Entry));
        } else if self.live && self.bid_row == Some(row) {
            pen.tint(price.0, row, price.1, self.style(Role::BestBid));
        } else if self.live && self.ask_row == Some(row) {
            pen.tint(price.0, row, price.1, self.style(Role::BestAsk));
        }
    }

    /// How brightly the last trades light this row.
    fn traded(&self, row: u16) -> Option<Style> {
        let now = self.scene.snapshot.now;
        let here =
            |flash: &&view::Flash| self.grid.row(flash.side.opposite(), flash.price) == Some(row);
        // What is fresh does not shine on a book that is not.
        let mut flashes = self.scene.view.flashes().iter().filter(|_| self.live);
        let flash = flashes.find(here)?;
        let step = now.ms_since(flash.at) / FADE_STEP_MS;
        let step = u8::try_from(step)
            .ok()
            .filter(|step| *step < crate::ui::theme::FADE_STEPS)?;
        let role = match flash.side {
            Side::Buy => Role::TradedBuy,
            Side::Sell => Role::TradedSell,
        };
        self.scene
            .theme
            .traded(role, step)
            .map(|colour| Style::new().bg(colour))
    }

    /// The price: digits that all rows share dim, the others bright, and the marks of cursor and last trade beside it.
    fn price(&self, row: u16, price: Price, pen: &mut Pen<'_>) {
        let text = format::price(self.instrument, price);
        let shared = if text.len() == self.shared.0 {
            self.shared.1
        } else {
            0
        };
        let start = self
            .columns
            .price
            .1
            .saturating_sub(format::cells(&text) as u16);
        let best = self.live && (self.bid_row == Some(row) || self.ask_row == Some(row));
        let loud = match (best, self.bid_row == Some(row)) {
            (true, true) => self.style(Role::Bright).patch(self.style(Role::BestBid)),
            (true, false) => self.style(Role::Bright).patch(self.style(Role::BestAsk)),
            _ => self.fresh(Role::Bright),
        };
        let loud = if best {
            loud.add_modifier(Modifier::BOLD)
        } else {
            loud
        };
        // The background was chosen before; only the letters are styled here.
        let loud = Style { bg: None, ..loud };
        // Dim digits would drown in the light of a trade.
        let quiet = if self.traded(row).is_some() {
            Role::Bright
        } else {
            Role::Dim
        };
        let middle = pen.put(start, row, &text[..shared], self.fresh(quiet));
        pen.put(middle, row, &text[shared..], loud);
        if self.scene.view.cursor_row() == Some(row) {
            pen.put(
                self.columns.price.0.saturating_sub(1),
                row,
                if self.scene.view.is_pegged() {
                    "»"
                } else {
                    "›"
                },
                self.style(Role::Bright),
            );
        }
        self.last_mark(row, pen);
    }

    fn last_mark(&self, row: u16, pen: &mut Pen<'_>) {
        let Some(print) = self.scene.market().last else {
            return;
        };
        if self.grid.row(print.side.opposite(), print.price) == Some(row) {
            let mark = match print.side {
                Side::Buy => "▴",
                Side::Sell => "▾",
            };
            pen.put(self.columns.price.1, row, mark, self.fresh(Role::Last));
        }
    }

    /// A book that is not live says so at the spread. Gives the words back where they had to be cut: the head has room.
    fn state(&self, pen: &mut Pen<'_>) -> Option<String> {
        let market = self.scene.market();
        let state = market.state.as_ref().filter(|state| !state.is_live())?;
        let words = format!(" {} ", state_words(state, market.quiet_ms));
        let style = self.style(Role::Alarm);
        let short = market.position.size.is_sign_negative() && !market.position.size.is_zero();
        let whole = match (self.ask_row, self.bid_row) {
            (Some(row), _) if !short => self.left_words(row, &words, style, pen),
            (_, Some(row)) => self.right_words(row, &words, style, pen),
            (Some(row), None) => self.left_words(row, &words, style, pen),
            (None, None) => self.left_words(self.grid.rows() / 2, &words, style, pen),
        };
        (!whole).then_some(words)
    }

    fn left_words(&self, row: u16, words: &str, style: Style, pen: &mut Pen<'_>) -> bool {
        let end = self.columns.price.0.saturating_sub(2);
        let taken = [Side::Buy, Side::Sell]
            .iter()
            .any(|side| own::on_row(self, *side, row).is_some());
        let start = if taken {
            self.columns.mine.1
        } else {
            self.columns.mine.0
        };
        let room = usize::from(end.saturating_sub(start));
        pen.put_right(end, row, &format::cut(words, room), style);
        format::cells(words) <= room
    }

    fn right_words(&self, row: u16, words: &str, style: Style, pen: &mut Pen<'_>) -> bool {
        let room = usize::from(pen.width().saturating_sub(self.columns.ask_bar.0));
        pen.put(
            self.columns.ask_bar.0,
            row,
            &format::cut(words, room),
            style,
        );
        format::cells(words) <= room
    }
}
