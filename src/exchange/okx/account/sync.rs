//! Account truth and what the channels told beside it, put in one order for the desk. Owns nothing.

use super::OkxAccount;
use super::truth::{self, Part, Progress};
use super::whole::{self, Whole};
use crate::domain::message::AccountTruth;
use crate::domain::{Fact, OrderReport, Stamp};
use crate::exchange::machine::Out;
use crate::exchange::okx::instruments::inst_type;
use crate::exchange::okx::read::order::Order;

impl OkxAccount {
    /// Begins a fetch of account truth where everything that it needs is there.
    pub(super) fn begin_truth(&mut self, now: Stamp, out: &mut Out) {
        self.told.begin();
        let placing: Vec<_> = self.proofs.placing().collect();
        let mut types: Vec<&'static str> = Vec::new();
        for (key, _) in &placing {
            if let Some(instrument) = self.instruments.get(&key.symbol) {
                types.push(inst_type(instrument.kind));
            }
        }
        types.sort_unstable();
        types.dedup();
        self.truth
            .begin(&mut self.caller, &placing, &types, now, out);
    }

    pub(super) fn truth_part(&mut self, part: Part, body: &[u8], now: Stamp, out: &mut Out) {
        let progress = self.with_truth(now, |truth, context| truth.take(part, body, context, out));
        self.truth_progress(progress, now, out);
    }

    pub(super) fn truth_missing(&mut self, part: Part, now: Stamp, out: &mut Out) {
        if self.truth.is_current(part) {
            let progress =
                self.with_truth(now, |truth, context| truth.take_missing(part, context, out));
            self.truth_progress(progress, now, out);
        }
    }

    fn with_truth(
        &mut self,
        now: Stamp,
        go_on: impl FnOnce(&mut truth::Truth, &mut truth::Context<'_>) -> Progress,
    ) -> Progress {
        let placing: Vec<_> = self.proofs.placing().collect();
        let mut context = truth::Context {
            caller: &mut self.caller,
            told: &self.told,
            reader: super::Reader {
                whose: self.whose,
                instruments: &self.instruments,
                at: now,
            },
            placing: &placing,
            given_up: &self.given_up,
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
                // Loaded already and still not listed: its records are skipped from here on.
                if self.instruments.contains_key(&symbol) || !self.wanted.insert(symbol) {
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
        self.proofs.absent(whole.began, |order| whole.knows(order));
        self.truth_fired(std::mem::take(&mut whole.fired));
        for error in &whole.bad {
            self.bad(&format!("account truth: {error}"), out);
        }
        let mut looked_up = self.named(std::mem::take(&mut whole.looked_up));
        looked_up.append(&mut whole.ended);
        let mut orders = self.named(std::mem::take(&mut whole.orders));
        for algo in std::mem::take(&mut whole.waiting) {
            self.note_trail(&algo);
            orders.push(algo.report);
        }
        let (beside, _) = self.told.beside();
        whole::merge(&mut orders, &beside);
        orders.retain(|report| !self.told.has_fired(report));
        for report in looked_up.iter().chain(&orders) {
            self.requests.seen(report.order.client, report.order.venue);
            self.proofs.placed(report.order.client);
        }
        for report in looked_up {
            if report.status.is_final() {
                self.proofs.ended(report.order.client);
            }
            if self.told.order(&report) {
                out.facts.push(Fact::Order(report));
            }
        }
        self.tell_truth(whole, orders, now, out);
    }

    /// Regular orders under the names by which the desk knows them.
    fn named(&mut self, orders: Vec<Order>) -> Vec<OrderReport> {
        let mut named = Vec::with_capacity(orders.len());
        for order in orders {
            let mut report = order.report;
            self.adopt(order.made_of, &mut report);
            named.push(report);
        }
        named
    }

    fn tell_truth(
        &mut self,
        mut whole: Whole,
        orders: Vec<OrderReport>,
        now: Stamp,
        out: &mut Out,
    ) {
        whole.fills.retain(|fill| self.told.fill(fill));
        for fill in &mut whole.fills {
            fill.client = self.told.client_of(fill.order).unwrap_or(fill.client);
        }
        let (positions, doubled) = self.margins.truth(&whole.positions, whole.began_ms);
        self.told.truth(&orders, &positions, whole.began_ms);
        for symbol in doubled {
            let words = format!(
                "{symbol} is held in cross and in isolated margin at once: Lancet shows and closes one of them"
            );
            self.bad(&words, out);
        }
        if self.config.as_ref() != Some(&whole.config) || !self.in_sync {
            out.facts.push(Fact::Mode {
                account: self.whose.account,
                venue: self.whose.venue,
                mode: whole.config.mode,
                can_trade: whole.config.can_trade(),
            });
        }
        self.config = Some(whole.config);
        out.facts.push(Fact::Truth {
            account: self.whose.account,
            venue: self.whose.venue,
            truth: Box::new(AccountTruth {
                orders,
                positions,
                fills: whole.fills,
                balances: whole.balances,
                at: whole.at,
            }),
        });
        for funded in &whole.funded {
            self.funding_told(funded, out);
        }
        self.in_step(now, out);
    }

    /// Truth was told: what waited for it is told now.
    fn in_step(&mut self, now: Stamp, out: &mut Out) {
        if self.in_sync {
            for symbol in self.followed.clone() {
                self.margin_may_differ(symbol, now, out);
            }
        } else {
            // Leverage and fees may have been changed elsewhere while nobody listened.
            for symbol in self.followed.clone() {
                self.follow(symbol, now);
            }
        }
        self.key_refused = false;
        self.in_sync = true;
        self.ready = self.lines.all_stand();
        self.release(now, out);
        self.relink("", out);
        if self.truth.next.is_none() {
            self.truth.rest(now, self.told.anything_open());
        }
    }
}
