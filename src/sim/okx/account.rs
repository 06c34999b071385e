//! The account: balances, positions, leverage, position mode, fees, and how much more could be traded.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::call::{Call, Told};
use super::coins::{Detail, isolated};
use super::digits::plain;
use super::error::{Refused, of_market};
use super::params::Params;
use super::shapes::{self, Rest, is_spot};
use super::{Okx, ids};
use crate::domain::Asset;
use crate::sim::market::{AccountView, Leg, PositionView, Refuse, SymbolNo, SymbolSpec};

impl Okx {
    /// True when a long and a short of one symbol stand beside each other.
    pub(super) fn is_hedged(&self) -> bool {
        self.money().is_ok_and(|view| view.hedge_mode)
    }

    pub(super) fn money(&self) -> Result<AccountView, Refused> {
        let view = self.bourse.market.account(self.account);
        view.ok_or_else(|| of_market(Refuse::UnknownAccount, None))
    }

    /// `GET account/balance`
    pub(super) fn balance(&mut self, call: &Call) -> Result<Told, Refused> {
        let wanted = call.one()?.get("ccy");
        let named =
            |asset: Asset| wanted.is_none_or(|list| list.split(',').any(|c| c == asset.as_str()));
        Ok(Told::row(self.balance_row(call.now, named)?))
    }

    /// The account's row with the coins that `wants` accepts.
    pub(super) fn balance_row(
        &self,
        now: i64,
        wants: impl Fn(Asset) -> bool,
    ) -> Result<Value, Refused> {
        let view = self.money()?;
        let balances = self.bourse.market.balances(self.account);
        let mut total = Decimal::ZERO;
        let mut details = Vec::new();
        for balance in balances {
            let own = balance.asset == view.spec.asset;
            let upl = if own { view.unrealised } else { Decimal::ZERO };
            let equity = balance.total + upl;
            let worth = equity * self.worth_of(balance.asset);
            total += worth;
            if !wants(balance.asset) || (!own && balance.total.is_zero()) {
                continue;
            }
            let free = if own {
                view.available.min(balance.free())
            } else {
                balance.free()
            };
            let margin = if own {
                view.order_margin
            } else {
                Decimal::ZERO
            };
            let detail = Detail {
                asset: balance.asset,
                cash: balance.total,
                equity,
                free,
                ordered: balance.locked + margin,
                worth,
                price: self.worth_of(balance.asset),
            };
            details.push(Value::Object(detail.row(own.then_some(&view), now)));
        }
        Ok(json!({
            "adjEq": "",
            "borrowFroz": "",
            "details": details,
            "imr": "",
            "isoEq": plain(isolated(&view)),
            "mgnRatio": "",
            "mmr": "",
            "notionalUsd": "",
            "ordFroz": "",
            "totalEq": plain(total.round_dp(8)),
            "uTime": now.to_string(),
            "upl": "",
        }))
    }

    /// What a coin is worth, USDT.
    fn worth_of(&self, asset: Asset) -> Decimal {
        let mut pairs = self.symbols().filter(|(_, spec)| is_spot(spec));
        let pair = pairs.find(|(_, spec)| spec.instrument.base == asset);
        let last = pair.and_then(|(symbol, spec)| {
            let day = self.bourse.market.ticker(symbol)?;
            Some(spec.instrument.price_decimal(day.last))
        });
        last.unwrap_or(Decimal::ONE)
    }

    /// `GET account/positions`: those that are open.
    pub(super) fn positions(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let kind = item.get("instType").is_none_or(|kind| kind == "SWAP");
        let mut named = item.get("instId").unwrap_or_default().split(',');
        let named: Vec<&str> = named.by_ref().filter(|name| !name.is_empty()).collect();
        let wants = |spec: &SymbolSpec| {
            kind && (named.is_empty() || named.contains(&spec.instrument.symbol.as_str()))
        };
        let open = self.open_positions();
        let rows = open.iter().filter(|p| self.spec(p.symbol).is_ok_and(wants));
        let rows = rows.filter_map(|p| self.position_row(p, call.now));
        Ok(Told::Rows(rows.map(Value::Object).collect()))
    }

    /// Positions that are not flat.
    pub(super) fn open_positions(&self) -> Vec<PositionView> {
        let market = &self.bourse.market;
        let symbols = self.symbol_numbers().into_iter();
        let all = symbols.flat_map(|symbol| market.positions(self.account, symbol));
        all.filter(|position| position.lots != 0).collect()
    }

    /// A position's row.
    pub(super) fn position_row(
        &self,
        position: &PositionView,
        now: i64,
    ) -> Option<Map<String, Value>> {
        let spec = self.spec(position.symbol).ok()?;
        let market = &self.bourse.market;
        let view = self.money().ok()?;
        let mark = market.mark(position.symbol)?;
        let day = market.ticker(position.symbol)?;
        let rest = Rest {
            balance: view.cross_wallet + view.cross_unrealised,
            maintenance: view.maintenance,
            last: spec.instrument.price_decimal(day.last),
            index: mark.index,
        };
        let life = self.lives.of(position.symbol, position.leg);
        let shown = (position.symbol, position);
        Some(shapes::position(spec, shown, &life, now, &rest))
    }

    /// `GET account/leverage-info`: one symbol has one leverage here, in whichever mode.
    pub(super) fn leverage_info(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let mode = item.need("mgnMode")?.to_owned();
        if !matches!(mode.as_str(), "cross" | "isolated") {
            return Err(Refused::invalid("mgnMode"));
        }
        let mut rows = Vec::new();
        for name in item.need("instId")?.split(',') {
            let symbol = self.bourse.market.symbol_no(name);
            let symbol = symbol.ok_or_else(Refused::instrument)?;
            let apart = self.is_hedged() && mode == "isolated";
            let sides: &[&str] = if apart { &["long", "short"] } else { &["net"] };
            for side in sides {
                rows.push(json!({
                    "ccy": "",
                    "instId": name,
                    "mgnMode": mode,
                    "posSide": side,
                    "lever": self.lever(symbol),
                }));
            }
        }
        Ok(Told::Rows(rows))
    }

    /// `POST account/set-leverage`
    pub(super) fn set_leverage(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let mode = item.need("mgnMode")?;
        if !matches!(mode, "cross" | "isolated") {
            return Err(Refused::invalid("mgnMode"));
        }
        let text = item.need("lever")?;
        let (symbol, spec) = self.symbol(item)?;
        let name = spec.instrument.symbol;
        let side = self.leverage_side(item, mode)?;
        let lever: Decimal = text.parse().map_err(|_| Refused::invalid("lever"))?;
        let whole = u32::try_from(lever.trunc())
            .ok()
            .filter(|_| lever.fract().is_zero());
        let leverage = whole.ok_or_else(|| Refused::invalid("lever"))?;
        self.bourse
            .market
            .set_leverage(call.now, self.account, symbol, leverage)
            .map_err(|refuse| of_market(refuse, None))?;
        Ok(Told::row(json!({
            "lever": leverage.to_string(),
            "mgnMode": mode,
            "instId": name.as_str(),
            "posSide": side,
        })))
    }

    /// `posSide` is wanted in isolated mode of long/short accounts alone.
    fn leverage_side(&self, item: &Params, mode: &str) -> Result<&'static str, Refused> {
        let apart = self.is_hedged() && mode == "isolated";
        match item.get("posSide") {
            None | Some("net") if !apart => Ok("net"),
            Some("long") if apart => Ok("long"),
            Some("short") if apart => Ok("short"),
            // Over crossed positions of a long/short account it says nothing.
            Some("long" | "short") if self.is_hedged() => Ok("net"),
            _ => Err(Refused::invalid("posSide")),
        }
    }

    /// `POST account/set-position-mode`
    pub(super) fn set_position_mode(&mut self, call: &Call) -> Result<Told, Refused> {
        let mode = call.one()?.need("posMode")?;
        let hedge = match mode {
            "long_short_mode" => true,
            "net_mode" => false,
            _ => return Err(Refused::invalid("posMode")),
        };
        match self.bourse.market.set_hedge_mode(self.account, hedge) {
            Ok(()) | Err(Refuse::PositionModeNoChange) => Ok(Told::row(json!({"posMode": mode}))),
            Err(refuse) => Err(of_market(refuse, None)),
        }
    }

    /// `POST account/position/margin-balance`
    pub(super) fn move_margin(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.symbol(item)?;
        let spec = spec.clone();
        let leg = match item.need("posSide")? {
            "net" => Leg::Both,
            "long" => Leg::Long,
            "short" => Leg::Short,
            _ => return Err(Refused::invalid("posSide")),
        };
        let kind = item.need("type")?;
        let amount: Decimal = item
            .need("amt")?
            .parse()
            .map_err(|_| Refused::invalid("amt"))?;
        let signed = match kind {
            "add" if amount > Decimal::ZERO => amount,
            "reduce" if amount > Decimal::ZERO => -amount,
            "add" | "reduce" => return Err(Refused::invalid("amt")),
            _ => return Err(Refused::invalid("type")),
        };
        self.bourse
            .market
            .move_margin(call.now, self.account, (symbol, leg), signed)
            .map_err(|refuse| of_market(refuse, None))?;
        Ok(Told::row(json!({
            "amt": plain(amount),
            "ccy": spec.instrument.settle.as_str(),
            "instId": spec.instrument.symbol.as_str(),
            "leverage": self.lever(symbol),
            "posSide": ids::leg(leg),
            "type": kind,
        })))
    }

    /// `GET account/trade-fee`: below zero is paid.
    pub(super) fn trade_fee(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let kind = item.need("instType")?;
        if item.get("instId").is_some() {
            self.symbol(item)?;
        }
        let spec = self.money()?.spec;
        let (maker, taker) = match kind {
            "SPOT" => (spec.spot.maker_fee, spec.spot.taker_fee),
            "SWAP" => (spec.maker_fee, spec.taker_fee),
            _ => return Err(Refused::invalid("instType")),
        };
        let (maker, taker) = (plain(-maker), plain(-taker));
        // Those of contracts that are margined in USDT stand in fields of their own.
        let own = |text: &str| {
            if kind == "SWAP" {
                text.to_owned()
            } else {
                String::new()
            }
        };
        Ok(Told::row(json!({
            "category": "1",
            "delivery": "",
            "exercise": "",
            "feeGroup": [],
            "fiat": [],
            "instType": kind,
            "level": "Lv1",
            "maker": maker,
            "makerU": own(&maker),
            "makerUSDC": "",
            "ruleType": "normal",
            "taker": taker,
            "takerU": own(&taker),
            "takerUSDC": "",
            "ts": call.now.to_string(),
        })))
    }

    /// How many contracts or coins the free margin or balance buys and sells at the best price, lots.
    fn most(&self, symbol: SymbolNo, spec: &SymbolSpec) -> Result<(i64, i64), Refused> {
        let i = &spec.instrument;
        let market = &self.bourse.market;
        let best = market.best(symbol);
        let at = best.ask.or(best.bid).map_or(i.min_price, |l| l.price);
        let lot_worth = i.price_decimal(at) * i.lot.decimal(1) * i.multiplier;
        let view = self.money()?;
        let lots = |money: Decimal| {
            let count = money.checked_div(lot_worth).unwrap_or_default().trunc();
            i64::try_from(count).unwrap_or(0)
        };
        if is_spot(spec) {
            let base = market.balance(self.account, i.base);
            let held = base.map_or(Decimal::ZERO, |b| b.free());
            return Ok((lots(view.available), i.lot.floor(held).unwrap_or(0)));
        }
        let leverage = market.leverage(self.account, symbol).unwrap_or(1);
        let most = lots(view.available * Decimal::from(leverage));
        Ok((most, most))
    }

    /// `GET account/max-size`
    pub(super) fn max_size(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.symbol(item)?;
        self.asked_mode(item, symbol)?;
        let (buy, sell) = self.most(symbol, spec)?;
        let i = &spec.instrument;
        Ok(Told::row(json!({
            "ccy": i.settle.as_str(),
            "instId": i.symbol.as_str(),
            "maxBuy": super::digits::lots(i, buy),
            "maxSell": super::digits::lots(i, sell),
        })))
    }

    /// `GET account/max-avail-size`: money for a buy and a sell, of spot coins for a sell.
    pub(super) fn max_available(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.symbol(item)?;
        self.asked_mode(item, symbol)?;
        let i = &spec.instrument;
        let free = self.money()?.available;
        let coins = self.bourse.market.balance(self.account, i.base);
        let sell = match coins {
            Some(coins) if is_spot(spec) => coins.free(),
            _ => free,
        };
        Ok(Told::row(json!({
            "instId": i.symbol.as_str(),
            "availBuy": plain(free),
            "availSell": plain(sell),
        })))
    }
}
