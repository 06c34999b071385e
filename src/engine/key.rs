//! What is known of the API key's rights, and what follows for arming.

use super::arm::Hold;
use super::desk::Desk;
use super::effect::{About, Effects, Loudness};

/// What an audit of the key came to; words are sentences for the trader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStanding {
    /// The venue is being asked.
    Asking,
    /// As it should be. Words that stay in sight, such as `key ends in 9 days`; usually empty.
    Good(String),
    /// The venue could not be asked, but lately the key was as it should be: words that stay in sight.
    Amber(String),
    /// The venue could not be asked, and nothing vouches for the key.
    Unverified(String),
    /// For viewing only: in a few words that stay in sight, and in a sentence.
    ViewOnly(&'static str, String),
    /// It must not be used.
    Refused(String),
}

/// Takes what an audit came to.
pub(super) fn take(desk: &mut Desk, standing: KeyStanding, out: &mut Effects) {
    let of_key = |hold: &Hold| matches!(hold, Hold::Asking | Hold::Unverified | Hold::ViewOnly(_));
    if standing != KeyStanding::Asking {
        desk.arm.release(of_key);
    }
    let mut seen = String::new();
    match standing {
        // A later audit changes nothing while it runs.
        KeyStanding::Asking if desk.account.key_audited => {}
        KeyStanding::Asking => {
            desk.arm.hold(Hold::Asking);
            return;
        }
        KeyStanding::Good(words) => {
            desk.arm.release(|hold| *hold == Hold::KeyRefused);
            seen = words;
        }
        KeyStanding::Amber(words) => {
            out.notice(Loudness::Warn, format!("CANNOT VERIFY KEY: {words}"));
            seen = words;
        }
        KeyStanding::Unverified(words) => {
            desk.arm.hold(Hold::Unverified);
            out.notice(
                Loudness::Alarm,
                format!("CANNOT VERIFY KEY: {words}; no entries until it is"),
            );
        }
        KeyStanding::ViewOnly(short, words) => {
            view_only(desk, short);
            out.notice(Loudness::Warn, format!("view-only: {words}"));
        }
        KeyStanding::Refused(words) => {
            view_only(desk, "key refused");
            let words = format!("KEY REFUSED: {words}");
            out.alert(
                (About::Link, None),
                "the key was refused",
                Loudness::Alarm,
                words,
            );
        }
    }
    desk.account.key_audited = true;
    desk.account.key_words = seen;
}

/// Rule 6: what the trader did not do never locks while something is at stake; exits go on until it is flat.
fn view_only(desk: &mut Desk, why: &'static str) {
    desk.arm.hold(Hold::ViewOnly(why));
    if !desk.is_busy() {
        desk.arm.lock(why);
    }
}
