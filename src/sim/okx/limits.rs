//! How often what may be asked: fixed windows of two seconds, by address, by user, or by user and instrument.
//!
//! Figures as documented (OKX, "Rate Limits" and each endpoint). REST and sockets share the windows of orders.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::error::Refused;

/// New orders and changes of one account in two seconds, whatever door they take (code 50061).
pub const ACCOUNT_ORDERS: u32 = 1_000;
const WINDOW_MS: i64 = 2_000;
/// Connections that one address may open in a second (OKX, "WebSocket, Connect").
const CONNECTIONS: u32 = 3;

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Those of one address.
    Address,
    /// Those of one user.
    User,
    /// Those of one user for one instrument.
    Instrument,
}

/// A limit: so many in two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests of one name share it.
    pub pool: &'static str,
    /// How many.
    pub most: u32,
    /// Whose.
    pub by: By,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    number: i64,
    used: u32,
}

impl Window {
    fn add(&mut self, number: i64, count: u32) -> u32 {
        if self.number != number {
            *self = Self { number, used: 0 };
        }
        self.used = self.used.saturating_add(count);
        self.used
    }
}

/// All counters.
#[derive(Debug, Default)]
pub struct Limits {
    windows: BTreeMap<(&'static str, String), Window>,
    connections: BTreeMap<IpAddr, Window>,
    orders: Window,
}

impl Limits {
    /// Counts `count` requests for whom `limit` says.
    ///
    /// # Errors
    /// 50011 over the limit.
    pub fn count(
        &mut self,
        now: i64,
        limit: Limit,
        ip: IpAddr,
        instrument: &str,
        count: u32,
    ) -> Result<(), Refused> {
        let whose = match limit.by {
            By::Address => ip.to_string(),
            By::User => String::new(),
            By::Instrument => instrument.to_owned(),
        };
        let window = self.windows.entry((limit.pool, whose)).or_default();
        if window.add(now.div_euclid(WINDOW_MS), count) > limit.most {
            return Err(Refused::too_many());
        }
        Ok(())
    }

    /// Counts new orders and changes of the account.
    ///
    /// # Errors
    /// 50061 over the limit.
    pub fn count_orders(&mut self, now: i64, count: u32) -> Result<(), Refused> {
        if self.orders.add(now.div_euclid(WINDOW_MS), count) > ACCOUNT_ORDERS {
            return Err(Refused::new(
                50061,
                "You've reached the maximum order rate limit for this account.",
            )
            .with_status(429));
        }
        Ok(())
    }

    /// Counts a new connection; false: one too many in this second.
    pub fn connect(&mut self, now: i64, ip: IpAddr) -> bool {
        let window = self.connections.entry(ip).or_default();
        window.add(now.div_euclid(1_000), 1) <= CONNECTIONS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PLACE: Limit = Limit {
        pool: "place",
        most: 60,
        by: By::Instrument,
    };

    #[test]
    fn each_instrument_has_its_own_sixty_in_two_seconds() {
        let mut limits = Limits::default();
        let now = 1_700_000_000_000;
        for _ in 0..60 {
            limits.count(now, PLACE, IP, "BTC-USDT-SWAP", 1).unwrap();
        }
        let over = limits.count(now + 1_999, PLACE, IP, "BTC-USDT-SWAP", 1);
        assert_eq!(over.unwrap_err(), Refused::too_many());
        assert!(limits.count(now, PLACE, IP, "ETH-USDT-SWAP", 1).is_ok());
        assert!(
            limits
                .count(now + 2_000, PLACE, IP, "BTC-USDT-SWAP", 1)
                .is_ok()
        );
    }

    #[test]
    fn the_account_has_a_thousand_and_an_address_three_connections_a_second() {
        let mut limits = Limits::default();
        let now = 1_700_000_000_000;
        assert!(limits.count_orders(now, ACCOUNT_ORDERS).is_ok());
        assert_eq!(limits.count_orders(now, 1).unwrap_err().code, 50061);
        assert!((0..3).all(|_| limits.connect(now, IP)));
        assert!(!limits.connect(now + 999, IP));
        assert!(limits.connect(now + 1_000, IP));
    }
}
