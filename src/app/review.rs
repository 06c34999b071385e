//! R: one's own last trade, replayed over the live screen. The live account goes on: what cancels, closes, panics and locks acts on it,
//! nothing opens or adds, and what is wrong there stays in sight.

use std::path::PathBuf;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::ladders::{self, Ladder};
use super::reel::thread::{self, Ready, Wish};
use super::reel::{Maker, Reel, Source};
use super::shown::Shown;
use super::turn::App;
use crate::blackbox::trip::{self, Own, Trip, Turn};
use crate::blackbox::{FOLDER, Reader, Segment, segments};
use crate::clock;
use crate::config::Settings;
use crate::domain::{BookState, Environment, Liquidity, Side, Stamp, VenueId};
use crate::engine::action::Action;
use crate::engine::effect::Loudness;
use crate::engine::line::Play;
use crate::engine::{health, words};
use crate::exchange::venue;
use crate::ui::layout::Room;
use crate::ui::snapshot::{
    self, LiveAccount, LiveLadder, Notice, PartCard, Playing, Snapshot, TripCard, TurnCard,
};
use crate::ui::view::View;

/// The trade is shown from so long before its first fill, ns ...
const BEFORE_NS: i64 = 20_000_000_000;
/// ... to so long after its last one, ns.
const AFTER_NS: i64 = 10_000_000_000;
/// What the panels remember begins so long before that, ns.
const WARM_NS: i64 = 120_000_000_000;
/// The key is pressed again within this to replay over an open position, ms.
const AGAIN_MS: u64 = 8_000;
/// What one's own trade left behind is on the disk after this, ms.
const SETTLE_MS: u64 = 100;
/// Notices shown.
const NOTICES: usize = 50;
/// Why a key does nothing here.
const REFUSED: &str = "REPLAY: Esc goes back to the live ladder; here nothing opens, adds or moves";

/// What a replay over the live screen needs.
pub struct Review {
    /// How the live ladder stood.
    live: View,
}

/// True for what acts on the live account from within a replay: it needs no price that is only drawn there.
const fn acts_live(action: Action) -> bool {
    matches!(
        action,
        Action::CancelEntries
            | Action::CancelSymbol
            | Action::CancelEntriesEverywhere
            | Action::Close(_)
            | Action::ClosePassive
            | Action::Lock
            | Action::PanicSymbol
            | Action::Panic
    )
}

impl App {
    /// True while one's last trade is replayed over the live screen.
    pub(super) const fn is_reviewing(&self) -> bool {
        self.review.is_some()
    }

    /// Replays the last trade, or begins it again.
    pub(super) fn review(&mut self, now: Stamp) {
        if self.is_reviewing() {
            return self.steer(now, Play::Begin);
        }
        if self.showing.is_some() || self.player.is_some() {
            return self.note(now, Loudness::Warn, "this is a recording already");
        }
        if self.boxed.is_none() {
            let words = "the black box is off: [black_box] enabled = true keeps your trades";
            return self.note(now, Loudness::Warn, words);
        }
        let again = self
            .review_asked
            .is_some_and(|at| now.ms_since(at) <= AGAIN_MS);
        self.review_asked = Some(now);
        if let Some(why) = self.in_the_way(now).filter(|_| !again) {
            let words = format!("{why}: press again to replay your last trade all the same");
            return self.note(now, Loudness::Warn, &words);
        }
        let folder = self.folders.cache.join(FOLDER);
        let settings = self.settings.clone();
        match thread::start(move || open(folder, &settings)) {
            Ok(showing) => self.begin_review(showing),
            Err(why) => {
                let words = format!("cannot replay: {why}");
                self.note(now, Loudness::Warn, &words);
            }
        }
    }

    /// What should be looked at before an old trade.
    fn in_the_way(&self, now: Stamp) -> Option<String> {
        let held = ladders::left_open(&self.seats, &[]);
        if !held.is_empty() {
            return Some(format!("open: {}", held.join(", ")));
        }
        let ladder = self.ladders.get(self.at)?;
        let desk = &self.seats[ladder.seat].desk;
        let market = desk.market(&desk.shown(ladder.key))?;
        match health::state(market, now) {
            BookState::Live => None,
            _ => Some(format!(
                "the live book of {} is not LIVE",
                ladder.key.symbol
            )),
        }
    }

    fn begin_review(&mut self, showing: thread::Showing) {
        // It begins as wide and as close as the live ladder.
        let mut fresh = self.screen.view.clone();
        fresh.forget_trades();
        let live = self.screen.view.turn_to(fresh);
        self.screen.view.cancel();
        self.screen.view.stand_among(Room {
            open: 1,
            ..Room::default()
        });
        self.review = Some(Review { live });
        self.showing = Some(showing);
        self.hurry = true;
    }

    /// Back to the live ladder.
    pub(super) fn close_review(&mut self) {
        let Some(Review { live }) = self.review.take() else {
            return;
        };
        self.showing = None;
        self.screen.view.turn_to(live);
        self.screen.view.cancel();
        self.screen.forget();
        self.screen.resized();
        self.hurry = true;
    }

    /// An action of the desk that a key asked for in a replay: done on the live account, or refused.
    pub(super) fn press_in_review(&mut self, action: Action, at: Stamp) {
        if !acts_live(action) {
            return self.note(clock::now(), Loudness::Warn, REFUSED);
        }
        let shown = self.live_shown();
        self.press(action, at, shown);
    }

    /// The live ladder under the replay, with nothing of it in sight.
    pub(super) fn live_shown(&self) -> Shown {
        Shown {
            key: self.ladders.get(self.at).map(|ladder| ladder.key),
            ..Shown::default()
        }
    }

    /// Says that something is not done in a replay.
    pub(super) fn refuse_in_review(&mut self, now: Stamp) {
        self.note(now, Loudness::Warn, REFUSED);
    }

    /// The recording shows something new, or cannot be shown.
    pub(super) fn take_played(&mut self) {
        let Some(showing) = &mut self.showing else {
            return;
        };
        let failed = showing.played.borrow_and_update().failed.clone();
        if let Some(words) = failed {
            self.close_review();
            self.note(clock::now(), Loudness::Warn, &words);
        }
    }

    /// Tells the thread of the recording what is looked at.
    pub(super) fn wish(&self, wish: Wish) {
        let Some(showing) = &self.showing else { return };
        showing.wish.send_if_modified(|known| {
            let is_new = *known != wish;
            *known = wish;
            is_new
        });
    }

    /// Makes a frame of the replay and hands it to the writer.
    pub(super) fn publish_review(&mut self, now: Stamp) {
        let Some(showing) = &self.showing else { return };
        let played = Arc::clone(&showing.played.borrow());
        let drawn = played
            .ladders
            .first()
            .map(|(_, snapshot)| (**snapshot).clone());
        let mut snapshot = drawn.unwrap_or_else(|| Snapshot {
            environment: Environment::Replay,
            account_state: "looking for your last trade".to_owned(),
            ..Snapshot::default()
        });
        let live = self.desk();
        snapshot.idle_countdown = live.arm().countdown(now);
        snapshot.left_open = ladders::left_open(&self.seats, &[]);
        snapshot.notices = self.live_notices(now, snapshot.now);
        snapshot.playing = Some(Arc::new(Playing {
            live: Some(self.live_account(now)),
            ..(*played.playing).clone()
        }));
        self.screen.show_review(snapshot, now);
        let panels = self.screen.view.plan().panels_of(0);
        self.wish(Wish {
            ladders: played.of.map(|of| (of, panels)).into_iter().collect(),
            frame: self.screen.view.charts.frame,
        });
    }

    /// What the desks said, with times as a frame of the moment `then` reads them.
    fn live_notices(&self, now: Stamp, then: Stamp) -> Vec<Notice> {
        let several = self.seats.len() > 1;
        let mut all: Vec<Notice> = Vec::new();
        for seat in &self.seats {
            all.extend(seat.desk.notices().map(|line| Notice {
                loudness: line.loudness,
                words: match several {
                    true => format!("{}: {}", seat.venue, line.words),
                    false => line.words.clone(),
                },
                at: line.at,
                count: line.count,
            }));
        }
        all.sort_by_key(|notice| std::cmp::Reverse(notice.at));
        all.truncate(NOTICES);
        for notice in &mut all {
            notice.at = snapshot::as_long_ago(now, notice.at, then);
        }
        all
    }

    fn live_account(&self, now: Stamp) -> LiveAccount {
        let shows = self.shows();
        let here = shows.snapshot(&self.ladders[self.at], now, &[], 0);
        let ladders = self
            .ladders
            .iter()
            .map(|ladder| self.live_ladder(ladder, now));
        let is_told = |ladder: &LiveLadder| {
            ladder.sign != 0 || ladder.orders > 0 || !ladder.trouble.is_empty()
        };
        let open: Vec<_> = self.ladders.iter().map(|ladder| ladder.key).collect();
        LiveAccount {
            arm: here.arm,
            ladders: ladders.filter(is_told).collect(),
            elsewhere: ladders::left_open(&self.seats, &open),
        }
    }

    fn live_ladder(&self, ladder: &Ladder, now: Stamp) -> LiveLadder {
        let desk = &self.seats[ladder.seat].desk;
        let tab = snapshot::tab(desk, ladder.key, now, false);
        let market = self.shows().snapshot(ladder, now, &[], 0).market;
        LiveLadder {
            symbol: ladder.key.symbol.to_string(),
            sign: tab.sign,
            size: market.position.size.abs().normalize().to_string(),
            open: market.position.open,
            orders: tab.orders,
            trouble: tab.trouble,
        }
    }
}

/// Finds the last trade in the box and makes it ready to be shown.
fn open(folder: PathBuf, settings: &Settings) -> Result<Ready, String> {
    std::thread::park_timeout(std::time::Duration::from_millis(SETTLE_MS));
    let found = segments(&folder).map_err(|why| why.to_string())?;
    let trip = trip::last(&found).map_err(|why| why.to_string())?;
    let mut trip = trip.ok_or("no trade of yours is in the black box yet")?;
    let from_ns = trip.from_ns.saturating_sub(BEFORE_NS);
    let source = since(&found, from_ns.saturating_sub(WARM_NS), trip.from_ns);
    let mut reader = Reader::of(source.to_vec()).map_err(|why| why.to_string())?;
    trip.extremes = trip::extremes(&trip, &mut reader);
    let own = Own::read(source).map_err(|why| why.to_string())?;
    let (start_ns, last_ns) = (reader.from_ns(), reader.last_ns());
    let to_ns = if trip.is_closed {
        trip.to_ns.saturating_add(AFTER_NS).min(last_ns)
    } else {
        last_ns
    };
    let runs = found.iter().map(|segment| segment.run.clone()).collect();
    let maker = Arc::new(Maker::new(settings, runs, title));
    let span = (from_ns.max(start_ns), to_ns);
    let trades = own.marks().into_iter();
    let trades = trades.filter(|(at, _)| (span.0..=span.1).contains(at));
    let reel = Reel::new(
        Source::Box(Box::new(reader)),
        maker,
        start_ns,
        span,
        trades.collect(),
    );
    Ok(Ready {
        reel,
        of: trip.key,
        card: Some(Arc::new(card(&trip))),
    })
}

/// The segments from the one on that holds a moment, but none of a run before the one that the trip began in: what lies between runs is
/// an empty stretch.
fn since(found: &[Segment], ns: i64, trip_ns: i64) -> &[Segment] {
    let holds = |ns: i64| {
        let before = |segment: &&Segment| segment.from_ms.saturating_mul(1_000_000) <= ns;
        let count = found.iter().take_while(before).count();
        count.saturating_sub(1)
    };
    let run = found.get(holds(trip_ns)).map(|segment| &segment.run);
    let first = found.iter().position(|segment| Some(&segment.run) == run);
    &found[holds(ns).max(first.unwrap_or(0))..]
}

/// A venue's name on the screen.
pub fn title(id: VenueId) -> String {
    let known = venue(id.as_str());
    known.map_or_else(|| id.to_string(), |venue| venue.title.to_owned())
}

fn card(trip: &Trip) -> TripCard {
    let word = match trip.side {
        Side::Buy => "LONG",
        Side::Sell => "SHORT",
    };
    TripCard {
        what: format!("{word} {} {}", trip.size.normalize(), trip.key.symbol),
        is_open: !trip.is_closed,
        held_ms: u64::try_from(trip.to_ns.saturating_sub(trip.from_ns) / 1_000_000).unwrap_or(0),
        entry: turn(trip, &trip.entry),
        exit: trip.exit.as_ref().map(|exit| turn(trip, exit)),
        gross: trip.gross,
        fees: trip.fees,
        extremes: trip.extremes,
        currency: trip.rules.settle.to_string(),
    }
}

fn turn(trip: &Trip, of: &Turn) -> TurnCard {
    let rules = &trip.rules;
    let average = |price: Decimal| words::average(rules, price);
    let promised = of.promise.as_ref().map(|promise| PartCard {
        qty: rules.qty_text(promise.qty),
        average: promise.average.map_or_else(|| "market".to_owned(), average),
        fee: promise.fee,
    });
    TurnCard {
        at_ms: of.at_ns / 1_000_000,
        action: of.action.clone().unwrap_or_default(),
        side: of.side.word(),
        promised,
        got: PartCard {
            qty: rules.qty_text(of.qty),
            average: average(of.average),
            fee: Some(of.fee),
        },
        is_maker: of.liquidity == Liquidity::Maker,
        slipped_ticks: of.slipped_ticks,
        acked_us: of.acked_us,
        filled_us: of.filled_us,
    }
}
