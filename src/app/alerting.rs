//! What desk and market did becomes alerts here, and alerts become rows, bells, desktop notices. Levels are set and kept here.
//!
//! It must not wait for a disk: levels are kept by a thread of their own, and what a file gives comes back over a channel.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use rust_decimal::Decimal;
use tokio::sync::mpsc;

use super::channel;
use super::levels::{self, Imported};
use super::turn::App;
use crate::alerts::kind::Kind;
use crate::alerts::level::Hit;
use crate::alerts::line::{Change, Line};
use crate::alerts::{Alert, Alerts, Calls, Folds, Level, Market, Settings, Weight, given};
use crate::domain::{
    BookState, Instrument, MarketKey, Price, Print, Qty, Side, Stamp, Symbol, Touch, VenueId,
};
use crate::engine::effect::{self, About, Loudness};
use crate::engine::line::Levels as Asked;
use crate::engine::{health, words};
use crate::journal::Levels;
use crate::journal::levels::Change as LevelChange;
use crate::market::iceberg::Suspect;
use crate::market::outliers::News;
use crate::ui::view::{List, ViewAction};

/// A line that is back sooner than this was not away, ms.
const PATIENCE_MS: u64 = 1_500;

/// The market of a key, whoever's account it is.
pub const fn market_of(key: MarketKey) -> Market {
    Market {
        venue: key.venue,
        symbol: key.symbol,
    }
}

/// What comes back from the disk.
pub enum Disk {
    /// A file's levels, or why there are none.
    Imported(Result<Imported, String>),
    /// Levels that are not kept, and why.
    NotKept(String),
    /// What the file keeps now and the changes of ours that are in it, or why it cannot be read.
    Reread(Result<(Levels, u64), String>),
}

/// Alerts, and what they are made from.
pub struct Alerting {
    /// Levels and the list.
    pub alerts: Alerts,
    /// Books by seat and symbol, and each seat's account line.
    lines: BTreeMap<(usize, Option<Symbol>), Line>,
    /// A level is not kept: what is here and not in the file stays.
    is_unkept: bool,
    told: mpsc::Sender<Disk>,
    /// What comes back from the disk.
    pub disk: mpsc::Receiver<Disk>,
}

impl Alerting {
    /// With the levels that earlier runs kept.
    pub fn new(settings: Settings, kept: Levels) -> Self {
        let (told, disk) = channel::levels();
        let mut alerts = Alerts::new(settings);
        for (market, levels) in kept.0 {
            for level in levels {
                // More than a market may have stay in the file and are not watched.
                let _ = alerts.levels_of(market).set(level);
            }
        }
        Self {
            alerts,
            lines: BTreeMap::new(),
            is_unkept: false,
            told,
            disk,
        }
    }
}

impl Alerting {
    /// Has the file of levels below `state` watched for what other processes change.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn watch_file(&self, state: PathBuf) -> io::Result<()> {
        levels::watch(state, self.told.clone())
    }
}

impl App {
    fn tell(&mut self, now: Stamp, alert: Alert) {
        self.dirty = true;
        let calls = self.alerting.alerts.take(now, alert);
        self.call(calls);
    }

    fn call(&self, calls: Calls) {
        if calls.bell {
            self.screen.writer.ring();
        }
        if let Some(words) = calls.notice {
            self.screen.notify(&words);
        }
    }

    /// Takes what a desk wants the trader to hear of.
    pub(super) fn desk_alert(&mut self, now: Stamp, alert: effect::Alert) {
        let kind = match alert.about {
            About::Fill => Kind::Fill,
            About::Order => Kind::Order,
            About::Stop => Kind::Stop,
            About::Risk => Kind::Risk,
            About::Link => Kind::Link,
        };
        let weight = match alert.loudness {
            Loudness::Info => Weight::Quiet,
            Loudness::Good | Loudness::Warn => Weight::News,
            Loudness::Alarm => Weight::Danger,
        };
        // A stop that follows the price stands anew every second.
        let folds = if weight == Weight::Quiet {
            Folds::Into(0)
        } else {
            Folds::Words
        };
        let alert = Alert {
            kind,
            market: alert.key.map(market_of),
            weight,
            folds,
            words: alert.words,
            brief: alert.brief.to_owned(),
        };
        self.tell(now, alert);
    }

    /// Watches levels by best prices.
    pub(super) fn watch_touch(&mut self, seat: usize, now: Stamp, touch: &Touch) {
        let market = Market {
            venue: self.seats[seat].venue,
            symbol: touch.symbol,
        };
        if let Some(levels) = self.alerting.alerts.levels.get_mut(&market) {
            let hits = levels.touch(touch);
            self.hits(seat, now, market, hits);
        }
    }

    /// Watches levels by trades.
    pub(super) fn watch_prints(&mut self, seat: usize, now: Stamp, prints: &[Print]) {
        let venue = self.seats[seat].venue;
        for print in prints {
            let market = Market {
                venue,
                symbol: print.symbol,
            };
            if let Some(levels) = self.alerting.alerts.levels.get_mut(&market) {
                let hits = levels.trade(print.price);
                self.hits(seat, now, market, hits);
            }
        }
        let symbols: BTreeSet<Symbol> = prints.iter().map(|print| print.symbol).collect();
        for symbol in symbols {
            self.watch_readings(seat, now, symbol);
        }
    }

    fn hits(&mut self, seat: usize, now: Stamp, market: Market, hits: Vec<Hit>) {
        for hit in hits {
            let desk = &mut self.seats[seat].desk;
            let Some(instrument) = desk.instrument(market.venue, market.symbol) else {
                return;
            };
            let price = words::price(instrument, hit.price);
            let way = if hit.rises { "below" } else { "above" };
            let label = if hit.label.is_empty() {
                String::new()
            } else {
                format!("  {}", hit.label)
            };
            let words = format!("{price} reached from {way}{label}");
            let note = format!("{}: level {words}", market.symbol);
            desk.note(now, Loudness::Warn, &note);
            let alert = Alert {
                kind: Kind::Level,
                market: Some(market),
                weight: Weight::News,
                folds: Folds::Into(hit.price.0),
                brief: words.clone(),
                words,
            };
            self.tell(now, alert);
        }
    }

    /// Takes what stood out on a symbol since the last time.
    pub(super) fn watch_readings(&mut self, seat: usize, now: Stamp, symbol: Symbol) {
        let seat = &mut self.seats[seat];
        let Some(readings) = seat.readings.get_mut(&symbol) else {
            return;
        };
        let news = readings.outliers.take_news();
        let suspects = readings.icebergs.take_news();
        let known = seat.desk.instrument(seat.venue, symbol).cloned();
        let Some(instrument) = known.filter(|_| !news.is_empty() || !suspects.is_empty()) else {
            return;
        };
        let market = Market {
            venue: seat.venue,
            symbol,
        };
        for news in news {
            self.tell(now, outlier(market, &instrument, news));
        }
        for suspect in suspects {
            self.tell(now, iceberg(market, &instrument, &suspect));
        }
    }

    /// Levels lie on ticks, and what is large is counted in lots: learns those of a seat's markets.
    pub(super) fn learn_steps(&mut self, seat: usize) {
        let settings = self.alerting.alerts.settings();
        let by_hand = settings.print_from.keys().chain(settings.size_from.keys());
        for symbol in by_hand.filter_map(|name| Symbol::new(name).ok()) {
            let seat = &mut self.seats[seat];
            let Some(lot) = seat
                .desk
                .instrument(seat.venue, symbol)
                .map(|known| known.lot)
            else {
                continue;
            };
            let (prints, sizes) = settings.large_from(symbol.as_str());
            let lots = |from: Option<Decimal>| lot.ceil(from?);
            let readings = seat.of_symbol(symbol);
            readings.outliers.set_by_hand(lots(prints), lots(sizes));
        }
        let seat = &self.seats[seat];
        for (market, levels) in &mut self.alerting.alerts.levels {
            let known = seat.desk.instrument(seat.venue, market.symbol);
            if let Some(instrument) = known.filter(|_| market.venue == seat.venue) {
                levels.learn(instrument.tick);
            }
        }
    }

    /// Looks at every line, ten times a second: books of open ladders, and the accounts.
    pub(super) fn watch_lines(&mut self, now: Stamp) {
        let mut found = Vec::new();
        for ladder in &self.ladders {
            let desk = &self.seats[ladder.seat].desk;
            let Some(market) = desk.market(&desk.shown(ladder.key)) else {
                continue;
            };
            let state = health::state(market, now);
            let line = self
                .alerting
                .lines
                .entry((ladder.seat, Some(ladder.key.symbol)));
            let change = line.or_default().see(now, state.is_live(), PATIENCE_MS);
            if let Some(change) = change {
                let is_held = market.ledger.side().is_some();
                found.push(line_alert(
                    Some(market_of(ladder.key)),
                    change,
                    &book(&state),
                    is_held,
                ));
            }
        }
        for (at, seat) in self.seats.iter().enumerate() {
            let account = seat.desk.account();
            if !seat.desk.settings().has_key {
                continue;
            }
            let line = self.alerting.lines.entry((at, None)).or_default();
            if let Some(change) = line.see(now, account.synced, PATIENCE_MS) {
                let what = format!("account line of {}", seat.venue);
                found.push(line_alert(None, change, &what, true));
            }
        }
        for alert in found {
            self.tell(now, alert);
        }
        let due = self.alerting.alerts.due(now);
        self.call(Calls {
            bell: false,
            notice: due,
        });
    }

    /// Sets a level at the cursor of the ladder that has the keys, or takes those of its row off.
    pub(super) fn level_at(&mut self, now: Stamp, price: Price, (low, high): (Price, Price)) {
        let Some(key) = self.ladders.get(self.at).map(|ladder| ladder.key) else {
            return;
        };
        let market = market_of(key);
        let levels = self.alerting.alerts.levels_of(market);
        if levels.has(low, high) {
            return self.level_off(now, market, low, high);
        }
        self.level_on(now, market, price, String::new());
    }

    /// Does what a line asks about levels.
    pub(super) fn levels_asked(&mut self, now: Stamp, asked: Asked) {
        let Some(key) = self.ladders.get(self.at).map(|ladder| ladder.key) else {
            return;
        };
        let market = market_of(key);
        match asked {
            Asked::Set(price, label) => self.level_on(now, market, price, given::short(&label)),
            Asked::Off(price) => self.level_off(now, market, price, price),
            Asked::List => self.look(now, ViewAction::List(List::Levels)),
            Asked::Import(file) => self.import_levels(market.venue, file),
        }
    }

    fn level_on(&mut self, now: Stamp, market: Market, price: Price, label: String) {
        let desk = &self.seats[self.here()].desk;
        let Some(instrument) = desk.instrument(market.venue, market.symbol).cloned() else {
            return self.note(now, Loudness::Warn, "no instrument is open");
        };
        let levels = self.alerting.alerts.levels_of(market);
        levels.learn(instrument.tick);
        let before = levels.levels();
        let level = Level {
            price: instrument.price_decimal(price),
            label,
        };
        let shown = words::price(&instrument, price);
        match levels.set(level) {
            Ok(()) => {
                self.keep_levels(market, &before);
                self.note(now, Loudness::Info, &format!("level at {shown}"));
            }
            Err(why) => self.note(now, Loudness::Warn, why),
        }
    }

    fn level_off(&mut self, now: Stamp, market: Market, low: Price, high: Price) {
        let levels = self.alerting.alerts.levels_of(market);
        let before = levels.levels();
        let count = levels.remove(low, high);
        let words = match count {
            0 => return self.note(now, Loudness::Warn, "there is no level; :levels shows them"),
            1 => "level taken off".to_owned(),
            _ => format!("{count} levels taken off"),
        };
        self.keep_levels(market, &before);
        self.note(now, Loudness::Info, &words);
    }

    fn keep_levels(&mut self, market: Market, before: &[Level]) {
        let state = self.folders.state.clone();
        let after = self.alerting.alerts.levels_of(market).levels();
        let change = LevelChange::between(market, before, &after);
        let told = self.alerting.told.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(why) = change.keep(&state) {
                // The loop has ended: nobody is left to tell.
                let _ = told.blocking_send(Disk::NotKept(why.to_string()));
            }
        });
    }

    fn import_levels(&self, here: VenueId, file: String) {
        let (state, told) = (self.folders.state.clone(), self.alerting.told.clone());
        tokio::task::spawn_blocking(move || {
            let imported = levels::import(&state, std::path::Path::new(&file), here);
            let _ = told.blocking_send(Disk::Imported(imported));
        });
    }

    /// Takes the levels as another process left them. While a change of ours is on its way into the file they do not count: the file
    /// changes once more then, and is read again. A level that could not be written stays.
    fn reread_levels(&mut self, now: Stamp, kept: Levels, changes: u64) {
        if changes != Levels::changes_begun() {
            return;
        }
        let alerts = &mut self.alerting.alerts;
        let here: Vec<Market> = alerts.levels.keys().copied().collect();
        let markets: BTreeSet<Market> = here.into_iter().chain(kept.0.keys().copied()).collect();
        let mut is_changed = false;
        for market in markets {
            let mut levels = kept.0.get(&market).cloned().unwrap_or_default();
            let watched = alerts.levels_of(market);
            if self.alerting.is_unkept {
                let in_file = |own: &Level| levels.iter().any(|level| level.price == own.price);
                let own = watched.levels().into_iter();
                let own: Vec<Level> = own.filter(|own| !in_file(own)).collect();
                levels.extend(own);
            }
            is_changed |= watched.replace(&levels);
        }
        if is_changed {
            for seat in 0..self.seats.len() {
                self.learn_steps(seat);
            }
            self.note(
                now,
                Loudness::Info,
                "signal levels read again: their file changed",
            );
        }
    }

    /// Takes what came back from the disk.
    pub(super) fn levels_told(&mut self, now: Stamp, told: Disk) {
        match told {
            Disk::NotKept(why) => {
                self.alerting.is_unkept = true;
                self.note(
                    now,
                    Loudness::Warn,
                    &format!("the level is not kept: {why}"),
                );
            }
            Disk::Reread(Ok((kept, changes))) => self.reread_levels(now, kept, changes),
            Disk::Reread(Err(why)) => self.note(now, Loudness::Warn, &why),
            Disk::Imported(Err(why)) => self.note(now, Loudness::Warn, &why),
            Disk::Imported(Ok(imported)) => {
                let words = imported.words();
                for (market, level) in imported.levels {
                    // More than a market may have are in the file, and not watched.
                    let _ = self.alerting.alerts.levels_of(market).set(level);
                }
                for seat in 0..self.seats.len() {
                    self.learn_steps(seat);
                }
                self.note(now, Loudness::Info, &words);
            }
        }
        self.hurry = true;
    }
}

fn outlier(market: Market, instrument: &Instrument, news: News) -> Alert {
    let said = |side: Side, qty: Qty, how: &str, price: Price| {
        let (what, at) = (
            words::order(instrument, side, qty),
            words::price(instrument, price),
        );
        format!("{what} {how} {at}")
    };
    let (kind, number, words) = match news {
        News::Print(side, price, qty) => (
            Kind::LargePrint,
            side.sign(),
            said(side, qty, "traded at", price),
        ),
        News::Came(side, price, qty) => {
            (Kind::LargeSize, price.0, said(side, qty, "rests at", price))
        }
        News::Pulled(side, price, qty) => (
            Kind::LargeSize,
            price.0,
            said(side, qty, "pulled from", price),
        ),
        News::Traded(side, price, qty) => (
            Kind::LargeSize,
            price.0,
            said(side, qty, "traded away at", price),
        ),
    };
    Alert {
        kind,
        market: Some(market),
        weight: Weight::News,
        folds: Folds::Into(number),
        brief: words.clone(),
        words,
    }
}

/// A suspicion is told as one.
fn iceberg(market: Market, instrument: &Instrument, suspect: &Suspect) -> Alert {
    let words = format!(
        "~{} at {}: traded {}, never more than {} shown",
        suspect.side.word(),
        words::price(instrument, suspect.price),
        words::qty(instrument, suspect.traded),
        words::qty(instrument, suspect.seen),
    );
    Alert {
        kind: Kind::Iceberg,
        market: Some(market),
        weight: Weight::News,
        folds: Folds::Into(suspect.price.0),
        brief: words.clone(),
        words,
    }
}

fn book(state: &BookState) -> String {
    match state {
        BookState::Live => "book".to_owned(),
        BookState::Stale(why) => format!("book is STALE ({why})"),
        BookState::Resync(why) => format!("book is in RESYNC ({why})"),
        BookState::Down(why) => format!("book is DOWN ({why})"),
    }
}

fn line_alert(market: Option<Market>, change: Change, what: &str, is_grave: bool) -> Alert {
    let words = match (change, market) {
        (Change::Down, Some(_)) => what.to_owned(),
        (Change::Down, None) => format!("{what} is down"),
        (Change::Back(ms), _) => format!("{what} is back after {}", words::seconds(ms)),
    };
    let weight = match change {
        Change::Down if is_grave => Weight::Danger,
        Change::Down => Weight::News,
        Change::Back(_) => Weight::Quiet,
    };
    Alert {
        kind: Kind::Link,
        market,
        weight,
        folds: Folds::Into(i64::from(change == Change::Down)),
        brief: words.clone(),
        words,
    }
}
