//! One screen's state: cursor, centre, zoom, what is open over the ladder. Pure; the app loop owns one a screen.
//!
//! It must not read a clock, hold market data beyond a few trades that are fading, or know about keys.

pub mod action;
pub mod charts;
pub mod columns;
pub mod field;
pub mod grid;
pub mod look;
mod notices;
mod pane;
mod peg;
mod prints;
pub mod profile;
mod tab;
mod wardrobe;
mod zoom;

mod apply;
mod arrange;
mod choose;
pub mod search;

pub use action::{Row, VIEW_ACTIONS, ViewAction};
pub use apply::{ViewOutcome, plain};
pub use charts::{Charts, ClusterColour, ClusterLook, ClusterText};
pub use choose::{Offered, Room as ColumnRoom};
pub use columns::{Chosen, Column, Columns};
pub use field::Field;
pub use grid::{Grid, Place};
pub use look::{Look, Marks};
pub use pane::{Pane, Pointed};
pub use profile::Profile;
pub use wardrobe::Wardrobe;

use std::sync::Arc;

use crate::domain::{MarketKey, Price, Print, Side, Stamp};
use crate::market::tape::Filtered;
use crate::ui::form::FormPicture;
use crate::ui::format;
use crate::ui::help::Started;
use crate::ui::layout::{self, Layout, Plan, Room};
use crate::ui::snapshot::{MarketView, Snapshot};

pub use crate::market::sizes::ZOOMS;

/// How long a trade stays lit on its row, ms.
pub const FADE_MS: u64 = 400;

/// What can be read over the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// All keys.
    Help,
    /// What the latest keys did, and how fast.
    Log,
    /// What happened, on every market; its number is the chosen row.
    Notices,
    /// The signal levels of the market.
    Levels,
    /// Round trips and what they come to.
    Stats,
    /// The layouts; its number is the chosen one instead of a scroll.
    Layouts,
    /// The themes; the screen is drawn in the one at the row.
    Themes,
    /// The columns of the ladder; its number is the row that Enter switches.
    Columns,
}

/// What the keys go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The ladder.
    #[default]
    Ladder,
    /// A list over the ladder, scrolled by so many rows.
    List(List, u16),
    /// Finding a symbol; the number is the chosen match.
    Search(Field, usize),
    /// A `:` command.
    CommandLine(Field),
    /// The chosen working volume.
    EditVolume(Field),
    /// A tag for the trip; the numbers choose one of these.
    Tag(Field, Arc<Vec<String>>),
    /// "Quit?"
    ConfirmQuit,
    /// A form; whoever opened it fills it in.
    Form(Arc<FormPicture>),
}

impl Mode {
    /// True while characters go to a text field or a question instead of the keymap.
    pub const fn takes_text(&self) -> bool {
        !matches!(self, Self::Ladder | Self::List(..))
    }
}

/// A trade that is still lit on its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// Where, ticks.
    pub price: Price,
    /// Whose aggression.
    pub side: Side,
    /// When this screen first saw it.
    pub at: Stamp,
}

/// Widest texts seen on this market, cells. They only grow, so that nothing moves sideways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Widths {
    /// A price.
    pub price: u16,
    /// A size of the book or the tape.
    pub size: u16,
}

/// One screen's state.
#[derive(Clone, Debug)]
pub struct View {
    /// What the keys go to.
    pub mode: Mode,
    /// Seconds to add to UTC where a time of day is shown.
    pub utc_offset_s: i32,
    /// The trader knows the keys: no hints at the bottom.
    pub hints_off: bool,
    /// How charts are looked at.
    pub charts: Charts,
    /// Statistics show no money: ticks, counts and ratios alone.
    pub money_off: bool,
    /// What is done with small prints, where the trader chose on the screen.
    pub filtered: Option<Filtered>,
    /// How ladders are looked at.
    pub look: Arc<Look>,
    /// The sequence of keys that waits for its next, if one does.
    pub started: Option<Arc<Started>>,
    /// What the layout is fitted to.
    room: Room,
    /// The layouts that there are, and the one in use.
    layouts: Arc<[Arc<Layout>]>,
    /// The themes that it can wear.
    pub wardrobe: Wardrobe,
    /// Rows at the foot of the screen that are not the panels'.
    foot: u16,
    layout: Arc<Layout>,
    is_aside: bool,
    market: Option<MarketKey>,
    rows: u16,
    anchor: Option<Price>,
    zoom: usize,
    zoom_settled: bool,
    zoom_chosen: bool,
    cursor: Option<Price>,
    peg: Option<peg::Peg>,
    widths: Widths,
    full_bar: i64,
    columns: Option<Chosen>,
    flashes: Vec<Flash>,
    newest: Option<Print>,
    noticed: notices::Noticed,
    round: Option<tab::Round>,
    redraws: u64,
}

impl Default for View {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            utc_offset_s: 0,
            hints_off: false,
            charts: Charts::default(),
            money_off: false,
            filtered: None,
            look: Arc::default(),
            started: None,
            room: Room {
                open: 1,
                ..Room::default()
            },
            layouts: layout::shipped().into(),
            wardrobe: Wardrobe::default(),
            foot: 0,
            layout: layout::solo(),
            is_aside: false,
            market: None,
            rows: 0,
            anchor: None,
            zoom: 0,
            zoom_settled: false,
            zoom_chosen: false,
            cursor: None,
            peg: None,
            widths: Widths::default(),
            full_bar: 0,
            columns: None,
            flashes: Vec::new(),
            newest: None,
            noticed: notices::Noticed::default(),
            round: None,
            redraws: 0,
        }
    }
}

impl View {
    /// A view of a screen of so many columns and rows.
    pub fn new(columns: u16, rows: u16) -> Self {
        let mut view = Self::default();
        view.resize(columns, rows);
        view
    }

    /// The terminal has a new size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        (self.room.columns, self.room.rows) = (columns, rows);
        self.rows = self.plan().ladder().height.saturating_sub(2);
    }

    /// So many rows at the foot of the screen are not the panels'.
    pub fn keep_foot(&mut self, rows: u16) {
        if self.foot != rows {
            self.foot = rows;
            self.resize(self.room.columns, self.room.rows);
        }
    }

    /// What the layout is fitted to from now on; the size stays.
    pub fn stand_among(&mut self, room: Room) {
        let (columns, rows) = self.size();
        let room = Room {
            columns,
            rows,
            ..room
        };
        if self.room != room {
            self.room = room;
            self.resize(columns, rows);
        }
    }

    /// A view of a ladder that does not have the keys, of so many rows.
    pub fn aside(&mut self, rows: u16) {
        self.is_aside = true;
        self.rows = rows;
    }

    /// True for a ladder that does not have the keys.
    pub const fn is_aside(&self) -> bool {
        self.is_aside
    }

    /// The panels stand otherwise from now on.
    pub fn lay_out(&mut self, layout: Arc<Layout>) {
        self.layout = layout;
        self.resize(self.room.columns, self.room.rows);
    }

    /// These are the layouts that there are.
    pub fn offer(&mut self, layouts: Arc<[Arc<Layout>]>) {
        self.layouts = layouts;
    }

    /// The layouts that there are.
    pub fn layouts(&self) -> &[Arc<Layout>] {
        &self.layouts
    }

    /// The screen of another account or venue: its size, its layouts and its hints stay, what was shown does not.
    pub fn renewed(&self) -> Self {
        let mut next = Self::new(self.room.columns, self.room.rows);
        next.hints_off = self.hints_off;
        next.money_off = self.money_off;
        next.filtered = self.filtered;
        next.wardrobe = self.wardrobe.clone();
        next.charts = self.charts.clone();
        next.look = Arc::clone(&self.look);
        next.layouts = Arc::clone(&self.layouts);
        next.redraws = self.redraws + 1;
        next.lay_out(Arc::clone(&self.layout));
        next
    }

    /// The layout in use.
    pub const fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Where the panels stand on this screen.
    pub fn plan(&self) -> Plan {
        self.plan_of(self.room.columns, self.room.rows.saturating_sub(self.foot))
    }

    /// Where they would on one of another size.
    pub fn plan_of(&self, columns: u16, rows: u16) -> Plan {
        self.layout.plan(Room {
            columns,
            rows,
            ..self.room
        })
    }

    /// Which market's ladder it is, its legs together.
    pub const fn market(&self) -> Option<MarketKey> {
        self.market
    }

    /// Another ladder gets the keys: `next` takes what is this screen's own, and the view of the ladder that was left is given.
    pub fn turn_to(&mut self, next: Self) -> Self {
        let mut left = std::mem::replace(self, next);
        self.mode = std::mem::take(&mut left.mode);
        self.started = left.started.take();
        self.wardrobe = left.wardrobe.clone();
        self.noticed = left.noticed;
        self.utc_offset_s = left.utc_offset_s;
        self.hints_off = left.hints_off;
        self.charts = left.charts.clone();
        self.money_off = left.money_off;
        self.filtered = left.filtered;
        self.look = Arc::clone(&left.look);
        self.redraws = left.redraws;
        self.layout = Arc::clone(&left.layout);
        self.layouts = Arc::clone(&left.layouts);
        self.room = left.room;
        self.is_aside = false;
        self.resize(left.room.columns, left.room.rows);
        left
    }

    /// Columns and rows of the screen.
    pub const fn size(&self) -> (u16, u16) {
        (self.room.columns, self.room.rows)
    }

    /// Takes the newest data in: call it before every draw. The ladder stays where it is until the price nears its edge.
    pub fn settle(&mut self, snapshot: &Snapshot) {
        let market = &snapshot.market;
        self.follow(market.key.as_ref());
        self.light(market, snapshot.now);
        self.follow_peg(market);
        if !self.zoom_settled {
            self.choose_zoom(market);
        }
        if let Some(middle) = middle(market)
            && self.needs_centre(market, middle)
        {
            self.anchor = Some(middle);
        }
        self.measure(market);
        self.stay_on_notice(snapshot);
    }

    /// The rows of the ladder; `None` before there is a price.
    pub fn grid(&self) -> Option<Grid> {
        (self.rows > 0).then_some(())?;
        Some(Grid::centred(self.anchor?, self.ticks_a_row(), self.rows))
    }

    /// The price printed on the cursor's row, ticks; `None` when there is no cursor or it is off the screen.
    pub fn cursor_price(&self) -> Option<Price> {
        self.cursor_row()
            .and_then(|row| Some(self.grid()?.price(row)))
    }

    /// The cursor's row from the top of the ladder; `None` when it is off the screen.
    pub fn cursor_row(&self) -> Option<u16> {
        self.grid()?.row(Side::Buy, self.cursor?)
    }

    /// Lowest and highest price that the cursor's row merges for an own order of `side`, ticks.
    pub fn cursor_range(&self, side: Side) -> Option<(Price, Price)> {
        let row = self.cursor_row()?;
        Some(self.grid()?.range(side, row))
    }

    /// Column widths of this market.
    pub const fn widths(&self) -> Widths {
        self.widths
    }

    /// The size that a full bar stands for, lots.
    pub const fn full_bar(&self) -> i64 {
        self.full_bar
    }

    /// Trades that may still be lit, newest first.
    pub fn flashes(&self) -> &[Flash] {
        &self.flashes
    }

    /// The trades that are lit belong to another moment: what comes next is new.
    pub fn forget_trades(&mut self) {
        self.flashes.clear();
        self.newest = None;
    }

    /// Counts the wishes to draw every cell anew; the writer compares it with what it drew last.
    pub const fn redraws(&self) -> u64 {
        self.redraws
    }

    /// Has every cell drawn anew, as after a stop.
    pub const fn redraw(&mut self) {
        self.redraws += 1;
    }

    fn follow(&mut self, key: Option<&MarketKey>) {
        let key = key.map(|key| key.of_leg(None));
        if self.market != key {
            let had_market = self.market.is_some();
            self.market = key;
            self.anchor = None;
            self.cursor = None;
            self.peg = None;
            if !self.zoom_chosen || had_market {
                self.zoom = 0;
                self.zoom_chosen = false;
            }
            self.zoom_settled = self.zoom_chosen;
            self.widths = Widths::default();
            self.full_bar = 0;
            self.flashes.clear();
            self.newest = None;
        }
    }

    /// Lights the prints that came since the last turn.
    fn light(&mut self, market: &MarketView, now: Stamp) {
        self.flashes
            .retain(|flash| now.ms_since(flash.at) < FADE_MS);
        let known = self.newest;
        self.newest = market.prints.first().copied().or(known);
        let Some(known) = known else { return };
        let fresh = market
            .prints
            .iter()
            .take(32)
            .take_while(|print| **print != known);
        let fresh: Vec<Flash> = fresh
            .map(|print| Flash {
                price: print.price,
                side: print.side,
                at: now,
            })
            .collect();
        if !fresh.is_empty() {
            self.flashes.splice(0..0, fresh);
            self.flashes.truncate(48);
        }
    }

    fn needs_centre(&self, market: &MarketView, middle: Price) -> bool {
        let Some(grid) = self.grid() else {
            return self.anchor.is_none();
        };
        let (bid, ask) = touch(market);
        let margin = self.margin();
        let inside = |side, price: Option<Price>| {
            price.is_none_or(|price| match grid.place(side, price) {
                Place::Row(row) => row >= margin && row < self.rows.saturating_sub(margin),
                _ => false,
            })
        };
        let wide = match (bid, ask) {
            (Some(bid), Some(ask)) => {
                ask.0.saturating_sub(bid.0) / grid.zoom() > i64::from(self.rows) / 2
            }
            _ => false,
        };
        if wide {
            !inside(Side::Buy, Some(middle))
        } else {
            !(inside(Side::Buy, bid) && inside(Side::Sell, ask))
        }
    }

    /// Rows at each edge that the price does not enter without a recentring.
    fn margin(&self) -> u16 {
        (self.rows * 3 / 20).max(u16::from(self.rows > 4))
    }

    fn measure(&mut self, market: &MarketView) {
        let (Some(grid), Some(instrument)) = (self.grid(), market.instrument.as_deref()) else {
            return;
        };
        let profile = Profile::of(grid, market.depth.as_deref());
        let prices = [grid.price(0), grid.price(self.rows.saturating_sub(1))];
        for price in prices {
            let width = format::cells(&format::price(instrument, price)) as u16;
            self.widths.price = self.widths.price.max(width);
        }
        let last = market
            .prints
            .iter()
            .take(60)
            .map(|print| print.qty.0)
            .max()
            .unwrap_or(0);
        let most = self.look.size(instrument, grid.price(0), profile.most());
        let traded = format::qty(instrument, crate::domain::Qty(last));
        let width = format::cells(&most).max(format::cells(&traded)) as u16;
        self.widths.size = self.widths.size.max(width).min(24);
        self.widths.price = self.widths.price.min(24);
        let marks = self.marks(market, &profile);
        if let Some(full) = marks.bar_full {
            self.full_bar = full;
        } else if marks.most > self.full_bar || marks.most.saturating_mul(4) < self.full_bar {
            self.full_bar = profile::round_up(marks.most);
        }
    }
}

/// Best bid and ask of a picture.
pub fn touch(market: &MarketView) -> (Option<Price>, Option<Price>) {
    let Some(depth) = market.depth.as_deref() else {
        return (None, None);
    };
    (
        depth.bids.first().map(|level| level.price),
        depth.asks.first().map(|level| level.price),
    )
}

/// The price to keep in sight: the middle of the touch, one side of it, or the last trade.
fn middle(market: &MarketView) -> Option<Price> {
    match touch(market) {
        (Some(bid), Some(ask)) => {
            Some(Price(bid.0.saturating_add(ask.0.saturating_sub(bid.0) / 2)))
        }
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => market.last.map(|print| print.price),
    }
}

#[cfg(test)]
mod tests;
