//! One coin of the account as balances show it.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::digits::plain;
use super::shapes;
use crate::domain::Asset;
use crate::sim::market::AccountView;

/// What stands in isolated positions, with their open profit.
pub(super) fn isolated(view: &AccountView) -> Decimal {
    view.wallet - view.cross_wallet + view.unrealised - view.cross_unrealised
}

/// Fields of a coin that say nothing in futures mode without loans.
const NOT_SAID: [&str; 19] = [
    "accAvgPx",
    "borrowFroz",
    "clSpotInUseAmt",
    "crossLiab",
    "interest",
    "isoLiab",
    "liab",
    "maxLoan",
    "maxSpotInUse",
    "maxSpotInUseAmt",
    "notionalLever",
    "openAvgPx",
    "spotBal",
    "spotInUseAmt",
    "spotUpl",
    "spotUplRatio",
    "totalPnl",
    "totalPnlRatio",
    "uplLiab",
];

/// One coin of the account.
pub(super) struct Detail {
    pub asset: Asset,
    pub cash: Decimal,
    pub equity: Decimal,
    pub free: Decimal,
    pub ordered: Decimal,
    pub worth: Decimal,
    pub price: Decimal,
}

impl Detail {
    /// Its row; `margin` is the account where the coin is the one of margin.
    pub(super) fn row(&self, margin: Option<&AccountView>, now: i64) -> Map<String, Value> {
        let of =
            |f: &dyn Fn(&AccountView) -> Decimal| margin.map_or_else(String::new, |v| plain(f(v)));
        let cover = margin.and_then(|v| self.equity.checked_div(v.maintenance));
        let mut row = shapes::object(json!({
            "availBal": plain(self.free),
            "availEq": plain(self.free),
            "cashBal": plain(self.cash),
            "ccy": self.asset.as_str(),
            "coinUsdPrice": plain(self.price),
            "colBorrAutoConversion": "0",
            "colRes": "0",
            "collateralEnabled": false,
            "collateralRestrict": false,
            "disEq": plain(self.worth.round_dp(8)),
            "eq": plain(self.equity),
            "eqUsd": plain(self.worth.round_dp(8)),
            "fixedBal": "0",
            "frozenBal": plain(self.equity - self.free),
            "imr": of(&|v| v.position_margin + v.order_margin),
            "isoEq": of(&isolated),
            "isoUpl": of(&|v| v.unrealised - v.cross_unrealised),
            "mgnRatio": cover.map_or_else(String::new, |c| plain(c.round_dp(8))),
            "mmr": of(&|v| v.maintenance),
            "ordFrozen": plain(self.ordered),
            "rewardBal": "0",
            "smtSyncEq": "0",
            "spotCopyTradingEq": "0",
            "spotIsoBal": "0",
            "stgyEq": "0",
            "twap": "0",
            "uTime": now.to_string(),
            "upl": of(&|v| v.unrealised),
        }));
        shapes::leave_empty(&mut row, &NOT_SAID);
        row
    }
}
