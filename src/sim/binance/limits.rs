//! Request weight per address and order counts of the account, in windows aligned to the clock.
//!
//! Limits as the venue's `exchangeInfo` states them. A client that goes on after a refusal is banned for a while.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::refused::Refused;

const MINUTE_MS: i64 = 60_000;
/// Refused calls in one minute after which an address is banned.
const PATIENCE: u32 = 50;
const BAN_MS: i64 = 120_000;

/// How many orders the account may send in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLimit {
    /// `SECOND`, `MINUTE`, `DAY`.
    pub interval: &'static str,
    /// How many of them.
    pub num: u32,
    /// The same, ms.
    pub ms: i64,
    /// Orders.
    pub most: u32,
    /// What the refusal calls the time.
    pub word: &'static str,
    /// The header of REST answers that tells the count.
    pub header: &'static str,
}

/// The limits of one wire, and its words for what is over them.
#[derive(Debug)]
pub struct Table {
    /// Weight that one address may spend in a minute.
    pub weight: u32,
    /// The short time and the long one.
    pub orders: [OrderLimit; 2],
    /// Words of -1003 for an address over its weight.
    pub over: fn(IpAddr) -> String,
    /// Words of -1003 for an address that is banned until this time, ms.
    pub banned: fn(i64) -> String,
}

impl Table {
    /// `rateLimits` of `exchangeInfo`, weight first.
    pub fn rows(&self) -> Vec<Value> {
        let weight = json!({"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": self.weight});
        let orders = self.orders.iter().map(|of| {
            json!({"rateLimitType": "ORDERS", "interval": of.interval, "intervalNum": of.num, "limit": of.most})
        });
        std::iter::once(weight).chain(orders).collect()
    }
}

/// Which pool of weight a call draws from; REST and the WebSocket API have one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pool {
    /// REST.
    Rest,
    /// WebSocket API.
    WsApi,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    start: i64,
    used: u32,
}

impl Window {
    fn at(&mut self, now: i64, length: i64) -> &mut u32 {
        let start = now - now.rem_euclid(length);
        if self.start != start {
            *self = Self { start, used: 0 };
        }
        &mut self.used
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Address {
    weight: Window,
    refused: Window,
    banned_until: i64,
}

/// All counters.
#[derive(Debug)]
pub struct Limits {
    table: &'static Table,
    addresses: BTreeMap<(Pool, IpAddr), Address>,
    orders: [Window; 2],
}

impl Limits {
    /// Nothing is used yet.
    pub fn new(table: &'static Table) -> Self {
        Self {
            table,
            addresses: BTreeMap::new(),
            orders: [Window::default(); 2],
        }
    }

    /// What is counted against.
    pub const fn table(&self) -> &'static Table {
        self.table
    }

    /// Spends weight. The weight used so far is returned, refused or not.
    ///
    /// # Errors
    /// -1003 with 429 over the limit, with 418 while banned.
    pub fn spend(
        &mut self,
        now: i64,
        pool: Pool,
        ip: IpAddr,
        weight: u32,
    ) -> (u32, Result<(), Refused>) {
        let table = self.table;
        let banned = |until| refused_until(418, until, (table.banned)(until));
        let address = self.addresses.entry((pool, ip)).or_default();
        if now < address.banned_until {
            let until = address.banned_until;
            return (*address.weight.at(now, MINUTE_MS), Err(banned(until)));
        }
        let used = address.weight.at(now, MINUTE_MS);
        *used = used.saturating_add(weight);
        let used = *used;
        if used <= table.weight {
            return (used, Ok(()));
        }
        let refused = address.refused.at(now, MINUTE_MS);
        *refused += 1;
        if *refused > PATIENCE {
            address.banned_until = now + BAN_MS;
            return (used, Err(banned(now + BAN_MS)));
        }
        let next = now - now.rem_euclid(MINUTE_MS) + MINUTE_MS;
        (used, Err(refused_until(429, next, (table.over)(ip))))
    }

    /// Counts orders: so many in the short time, so many in the long one.
    ///
    /// # Errors
    /// -1015 with 429 over either limit.
    pub fn count_orders(&mut self, now: i64, counts: (u32, u32)) -> Result<(), Refused> {
        let mut over = None;
        let limits = self.orders.iter_mut().zip(&self.table.orders);
        for ((window, limit), count) in limits.zip([counts.0, counts.1]) {
            let used = window.at(now, limit.ms);
            *used = used.saturating_add(count);
            if *used > limit.most {
                over = over.or(Some(limit));
            }
        }
        let Some(limit) = over else {
            return Ok(());
        };
        let text = format!(
            "Too many new orders; current limit is {} orders per {}.",
            limit.most, limit.word
        );
        Err(Refused::new(-1015, text).with_status(429))
    }

    /// Takes orders off both counts again; neither goes below zero.
    pub fn give_back(&mut self, now: i64, orders: u32) {
        for (window, limit) in self.orders.iter_mut().zip(&self.table.orders) {
            let used = window.at(now, limit.ms);
            *used = used.saturating_sub(orders);
        }
    }

    /// Orders counted in the running short time and long one.
    pub fn orders(&mut self, now: i64) -> (u32, u32) {
        let [short, long] = &mut self.orders;
        let [of_short, of_long] = &self.table.orders;
        (*short.at(now, of_short.ms), *long.at(now, of_long.ms))
    }

    /// Rows of the order counts, as `rateLimit/order` and WebSocket replies show them.
    pub fn order_rows(&mut self, now: i64) -> Vec<Value> {
        let (short, long) = self.orders(now);
        let rows = self.table.orders.iter().zip([short, long]);
        rows.map(|(of, count)| row("ORDERS", of.interval, of.num, of.most, count))
            .collect()
    }

    /// `rateLimits` of a WebSocket reply.
    pub fn rows(&mut self, now: i64, ip: IpAddr, with_orders: bool) -> Value {
        let mut rows = if with_orders {
            self.order_rows(now)
        } else {
            Vec::new()
        };
        let address = self.addresses.entry((Pool::WsApi, ip)).or_default();
        let used = *address.weight.at(now, MINUTE_MS);
        rows.push(row("REQUEST_WEIGHT", "MINUTE", 1, self.table.weight, used));
        Value::Array(rows)
    }
}

fn row(kind: &str, interval: &str, num: u32, limit: u32, count: u32) -> Value {
    json!({"rateLimitType": kind, "interval": interval, "intervalNum": num, "limit": limit, "count": count})
}

fn refused_until(status: u16, until: i64, text: String) -> Refused {
    let mut refused = Refused::new(-1003, text).with_status(status);
    refused.retry_at = Some(until);
    refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    const fn of(interval: &'static str, num: u32, ms: i64, most: u32) -> OrderLimit {
        OrderLimit {
            interval,
            num,
            ms,
            most,
            word: "TIME",
            header: "x-mbx-order-count",
        }
    }

    static TABLE: Table = Table {
        weight: 2400,
        orders: [of("SECOND", 10, 10_000, 300), of("MINUTE", 1, 60_000, 1200)],
        over: |ip| format!("too much of {ip}"),
        banned: |until| format!("banned until {until}"),
    };

    #[test]
    fn weight_over_the_limit_is_refused_until_the_next_minute_and_pools_are_apart() {
        let mut limits = Limits::new(&TABLE);
        let now = 1_700_000_040_000; // a whole minute
        assert_eq!(limits.spend(now, Pool::Rest, IP, 2400), (2400, Ok(())));
        let (used, refused) = limits.spend(now + 1, Pool::Rest, IP, 1);
        let refused = refused.unwrap_err();
        assert_eq!((used, refused.status, refused.code), (2401, 429, -1003));
        assert_eq!(refused.retry_at, Some(now + 60_000));
        assert!(limits.spend(now + 1, Pool::WsApi, IP, 1).1.is_ok());
        assert_eq!(limits.spend(now + 60_000, Pool::Rest, IP, 1), (1, Ok(())));
    }

    #[test]
    fn going_on_after_refusals_brings_a_ban() {
        let mut limits = Limits::new(&TABLE);
        let now = 1_700_000_040_000;
        let last = (0..=51)
            .map(|_| limits.spend(now, Pool::Rest, IP, 2400).1)
            .last()
            .unwrap()
            .unwrap_err();
        assert_eq!((last.status, last.code), (418, -1003));
        let until = format!("banned until {}", now + 120_000);
        assert_eq!(last.text, until);
        assert!(limits.spend(now + 119_999, Pool::Rest, IP, 1).1.is_err());
        assert!(limits.spend(now + 120_000, Pool::Rest, IP, 1).1.is_ok());
    }

    #[test]
    fn orders_have_two_windows_and_may_be_given_back() {
        let mut limits = Limits::new(&TABLE);
        let now = 1_700_000_040_000;
        for at in 0..300 {
            limits.count_orders(now + at, (1, 1)).unwrap();
        }
        let refused = limits.count_orders(now + 400, (1, 1)).unwrap_err();
        assert_eq!((refused.status, refused.code), (429, -1015));
        assert!(limits.count_orders(now + 10_000, (1, 1)).is_ok());
        assert_eq!(limits.orders(now + 10_000), (1, 302));
        limits.give_back(now + 10_000, 5);
        assert_eq!(limits.orders(now + 10_000), (0, 297));
    }
}
