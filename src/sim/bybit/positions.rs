//! Positions and what is set for them: leverage, mode.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::Bybit;
use super::call::Call;
use super::category::{Category, wire_name};
use super::digits::{money, own_mark, own_price, own_qty, plain};
use super::error::{Refused, of_market};
use super::params::Params;
use super::shapes::{index, side};
use crate::domain::{Price, Qty};
use crate::sim::market::{Leg, PositionView, Refuse, SymbolNo, SymbolSpec, Trigger};

/// What the wire keeps of a position besides the market: profit with fees taken, as this venue reckons it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ledger {
    /// Signed size, lots.
    pub lots: i64,
    /// Since it was opened, quote currency.
    pub current: Decimal,
    /// Since the account was, quote currency.
    pub total: Decimal,
    /// The sequence number of its last trade; zero when there was none.
    pub seq: u64,
    /// When it was opened, ms.
    pub created_ms: i64,
}

/// Prices at which a position's own stops stand, ticks; the trail's distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    take: Option<Price>,
    stop: Option<Price>,
    trail: Option<Price>,
}

impl Bybit {
    /// True when a long and a short of one symbol stand beside each other.
    pub(super) fn hedge_mode(&self) -> bool {
        let account = self.bourse.market.account(self.account);
        account.is_some_and(|account| account.hedge_mode)
    }

    /// `GET /v5/position/list`. By symbol, flat ones too; by coin, only those that are not.
    pub(super) fn position_list(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let category = Category::read(params)?;
        if category == Category::Spot {
            return Err(Refused::new(10001, "Illegal category"));
        }
        params.limit(20, 200)?;
        let one = params.text("symbol")?.is_some();
        if !one && params.text("settleCoin")?.is_none() {
            return Err(Refused::params("symbol or settleCoin is required"));
        }
        let wanted = self.wanted(category, params, false)?;
        let mut list = Vec::new();
        for symbol in wanted {
            let spec = self.spec(symbol)?;
            let positions = self.bourse.market.positions(self.account, symbol);
            for position in positions.iter().filter(|p| one || p.lots != 0) {
                let mut row = self.position_row(spec, position);
                row.insert("avgPrice".into(), entry(position).into());
                row.insert("mmrSysUpdateTime".into(), "".into());
                list.push(Value::Object(row));
            }
        }
        Ok(json!({"category": category.word(), "list": list, "nextPageCursor": ""}))
    }

    /// A position as the `position` topic tells it.
    pub(super) fn position_told(&self, spec: &SymbolSpec, position: &PositionView) -> Value {
        let mut row = self.position_row(spec, position);
        row.insert("category".into(), Category::of(spec).word().into());
        row.insert("entryPrice".into(), entry(position).into());
        row.insert("mmrSysUpdatedTime".into(), "".into());
        Value::Object(row)
    }

    fn position_row(&self, spec: &SymbolSpec, position: &PositionView) -> Map<String, Value> {
        let ledger = self.ledger(position.symbol, position.leg);
        let bound = self.bound(position.symbol, position.leg);
        let at = |field: Option<Price>| {
            field.map_or_else(|| "0".to_owned(), |ticks| own_price(spec, ticks))
        };
        let margin = position.position_margin + position.order_margin;
        let row = json!({
            "positionIdx": index(position.leg),
            "tradeMode": 0,
            "riskId": 1,
            "riskLimitValue": "2000000",
            "symbol": wire_name(spec),
            "side": position.side().map_or("", side),
            "size": own_qty(spec, Qty(position.lots.saturating_abs())),
            "leverage": position.leverage.to_string(),
            "positionValue": money(position.notional.abs()),
            "positionBalance": money(position.position_margin),
            "markPrice": own_mark(spec, position.mark),
            "positionIM": money(margin),
            "positionMM": money(position.maintenance),
            "takeProfit": at(bound.take),
            "stopLoss": at(bound.stop),
            "trailingStop": at(bound.trail),
            "unrealisedPnl": money(position.unrealised),
            "curRealisedPnl": money(ledger.current),
            "cumRealisedPnl": money(ledger.total),
            "breakEvenPrice": if position.lots == 0 { "".to_owned() } else { money(position.break_even) },
            "sessionAvgPrice": "",
            "createdTime": ledger.created_ms.max(self.started_ms).to_string(),
            "updatedTime": position.updated_ms.max(self.started_ms).to_string(),
            "tpslMode": "Full",
            "liqPrice": position.liquidation.map_or_else(String::new, |at| own_mark(spec, at)),
            "bustPrice": "",
            "positionStatus": "Normal",
            "adlRankIndicator": position.adl_quantile(),
            "autoAddMargin": 0,
            "leverageSysUpdatedTime": "",
            "seq": i64::try_from(ledger.seq).ok().filter(|seq| *seq > 0).unwrap_or(-1),
            "isReduceOnly": false,
        });
        match row {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    pub(super) fn ledger(&self, symbol: SymbolNo, leg: Leg) -> Ledger {
        let kept = self.ledgers.get(&(symbol, index(leg)));
        kept.copied().unwrap_or_default()
    }

    /// The stops of the whole position.
    fn bound(&self, symbol: SymbolNo, leg: Leg) -> Bound {
        let mut bound = Bound::default();
        let waiting = self.bourse.market.open_algos(self.account, Some(symbol));
        let whole = |id: u64| !matches!(self.notes.of(id).stop, "" | "Stop");
        for algo in waiting {
            if algo.ask.leg != leg || algo.ask.qty.is_some() || !whole(algo.id) {
                continue;
            }
            match algo.ask.trigger {
                Trigger::Take(at) => bound.take = Some(at),
                Trigger::Stop(at) => bound.stop = Some(at),
                Trigger::Follow { distance, .. } => bound.trail = Some(distance),
                Trigger::Trail { .. } => {}
            }
        }
        bound
    }

    /// `POST /v5/position/set-leverage`.
    pub(super) fn set_leverage(&mut self, call: &Call) -> Result<Value, Refused> {
        let (category, symbol, spec) = self.symbol(&call.params)?;
        if category == Category::Spot {
            return Err(Refused::new(10001, "Illegal category"));
        }
        let most = spec.max_leverage;
        let buy = read_leverage(&call.params, "buyLeverage", most)?;
        let sell = read_leverage(&call.params, "sellLeverage", most)?;
        if buy != sell {
            return Err(Refused::params(
                "buyLeverage must equal sellLeverage in cross margin",
            ));
        }
        let market = &mut self.bourse.market;
        if market.leverage(self.account, symbol) == Some(buy) {
            return Err(Refused::new(110_043, "leverage not modified"));
        }
        market
            .set_leverage(call.now, self.account, symbol, buy)
            .map_err(|refuse| of_market(refuse, None))?;
        self.news.positions.insert(symbol);
        Ok(json!({}))
    }

    /// `POST /v5/position/switch-mode`. The venue has a mode a symbol; here it is the whole account's.
    pub(super) fn switch_mode(&mut self, call: &Call) -> Result<Value, Refused> {
        let category = Category::read(&call.params)?;
        if category == Category::Spot {
            return Err(Refused::new(10001, "Illegal category"));
        }
        match call.params.text("symbol")? {
            Some(name) => {
                self.symbol_named(category, name)?;
            }
            None => {
                call.params.need("coin")?;
            }
        }
        let hedge = match call.params.int("mode")? {
            Some(0) => false,
            Some(3) => true,
            _ => return Err(Refused::params("mode invalid")),
        };
        self.bourse
            .market
            .set_hedge_mode(self.account, hedge)
            .map_err(|refuse| of_market(refuse, None))?;
        Ok(json!({}))
    }
}

fn entry(position: &PositionView) -> String {
    if position.lots == 0 {
        return "0".to_owned();
    }
    money(position.entry)
}

fn read_leverage(params: &Params, name: &str, most: u32) -> Result<u32, Refused> {
    let wrong = || Refused::params(&format!("{name} invalid"));
    let value: Decimal = params.need(name)?.parse().map_err(|_| wrong())?;
    // The market knows whole leverages only.
    let whole: u32 = plain(value).parse().map_err(|_| wrong())?;
    if (1..=most).contains(&whole) {
        Ok(whole)
    } else {
        Err(of_market(Refuse::LeverageInvalid, None))
    }
}
