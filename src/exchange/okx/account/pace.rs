//! How many orders the venue still takes just now. Owns the counts; the last fifth of each window is kept for exits.
//!
//! 60 requests in 2 s of one kind on one instrument, 20 for conditional orders, and 1000 new orders and changes in 2 s of the whole
//! sub-account (OKX v5, Place order; Place algo order; 50061).

use std::collections::{HashMap, VecDeque};

use foldhash::fast::FixedState;

use crate::domain::{OrderClass, Stamp, Symbol};

const WINDOW_MS: u64 = 2_000;
const REGULAR: usize = 60;
const CONDITIONAL: usize = 20;
const ACCOUNT: usize = 1_000;

/// New orders that were handed on within the window.
#[derive(Debug, Default)]
pub struct Pace {
    symbols: HashMap<(Symbol, OrderClass), VecDeque<Stamp>, FixedState>,
    account: VecDeque<Stamp>,
}

impl Pace {
    /// Counts a new order that was handed on.
    pub fn placed(&mut self, now: Stamp, symbol: Symbol, class: OrderClass) {
        self.symbols
            .entry((symbol, class))
            .or_default()
            .push_back(now);
        self.account.push_back(now);
    }

    /// Counts a change, which the sub-account's limit counts too.
    pub fn changed(&mut self, now: Stamp) {
        self.account.push_back(now);
    }

    /// `None` when an entry may go; else how long until one may, ms.
    pub fn refuses_entry_ms(
        &mut self,
        now: Stamp,
        symbol: Symbol,
        class: OrderClass,
    ) -> Option<u64> {
        let limit = match class {
            OrderClass::Regular => REGULAR,
            OrderClass::Conditional => CONDITIONAL,
        };
        let own = self.symbols.get_mut(&(symbol, class));
        let own = own.and_then(|times| wait_ms(times, limit, now));
        own.max(wait_ms(&mut self.account, ACCOUNT, now))
    }
}

/// Forgets what left the window; how long until four fifths of it are not used up.
fn wait_ms(times: &mut VecDeque<Stamp>, limit: usize, now: Stamp) -> Option<u64> {
    while times
        .front()
        .is_some_and(|at| now.ms_since(*at) >= WINDOW_MS)
    {
        times.pop_front();
    }
    let over = times.len().checked_sub(limit / 5 * 4)?;
    let last = times.get(over)?;
    Some(WINDOW_MS.saturating_sub(now.ms_since(*last)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b20_the_last_fifth_of_a_window_is_not_for_entries() {
        let symbol = |name| Symbol::new(name).unwrap();
        let (btc, eth) = (symbol("BTC-USDT-SWAP"), symbol("ETH-USDT-SWAP"));
        let mut pace = Pace::default();
        let start = Stamp::default().plus_ms(10_000);
        for ms in 0..47 {
            pace.placed(start.plus_ms(ms), btc, OrderClass::Regular);
        }
        let now = start.plus_ms(100);
        assert_eq!(pace.refuses_entry_ms(now, btc, OrderClass::Regular), None);
        pace.placed(now, btc, OrderClass::Regular);
        assert_eq!(
            pace.refuses_entry_ms(now, btc, OrderClass::Regular),
            Some(1_900)
        );
        // Each instrument and each book of record by itself.
        assert_eq!(pace.refuses_entry_ms(now, eth, OrderClass::Regular), None);
        assert_eq!(
            pace.refuses_entry_ms(now, btc, OrderClass::Conditional),
            None
        );
        let later = start.plus_ms(2_000);
        assert_eq!(pace.refuses_entry_ms(later, btc, OrderClass::Regular), None);
        for _ in 0..800 {
            pace.changed(later);
        }
        assert_eq!(
            pace.refuses_entry_ms(later, eth, OrderClass::Regular),
            Some(2_000)
        );
    }
}
