//! Questions about the one account and its settings.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::digits::{money, plain};
use super::error::of_market;
use super::{BinanceFutures, LIMITS, shapes};
use crate::sim::binance::call::Call;
use crate::sim::binance::refused::Refused;
use crate::sim::keys::Right;
use crate::sim::market::{AccountView, IncomeKind, PositionView, SymbolNo};

impl BinanceFutures {
    /// The account's money. Before the first change it carries the opening time: clients take an asset whose
    /// `updateTime` is zero for one that was never filled in, and leave it out.
    pub(super) fn account_view(&self) -> Result<AccountView, Refused> {
        let mut view = self.bourse.market.account(self.account).ok_or_else(|| {
            Refused::new(-2015, "Invalid API-key, IP, or permissions for action.")
        })?;
        if view.updated_ms == 0 {
            view.updated_ms = self.gate.started_ms;
        }
        Ok(view)
    }

    pub(super) fn hedge_mode(&self) -> bool {
        self.bourse
            .market
            .account(self.account)
            .is_some_and(|view| view.hedge_mode)
    }

    fn positions(&self, only: Option<SymbolNo>) -> Vec<PositionView> {
        self.symbols()
            .filter(|(symbol, _)| only.is_none_or(|wanted| wanted == *symbol))
            .flat_map(|(symbol, _)| self.bourse.market.positions(self.account, symbol))
            .collect()
    }

    /// Those that hold something or have orders waiting.
    fn active(&self, only: Option<SymbolNo>) -> Vec<PositionView> {
        let mut positions = self.positions(only);
        positions
            .retain(|p| p.lots != 0 || !p.bids_notional.is_zero() || !p.asks_notional.is_zero());
        positions
    }

    /// `positionRisk` version 2, `account.position`: every symbol.
    pub(super) fn position_risk_v2(&mut self, call: &Call) -> Result<Value, Refused> {
        let only = self.symbol_if_any(&call.params)?;
        self.positions(only)
            .iter()
            .map(|p| Ok(shapes::position_v2(self.spec(p.symbol)?, p)))
            .collect()
    }

    /// `positionRisk` version 3, `v2/account.position`: only symbols with a position or orders.
    pub(super) fn position_risk_v3(&mut self, call: &Call) -> Result<Value, Refused> {
        let only = self.symbol_if_any(&call.params)?;
        self.active(only)
            .iter()
            .map(|p| Ok(shapes::position_v3(self.spec(p.symbol)?, p)))
            .collect()
    }

    /// `balance`.
    pub(super) fn balance(&mut self, _call: &Call) -> Result<Value, Refused> {
        let view = self.account_view()?;
        Ok(json!([{
            "accountAlias": "SgsR",
            "asset": view.spec.asset.as_str(),
            "balance": money(view.wallet),
            "crossWalletBalance": money(view.cross_wallet),
            "crossUnPnl": money(view.cross_unrealised),
            "availableBalance": money(view.available),
            "maxWithdrawAmount": money(view.available),
            "marginAvailable": true,
            "updateTime": view.updated_ms,
        }]))
    }

    /// `account` version 2, `account.status`.
    pub(super) fn account_v2(&mut self, call: &Call) -> Result<Value, Refused> {
        let view = self.account_view()?;
        let mut assets = asset(&view);
        assets["marginAvailable"] = true.into();
        let mut account = totals(&view);
        account["assets"] = json!([assets]);
        account["positions"] = self
            .positions(None)
            .iter()
            .map(|p| Ok(shapes::account_position_v2(self.spec(p.symbol)?, p)))
            .collect::<Result<_, Refused>>()?;
        for (name, value) in self.config(call) {
            if name != "dualSidePosition" {
                account[name] = value;
            }
        }
        account["feeBurn"] = true.into();
        Ok(account)
    }

    /// `account` version 3, `v2/account.status`: only symbols with a position or orders.
    pub(super) fn account_v3(&mut self, _call: &Call) -> Result<Value, Refused> {
        let view = self.account_view()?;
        let mut account = totals(&view);
        account["assets"] = json!([asset(&view)]);
        account["positions"] = self
            .active(None)
            .iter()
            .map(|p| Ok(shapes::account_position_v3(self.spec(p.symbol)?, p)))
            .collect::<Result<_, Refused>>()?;
        Ok(account)
    }

    fn config(&self, call: &Call) -> Vec<(&'static str, Value)> {
        let may = |right| {
            call.key
                .is_some_and(|at| self.gate.keys[at].may(right, call.now))
        };
        vec![
            ("feeTier", 0.into()),
            ("canTrade", may(Right::Trade).into()),
            ("canDeposit", true.into()),
            ("canWithdraw", may(Right::Withdraw).into()),
            ("dualSidePosition", self.hedge_mode().into()),
            ("updateTime", 0.into()),
            ("multiAssetsMargin", false.into()),
            ("tradeGroupId", (-1).into()),
        ]
    }

    /// `accountConfig`.
    pub(super) fn account_config(&mut self, call: &Call) -> Result<Value, Refused> {
        Ok(self
            .config(call)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }

    /// `symbolConfig`.
    pub(super) fn symbol_config(&mut self, call: &Call) -> Result<Value, Refused> {
        let only = self.symbol_if_any(&call.params)?;
        Ok(self
            .symbols()
            .filter(|(symbol, _)| only.is_none_or(|wanted| wanted == *symbol))
            .map(|(symbol, spec)| {
                json!({
                    "symbol": spec.instrument.symbol.as_str(),
                    "marginType": if self.bourse.market.is_isolated(self.account, symbol) { "ISOLATED" } else { "CROSSED" },
                    "isAutoAddMargin": false,
                    "leverage": self.bourse.market.leverage(self.account, symbol),
                    "maxNotionalValue": shapes::MAX_NOTIONAL,
                })
            })
            .collect())
    }

    /// `leverageBracket`: one bracket a symbol.
    pub(super) fn leverage_bracket(&mut self, call: &Call) -> Result<Value, Refused> {
        let only = self.symbol_if_any(&call.params)?;
        Ok(self
            .symbols()
            .filter(|(symbol, _)| only.is_none_or(|wanted| wanted == *symbol))
            .map(|(_, spec)| {
                json!({
                    "symbol": spec.instrument.symbol.as_str(),
                    "notionalCoef": 1.0,
                    "brackets": [{
                        "bracket": 1,
                        "initialLeverage": spec.max_leverage,
                        "notionalCap": 100_000_000,
                        "notionalFloor": 0,
                        "maintMarginRatio": number(spec.maintenance_rate),
                        "cum": 0,
                    }],
                })
            })
            .collect())
    }

    /// `POST leverage`.
    pub(super) fn set_leverage(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let name = spec.instrument.symbol;
        let wanted = call
            .params
            .int("leverage")?
            .ok_or_else(|| Refused::missing("leverage"))?;
        let not_valid = || Refused::new(-4028, format!("Leverage {wanted} is not valid"));
        let leverage = u32::try_from(wanted).map_err(|_| not_valid())?;
        self.bourse
            .market
            .set_leverage(call.now, self.account, symbol, leverage)
            .map_err(|refuse| match refuse {
                crate::sim::market::Refuse::LeverageInvalid => not_valid(),
                other => of_market(other, None),
            })?;
        Ok(json!({
            "leverage": leverage,
            "maxNotionalValue": shapes::MAX_NOTIONAL,
            "symbol": name.as_str(),
        }))
    }

    /// `GET multiAssetsMargin`.
    pub(super) fn multi_assets(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({"multiAssetsMargin": false}))
    }

    /// `POST multiAssetsMargin`: there is one asset.
    pub(super) fn set_multi_assets(&mut self, call: &Call) -> Result<Value, Refused> {
        match call.params.flag("multiAssetsMargin")? {
            None => Err(Refused::missing("multiAssetsMargin")),
            Some(false) => Err(Refused::new(-4171, "No need to change Multi-Assets mode.")),
            Some(true) => Err(Refused::unsupported()),
        }
    }

    /// `commissionRate`.
    pub(super) fn commission_rate(&mut self, call: &Call) -> Result<Value, Refused> {
        let (_, spec) = self.symbol(&call.params)?;
        let name = spec.instrument.symbol;
        let fees = self.account_view()?.spec;
        Ok(json!({
            "symbol": name.as_str(),
            "makerCommissionRate": plain(fees.maker_fee),
            "takerCommissionRate": plain(fees.taker_fee),
            "rpiCommissionRate": "0",
        }))
    }

    /// `userTrades`, oldest first.
    pub(super) fn user_trades(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let (start, end) = call.span()?;
        let from = call.params.int("fromId")?;
        let order = call.params.int("orderId")?;
        let below = |id: u64, least: i64| i64::try_from(id).unwrap_or(i64::MAX) < least;
        let mut trades = self.bourse.market.user_trades(self.account, symbol);
        trades.retain(|t| {
            (start..=end).contains(&t.time_ms)
                && from.is_none_or(|id| !below(t.trade, id))
                && order.is_none_or(|id| u64::try_from(id) == Ok(t.order))
        });
        if from.is_some() || start > 0 {
            trades.truncate(limit);
        } else {
            trades.drain(..trades.len().saturating_sub(limit));
        }
        Ok(trades.iter().map(|t| shapes::user_trade(spec, t)).collect())
    }

    /// `income`, oldest first.
    pub(super) fn income(&mut self, call: &Call) -> Result<Value, Refused> {
        let only = self.symbol_if_any(&call.params)?;
        let limit = call.params.limit(100, 1000)?;
        let (start, end) = call.span()?;
        let kind = call.params.get("incomeType");
        let mut rows = self.bourse.market.income(self.account);
        rows.retain(|row| {
            only.is_none_or(|wanted| wanted == row.symbol)
                && kind.is_none_or(|wanted| wanted == income_word(row.kind))
                && (start..=end).contains(&row.time_ms)
        });
        rows.drain(..rows.len().saturating_sub(limit));
        rows.iter()
            .map(|row| {
                Ok(json!({
                    "symbol": self.spec(row.symbol)?.instrument.symbol.as_str(),
                    "incomeType": income_word(row.kind),
                    "income": money(row.amount),
                    "asset": row.asset.as_str(),
                    "info": row.trade.map_or_else(|| income_word(row.kind).to_owned(), |id| id.to_string()),
                    "time": row.time_ms,
                    "tranId": row.id,
                    "tradeId": row.trade.map_or_else(String::new, |id| id.to_string()),
                }))
            })
            .collect()
    }

    /// `rateLimit/order`.
    pub(super) fn order_limits(&mut self, _call: &Call) -> Result<Value, Refused> {
        // The weight comes first.
        Ok(LIMITS.rows().into_iter().skip(1).collect())
    }

    /// `apiTradingStatus`: no rule of the venue holds the account back.
    pub(super) fn trading_status(&mut self, call: &Call) -> Result<Value, Refused> {
        Ok(json!({"indicators": {}, "updateTime": call.now}))
    }

    /// `/sapi/v1/capital/config/getall` and the lists of margin pairs, which clients ask for on the way in: there are no coins
    /// to deposit and no margin pairs.
    pub(super) fn nothing(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!([]))
    }
}

/// A fraction as a JSON number: brackets are the one place where this wire writes one.
pub(super) fn number(value: Decimal) -> Value {
    serde_json::from_str(&plain(value)).unwrap_or(Value::Null)
}

const fn income_word(kind: IncomeKind) -> &'static str {
    match kind {
        IncomeKind::Realised => "REALIZED_PNL",
        IncomeKind::Commission => "COMMISSION",
        IncomeKind::Funding => "FUNDING_FEE",
    }
}

fn totals(view: &AccountView) -> Value {
    json!({
        "totalInitialMargin": money(view.position_margin + view.order_margin),
        "totalMaintMargin": money(view.maintenance),
        "totalWalletBalance": money(view.wallet),
        "totalUnrealizedProfit": money(view.unrealised),
        "totalMarginBalance": money(view.margin_balance()),
        "totalPositionInitialMargin": money(view.position_margin),
        "totalOpenOrderInitialMargin": money(view.order_margin),
        "totalCrossWalletBalance": money(view.cross_wallet),
        "totalCrossUnPnl": money(view.cross_unrealised),
        "availableBalance": money(view.available),
        "maxWithdrawAmount": money(view.available),
    })
}

fn asset(view: &AccountView) -> Value {
    json!({
        "asset": view.spec.asset.as_str(),
        "walletBalance": money(view.wallet),
        "unrealizedProfit": money(view.unrealised),
        "marginBalance": money(view.margin_balance()),
        "maintMargin": money(view.maintenance),
        "initialMargin": money(view.position_margin + view.order_margin),
        "positionInitialMargin": money(view.position_margin),
        "openOrderInitialMargin": money(view.order_margin),
        "crossWalletBalance": money(view.cross_wallet),
        "crossUnPnl": money(view.cross_unrealised),
        "availableBalance": money(view.available),
        "maxWithdrawAmount": money(view.available),
        "updateTime": view.updated_ms,
    })
}
