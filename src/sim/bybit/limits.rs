//! Requests per address, and calls of the account per second (Bybit v5, "Rate Limit Rules").

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use super::category::Category;

/// Requests that one address may send in [`IP_WINDOW_MS`].
const IP_REQUESTS: usize = 600;
const IP_WINDOW_MS: i64 = 5_000;
/// How long an address is shut out that sent more.
const IP_BAN_MS: i64 = 600_000;
/// Connections that one address may open in [`CONNECT_WINDOW_MS`].
const CONNECTIONS: usize = 500;
const CONNECT_WINDOW_MS: i64 = 300_000;
const SECOND_MS: i64 = 1_000;

/// How often a call may be made in one second, by category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What is counted together, whichever door it comes through.
    pub name: &'static str,
    /// Calls a second on linear, and where there is no category.
    pub linear: usize,
    /// Calls a second on spot.
    pub spot: usize,
}

impl Rate {
    const fn of(self, category: Option<Category>) -> usize {
        match category {
            Some(Category::Spot) => self.spot,
            Some(Category::Linear) | None => self.linear,
        }
    }
}

/// What is left of a budget, as headers tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Calls a second.
    pub limit: usize,
    /// Calls left in the running second.
    pub left: usize,
    /// When a call is free again, ms since 1970; now, where one is.
    pub reset_ms: i64,
    /// How many of the calls asked for it covered.
    pub granted: usize,
}

/// All counters.
#[derive(Debug, Default)]
pub struct Limits {
    addresses: BTreeMap<IpAddr, VecDeque<i64>>,
    banned: BTreeMap<IpAddr, i64>,
    connections: BTreeMap<IpAddr, VecDeque<i64>>,
    calls: BTreeMap<(&'static str, Option<Category>), VecDeque<i64>>,
}

impl Limits {
    /// Counts a request of an address. False: too many, and for ten minutes nothing is answered but 403.
    pub fn admit(&mut self, now: i64, ip: IpAddr) -> bool {
        if self.banned.get(&ip).is_some_and(|until| now < *until) {
            return false;
        }
        self.banned.remove(&ip);
        let seen = self.addresses.entry(ip).or_default();
        if !count(seen, now, IP_WINDOW_MS, IP_REQUESTS) {
            self.banned.insert(ip, now.saturating_add(IP_BAN_MS));
            return false;
        }
        true
    }

    /// Counts a connection of an address. False: too many.
    pub fn connect(&mut self, now: i64, ip: IpAddr) -> bool {
        let seen = self.connections.entry(ip).or_default();
        count(seen, now, CONNECT_WINDOW_MS, CONNECTIONS)
    }

    /// Spends up to `wanted` calls of the account; the first of a batch that are covered are granted.
    pub fn spend(
        &mut self,
        now: i64,
        rate: Rate,
        category: Option<Category>,
        wanted: usize,
    ) -> Budget {
        let limit = rate.of(category);
        let seen = self.calls.entry((rate.name, category)).or_default();
        forget(seen, now, SECOND_MS);
        let granted = wanted.min(limit.saturating_sub(seen.len()));
        seen.extend(std::iter::repeat_n(now, granted));
        let left = limit.saturating_sub(seen.len());
        let first = seen.front().copied().unwrap_or(now);
        Budget {
            limit,
            left,
            reset_ms: if granted < wanted {
                first.saturating_add(SECOND_MS)
            } else {
                now
            },
            granted,
        }
    }
}

fn forget(seen: &mut VecDeque<i64>, now: i64, window: i64) {
    while seen
        .front()
        .is_some_and(|at| now.saturating_sub(*at) >= window)
    {
        seen.pop_front();
    }
}

fn count(seen: &mut VecDeque<i64>, now: i64, window: i64, most: usize) -> bool {
    forget(seen, now, window);
    if seen.len() >= most {
        return false;
    }
    seen.push_back(now);
    true
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const CREATE: Rate = Rate {
        name: "create",
        linear: 10,
        spot: 20,
    };

    #[test]
    fn the_second_is_a_rolling_one_and_categories_are_apart() {
        let mut limits = Limits::default();
        for at in 0..10 {
            let budget = limits.spend(at * 50, CREATE, Some(Category::Linear), 1);
            assert_eq!(budget.granted, 1);
            assert_eq!(budget.left, 9 - usize::try_from(at).unwrap());
        }
        let over = limits.spend(500, CREATE, Some(Category::Linear), 1);
        assert_eq!((over.granted, over.left, over.reset_ms), (0, 0, 1_000));
        assert_eq!(limits.spend(500, CREATE, Some(Category::Spot), 1).left, 19);
        let freed = limits.spend(1_000, CREATE, Some(Category::Linear), 1);
        assert_eq!((freed.granted, freed.reset_ms), (1, 1_000));
    }

    #[test]
    fn the_first_orders_of_a_batch_are_granted() {
        let mut limits = Limits::default();
        assert_eq!(limits.spend(0, CREATE, None, 7).granted, 7);
        assert_eq!(limits.spend(0, CREATE, None, 7).granted, 3);
    }

    #[test]
    fn an_address_that_asks_too_often_is_shut_out_for_ten_minutes() {
        let mut limits = Limits::default();
        assert!((0..600).all(|_| limits.admit(0, IP)));
        assert!(!limits.admit(0, IP));
        assert!(!limits.admit(599_999, IP));
        assert!(limits.admit(600_000, IP));
    }
}
