//! What the channels tell, record by record. Owns nothing; the account owns what waits.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::OkxAccount;
use crate::domain::message::{Asked, Proves};
use crate::domain::{Fact, Fill, OrderStatus, Outcome, Stamp, Symbol};
use crate::exchange::machine::Out;
use crate::exchange::okx::read::holding::Funded;
use crate::exchange::okx::read::order::Order;
use crate::exchange::okx::read::{ReadError, algo, fill, holding, order};

/// So many events wait at most; one more and truth is fetched again instead.
const HELD: usize = 10_000;
/// What the venue calls a post-only order that would have taken (`cancelSource`), in the place of a code.
const WOULD_TAKE: i64 = 31;

/// One record of a channel.
#[derive(Clone, Debug)]
pub struct Event {
    channel: String,
    record: String,
}

impl OkxAccount {
    /// Records of a channel. Until account truth was fetched they wait for it.
    pub(super) fn data(&mut self, channel: &str, records: &[&RawValue], now: Stamp, out: &mut Out) {
        for record in records {
            if self.in_sync {
                self.event(channel, record.get(), false, now, out);
            } else if self.held.len() < HELD {
                self.held.push(Event {
                    channel: channel.to_owned(),
                    record: record.get().to_owned(),
                });
            } else {
                self.held.clear();
                let words = "too many events while account truth was fetched";
                return self.truth_failed(words, now, out);
            }
        }
    }

    /// Takes what waited for account truth.
    pub(super) fn release(&mut self, now: Stamp, out: &mut Out) {
        for event in std::mem::take(&mut self.held) {
            self.event(&event.channel, &event.record, false, now, out);
        }
    }

    /// Takes what waited for its instrument, which was loaded since.
    pub(super) fn retry(&mut self, now: Stamp, out: &mut Out) {
        for event in std::mem::take(&mut self.waiting) {
            self.event(&event.channel, &event.record, true, now, out);
        }
    }

    fn event(&mut self, channel: &str, record: &str, again: bool, now: Stamp, out: &mut Out) {
        let taken = match channel {
            "orders" => self.order_pushed(record, now, out),
            "positions" => self.position_pushed(record, now, out),
            "account" => self.account_pushed(record, now, out),
            "orders-algo" | "algo-advance" => {
                let read = algo::read(record, &self.reader(now));
                read.map(|algo| self.algo_told(algo, now, out))
            }
            "liquidation-warning" => self.warned(record, out),
            _ => Ok(()),
        };
        match taken {
            Ok(()) | Err(ReadError::Elsewhere) => {}
            Err(ReadError::Instrument(symbol)) => {
                let event = Event {
                    channel: channel.to_owned(),
                    record: record.to_owned(),
                };
                self.unknown_symbol(symbol, event, again, now, out);
            }
            Err(error) => {
                self.bad(&format!("private stream: {error}"), out);
                self.want_truth(now);
            }
        }
    }

    /// An event of an instrument that is not loaded waits for it; one that the venue does not list is counted.
    fn unknown_symbol(
        &mut self,
        symbol: Symbol,
        event: Event,
        again: bool,
        now: Stamp,
        out: &mut Out,
    ) {
        if again {
            self.given_up.insert(symbol);
        }
        if self.given_up.contains(&symbol) || self.waiting.len() >= HELD {
            let words = format!("an event of {symbol}, which the venue does not list");
            return self.bad(&words, out);
        }
        self.waiting.push(event);
        self.load_instruments(now, out);
    }

    fn order_pushed(&mut self, record: &str, now: Stamp, out: &mut Out) -> Result<(), ReadError> {
        let reader = self.reader(now);
        let order = order::read(record, &reader)?;
        let fill = fill::pushed(record, &reader)?;
        self.order_told(order, fill, now, out);
        Ok(())
    }

    fn order_told(&mut self, order: Order, fill: Option<Fill>, now: Stamp, out: &mut Out) {
        let mut report = order.report;
        self.adopt(order.made_of, &mut report);
        if let Some(words) = order.alarm {
            out.facts.push(Fact::Alarm {
                key: report.key,
                words: words.to_owned(),
            });
        }
        if let Some(words) = order.not_changed {
            self.bad(&words, out);
        }
        let client = report.order.client;
        self.requests.seen(client, report.order.venue);
        self.proofs.placed(client);
        if report.status.is_final() {
            self.proofs.ended(client);
        }
        if let Some(fill) = fill
            && self.told.fill(&fill)
        {
            out.facts.push(Fact::Fill(Fill { client, ..fill }));
        }
        if report.status == OrderStatus::Unknown {
            self.query(report.key, report.order, false, now, out);
        }
        let ended = report.order.venue.is_some_and(|id| self.told.is_ended(id));
        if order.would_take && report.filled.is_zero() && !ended {
            // The acknowledgement proved nothing; this is the answer.
            let outcome = Outcome::Rejected {
                code: WOULD_TAKE,
                words: "post-only would have taken".to_owned(),
                proves: Proves::WouldTake,
            };
            self.prove(report.key, client, Asked::Place, outcome, now, out);
        }
        if self.told.order(&report) {
            out.facts.push(Fact::Order(report));
        }
    }

    fn position_pushed(
        &mut self,
        record: &str,
        now: Stamp,
        out: &mut Out,
    ) -> Result<(), ReadError> {
        let (report, mode) = holding::position(record, &self.reader(now))?;
        self.truth.pushed(report, mode);
        if let Some(funded) = holding::funded(record) {
            self.funding_told(&funded, out);
        }
        if let Some(shown) = self.margins.take(report, mode)
            && self.told.position(&shown)
        {
            out.facts.push(Fact::Position(shown));
        }
        self.margin_may_differ(report.key.symbol, now, out);
        Ok(())
    }

    pub(super) fn funding_told(&mut self, funded: &Funded, out: &mut Out) {
        if let Some(amount) = self.fundings.take(funded) {
            out.facts.push(Fact::Funding {
                key: self.whose.key(funded.symbol),
                amount,
            });
        }
    }

    fn account_pushed(&mut self, record: &str, now: Stamp, out: &mut Out) -> Result<(), ReadError> {
        for balance in holding::balances(record)? {
            match balance {
                Ok(balance) => out.facts.push(Fact::Balance {
                    account: self.whose.account,
                    venue: self.whose.venue,
                    balance,
                }),
                Err(error) => {
                    self.bad(&format!("balance: {error}"), out);
                    self.want_truth(now);
                }
            }
        }
        Ok(())
    }

    fn warned(&self, record: &str, out: &mut Out) -> Result<(), ReadError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Warned<'a> {
            #[serde(borrow)]
            inst_id: std::borrow::Cow<'a, str>,
        }
        let warned: Warned<'_> = serde_json::from_str(record)?;
        let symbol = Symbol::new(&warned.inst_id).map_err(|_| ReadError::Field("instId"))?;
        out.facts.push(Fact::Alarm {
            key: self.whose.key(symbol),
            words: "close to liquidation: add margin or reduce".to_owned(),
        });
        Ok(())
    }
}
