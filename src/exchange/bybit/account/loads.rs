//! The instruments of both categories, page by page. Owns which pages are on their way.

use super::BybitAccount;
use super::caller::{Purpose, Query};
use crate::domain::Stamp;
use crate::exchange::bybit::instruments::{self, Category};
use crate::exchange::bybit::read::plain_cursor;
use crate::exchange::machine::Out;

/// A load without an answer is tried again after this, ms.
const AGAIN_MS: u64 = 15_000;
/// A first load that failed is tried again after this, ms.
const FIRST_AGAIN_MS: u64 = 3_000;
const BOTH: [Category; 2] = [Category::Linear, Category::Spot];

/// See the module.
#[derive(Debug, Default)]
pub struct Loads {
    /// Since when instruments are being loaded.
    running: Option<Stamp>,
    /// Categories that are not whole.
    waiting: Vec<Category>,
    /// When the first load was last tried.
    tried: Option<Stamp>,
}

impl BybitAccount {
    pub(super) fn load_instruments(&mut self, now: Stamp, out: &mut Out) {
        if self.loads.running.is_none() {
            self.loads.running = Some(now);
            self.loads.waiting = BOTH.to_vec();
            for category in BOTH {
                self.ask_page(category, None, out);
            }
        }
    }

    fn ask_page(&mut self, category: Category, cursor: Option<&str>, out: &mut Out) {
        let query = Query::of("category", category.as_str())
            .and("limit", "1000")
            .at(cursor);
        let path = "/v5/market/instruments-info";
        self.caller
            .plain(path, &query, Purpose::Instruments(category), out);
    }

    pub(super) fn page_loaded(
        &mut self,
        category: Category,
        body: &[u8],
        now: Stamp,
        out: &mut Out,
    ) {
        let load = match instruments::load(body, category, self.whose.venue) {
            Ok(load) => load,
            Err(error) => return self.load_failed(&error.to_string(), out),
        };
        for instrument in load.instruments {
            self.listed.add(instrument);
        }
        if let Some(cursor) = plain_cursor(&load.cursor) {
            return self.ask_page(category, Some(&cursor), out);
        }
        self.loads.waiting.retain(|waits| *waits != category);
        if self.loads.waiting.is_empty() {
            self.loads.running = None;
            self.listed_whole(now, out);
        }
    }

    fn listed_whole(&mut self, now: Stamp, out: &mut Out) {
        for frame in std::mem::take(&mut self.waiting) {
            self.private_event(&frame, true, now, out);
        }
        if !self.in_sync {
            self.want_truth(now);
        }
    }

    pub(super) fn load_failed(&mut self, words: &str, out: &mut Out) {
        self.loads.running = None;
        self.bad(&format!("instruments: {words}"), out);
    }

    /// Instruments are there, the first of them whole.
    pub(super) fn is_listed(&self) -> bool {
        !self.listed.is_empty() && (self.in_sync || self.loads.running.is_none())
    }

    /// A load that hangs is given up; the first one is tried every few seconds.
    pub(super) fn load_due(&mut self, now: Stamp, out: &mut Out) {
        let hangs = |since: Stamp| now.ms_since(since) >= AGAIN_MS;
        if self.loads.running.is_some_and(hangs) {
            self.loads.running = None;
        }
        let tried = |at: Stamp| now.ms_since(at) < FIRST_AGAIN_MS;
        if self.listed.is_empty() && !self.loads.tried.is_some_and(tried) {
            self.loads.tried = Some(now);
            self.load_instruments(now, out);
        }
    }
}
