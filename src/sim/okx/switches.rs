//! The switch that cancels all orders when its owner falls silent.

use serde_json::json;

use super::Okx;
use super::asked::read_tag;
use super::call::{Call, Told};
use super::error::Refused;
use crate::sim::market::Which;

/// Shortest and longest time of the switch, seconds.
const SWITCH_S: std::ops::RangeInclusive<i64> = 10..=120;

impl Okx {
    /// `POST cancel-all-after`: cancels every order (of a tag, where one is given) unless it is asked again in time.
    pub(super) fn cancel_all_after(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        item.need("timeOut")?;
        let seconds = item.int("timeOut")?.unwrap_or(0);
        let tag = read_tag(item)?.to_owned();
        let trigger = match seconds {
            0 => {
                self.switches.remove(&tag);
                0
            }
            s if SWITCH_S.contains(&s) => {
                let at = call.now.saturating_add(s * 1_000);
                self.switches.insert(tag.clone(), at);
                at
            }
            _ => return Err(Refused::invalid("timeOut")),
        };
        Ok(Told::row(json!({
            "triggerTime": trigger.to_string(),
            "tag": tag,
            "ts": call.now.to_string(),
        })))
    }

    /// Cancels what the switches that ran out cancel. Conditional orders stay: whether the venue cancels them is not documented,
    /// and a position keeps its stop when its owner is gone.
    pub(super) fn fire_switches(&mut self, now: i64) {
        let due: Vec<String> = self
            .switches
            .iter()
            .filter(|(_, at)| now >= **at)
            .map(|(tag, _)| tag.clone())
            .collect();
        for tag in due {
            self.switches.remove(&tag);
            for order in self.bourse.market.open_orders(self.account, None) {
                let note = self.notes.of(order.id);
                if !tag.is_empty() && note.extra.tag != tag {
                    continue;
                }
                note.ends_by = "20";
                let which = Which::Id(order.id);
                let market = &mut self.bourse.market;
                // It is open: it was just listed.
                let _ = market.cancel(now, self.account, order.symbol, which);
            }
        }
    }
}
