//! `:set risk.NAME VALUE`: tighter at once, looser after 15 minutes, never beyond the settings file; and what is looked at only.

use crate::domain::{Cap, MarketKey, Stamp, Symbol};
use crate::engine::arm::Armed;
use crate::engine::desk::Desk;
use crate::engine::effect::{Effects, Loudness};
use crate::engine::suggest::Chosen;
use crate::engine::words;

use super::kept::Loosening;
use super::limit::{self, LimitRow};
use super::{LOOSENS_MS, remember};

/// Sets one limit by its name; those of a symbol for the market's.
///
/// # Errors
/// Why it is not set, for the trader.
pub(in crate::engine) fn set(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    (name, value): (&str, &str),
    out: &mut Effects,
) -> Result<(), String> {
    let row = LimitRow::named(name).ok_or_else(|| format!("no setting {name}"))?;
    let symbol = row.by_symbol.then_some(key.symbol);
    let cap = row.read(value)?;
    let most = row.get(&desk.guard.outer, symbol);
    if cap > most {
        return Err(format!(
            "your settings file allows {name} {most} at the most"
        ));
    }
    let held = desk
        .guard
        .held(row, symbol)
        .unwrap_or_else(|| row.get(&desk.settings.limits, symbol));
    let kept = desk.guard.kept.limits.entry(row.kept_name(symbol));
    let kept = kept.or_default();
    kept.wish = Some(cap);
    if cap > held {
        let at_ms = now.wall_ms().saturating_add(LOOSENS_MS);
        let waits = Loosening { to: cap, at_ms };
        kept.held = Some(held);
        kept.loosens = Some(waits);
        let words = goes(row, symbol, waits);
        out.notice(
            Loudness::Warn,
            format!("{words}; set it to {held} to withdraw"),
        );
    } else {
        let withdrawn = kept.loosens.take().is_some();
        kept.held = Some(cap);
        row.put(&mut desk.settings.limits, symbol, cap);
        let more = if withdrawn { ", nothing waits" } else { "" };
        let words = stands(row, symbol, cap);
        out.notice(Loudness::Info, format!("{words}{more}"));
    }
    remember(desk, now, out);
    Ok(())
}

/// The limits of the first arming: never looser than what is in force.
pub(in crate::engine) fn accept(desk: &mut Desk, chosen: Chosen) {
    chosen.put(&mut desk.settings.limits);
    let limits = &desk.settings.limits;
    for name in [limit::DAY_LOSS, limit::POSITION, limit::ORDER] {
        let row = limit::LIMITS.iter().find(|row| row.kept_name(None) == name);
        let cap = row.map(|row| row.get(limits, None));
        let kept = desk.guard.kept.limits.entry(name.to_owned()).or_default();
        kept.wish = cap;
        kept.held = cap;
        kept.loosens = None;
    }
}

/// Entries of a market's symbol wait: `on` at once, off only while ARMED.
///
/// # Errors
/// Why not, for the trader.
pub(in crate::engine) fn view_only(
    desk: &mut Desk,
    key: MarketKey,
    on: bool,
    out: &mut Effects,
) -> Result<(), String> {
    let symbol = key.symbol;
    if on {
        desk.settings.view_only.insert(symbol);
        out.notice(Loudness::Warn, format!("{symbol} is view-only: exits work"));
        return Ok(());
    }
    if desk.arm.state() != Armed::Armed {
        return Err(format!("{symbol} stays view-only: arm first"));
    }
    desk.settings.view_only.remove(&symbol);
    out.notice(
        Loudness::Warn,
        format!("{symbol} is not view-only any more"),
    );
    Ok(())
}

/// Looser limits that wait, in words.
pub fn pending(desk: &Desk) -> Vec<String> {
    let guard = &desk.guard;
    if guard
        .kept
        .limits
        .values()
        .all(|kept| kept.loosens.is_none())
    {
        return Vec::new();
    }
    let waits = |(row, symbol): (&LimitRow, Option<Symbol>)| {
        let kept = guard.kept.limits.get(&row.kept_name(symbol))?;
        Some(goes(row, symbol, kept.loosens?))
    };
    LimitRow::every(&guard.outer, &guard.kept)
        .into_iter()
        .filter_map(waits)
        .collect()
}

/// `risk.max_position of BTCUSDT goes to 2 at 14:35 UTC`.
pub(super) fn goes(row: &LimitRow, symbol: Option<Symbol>, waits: Loosening) -> String {
    let at = words::utc(waits.at_ms);
    format!("{} goes to {} at {at}", named(row, symbol), waits.to)
}

/// `risk.max_position of BTCUSDT is 2`.
pub(super) fn stands(row: &LimitRow, symbol: Option<Symbol>, cap: Cap) -> String {
    format!("{} is {cap}", named(row, symbol))
}

fn named(row: &LimitRow, symbol: Option<Symbol>) -> String {
    match symbol {
        Some(symbol) => format!("{} of {symbol}", row.name),
        None => row.name.to_owned(),
    }
}
