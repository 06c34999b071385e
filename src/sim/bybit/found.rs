//! Orders of the account as calls name them: by `orderId`, by `orderLinkId`, by instrument or coin.

use serde_json::{Value, json};

use super::Bybit;
use super::asked::{link, read_link};
use super::category::{Category, wire_name};
use super::error::Refused;
use super::params::Params;
use crate::domain::ClientId;
use crate::sim::market::{AlgoView, OrderView, SymbolNo, Which, WhichAlgo};

/// An order of the account, as it is found by an id.
#[derive(Clone, Debug)]
pub enum Found {
    /// It is or was worked.
    Order(OrderView),
    /// It waits for its price, or did until it ended.
    Waiting(AlgoView),
}

impl Bybit {
    /// The instruments that `symbol`, `baseCoin` or `settleCoin` name; one of them has to be there unless `all` may be meant.
    pub(super) fn wanted(
        &self,
        category: Category,
        params: &Params,
        all: bool,
    ) -> Result<Vec<SymbolNo>, Refused> {
        if let Some(name) = params.text("symbol")? {
            return Ok(vec![self.symbol_named(category, name)?.0]);
        }
        let base = params.text("baseCoin")?;
        let settle = params.text("settleCoin")?;
        if base.is_none() && settle.is_none() && !all {
            return Err(Refused::params(
                "symbol or settleCoin or baseCoin is required",
            ));
        }
        let named = self.symbols_of(category).filter(|(_, spec)| match base {
            Some(base) => spec.instrument.base.as_str() == base,
            None => settle.is_none_or(|coin| spec.instrument.settle.as_str() == coin),
        });
        Ok(named.map(|(symbol, _)| symbol).collect())
    }

    /// Open orders on these instruments, oldest first.
    pub(super) fn open_entries(&self, wanted: &[SymbolNo]) -> Vec<Found> {
        let market = &self.bourse.market;
        let mut found = Vec::new();
        for symbol in wanted {
            let orders = market.open_orders(self.account, Some(*symbol));
            found.extend(orders.into_iter().map(Found::Order));
            let waiting = market.open_algos(self.account, Some(*symbol));
            found.extend(waiting.into_iter().map(Found::Waiting));
        }
        found
    }

    /// The order that `orderId`, else `orderLinkId`, names.
    pub(super) fn find(
        &self,
        category: Category,
        params: &Params,
    ) -> Result<Option<Found>, Refused> {
        if let Some(id) = params.text("orderId")? {
            let number = self.ids.read_order(category, id);
            return Ok(number.and_then(|number| self.find_number(category, number)));
        }
        match params.text("orderLinkId")? {
            Some(name) => Ok(self.find_named(category, read_link(name)?)),
            None => Err(Refused::params("orderId or orderLinkId is required")),
        }
    }

    /// The order shown under this number.
    pub(super) fn find_number(&self, category: Category, number: u64) -> Option<Found> {
        let market = &self.bourse.market;
        if let Some(algo) = market.algo(self.account, WhichAlgo::Id(number)) {
            let became = algo
                .order
                .and_then(|id| market.order(self.account, algo.ask.symbol, Which::Id(id)));
            return Some(became.map_or_else(
                || Found::Waiting(algo.clone()),
                |order| Found::Order(order.clone()),
            ));
        }
        self.symbols_of(category)
            .find_map(|(symbol, _)| market.order(self.account, symbol, Which::Id(number)))
            .map(|order| Found::Order(order.clone()))
    }

    fn find_named(&self, category: Category, client: ClientId) -> Option<Found> {
        let market = &self.bourse.market;
        if let Some(algo) = market.algo(self.account, WhichAlgo::Client(client)) {
            return self.find_number(category, algo.id);
        }
        self.symbols_of(category)
            .find_map(|(symbol, _)| market.order(self.account, symbol, Which::Client(client)))
            .map(|order| Found::Order(order.clone()))
    }

    /// `orderId` and `orderLinkId` of an order.
    pub(super) fn named(&self, category: Category, number: u64) -> Result<Value, Refused> {
        let found = self.find_number(category, number);
        let client = match found.ok_or_else(|| Refused::no_order(category))? {
            Found::Order(order) => order.client,
            Found::Waiting(algo) => algo.client,
        };
        Ok(json!({
            "orderId": self.ids.order(category, number),
            "orderLinkId": link(client),
        }))
    }

    /// The name of an instrument on this wire.
    pub(super) fn name_of(&self, symbol: SymbolNo) -> String {
        self.bourse
            .market
            .spec(symbol)
            .map_or_else(String::new, wire_name)
    }
}
