//! Questions about the account: balances, fees, counts, own trades.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{BinanceSpot, shapes};
use crate::sim::binance::call::Call;
use crate::sim::binance::digits::{money, plain};
use crate::sim::binance::refused::Refused;
use crate::sim::binance::tape::page;
use crate::sim::keys::Right;
use crate::sim::market::{SpotTerms, SymbolSpec};

/// The account's number.
const UID: u32 = 1;

impl BinanceSpot {
    fn terms(&self) -> Result<(SpotTerms, i64), Refused> {
        let account = self.bourse.market.account(self.account);
        let account = account.ok_or_else(Refused::unsupported)?;
        Ok((account.spec.spot, account.updated_ms))
    }

    /// `account.status`, `GET account`.
    pub(super) fn account_status(&mut self, call: &Call) -> Result<Value, Refused> {
        let (terms, updated_ms) = self.terms()?;
        let without_zeros = call.params.flag("omitZeroBalances")? == Some(true);
        let mut balances = self.bourse.market.balances(self.account);
        balances.retain(|balance| !(without_zeros && balance.total.is_zero()));
        let key = call.key.and_then(|at| self.gate.keys.get(at));
        let may = |right| key.is_some_and(|key| key.may(right, call.now));
        let points = |rate: Decimal| (rate * Decimal::from(10_000)).normalize();
        let whole = |rate| i64::try_from(points(rate)).unwrap_or(0);
        let rows = balances.iter().map(|balance| {
            json!({
                "asset": balance.asset.as_str(),
                "free": money(balance.free()),
                "locked": money(balance.locked),
            })
        });
        Ok(json!({
            "makerCommission": whole(terms.maker_fee),
            "takerCommission": whole(terms.taker_fee),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {
                "maker": money(terms.maker_fee),
                "taker": money(terms.taker_fee),
                "buyer": money(Decimal::ZERO),
                "seller": money(Decimal::ZERO),
            },
            "canTrade": may(Right::Trade),
            "canWithdraw": may(Right::Withdraw),
            "canDeposit": true,
            "brokered": false,
            "requireSelfTradePrevention": false,
            "preventSor": false,
            "updateTime": updated_ms,
            "accountType": "SPOT",
            "balances": rows.collect::<Vec<Value>>(),
            "permissions": ["SPOT"],
            "uid": UID,
        }))
    }

    /// `account.commission`.
    pub(super) fn commission(&mut self, call: &Call) -> Result<Value, Refused> {
        let (_, spec) = self.symbol(&call.params)?;
        let (terms, _) = self.terms()?;
        let none = money(Decimal::ZERO);
        let rates = |maker: &str, taker: &str| json!({"maker": maker, "taker": taker, "buyer": none, "seller": none});
        Ok(json!({
            "symbol": spec.instrument.symbol.as_str(),
            "standardCommission": rates(&money(terms.maker_fee), &money(terms.taker_fee)),
            "taxCommission": rates(&none, &none),
            "discount": {"enabledForAccount": false, "enabledForSymbol": false, "discountAsset": "BNB", "discount": none},
        }))
    }

    /// `account.rateLimits.orders`, `GET rateLimit/order`.
    pub(super) fn order_counts(&mut self, call: &Call) -> Result<Value, Refused> {
        Ok(Value::Array(self.gate.limits.order_rows(call.now)))
    }

    /// `myTrades`, oldest first.
    pub(super) fn user_trades(&mut self, call: &Call) -> Result<Value, Refused> {
        let (symbol, spec) = self.symbol(&call.params)?;
        let limit = call.params.limit(500, 1000)?;
        let from = call.params.int("fromId")?;
        let order = call.params.int("orderId")?;
        let (start, end) = call.span()?;
        let id = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
        let mut trades = self.bourse.market.user_trades(self.account, symbol);
        trades.retain(|trade| {
            (start..=end).contains(&trade.time_ms)
                && from.is_none_or(|from| id(trade.trade) >= from)
                && order.is_none_or(|order| id(trade.order) == order)
        });
        page(&mut trades, limit, from.is_some() || start > 0);
        Ok(trades
            .iter()
            .map(|trade| shapes::user_trade(spec, trade))
            .collect())
    }

    /// `/sapi/v1/asset/tradeFee` (Binance, Wallet, "Trade Fee"): of `symbol`, or of every pair.
    pub(super) fn trade_fees(&mut self, call: &Call) -> Result<Value, Refused> {
        let only = self.symbol_if_any(&call.params)?;
        let (terms, _) = self.terms()?;
        let pairs = self.symbols();
        let wanted = pairs.filter(|(symbol, _)| only.is_none_or(|only| only == *symbol));
        let row = |spec: &SymbolSpec| {
            json!({
                "symbol": spec.instrument.symbol.as_str(),
                "makerCommission": plain(terms.maker_fee),
                "takerCommission": plain(terms.taker_fee),
            })
        };
        Ok(wanted.map(|(_, spec)| row(spec)).collect())
    }

    /// `myFilters`: the filters of a pair that look at the account.
    pub(super) fn own_filters(&mut self, call: &Call) -> Result<Value, Refused> {
        let (_, spec) = self.symbol(&call.params)?;
        let most = spec.instrument.max_orders;
        Ok(json!({
            "exchangeFilters": [],
            "symbolFilters": [{"filterType": "MAX_NUM_ORDERS", "maxNumOrders": most}],
            "assetFilters": [],
        }))
    }

    /// `/sapi/v1/system/status`: no maintenance.
    pub(super) fn system_status(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!({"status": 0, "msg": "normal"}))
    }

    /// Lists of what is not here: order lists, prevented matches, coins to deposit, margin pairs.
    pub(super) fn nothing(&mut self, _call: &Call) -> Result<Value, Refused> {
        Ok(json!([]))
    }
}
