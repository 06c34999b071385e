//! Stops that belong to a position (Bybit v5, "Set Trading Stop"): conditional orders that the venue itself keeps for it.

use serde_json::{Value, json};

use super::Bybit;
use super::call::Call;
use super::category::Category;
use super::error::{Refused, of_market};
use super::fields::{is_zero, read_price, read_watch};
use super::found::Found;
use super::notes::{Attached, Note};
use super::params::Params;
use crate::domain::{ClientId, Price, Qty, Side};
use crate::sim::market::{
    AlgoAsk, AlgoView, Kind, Leg, Refuse, SelfTrade, SymbolNo, SymbolSpec, Trigger, Watch,
    WhichAlgo,
};

/// Whose stops.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub symbol: SymbolNo,
    pub leg: Leg,
    /// The side of the order that closes.
    pub side: Side,
}

/// Take profit, stop loss or trailing stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Take,
    Stop,
    Trail,
}

impl Sort {
    const fn of(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Take(_) => Self::Take,
            Trigger::Stop(_) => Self::Stop,
            Trigger::Trail { .. } | Trigger::Follow { .. } => Self::Trail,
        }
    }

    pub const fn note(self, partial: bool) -> Note {
        let (stop, create) = match (self, partial) {
            (Self::Take, false) => ("TakeProfit", "CreateByTakeProfit"),
            (Self::Take, true) => ("PartialTakeProfit", "CreateByPartialTakeProfit"),
            (Self::Stop, false) => ("StopLoss", "CreateByStopLoss"),
            (Self::Stop, true) => ("PartialStopLoss", "CreateByPartialStopLoss"),
            (Self::Trail, _) => ("TrailingStop", "CreateByTrailingStop"),
        };
        Note {
            reason: "EC_NoError",
            cancel: "UNKNOWN",
            create,
            stop,
            close_on_trigger: true,
            partial,
            worked_at: None,
            last_price: None,
            attached: Attached {
                take: None,
                stop: None,
            },
            fee: rust_decimal::Decimal::ZERO,
            fee_asset: None,
            closed_pnl: rust_decimal::Decimal::ZERO,
        }
    }
}

impl Bybit {
    /// `POST /v5/position/trading-stop`.
    pub(super) fn trading_stop(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let (category, symbol, spec) = self.symbol(params)?;
        if category == Category::Spot {
            return Err(Refused::new(10001, "Illegal category"));
        }
        let spec = spec.clone();
        let target = self.target(params, symbol)?;
        match params.need("tpslMode")? {
            "Full" => self.set_whole(call.now, params, &spec, target)?,
            "Partial" => self.add_partial(call.now, params, &spec, target)?,
            _ => return Err(Refused::params("tpslMode invalid")),
        }
        self.news.positions.insert(symbol);
        Ok(json!({}))
    }

    fn target(&self, params: &Params, symbol: SymbolNo) -> Result<Target, Refused> {
        let leg = match params.int("positionIdx")? {
            Some(0) => Leg::Both,
            Some(1) => Leg::Long,
            Some(2) => Leg::Short,
            _ => return Err(Refused::params("positionIdx invalid")),
        };
        if self.hedge_mode() == (leg == Leg::Both) {
            return Err(of_market(Refuse::PositionSide, None));
        }
        let position = self.bourse.market.position_leg(self.account, symbol, leg);
        let held = position.and_then(|position| position.side());
        let side = held.ok_or_else(no_position)?.opposite();
        Ok(Target { symbol, leg, side })
    }

    /// Stops of the whole position: set, moved, or removed with `0`. Nothing is done unless all of it can be.
    fn set_whole(
        &mut self,
        now: i64,
        params: &Params,
        spec: &SymbolSpec,
        target: Target,
    ) -> Result<(), Refused> {
        for name in ["tpOrderType", "slOrderType"] {
            if params.text(name)? == Some("Limit") {
                return Err(Refused::params("tpslMode Full supports Market only"));
            }
        }
        let wishes = self.read_whole(params, spec)?;
        for (sort, wish) in &wishes {
            if let Some((trigger, watch)) = wish
                && self.is_passed(spec, target, *trigger, *watch)
            {
                return Err(wrong_side(*sort, target.side));
            }
        }
        let mut changed = false;
        for (sort, wish) in wishes {
            let old = self.whole_stop(target, sort);
            match (wish, old) {
                (None, Some(old)) => {
                    let found = Found::Waiting(old);
                    changed |= self.end(now, None, &found).is_some();
                }
                (None, None) => {}
                (Some((trigger, watch)), old) => {
                    let ask = closing(target, trigger, watch, None, Kind::Market);
                    changed |= self.put_whole(now, spec, sort, ask, old)?;
                }
            }
        }
        if changed {
            Ok(())
        } else {
            Err(Refused::new(34040, "not modified"))
        }
    }

    /// What is to become of each stop; `None` removes it.
    #[expect(clippy::type_complexity, reason = "a list that is read once")]
    fn read_whole(
        &self,
        params: &Params,
        spec: &SymbolSpec,
    ) -> Result<Vec<(Sort, Option<(Trigger, Watch)>)>, Refused> {
        let mut wishes = Vec::new();
        for (name, by, sort) in [
            ("takeProfit", "tpTriggerBy", Sort::Take),
            ("stopLoss", "slTriggerBy", Sort::Stop),
            ("trailingStop", "", Sort::Trail),
        ] {
            let Some(text) = params.text(name)? else {
                continue;
            };
            if is_zero(text) {
                wishes.push((sort, None));
                continue;
            }
            let at = read_price(params, name, spec)?;
            let wish = match sort {
                Sort::Take => (Trigger::Take(at), read_watch(params, by)?),
                Sort::Stop => (Trigger::Stop(at), read_watch(params, by)?),
                Sort::Trail => (
                    Trigger::Follow {
                        activate: read_activation(params, spec)?,
                        distance: at,
                    },
                    Watch::Last,
                ),
            };
            wishes.push((sort, Some(wish)));
        }
        if wishes.is_empty() {
            return Err(Refused::params(
                "takeProfit, stopLoss or trailingStop is required",
            ));
        }
        Ok(wishes)
    }

    /// True when a stop there would trigger at once.
    fn is_passed(&self, spec: &SymbolSpec, target: Target, trigger: Trigger, watch: Watch) -> bool {
        let market = &self.bourse.market;
        let last = market.ticker(target.symbol).map(|ticker| ticker.last);
        let price = match watch {
            Watch::Last => last.map(|at| spec.instrument.price_decimal(at)),
            Watch::Mark => market.mark(target.symbol).map(|mark| mark.mark),
        };
        let Some(price) = price else {
            return false;
        };
        let (at, above) = match trigger {
            Trigger::Take(at) => (Some(at), target.side == Side::Sell),
            Trigger::Stop(at) => (Some(at), target.side == Side::Buy),
            Trigger::Trail { activate, .. } | Trigger::Follow { activate, .. } => {
                (activate, target.side == Side::Sell)
            }
        };
        at.map(|at| spec.instrument.price_decimal(at))
            .is_some_and(|at| if above { at <= price } else { at >= price })
    }

    fn whole_stop(&self, target: Target, sort: Sort) -> Option<AlgoView> {
        let waiting = self
            .bourse
            .market
            .open_algos(self.account, Some(target.symbol));
        waiting.into_iter().find(|algo| {
            algo.ask.leg == target.leg
                && algo.ask.qty.is_none()
                && Sort::of(algo.ask.trigger) == sort
                && !matches!(self.notes.of(algo.id).stop, "" | "Stop")
        })
    }

    /// Puts a stop of the whole position, or moves the one there is, which keeps its id. False: it stands so already.
    fn put_whole(
        &mut self,
        now: i64,
        spec: &SymbolSpec,
        sort: Sort,
        ask: AlgoAsk,
        old: Option<AlgoView>,
    ) -> Result<bool, Refused> {
        let market = &mut self.bourse.market;
        let last = market.ticker(ask.symbol).map(|ticker| ticker.last);
        let done = match old {
            Some(old) => market.amend_algo(now, self.account, WhichAlgo::Id(old.id), ask),
            None => {
                self.unnamed += 1;
                let client = ClientId::new(&format!(":{}", self.unnamed)).ok();
                market.place_algo(now, self.account, AlgoAsk { client, ..ask })
            }
        };
        match done {
            Ok(algo) => {
                let mut note = sort.note(false);
                note.last_price = last;
                self.notes.keep(algo.id, note);
                Ok(true)
            }
            Err(Refuse::NoChange) => Ok(false),
            Err(Refuse::WouldTrigger) => Err(wrong_side(sort, ask.side)),
            Err(refuse) => Err(of_market(refuse, Some(spec))),
        }
    }

    /// What an order brought to its position takes the place of what the position had.
    pub(super) fn attach(&mut self, now: i64, symbol: SymbolNo, leg: Leg, attached: Attached) {
        let Ok(spec) = self.spec(symbol).cloned() else {
            return;
        };
        let position = self.bourse.market.position_leg(self.account, symbol, leg);
        let Some(held) = position.and_then(|position| position.side()) else {
            return;
        };
        let target = Target {
            symbol,
            leg,
            side: held.opposite(),
        };
        let take = attached
            .take
            .map(|(at, by)| (Sort::Take, Trigger::Take(at), by));
        let stop = attached
            .stop
            .map(|(at, by)| (Sort::Stop, Trigger::Stop(at), by));
        for (sort, trigger, watch) in take.into_iter().chain(stop) {
            let ask = closing(target, trigger, watch, None, Kind::Market);
            let old = self.whole_stop(target, sort);
            // One whose price is passed already is dropped: the order that brought it has had its answer long since.
            let _ = self.put_whole(now, &spec, sort, ask, old);
        }
    }
}

pub(super) const fn closing(
    target: Target,
    trigger: Trigger,
    watch: Watch,
    qty: Option<Qty>,
    kind: Kind,
) -> AlgoAsk {
    AlgoAsk {
        symbol: target.symbol,
        client: None,
        side: target.side,
        leg: target.leg,
        trigger,
        watch,
        protect: false,
        kind,
        qty,
        reduce_only: qty.is_some(),
        self_trade: SelfTrade::Allow,
    }
}

fn read_activation(params: &Params, spec: &SymbolSpec) -> Result<Option<Price>, Refused> {
    match params.text("activePrice")? {
        None => Ok(None),
        Some(text) if is_zero(text) => Ok(None),
        Some(_) => read_price(params, "activePrice", spec).map(Some),
    }
}

fn no_position() -> Refused {
    Refused::new(10001, "can not set tp/sl/ts for zero position")
}

/// A stop on the side of the price on which it would trigger at once.
pub(super) fn wrong_side(sort: Sort, closes: Side) -> Refused {
    let held = super::shapes::side(closes.opposite());
    let (name, place) = match (sort, closes) {
        (Sort::Take, Side::Sell) => ("TakeProfit", "higher"),
        (Sort::Take, Side::Buy) => ("TakeProfit", "lower"),
        (Sort::Stop, Side::Sell) => ("StopLoss", "lower"),
        (Sort::Stop, Side::Buy) => ("StopLoss", "higher"),
        (Sort::Trail, Side::Sell) => ("ActivePrice", "higher"),
        (Sort::Trail, Side::Buy) => ("ActivePrice", "lower"),
    };
    Refused::new(
        10001,
        format!("{name} set for {held} position should be {place} than base_price"),
    )
}
