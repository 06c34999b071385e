//! Which symbol leads a ladder: the line over it shows that symbol's price, change and large trades. Owns what was chosen while Lancet runs.

use std::collections::BTreeMap;

use super::ladders::{Ladder, split};
use super::seat::Seat;
use super::turn::App;
use crate::config::Settings;
use crate::domain::{Stamp, Symbol};
use crate::engine::effect::Loudness;
use crate::nearest::did_you_mean;

/// The leaders as set and as chosen; names are `SYMBOL` or `venue:SYMBOL`, empty for none.
#[derive(Clone, Debug, Default)]
pub struct Leaders {
    /// Of every ladder …
    pub all: String,
    /// … but of these symbols …
    pub set: BTreeMap<Symbol, String>,
    /// … and of these, as chosen while Lancet ran, by `venue:symbol`.
    pub chosen: BTreeMap<String, String>,
}

impl Leaders {
    /// What the settings say.
    pub fn of(settings: &Settings) -> Self {
        Self {
            all: settings.leader.clone(),
            set: settings.symbol_leaders.clone(),
            chosen: BTreeMap::new(),
        }
    }

    /// The leader of a ladder: whose seat, which symbol.
    pub fn leader(&self, seats: &[Seat], ladder: &Ladder) -> Option<(usize, Symbol)> {
        let chosen = self.chosen.get(&ladder.name());
        let set = chosen.or_else(|| self.set.get(&ladder.key.symbol));
        resolve(seats, ladder.seat, set.unwrap_or(&self.all))
    }
}

/// The seat and the symbol that a name means, from a ladder of the seat `own`.
fn resolve(seats: &[Seat], own: usize, name: &str) -> Option<(usize, Symbol)> {
    let (venue, symbol) = split(name);
    let seat = match venue {
        None => own,
        Some(id) => seats.iter().position(|seat| seat.venue.as_str() == id)?,
    };
    Some((seat, Symbol::new(symbol).ok()?))
}

impl App {
    /// Chooses the leader of the ladder that keys go to; `None` for no line.
    pub(super) fn choose_leader(&mut self, now: Stamp, name: Option<&str>) {
        let Some(ladder) = self.ladders.get(self.at).copied() else {
            return;
        };
        if let Some(name) = name {
            let Some((seat, symbol)) = resolve(&self.seats, ladder.seat, name) else {
                let open = self.seats.iter().map(|seat| seat.venue.as_str());
                let venue = split(name).0.unwrap_or_default();
                let words = format!("{venue} is not open{}", did_you_mean(venue, open));
                return self.note(now, Loudness::Warn, &words);
            };
            let symbols = self.seats[seat].desk.symbols();
            if !symbols.is_empty() && !symbols.iter().any(|known| known == symbol.as_str()) {
                let mend = did_you_mean(symbol.as_str(), symbols.iter().map(String::as_str));
                let words = format!("{} has no {symbol}{mend}", self.seats[seat].venue);
                return self.note(now, Loudness::Warn, &words);
            }
        }
        let name = name.unwrap_or_default().to_owned();
        self.leaders.chosen.insert(ladder.name(), name);
        for seat in 0..self.seats.len() {
            self.follow(seat);
        }
        self.hurry = true;
    }

    /// The symbols of a seat that lead a ladder.
    pub(super) fn led_by(&self, seat: usize) -> Vec<Symbol> {
        let leaders = self.ladders.iter();
        let leaders = leaders.filter_map(|ladder| self.leaders.leader(&self.seats, ladder));
        let of_seat = leaders.filter(|(of, _)| *of == seat);
        of_seat.map(|(_, symbol)| symbol).collect()
    }
}
