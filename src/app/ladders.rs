//! The open ladders: which markets of which seats, and the one that keys go to. Owns their order.

use std::sync::Arc;

use super::alerting::market_of;
use super::leader::Leaders;
use super::pages::Page;
use super::reel::thread::Played;
use super::seat::Seat;
use super::turn::App;
use crate::alerts::{Alerts, Watched};
use crate::clock;
use crate::domain::{Command, MarketKey, Stamp, Symbol};
use crate::engine::effect::Loudness;
use crate::nearest::did_you_mean;
use crate::ui::snapshot::{self, Alerted, Beside, Leader, LogRow, Notice, PageTab, Snapshot, Tab};
use crate::ui::view::Mode;

/// Ladders that may be open at once.
pub const MOST: usize = 9;

/// A venue's lists of instruments come within this, ms.
const LISTS_MS: u64 = 3_000;
/// Notices of all venues shown.
const NOTICES: usize = 50;

/// One open ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// Whose.
    pub seat: usize,
    /// Of what, its legs together.
    pub key: MarketKey,
    /// On which page, from 0.
    pub page: usize,
    /// Whether its venue has it was looked at.
    is_checked: bool,
}

impl Ladder {
    /// A ladder of a seat's symbol.
    pub fn of(its: &Seat, seat: usize, symbol: Symbol, page: usize) -> Self {
        Self {
            seat,
            key: MarketKey {
                account: its.desk.settings().account,
                venue: its.venue,
                symbol,
                leg: None,
            },
            page,
            is_checked: false,
        }
    }

    /// `okx:BTC-USDT-SWAP`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.key.venue, self.key.symbol)
    }
}

/// What a screen is shown of.
pub struct Shows<'a> {
    /// Every seat.
    pub seats: &'a [Seat],
    /// The open ladders of all pages.
    pub all: &'a [Ladder],
    /// The pages.
    pub pages: &'a [Page],
    /// Which symbol leads which ladder.
    pub leaders: &'a Leaders,
    /// The open ladders of the page in front.
    pub ladders: &'a [Ladder],
    /// The one that keys go to.
    pub at: usize,
    /// Prints of its seat that were dropped.
    pub dropped: u64,
    /// Levels, and the list of what happened.
    pub alerts: &'a Alerts,
    /// What a recording shows, where one is shown instead.
    pub played: Option<&'a Played>,
}

impl Shows<'_> {
    /// The data of one ladder, as far as these panels show it.
    pub fn snapshot(
        &self,
        ladder: &Ladder,
        now: Stamp,
        panels: &[&'static str],
        frame: usize,
    ) -> Snapshot {
        let seat = &self.seats[ladder.seat];
        if let Some(played) = self.played {
            return of_recording(played, seat, ladder, now);
        }
        let beside = Beside {
            focus: Some(ladder.key),
            dropped: self.dropped,
            panels,
            frame,
            levels: self
                .alerts
                .levels
                .get(&market_of(ladder.key))
                .map(Watched::marks),
        };
        let mut snapshot = snapshot::of(
            &seat.desk,
            seat.readings.get(&ladder.key.symbol),
            now,
            beside,
        );
        if panels.contains(&"leader") {
            snapshot.leader = self.leader(ladder);
        }
        snapshot
    }

    /// What the line over a ladder shows.
    fn leader(&self, ladder: &Ladder) -> Option<Leader> {
        let (seat, symbol) = self.leaders.leader(self.seats, ladder)?;
        let seat = &self.seats[seat];
        let readings = seat.readings.get(&symbol);
        Some(snapshot::leader(&seat.desk, readings, symbol))
    }

    /// True where a ladder of the page in front has such a line.
    pub fn has_leader(&self) -> bool {
        let mut ladders = self.ladders.iter();
        ladders.any(|ladder| self.leaders.leader(self.seats, ladder).is_some())
    }

    /// The pages as the strip shows them; none where there is one.
    fn page_tabs(&self, now: Stamp) -> Vec<PageTab> {
        if self.pages.len() < 2 {
            return Vec::new();
        }
        let in_front = self.ladders[self.at].page;
        let tab = |(number, page): (usize, &Page)| {
            let here = self.all.iter().filter(|ladder| ladder.page == number);
            let tabs: Vec<Tab> = here
                .map(|ladder| snapshot::tab(&self.seats[ladder.seat].desk, ladder.key, now, false))
                .collect();
            PageTab {
                name: page.name.clone(),
                is_in_front: number == in_front,
                has_position: tabs.iter().any(|tab| tab.sign != 0),
                orders: tabs.iter().map(|tab| tab.orders).sum(),
                trouble: snapshot::worst(tabs.iter().map(|tab| tab.trouble)),
            }
        };
        self.pages.iter().enumerate().map(tab).collect()
    }

    /// The list of what happened; nothing of it is unread while it is in sight.
    pub fn alerted(&self, in_sight: bool) -> Alerted {
        let rows = self.alerts.rows();
        Alerted {
            rows: rows.shown().clone(),
            unread: if in_sight { 0 } else { rows.unread() },
        }
    }

    /// What happens on the other ladders and venues, where there are any.
    pub fn add_elsewhere(&self, snapshot: &mut Snapshot, now: Stamp) {
        let Ladder {
            seat: here, key, ..
        } = self.ladders[self.at];
        snapshot.left_open = self.left_open(&[key]);
        let open: Vec<MarketKey> = self.all.iter().map(|ladder| ladder.key).collect();
        snapshot.pages = self.page_tabs(now);
        let unseen = self.left_open(&open);
        let unseen = unseen
            .into_iter()
            .map(|words| format!("{words}, no ladder"));
        snapshot.elsewhere.extend(unseen);
        if self.ladders.len() < 2 && self.seats.len() < 2 && self.pages.len() < 2 {
            return;
        }
        let tabs = self.ladders.iter().enumerate();
        snapshot.strip = tabs.map(|(at, ladder)| self.tab(at, ladder, now)).collect();
        for (_, seat) in self.seats.iter().enumerate().filter(|(at, _)| *at != here) {
            snapshot
                .others
                .push((seat.venue, seat.desk.symbols().clone()));
            let waits = snapshot::elsewhere(&seat.desk, None);
            let waits = waits
                .into_iter()
                .map(|words| format!("{}: {words}", seat.venue));
            snapshot.elsewhere.extend(waits);
            snapshot
                .notices
                .extend(seat.desk.notices().map(|line| Notice {
                    loudness: line.loudness,
                    words: format!("{}: {}", seat.venue, line.words),
                    at: line.at,
                    count: line.count,
                }));
        }
        snapshot
            .notices
            .sort_by_key(|notice| std::cmp::Reverse(notice.at));
        snapshot.notices.truncate(NOTICES);
    }

    /// What the keys did on the other venues, among what they did here.
    pub fn add_log_elsewhere(&self, snapshot: &mut Snapshot) {
        let here = self.ladders[self.at].seat;
        for (_, seat) in self.seats.iter().enumerate().filter(|(at, _)| *at != here) {
            snapshot
                .log
                .extend(snapshot::log(&seat.desk).into_iter().map(|row| LogRow {
                    words: format!("{}: {}", seat.venue, row.words),
                    ..row
                }));
        }
        snapshot.log.sort_by_key(|row| std::cmp::Reverse(row.at_ms));
    }

    /// What is held and rests on all markets but these.
    fn left_open(&self, but: &[MarketKey]) -> Vec<String> {
        left_open(self.seats, but)
    }

    fn tab(&self, at: usize, ladder: &Ladder, now: Stamp) -> Tab {
        let desk = &self.seats[ladder.seat].desk;
        snapshot::tab(desk, ladder.key, now, at == self.at)
    }
}

/// A ladder of a recording; what is said beside it is of now.
fn of_recording(played: &Played, seat: &Seat, ladder: &Ladder, now: Stamp) -> Snapshot {
    let known = played.ladders.iter().find(|(key, _)| *key == ladder.key);
    let beside = Beside {
        focus: Some(ladder.key),
        ..Beside::default()
    };
    let here = snapshot::of(&seat.desk, None, now, beside);
    let Some((_, drawn)) = known else {
        return Snapshot {
            playing: Some(Arc::clone(&played.playing)),
            ..here
        };
    };
    let mut notices = here.notices;
    for notice in &mut notices {
        notice.at = snapshot::as_long_ago(now, notice.at, drawn.now);
    }
    Snapshot {
        notices,
        symbols: here.symbols,
        playing: Some(Arc::clone(&played.playing)),
        ..(**drawn).clone()
    }
}

/// What is held and rests on all markets but these, each with its venue where there are several.
pub fn left_open(seats: &[Seat], but: &[MarketKey]) -> Vec<String> {
    let several = seats.len() > 1;
    let of_seat = |seat: &Seat| -> Vec<String> {
        let words = seat.desk.left_open_beside(but).into_iter();
        let named = words.map(|words| match several {
            true => format!("{}: {words}", seat.venue),
            false => words,
        });
        named.collect()
    };
    seats.iter().flat_map(of_seat).collect()
}

/// `okx:BTC-USDT-SWAP` as venue and symbol; without a venue the whole is the symbol.
pub fn split(name: &str) -> (Option<&str>, &str) {
    match name.split_once(':') {
        Some((venue, symbol)) if !venue.is_empty() => (Some(venue), symbol),
        _ => (None, name),
    }
}

impl App {
    /// The seat whose market this is.
    pub(super) fn seat_of(&self, key: MarketKey) -> Option<usize> {
        let is_its =
            |seat: &Seat| seat.venue == key.venue && seat.desk.settings().account == key.account;
        self.seats.iter().position(is_its)
    }

    /// Goes to a symbol's ladder, opening it where it is not open: of the named venue, else of the seat that keys go to.
    pub(super) fn open(&mut self, now: Stamp, name: &str) {
        let (venue, symbol) = split(name);
        let named = |seat: &Seat| venue.is_some_and(|id| seat.venue.as_str() == id);
        let seat = match venue {
            None => self.here(),
            Some(id) => match self.seats.iter().position(named) {
                Some(seat) => seat,
                None => {
                    let open = self.seats.iter().map(|seat| seat.venue.as_str());
                    let words = format!("{id} is not open{}", did_you_mean(id, open));
                    return self.note(now, Loudness::Warn, &words);
                }
            },
        };
        let Ok(symbol) = Symbol::new(symbol) else {
            return self.note(now, Loudness::Warn, "that is no symbol");
        };
        if !self.open_ladder(seat, symbol) {
            let words = format!("{MOST} ladders are open: close one");
            return self.note(now, Loudness::Warn, &words);
        }
        self.changed_ladder(now);
    }

    /// Opens a ladder and goes there; false where there is no room for one more.
    pub(super) fn open_ladder(&mut self, seat: usize, symbol: Symbol) -> bool {
        let page = self.page();
        let ladder = Ladder::of(&self.seats[seat], seat, symbol, page);
        let is_it = |open: &Ladder| open.key == ladder.key && open.page == page;
        let here = self.ladders.iter().filter(|open| open.page == page).count();
        self.at = match self.ladders.iter().position(is_it) {
            Some(at) => at,
            None if here < MOST => {
                self.ladders.push(ladder);
                self.ladders.len() - 1
            }
            None => return false,
        };
        self.begin(&ladder);
        true
    }

    /// An open ladder is followed by its feed and its account.
    pub(super) fn begin(&mut self, ladder: &Ladder) {
        self.follow(ladder.seat);
        if let Some((leader, _)) = self.leaders.leader(&self.seats, ladder)
            && leader != ladder.seat
        {
            self.follow(leader);
        }
        if self.lines.lanes[ladder.seat].is_some() {
            let follow = Command::Follow(ladder.key.symbol);
            self.send(ladder.seat, clock::now(), follow);
        }
    }

    /// Goes to a seat's first ladder.
    pub(super) fn go_to_seat(&mut self, seat: usize) {
        let page = self.page();
        let of_seat = |open: &Ladder| open.seat == seat;
        let here = |open: &Ladder| of_seat(open) && open.page == page;
        let first = self.ladders.iter().position(here);
        let first = first.or_else(|| self.ladders.iter().position(of_seat));
        self.give_keys(first.unwrap_or(self.at));
    }

    /// A click that is on no row of the ladder with the keys gives them to the ladder that it hit; nothing else comes of it.
    pub(super) fn point_at(&mut self, now: Stamp, column: u16, row: u16) {
        if self.form.is_open() || self.screen.view.mode != Mode::Ladder {
            return;
        }
        let plan = self.screen.view.plan();
        let (_, at) = self.in_front();
        let mut ladders = plan.ladders();
        let hit = ladders.find(|place| place.area.contains((column, row).into()));
        if let Some(hit) = hit.and_then(|place| place.ladder).filter(|hit| *hit != at) {
            self.step_to(now, hit);
        }
    }

    /// The ladder of the page in front at this place gets the keys.
    fn step_to(&mut self, now: Stamp, place: usize) {
        let page = self.page();
        let here = self.ladders.iter().enumerate();
        let mut here = here.filter(|(_, ladder)| ladder.page == page);
        if let Some((at, _)) = here.nth(place) {
            self.give_keys(at);
            self.changed_ladder(now);
        }
    }

    /// The next or the previous ladder gets the keys.
    pub(super) fn next_ladder(&mut self, now: Stamp, forward: bool) {
        let (ladders, at) = self.in_front();
        let count = ladders.len();
        if count < 2 {
            let words = "one ladder is open; / opens another symbol beside it";
            return self.note(now, Loudness::Warn, words);
        }
        self.step_to(now, (at + if forward { 1 } else { count - 1 }) % count);
    }

    /// Closes the ladder that keys go to; what rests or is held there goes on and stays in sight in words. The last ladder of a seat
    /// stays: panic and what else concerns a whole account go by a ladder of it.
    pub(super) fn close_ladder(&mut self, now: Stamp) {
        let Some(ladder) = self.ladders.get(self.at).copied() else {
            return;
        };
        let of_seat = self.ladders.iter().filter(|open| open.seat == ladder.seat);
        if of_seat.count() < 2 {
            let words = "this is its venue's last ladder: it stays";
            return self.note(now, Loudness::Warn, words);
        }
        let (here, at) = self.in_front();
        if here.len() < 2 {
            return self.close_page(now);
        }
        let next = here.get(at + 1).or_else(|| here.get(at.wrapping_sub(1)));
        let next = next.copied();
        self.ladders.remove(self.at);
        let at = self.ladders.iter().position(|open| Some(*open) == next);
        self.at = at.unwrap_or(0);
        for seat in 0..self.seats.len() {
            self.follow(seat);
        }
        self.changed_ladder(now);
    }

    /// Keys that were on their way meant another ladder.
    pub(super) fn changed_ladder(&mut self, now: Stamp) {
        self.hurry = true;
        let mut heard = Vec::new();
        self.screen.hands.ladder_changed(now, &mut heard);
        self.act(now, heard);
    }

    /// A seat's feed follows its ladders, what leads one, and what has orders or a position.
    pub(super) fn follow(&mut self, seat: usize) {
        let open = self.ladders.iter().filter(|open| open.seat == seat);
        let open = open.map(|open| open.key.symbol);
        let busy = self.seats[seat].desk.busy_markets();
        let busy = busy.into_iter().map(|key| key.symbol);
        let mut symbols: Vec<Symbol> = Vec::new();
        for symbol in open.chain(self.led_by(seat)).chain(busy) {
            if !symbols.contains(&symbol) {
                symbols.push(symbol);
            }
        }
        if self.lines.follow[seat].try_send(symbols).is_err() {
            let words = "the feed is busy: press again";
            self.note(clock::now(), Loudness::Warn, words);
        }
    }

    /// Says once which open ladders a venue does not have, after the time in which its lists come.
    pub(super) fn check_ladders(&mut self, now: Stamp, seat: usize) {
        let listed = self.seats[seat].listed;
        if listed.is_none_or(|at| now.ms_since(at) < LISTS_MS) {
            return;
        }
        let symbols = self.seats[seat].desk.symbols().clone();
        let open = self.ladders.iter_mut().filter(|open| open.seat == seat);
        for ladder in open.filter(|open| !open.is_checked) {
            ladder.is_checked = true;
            let name = ladder.key.symbol.to_string();
            if symbols.contains(&name) {
                continue;
            }
            let mend = did_you_mean(&name, symbols.iter().map(String::as_str));
            let words = format!("{} has no {name}{mend}", self.seats[seat].venue);
            self.seats[seat].desk.note(now, Loudness::Warn, &words);
        }
    }
}
