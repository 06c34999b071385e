//! Request weight per address and order counts of the account, in windows aligned to the clock.
//!
//! Limits as the venue's `exchangeInfo` states them. A client that goes on after a refusal is banned for a while.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::error::Refused;

/// Weight that one address may spend in a minute.
pub const WEIGHT_PER_MINUTE: u32 = 2400;
/// Orders of one account in ten seconds.
pub const ORDERS_PER_10_S: u32 = 300;
/// Orders of one account in a minute.
pub const ORDERS_PER_MINUTE: u32 = 1200;

const MINUTE_MS: i64 = 60_000;
const TEN_SECONDS_MS: i64 = 10_000;
/// Refused calls in one minute after which an address is banned.
const PATIENCE: u32 = 50;
const BAN_MS: i64 = 120_000;

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
#[derive(Debug, Default)]
pub struct Limits {
    addresses: BTreeMap<(Pool, IpAddr), Address>,
    ten_seconds: Window,
    minute: Window,
}

impl Limits {
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
        let address = self.addresses.entry((pool, ip)).or_default();
        if now < address.banned_until {
            let until = address.banned_until;
            return (*address.weight.at(now, MINUTE_MS), Err(banned(until)));
        }
        let used = address.weight.at(now, MINUTE_MS);
        *used = used.saturating_add(weight);
        let used = *used;
        if used <= WEIGHT_PER_MINUTE {
            return (used, Ok(()));
        }
        let refused = address.refused.at(now, MINUTE_MS);
        *refused += 1;
        if *refused > PATIENCE {
            address.banned_until = now + BAN_MS;
            return (used, Err(banned(now + BAN_MS)));
        }
        let mut error = Refused::new(
            -1003,
            format!(
                "Too many requests; current limit of IP({ip}) is {WEIGHT_PER_MINUTE} requests per minute. Please use the websocket for live updates to avoid polling the API."
            ),
        )
        .with_status(429);
        error.retry_at = Some(now - now.rem_euclid(MINUTE_MS) + MINUTE_MS);
        (used, Err(error))
    }

    /// Counts orders.
    ///
    /// # Errors
    /// -1015 with 429 over either limit.
    pub fn count_orders(&mut self, now: i64, ten_seconds: u32, minute: u32) -> Result<(), Refused> {
        let short = self.ten_seconds.at(now, TEN_SECONDS_MS);
        *short = short.saturating_add(ten_seconds);
        let short = *short;
        let long = self.minute.at(now, MINUTE_MS);
        *long = long.saturating_add(minute);
        let over = if short > ORDERS_PER_10_S {
            format!(
                "Too many new orders; current limit is {ORDERS_PER_10_S} orders per TEN_SECONDS."
            )
        } else if *long > ORDERS_PER_MINUTE {
            format!("Too many new orders; current limit is {ORDERS_PER_MINUTE} orders per MINUTE.")
        } else {
            return Ok(());
        };
        Err(Refused::new(-1015, over).with_status(429))
    }

    /// Orders counted in the running ten seconds and minute.
    pub fn orders(&mut self, now: i64) -> (u32, u32) {
        (
            *self.ten_seconds.at(now, TEN_SECONDS_MS),
            *self.minute.at(now, MINUTE_MS),
        )
    }

    /// `rateLimits` of a WebSocket reply.
    pub fn rows(&mut self, now: i64, ip: IpAddr, with_orders: bool) -> Value {
        let mut rows = Vec::new();
        if with_orders {
            let (short, long) = self.orders(now);
            rows.push(row("ORDERS", "SECOND", 10, ORDERS_PER_10_S, short));
            rows.push(row("ORDERS", "MINUTE", 1, ORDERS_PER_MINUTE, long));
        }
        let address = self.addresses.entry((Pool::WsApi, ip)).or_default();
        let used = *address.weight.at(now, MINUTE_MS);
        rows.push(row("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_PER_MINUTE, used));
        Value::Array(rows)
    }
}

fn row(kind: &str, interval: &str, num: u32, limit: u32, count: u32) -> Value {
    json!({"rateLimitType": kind, "interval": interval, "intervalNum": num, "limit": limit, "count": count})
}

fn banned(until: i64) -> Refused {
    let mut error = Refused::new(
        -1003,
        format!("Way too many requests; IP banned until {until}. Please use the websocket for live updates to avoid bans."),
    )
    .with_status(418);
    error.retry_at = Some(until);
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn weight_over_the_limit_is_refused_until_the_next_minute_and_pools_are_apart() {
        let mut limits = Limits::default();
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
        let mut limits = Limits::default();
        let now = 1_700_000_040_000;
        let last = (0..=51)
            .map(|_| limits.spend(now, Pool::Rest, IP, 2400).1)
            .last()
            .unwrap()
            .unwrap_err();
        assert_eq!((last.status, last.code), (418, -1003));
        assert!(
            last.text
                .contains(&format!("banned until {}", now + 120_000))
        );
        assert!(limits.spend(now + 119_999, Pool::Rest, IP, 1).1.is_err());
        assert!(limits.spend(now + 120_000, Pool::Rest, IP, 1).1.is_ok());
    }

    #[test]
    fn orders_have_two_windows() {
        let mut limits = Limits::default();
        let now = 1_700_000_040_000;
        for at in 0..300 {
            limits.count_orders(now + at, 1, 1).unwrap();
        }
        assert_eq!(
            limits.count_orders(now + 400, 1, 1).unwrap_err().code,
            -1015
        );
        assert!(limits.count_orders(now + 10_000, 1, 1).is_ok());
        assert_eq!(limits.orders(now + 10_000), (1, 302));
    }
}
