//! Account truth and the private line, kept in one order: what the line tells while truth is fetched after a (re)connect waits for
//! it. Owns nothing; the account owns what waits.

use super::BybitAccount;
use super::truth::{self, Part, Progress, Truth};
use super::whole::{self, Whole};
use crate::domain::message::AccountTruth;
use crate::domain::{Fact, Fill, OrderRef, OrderReport, PositionReport, Stamp, Symbol};
use crate::exchange::bybit::instruments::Category;
use crate::exchange::bybit::read::Reader;
use crate::exchange::bybit::read::position::PositionSaid;
use crate::exchange::machine::Out;

impl BybitAccount {
    /// Begins a fetch of account truth where everything that it needs is there.
    pub(super) fn begin_truth(&mut self, now: Stamp, out: &mut Out) {
        let of_contract = |symbol: &Symbol| Category::of(symbol) == Category::Linear;
        let mut contracts: Vec<Symbol> = self.followed.clone();
        contracts.extend(self.slots.symbols());
        contracts.retain(of_contract);
        contracts.sort_unstable();
        contracts.dedup();
        let whole = !self.in_sync || self.info.is_none();
        self.told.begin();
        self.truth
            .begin(&mut self.caller, &contracts, whole, now, out);
    }

    pub(super) fn truth_part(&mut self, part: Part, result: &str, now: Stamp, out: &mut Out) {
        let progress =
            self.with_truth(now, |truth, context| truth.take(part, result, context, out));
        self.truth_progress(progress, now, out);
    }

    pub(super) fn truth_missing(&mut self, part: Part, now: Stamp, out: &mut Out) {
        let progress = self.with_truth(now, |truth, context| truth.take_missing(part, context));
        self.truth_progress(progress, now, out);
    }

    fn with_truth(
        &mut self,
        now: Stamp,
        go_on: impl FnOnce(&mut Truth, &mut truth::Context<'_>) -> Progress,
    ) -> Progress {
        let hedge = self.is_hedge();
        let legs = &self.legs;
        let has_legs = |symbol: &Symbol| legs.get(symbol).copied().unwrap_or(hedge);
        let mut context = truth::Context {
            caller: &mut self.caller,
            reader: Reader {
                whose: self.whose,
                listed: &self.listed,
                at: now,
            },
            given_up: &self.given_up,
            has_legs: &has_legs,
        };
        go_on(&mut self.truth, &mut context)
    }

    fn truth_progress(&mut self, progress: Progress, now: Stamp, out: &mut Out) {
        match progress {
            Progress::More | Progress::Old => {}
            Progress::Done(whole) => self.truth_done(*whole, now, out),
            Progress::Failed(error) => {
                self.truth_failed(&format!("account truth: {error}"), now, out);
            }
            Progress::Needs(symbol) => {
                if !self.wanted.insert(symbol) {
                    // Loaded since and still not listed: its records are skipped from here on.
                    self.given_up.insert(symbol);
                }
                self.load_instruments(now, out);
                self.truth_failed(&format!("account truth needs {symbol}"), now, out);
            }
        }
    }

    /// A part is missing, so nothing is concluded: what was known stays, and it is tried again.
    pub(super) fn truth_failed(&mut self, words: &str, now: Stamp, out: &mut Out) {
        self.bad(words, out);
        self.truth.failed(now);
    }

    fn truth_done(&mut self, mut whole: Whole, now: Stamp, out: &mut Out) {
        for error in &whole.bad {
            self.bad(&format!("account truth: {error}"), out);
        }
        let (orders, positions) = self.told.beside();
        self.take_modes(&mut whole, out);
        let fills = self.truth_fills(&mut whole, out);
        let positions = self.truth_positions(&whole, &positions, now, out);
        let orders = self.truth_orders(&mut whole, &orders, now, out);
        self.proofs
            .absent(whole.began, |order| knows(&orders, &fills, order));
        for report in &orders {
            self.requests.seen(report.order.client, report.order.venue);
            self.proofs.placed(report.order.client);
            self.parked.take(report.order.client);
        }
        self.told.truth(&orders, &positions, whole.began_ms);
        let truth = AccountTruth {
            orders,
            positions,
            fills,
            balances: whole.balances,
            at: whole.at,
        };
        self.tell_truth(truth, now, out);
    }

    /// Positions by which the venue showed their modes come before fills, whose leg follows from the mode.
    fn take_modes(&mut self, whole: &mut Whole, out: &mut Out) {
        for said in &whole.positions {
            self.legs.insert(said.report.key.symbol, said.has_legs);
        }
        if let Some(info) = whole.account {
            self.take_info(info, out);
        }
        let unified = self.info.is_none_or(|info| info.unified);
        let allowed = match (&whole.key, self.mode) {
            (Some(key), _) => key.can_trade(),
            (None, Some((_, can_trade))) => can_trade,
            (None, None) => true,
        };
        let (mode, complaint) = self.mode_of();
        let mode = (mode, allowed && unified);
        if self.mode != Some(mode) || !self.in_sync {
            self.mode = Some(mode);
            if let Some(words) = complaint {
                self.bad(&words, out);
            }
            out.facts.push(Fact::Mode {
                account: self.whose.account,
                venue: self.whose.venue,
                mode: mode.0,
                can_trade: mode.1,
            });
        }
    }

    /// Trades that nobody told yet, oldest first.
    fn truth_fills(&mut self, whole: &mut Whole, out: &mut Out) -> Vec<Fill> {
        let said = std::mem::take(&mut whole.fills);
        let mut fills: Vec<Fill> = Vec::new();
        for said in said {
            fills.extend(self.take_fill(said, out));
        }
        fills.retain(|fill| self.told.fill(fill));
        fills.sort_by_key(|fill| (fill.venue_ms, fill.trade));
        fills
    }

    fn truth_positions(
        &mut self,
        whole: &Whole,
        beside: &[PositionReport],
        now: Stamp,
        out: &mut Out,
    ) -> Vec<PositionReport> {
        let mut seen: Vec<PositionSaid> = Vec::new();
        for said in &whole.positions {
            let same = |s: &PositionSaid| {
                (s.report.key, s.report.leg) == (said.report.key, said.report.leg)
            };
            match seen.iter().position(same) {
                Some(at) => seen[at] = *said,
                None => seen.push(*said),
            }
        }
        for said in &seen {
            self.note_position(said, out);
            let steps = self.slots.position(said, Some(whole.began), now);
            self.take_slot_steps(steps, now, out);
        }
        let mut listed: Vec<PositionReport> = seen.iter().map(|said| said.report).collect();
        whole::merge_positions(&mut listed, beside, whole.began_ms);
        listed
    }

    /// Open orders under the names that they have here, the positions' own stops among them.
    fn truth_orders(
        &mut self,
        whole: &mut Whole,
        beside: &[OrderReport],
        now: Stamp,
        out: &mut Out,
    ) -> Vec<OrderReport> {
        let mut listed = Vec::new();
        for said in std::mem::take(&mut whole.orders) {
            let mut report = said.report;
            if let Some(kind) = said.slot {
                let (tells, steps) = self.slots.order(kind, &mut report, now);
                self.take_slot_steps(steps, now, out);
                if !tells {
                    continue;
                }
            }
            listed.push(report);
        }
        whole::merge_orders(&mut listed, beside);
        listed.retain(|o| !self.told.has_fired(o));
        for report in &mut listed {
            self.told.rename(report);
        }
        let named = |client| listed.iter().any(|o| o.order.client == client);
        let stops = self.slots.standing().cloned();
        let missing: Vec<OrderReport> = stops.filter(|o| !named(o.order.client)).collect();
        listed.extend(missing);
        listed
    }

    fn tell_truth(&mut self, truth: AccountTruth, now: Stamp, out: &mut Out) {
        out.facts.push(Fact::Truth {
            account: self.whose.account,
            venue: self.whose.venue,
            truth: Box::new(truth),
        });
        self.key_refused = false;
        if !std::mem::replace(&mut self.in_sync, true) {
            // Leverage and fees may have been changed elsewhere while nobody listened.
            for symbol in self.followed.clone() {
                self.follow(symbol, now, out);
            }
        }
        self.ready = self.order_path_stands();
        for frame in std::mem::take(&mut self.held) {
            self.private_event(&frame, false, now, out);
        }
        self.relink("", out);
        if self.truth.next.is_none() {
            self.truth.rest(now, self.told.anything_open());
        }
    }
}

fn knows(orders: &[OrderReport], fills: &[Fill], order: &OrderRef) -> bool {
    orders.iter().any(|o| o.order.client == order.client)
        || fills.iter().any(|fill| fill.client == order.client)
}
