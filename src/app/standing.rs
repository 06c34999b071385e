//! What an audit's findings mean for a key in use. Pure.

use crate::engine::key::KeyStanding;
use crate::exchange::audit::{Accept, EXPIRY_WARNING_MS, Finding, Findings, Verdict};

/// A key verified within this time is trusted while the venue cannot be asked, ms: seven days.
const TRUSTED_MS: i64 = 7 * DAY_MS;
const DAY_MS: i64 = 86_400_000;

/// Judges at wall time `now_ms`: `accepted` is what the trader accepted when storing the key, `verified_ms` when it was last as it
/// should be.
pub fn standing(
    found: &Findings,
    accepted: &[Accept],
    verified_ms: Option<i64>,
    now_ms: i64,
) -> KeyStanding {
    let (view_only, confirm) = match found.verdict(now_ms) {
        Verdict::Refused(why) => return KeyStanding::Refused(why),
        Verdict::Unverified(why) => return unverified(&why, verified_ms, now_ms),
        Verdict::Usable { view_only, confirm } => (view_only, confirm),
    };
    let missing = confirm.iter().find(|accept| !accepted.contains(accept));
    // What the venue did say counts, whatever else it kept to itself.
    match (view_only, missing) {
        (Some(why), _) if found.trade == Finding::No => {
            KeyStanding::ViewOnly("view-only: no trade right", why)
        }
        (_, Some(accept)) => not_accepted(*accept),
        (Some(why), None) => unverified(&why, verified_ms, now_ms),
        (None, None) => good(found, now_ms),
    }
}

fn not_accepted(accept: Accept) -> KeyStanding {
    let short = match accept {
        Accept::NoIp => "view-only: works anywhere",
        Accept::Transfer => "view-only: can transfer",
    };
    let words = format!(
        "{}; mend it at the exchange, or remove it (lancet keys remove) and enter it again with {}",
        accept.words(),
        accept.word()
    );
    KeyStanding::ViewOnly(short, words)
}

/// A key that ends soon says so for its last two weeks.
fn good(found: &Findings, now_ms: i64) -> KeyStanding {
    let left = found.expires_ms.map(|end| end.saturating_sub(now_ms));
    let soon = left.filter(|left| *left <= EXPIRY_WARNING_MS);
    KeyStanding::Good(soon.map_or_else(String::new, |left| {
        format!("key ends in {} days", left / DAY_MS)
    }))
}

fn unverified(why: &str, verified_ms: Option<i64>, now_ms: i64) -> KeyStanding {
    let age = verified_ms.map(|at| now_ms.saturating_sub(at).max(0));
    match age.filter(|age| *age < TRUSTED_MS) {
        Some(age) => KeyStanding::Amber(format!(
            "key last verified {} ago: {why}",
            if age < DAY_MS {
                format!("{} h", age / 3_600_000)
            } else {
                format!("{} days", age / DAY_MS)
            }
        )),
        None => KeyStanding::Unverified(why.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn found() -> Findings {
        Findings {
            reachable: Finding::Yes,
            signature: Finding::Yes,
            read: Finding::Yes,
            trade: Finding::Yes,
            withdraw: Finding::No,
            transfer: Finding::No,
            ip_bound: Finding::Yes,
            ..Findings::default()
        }
    }

    fn judged(found: &Findings, accepted: &[Accept], verified_ms: Option<i64>) -> KeyStanding {
        standing(found, accepted, verified_ms, NOW)
    }

    #[test]
    fn a_key_as_it_should_be_is_good_and_one_that_ends_soon_says_so() {
        assert_eq!(
            judged(&found(), &[], None),
            KeyStanding::Good(String::new())
        );
        let ending = Findings {
            expires_ms: Some(NOW + 9 * DAY_MS + 5),
            ..found()
        };
        let told = KeyStanding::Good("key ends in 9 days".to_owned());
        assert_eq!(judged(&ending, &[], None), told);
        let later = Findings {
            expires_ms: Some(NOW + 90 * DAY_MS),
            ..found()
        };
        assert_eq!(judged(&later, &[], None), KeyStanding::Good(String::new()));
    }

    #[test]
    fn g2_what_was_not_accepted_is_view_only_at_every_start() {
        let open = Findings {
            ip_bound: Finding::No,
            ..found()
        };
        assert!(matches!(
            judged(&open, &[], Some(NOW)),
            KeyStanding::ViewOnly(..)
        ));
        assert!(matches!(
            judged(&open, &[Accept::NoIp], None),
            KeyStanding::Good(_)
        ));
        let half_told = Findings {
            withdraw: Finding::Unknown("the venue did not say".to_owned()),
            ..open.clone()
        };
        assert!(matches!(
            judged(&half_told, &[], Some(NOW)),
            KeyStanding::ViewOnly(..)
        ));
        let mover = Findings {
            transfer: Finding::Yes,
            ..open
        };
        assert!(matches!(
            judged(&mover, &[Accept::NoIp], None),
            KeyStanding::ViewOnly(..)
        ));
    }

    #[test]
    fn g3_a_venue_that_cannot_be_asked_is_amber_for_seven_days_after_a_good_answer() {
        let silent = Findings::unreachable("no answer within 8000 ms");
        let blind = Findings {
            withdraw: Finding::Unknown("HTTP 500".to_owned()),
            ..found()
        };
        for found in [silent, blind] {
            let week = 7 * DAY_MS;
            assert!(matches!(
                judged(&found, &[], Some(NOW - week + 1)),
                KeyStanding::Amber(_)
            ));
            assert!(matches!(
                judged(&found, &[], Some(NOW - week)),
                KeyStanding::Unverified(_)
            ));
            assert!(matches!(
                judged(&found, &[], None),
                KeyStanding::Unverified(_)
            ));
        }
    }

    #[test]
    fn g1_a_key_that_got_the_right_to_withdraw_is_refused_whatever_it_was_before() {
        let found = Findings {
            withdraw: Finding::Yes,
            ..found()
        };
        assert!(matches!(
            judged(&found, &[], Some(NOW)),
            KeyStanding::Refused(_)
        ));
        let found = Findings {
            withdraw: Finding::No,
            trade: Finding::No,
            ..found
        };
        assert!(matches!(
            judged(&found, &[], Some(NOW)),
            KeyStanding::ViewOnly(..)
        ));
    }
}
