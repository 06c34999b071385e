//! What the passing of time changes: sockets, topics, calls, and books that cannot be believed any more.

use super::dialect::{Dialect, Kind};
use super::followed::Doubt;
use super::link::Turn;
use super::{PushedFeed, note};
use crate::domain::Stamp;
use crate::exchange::machine::Out;

/// Time between two looks at what time alone changes, ms.
const WAKE_MS: u64 = 100;
/// A book asked for so often in vain has its socket opened anew.
const REOPEN_AFTER: u32 = 2;

impl<D: Dialect> PushedFeed<D> {
    /// What time alone changes: lines, topics, calls, states.
    pub(super) fn wake(&mut self, now: Stamp, out: &mut Out) {
        for route in 0..self.links.len() {
            self.tend(now, route, out);
        }
        self.calls.wake(now, out);
        for index in 0..self.followed.len() {
            self.doubt(now, index, out);
            self.ask_for_book(now, index, out);
            self.reopen_for_book(now, index, out);
            self.show_state(now, index, out);
            let followed = &mut self.followed[index];
            let symbol = followed.symbol();
            out.market.extend(followed.mark.due(now, symbol));
        }
        self.ask_past(now, out);
        out.wake_at = Some(now.plus_ms(WAKE_MS));
    }

    /// Opens, pings, subscribes on one route.
    pub(super) fn tend(&mut self, now: Stamp, route: usize, out: &mut Out) {
        let mut silent = Vec::new();
        let Some(link) = self.links.get_mut(route) else {
            return;
        };
        let turn = link.wake(now, &self.dialect, &mut silent, out);
        for topic in silent {
            note(out, format!("no data on {topic}, subscribed again"));
        }
        if turn == Turn::Down {
            note(out, "stream silent, reconnecting".to_owned());
        }
        self.turned(now, route, turn, out);
        let alone = self.links.get(route).is_some_and(|l| !l.is_overlapping());
        for followed in self.followed.iter_mut().filter(|f| f.route == route) {
            if alone {
                followed.drop_spare();
            }
        }
    }

    /// What became of the socket in use, for every book on it.
    pub(super) fn turned(&mut self, now: Stamp, route: usize, turn: Turn, out: &mut Out) {
        if turn == Turn::None {
            return;
        }
        for index in 0..self.followed.len() {
            let followed = &mut self.followed[index];
            if followed.route != route {
                continue;
            }
            match turn {
                Turn::TakenOver => followed.take_over(now),
                _ => followed.line_lost(now),
            }
            self.tell(now, index, out);
        }
    }

    pub(super) fn doubt(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get_mut(index) else {
            return;
        };
        let symbol = followed.symbol();
        match followed.doubt(now) {
            None => return,
            Some(Doubt::BookDead) => note(out, format!("{symbol}: no depth, subscribed again")),
            Some(Doubt::Contradiction) => {
                note(out, format!("{symbol}: best prices contradict the book"));
            }
            Some(Doubt::BestPricesDead) => {
                let route = followed.route;
                if let Some(link) = self.links.get_mut(route) {
                    link.topics().ask_again(&symbol, Kind::BestPrices);
                }
                note(out, format!("{symbol}: no best prices, subscribed again"));
            }
        }
        self.tell(now, index, out);
    }

    /// Has the book of a symbol sent anew where that is wanted and not too soon.
    pub(super) fn ask_for_book(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get_mut(index) else {
            return;
        };
        if !followed.wants_book(now) {
            return;
        }
        followed.asked_book();
        let (symbol, route) = (followed.symbol(), followed.route);
        if let Some(link) = self.links.get_mut(route) {
            link.topics().ask_again(&symbol, Kind::Book);
        }
        self.tend(now, route, out);
    }

    /// A book that does not come although others speak: its socket is not to be trusted. Once, so that one dead book does not take
    /// the others with it again and again.
    pub(super) fn reopen_for_book(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get(index) else {
            return;
        };
        let silent = !followed.book().is_synced() && self.unanswered(followed) >= REOPEN_AFTER;
        if !silent || followed.reopened {
            return;
        }
        let (symbol, route) = (followed.symbol(), followed.route);
        self.followed[index].reopened = true;
        note(out, format!("{symbol}: still no depth, reconnecting"));
        if let Some(link) = self.links.get_mut(route) {
            link.reopen(out);
        }
        self.turned(now, route, Turn::Down, out);
    }

    pub(super) fn show_state(&mut self, now: Stamp, index: usize, out: &mut Out) {
        let Some(followed) = self.followed.get(index) else {
            return;
        };
        let line = self.line_view(followed.route);
        let state = followed.state(now, line, self.unanswered(followed));
        if self.followed[index].state_moved(&state) {
            self.tell(now, index, out);
        }
    }
}
