//! Stops of parts of a position (`tpslMode` Partial): such can only be added, and end with the position.

use super::Bybit;
use super::error::{Refused, of_market};
use super::fields::{is_zero, read_price, read_qty, read_watch};
use super::params::Params;
use super::stops::{Sort, Target, closing, wrong_side};
use crate::domain::{ClientId, Qty};
use crate::sim::market::{
    AlgoAsk, AlgoView, Kind, Leg, Refuse, SymbolNo, SymbolSpec, Tif, Trigger,
};

/// Partial stops of one position.
const MOST_PARTIAL: usize = 20;

impl Bybit {
    /// Stops of a part of the position; such can only be added.
    pub(super) fn add_partial(
        &mut self,
        now: i64,
        params: &Params,
        spec: &SymbolSpec,
        target: Target,
    ) -> Result<(), Refused> {
        let sides = [
            (
                "takeProfit",
                "tpTriggerBy",
                "tpSize",
                "tpOrderType",
                "tpLimitPrice",
                Sort::Take,
            ),
            (
                "stopLoss",
                "slTriggerBy",
                "slSize",
                "slOrderType",
                "slLimitPrice",
                Sort::Stop,
            ),
        ];
        let mut asks = Vec::new();
        let mut sizes: Vec<Qty> = Vec::new();
        for (name, by, size, kind, limit, sort) in sides {
            if params.text(name)?.is_none_or(is_zero) {
                continue;
            }
            let at = read_price(params, name, spec)?;
            let trigger = match sort {
                Sort::Take => Trigger::Take(at),
                Sort::Stop | Sort::Trail => Trigger::Stop(at),
            };
            let qty = read_qty(params, size, spec)?;
            let kind = match params.text(kind)? {
                None | Some("Market") => Kind::Market,
                Some("Limit") => Kind::Limit {
                    price: read_price(params, limit, spec)?,
                    tif: Tif::Gtc,
                },
                Some(_) => return Err(Refused::params("tpOrderType invalid")),
            };
            sizes.push(qty);
            let watch = read_watch(params, by)?;
            asks.push((sort, closing(target, trigger, watch, Some(qty), kind)));
        }
        if asks.is_empty() {
            return Err(Refused::params("takeProfit or stopLoss is required"));
        }
        if sizes.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(Refused::params("tpSize must equal slSize"));
        }
        if self.partial_stops(target.symbol, target.leg).len() + asks.len() > MOST_PARTIAL {
            return Err(Refused::new(
                110_060,
                "Cannot have more than 20 TP/SLs under Partial tpSlMode",
            ));
        }
        for (sort, ask) in asks {
            self.unnamed += 1;
            let client = ClientId::new(&format!(":{}", self.unnamed)).ok();
            let ask = AlgoAsk { client, ..ask };
            let placed = self.bourse.market.place_algo(now, self.account, ask);
            let algo = placed.map_err(|refuse| match refuse {
                Refuse::WouldTrigger => wrong_side(sort, ask.side),
                _ => of_market(refuse, Some(spec)),
            })?;
            self.notes.keep(algo.id, sort.note(true));
        }
        Ok(())
    }

    /// Waiting stops of parts of a position.
    pub(super) fn partial_stops(&self, symbol: SymbolNo, leg: Leg) -> Vec<AlgoView> {
        let mut waiting = self.bourse.market.open_algos(self.account, Some(symbol));
        waiting.retain(|algo| algo.ask.leg == leg && self.notes.of(algo.id).partial);
        waiting
    }
}
