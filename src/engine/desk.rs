//! The desk: owns everything that is known of the account and its markets; one entrance, [`Desk::handle`].
//!
//! It never performs I/O and never reads a clock: time arrives with each event.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::message::{Balance, LinkState, PositionMode};
use crate::domain::text::sanitise;
use crate::domain::{Command, Instrument, Leg, MarketKey, Outcome, Stamp, Symbol, VenueId};

use super::acks::Acks;
use super::arm::{Arm, Hold};
use super::diary::{self, Diary};
use super::effect::{About, Effect, Effects, KeptVolume, LONGEST_NOTICE, Loudness};
use super::equity::Equity;
use super::event::Event;
use super::guard::{self, Guard};
use super::hangup::HangUp;
use super::ids::Ids;
use super::market::Market;
use super::notices::{Line, Notices};
use super::presses::Presses;
use super::settings::DeskSettings;
use super::suggest::{self, Chosen};
use super::volume::Size;
use super::{
    act, ask, cancel, closing, coins, exposure, facts, hangup, key, moves, panic, plans, protect,
    record, sizing, words,
};

/// How the account stands.
#[derive(Clone, Debug)]
pub struct AccountState {
    /// Private and order lines.
    pub link: LinkState,
    /// Why, in words.
    pub why: String,
    /// True once account truth has come.
    pub synced: bool,
    /// One-way or hedge; `None` until told.
    pub mode: Option<PositionMode>,
    /// Balances.
    pub balances: Vec<Balance>,
    /// Host clock against the venue, ms.
    pub clock_offset_ms: Option<i64>,
    /// Messages that did not parse.
    pub bad: u64,
    /// What must stay in sight about the key; usually empty.
    pub key_words: String,
    /// An audit of the key has come to something.
    pub key_audited: bool,
}

/// The desk.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(super) settings: DeskSettings,
    pub(super) markets: BTreeMap<MarketKey, Market>,
    pub(super) instruments: BTreeMap<(VenueId, Symbol), Arc<Instrument>>,
    pub(super) symbols: Arc<[String]>,
    pub(super) arm: Arm,
    pub(super) account: AccountState,
    pub(super) ids: Ids,
    pub(super) acks: Acks,
    pub(super) presses: Presses,
    pub(super) hangup: Option<HangUp>,
    /// Which leg of a hedge account a symbol's ladder shows; absent: the long one.
    pub(super) legs_shown: BTreeMap<Symbol, Leg>,
    pub(super) guard: Guard,
    pub(super) diary: Diary,
    /// Today (UTC), days since 1970.
    day: Option<i64>,
    /// What this session had settled when the day began.
    day_settled: Decimal,
    /// The result of the day that the journal has.
    told_result: Decimal,
    notices: Notices,
    equity: Equity,
}

/// A day, ms.
const DAY_MS: i64 = 86_400_000;
/// Why there is only looking, where there is no key.
const NO_KEY: &str = "view-only: no key";

impl Desk {
    /// A desk that knows nothing yet.
    pub fn new(mut settings: DeskSettings) -> Self {
        let mut arm = Arm::new(settings.environment, settings.arming);
        let guard = Guard::new(&mut settings);
        if let Some(hold) = guard.hold() {
            arm.hold(hold);
        }
        if !settings.has_key {
            arm.hold(Hold::ViewOnly(NO_KEY));
            arm.lock(NO_KEY);
        }
        Self {
            arm,
            ids: Ids::new(settings.session.clone()),
            account: AccountState {
                link: LinkState::Down,
                why: String::new(),
                synced: false,
                mode: None,
                balances: Vec::new(),
                clock_offset_ms: None,
                bad: 0,
                key_words: String::new(),
                key_audited: false,
            },
            settings,
            markets: BTreeMap::new(),
            instruments: BTreeMap::new(),
            symbols: Arc::from([]),
            acks: Acks::default(),
            presses: Presses::default(),
            hangup: None,
            legs_shown: BTreeMap::new(),
            guard,
            diary: Diary::default(),
            day: None,
            day_settled: Decimal::ZERO,
            told_result: Decimal::ZERO,
            notices: Notices::default(),
            equity: Equity::default(),
        }
    }

    /// Takes one event; returns what should be done about it, in order.
    pub fn handle(&mut self, now: Stamp, event: Event) -> Effects {
        let mut out = Effects::default();
        let stands = |arm: &Arm| (arm.state(), arm.why(), arm.cool_down());
        let before = stands(&self.arm);
        let asked = match &event {
            Event::Press(press) => Some((Some(press.action), press.key, press.at)),
            Event::Ask { seen, .. } => Some((None, seen.key, seen.at)),
            _ => None,
        };
        self.dispatch(now, event, &mut out);
        plans::step_all(self, now, &mut out);
        if stands(&self.arm) != before {
            self.tell_arm(now, asked.is_some(), &mut out);
        }
        if let Some((action, key, at)) = asked {
            let market = self.markets.get(&self.shown(key));
            self.presses.pressed(action, key, at, &out.0, market);
        }
        for effect in &out.0 {
            if let Effect::Notice(loudness, words) = effect {
                self.notices.add(now, *loudness, words);
            }
        }
        out
    }

    fn dispatch(&mut self, now: Stamp, event: Event, out: &mut Effects) {
        match event {
            Event::Press(press) => {
                self.arm.key(now);
                guard::step(self, now, out);
                act::press(self, now, &press, out);
                protect::step_all(self, now, out);
            }
            Event::Activity => self.arm.key(now),
            Event::Ask { ask, seen } => {
                self.arm.key(now);
                guard::step(self, now, out);
                ask::take(self, now, ask, seen, out);
                protect::step_all(self, now, out);
            }
            Event::Limits(chosen) => self.take_limits(chosen, out),
            Event::Key(standing) => key::take(self, standing, out),
            Event::Fact(fact) => {
                facts::take(self, now, fact, out);
                self.settle(now, out);
            }
            Event::Market(venue, fact) => self.take_market(venue, fact, out),
            Event::Touch(venue, touch) => self.take_touch(venue, touch),
            Event::Depth(venue, depth) => self.take_depth(venue, depth),
            Event::Prints(venue, prints) => self.take_prints(venue, &prints),
            Event::LaneFull(command) => self.take_lane_full(now, &command, out),
            Event::Journal(trouble) => self.take_journal(trouble, out),
            Event::TerminalLink(ms) => {
                self.arm.terminal(ms);
            }
            Event::FocusLost => {
                let busy = self.is_busy();
                self.arm.focus_lost(busy);
            }
            Event::Resumed(ms) => self.take_resumed(ms, out),
            Event::Ending(why) => {
                hangup::begin(self, now, why, out);
                diary::end(self, now, out);
            }
            Event::Tick => self.tick(now, out),
        }
    }

    fn tick(&mut self, now: Stamp, out: &mut Effects) {
        let busy = self.is_busy();
        self.arm.tick(now, busy);
        self.turn_day(now);
        self.settle_promises();
        cancel::insist(self, now, out);
        moves::insist(self, now, out);
        closing::step(self, now, out);
        self.settle(now, out);
        if self.equity.is_due(now) {
            let result = self.session_result();
            self.equity.note(now, result);
        }
    }

    fn settle_promises(&mut self) {
        let instruments = &self.instruments;
        self.presses.settle(|key| {
            let known = instruments.get(&(key.venue, key.symbol));
            known.map(AsRef::as_ref)
        });
    }

    /// Compares positions and drives panics on, after facts and with time.
    fn settle(&mut self, now: Stamp, out: &mut Effects) {
        coins::step(self, now);
        facts::compare(self, now, out);
        panic::step_all(self, now, out);
        guard::step(self, now, out);
        protect::step_all(self, now, out);
        self.note_result(now, out);
    }

    /// A new day (UTC): what was made before it no longer counts.
    fn turn_day(&mut self, now: Stamp) {
        let day = now.wall_ms().div_euclid(DAY_MS);
        if self.day.is_some_and(|before| before != day) {
            self.settings.day_before = -exposure::session_result(self);
            self.day_settled = exposure::settled(self);
        }
        self.day = Some(day);
    }

    /// Writes down what this session settled on this day, so that the next one counts it.
    fn note_result(&mut self, now: Stamp, out: &mut Effects) {
        let settled = exposure::settled(self).saturating_sub(self.day_settled);
        if settled != self.told_result {
            self.told_result = settled;
            out.journal(record::result(now, &self.settings, settled));
        }
    }

    fn take_limits(&mut self, chosen: Chosen, out: &mut Effects) {
        guard::accept(self, chosen);
        self.settings.limits_accepted = true;
        out.notice(Loudness::Info, "limits accepted");
    }

    /// True while there is a position or an order that may still change.
    pub(super) fn is_busy(&self) -> bool {
        self.busy_markets().next().is_some()
    }

    /// The limits that the first arming shows; `None` once they were accepted, or before the account's balance is known.
    pub fn suggested_limits(&self) -> Option<Chosen> {
        if self.settings.limits_accepted {
            return None;
        }
        let equity = suggest::equity(&self.account.balances)?;
        Some(suggest::suggest(equity, &self.settings.limits))
    }

    fn tell_arm(&self, now: Stamp, by_key: bool, out: &mut Effects) {
        let (state, why) = (self.arm.state().word(), self.arm.words());
        let account = self.settings.account.as_str();
        out.journal(record::arm(now, account, state, &why));
        match (why.is_empty(), by_key) {
            // The arming key has its own line, with the limits.
            (true, true) => {}
            (true, false) => out.notice(Loudness::Info, state),
            (false, true) => out.notice(Loudness::Warn, format!("{state} ({why})")),
            // A question of a moment at every start is no alarm; why a key is for viewing only was told in words.
            (false, false) if matches!(self.arm.holds(), [Hold::Asking | Hold::ViewOnly(_)]) => {
                out.notice(Loudness::Info, format!("{state} ({why})"));
            }
            (false, false) => {
                let words = format!("{state} ({why})");
                out.alert((About::Risk, None), state, Loudness::Alarm, words);
            }
        }
    }

    fn take_lane_full(&mut self, now: Stamp, command: &Command, out: &mut Effects) {
        const FULL: &str = "not sent: the order lane is full";
        out.notice(Loudness::Warn, FULL);
        self.presses.not_sent(command, FULL);
        match command {
            Command::Place(order) => {
                let order = order.get();
                let outcome = Outcome::NotSent(FULL.to_owned());
                let key = self.whose(order.key, order.leg, order.id);
                facts::orders::take_place_answer(self, now, key, order.id, &outcome, out);
            }
            Command::Cancel { key, order } => {
                // It is still wanted: the next tick sends it again.
                let key = self.whose(*key, None, order.client);
                if let Some(order) = self.market_mut(key).orders.get_mut(order.client) {
                    order.cancelling = order.cancelling.map(|_| Stamp::default());
                }
            }
            Command::Amend(amend) => {
                let amend = amend.get();
                let outcome = Outcome::NotSent(FULL.to_owned());
                let key = self.whose(amend.key, None, amend.order.client);
                moves::take_answer(self, key, amend.order.client, &outcome, out);
            }
            Command::Query { .. }
            | Command::Reconcile
            | Command::Follow(_)
            | Command::SetLeverage { .. }
            | Command::SetMargin { .. }
            | Command::SetPositionMode(_) => {}
        }
    }

    fn take_journal(&mut self, trouble: Option<String>, out: &mut Effects) {
        match trouble {
            Some(words) => {
                if self.arm.hold(Hold::Journal) {
                    out.notice(
                        Loudness::Alarm,
                        format!("{words}: entries wait, exits work"),
                    );
                }
            }
            None => {
                self.arm.release(|hold| *hold == Hold::Journal);
                self.guard.tell_again();
            }
        }
    }

    fn take_resumed(&mut self, ms: u64, out: &mut Effects) {
        self.arm.hold(Hold::Resumed);
        out.notice(
            Loudness::Alarm,
            format!(
                "resumed after {}: reading the account again",
                words::seconds(ms)
            ),
        );
        super::send::reconcile(out);
    }

    /// Makes a working volume so large, and has that kept; `None`: what the settings say.
    pub(super) fn set_volume(
        &mut self,
        key: MarketKey,
        index: u8,
        given: Option<Size>,
        out: &mut Effects,
    ) -> Result<(), String> {
        let slot = self.market_mut(key).slot(index)?;
        let set = self.settings.set_volume(key.symbol, slot);
        let size = given.unwrap_or(set);
        let market = act::known(self, key)?;
        let instrument = act::rules(market)?;
        let comes_to = match sizing::shown(self, market, size) {
            Ok(qty) => format!("{size} = {}", words::qty(instrument, qty)),
            // Only one that will be another amount later can come to something then.
            Err(why) if size.is_relative() => format!("{size} ({why})"),
            Err(why) => return Err(why),
        };
        let kept = match given {
            Some(_) => format!("kept for {}", key.symbol),
            None => "as the settings say".to_owned(),
        };
        out.notice(
            Loudness::Info,
            format!("volume {index} is {comes_to}; {kept}"),
        );
        self.each_of(key, |market| {
            market.volumes[slot] = size;
            market.volume = index;
        });
        out.keep(KeptVolume {
            symbol: key.symbol,
            index,
            size: given,
        });
        Ok(())
    }

    pub(super) fn market_mut(&mut self, key: MarketKey) -> &mut Market {
        if !self.markets.contains_key(&key) {
            let mut market = Market::new(key, self.settings.volume);
            market.volumes = self.settings.volumes_of(key.symbol);
            let many = u8::try_from(market.volumes.len()).unwrap_or(u8::MAX);
            market.volume = market.volume.min(many);
            market.instrument = self.instrument(key.venue, key.symbol).cloned();
            if let Some(known) = self.of_symbol(key).next() {
                market.begin_beside(known);
            }
            self.markets.insert(key, market);
            if self.is_hedge() {
                self.make_legs(key);
            }
        }
        self.markets
            .entry(key)
            .or_insert_with(|| Market::new(key, self.settings.volume))
    }

    /// Adds a line of the app's own (input guard, disk, hang-up) to the trader's lines.
    pub fn note(&mut self, now: Stamp, loudness: Loudness, words: &str) {
        let words = sanitise(words, LONGEST_NOTICE);
        self.notices.add(now, loudness, &words);
    }

    /// What the trader set.
    pub const fn settings(&self) -> &DeskSettings {
        &self.settings
    }

    /// One market, if anything is known of it.
    pub fn market(&self, key: &MarketKey) -> Option<&Market> {
        self.markets.get(key)
    }

    /// Every market of which anything is known.
    pub fn markets(&self) -> impl Iterator<Item = &Market> {
        self.markets.values()
    }

    /// Markets with a position or an order that may still change.
    pub fn busy_markets(&self) -> impl Iterator<Item = MarketKey> {
        let busy = |m: &&Market| m.ledger.side().is_some() || m.orders.live().next().is_some();
        self.markets.values().filter(busy).map(|m| m.key)
    }

    /// Orders that may still change, over all markets.
    pub fn open_orders(&self) -> usize {
        self.markets.values().map(|m| m.orders.live().count()).sum()
    }

    /// Positions and orders that are still open, in words: `BTCUSDT 1 order`.
    pub fn left_open(&self) -> Vec<String> {
        self.left_open_beside(&[])
    }

    /// The same of all markets but these.
    pub fn left_open_beside(&self, but: &[MarketKey]) -> Vec<String> {
        let words = |market: &Market| {
            let symbol = words::market(market.key);
            let orders = market.orders.live().count();
            let plural = if orders == 1 { "" } else { "s" };
            let orders = (orders > 0).then(|| format!("{symbol} {orders} order{plural}"));
            let position = market
                .ledger
                .side()
                .map(|_| format!("{symbol} position {}", market.ledger.size()));
            [orders, position]
        };
        let markets = self.markets.values();
        let markets = markets.filter(|market| !but.contains(&market.key.of_leg(None)));
        markets.flat_map(words).flatten().collect()
    }

    /// The rules of an instrument.
    pub fn instrument(&self, venue: VenueId, symbol: Symbol) -> Option<&Arc<Instrument>> {
        self.instruments.get(&(venue, symbol))
    }

    /// Symbols that can be opened.
    pub const fn symbols(&self) -> &Arc<[String]> {
        &self.symbols
    }

    /// Armed or not, and why.
    pub const fn arm(&self) -> &Arm {
        &self.arm
    }

    /// What arming means: the account, and what it may risk.
    pub fn arm_line(&self) -> String {
        act::arm_line(self)
    }

    /// How the account stands.
    pub const fn account(&self) -> &AccountState {
        &self.account
    }

    /// Acknowledgement times.
    pub const fn acks(&self) -> &Acks {
        &self.acks
    }

    /// What the latest keys did.
    pub const fn presses(&self) -> &Presses {
        &self.presses
    }

    /// The round trips of the session, and what they come to.
    pub const fn diary(&self) -> &Diary {
        &self.diary
    }

    /// What earlier sessions came to, and the tags that were used in them, newest first.
    pub fn remember(&mut self, earlier: diary::Sheet, tags: Vec<String>) {
        self.diary.begin_with(earlier, tags);
    }

    /// Latest lines for the trader, newest first.
    pub fn notices(&self) -> impl Iterator<Item = &Line> {
        self.notices.lines()
    }

    /// What is settled over all markets: realised − fees + funding, settle currency.
    pub fn settled_result(&self) -> rust_decimal::Decimal {
        exposure::settled(self)
    }

    /// The session's result over time.
    pub const fn equity(&self) -> &Equity {
        &self.equity
    }

    /// Session result over all markets: realised + open − fees + funding, settle currency.
    pub fn session_result(&self) -> rust_decimal::Decimal {
        exposure::session_result(self)
    }

    /// True when nothing that the hang-up policy ordered is still unproved: the app may exit.
    pub fn is_settled(&self) -> bool {
        hangup::is_settled(self)
    }
}
