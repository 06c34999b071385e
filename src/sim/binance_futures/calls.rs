//! The tables of everything that can be asked, by REST and by the WebSocket API.

use serde_json::{Value, json};

use super::BinanceFutures;
use super::asked::{read_leg, read_side};
use crate::sim::binance::call::{Guard, Row, Weight, keyed, open, read, trade};
use crate::sim::binance::params::Params;
use crate::sim::binance::rights::key_rights;
use crate::sim::binance::session;
use crate::sim::fault::{How, What};

const ONE: Weight = Weight::Fixed(1);
const TWO: Weight = Weight::Fixed(2);
const FIVE: Weight = Weight::Fixed(5);
const BOOK: Weight = Weight::Rows {
    usual: 500,
    steps: &[(50, 2), (100, 5), (500, 10)],
    above: 20,
};
const CANDLES: Weight = Weight::Rows {
    usual: 500,
    steps: &[(99, 1), (499, 2), (1000, 5)],
    above: 10,
};

/// Everything that can be asked (Binance, Futures REST; weights as documented).
#[rustfmt::skip]
pub(super) const ROWS: &[Row<BinanceFutures>] = &[
    open("GET /fapi/v1/ping", ONE, BinanceFutures::ping),
    open("GET /fapi/v1/time", ONE, BinanceFutures::time),
    open("GET /fapi/v1/exchangeInfo", ONE, BinanceFutures::exchange_info),
    open("GET /fapi/v1/depth", BOOK, BinanceFutures::depth),
    open("GET /fapi/v1/trades", FIVE, BinanceFutures::trades),
    open("GET /fapi/v1/aggTrades", Weight::Fixed(20), BinanceFutures::agg_trades),
    open("GET /fapi/v1/klines", CANDLES, BinanceFutures::klines),
    open("GET /fapi/v1/ticker/24hr", Weight::With(&["symbol"], 1, 40), BinanceFutures::ticker_24h),
    open("GET /fapi/v1/ticker/price", Weight::With(&["symbol"], 1, 2), BinanceFutures::ticker_price),
    open("GET /fapi/v2/ticker/price", Weight::With(&["symbol"], 1, 2), BinanceFutures::ticker_price),
    open("GET /fapi/v1/ticker/bookTicker", Weight::With(&["symbol"], 2, 5), BinanceFutures::ticker_book),
    open("GET /fapi/v1/premiumIndex", Weight::With(&["symbol"], 1, 10), BinanceFutures::premium_index),
    open("GET /fapi/v1/fundingRate", ONE, BinanceFutures::funding_rate),
    open("GET /fapi/v1/fundingInfo", ONE, BinanceFutures::funding_info),
    trade("POST /fapi/v1/order", 0, (1, 1), Some(What::Place), BinanceFutures::place),
    trade("POST /fapi/v1/order/test", 0, (0, 0), None, BinanceFutures::place_test),
    trade("PUT /fapi/v1/order", 0, (1, 1), Some(What::Amend), BinanceFutures::amend),
    trade("DELETE /fapi/v1/order", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel),
    trade("DELETE /fapi/v1/allOpenOrders", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_all),
    trade("POST /fapi/v1/countdownCancelAll", 10, (0, 0), None, BinanceFutures::countdown),
    trade("POST /fapi/v1/batchOrders", 5, (5, 1), Some(What::Place), BinanceFutures::place_batch),
    trade("PUT /fapi/v1/batchOrders", 5, (5, 1), Some(What::Amend), BinanceFutures::amend_batch),
    trade("DELETE /fapi/v1/batchOrders", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_batch),
    trade("POST /fapi/v1/algoOrder", 0, (1, 1), Some(What::Place), BinanceFutures::place_algo),
    trade("DELETE /fapi/v1/algoOrder", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_algo),
    trade("DELETE /fapi/v1/algoOpenOrders", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_all_algos),
    read("GET /fapi/v1/algoOrder", ONE, BinanceFutures::query_algo),
    read("GET /fapi/v1/openAlgoOrders", Weight::With(&["symbol"], 1, 40), BinanceFutures::open_algos),
    read("GET /fapi/v1/allAlgoOrders", FIVE, BinanceFutures::all_algos),
    trade("POST /fapi/v1/leverage", 1, (0, 0), None, BinanceFutures::set_leverage),
    trade("POST /fapi/v1/marginType", 1, (0, 0), None, BinanceFutures::set_margin_type),
    trade("POST /fapi/v1/positionMargin", 1, (0, 0), None, BinanceFutures::move_margin),
    read("GET /fapi/v1/positionMargin/history", ONE, BinanceFutures::margin_history),
    trade("POST /fapi/v1/positionSide/dual", 1, (0, 0), None, BinanceFutures::set_position_mode),
    trade("POST /fapi/v1/multiAssetsMargin", 1, (0, 0), None, BinanceFutures::set_multi_assets),
    read("GET /fapi/v1/order", ONE, BinanceFutures::query_order),
    read("GET /fapi/v1/openOrder", ONE, BinanceFutures::query_open_order),
    read("GET /fapi/v1/openOrders", Weight::With(&["symbol"], 1, 40), BinanceFutures::open_orders),
    read("GET /fapi/v1/allOrders", FIVE, BinanceFutures::all_orders),
    read("GET /fapi/v1/userTrades", FIVE, BinanceFutures::user_trades),
    read("GET /fapi/v1/income", Weight::Fixed(30), BinanceFutures::income),
    read("GET /fapi/v2/positionRisk", FIVE, BinanceFutures::position_risk_v2),
    read("GET /fapi/v3/positionRisk", FIVE, BinanceFutures::position_risk_v3),
    read("GET /fapi/v2/account", FIVE, BinanceFutures::account_v2),
    read("GET /fapi/v3/account", FIVE, BinanceFutures::account_v3),
    read("GET /fapi/v2/balance", FIVE, BinanceFutures::balance),
    read("GET /fapi/v3/balance", FIVE, BinanceFutures::balance),
    read("GET /fapi/v1/accountConfig", FIVE, BinanceFutures::account_config),
    read("GET /fapi/v1/symbolConfig", FIVE, BinanceFutures::symbol_config),
    read("GET /fapi/v1/leverageBracket", ONE, BinanceFutures::leverage_bracket),
    read("GET /fapi/v1/adlQuantile", FIVE, BinanceFutures::adl_quantile),
    read("GET /fapi/v1/positionSide/dual", Weight::Fixed(30), BinanceFutures::position_mode),
    read("GET /fapi/v1/multiAssetsMargin", Weight::Fixed(30), BinanceFutures::multi_assets),
    read("GET /fapi/v1/commissionRate", Weight::Fixed(20), BinanceFutures::commission_rate),
    read("GET /fapi/v1/rateLimit/order", ONE, BinanceFutures::order_limits),
    read("GET /fapi/v1/apiTradingStatus", Weight::With(&["symbol"], 1, 10), BinanceFutures::trading_status),
    read("GET /sapi/v1/account/apiRestrictions", ONE, key_rights),
    read("GET /sapi/v1/capital/config/getall", Weight::Fixed(10), BinanceFutures::nothing),
    open("GET /api/v3/ping", ONE, BinanceFutures::ping),
    open("GET /api/v3/time", ONE, BinanceFutures::time),
    keyed("GET /sapi/v1/margin/allPairs", BinanceFutures::nothing),
    keyed("GET /sapi/v1/margin/isolated/allPairs", BinanceFutures::nothing),
    keyed("POST /fapi/v1/listenKey", BinanceFutures::start_listen),
    keyed("PUT /fapi/v1/listenKey", BinanceFutures::keep_listen),
    keyed("DELETE /fapi/v1/listenKey", BinanceFutures::stop_listen),
];

/// Every method that the venue has.
#[rustfmt::skip]
pub(super) const METHODS: &[Row<BinanceFutures>] = &[
    trade("order.place", 0, (1, 1), Some(What::Place), BinanceFutures::place),
    trade("order.modify", 0, (1, 1), Some(What::Amend), BinanceFutures::amend),
    trade("order.cancel", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel),
    trade("algoOrder.place", 0, (1, 1), Some(What::Place), BinanceFutures::place_algo),
    trade("algoOrder.cancel", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_algo),
    read("order.status", Weight::Fixed(1), BinanceFutures::query_order),
    read("account.position", FIVE, BinanceFutures::position_risk_v2),
    read("v2/account.position", FIVE, BinanceFutures::position_risk_v3),
    read("account.balance", FIVE, BinanceFutures::balance),
    read("v2/account.balance", FIVE, BinanceFutures::balance),
    read("account.status", FIVE, BinanceFutures::account_v2),
    read("v2/account.status", FIVE, BinanceFutures::account_v3),
    open("depth", BOOK, BinanceFutures::depth),
    open("ticker.price", Weight::With(&["symbol"], 1, 2), BinanceFutures::ticker_price),
    open("ticker.book", Weight::With(&["symbol"], 2, 5), BinanceFutures::ticker_book),
    keyed("userDataStream.start", BinanceFutures::start_listen),
    keyed("userDataStream.ping", BinanceFutures::keep_listen),
    keyed("userDataStream.stop", BinanceFutures::stop_listen),
    Row { guard: Guard::Logon, ..open("session.logon", TWO, session::log_on) },
    open("session.status", TWO, session::status),
    open("session.logout", TWO, session::log_out),
];

/// True when a fault does not strike this call: an overload (-1008) spares cancels, reduce-only and close-position orders
/// (Binance, General Info, HTTP 503).
pub(super) fn is_spared(how: How, what: Option<What>, params: &Params) -> bool {
    let says = |name| params.flag(name).ok().flatten() == Some(true);
    let closes = || match (read_leg(params), read_side(params)) {
        (Ok(leg), Ok(side)) => leg.only_closes(side),
        _ => false,
    };
    how == How::Code(-1008)
        && (what == Some(What::Cancel) || says("reduceOnly") || says("closePosition") || closes())
}

/// Other products' addresses that clients look at on the way in are empty.
pub(super) fn elsewhere(name: &str) -> Option<Value> {
    Some(match name {
        "GET /api/v3/exchangeInfo" | "GET /dapi/v1/exchangeInfo" => {
            json!({"timezone": "UTC", "rateLimits": [], "exchangeFilters": [], "symbols": []})
        }
        "GET /eapi/v1/exchangeInfo" => {
            json!({"timezone": "UTC", "optionContracts": [], "optionAssets": [], "optionSymbols": [], "rateLimits": []})
        }
        _ => return None,
    })
}
