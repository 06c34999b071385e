//! Which keys are likely now, and what each would do: a preview, a refusal, or a few words.

use crate::domain::{Environment, Intent, Price, Side, Stamp};

use super::action::Action;
use super::arm::Armed;
use super::desk::Desk;
use super::event::Press;
use super::market::Market;
use super::preview::{self, Preview};

/// One line at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Names in `ACTIONS` of the keys that it speaks of: several where all are refused for the same reason.
    pub actions: Vec<&'static str>,
    /// What they would do.
    pub outcome: Outcome,
}

/// What a key would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// In words.
    Words(String),
    /// In numbers.
    Does(Box<Preview>),
    /// Nothing, and why.
    Refused(String),
}

/// The likely keys of a market, most useful first; `cursor` is the price under the cursor where there is one on the screen.
/// Empty while no price is known.
pub fn lines(desk: &Desk, market: &Market, now: Stamp, cursor: Option<Price>) -> Vec<Line> {
    if market.instrument.is_none() || desk.settings().environment == Environment::Replay {
        return Vec::new();
    }
    let armed = desk.arm().state();
    let mut lines: Vec<Line> = arm(desk, armed).into_iter().collect();
    if armed == Armed::Locked {
        return lines;
    }
    lines.extend(cancel(desk, market));
    let press = |action| Press {
        action,
        key: market.key,
        cursor,
        row: None,
        pointed: false,
        drawn: (market.best(Side::Buy), market.best(Side::Sell)),
        at: now,
    };
    for action in likely(market, cursor) {
        let outcome = preview::of(desk, now, &press(action));
        if let Some((row, outcome)) = action.row().zip(outcome) {
            add(&mut lines, row.name, outcome);
        }
    }
    lines
}

/// Adds what a key would do; keys that are refused for one reason share a line.
fn add(lines: &mut Vec<Line>, name: &'static str, outcome: Result<Preview, String>) {
    let outcome = match outcome {
        Ok(preview) => Outcome::Does(Box::new(preview)),
        Err(why) => Outcome::Refused(why),
    };
    let refused = matches!(outcome, Outcome::Refused(_));
    match lines.iter_mut().find(|line| line.outcome == outcome) {
        Some(line) if refused => line.actions.push(name),
        _ => lines.push(Line {
            actions: vec![name],
            outcome,
        }),
    }
}

/// The keys worth a look: those of the selected order, those at the cursor, the close, then the market's own prices.
fn likely(market: &Market, cursor: Option<Price>) -> Vec<Action> {
    let mut out = Vec::with_capacity(14);
    if market.selected.is_some() {
        out.extend(cursor.map(|_| Action::MoveToCursor));
        out.extend([Action::Move(1), Action::Move(-1), Action::Resize]);
    }
    let held = market.ledger.side();
    if let Some(cursor) = cursor {
        let below = market.best(Side::Buy).is_some_and(|bid| cursor <= bid);
        let near = if below { Side::Buy } else { Side::Sell };
        out.push(Action::AtCursor(near));
        // A long is left below by the stop and above by the take; a short the other way.
        out.extend(held.map(|held| {
            if held == near {
                Action::StopAtCursor
            } else {
                Action::TakeAtCursor
            }
        }));
        out.push(Action::AtCursor(near.opposite()));
    }
    out.extend(held.map(|_| Action::Close(100)));
    let first = held.map_or(Side::Buy, Side::opposite);
    let sides = [first, first.opposite()];
    out.extend(
        sides
            .map(|side| [Action::Join(side), Action::Now(side)])
            .concat(),
    );
    out.extend(sides.map(Action::Improve));
    out
}

/// What the arming key would do; nothing where it would do nothing.
fn arm(desk: &Desk, armed: Armed) -> Option<Line> {
    let words = match (armed, desk.arm().barred()) {
        (Armed::Armed, _) => return None,
        (Armed::Locked, Some(why)) if desk.is_busy() => format!("lets exits through; {why}"),
        (_, Some(_)) => return None,
        (_, None) if desk.settings().limits_accepted => format!("arms {}", desk.arm_line()),
        (_, None) => "shows your limits, and arms once you accept them".to_owned(),
    };
    Some(Line {
        actions: vec!["arm-1"],
        outcome: Outcome::Words(words),
    })
}

fn cancel(desk: &Desk, market: &Market) -> Option<Line> {
    let entries = desk
        .of_symbol(market.key)
        .flat_map(|market| market.orders.live())
        .filter(|order| order.intent == Intent::Entry && !order.external)
        .count();
    let words = match entries {
        0 => return None,
        1 => "cancels 1 entry".to_owned(),
        more => format!("cancels {more} entries"),
    };
    Some(Line {
        actions: vec!["cancel-entries"],
        outcome: Outcome::Words(words),
    })
}
