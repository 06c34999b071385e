//! Position mode and margin mode: one-way or hedge, crossed or isolated, and margin moved by hand.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::asked::read_leg;
use super::digits::{lots, money, money_or_zero};
use super::error::of_market;
use super::{BinanceFutures, shapes};
use crate::sim::binance::call::Call;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{Leg, PositionView};

impl BinanceFutures {
    /// `POST marginType`.
    pub(super) fn set_margin_type(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let isolated = match call.params.need("marginType")? {
            "ISOLATED" => true,
            "CROSSED" => false,
            _ => return Err(Refused::invalid("marginType")),
        };
        self.bourse
            .market
            .set_isolated(call.now, self.account, symbol, isolated)
            .map_err(|refuse| of_market(refuse, None))?;
        Ok(json!({"code": 200, "msg": "success"}))
    }

    /// Positions come near their liquidation. `cw` stands there only for crossed ones.
    pub(super) fn tell_margin_call(
        &mut self,
        cross_wallet: Option<Decimal>,
        positions: &[PositionView],
        time_ms: i64,
    ) {
        let row = |p: &PositionView| {
            let spec = self.spec(p.symbol).ok()?;
            Some(json!({
                "s": spec.instrument.symbol.as_str(),
                "ps": shapes::leg(p.leg),
                "pa": lots(&spec.instrument, p.lots),
                "mt": if p.isolated { "ISOLATED" } else { "CROSSED" },
                "iw": money_or_zero(p.isolated_wallet),
                "mp": money(p.mark),
                "up": money(p.unrealised),
                "mm": money(p.maintenance),
            }))
        };
        let rows: Vec<Value> = positions.iter().filter_map(row).collect();
        let mut event = json!({"e": "MARGIN_CALL", "E": time_ms, "p": rows});
        if let Some(wallet) = cross_wallet {
            event["cw"] = money(wallet).into();
        }
        self.tell_private("MARGIN_CALL", &event.to_string());
    }

    /// `POST positionMargin`: type 1 adds, type 2 takes out.
    pub(super) fn move_margin(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, _) = self.symbol(&call.params)?;
        let text = call.params.need("amount")?;
        let amount: Decimal = text.parse().map_err(|_| Refused::illegal("amount"))?;
        if amount <= Decimal::ZERO {
            return Err(Refused::new(-4055, "Amount must be positive."));
        }
        let kind = call.params.int("type")?;
        let signed = match kind.ok_or_else(|| Refused::missing("type"))? {
            1 => amount,
            2 => -amount,
            _ => return Err(Refused::invalid("type")),
        };
        let leg = read_leg(&call.params)?;
        self.bourse
            .market
            .move_margin(call.now, self.account, (symbol, leg), signed)
            .map_err(|refuse| of_market(refuse, None))?;
        Ok(json!({
            "amount": super::account::number(amount),
            "code": 200,
            "msg": "Successfully modify position margin.",
            "type": kind,
        }))
    }

    /// `GET positionMargin/history`, oldest first.
    pub(super) fn margin_history(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let (start, end) = call.span()?;
        let limit = call.params.limit(500, 500)?;
        let wanted = call.params.int("type")?;
        let kind = |amount: Decimal| if amount < Decimal::ZERO { 2 } else { 1 };
        let mut changes = self.bourse.market.margin_changes(self.account);
        changes.retain(|c| {
            c.symbol == symbol
                && wanted.is_none_or(|w| w == kind(c.amount))
                && (start..=end).contains(&c.time_ms)
        });
        let skip = changes.len().saturating_sub(limit);
        let row = |c: &crate::sim::market::MarginChange| {
            json!({
                "symbol": spec.instrument.symbol.as_str(),
                "type": kind(c.amount),
                "deltaType": "USER_ADJUST",
                "amount": money(c.amount.abs()),
                "asset": spec.instrument.settle.as_str(),
                "time": c.time_ms,
                "positionSide": shapes::leg(c.leg),
            })
        };
        Ok(changes[skip..].iter().map(row).collect())
    }

    /// `GET adlQuantile`: where positions stand in the queue of auto-deleveraging.
    pub(super) fn adl_quantile(&mut self, call: &Call) -> Result<Value, Refused> {
        let only = self.symbol_if_any(&call.params)?;
        let market = &self.bourse.market;
        let rows = self
            .symbols()
            .filter(|(symbol, _)| only.is_none_or(|one| one == *symbol));
        Ok(rows
            .map(|(symbol, spec)| {
                // HEDGE is there for crossed positions of hedge mode alone, BOTH otherwise.
                let crossed = self.hedge_mode() && !market.is_isolated(self.account, symbol);
                let held = market.positions(self.account, symbol);
                let at = |leg| {
                    let held = held.iter().find(|p| p.leg == leg);
                    held.map_or(0, PositionView::adl_quantile)
                };
                let (long, short) = (at(Leg::Long), at(Leg::Short));
                let (third, value) = if crossed {
                    ("HEDGE", long.max(short))
                } else {
                    ("BOTH", at(Leg::Both))
                };
                json!({
                    "symbol": spec.instrument.symbol.as_str(),
                    "adlQuantile": {"LONG": long, "SHORT": short, third: value},
                })
            })
            .collect())
    }

    /// `GET positionSide/dual`.
    pub(super) fn position_mode(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({"dualSidePosition": self.hedge_mode()}))
    }

    /// `POST positionSide/dual`.
    pub(super) fn set_position_mode(&mut self, call: &Call) -> Result<Value, Refused> {
        let hedge = call
            .params
            .flag("dualSidePosition")?
            .ok_or_else(|| Refused::missing("dualSidePosition"))?;
        self.bourse
            .market
            .set_hedge_mode(self.account, hedge)
            .map_err(|refuse| of_market(refuse, None))?;
        Ok(json!({"code": 200, "msg": "success"}))
    }
}
