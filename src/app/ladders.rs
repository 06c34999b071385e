//! The open ladders: which markets of which seats, and the one that keys go to. Owns their order.

use super::alerting::market_of;
use super::seat::Seat;
use super::turn::App;
use crate::alerts::{Alerts, Watched};
use crate::clock;
use crate::domain::{Command, MarketKey, Stamp, Symbol};
use crate::engine::effect::Loudness;
use crate::nearest::did_you_mean;
use crate::ui::snapshot::{self, Alerted, Beside, LogRow, Notice, Snapshot, Tab};

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
    /// Whether its venue has it was looked at.
    is_checked: bool,
}

/// What a screen is shown of.
pub struct Shows<'a> {
    /// Every seat.
    pub seats: &'a [Seat],
    /// The open ladders.
    pub ladders: &'a [Ladder],
    /// The one that keys go to.
    pub at: usize,
    /// Prints of its seat that were dropped.
    pub dropped: u64,
    /// Levels, and the list of what happened.
    pub alerts: &'a Alerts,
}

impl Shows<'_> {
    /// The data of one ladder, as far as these panels show it.
    pub fn snapshot(&self, ladder: &Ladder, now: Stamp, panels: &[&'static str]) -> Snapshot {
        let seat = &self.seats[ladder.seat];
        let beside = Beside {
            focus: Some(ladder.key),
            dropped: self.dropped,
            panels,
            levels: self
                .alerts
                .levels
                .get(&market_of(ladder.key))
                .map(Watched::marks),
        };
        snapshot::of(
            &seat.desk,
            seat.readings.get(&ladder.key.symbol),
            now,
            beside,
        )
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
        let open: Vec<MarketKey> = self.ladders.iter().map(|ladder| ladder.key).collect();
        let unseen = self.left_open(&open);
        let unseen = unseen
            .into_iter()
            .map(|words| format!("{words}, no ladder"));
        snapshot.elsewhere.extend(unseen);
        if self.ladders.len() < 2 {
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
        let key = MarketKey {
            account: self.seats[seat].desk.settings().account,
            venue: self.seats[seat].venue,
            symbol,
            leg: None,
        };
        let ladder = Ladder {
            seat,
            key,
            is_checked: false,
        };
        let open = self.ladders.iter().position(|open| open.key == key);
        self.at = match open {
            Some(at) => at,
            None if self.ladders.len() < MOST => {
                self.ladders.push(ladder);
                self.ladders.len() - 1
            }
            None => return false,
        };
        self.follow(seat);
        if self.lines.lanes[seat].is_some() {
            self.send(seat, clock::now(), Command::Follow(symbol));
        }
        true
    }

    /// Goes to a seat's first ladder.
    pub(super) fn go_to_seat(&mut self, seat: usize) {
        let first = self.ladders.iter().position(|open| open.seat == seat);
        self.at = first.unwrap_or(self.at);
    }

    /// The next or the previous ladder gets the keys.
    pub(super) fn next_ladder(&mut self, now: Stamp, forward: bool) {
        let count = self.ladders.len();
        if count < 2 {
            let words = "one ladder is open; / opens another symbol beside it";
            return self.note(now, Loudness::Warn, words);
        }
        self.at = (self.at + if forward { 1 } else { count - 1 }) % count;
        self.changed_ladder(now);
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
        self.ladders.remove(self.at);
        self.at = self.at.min(self.ladders.len() - 1);
        self.follow(ladder.seat);
        self.changed_ladder(now);
    }

    /// Keys that were on their way meant another ladder.
    fn changed_ladder(&mut self, now: Stamp) {
        self.hurry = true;
        let mut heard = Vec::new();
        self.screen.hands.ladder_changed(now, &mut heard);
        self.act(now, heard);
    }

    /// A seat's feed follows its ladders, and what has orders or a position.
    fn follow(&mut self, seat: usize) {
        let open = self.ladders.iter().filter(|open| open.seat == seat);
        let mut symbols: Vec<Symbol> = open.map(|open| open.key.symbol).collect();
        for key in self.seats[seat].desk.busy_markets() {
            if !symbols.contains(&key.symbol) {
                symbols.push(key.symbol);
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
