//! Pages of ladders, tabs to the trader: each has its layout and its ladders. Accounts and feeds of hidden pages go on; the strip says what
//! is wrong there.
//!
//! A ladder knows its page; the page in front is that of the ladder with the keys, so no key can go to a hidden one.

use std::sync::Arc;

use super::ladders::Ladder;
use super::turn::App;
use crate::domain::{MarketKey, Stamp};
use crate::engine::effect::Loudness;
use crate::ui::layout::Layout;

/// Pages that may be open at once.
pub const MOST_PAGES: usize = 5;

/// One page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// Where its panels stand; of the page in front the view's own counts.
    pub layout: Arc<Layout>,
    /// The ladder that had the keys when the page was left.
    pub front: Option<MarketKey>,
}

impl Page {
    /// The page that a program begins with.
    pub fn first(layout: Arc<Layout>) -> Self {
        Self {
            name: "1".to_owned(),
            layout,
            front: None,
        }
    }
}

impl App {
    /// The page in front.
    pub(super) fn page(&self) -> usize {
        self.ladders.get(self.at).map_or(0, |ladder| ladder.page)
    }

    /// The ladders of the page in front, and which of them has the keys.
    pub(super) fn in_front(&self) -> (Vec<Ladder>, usize) {
        let page = self.page();
        let here = self.ladders.iter().filter(|ladder| ladder.page == page);
        let before = self.ladders.iter().take(self.at);
        let at = before.filter(|ladder| ladder.page == page).count();
        (here.copied().collect(), at)
    }

    /// The ladder at this place among all of them gets the keys; its page comes in front.
    pub(super) fn give_keys(&mut self, at: usize) {
        let (from, left) = (self.page(), self.ladders.get(self.at).copied());
        self.at = at;
        let to = self.page();
        if from == to {
            return;
        }
        if let Some(page) = self.pages.get_mut(from) {
            page.layout = Arc::clone(self.screen.view.layout());
            page.front = left.map(|ladder| ladder.key);
        }
        if let Some(page) = self.pages.get(to) {
            self.screen.view.lay_out(Arc::clone(&page.layout));
        }
    }

    /// Goes to a page, from 0.
    pub(super) fn go_to_page(&mut self, now: Stamp, page: usize) {
        let Some(to) = self.pages.get(page) else {
            let words = format!(
                "there is no tab {}; {} are open",
                page + 1,
                self.pages.len()
            );
            return self.note(now, Loudness::Warn, &words);
        };
        let on_page = |ladder: &Ladder| ladder.page == page;
        let was = |ladder: &Ladder| on_page(ladder) && Some(ladder.key) == to.front;
        let at = self.ladders.iter().position(was);
        if let Some(at) = at.or_else(|| self.ladders.iter().position(on_page)) {
            self.give_keys(at);
            self.changed_ladder(now);
        }
    }

    /// Goes to the page of this name, or opens one with the ladder that keys go to.
    pub(super) fn go_to_named_page(&mut self, now: Stamp, name: &str) {
        match self.pages.iter().position(|page| page.name == name) {
            Some(page) => self.go_to_page(now, page),
            None => self.new_page(now, Some(name)),
        }
    }

    /// Opens one more page with the ladder that keys go to, in the layout of this one.
    pub(super) fn new_page(&mut self, now: Stamp, name: Option<&str>) {
        let Some(ladder) = self.ladders.get(self.at).copied() else {
            return;
        };
        if self.pages.len() >= MOST_PAGES {
            let words = format!("{MOST_PAGES} tabs are open: close one");
            return self.note(now, Loudness::Warn, &words);
        }
        let number = (1..).map(|number: usize| number.to_string());
        let mut free = number.filter(|name| self.pages.iter().all(|page| page.name != *name));
        let name = name.map(str::to_owned).or_else(|| free.next());
        self.pages.push(Page {
            name: name.unwrap_or_default(),
            layout: Arc::clone(self.screen.view.layout()),
            front: None,
        });
        let mut ladder = ladder;
        ladder.page = self.pages.len() - 1;
        self.ladders.push(ladder);
        self.give_keys(self.ladders.len() - 1);
        self.changed_ladder(now);
    }

    /// Closes the page in front with its ladders; what rests or is held there goes on and stays in sight in words.
    pub(super) fn close_page(&mut self, now: Stamp) {
        let page = self.page();
        if self.pages.len() < 2 {
            return self.note(now, Loudness::Warn, "this is the last tab: it stays");
        }
        // Panic and what else concerns a whole account go by a ladder of it.
        let is_last = |seat: usize| {
            let mut elsewhere = self.ladders.iter().filter(|ladder| ladder.page != page);
            elsewhere.all(|ladder| ladder.seat != seat)
        };
        if let Some(seat) = (0..self.seats.len()).find(|seat| is_last(*seat)) {
            let words = format!(
                "the last ladder of {} is on this tab: it stays",
                self.seats[seat].venue
            );
            return self.note(now, Loudness::Warn, &words);
        }
        self.go_to_page(now, if page == 0 { 1 } else { page - 1 });
        let kept = self.ladders.get(self.at).copied();
        self.ladders.retain(|ladder| ladder.page != page);
        self.pages.remove(page);
        for ladder in &mut self.ladders {
            ladder.page -= usize::from(ladder.page > page);
        }
        let kept = kept.map(|mut ladder| {
            ladder.page -= usize::from(ladder.page > page);
            ladder
        });
        let at = self.ladders.iter().position(|ladder| Some(*ladder) == kept);
        self.at = at.unwrap_or(0);
        for seat in 0..self.seats.len() {
            self.follow(seat);
        }
    }
}
