//! Algo orders: placing, changing and cancelling; a take and a stop of which one cancels the other; and what is told of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::algo_asked::{PLAIN, STOP, Shape, TAKE, read_order_price, read_watch};
use super::asked::{read_client, read_price, read_size};
use super::call::{Call, Told};
use super::channels::Topic;
use super::error::{Refused, of_market};
use super::lines::Wanted;
use super::params::Params;
use super::{Okx, algo_shapes, ids, talk};
use crate::domain::Side;
use crate::sim::fault::What;
use crate::sim::market::{
    AlgoAsk, AlgoEvent, AlgoStatus, AlgoView, Kind, Refuse, SymbolSpec, Trigger, Watch, WhichAlgo,
};

/// Algo orders that are remembered; beyond it the oldest go.
const KEPT: usize = 20_000;

/// What the market does not keep of an algo order: it knows the legs alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// `ordType`
    pub shape: Shape,
    /// The client's label.
    pub tag: String,
    /// The leg that gives it its id.
    pub first: u64,
    /// The other leg of two.
    pub second: Option<u64>,
    /// The leg that has been triggered or ended, whose state is the order's.
    pub acting: u64,
    /// `reqId` of a change that has not been told yet.
    pub request: Option<String>,
}

/// All of them, by each leg's id.
#[derive(Debug, Default)]
pub struct Pairs {
    by_first: BTreeMap<u64, Pair>,
    firsts: BTreeMap<u64, u64>,
}

impl Pairs {
    fn add(&mut self, pair: Pair) {
        if self.by_first.len() >= KEPT {
            self.by_first.pop_first();
            self.firsts.pop_first();
        }
        if let Some(second) = pair.second {
            self.firsts.insert(second, pair.first);
        }
        self.by_first.insert(pair.first, pair);
    }

    /// The order that a leg belongs to.
    pub fn of(&self, leg: u64) -> Option<&Pair> {
        self.by_first.get(self.firsts.get(&leg).unwrap_or(&leg))
    }

    fn of_mut(&mut self, leg: u64) -> Option<&mut Pair> {
        let first = *self.firsts.get(&leg).unwrap_or(&leg);
        self.by_first.get_mut(&first)
    }

    /// True of the leg that gives an order its id.
    pub fn is_first(&self, leg: u64) -> bool {
        self.by_first.contains_key(&leg)
    }
}

/// An algo order with its legs.
pub struct Group<'a> {
    /// What is remembered of it.
    pub pair: &'a Pair,
    /// The leg that gives it its id.
    pub first: &'a AlgoView,
    /// The other leg of two.
    pub second: Option<&'a AlgoView>,
}

impl Group<'_> {
    /// The market's id that it is known by.
    pub const fn id(&self) -> u64 {
        self.first.id
    }

    /// The client's name; empty where it gave none.
    pub fn client(&self) -> &str {
        let name = self.first.client.as_str();
        let own = format!("algo{}", self.first.id);
        if name == own { "" } else { name }
    }

    /// The leg whose state is the order's.
    pub fn acting(&self) -> &AlgoView {
        let second = self.second.filter(|leg| leg.id == self.pair.acting);
        second.unwrap_or(self.first)
    }

    /// `source` of the order that it becomes (OKX, "Order channel").
    pub const fn source(&self) -> &'static str {
        match self.pair.shape {
            Shape::Trigger => "6",
            Shape::OneWay | Shape::Both => "7",
            Shape::Trail => "25",
        }
    }
}

/// The row of an algo order that was not taken, changed or cancelled.
fn refused_row(item: &Params, refused: &Refused) -> Value {
    json!({
        "algoId": item.get("algoId").unwrap_or_default(),
        "algoClOrdId": item.get("algoClOrdId").unwrap_or_default(),
        "sCode": refused.code.to_string(),
        "sMsg": refused.text,
        "subCode": "",
    })
}

impl Okx {
    /// The algo order that a leg belongs to.
    pub(super) fn group_of(&self, leg: u64) -> Option<Group<'_>> {
        let pair = self.pairs.of(leg)?;
        let market = &self.bourse.market;
        let leg = |id| market.algo(self.account, WhichAlgo::Id(id));
        Some(Group {
            pair,
            first: leg(pair.first)?,
            second: pair.second.and_then(leg),
        })
    }

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

    /// `POST amend-algos`: triggers, prices and size of what is no trailing order.
    pub(super) fn amend_algo(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (_, spec) = self.symbol(item)?;
        let spec = spec.clone();
        let first = self.named_algo(item)?;
        let request = item.get("reqId").unwrap_or_default().to_owned();
        let changed = match first {
            Some(first) => self.amend_legs(call.now, item, first, &spec),
            None => Err(Refused::new(
                51503,
                "Order modification failed as the order does not exist.",
            )),
        };
        let mut row = match &changed {
            Ok(first) => json!({
                "algoId": ids::shown(*first),
                "algoClOrdId": item.get("algoClOrdId").unwrap_or_default(),
                "sCode": "0",
                "sMsg": "",
                "subCode": "",
            }),
            Err(refused) => refused_row(item, refused),
        };
        row["reqId"] = request.clone().into();
        if let Some(pair) = changed.ok().and_then(|first| self.pairs.of_mut(first)) {
            pair.request = Some(request);
        }
        Ok(Told::Algos(vec![row]))
    }

    fn amend_legs(
        &mut self,
        now: i64,
        item: &Params,
        first: u64,
        spec: &SymbolSpec,
    ) -> Result<u64, Refused> {
        let gone = || {
            Refused::new(
                51503,
                "Order modification failed as the order does not exist.",
            )
        };
        let group = self.group_of(first).ok_or_else(gone)?;
        let shape = group.pair.shape;
        if shape == Shape::Trail {
            return Err(of_market(Refuse::AmendLimitOnly, None));
        }
        if group.acting().status != AlgoStatus::New {
            return Err(Refused::new(
                51509,
                "Modification failed as the order has been canceled.",
            ));
        }
        let legs = [Some(group.first.ask), group.second.map(|leg| leg.ask)];
        let numbers = [Some(first), group.pair.second];
        let mut asks = Vec::new();
        for (leg, ask) in numbers
            .into_iter()
            .flatten()
            .zip(legs.into_iter().flatten())
        {
            let ask = self.changed_leg(item, shape, spec, ask)?;
            asks.push((leg, ask));
        }
        for (leg, ask) in asks {
            let market = &mut self.bourse.market;
            match market.amend_algo(now, self.account, WhichAlgo::Id(leg), ask) {
                Ok(_) | Err(Refuse::NoChange) => {}
                Err(refuse) => return Err(worded(refuse, &ask, Some(spec))),
            }
        }
        Ok(first)
    }

    /// A leg with what the call changes of it.
    fn changed_leg(
        &self,
        item: &Params,
        shape: Shape,
        spec: &SymbolSpec,
        ask: AlgoAsk,
    ) -> Result<AlgoAsk, Refused> {
        let mut ask = ask;
        if item.get("newSz").is_some() && ask.qty.is_some() {
            ask.qty = Some(read_size(item, "newSz", spec)?);
        }
        let [trigger, order, watch] = match (shape, ask.trigger) {
            (Shape::Trigger, _) => ["newTriggerPx", "newOrdPx", "newTriggerPxType"],
            (_, Trigger::Take(_)) => ["newTpTriggerPx", "newTpOrdPx", "newTpTriggerPxType"],
            _ => ["newSlTriggerPx", "newSlOrdPx", "newSlTriggerPxType"],
        };
        if item.get(watch).is_some() {
            ask.watch = read_watch(item, watch)?;
        }
        if item.get(order).is_some() {
            ask.kind = read_order_price(item, order, spec)?;
        }
        if item.get(trigger).is_some() {
            let price = read_price(item, trigger, spec)?;
            ask.trigger = match (shape, ask.trigger) {
                (Shape::Trigger, _) => self.towards(ask.symbol, ask.side, ask.watch, price),
                (_, Trigger::Take(_)) => Trigger::Take(price),
                _ => Trigger::Stop(price),
            };
        }
        Ok(ask)
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
fn worded(refuse: Refuse, ask: &AlgoAsk, spec: Option<&SymbolSpec>) -> Refused {
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
