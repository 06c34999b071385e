//! The tables of everything that can be asked, by REST and by the WebSocket API.

use serde_json::{Value, json};

use super::BinanceSpot;
use crate::sim::binance::call::{Guard, Row, Weight, keyed, open, read, trade};
use crate::sim::binance::rights::key_rights;
use crate::sim::fault::What;

const ONE: Weight = Weight::Fixed(1);
const TWO: Weight = Weight::Fixed(2);
const FOUR: Weight = Weight::Fixed(4);
const TWENTY: Weight = Weight::Fixed(20);
const BOOK: Weight = Weight::Rows {
    usual: 100,
    steps: &[(100, 5), (500, 25), (1000, 50)],
    above: 250,
};
const DAY: Weight = Weight::With(&["symbol", "symbols"], 2, 80);
const PRICES: Weight = Weight::With(&["symbol"], 2, 4);
const WINDOW: Weight = Weight::With(&["symbol"], 4, 200);
const OPEN_ORDERS: Weight = Weight::With(&["symbol"], 6, 80);
const OWN_TRADES: Weight = Weight::With(&["orderId"], 5, 20);

/// Everything that can be asked (Binance, Spot REST; weights as documented).
#[rustfmt::skip]
pub(super) const ROWS: &[Row<BinanceSpot>] = &[
    open("GET /api/v3/ping", ONE, BinanceSpot::ping),
    open("GET /api/v3/time", ONE, BinanceSpot::time),
    open("GET /api/v3/exchangeInfo", TWENTY, BinanceSpot::exchange_info),
    open("GET /api/v3/depth", BOOK, BinanceSpot::depth),
    open("GET /api/v3/trades", Weight::Fixed(25), BinanceSpot::trades),
    open("GET /api/v3/historicalTrades", Weight::Fixed(25), BinanceSpot::trades),
    open("GET /api/v3/aggTrades", FOUR, BinanceSpot::agg_trades),
    open("GET /api/v3/klines", TWO, BinanceSpot::klines),
    open("GET /api/v3/uiKlines", TWO, BinanceSpot::klines),
    open("GET /api/v3/avgPrice", TWO, BinanceSpot::average_price),
    open("GET /api/v3/ticker/24hr", DAY, BinanceSpot::ticker_24h),
    open("GET /api/v3/ticker/price", PRICES, BinanceSpot::ticker_price),
    open("GET /api/v3/ticker/bookTicker", PRICES, BinanceSpot::ticker_book),
    open("GET /api/v3/ticker", WINDOW, BinanceSpot::rolling_ticker),
    open("GET /api/v3/ticker/tradingDay", WINDOW, BinanceSpot::day_ticker),
    trade("POST /api/v3/order", 1, (1, 1), Some(What::Place), BinanceSpot::place),
    trade("POST /api/v3/order/test", 1, (0, 0), None, BinanceSpot::place_test),
    trade("DELETE /api/v3/order", 1, (0, 0), Some(What::Cancel), BinanceSpot::cancel),
    trade("DELETE /api/v3/openOrders", 1, (0, 0), Some(What::Cancel), BinanceSpot::cancel_all),
    trade("POST /api/v3/order/cancelReplace", 1, (1, 1), Some(What::Amend), BinanceSpot::cancel_replace),
    read("GET /api/v3/order", FOUR, BinanceSpot::query_order),
    read("GET /api/v3/openOrders", OPEN_ORDERS, BinanceSpot::open_orders),
    read("GET /api/v3/allOrders", TWENTY, BinanceSpot::all_orders),
    read("GET /api/v3/account", TWENTY, BinanceSpot::account_status),
    read("GET /api/v3/account/commission", TWENTY, BinanceSpot::commission),
    read("GET /api/v3/myTrades", OWN_TRADES, BinanceSpot::user_trades),
    read("GET /api/v3/rateLimit/order", Weight::Fixed(40), BinanceSpot::order_counts),
    read("GET /api/v3/openOrderList", Weight::Fixed(6), BinanceSpot::nothing),
    read("GET /api/v3/allOrderList", TWENTY, BinanceSpot::nothing),
    read("GET /api/v3/myPreventedMatches", TWENTY, BinanceSpot::nothing),
    read("GET /api/v3/myFilters", Weight::Fixed(40), BinanceSpot::own_filters),
    open("GET /sapi/v1/system/status", ONE, BinanceSpot::system_status),
    read("GET /sapi/v1/asset/tradeFee", ONE, BinanceSpot::trade_fees),
    read("GET /sapi/v1/account/apiRestrictions", ONE, key_rights),
    read("GET /sapi/v1/capital/config/getall", Weight::Fixed(10), BinanceSpot::nothing),
    keyed("GET /sapi/v1/margin/allPairs", BinanceSpot::nothing),
    keyed("GET /sapi/v1/margin/isolated/allPairs", BinanceSpot::nothing),
];

/// Every method of the WebSocket API (Binance, Spot WebSocket API; weights as documented).
#[rustfmt::skip]
pub(super) const METHODS: &[Row<BinanceSpot>] = &[
    open("ping", ONE, BinanceSpot::ping),
    open("time", ONE, BinanceSpot::time),
    open("exchangeInfo", TWENTY, BinanceSpot::exchange_info),
    open("depth", BOOK, BinanceSpot::depth),
    open("trades.recent", Weight::Fixed(25), BinanceSpot::trades),
    open("trades.historical", Weight::Fixed(25), BinanceSpot::trades),
    open("trades.aggregate", FOUR, BinanceSpot::agg_trades),
    open("klines", TWO, BinanceSpot::klines),
    open("uiKlines", TWO, BinanceSpot::klines),
    open("avgPrice", TWO, BinanceSpot::average_price),
    open("ticker.24hr", DAY, BinanceSpot::ticker_24h),
    open("ticker.price", PRICES, BinanceSpot::ticker_price),
    open("ticker.book", PRICES, BinanceSpot::ticker_book),
    open("ticker", WINDOW, BinanceSpot::rolling_ticker),
    open("ticker.tradingDay", WINDOW, BinanceSpot::day_ticker),
    Row { guard: Guard::Logon, ..open("session.logon", TWO, BinanceSpot::log_on) },
    open("session.status", TWO, BinanceSpot::session_status),
    open("session.logout", TWO, BinanceSpot::log_out),
    open("session.subscriptions", TWO, BinanceSpot::subscriptions),
    Row { guard: Guard::Session, ..open("userDataStream.subscribe", TWO, BinanceSpot::subscribe) },
    Row { guard: Guard::Read, ..open("userDataStream.subscribe.signature", TWO, BinanceSpot::subscribe_signed) },
    open("userDataStream.unsubscribe", TWO, BinanceSpot::unsubscribe),
    trade("order.place", 1, (1, 1), Some(What::Place), BinanceSpot::place),
    trade("order.test", 1, (0, 0), None, BinanceSpot::place_test),
    trade("order.cancel", 1, (0, 0), Some(What::Cancel), BinanceSpot::cancel),
    trade("order.cancelReplace", 1, (1, 1), Some(What::Amend), BinanceSpot::cancel_replace),
    trade("openOrders.cancelAll", 1, (0, 0), Some(What::Cancel), BinanceSpot::cancel_all),
    read("order.status", FOUR, BinanceSpot::query_order),
    read("openOrders.status", OPEN_ORDERS, BinanceSpot::open_orders),
    read("allOrders", TWENTY, BinanceSpot::all_orders),
    read("account.status", TWENTY, BinanceSpot::account_status),
    read("account.commission", TWENTY, BinanceSpot::commission),
    read("account.rateLimits.orders", Weight::Fixed(40), BinanceSpot::order_counts),
    read("myTrades", OWN_TRADES, BinanceSpot::user_trades),
    read("myFilters", Weight::Fixed(40), BinanceSpot::own_filters),
    read("openOrderLists.status", Weight::Fixed(6), BinanceSpot::nothing),
    read("myPreventedMatches", TWENTY, BinanceSpot::nothing),
];

/// Other products' addresses that clients look at on the way in are empty.
pub(super) fn elsewhere(name: &str) -> Option<Value> {
    Some(match name {
        "GET /fapi/v1/exchangeInfo" | "GET /dapi/v1/exchangeInfo" => {
            json!({"timezone": "UTC", "rateLimits": [], "exchangeFilters": [], "assets": [], "symbols": []})
        }
        "GET /eapi/v1/exchangeInfo" => {
            json!({"timezone": "UTC", "optionContracts": [], "optionAssets": [], "optionSymbols": [], "rateLimits": []})
        }
        _ => return None,
    })
}
