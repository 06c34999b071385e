//! Request weight a venue allows a minute, and its bans. Owns the account of what was spent; sends nothing.
//!
//! What was spent runs off evenly over a minute, and the venue's own count, where a reply states it, replaces ours.
//! A fifth is kept for exits (DESIGN: exits always work).

use crate::domain::Stamp;

/// Without a time in the answer: 429 is waited out for this long, ms.
const PAUSE_MS: u64 = 60_000;
/// Without a time in the answer: the shortest ban of 418 (Binance: 2 minutes to 3 days), ms.
const BAN_MS: u64 = 120_000;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purse {
    /// Everything but exits: four fifths.
    Ordinary,
    /// Cancels, reducing orders, proofs: the whole.
    Exits,
}

/// Weight spent at one venue.
#[derive(Clone, Debug)]
pub struct Budget {
    limit: u64,
    /// Thousandths of weight, as of `at`.
    spent: u64,
    at: Stamp,
    banned_until: Option<Stamp>,
}

impl Budget {
    /// `limit` is weight a minute.
    pub fn new(limit: u32) -> Self {
        Self {
            limit: u64::from(limit.max(1)) * 1_000,
            spent: 0,
            at: Stamp::default(),
            banned_until: None,
        }
    }

    /// The venue stated another limit, weight a minute.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = u64::from(limit.max(1)) * 1_000;
    }

    /// Spends `weight`.
    ///
    /// # Errors
    /// When it must wait: until when.
    pub fn spend(&mut self, now: Stamp, weight: u32, purse: Purse) -> Result<(), Stamp> {
        if let Some(until) = self.banned(now) {
            return Err(until);
        }
        self.run_off(now);
        let allowed = match purse {
            Purse::Ordinary => self.limit / 5 * 4,
            Purse::Exits => self.limit,
        };
        let wanted = self.spent + u64::from(weight) * 1_000;
        if wanted > allowed && self.spent > 0 {
            let over = wanted - allowed;
            return Err(now.plus_ms((over * 60_000).div_ceil(self.limit).max(1)));
        }
        self.spent = wanted;
        Ok(())
    }

    /// A reply stated the weight used in the running minute.
    pub fn stated(&mut self, now: Stamp, used: u32) {
        self.run_off(now);
        self.spent = u64::from(used) * 1_000;
    }

    /// A reply refused (429, 418): nothing may be sent until the ban ends. `for_ms` is the venue's own word, if it gave one.
    /// Gives the end.
    pub fn refused(&mut self, now: Stamp, status: u16, for_ms: Option<u64>) -> Stamp {
        let wait = for_ms.unwrap_or(if status == 418 { BAN_MS } else { PAUSE_MS });
        let until = now.plus_ms(wait);
        if self
            .banned_until
            .is_none_or(|known| known.mono_ns < until.mono_ns)
        {
            self.banned_until = Some(until);
        }
        self.banned_until.unwrap_or(until)
    }

    /// Until when nothing may be sent.
    pub fn banned(&self, now: Stamp) -> Option<Stamp> {
        self.banned_until
            .filter(|until| until.mono_ns > now.mono_ns)
    }

    fn run_off(&mut self, now: Stamp) {
        let gone = now.ms_since(self.at).saturating_mul(self.limit) / 60_000;
        self.spent = self.spent.saturating_sub(gone);
        self.at = now;
    }
}

/// How long a refusal says to wait, ms: the `retry-after` header in seconds, or the time in `banned until 1720000000000`.
pub fn ban_ms(retry_after: Option<&str>, words: &str, venue_now_ms: i64) -> Option<u64> {
    if let Some(seconds) = retry_after.and_then(|text| text.trim().parse::<u64>().ok()) {
        return seconds.checked_mul(1_000);
    }
    let (_, tail) = words.split_once("until ")?;
    let digits: String = tail.chars().take_while(char::is_ascii_digit).collect();
    let until: i64 = digits.parse().ok()?;
    u64::try_from(until.checked_sub(venue_now_ms)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_is_kept_for_exits_and_time_gives_weight_back() {
        let mut budget = Budget::new(100);
        let now = Stamp::default().plus_ms(1_000_000);
        assert!(budget.spend(now, 80, Purse::Ordinary).is_ok());
        let until = budget.spend(now, 10, Purse::Ordinary).unwrap_err();
        assert_eq!(until.ms_since(now), 6_000);
        assert!(budget.spend(now, 20, Purse::Exits).is_ok());
        assert!(budget.spend(now, 1, Purse::Exits).is_err());
        assert!(
            budget
                .spend(now.plus_ms(60_000), 80, Purse::Ordinary)
                .is_ok()
        );
    }

    #[test]
    fn the_venues_count_replaces_ours() {
        let mut budget = Budget::new(2_400);
        let now = Stamp::default();
        budget.stated(now, 1_919);
        assert!(budget.spend(now, 1, Purse::Ordinary).is_ok());
        assert!(budget.spend(now, 1, Purse::Ordinary).is_err());
    }

    #[test]
    fn a_ban_stops_everything_until_it_ends() {
        let mut budget = Budget::new(2_400);
        let now = Stamp::default();
        assert_eq!(
            ban_ms(
                None,
                "Way too many requests; IP(1.2.3.4) banned until 7000.",
                2_000
            ),
            Some(5_000)
        );
        assert_eq!(ban_ms(Some("3"), "", 0), Some(3_000));
        budget.refused(now, 418, Some(5_000));
        budget.refused(now, 429, Some(1_000));
        assert!(budget.spend(now.plus_ms(4_999), 1, Purse::Exits).is_err());
        assert!(budget.spend(now.plus_ms(5_000), 1, Purse::Exits).is_ok());
        assert_eq!(budget.refused(now, 418, None).ms_since(now), 120_000);
    }
}
