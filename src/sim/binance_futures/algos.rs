//! Conditional ("algo") orders: placing, cancelling, asking after them, telling of them.

use serde_json::{Value, json};

use super::algo_asked::{read_algo, read_which_algo};
use super::error::of_market;
use super::{BinanceFutures, algo_shapes};
use crate::sim::binance::call::Call;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{AlgoEvent, AlgoStatus, AlgoView, Refuse};

impl BinanceFutures {
    /// `POST algoOrder`, `algoOrder.place`.
    pub(super) fn place_algo(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let leg = self.read_position_side(&call.params)?;
        let ask = read_algo(&call.params, symbol, spec, leg)?;
        let algo = self
            .bourse
            .market
            .place_algo(call.now, self.account, ask)
            .map_err(|refuse| of_market(refuse, self.spec(symbol).ok()))?;
        Ok(algo_shapes::placed(self.spec(symbol)?, &algo))
    }

    /// `DELETE algoOrder`, `algoOrder.cancel`.
    pub(super) fn cancel_algo(&mut self, call: &Call) -> Result<Value, Refused> {
        let which = read_which_algo(&call.params)?;
        self.bourse
            .market
            .cancel_algo(call.now, self.account, which)
            .map(|algo| algo_shapes::cancelled(&algo))
            .map_err(|_| Refused::new(-2011, "Unknown order sent."))
    }

    /// `DELETE algoOpenOrders`.
    pub(super) fn cancel_all_algos(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        self.bourse
            .market
            .cancel_all_algos(call.now, self.account, symbol);
        Ok(json!({"code": 200, "msg": "The operation of cancel all open order is done."}))
    }

    /// `GET algoOrder`: waiting or past.
    pub(super) fn query_algo(&mut self, call: &Call) -> Result<Value, Refused> {
        let which = read_which_algo(&call.params)?;
        let algo = self.bourse.market.algo(self.account, which);
        self.algo_row(algo.ok_or_else(Refused::no_order)?)
    }

    /// `GET openAlgoOrders`.
    pub(super) fn open_algos(&mut self, call: &Call) -> Result<Value, Refused> {
        let symbol = self.symbol_if_any(&call.params)?;
        let only = call.params.int("algoId")?;
        let mut algos = self.bourse.market.open_algos(self.account, symbol);
        algos.retain(|a| only.is_none_or(|id| u64::try_from(id) == Ok(a.id)));
        algos.iter().map(|algo| self.algo_row(algo)).collect()
    }

    /// `GET allAlgoOrders`, oldest first: by `algoId` from there on, else the latest; `page` counts from one.
    pub(super) fn all_algos(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let from = call.params.int("algoId")?.unwrap_or(0);
        let page = call.params.int("page")?.unwrap_or(1).max(1);
        let (start, end) = call.span()?;
        let mut algos = self.bourse.market.all_algos(self.account);
        algos.retain(|a| {
            a.ask.symbol == symbol
                && i64::try_from(a.id).unwrap_or(i64::MAX) >= from
                && (start..=end).contains(&a.created_ms)
        });
        let pages = usize::try_from(page).unwrap_or(usize::MAX);
        let last = algos
            .len()
            .saturating_sub((pages - 1).saturating_mul(limit));
        let first = last.saturating_sub(limit);
        algos[first..last]
            .iter()
            .map(|algo| self.algo_row(algo))
            .collect()
    }

    fn algo_row(&self, algo: &AlgoView) -> Result<Value, Refused> {
        let order = algo.order.and_then(|id| {
            let which = crate::sim::market::Which::Id(id);
            self.bourse
                .market
                .order(self.account, algo.ask.symbol, which)
        });
        Ok(algo_shapes::queried(
            self.spec(algo.ask.symbol)?,
            algo,
            order,
        ))
    }

    /// A conditional order of the account changed.
    pub(super) fn tell_algo(&mut self, event: &AlgoEvent) {
        let Ok(spec) = self.spec(event.algo.ask.symbol) else {
            return;
        };
        let reason = match event.algo.status {
            // The documented example.
            AlgoStatus::Rejected(Refuse::ReduceOnlyRejected) => {
                Some("Reduce Only reject".to_owned())
            }
            AlgoStatus::Rejected(refuse) => Some(of_market(refuse, Some(spec)).text),
            _ => None,
        };
        let text = algo_shapes::algo_update(spec, event, reason.as_deref());
        self.tell_private("ALGO_UPDATE", &text);
    }
}
