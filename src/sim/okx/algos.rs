//! Algo orders: placing and cancelling them, and what is told of them.

use serde_json::{Value, json};

use super::algo_asked::{PLAIN, STOP, Shape, TAKE};
use super::asked::read_client;
use super::call::{Call, Told};
use super::channels::Topic;
use super::error::{Refused, of_market};
use super::lines::Wanted;
use super::pairs::Pair;
use super::params::Params;
use super::{Okx, algo_shapes, ids, talk};
use crate::domain::Side;
use crate::sim::fault::What;
use crate::sim::market::{
    AlgoAsk, AlgoEvent, AlgoStatus, AlgoView, Kind, Refuse, SymbolSpec, Trigger, Watch, WhichAlgo,
};

/// The row of an algo order that was not taken, changed or cancelled.
pub(super) fn refused_row(item: &Params, refused: &Refused) -> Value {
    json!({
        "algoId": item.get("algoId").unwrap_or_default(),
        "algoClOrdId": item.get("algoClOrdId").unwrap_or_default(),
        "sCode": refused.code.to_string(),
        "sMsg": refused.text,
        "subCode": "",
    })
}

impl Okx {
    /// `POST order-algo`
    pub(super) fn place_algo(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let asked = self.read_algo(call, item)?;
        let symbol = asked.asks.first().map(|ask| ask.symbol);
        let symbol = symbol.ok_or_else(|| Refused::invalid("ordType"))?;
        let placed = self
            .enter_mode(call.now, symbol, asked.isolated)
            .and_then(|()| self.place_legs(call.now, &asked.asks));
        let legs = match placed {
            Ok(legs) => legs,
            Err(refused) => return Ok(Told::Algos(vec![refused_row(item, &refused)])),
        };
        let first = legs.first().map_or(0, |leg| leg.id);
        self.pairs.add(Pair {
            shape: asked.shape,
            tag: asked.tag,
            first,
            second: legs.get(1).map(|leg| leg.id),
            acting: first,
            request: None,
        });
        Ok(Told::Algos(vec![json!({
            "algoId": ids::shown(first),
            "clOrdId": "",
            "algoClOrdId": item.get("algoClOrdId").unwrap_or_default(),
            "sCode": "0",
            "sMsg": "",
            "subCode": "",
            "tag": item.get("tag").unwrap_or_default(),
        })]))
    }

    fn place_legs(&mut self, now: i64, asks: &[AlgoAsk]) -> Result<Vec<AlgoView>, Refused> {
        let mut legs: Vec<AlgoView> = Vec::new();
        for ask in asks {
            let market = &mut self.bourse.market;
            match market.place_algo(now, self.account, *ask) {
                Ok(leg) => legs.push(leg),
                Err(refuse) => {
                    for leg in legs {
                        // It was placed a moment ago.
                        let _ = market.cancel_algo(now, self.account, WhichAlgo::Id(leg.id));
                    }
                    return Err(worded(refuse, ask, self.spec(ask.symbol).ok()));
                }
            }
        }
        Ok(legs)
    }

    /// The algo order that is named by `algoId` or `algoClOrdId`, by its first leg.
    pub(super) fn named_algo(&self, item: &Params) -> Result<Option<u64>, Refused> {
        if let Some(id) = item.get("algoId") {
            let leg = ids::meant(id);
            return Ok(Some(leg).filter(|leg| self.pairs.is_first(*leg)));
        }
        let client = read_client(item, "algoClOrdId")?;
        let client = client.ok_or_else(|| Refused::either("algoId", "algoClOrdId"))?;
        let market = &self.bourse.market;
        let found = market.algo(self.account, WhichAlgo::Client(client));
        Ok(found
            .map(|leg| leg.id)
            .filter(|leg| self.pairs.is_first(*leg)))
    }

    /// `POST cancel-algos`: all but trailing orders.
    pub(super) fn cancel_algos(&mut self, call: &Call) -> Result<Told, Refused> {
        self.cancel_each(call, |shape| shape != Shape::Trail)
    }

    /// `POST cancel-advance-algos`: trailing orders.
    pub(super) fn cancel_trails(&mut self, call: &Call) -> Result<Told, Refused> {
        self.cancel_each(call, |shape| shape == Shape::Trail)
    }

    fn cancel_each(&mut self, call: &Call, takes: fn(Shape) -> bool) -> Result<Told, Refused> {
        let mut rows = Vec::with_capacity(call.items.len());
        for item in &call.items {
            item.need("instId")?;
            rows.push(match self.cancel_one_algo(call.now, item, takes) {
                Ok(id) => json!({
                    "algoId": ids::shown(id),
                    "algoClOrdId": item.get("algoClOrdId").unwrap_or_default(),
                    "sCode": "0",
                    "sMsg": "",
                    "subCode": "",
                }),
                Err(refused) => refused_row(item, &refused),
            });
        }
        Ok(Told::Algos(rows))
    }

    fn cancel_one_algo(
        &mut self,
        now: i64,
        item: &Params,
        takes: fn(Shape) -> bool,
    ) -> Result<u64, Refused> {
        let gone = || Refused::new(51400, "Cancellation failed as the order does not exist.");
        let first = self.named_algo(item)?.ok_or_else(gone)?;
        let group = self.group_of(first).ok_or_else(gone)?;
        if !takes(group.pair.shape) {
            return Err(Refused::new(
                51413,
                "Cancellation failed as the order type is not supported by endpoint.",
            ));
        }
        let legs = [Some(first), group.pair.second];
        let status = group.acting().status;
        match status {
            AlgoStatus::New => {}
            AlgoStatus::Cancelled | AlgoStatus::Expired => {
                return Err(Refused::new(
                    51401,
                    "Cancellation failed as the order is already canceled.",
                ));
            }
            _ => {
                return Err(Refused::new(
                    51412,
                    "Cancellation failed as the order has been triggered and can't be canceled.",
                ));
            }
        }
        for leg in legs.into_iter().flatten() {
            let market = &mut self.bourse.market;
            // Both wait: the order does.
            let _ = market.cancel_algo(now, self.account, WhichAlgo::Id(leg));
        }
        Ok(first)
    }

    /// A leg of an algo order changed.
    pub(super) fn tell_algo(&mut self, event: &AlgoEvent) {
        let leg = event.algo.id;
        let now = event.time_ms;
        let Some(pair) = self.pairs.of_mut(leg) else {
            return;
        };
        let other = if leg == pair.first {
            pair.second
        } else {
            Some(pair.first)
        };
        match event.algo.status {
            // On its way: the next event says what became of it. The other leg is cancelled with it.
            AlgoStatus::Triggering => {
                pair.acting = leg;
                if let Some(other) = other {
                    let market = &mut self.bourse.market;
                    // A leg that has ended already needs no cancel.
                    let _ = market.cancel_algo(now, self.account, WhichAlgo::Id(other));
                }
                return;
            }
            // What became of the order is told as the order's own.
            AlgoStatus::Finished => return,
            AlgoStatus::New
            | AlgoStatus::Triggered
            | AlgoStatus::Rejected(_)
            | AlgoStatus::Cancelled
            | AlgoStatus::Expired => {}
        }
        if pair.acting != leg {
            return;
        }
        let request = pair.request.take();
        self.send_algo(leg, event, request);
    }

    fn send_algo(&mut self, leg: u64, event: &AlgoEvent, request: Option<String>) {
        let Some(group) = self.group_of(leg) else {
            return;
        };
        let (symbol, shape) = (event.algo.ask.symbol, group.pair.shape);
        let Some(mut row) = self.algo_row(&group, &event.algo, event.order.as_ref()) else {
            return;
        };
        algo_shapes::add_pushed(&mut row, request);
        let data = json!([row]);
        let mine = |wanted: &Wanted| match wanted.topic {
            Topic::Algos(scope) => shape != Shape::Trail && scope.has(self, symbol),
            Topic::Trails(scope) => shape == Shape::Trail && scope.has(self, symbol),
            _ => false,
        };
        for (line, arg) in self.lines.listeners(mine) {
            let text = talk::message(&super::private::owned(&arg), &data);
            self.send_struck(line, text, What::Private);
        }
    }
}

/// A refusal of a leg: which of the four codes about its trigger price depends on what it is.
pub(super) fn worded(refuse: Refuse, ask: &AlgoAsk, spec: Option<&SymbolSpec>) -> Refused {
    let watched = match ask.watch {
        Watch::Last => "last",
        Watch::Mark => "mark",
    };
    let mark = u32::from(ask.watch == Watch::Mark);
    let (code, text) = match (refuse, ask.trigger, ask.side) {
        (Refuse::WouldTrigger, Trigger::Take(_), Side::Buy) => (
            51277 + mark * 23,
            "TP trigger price can not be higher than the",
        ),
        (Refuse::WouldTrigger, Trigger::Stop(_), Side::Buy) => (
            51278 + mark * 24,
            "SL trigger price can not be lower than the",
        ),
        (Refuse::WouldTrigger, Trigger::Take(_), Side::Sell) => (
            51279 + mark * 24,
            "TP trigger price can not be lower than the",
        ),
        (Refuse::WouldTrigger, Trigger::Stop(_), Side::Sell) => (
            51280 + mark * 24,
            "SL trigger price can not be higher than the",
        ),
        (Refuse::WouldTrigger, _, Side::Sell) => {
            return Refused::new(
                51258,
                "Trail - order placement failed. The trigger price of a sell order must be higher than the last transaction price.",
            );
        }
        (Refuse::WouldTrigger, _, Side::Buy) => {
            return Refused::new(
                51259,
                "Trail - order placement failed. The trigger price of a buy order must be lower than the last transaction price.",
            );
        }
        (Refuse::QtyTooLarge, ..) if ask.kind == Kind::Market => {
            return Refused::new(
                51275,
                "The amount of single stop-market order can't exceed the upper limit.",
            );
        }
        _ => return of_market(refuse, spec),
    };
    Refused::new(code, format!("{text} {watched} price"))
}

/// The fields of a leg by how they are named in rows.
pub(super) const fn fields(shape: Shape, trigger: Trigger) -> super::algo_asked::Fields {
    match (shape, trigger) {
        (Shape::Trigger, _) => PLAIN,
        (_, Trigger::Take(_)) => TAKE,
        _ => STOP,
    }
}
