//! What the view's actions and text keys do. It must not touch an order: wishes leave as a [`ViewOutcome`].

use super::search::{matches, no_match};
use super::{Field, Grid, List, Mode, Profile, View, ViewAction, middle, touch};
use crate::domain::{Price, Side};
use crate::engine::volume::Size;
use crate::ui::snapshot::Snapshot;

/// What the app has to do after a view action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ViewOutcome {
    /// Draw; nothing else.
    #[default]
    Drawn,
    /// Tell the trader that something is not as wished.
    Note(String),
    /// Tell the trader what is so now.
    Said(String),
    /// Open this symbol, `venue:symbol` where it is another venue's.
    OpenSymbol(String),
    /// The next ladder (`true`) or the one before gets the keys.
    NextLadder(bool),
    /// Close this ladder.
    CloseLadder,
    /// Replay the last own trade.
    Review,
    /// Go to this page, from 0.
    Page(usize),
    /// Open another page.
    NewPage,
    /// Close this page.
    ClosePage,
    /// Make this working volume (from 1) so large.
    SetVolume(u8, Size),
    /// Do the action or command of this name.
    RunAction(String),
    /// Set a signal level at this price, or take off those of its row, lowest and highest price, ticks.
    Level(Price, (Price, Price)),
    /// Empty the list of notifications.
    ClearNotices,
    /// End the program.
    Quit,
}

pub(super) fn note(words: &str) -> ViewOutcome {
    ViewOutcome::Note(words.to_owned())
}

impl View {
    /// Does one action of the screen.
    pub fn apply(&mut self, action: ViewAction, snapshot: &Snapshot) -> ViewOutcome {
        match action {
            ViewAction::Cursor(rows) | ViewAction::Scroll(rows)
                if matches!(self.mode, Mode::List(List::Layouts, _)) =>
            {
                self.step_layout(rows)
            }
            ViewAction::Cursor(rows) | ViewAction::Scroll(rows) if self.is_list() => {
                self.scroll_list(rows)
            }
            ViewAction::Centre if matches!(self.mode, Mode::List(List::Notices, _)) => {
                self.go_to_notice(snapshot)
            }
            ViewAction::Centre if matches!(self.mode, Mode::List(List::Columns, _)) => {
                self.switch_column()
            }
            ViewAction::Level => self.level(),
            ViewAction::ClearNotices => ViewOutcome::ClearNotices,
            ViewAction::Cursor(rows) if matches!(self.mode, Mode::Search(..)) => {
                self.choose(rows < 0);
                ViewOutcome::Drawn
            }
            ViewAction::Cursor(rows) => {
                let outcome = self.move_cursor(rows, snapshot);
                self.move_peg(&snapshot.market);
                outcome
            }
            ViewAction::Large(up) => {
                let outcome = self.find_large(up, snapshot);
                self.move_peg(&snapshot.market);
                outcome
            }
            ViewAction::Peg => self.toggle_peg(&snapshot.market),
            ViewAction::Centre => self.centre(snapshot),
            ViewAction::Zoom(closer) => self.change_zoom(closer),
            ViewAction::Frame(longer) => self.charts.change_frame(longer),
            ViewAction::ClusterText => self.charts.change_text(),
            ViewAction::Columns => self.next_columns(),
            ViewAction::Ladder(forward) => ViewOutcome::NextLadder(forward),
            ViewAction::CloseLadder => ViewOutcome::CloseLadder,
            ViewAction::Review => ViewOutcome::Review,
            ViewAction::Page(page) => ViewOutcome::Page(page),
            ViewAction::NewPage => ViewOutcome::NewPage,
            ViewAction::ClosePage => ViewOutcome::ClosePage,
            ViewAction::NextLayout => self.next_layout(),
            ViewAction::List(List::Layouts) => self.list_layouts(),
            ViewAction::Filtered => self.filter_prints(&snapshot.market),
            ViewAction::Search => self.open(Mode::Search(Field::default(), 0)),
            ViewAction::CommandLine => self.open(Mode::CommandLine(Field::default())),
            ViewAction::EditVolume => self.edit_volume(snapshot),
            ViewAction::Tag => {
                let tags = snapshot.diary.tags.clone();
                self.open(Mode::Tag(Field::default(), tags))
            }
            ViewAction::Note => self.open(Mode::CommandLine(Field::with("note "))),
            ViewAction::List(list) if matches!(self.mode, Mode::List(open, _) if open == list) => {
                self.open(Mode::Ladder)
            }
            ViewAction::List(list) => self.open(Mode::List(list, self.list_start(list))),
            ViewAction::Quit if self.mode == Mode::ConfirmQuit => ViewOutcome::Quit,
            ViewAction::Quit => self.open(Mode::ConfirmQuit),
            ViewAction::Redraw => {
                self.redraw();
                ViewOutcome::Drawn
            }
            ViewAction::Dismiss => self.cancel(),
            ViewAction::Scroll(rows) => self.scroll(rows, snapshot),
        }
    }

    /// A character for the open field or question; ignored when none is open.
    pub fn type_char(&mut self, c: char) -> ViewOutcome {
        match &mut self.mode {
            Mode::Search(field, chosen) => {
                *chosen = 0;
                field.type_char(c);
            }
            // A number chooses while nothing is typed.
            Mode::Tag(field, tags) if field.text().is_empty() => {
                let number = c.to_digit(10).and_then(|digit| digit.checked_sub(1));
                match number.and_then(|at| tags.get(at as usize)) {
                    Some(tag) => {
                        let line = format!("tag {tag}");
                        self.mode = Mode::Ladder;
                        return ViewOutcome::RunAction(line);
                    }
                    None => field.type_char(c),
                }
            }
            Mode::CommandLine(field) | Mode::EditVolume(field) | Mode::Tag(field, _) => {
                field.type_char(c);
            }
            Mode::ConfirmQuit if matches!(c, 'y' | 'Y') => return ViewOutcome::Quit,
            Mode::ConfirmQuit => self.mode = Mode::Ladder,
            Mode::Ladder | Mode::List(..) | Mode::Form(_) => {}
        }
        ViewOutcome::Drawn
    }

    /// Pasted text for the open field.
    pub fn paste(&mut self, text: &str) {
        if let Mode::Search(field, _)
        | Mode::CommandLine(field)
        | Mode::EditVolume(field)
        | Mode::Tag(field, _) = &mut self.mode
        {
            field.paste(text);
        }
    }

    /// Puts a line into the `:` field in place of what stands there.
    pub fn call_back(&mut self, line: &str) {
        if let Mode::CommandLine(field) = &mut self.mode {
            *field = Field::with(line);
        }
    }

    /// Takes the last character off; an empty field closes.
    pub fn backspace(&mut self) {
        let emptied = match &mut self.mode {
            Mode::Search(field, chosen) => {
                *chosen = 0;
                !field.backspace()
            }
            Mode::CommandLine(field) | Mode::EditVolume(field) | Mode::Tag(field, _) => {
                !field.backspace()
            }
            Mode::Ladder | Mode::List(..) | Mode::ConfirmQuit | Mode::Form(_) => false,
        };
        if emptied {
            self.mode = Mode::Ladder;
        }
    }

    /// Moves the choice in the list of matches; positive is down.
    pub fn choose(&mut self, down: bool) {
        if let Mode::Search(_, chosen) = &mut self.mode {
            *chosen = if down {
                chosen.saturating_add(1)
            } else {
                chosen.saturating_sub(1)
            };
        }
    }

    /// The trader's own Enter in a field or the quit question.
    pub fn submit(&mut self, snapshot: &Snapshot) -> ViewOutcome {
        match std::mem::take(&mut self.mode) {
            Mode::Search(field, chosen) => {
                let matches = matches(snapshot, field.text());
                match matches.get(chosen.min(matches.len().saturating_sub(1))) {
                    Some(symbol) => ViewOutcome::OpenSymbol(symbol.clone()),
                    None => ViewOutcome::Note(no_match(snapshot, field.text())),
                }
            }
            Mode::CommandLine(field) if field.text().trim().is_empty() => ViewOutcome::Drawn,
            Mode::CommandLine(field) => ViewOutcome::RunAction(field.text().trim().to_owned()),
            Mode::EditVolume(field) => self.take_volume(field, snapshot),
            Mode::Tag(field, _) if field.text().trim().is_empty() => ViewOutcome::Drawn,
            Mode::Tag(field, _) => ViewOutcome::RunAction(format!("tag {}", field.text().trim())),
            Mode::ConfirmQuit => ViewOutcome::Quit,
            Mode::Ladder | Mode::List(..) | Mode::Form(_) => ViewOutcome::Drawn,
        }
    }

    /// Esc: closes what is open, else hides the cursor.
    pub fn cancel(&mut self) -> ViewOutcome {
        if self.mode == Mode::Ladder {
            self.cursor = None;
            self.peg = None;
        }
        self.mode = Mode::Ladder;
        ViewOutcome::Drawn
    }

    fn open(&mut self, mode: Mode) -> ViewOutcome {
        self.mode = mode;
        ViewOutcome::Drawn
    }

    const fn is_list(&self) -> bool {
        matches!(self.mode, Mode::List(..))
    }

    fn scroll_list(&mut self, rows: i16) -> ViewOutcome {
        if let Mode::List(list, scroll) = self.mode {
            let scroll = scroll.saturating_add_signed(rows.saturating_neg());
            self.mode = Mode::List(list, scroll.min(self.list_end(list)));
        }
        ViewOutcome::Drawn
    }

    fn level(&self) -> ViewOutcome {
        let (low, high) = match (self.cursor_range(Side::Buy), self.cursor_range(Side::Sell)) {
            (Some(buys), Some(sells)) => (buys.0.min(sells.0), buys.1.max(sells.1)),
            _ => return note("put the cursor on a price first: j or k"),
        };
        match self.cursor_price() {
            Some(price) => ViewOutcome::Level(price, (low, high)),
            None => note("put the cursor on a price first: j or k"),
        }
    }

    fn edit_volume(&mut self, snapshot: &Snapshot) -> ViewOutcome {
        if snapshot.market.instrument.is_none() {
            return note("no instrument is open");
        }
        self.open(Mode::EditVolume(Field::default()))
    }

    fn take_volume(&mut self, field: Field, snapshot: &Snapshot) -> ViewOutcome {
        let market = &snapshot.market;
        let Some(instrument) = market.instrument.as_deref() else {
            return note("no instrument is open");
        };
        match Size::typed(&plain(field.text()), instrument) {
            Ok(size) => ViewOutcome::SetVolume(market.volume, size),
            Err(words) => {
                self.mode = Mode::EditVolume(field);
                ViewOutcome::Note(words)
            }
        }
    }

    /// The first step puts the cursor on the touch; later ones go by rows and take the ladder along while the price stays in sight.
    fn move_cursor(&mut self, rows: i16, snapshot: &Snapshot) -> ViewOutcome {
        let Some(grid) = self.grid() else {
            return note("there is no price yet");
        };
        let Some(row) = self.cursor_row() else {
            return self.start_cursor(grid, rows > 0, snapshot);
        };
        let wanted = i32::from(row) - i32::from(rows);
        let kept = wanted.clamp(0, i32::from(self.rows) - 1);
        let shift = self.shift_within(grid, wanted - kept, snapshot);
        let grid = self.grid().unwrap_or(grid);
        let row = (wanted - shift).clamp(0, i32::from(self.rows) - 1);
        self.put_cursor(grid, row);
        ViewOutcome::Drawn
    }

    /// Moves the ladder as far as the price stays in sight.
    fn scroll(&mut self, rows: i16, snapshot: &Snapshot) -> ViewOutcome {
        if let Some(grid) = self.grid() {
            self.shift_within(grid, -i32::from(rows), snapshot);
        }
        ViewOutcome::Drawn
    }

    fn start_cursor(&mut self, grid: Grid, up: bool, snapshot: &Snapshot) -> ViewOutcome {
        let (bid, ask) = touch(&snapshot.market);
        let (side, price) = if up {
            (Side::Sell, ask)
        } else {
            (Side::Buy, bid)
        };
        let row = price
            .and_then(|price| grid.row(side, price))
            .unwrap_or(self.rows / 2);
        self.put_cursor(grid, i32::from(row));
        ViewOutcome::Drawn
    }

    fn put_cursor(&mut self, grid: Grid, row: i32) {
        let price = grid.price(u16::try_from(row).unwrap_or(0));
        if price.0 > 0 {
            self.cursor = Some(price);
        }
    }

    /// Moves the ladder by up to `rows` (positive: towards lower prices) as far as the touch stays off its edges; says by how much.
    fn shift_within(&mut self, grid: Grid, rows: i32, snapshot: &Snapshot) -> i32 {
        let mut done = 0;
        let (bid, ask) = touch(&snapshot.market);
        while done != rows {
            let before = self.anchor;
            let step = rows.signum();
            self.anchor = self.anchor.map(|anchor| {
                Price(
                    anchor
                        .0
                        .saturating_sub(i64::from(step).saturating_mul(grid.zoom())),
                )
            });
            let middle = bid.or(ask).unwrap_or_default();
            if self.needs_centre(&snapshot.market, middle) {
                self.anchor = before;
                break;
            }
            done += step;
        }
        done
    }

    fn find_large(&mut self, up: bool, snapshot: &Snapshot) -> ViewOutcome {
        let Some(grid) = self.grid() else {
            return note("there is no price yet");
        };
        let profile = Profile::of(grid, snapshot.market.depth.as_deref());
        let from = match self.cursor_row() {
            Some(row) => i32::from(row),
            None => i32::from(self.touch_row(grid, up, snapshot)),
        };
        let least = self.marks(&snapshot.market, &profile).large;
        let large = |row: &i32| u16::try_from(*row).is_ok_and(|row| profile.has(row, least));
        let found = if up {
            (0..from).rev().find(large)
        } else {
            (from + 1..i32::from(self.rows)).find(large)
        };
        match found {
            Some(row) => {
                self.put_cursor(grid, row);
                ViewOutcome::Drawn
            }
            None if up => note("no large size above on the screen"),
            None => note("no large size below on the screen"),
        }
    }

    fn touch_row(&self, grid: Grid, up: bool, snapshot: &Snapshot) -> u16 {
        let (bid, ask) = touch(&snapshot.market);
        let (side, price) = if up {
            (Side::Buy, bid)
        } else {
            (Side::Sell, ask)
        };
        price
            .and_then(|price| grid.row(side, price))
            .unwrap_or(self.rows / 2)
    }

    fn centre(&mut self, snapshot: &Snapshot) -> ViewOutcome {
        match middle(&snapshot.market) {
            Some(price) => {
                self.anchor = Some(price);
                ViewOutcome::Drawn
            }
            None => note("there is no price yet"),
        }
    }
}

/// A volume as typed, without the spaces between thousands and with a point for the decimals.
pub fn plain(typed: &str) -> String {
    typed.replace(' ', "").replace(',', ".")
}
