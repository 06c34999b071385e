//! Ids as this venue spells them: UUIDs on linear, numbers on spot. An order's id can be read back, the others are only told.

use std::fmt::Write;

use super::category::Category;

/// Where the numbers of spot orders begin.
const SPOT_ORDERS: u64 = 1_600_000_000_000_000_000;
/// Where the numbers of spot trades begin.
const SPOT_TRADES: u64 = 2_100_000_000_000_000_000;
/// The part of a UUID's second half that carries an order's number.
const CARRIED: u64 = (1 << 60) - 1;

/// Spells and reads ids; the seed keeps two exchanges' ids apart.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    seed: u64,
}

impl Ids {
    /// Ids of one exchange.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// An order's id.
    pub fn order(self, category: Category, number: u64) -> String {
        match category {
            Category::Linear => {
                let high = (mix(self.seed ^ number) & !0xf000) | 0x4000;
                let low = ((number ^ mix(high)) & CARRIED) | 0xa000_0000_0000_0000;
                uuid(high, low)
            }
            Category::Spot => SPOT_ORDERS.saturating_add(number).to_string(),
        }
    }

    /// The order that an id names; `None` when this exchange never spelt it.
    pub fn read_order(self, category: Category, text: &str) -> Option<u64> {
        let number = match category {
            Category::Linear => {
                let digits: String = text.chars().filter(|c| *c != '-').collect();
                if digits.len() != 32 || !digits.is_ascii() {
                    return None;
                }
                let (high, low) = digits.split_at(16);
                let high = u64::from_str_radix(high, 16).ok()?;
                let low = u64::from_str_radix(low, 16).ok()?;
                (low ^ mix(high)) & CARRIED
            }
            Category::Spot => text.parse::<u64>().ok()?.checked_sub(SPOT_ORDERS)?,
        };
        (self.order(category, number) == text).then_some(number)
    }

    /// A public trade's id.
    pub fn trade(self, category: Category, symbol: u16, trade: u64) -> String {
        match category {
            Category::Linear => self.told(1, u64::from(symbol), trade),
            Category::Spot => spot_trade(symbol, trade, 0),
        }
    }

    /// The id of an account's part in a trade: both parts of a trade with oneself have their own.
    pub fn execution(self, category: Category, symbol: u16, trade: u64, order: u64) -> String {
        match category {
            Category::Linear => self.told(2, mix(order) ^ u64::from(symbol), trade),
            Category::Spot => spot_trade(symbol, trade, 1 + order % 2),
        }
    }

    /// The id of a message or of a call, by a running number.
    pub fn message(self, number: u64) -> String {
        self.told(3, 0, number)
    }

    /// The id of a connection.
    pub fn connection(self, line: u64) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuv0123456789";
        let mut bits = u128::from(mix(self.seed ^ line)) << 64 | u128::from(mix(line));
        let mut text = String::with_capacity(24);
        for at in 0..24 {
            if at == 20 {
                text.push('-');
            }
            text.push(char::from(LETTERS[(bits & 31) as usize]));
            bits >>= 5;
        }
        text
    }

    fn told(self, kind: u64, first: u64, second: u64) -> String {
        let high = (mix(self.seed ^ mix(kind) ^ mix(first ^ mix(second))) & !0xf000) | 0x5000;
        let low = (mix(high ^ second) & CARRIED) | 0xb000_0000_0000_0000;
        uuid(high, low)
    }
}

fn spot_trade(symbol: u16, trade: u64, part: u64) -> String {
    let apart = u64::from(symbol).saturating_mul(1_000_000_000_000_000);
    SPOT_TRADES
        .saturating_add(apart)
        .saturating_add(trade.saturating_mul(4))
        .saturating_add(part)
        .to_string()
}

/// The finaliser of SplitMix64: every input has its own output.
const fn mix(value: u64) -> u64 {
    let mut value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn uuid(high: u64, low: u64) -> String {
    let digits = format!("{high:016x}{low:016x}");
    let mut text = String::with_capacity(36);
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        // Writing to a String cannot fail.
        let _ = text.write_char(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_orders_id_is_read_back_and_no_other_is() {
        let ids = Ids::new(7);
        for category in [Category::Linear, Category::Spot] {
            for number in [0, 1, 2, 1_000_000_000_000_001, 2_000_000_000_000_007] {
                let text = ids.order(category, number);
                assert!(text.len() <= 36, "{text}");
                assert_eq!(ids.read_order(category, &text), Some(number));
            }
        }
        let other = Ids::new(8).order(Category::Linear, 1);
        assert_eq!(ids.read_order(Category::Linear, &other), None);
        for bad in ["", "x", "a4c1718e-fe53-4659-a118-1f6ecce04ad9", "-1"] {
            assert_eq!(ids.read_order(Category::Linear, bad), None, "{bad}");
            assert_eq!(ids.read_order(Category::Spot, bad), None, "{bad}");
        }
        let upper = ids.order(Category::Linear, 1).to_uppercase();
        assert_eq!(ids.read_order(Category::Linear, &upper), None);
    }

    #[test]
    fn ids_are_uuids_and_all_differ() {
        let ids = Ids::new(7);
        let mut seen = BTreeSet::new();
        for number in 0..200 {
            assert!(seen.insert(ids.order(Category::Linear, number)));
            assert!(seen.insert(ids.message(number)));
            assert!(seen.insert(ids.connection(number)));
            for symbol in 0..3 {
                assert!(seen.insert(ids.trade(Category::Linear, symbol, number)));
                assert!(seen.insert(ids.execution(Category::Linear, symbol, number, 5)));
                assert!(seen.insert(ids.execution(Category::Linear, symbol, number, 6)));
                assert!(seen.insert(ids.execution(Category::Spot, symbol, number, 5)));
                assert!(seen.insert(ids.execution(Category::Spot, symbol, number, 6)));
            }
        }
        let one = ids.order(Category::Linear, 1);
        let parts: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&one[14..15], "4");
    }
}
