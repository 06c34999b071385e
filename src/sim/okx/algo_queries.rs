//! Questions after algo orders, newest first.

use serde_json::Value;

use super::algo_asked::Shape;
use super::algo_shapes::state;
use super::call::{Call, Told};
use super::error::Refused;
use super::params::Params;
use super::queries::page_by;
use super::shapes::inst_type;
use super::{Okx, ids};
use crate::sim::market::Which;

/// Kinds that nobody can place here, and of which there are none.
const OTHERS: [&str; 4] = ["chase", "iceberg", "smart_iceberg", "twap"];

impl Okx {
    /// `GET order-algo`
    pub(super) fn query_algo(&mut self, call: &Call) -> Result<Told, Refused> {
        let first = self.named_algo(call.one()?)?;
        let row = first.and_then(|first| self.algo_value(first));
        let row = row.ok_or_else(|| Refused::new(51603, "Order does not exist"))?;
        Ok(Told::row(row))
    }

    /// An algo order's row as it stands.
    fn algo_value(&self, first: u64) -> Option<Value> {
        let group = self.group_of(first)?;
        let acting = group.acting();
        let market = &self.bourse.market;
        let symbol = acting.ask.symbol;
        let order = acting
            .order
            .and_then(|id| market.order(self.account, symbol, Which::Id(id)));
        self.algo_row(&group, acting, order).map(Value::Object)
    }

    /// `GET orders-algo-pending`
    pub(super) fn algos_pending(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        self.list(item, |row| row == "live")
    }

    /// `GET orders-algo-history`: by state or by id.
    pub(super) fn algos_history(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        match (item.get("state"), item.get("algoId")) {
            (Some(wanted), _) if !["effective", "canceled", "order_failed"].contains(&wanted) => {
                Err(Refused::invalid("state"))
            }
            (Some(wanted), _) => {
                let wanted = wanted.to_owned();
                self.list(item, |state| state == wanted)
            }
            (None, Some(_)) => self.list(item, |state| state != "live"),
            (None, None) => Err(Refused::either("state", "algoId")),
        }
    }

    fn list(&self, item: &Params, wants: impl Fn(&str) -> bool) -> Result<Told, Refused> {
        let mut shapes = Vec::new();
        for word in item.need("ordType")?.split(',') {
            match Shape::of(word) {
                Some(shape) => shapes.push(shape),
                None if OTHERS.contains(&word) => {}
                None => return Err(Refused::invalid("ordType")),
            }
        }
        let symbol = item.get("instId").map(|_| self.symbol(item));
        let symbol = symbol.transpose()?.map(|(symbol, _)| symbol);
        let one = item.get("algoId").map(ids::meant);
        let fits = |leg: &u64| {
            let Some(group) = self.group_of(*leg) else {
                return false;
            };
            let of = group.first.ask.symbol;
            let kind = self.spec(of).map(inst_type).unwrap_or_default();
            self.pairs.is_first(*leg)
                && shapes.contains(&group.pair.shape)
                && wants(state(group.acting().status))
                && symbol.is_none_or(|only| only == of)
                && one.is_none_or(|only| only == *leg)
                && item.get("instType").is_none_or(|wanted| wanted == kind)
        };
        let all = self.bourse.market.all_algos(self.account);
        let legs: Vec<u64> = all.iter().map(|leg| leg.id).filter(fits).collect();
        let page = page_by(item, legs, |leg| ids::shown(*leg))?;
        Ok(Told::Rows(
            page.into_iter()
                .filter_map(|leg| self.algo_value(leg))
                .collect(),
        ))
    }
}
