//! Questions after orders and executions, page by page, the newest first.

use serde_json::{Value, json};

use super::Bybit;
use super::asked::read_link;
use super::call::Call;
use super::category::Category;
use super::error::Refused;
use super::found::Found;
use super::params::{Params, decode};
use super::shapes::shown;
use crate::sim::market::{AlgoStatus, SymbolNo, WhichAlgo};

/// Closed orders that `realtime` still shows.
const RECENT: usize = 500;

/// A row with its place in the order of pages: when it came, then its number.
type Placed = ((i64, u64), Value);

impl Bybit {
    /// `GET /v5/order/realtime`.
    pub(super) fn realtime(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let category = Category::read(params)?;
        let limit = params.limit(20, 50)?;
        if asks_for_one(params)? {
            return self.one(category, params);
        }
        let wanted = self.wanted(category, params, category == Category::Spot)?;
        let filter = params.text("orderFilter")?;
        let rows = match params.int("openOnly")?.unwrap_or(0) {
            0 => self.rows_of(self.open_entries(&wanted), filter),
            1 | 2 => {
                let mut rows = self.rows_of(self.closed_entries(&wanted), filter);
                rows.sort_by_key(|row| std::cmp::Reverse(row.0));
                rows.truncate(RECENT);
                rows
            }
            _ => return Err(Refused::params("openOnly invalid")),
        };
        page(category, rows, limit, params.text("cursor")?)
    }

    /// `GET /v5/order/history`: orders that have ended.
    pub(super) fn history(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let category = Category::read(params)?;
        let limit = params.limit(20, 50)?;
        if asks_for_one(params)? {
            return self.one(category, params);
        }
        let wanted = self.wanted(category, params, true)?;
        let (start, end) = params.span("startTime", "endTime")?;
        let mut rows = self.rows_of(self.closed_entries(&wanted), params.text("orderFilter")?);
        rows.retain(|row| (start..=end).contains(&row.0.0));
        if let Some(status) = params.text("orderStatus")? {
            rows.retain(|row| row.1["orderStatus"] == status);
        }
        page(category, rows, limit, params.text("cursor")?)
    }

    fn one(&self, category: Category, params: &Params) -> Result<Value, Refused> {
        let found = self.find(category, params)?.into_iter().collect();
        page(category, self.rows_of(found, None), 1, None)
    }

    fn rows_of(&self, found: Vec<Found>, filter: Option<&str>) -> Vec<Placed> {
        let rows = found.iter().filter_map(|found| {
            let (symbol, placed) = match found {
                Found::Order(order) => (order.symbol, (self.came_ms(found), shown(order))),
                Found::Waiting(algo) => (algo.ask.symbol, (algo.created_ms, algo.id)),
            };
            let spec = self.spec(symbol).ok()?;
            let row = match found {
                Found::Order(order) => self.order_row(spec, order),
                Found::Waiting(algo) => self.waiting_row(spec, algo),
            };
            Some((placed, row))
        });
        let waits = |row: &Value| row["stopOrderType"] != "";
        let is_wanted = |row: &Value| match filter {
            Some("Order") => !waits(row),
            Some("StopOrder") => waits(row),
            Some(_) => false,
            None => true,
        };
        rows.filter(|row| is_wanted(&row.1)).collect()
    }

    fn came_ms(&self, found: &Found) -> i64 {
        match found {
            Found::Waiting(algo) => algo.created_ms,
            Found::Order(order) => {
                let waited = order
                    .algo
                    .and_then(|id| self.bourse.market.algo(self.account, WhichAlgo::Id(id)));
                waited.map_or(order.created_ms, |algo| algo.created_ms)
            }
        }
    }

    fn closed_entries(&self, wanted: &[SymbolNo]) -> Vec<Found> {
        let market = &self.bourse.market;
        let mut found = Vec::new();
        for symbol in wanted {
            let orders = market.all_orders(self.account, *symbol).into_iter();
            found.extend(orders.filter(|o| !o.status.is_open()).map(Found::Order));
        }
        // One that became an order is told of as that order.
        let ended = market.all_algos(self.account).into_iter().filter(|algo| {
            wanted.contains(&algo.ask.symbol)
                && algo.order.is_none()
                && !matches!(algo.status, AlgoStatus::New | AlgoStatus::Triggering)
        });
        found.extend(ended.map(Found::Waiting));
        found
    }

    /// `GET /v5/execution/list`.
    pub(super) fn executions(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let category = Category::read(params)?;
        let limit = params.limit(50, 100)?;
        let (start, end) = params.span("startTime", "endTime")?;
        let order = match params.text("orderLinkId")? {
            Some(name) if params.text("orderId")?.is_none() => {
                Some(self.link_number(category, name)?)
            }
            _ => params
                .text("orderId")?
                .map(|id| self.ids.read_order(category, id)),
        };
        let wanted = self.wanted(category, params, true)?;
        let kind = params.text("execType")?;
        let rows = self.executed.iter().filter(|one| {
            let named = match order {
                Some(number) => Some(one.order) == number,
                None => wanted.contains(&one.symbol) && (start..=end).contains(&one.time_ms),
            };
            named && kind.is_none_or(|kind| one.row["execType"] == kind)
        });
        let rows = rows.map(|one| ((one.time_ms, one.number), one.row.clone()));
        page(category, rows.collect(), limit, params.text("cursor")?)
    }

    fn link_number(&self, category: Category, name: &str) -> Result<Option<u64>, Refused> {
        read_link(name)?;
        let params = Params::from_value(&json!({"orderLinkId": name}))?;
        Ok(self.find(category, &params)?.map(|found| match found {
            Found::Order(order) => shown(&order),
            Found::Waiting(algo) => algo.id,
        }))
    }
}

fn asks_for_one(params: &Params) -> Result<bool, Refused> {
    Ok(params.text("orderId")?.is_some() || params.text("orderLinkId")?.is_some())
}

/// One page. A full one ends in a cursor even where nothing follows; the page after it is empty and has none.
fn page(
    category: Category,
    mut rows: Vec<Placed>,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Value, Refused> {
    rows.sort_by_key(|row| std::cmp::Reverse(row.0));
    if let Some(cursor) = cursor {
        let after = read_cursor(cursor)?;
        rows.retain(|row| row.0 < after);
    }
    rows.truncate(limit);
    let next = match rows.last() {
        Some(((ms, number), _)) if rows.len() == limit => format!("{ms}%3A{number}"),
        _ => String::new(),
    };
    let list: Vec<Value> = rows.into_iter().map(|row| row.1).collect();
    Ok(json!({"category": category.word(), "list": list, "nextPageCursor": next}))
}

/// A cursor is percent-encoded as it is told; clients send it back as it is, or encoded once more.
fn read_cursor(cursor: &str) -> Result<(i64, u64), Refused> {
    let wrong = || Refused::params("cursor invalid");
    let text = decode(cursor)?;
    let (ms, number) = text.split_once(':').ok_or_else(wrong)?;
    match (ms.parse(), number.parse()) {
        (Ok(ms), Ok(number)) => Ok((ms, number)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_end() {
        let rows = || (0..5_u64).map(|n| ((1, n), json!(n))).collect::<Vec<_>>();
        let turn = |cursor: &str| {
            let cursor = Some(cursor).filter(|c| !c.is_empty());
            let answer = page(Category::Linear, rows(), 2, cursor).unwrap();
            let next = answer["nextPageCursor"].as_str().unwrap().to_owned();
            (answer["list"].clone(), next)
        };
        let (first, next) = turn("");
        assert_eq!((first, next.as_str()), (json!([4, 3]), "1%3A3"));
        // Sent back as it was told, it arrives decoded.
        let (second, next) = turn("1:3");
        assert_eq!((second, next.as_str()), (json!([2, 1]), "1%3A1"));
        let (last, next) = turn(&next);
        assert_eq!((last, next.as_str()), (json!([0]), ""));
        for bad in ["x", "1", "1:x", "%3A", "1%3"] {
            assert!(
                page(Category::Linear, rows(), 2, Some(bad)).is_err(),
                "{bad}"
            );
        }
    }
}
