//! Closing a position whole, at the market.

use serde_json::json;

use super::asked::{read_client, read_tag};
use super::call::{Call, Told};
use super::error::{Refused, of_market};
use super::{Okx, ids};
use crate::domain::{Qty, Side};
use crate::sim::market::{Kind, Leg, Refuse, SelfTrade, Submit, Which};

impl Okx {
    /// `POST close-position`: all of a position at the market.
    pub(super) fn close_position(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.ordered(call, item)?;
        let isolated = match item.need("mgnMode")? {
            "cross" => false,
            "isolated" => true,
            _ => return Err(Refused::invalid("mgnMode")),
        };
        let leg = self.read_leg(item, &spec)?;
        let market = &mut self.bourse.market;
        let held = market.position_leg(self.account, symbol, leg);
        let held = held.filter(|p| p.lots != 0 && p.isolated == isolated);
        let held = held.ok_or_else(|| of_market(Refuse::CloseNeedsPosition, None))?;
        let side = if held.lots > 0 { Side::Sell } else { Side::Buy };
        let open = market.open_orders(self.account, Some(symbol));
        let closing: Vec<_> = open
            .into_iter()
            .filter(|o| o.reduce_only && o.leg == leg && o.side == side)
            .collect();
        if !closing.is_empty() && item.flag("autoCxl")? != Some(true) {
            return Err(Refused::new(
                51115,
                "Cancel all pending close orders before liquidation.",
            ));
        }
        for order in closing {
            // Each is open: it was just listed.
            let _ = market.cancel(call.now, self.account, symbol, Which::Id(order.id));
        }
        let ask = Submit {
            symbol,
            client: read_client(item, "clOrdId")?,
            side,
            leg,
            kind: Kind::Market,
            qty: Qty(held.lots.abs()).min(spec.instrument.max_market_qty),
            reduce_only: leg == Leg::Both,
            self_trade: SelfTrade::ExpireMaker,
        };
        let order = market
            .submit(call.now, self.account, ask)
            .map_err(|refuse| of_market(refuse, Some(&spec)))?;
        let tag = read_tag(item)?;
        tag.clone_into(&mut self.notes.of(order.id).extra.tag);
        Ok(Told::row(json!({
            "clOrdId": item.get("clOrdId").unwrap_or_default(),
            "instId": spec.instrument.symbol.as_str(),
            "posSide": ids::leg(leg),
            "tag": tag,
        })))
    }
}
