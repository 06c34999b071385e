//! Questions after orders and fills, newest first, page by page.

use serde_json::{Value, json};

use super::asked::read_which;
use super::call::{Call, Told};
use super::error::Refused;
use super::limits::ACCOUNT_ORDERS;
use super::params::Params;
use super::shapes::{self, inst_type};
use super::{Okx, ids};
use crate::sim::market::{OrderView, SymbolNo, UserTrade};

/// Rows of one page at most.
const PAGE: usize = 100;
/// An order that ended without a fill is forgotten after this, ms (OKX, "Get order").
const FORGOTTEN_MS: i64 = 2 * 3_600_000;

/// What narrows a list.
struct Filter<'a> {
    inst_type: Option<&'a str>,
    symbol: Option<SymbolNo>,
    family: Option<&'a str>,
    begin: i64,
    end: i64,
}

impl Okx {
    fn filter<'a>(&self, item: &'a Params) -> Result<Filter<'a>, Refused> {
        let symbol = item.get("instId").map(|_| self.symbol(item));
        let kind = item.get("instType");
        if kind.is_some_and(|kind| !["SPOT", "SWAP", "MARGIN", "FUTURES", "OPTION"].contains(&kind))
        {
            return Err(Refused::invalid("instType"));
        }
        Ok(Filter {
            inst_type: kind,
            symbol: symbol.transpose()?.map(|(symbol, _)| symbol),
            family: item.get("instFamily").or_else(|| item.get("uly")),
            begin: item.int("begin")?.unwrap_or(0),
            end: item.int("end")?.unwrap_or(i64::MAX),
        })
    }

    fn wants(&self, filter: &Filter, symbol: SymbolNo) -> bool {
        let Ok(spec) = self.spec(symbol) else {
            return false;
        };
        filter.symbol.is_none_or(|only| only == symbol)
            && filter.inst_type.is_none_or(|kind| kind == inst_type(spec))
            && filter
                .family
                .is_none_or(|family| family == ids::family(&spec.instrument))
    }

    /// `GET trade/order`
    pub(super) fn query_order(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, _) = self.symbol(item)?;
        let which = read_which(item)?;
        let found = self.bourse.market.order(self.account, symbol, which);
        let found = found.filter(|order| is_known(order, call.now)).cloned();
        let order = found.ok_or_else(|| Refused::new(51603, "Order does not exist"))?;
        Ok(Told::Rows(self.order_rows(&[order])))
    }

    fn order_rows(&self, orders: &[OrderView]) -> Vec<Value> {
        let row = |order: &OrderView| {
            let mut row = self.order_row(order, &self.fills_of(order))?;
            row.insert("cancelSourceReason".into(), "".into());
            row.insert("linkedAlgoOrd".into(), json!({"algoId": ""}));
            Some(Value::Object(row))
        };
        orders.iter().filter_map(row).collect()
    }

    /// `GET orders-pending`
    pub(super) fn orders_pending(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let filter = self.filter(item)?;
        let mut orders = self.bourse.market.open_orders(self.account, None);
        orders.retain(|order| self.wants(&filter, order.symbol) && is_asked_for(item, order));
        let page = page(item, orders, |order| order.id)?;
        Ok(Told::Rows(self.order_rows(&page)))
    }

    /// `GET orders-history` and `orders-history-archive`
    pub(super) fn orders_history(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        item.need("instType")?;
        let filter = self.filter(item)?;
        let market = &self.bourse.market;
        let symbols = self.symbol_numbers().into_iter();
        let mut orders: Vec<OrderView> = symbols
            .filter(|symbol| self.wants(&filter, *symbol))
            .flat_map(|symbol| market.all_orders(self.account, symbol))
            .filter(|order| !order.status.is_open() && is_known(order, call.now))
            .filter(|order| (filter.begin..=filter.end).contains(&order.created_ms))
            .filter(|order| is_asked_for(item, order))
            .collect();
        orders.sort_by_key(|order| order.id);
        let page = page(item, orders, |order| order.id)?;
        Ok(Told::Rows(self.order_rows(&page)))
    }

    /// `GET fills` and `fills-history`
    pub(super) fn fills(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let filter = self.filter(item)?;
        let order = item.get("ordId").map(ids::meant);
        let market = &self.bourse.market;
        let symbols = self.symbol_numbers().into_iter();
        let mut fills: Vec<UserTrade> = symbols
            .filter(|symbol| self.wants(&filter, *symbol))
            .flat_map(|symbol| market.user_trades(self.account, symbol))
            .filter(|fill| (filter.begin..=filter.end).contains(&fill.time_ms))
            .filter(|fill| order.is_none_or(|id| id == fill.order))
            .collect();
        fills.sort_by_key(|fill| (fill.time_ms, ids::bill(fill)));
        let page = page_by(item, fills, |fill| ids::bill(fill).to_string())?;
        Ok(Told::Rows(
            page.iter().filter_map(|f| self.fill_row(f)).collect(),
        ))
    }

    /// A fill's row.
    pub(super) fn fill_row(&self, fill: &UserTrade) -> Option<Value> {
        use crate::sim::market::Which;
        let spec = self.spec(fill.symbol).ok()?;
        let market = &self.bourse.market;
        let order = market.order(self.account, fill.symbol, Which::Id(fill.order));
        let client = order.map_or("", shapes::client);
        let tag = self
            .notes
            .get(fill.order)
            .map_or("", |n| n.extra.tag.as_str());
        Some(shapes::fill(spec, fill, client, tag))
    }

    /// `GET account-rate-limit`: nobody has filled enough for more than the usual.
    pub(super) fn account_rate_limit(&mut self, call: &Call) -> Result<Told, Refused> {
        Ok(Told::row(json!({
            "fillRatio": "",
            "mainFillRatio": "",
            "accRateLimit": ACCOUNT_ORDERS.to_string(),
            "nextAccRateLimit": "",
            "ts": call.now.to_string(),
        })))
    }
}

fn is_known(order: &OrderView, now: i64) -> bool {
    order.status.is_open() || !order.filled.is_zero() || now - order.updated_ms <= FORGOTTEN_MS
}

fn is_asked_for(item: &Params, order: &OrderView) -> bool {
    let kind = shapes::order_type(order.kind, false);
    let mut kinds = item.get("ordType").unwrap_or(kind).split(',');
    kinds.any(|wanted| wanted == kind)
        && item
            .get("state")
            .is_none_or(|state| state == ids::state(order.status))
}

/// A page of rows that grow by an id of the market, newest first.
fn page<T>(item: &Params, rows: Vec<T>, id: impl Fn(&T) -> u64) -> Result<Vec<T>, Refused> {
    page_by(item, rows, |row| ids::shown(id(row)))
}

/// A page of rows (oldest first as they come in), newest first: `after` an id are older rows, `before` one newer ones.
pub(super) fn page_by<T>(
    item: &Params,
    rows: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<Vec<T>, Refused> {
    let limit = item.limit(PAGE)?;
    let number = |name: &str| -> Result<Option<u64>, Refused> {
        let parsed = item.get(name).map(str::parse);
        parsed.transpose().map_err(|_| Refused::invalid(name))
    };
    let (after, before) = (number("after")?, number("before")?);
    let inside = |row: &T| {
        let id = id(row).parse::<u64>().unwrap_or(0);
        after.is_none_or(|after| id < after) && before.is_none_or(|before| id > before)
    };
    Ok(rows.into_iter().rev().filter(inside).take(limit).collect())
}
