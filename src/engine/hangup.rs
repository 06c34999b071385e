//! The screen went away: what the trader chose beforehand is done, and only what is proved counts as done. Rule 8.

use crate::domain::{ClientId, Intent, MarketKey, OrderStatus, Stamp, TimeInForce};

use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Market;
use super::protect::takes;
use super::settings::OnHangup;
use super::working::Order;
use super::{cancel, panic, record, replace};

/// What the policy ordered.
#[derive(Clone, Debug, Default)]
pub(super) struct HangUp {
    cancels: Vec<(MarketKey, ClientId)>,
}

/// Begins the policy; a second hang-up changes nothing.
pub(super) fn begin(desk: &mut Desk, now: Stamp, why: &str, out: &mut Effects) {
    if desk.hangup.is_some() {
        return;
    }
    let open = desk.busy_markets().next().is_some();
    let mut ordered = HangUp::default();
    let words = match desk.settings.on_hangup {
        OnHangup::Leave => "everything is left as it is",
        OnHangup::CancelEntries => {
            cancel::own_entries(desk, now, out);
            ordered.cancels = cancelling(desk);
            "entries end; stops, exits and position stay"
        }
        OnHangup::Flatten => {
            flatten(desk, now, out);
            "cancelling and closing everything"
        }
    };
    if open {
        let words = format!("{why}: {words}");
        out.journal(record::note(now, desk.settings.account.as_str(), &words));
        out.notice(Loudness::Alarm, words);
    }
    desk.hangup = Some(ordered);
}

fn cancelling(desk: &Desk) -> Vec<(MarketKey, ClientId)> {
    desk.markets()
        .flat_map(|m| m.orders.live().map(move |o| (m.key, o)))
        .filter(|(_, order)| order.cancelling.is_some())
        .map(|(key, order)| (key, order.order.client))
        .collect()
}

fn flatten(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    let busy: Vec<MarketKey> = desk
        .markets()
        .filter(|m| m.ledger.side().is_some() || m.orders.live().next().is_some())
        .map(|m| m.key)
        .collect();
    for key in busy {
        if let Err(words) = panic::symbol(desk, now, key, out) {
            out.notice(Loudness::Alarm, words);
        }
    }
}

/// True when nothing that the policy ordered is still unproved.
pub(super) fn is_settled(desk: &Desk) -> bool {
    let Some(ordered) = &desk.hangup else {
        return true;
    };
    let ended = |(key, id): &(MarketKey, ClientId)| {
        desk.market(key)
            .and_then(|m| m.orders.get(*id))
            .is_none_or(|o| !o.is_live())
    };
    let panics =
        desk.settings.on_hangup == OnHangup::Flatten && desk.markets().any(|m| m.panic.is_some());
    ordered.cancels.iter().all(ended) && !panics && desk.markets().all(|m| exits_stand(desk, m))
}

/// Every exit that stays is proved to rest; none is still filling, or gone from one place and not at the other.
fn exits_stand(desk: &Desk, market: &Market) -> bool {
    let is_open = |order: &Order| {
        let rests = order.status == OrderStatus::Working && order.tif != Some(TimeInForce::Ioc);
        !rests || replace::is_running(market, order.order.client)
    };
    let mut exits = market.orders.live().filter(|o| o.intent == Intent::Exit);
    !exits.any(is_open) && !takes::is_between(desk, market)
}
