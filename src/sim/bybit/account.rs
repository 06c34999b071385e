//! The account: its money, its settings, its fees.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Bybit;
use super::call::Call;
use super::category::Category;
use super::digits::{money, plain, share};
use super::error::Refused;
use crate::sim::market::{AccountView, Balance};

impl Bybit {
    /// `GET /v5/account/wallet-balance`.
    pub(super) fn wallet_balance(&mut self, call: &Call) -> Result<Value, Refused> {
        match call.params.need("accountType")? {
            "UNIFIED" => {}
            _ => return Err(Refused::params("accountType only support UNIFIED")),
        }
        let mut wallet = self.wallet_row().ok_or_else(no_account)?;
        if let Some(coins) = call.params.text("coin")? {
            let wanted: Vec<&str> = coins.split(',').collect();
            if let Some(rows) = wallet["coin"].as_array_mut() {
                rows.retain(|row| row["coin"].as_str().is_some_and(|c| wanted.contains(&c)));
            }
        }
        Ok(json!({"list": [wallet]}))
    }

    /// The account's totals and its coins, as the `wallet` topic tells them too.
    pub(super) fn wallet_row(&self) -> Option<Value> {
        let account = self.bourse.market.account(self.account)?;
        let initial = account.position_margin + account.order_margin;
        let balance = account.margin_balance();
        let rate = |part: Decimal| share(part.checked_div(balance).unwrap_or_default());
        let coins = self.coin_rows(&account);
        let worth: Decimal = coins.iter().map(|coin| coin.worth).sum();
        let held: Decimal = coins.iter().map(|coin| coin.held).sum();
        Some(json!({
            "accountType": "UNIFIED",
            "accountLTV": "0",
            "accountIMRate": rate(initial),
            "accountMMRate": rate(account.maintenance),
            "totalEquity": money(worth),
            "totalWalletBalance": money(held),
            "totalMarginBalance": money(balance),
            "totalAvailableBalance": money(account.available),
            "totalPerpUPL": money(account.unrealised),
            "totalInitialMargin": money(initial),
            "totalMaintenanceMargin": money(account.maintenance),
            "coin": coins.into_iter().map(|coin| coin.row).collect::<Vec<_>>(),
        }))
    }

    fn coin_rows(&self, account: &AccountView) -> Vec<Coin> {
        let total: Decimal = self.ledgers.values().map(|ledger| ledger.total).sum();
        let own = self.bourse.market.balance(self.account, account.spec.asset);
        let locked = own.map_or(Decimal::ZERO, |balance| balance.locked);
        let own = Coin {
            held: account.wallet,
            worth: account.margin_balance(),
            row: json!({
                "coin": account.spec.asset.as_str(),
                "equity": money(account.margin_balance()),
                "usdValue": money(account.margin_balance()),
                "walletBalance": money(account.wallet),
                "availableToWithdraw": money(account.available),
                "availableToBorrow": "",
                "borrowAmount": "0",
                "accruedInterest": "0",
                "totalOrderIM": money(account.order_margin),
                "totalPositionIM": money(account.position_margin),
                "totalPositionMM": money(account.maintenance),
                "unrealisedPnl": money(account.unrealised),
                "cumRealisedPnl": money(total),
                "bonus": "0",
                "collateralSwitch": true,
                "marginCollateral": true,
                "locked": money(locked),
                "spotHedgingQty": "0",
                "spotBorrow": "0",
            }),
        };
        let others = self.bourse.market.balances(self.account).into_iter();
        let others = others.filter(|balance| balance.asset != account.spec.asset);
        let mut rows: Vec<Coin> = others.map(|balance| self.coin(&balance)).collect();
        rows.insert(0, own);
        rows
    }

    /// A coin beside the one of margin.
    fn coin(&self, balance: &Balance) -> Coin {
        let pair = self.symbols_of(Category::Spot);
        let own = self.bourse.market.account(self.account);
        let own = own.map(|account| account.spec.asset);
        let mut pair = pair.filter(|(_, spec)| {
            spec.instrument.base == balance.asset && Some(spec.instrument.quote) == own
        });
        let rate = pair
            .next()
            .and_then(|(symbol, _)| self.mark(symbol))
            .map_or(Decimal::ZERO, |mark| mark.mark);
        let worth = balance.total.checked_mul(rate).unwrap_or_default();
        let total = money(balance.total);
        Coin {
            held: worth,
            worth,
            row: json!({
                "coin": balance.asset.as_str(),
                "equity": total,
                "usdValue": money(worth),
                "walletBalance": total,
                "availableToWithdraw": money(balance.free()),
                "availableToBorrow": "",
                "borrowAmount": "0",
                "accruedInterest": "0",
                "totalOrderIM": "0",
                "totalPositionIM": "0",
                "totalPositionMM": "0",
                "unrealisedPnl": "0",
                "cumRealisedPnl": "0",
                "bonus": "0",
                "collateralSwitch": false,
                "marginCollateral": false,
                "locked": money(balance.locked),
                "spotHedgingQty": "0",
                "spotBorrow": "0",
            }),
        }
    }

    /// `GET /v5/account/info`: a unified account in cross margin.
    pub(super) fn account_info(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({
            "marginMode": "REGULAR_MARGIN",
            "updatedTime": self.started_ms.to_string(),
            "unifiedMarginStatus": 5,
            "dcpStatus": "OFF",
            "timeWindow": 0,
            "smpGroup": 0,
            "isMasterTrader": false,
            "spotHedgingStatus": "OFF",
        }))
    }

    /// `GET /v5/account/fee-rate`.
    pub(super) fn fee_rate(&mut self, call: &Call) -> Result<Value, Refused> {
        // Documented as needed, but clients leave it away.
        let category = match call.params.text("category")? {
            None => Category::Linear,
            Some(_) => Category::read(&call.params)?,
        };
        let wanted = self.wanted(category, &call.params, true)?;
        let account = self.bourse.market.account(self.account);
        let account = account.ok_or_else(no_account)?;
        let (maker, taker) = fees(&account, category);
        let rows = wanted.into_iter().map(|symbol| {
            json!({
                "symbol": self.name_of(symbol),
                "baseCoin": "",
                "makerFeeRate": plain(maker),
                "takerFeeRate": plain(taker),
            })
        });
        Ok(json!({"category": category.word(), "list": rows.collect::<Vec<_>>()}))
    }

    /// `POST /v5/account/set-margin-mode`: it is cross margin already, and stays so.
    pub(super) fn set_margin_mode(&mut self, call: &Call) -> Result<Value, Refused> {
        match call.params.need("setMarginMode")? {
            "REGULAR_MARGIN" => Ok(json!({"reasons": []})),
            "ISOLATED_MARGIN" | "PORTFOLIO_MARGIN" => {
                Err(Refused::new(3_400_045, "Set margin mode failed"))
            }
            _ => Err(Refused::params("setMarginMode invalid")),
        }
    }

    /// `GET /v5/account/instruments-info`: the same as for everybody.
    pub(super) fn own_instruments(&mut self, call: &Call) -> Result<Value, Refused> {
        self.instruments_info(call)
    }

    /// `GET /v5/account/query-dcp-info`: the dead-man switch is not granted.
    pub(super) fn dcp_info(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({"dcpInfos": []}))
    }

    /// `POST /v5/order/disconnected-cancel-all`, which is for institutions alone.
    pub(super) fn set_dcp(&mut self, _call: &Call) -> Result<Value, Refused> {
        Err(Refused::new(
            10005,
            "Permission denied, disconnection protection is not granted to this account.",
        ))
    }

    /// `GET /v5/asset/coin/query-info`: coins that can be deposited; none here.
    pub(super) fn coin_info(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({"rows": []}))
    }
}

/// One coin of the account.
struct Coin {
    /// What it has, in USD.
    held: Decimal,
    /// The same with open profit.
    worth: Decimal,
    row: Value,
}

/// Maker and taker fee of a category, fractions.
pub fn fees(account: &AccountView, category: Category) -> (Decimal, Decimal) {
    match category {
        Category::Linear => (account.spec.maker_fee, account.spec.taker_fee),
        Category::Spot => (account.spec.spot.maker_fee, account.spec.spot.taker_fee),
    }
}

fn no_account() -> Refused {
    Refused::new(10016, "Internal System Error.")
}
