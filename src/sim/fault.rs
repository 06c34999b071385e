//! Faults made on purpose: `WHAT:HOW[@N|%P]`, decided by a seed so that a run can be repeated.
//!
//! This file parses and decides; the wire carries the decision out.

use std::fmt;
use std::str::FromStr;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// What a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A new order, by REST or WebSocket.
    Place,
    /// A cancel of one order or of all.
    Cancel,
    /// A change of an order.
    Amend,
    /// A question about the account or its orders.
    Query,
    /// A push of the public depth stream.
    Depth,
    /// A push of the private stream.
    Private,
    /// Any REST call.
    Rest,
    /// An open position of the account, once a second.
    Position,
}

/// How it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It never arrived: nothing is done and nothing is answered.
    Drop,
    /// It is done but never answered. On a stream: the message is lost.
    Silent,
    /// The answer or the message comes this many milliseconds late.
    Delay(u64),
    /// The connection is closed instead of the answer or the message; a call is done first.
    Cut,
    /// The connection stays open and says nothing any more; a call is done first.
    HalfOpen,
    /// The answer or the message comes twice. A REST call can only be answered once.
    Dup,
    /// The stream leaves out one message and goes on.
    Gap,
    /// Answered with this error code. Codes that leave the outcome open (-1000, -1006, -1007) are done first, others are not.
    Code(i32),
    /// Answered with this HTTP status. A status of 500 and above leaves the outcome open: the call is done first.
    Http(u16),
    /// A position is auto-deleveraged: closed at the mark against somebody bankrupt.
    Adl,
    /// A position is liquidated, whatever its margin is.
    Liquidate,
}

/// Which of the matching calls or messages are struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    Nth(u64),
    Percent(u8),
}

/// One rule as given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    what: What,
    how: How,
    when: When,
}

/// Why a rule was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No colon.
    #[error("a fault is written WHAT:HOW[@N|%P], for example place:silent@1, not {0:?}")]
    Shape(String),
    /// No such thing to strike.
    #[error(
        "{0:?} cannot be struck: use place, cancel, amend, query, depth, private, rest or position"
    )]
    What(String),
    /// No such way to strike.
    #[error(
        "{0:?} is no way to fail: use drop, silent, delay=MS, cut, halfopen, dup, gap, code=N or http=N; a position has adl and liquidate"
    )]
    How(String),
    /// Not a count from 1 or a percentage from 1 to 100.
    #[error("{0:?} says neither @N from 1 nor %P from 1 to 100")]
    When(String),
    /// Streams have no error codes, calls have no sequence to break.
    #[error("{0} cannot fail by {1}")]
    Together(String, String),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (what_text, rest) = text
            .split_once(':')
            .ok_or_else(|| FaultError::Shape(text.to_owned()))?;
        let what = parse_what(what_text)?;
        let split = rest.find(['@', '%']).unwrap_or(rest.len());
        let (how_text, when_text) = rest.split_at(split);
        let how = parse_how(how_text)?;
        let stream = matches!(what, What::Depth | What::Private);
        let position = what == What::Position;
        let fits = match how {
            How::Gap => stream,
            How::Code(_) | How::Http(_) => !stream && !position,
            How::Adl | How::Liquidate => position,
            _ => !position,
        };
        if !fits {
            return Err(FaultError::Together(
                what_text.to_owned(),
                how_text.to_owned(),
            ));
        }
        Ok(Self {
            what,
            how,
            when: parse_when(when_text)?,
        })
    }
}

fn parse_what(text: &str) -> Result<What, FaultError> {
    Ok(match text {
        "place" => What::Place,
        "cancel" => What::Cancel,
        "amend" => What::Amend,
        "query" => What::Query,
        "depth" => What::Depth,
        "private" => What::Private,
        "rest" => What::Rest,
        "position" => What::Position,
        _ => return Err(FaultError::What(text.to_owned())),
    })
}

fn parse_how(text: &str) -> Result<How, FaultError> {
    let wrong = || FaultError::How(text.to_owned());
    if let Some((name, value)) = text.split_once('=') {
        return match name {
            "delay" => value
                .parse()
                .ok()
                .filter(|ms| *ms <= 3_600_000)
                .map(How::Delay),
            "code" => value.parse().ok().map(How::Code),
            "http" => value
                .parse()
                .ok()
                .filter(|status| (400..600).contains(status))
                .map(How::Http),
            _ => None,
        }
        .ok_or_else(wrong);
    }
    Ok(match text {
        "drop" => How::Drop,
        "silent" => How::Silent,
        "cut" => How::Cut,
        "halfopen" => How::HalfOpen,
        "dup" => How::Dup,
        "gap" => How::Gap,
        "adl" => How::Adl,
        "liquidate" => How::Liquidate,
        _ => return Err(wrong()),
    })
}

fn parse_when(text: &str) -> Result<When, FaultError> {
    let wrong = || FaultError::When(text.to_owned());
    if text.is_empty() {
        return Ok(When::Always);
    }
    let (mark, number) = text.split_at(1);
    match mark {
        "@" => number.parse().ok().filter(|n| *n > 0).map(When::Nth),
        _ => number
            .parse()
            .ok()
            .filter(|p| (1..=100).contains(p))
            .map(When::Percent),
    }
    .ok_or_else(wrong)
}

/// All rules of a run and how often each has been asked.
pub struct Faults {
    rules: Vec<(Fault, u64)>,
    random: ChaCha20Rng,
}

impl Faults {
    /// Takes the rules; the seed decides the shares.
    pub fn new(rules: Vec<Fault>, seed: u64) -> Self {
        Self {
            rules: rules.into_iter().map(|rule| (rule, 0)).collect(),
            random: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// What strikes this call or message, which may go by several names (`place` and `rest`). The first rule that strikes wins;
    /// every rule that matches counts.
    pub fn strike(&mut self, names: &[What]) -> Option<How> {
        let mut struck = None;
        for (rule, seen) in &mut self.rules {
            if !names.contains(&rule.what) {
                continue;
            }
            *seen += 1;
            let now = match rule.when {
                When::Always => true,
                When::Nth(n) => *seen == n,
                When::Percent(p) => self.random.random_range(0..100_u8) < p,
            };
            if now && struck.is_none() {
                struck = Some(rule.how);
            }
        }
        struck
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Faults").field(&self.rules).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: &[&str]) -> Faults {
        Faults::new(rules.iter().map(|r| r.parse().unwrap()).collect(), 7)
    }

    #[test]
    fn the_third_means_the_third_alone() {
        let mut faults = faults(&["place:silent@3"]);
        let got: Vec<_> = (0..5).map(|_| faults.strike(&[What::Place])).collect();
        assert_eq!(got, [None, None, Some(How::Silent), None, None]);
        assert_eq!(faults.strike(&[What::Cancel]), None);
    }

    #[test]
    fn a_share_is_about_right_and_the_same_each_time() {
        let run = || {
            let mut faults = faults(&["rest:http=503%30"]);
            (0..1000)
                .map(|_| faults.strike(&[What::Query, What::Rest]).is_some())
                .collect::<Vec<_>>()
        };
        let struck = run().iter().filter(|s| **s).count();
        assert!((240..360).contains(&struck), "{struck}");
        assert_eq!(run(), run());
    }

    #[test]
    fn without_a_count_every_one_is_struck() {
        let mut faults = faults(&["depth:delay=250", "private:dup"]);
        assert_eq!(faults.strike(&[What::Depth]), Some(How::Delay(250)));
        assert_eq!(faults.strike(&[What::Depth]), Some(How::Delay(250)));
        assert_eq!(faults.strike(&[What::Private]), Some(How::Dup));
    }

    #[test]
    fn what_is_not_understood_is_said_in_one_line() {
        for bad in [
            "place",
            "buy:drop",
            "place:melt",
            "place:drop@0",
            "place:drop%101",
            "place:drop@x",
            "place:delay=-1",
            "place:http=200",
            "place:gap",
            "depth:code=-1007",
            "position:drop",
            "place:adl",
            "place:",
            ":drop",
        ] {
            let error = bad.parse::<Fault>().unwrap_err().to_string();
            assert!(!error.is_empty() && !error.contains('\n'), "{bad}: {error}");
        }
        for good in [
            "place:code=-1007@2",
            "position:adl@5",
            "position:liquidate%3",
        ] {
            assert!(good.parse::<Fault>().is_ok(), "{good}");
        }
    }
}
