//! A layout fitted to a screen of a given size. Total: every size gets a plan, no panel lies on another, none off the screen.

use ratatui::layout::Rect;

use super::{Column, Extent, Item, Layout, is_ladders};
use crate::ui::panel::{self, Stand};

/// Columns that a single ladder keeps before a panel may stand beside it.
const LADDER: u16 = 56;
/// Narrowest ladder among several, its line included.
const ASIDE: u16 = 40;
/// Fewest rows of each where ladders stand one over the other.
const STACKED: u16 = 14;
/// Rows that the ladders keep before a panel may stand above or below them.
const TALL: u16 = 12;
/// Narrowest and shortest screen that everything important fits on.
pub const FULL: (u16, u16) = (80, 20);
/// Under this, words alone.
pub const LEAST: (u16, u16) = (40, 8);
/// Columns of a panel's line and the gap beside it.
pub(super) const EDGE: u16 = 2;

/// What a layout is fitted to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Columns of the screen.
    pub columns: u16,
    /// Rows of the screen.
    pub rows: u16,
    /// Open ladders.
    pub open: usize,
    /// The one with the keys, from 0.
    pub at: usize,
    /// There are several pages of ladders.
    pub pages: bool,
    /// A line about another symbol stands over the ladders.
    pub leader: bool,
}

/// At which edge of a panel the thin line stands that parts it from the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Line {
    /// None: the panel has its whole area.
    #[default]
    None,
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// Where a panel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name in [`panel::PANELS`].
    pub panel: &'static str,
    /// Its area, the line included.
    pub area: Rect,
    /// Whose data it shows: an open ladder, from 0; `None` for the one with the keys.
    pub ladder: Option<usize>,
    /// Where its line is.
    pub line: Line,
}

impl Place {
    /// What is left of the area beside the line.
    pub fn inside(&self) -> Rect {
        let taken = match self.line {
            Line::None => 0,
            Line::Left | Line::Right => EDGE.min(self.area.width),
        };
        let width = self.area.width - taken;
        let x = match self.line {
            Line::Left => self.area.x + taken,
            Line::None | Line::Right => self.area.x,
        };
        Rect {
            x,
            width,
            ..self.area
        }
    }
}

/// Where the panels are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Every panel that has room.
    pub places: Vec<Place>,
    /// The ladder with the keys, from 0.
    pub at: usize,
    /// True when the screen shows nothing but words.
    pub too_small: bool,
}

impl Plan {
    /// The area of the first panel of this name; empty where it has no room.
    pub fn area(&self, panel: &str) -> Rect {
        let found = self.places.iter().find(|place| place.panel == panel);
        found.map(Place::inside).unwrap_or_default()
    }

    /// The ladder with the keys, its head and foot included.
    pub fn ladder(&self) -> Rect {
        self.ladder_of(self.at).unwrap_or_default()
    }

    /// An open ladder, from 0, where it stands on this screen.
    pub fn ladder_of(&self, at: usize) -> Option<Rect> {
        let found = self.ladders().find(|place| place.ladder == Some(at));
        found.map(|place| place.inside())
    }

    /// The ladders that stand.
    pub fn ladders(&self) -> impl Iterator<Item = &Place> {
        self.places
            .iter()
            .filter(|place| place.panel == panel::LADDER)
    }

    /// The names of the panels that show an open ladder, from 0.
    pub fn panels_of(&self, at: usize) -> Vec<&'static str> {
        let shows = |place: &&Place| place.ladder.unwrap_or(self.at) == at;
        let shown = self.places.iter().filter(shows);
        shown.map(|place| place.panel).collect()
    }

    /// True where a panel that follows the keys has the room that it needs.
    fn is_drawn(&self, name: &str) -> bool {
        let mut places = self.places.iter().filter(|place| place.ladder.is_none());
        places.any(|place| {
            let area = place.inside();
            let least = panel::find(name).map_or((0, 0), |panel| panel.least);
            place.panel == name && area.width >= least.0 && area.height >= least.1
        })
    }

    fn line(&mut self, panel: &'static str, area: Rect) {
        self.put(panel, area, None, Line::None);
    }

    fn put(&mut self, panel: &'static str, area: Rect, ladder: Option<usize>, line: Line) {
        if !area.is_empty() {
            self.places.push(Place {
                panel,
                area,
                ladder,
                line,
            });
        }
    }
}

/// How the ladders stand: so many in each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ranks {
    first: usize,
    second: usize,
}

impl Layout {
    /// Fits it to a screen.
    pub fn plan(&self, room: Room) -> Plan {
        let mut plan = Plan {
            at: room.at.min(room.open.saturating_sub(1)),
            ..Plan::default()
        };
        let Room { columns, rows, .. } = room;
        if columns < LEAST.0 || rows < LEAST.1 {
            plan.too_small = true;
            return plan;
        }
        let strip = u16::from((room.open > 1 || room.pages) && rows >= FULL.1);
        let top = 1 + strip;
        let bottom = bottom_rows(rows);
        plan.line("status", Rect::new(0, 0, columns, 1));
        plan.line("strip", Rect::new(0, 1, columns, strip));
        plan.line("bottom", Rect::new(0, rows - bottom, columns, bottom));
        let whole = Rect::new(0, top, columns, rows - top - bottom);
        // What no column shows stands in a line: the position always, words where they find room. A line takes a row from the
        // columns, which may push out the other.
        let mut told = plan.clone();
        let (mut position, mut message) = (false, false);
        loop {
            told.places.truncate(plan.places.len());
            self.fill(&mut told, room, whole, (position, message));
            let lacks_position = !told.is_drawn("position") && !position;
            let lacks_message = !told.is_drawn("message") && !message && rows >= 12;
            if !lacks_position && !lacks_message {
                return told;
            }
            position |= lacks_position;
            message |= lacks_message;
        }
    }

    /// Puts everything between the strip and the bottom lines.
    fn fill(&self, plan: &mut Plan, room: Room, whole: Rect, (position, message): (bool, bool)) {
        let (position, message) = (u16::from(position), u16::from(message));
        let body = Rect {
            height: whole.height - position - message,
            ..whole
        };
        let line = |y: u16, height: u16| Rect { y, height, ..body };
        plan.line("position-line", line(body.bottom(), position));
        plan.line("message", line(body.bottom() + position, message));
        let stands = self.standing(room, body);
        self.stand(plan, room, &stands, body);
    }

    /// The columns that find room, from left to right.
    fn standing(&self, room: Room, body: Rect) -> Vec<&Column> {
        let due = |column: &&Column| {
            let has_items = column.items.iter().any(|item| room.rows >= item.tall);
            let fits = room.columns >= column.from && room.rows >= column.tall;
            column.has_ladders() || has_items && fits
        };
        let mut stands: Vec<&Column> = self.columns.iter().filter(due).collect();
        let ranks = arrange(self.ladders.min(room.open), body.width, body.height);
        let ladders = match ranks.first {
            1 => LADDER,
            several => ASIDE * several as u16,
        };
        loop {
            let others = stands.iter().filter(|column| !column.has_ladders());
            let taken = others.fold(0_u16, |sum, column| {
                sum.saturating_add(least(column.width, body.width))
            });
            if taken.saturating_add(ladders) <= body.width {
                return stands;
            }
            let beside = stands.iter().enumerate();
            let beside = beside.filter(|(_, column)| !column.has_ladders());
            let Some((weakest, _)) =
                beside.min_by_key(|(at, column)| (column.rank, usize::MAX - at))
            else {
                return stands;
            };
            stands.remove(weakest);
        }
    }

    /// Puts the columns beside each other.
    fn stand(&self, plan: &mut Plan, room: Room, stands: &[&Column], body: Rect) {
        let ladders = stands.iter().position(|column| column.has_ladders());
        let ladders = ladders.unwrap_or(0);
        let widths = self.widths(room, stands, body);
        let ranks = self.ranks(room, widths[ladders], body.height);
        let is_titled = ranks.first + ranks.second > 1
            || stands
                .iter()
                .any(|column| column.items.iter().any(|item| item.ladder.is_some()));
        let mut x = body.x;
        for (at, (column, width)) in stands.iter().zip(widths).enumerate() {
            let line = match at {
                at if at < ladders => Line::Right,
                at if at > ladders => Line::Left,
                _ => Line::None,
            };
            let area = Rect { x, width, ..body };
            x += width;
            let stack = Stack {
                room,
                ranks,
                is_titled,
                line,
            };
            stack.put(plan, &column.items, area);
        }
    }

    /// How wide each column is: what is left over once each has its least goes to those that grow, a part to each and two to the
    /// ladders.
    fn widths(&self, room: Room, stands: &[&Column], body: Rect) -> Vec<u16> {
        let wide = |column: &&Column| match column.has_ladders() {
            true => 0,
            false => least(column.width, body.width),
        };
        let mut widths: Vec<u16> = stands.iter().map(wide).collect();
        let ranks = arrange(self.ladders.min(room.open), body.width, body.height);
        let kept = match ranks.first {
            1 => LADDER,
            several => ASIDE * several as u16,
        };
        let taken: u16 = widths.iter().sum();
        let left = body.width.saturating_sub(taken).saturating_sub(kept);
        let grows = |column: &&&Column| matches!(column.width, Extent::Between(..));
        let parts = stands.iter().filter(grows).count() as u16 + 2;
        for (width, column) in widths.iter_mut().zip(stands) {
            if let Extent::Between(least, most) = column.width {
                *width += (left / parts).min(most - least);
            }
        }
        let taken: u16 = widths.iter().sum();
        let places = widths.iter_mut().zip(stands);
        for (width, _) in places.filter(|(_, column)| column.has_ladders()) {
            *width = body.width.saturating_sub(taken);
        }
        widths
    }

    /// How many ladders stand in a column so wide.
    fn ranks(&self, room: Room, width: u16, height: u16) -> Ranks {
        let ranks = arrange(self.ladders.min(room.open), width, height);
        let more = 1 + usize::from(width.saturating_sub(LADDER) / ASIDE);
        let more = more.min(self.more).min(room.open);
        if ranks.second == 0 && more > ranks.first {
            return Ranks {
                first: more,
                second: 0,
            };
        }
        ranks
    }
}

/// Ladders beside each other, as many as are wanted; else two over two; else fewer.
fn arrange(wanted: usize, width: u16, height: u16) -> Ranks {
    let fits = |many: usize| many * usize::from(ASIDE) <= usize::from(width);
    for many in (2..=wanted).rev() {
        let first = many.div_ceil(2);
        if fits(many) {
            return Ranks {
                first: many,
                second: 0,
            };
        }
        if many > 2 && fits(first) && height / 2 >= STACKED {
            return Ranks {
                first,
                second: many - first,
            };
        }
    }
    Ranks {
        first: 1,
        second: 0,
    }
}

/// One column's panels.
struct Stack {
    room: Room,
    ranks: Ranks,
    is_titled: bool,
    line: Line,
}

impl Stack {
    fn put(&self, plan: &mut Plan, items: &[Item], area: Rect) {
        let (items, heights) = fitted(items, self.room.rows, area.height);
        let mut y = area.y;
        let mut titled = None;
        for (item, height) in items.iter().zip(heights) {
            let area = Rect { y, height, ..area };
            y += height;
            if is_ladders(item) {
                titled = None;
                self.put_ladders(plan, area);
                continue;
            }
            let is_new = titled != Some(item.ladder);
            titled = Some(item.ladder);
            let head = match item.panel.stand {
                _ if !is_new => 0,
                // Its rows are the ladder's: they begin where those do.
                Stand::Rows => u16::from(self.is_titled) + u16::from(self.room.leader),
                _ => u16::from(self.is_titled),
            };
            let (title, rest) = split(area, head);
            if self.is_titled {
                plan.put("title", title, item.ladder, self.line);
            }
            plan.put(item.panel.name, rest, item.ladder, self.line);
        }
    }

    /// The ladders from the one on that lets the one with the keys be among them; they keep their places when the keys move on.
    fn put_ladders(&self, plan: &mut Plan, area: Rect) {
        let Ranks { first, second } = self.ranks;
        let shown = first + second;
        let page = plan.at / shown * shown;
        let mut at = page.min(self.room.open.saturating_sub(shown));
        let ranks = 1 + u16::from(second > 0);
        for (rank, many) in [first, second].into_iter().enumerate() {
            let tall = area.height / ranks;
            let y = area.y + tall * rank as u16;
            let height = if rank == 0 { tall } else { area.height - tall };
            for slot in 0..many as u16 {
                let many = many as u16;
                let from = area.width * slot / many;
                let to = area.width * (slot + 1) / many;
                let line = if slot == 0 { Line::None } else { Line::Left };
                let area = Rect {
                    x: area.x + from,
                    y,
                    width: to - from,
                    height,
                };
                let (title, rest) = split(area, u16::from(self.is_titled));
                let (leader, rest) = split(rest, u16::from(self.room.leader));
                plan.put("title", title, Some(at), line);
                plan.put("leader", leader, Some(at), line);
                plan.put(panel::LADDER, rest, Some(at), line);
                at += 1;
            }
        }
    }
}

/// The first rows, and the rest; an area that would have no rest keeps all its rows.
fn split(area: Rect, head: u16) -> (Rect, Rect) {
    let head = if head + 2 < area.height { head } else { 0 };
    let first = Rect {
        height: head,
        ..area
    };
    let rest = Rect {
        y: area.y + head,
        height: area.height - head,
        ..area
    };
    (first, rest)
}

/// The panels of a column that find room on so many rows, and how tall each is.
fn fitted(items: &[Item], screen: u16, rows: u16) -> (Vec<Item>, Vec<u16>) {
    let due = |item: &&Item| screen >= item.tall || is_ladders(item);
    let mut items: Vec<Item> = items.iter().filter(due).copied().collect();
    loop {
        let heights = heights(&items, rows);
        let narrow = |(at, item): &(usize, &Item)| {
            let least = match is_ladders(item) {
                true => TALL,
                false => item.panel.least.1,
            };
            heights[*at] < least
        };
        let places = items.iter().enumerate();
        let is_tight = places.clone().any(|place| narrow(&place));
        if !is_tight || items.len() < 2 {
            return (items, heights);
        }
        // The last that has too little goes; where that is the ladders, what stands beside them.
        let last = places
            .clone()
            .rev()
            .find(|place| narrow(place) && !is_ladders(place.1));
        let last = last.or_else(|| places.rev().find(|(_, item)| !is_ladders(item)));
        let Some((last, _)) = last else {
            return (items, heights);
        };
        items.remove(last);
    }
}

/// How tall each panel of a column is; together they have all its rows.
fn heights(items: &[Item], rows: u16) -> Vec<u16> {
    let mut left = rows;
    let mut heights = vec![0; items.len()];
    let mut give = |at: usize, wanted: u16, left: &mut u16| {
        heights[at] = wanted.min(*left);
        *left -= heights[at];
    };
    let mut open = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match item.rows {
            Extent::Fixed(wanted) => give(at, wanted, &mut left),
            Extent::Share(share) => give(at, part(rows, share), &mut left),
            Extent::Between(..) | Extent::Rest => open.push(at),
        }
    }
    // Those with bounds first: what they leave is the others'.
    open.sort_by_key(|at| matches!(items[*at].rows, Extent::Rest));
    let many = open.len();
    for (done, at) in open.into_iter().enumerate() {
        let parts = (many - done) as u16;
        let wanted = match items[at].rows {
            _ if parts == 1 => left,
            Extent::Between(least, most) => (left / parts).clamp(least, most),
            _ => left / parts,
        };
        give(at, wanted, &mut left);
    }
    if let Some(last) = heights.last_mut() {
        *last += left;
    }
    heights
}

/// The columns without which a panel does not stand.
fn least(width: Extent, screen: u16) -> u16 {
    match width {
        Extent::Fixed(least) | Extent::Between(least, _) => least,
        Extent::Share(share) => part(screen, share),
        Extent::Rest => 0,
    }
}

fn part(whole: u16, share: u16) -> u16 {
    let part = u32::from(whole) * u32::from(share) / 100;
    u16::try_from(part).unwrap_or(whole)
}

fn bottom_rows(rows: u16) -> u16 {
    match rows {
        0..10 => 1,
        10..32 => 2,
        32..48 => 3,
        _ => 4,
    }
}
