//! Changes of algo orders that wait: triggers, prices and size of what is no trailing order.

use serde_json::json;

use super::algo_asked::{Shape, read_order_price, read_watch};
use super::algos::{refused_row, worded};
use super::asked::{read_price, read_size};
use super::call::{Call, Told};
use super::error::{Refused, of_market};
use super::params::Params;
use super::{Okx, ids};
use crate::sim::market::{AlgoAsk, AlgoStatus, Refuse, SymbolSpec, Trigger, WhichAlgo};

impl Okx {
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
}
