//! Orders: placing, changing and cancelling.

use serde_json::{Value, json};

use super::asked::{Asked, read_mode, read_price, read_size, read_tag, read_which};
use super::call::{Call, Told};
use super::error::{Refused, of_market};
use super::params::Params;
use super::rest::check_time_left;
use super::{Okx, ids};
use crate::sim::market::{AmendAsk, Kind, OrderView, Refuse, Status, Submit, SymbolNo, Tif, Which};

/// The row of an order that was not taken, changed or cancelled.
pub(super) fn refused_row(client: &str, order: &str, refused: &Refused) -> Value {
    json!({
        "clOrdId": client,
        "ordId": order,
        "tag": "",
        "ts": "0",
        "sCode": refused.code.to_string(),
        "sMsg": refused.text,
        "subCode": "",
    })
}

/// True for refusals of a single REST order that stand over the answer instead of in its row.
const fn is_of_the_call(code: u32) -> bool {
    matches!(code, 50014 | 50015 | 51000)
}

impl Okx {
    /// Does something for each thing asked: a refusal stands in its row, or over the answer when nothing of it could be read.
    fn each(
        &mut self,
        call: &Call,
        act: impl Fn(&mut Self, &Call, &Params) -> Result<Value, Refused>,
    ) -> Result<Told, Refused> {
        let single = call.items.len() == 1 && !call.socket;
        let mut rows = Vec::with_capacity(call.items.len());
        for item in &call.items {
            match act(self, call, item) {
                Ok(row) => rows.push(row),
                Err(refused) if single && is_of_the_call(refused.code) => return Err(refused),
                Err(refused) => {
                    let client = item.get("clOrdId").unwrap_or_default();
                    let order = item.get("ordId").unwrap_or_default();
                    let mut row = refused_row(client, order, &refused);
                    row["ts"] = call.now.to_string().into();
                    rows.push(row);
                }
            }
        }
        Ok(Told::Orders(rows))
    }

    /// `POST order`, `batch-orders`, ops `order` and `batch-orders`.
    pub(super) fn place(&mut self, call: &Call) -> Result<Told, Refused> {
        self.each(call, Self::place_one)
    }

    fn place_one(&mut self, call: &Call, item: &Params) -> Result<Value, Refused> {
        if let Some(until) = item.get("expTime") {
            check_time_left(call.now, until)?;
        }
        let asked = self.read_order(call, item)?;
        let tag = read_tag(item)?;
        let order = self.take(call.now, &asked)?;
        let note = self.notes.of(order.id);
        tag.clone_into(&mut note.extra.tag);
        note.extra.optimal = asked.optimal;
        note.extra.quote_size = asked.quote_size;
        let mut row = ack(item.get("clOrdId"), &order, call.now);
        row["tag"] = tag.into();
        Ok(row)
    }

    /// Hands an order to the market in its margin mode. Resting reduce-only orders make room for it.
    fn take(&mut self, now: i64, asked: &Asked) -> Result<OrderView, Refused> {
        let ask = asked.submit;
        if let Some(isolated) = asked.isolated {
            self.enter_mode(now, ask.symbol, isolated)?;
        }
        let market = &mut self.bourse.market;
        let taken = match market.accept(now, self.account, ask) {
            Err(Refuse::ReduceOnlyCovered) => {
                market.displace(now, self.account, &ask);
                market.accept(now, self.account, ask)
            }
            taken => taken,
        };
        taken.map_err(|refuse| self.worded(refuse, &ask))
    }

    /// A refusal of a new order: which of a pair of codes it is depends on the order.
    fn worded(&self, refuse: Refuse, ask: &Submit) -> Refused {
        let held = self
            .bourse
            .market
            .position_leg(self.account, ask.symbol, ask.leg);
        match (refuse, ask.kind) {
            (Refuse::ReduceOnlyRejected, _) if held.is_some_and(|p| p.lots != 0) => Refused::new(
                51170,
                "Failed to place order. A reduce-only order can't be the same trading direction as your existing positions.",
            ),
            (Refuse::QtyTooLarge, Kind::Limit { .. }) => Refused::new(
                51101,
                "Entered amount exceeds the max order amount per transaction.",
            ),
            (Refuse::NotTrading, _) => Refused::new(51022, "Contract suspended."),
            _ => of_market(refuse, self.spec(ask.symbol).ok()),
        }
    }

    /// Puts a symbol in the margin mode that an order states. It has one mode at a time here; the venue lets an account hold one
    /// position in each.
    pub(super) fn enter_mode(
        &mut self,
        now: i64,
        symbol: SymbolNo,
        isolated: bool,
    ) -> Result<(), Refused> {
        let market = &mut self.bourse.market;
        match market.set_isolated(now, self.account, symbol, isolated) {
            Ok(()) | Err(Refuse::MarginModeNoChange) => Ok(()),
            Err(refuse) => Err(of_market(refuse, None)),
        }
    }

    /// `POST amend-order`, `amend-batch-orders`, and their ops.
    pub(super) fn amend(&mut self, call: &Call) -> Result<Told, Refused> {
        self.each(call, Self::amend_one)
    }

    fn amend_one(&mut self, call: &Call, item: &Params) -> Result<Value, Refused> {
        if let Some(until) = item.get("expTime") {
            check_time_left(call.now, until)?;
        }
        let (symbol, spec) = self.ordered(call, item)?;
        let which = read_which(item)?;
        let request = read_request(item)?;
        let order = self.order_to_change(symbol, which)?;
        let price = match item.get("newPx") {
            Some(_) => Some(read_price(item, "newPx", &spec)?),
            None => None,
        };
        let qty = match item.get("newSz") {
            Some(_) => Some(read_size(item, "newSz", &spec)?),
            None => None,
        };
        if price.is_none() && qty.is_none() {
            return Err(of_market(Refuse::NoChange, None));
        }
        let ask = AmendAsk {
            symbol,
            which: Which::Id(order.id),
            side: order.side,
            price: price.or(order.price()).unwrap_or_default(),
            qty: qty.unwrap_or(order.qty),
        };
        let note = self.notes.of(order.id);
        note.change = Some(super::notes::Change {
            request: request.to_owned(),
            result: "0",
        });
        let changed = self.change(call.now, &order, ask);
        if let Err(refused) = changed {
            self.fail_change(call.now, item, &order)?;
            return Err(refused);
        }
        let mut row = ack(item.get("clOrdId"), &order, call.now);
        row["reqId"] = request.into();
        Ok(row)
    }

    fn change(&mut self, now: i64, order: &OrderView, ask: AmendAsk) -> Result<(), Refused> {
        let (symbol, which) = (ask.symbol, ask.which);
        let market = &mut self.bourse.market;
        let crosses = market.would_take(symbol, ask.side, ask.price);
        let posts = matches!(order.kind, Kind::Limit { tif: Tif::Gtx, .. });
        let done = if posts && crosses {
            Err(Refuse::PostOnlyWouldTake)
        } else if !order.filled.is_zero() && ask.qty <= order.filled {
            // A size at or below what is filled fills the order (OKX, "Amend order", `newSz`).
            market
                .cut_to_filled(now, self.account, symbol, which)
                .map(|_| ())
        } else {
            market.amend(now, self.account, ask).map(|_| ())
        };
        match done {
            // The venue says yes to a change that changes nothing.
            Err(Refuse::NoChange) => {
                self.tell(now);
                self.tell_again(order.id, now);
                Ok(())
            }
            Err(Refuse::MarginInsufficient) => Err(Refused::new(
                51502,
                "Order modification failed for insufficient margin.",
            )),
            Err(refuse) => Err(of_market(refuse, self.spec(symbol).ok())),
            Ok(()) => Ok(()),
        }
    }

    /// A change that failed: with `cxlOnFail` the order goes with it.
    fn fail_change(&mut self, now: i64, item: &Params, order: &OrderView) -> Result<(), Refused> {
        let note = self.notes.of(order.id);
        if item.flag("cxlOnFail")? != Some(true) {
            note.change = None;
            return Ok(());
        }
        if let Some(change) = &mut note.change {
            change.result = "1";
        }
        let market = &mut self.bourse.market;
        // It was open a moment ago: nothing can have ended it since.
        let _ = market.cancel(now, self.account, order.symbol, Which::Id(order.id));
        Ok(())
    }

    fn order_to_change(&self, symbol: SymbolNo, which: Which) -> Result<OrderView, Refused> {
        let order = self.bourse.market.order(self.account, symbol, which);
        let (code, text) = match order.map(|order| (order, order.status)) {
            Some((order, Status::New | Status::PartiallyFilled)) => return Ok(order.clone()),
            Some((_, Status::Filled)) => (
                51510,
                "Modification failed as the order has been completed.",
            ),
            Some(_) => (51509, "Modification failed as the order has been canceled."),
            None => (
                51503,
                "Order modification failed as the order does not exist.",
            ),
        };
        Err(Refused::new(code, text))
    }

    /// `POST cancel-order`, `cancel-batch-orders`, and their ops.
    pub(super) fn cancel(&mut self, call: &Call) -> Result<Told, Refused> {
        self.each(call, Self::cancel_one)
    }

    fn cancel_one(&mut self, call: &Call, item: &Params) -> Result<Value, Refused> {
        let (symbol, _) = self.ordered(call, item)?;
        let which = read_which(item)?;
        let market = &mut self.bourse.market;
        let there = market.order(self.account, symbol, which).cloned();
        let done = market.cancel(call.now, self.account, symbol, which);
        match (done, there) {
            (Ok(order), _) => {
                let mut row = ack(item.get("clOrdId"), &order, call.now);
                if let Some(row) = row.as_object_mut() {
                    row.remove("tag");
                }
                Ok(row)
            }
            (Err(_), Some(order)) if order.status == Status::Filled => Err(Refused::new(
                51402,
                "Cancellation failed as the order has been completed.",
            )),
            (Err(_), Some(_)) => Err(Refused::new(
                51401,
                "Cancellation failed as the order has been canceled.",
            )),
            (Err(_), None) => Err(Refused::new(
                51400,
                "Order cancellation failed as the order has been filled, canceled or does not exist.",
            )),
        }
    }

    /// `POST mass-cancel`, op `mass-cancel`: for options under market maker protection alone, which nobody has here.
    pub(super) fn mass_cancel(&mut self, _call: &Call) -> Result<Told, Refused> {
        Err(Refused::new(
            51411,
            "Account does not have permission for mass cancellation.",
        ))
    }

    /// `GET account/max-size` needs no order but reads the same fields.
    pub(super) fn asked_mode(
        &self,
        item: &Params,
        symbol: SymbolNo,
    ) -> Result<Option<bool>, Refused> {
        read_mode(item, self.spec(symbol)?)
    }
}

/// `reqId`: the client's name of a change.
fn read_request(item: &Params) -> Result<&str, Refused> {
    let text = item.get("reqId").unwrap_or_default();
    let fits = text.len() <= 32 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits {
        Ok(text)
    } else {
        Err(Refused::invalid("reqId"))
    }
}

fn ack(client: Option<&str>, order: &OrderView, now: i64) -> Value {
    let own = super::shapes::client(order);
    json!({
        "clOrdId": client.unwrap_or(own),
        "ordId": ids::shown(order.id),
        "tag": "",
        "ts": now.to_string(),
        "sCode": "0",
        "sMsg": "",
        "subCode": "",
    })
}
