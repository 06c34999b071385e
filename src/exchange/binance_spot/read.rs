//! REST and WebSocket API answers of Binance spot as domain facts. Pure; owns nothing.
//!
//! Every field that is not needed to name and size a thing is optional, and every record of a list is read by itself,
//! so that one record with a missing or odd field skips that record alone.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::domain::message::Balance;
use crate::domain::text::sanitise;
use crate::domain::{
    Asset, ClientId, Fill, OrderClass, OrderId, OrderRef, OrderReport, OrderStatus, Qty, Side,
    TradeId,
};
use crate::exchange::binance::read::{
    ReadError, Reader, asset_or, client, liquidity, price_or_none, qty, side,
};

/// An order as `order.status`, `GET order` and `openOrders` write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderRecord<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    order_id: u64,
    client_order_id: Cow<'a, str>,
    side: Cow<'a, str>,
    status: Cow<'a, str>,
    orig_qty: Cow<'a, str>,
    executed_qty: Option<Cow<'a, str>>,
    /// Spelled so by the venue.
    cummulative_quote_qty: Option<Decimal>,
    price: Option<Cow<'a, str>>,
    stop_price: Option<Cow<'a, str>>,
    time_in_force: Option<Cow<'a, str>>,
    update_time: Option<i64>,
    time: Option<i64>,
}

/// Reads one order.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn order(bytes: &[u8], reader: &Reader<'_>) -> Result<OrderReport, ReadError> {
    let record: OrderRecord<'_> = serde_json::from_slice(bytes)?;
    let instrument = reader.instrument(&record.symbol)?;
    let filled = match record.executed_qty.as_deref() {
        Some(text) => qty(instrument, text, "executedQty")?,
        None => Qty::ZERO,
    };
    let (status, reason) = status(&record.status, record.time_in_force.as_deref(), None);
    Ok(OrderReport {
        key: reader.whose.key(instrument.symbol),
        order: OrderRef {
            client: client(&record.client_order_id, record.order_id)?,
            venue: Some(OrderId::of_number(record.order_id)),
            class: OrderClass::Regular,
        },
        side: side(&record.side)?,
        leg: None,
        price: price_or_none(instrument, record.price.as_deref(), "price")?,
        trigger: price_or_none(instrument, record.stop_price.as_deref(), "stopPrice")?,
        callback: None,
        triggered: false,
        qty: qty(instrument, &record.orig_qty, "origQty")?,
        filled,
        average: average(record.cummulative_quote_qty, record.executed_qty.as_deref()),
        reduce_only: false,
        status,
        reason,
        venue_ms: record.update_time.or(record.time).unwrap_or(0),
        at: reader.at,
    })
}

/// What was paid over what was got; `None` when nothing was, or when the venue does not know any more (it writes -1 then).
pub fn average(quote: Option<Decimal>, base: Option<&str>) -> Option<Decimal> {
    let positive = |d: &Decimal| !d.is_zero() && d.is_sign_positive();
    let base: Decimal = base?.parse().ok()?;
    let (quote, base) = (quote.filter(positive)?, Some(base).filter(positive)?);
    quote.checked_div(base).map(|price| price.normalize())
}

/// The venue's word for an order's state, with why it ended where the venue ended it. A word that is not known is never a final
/// state.
pub fn status(word: &str, tif: Option<&str>, why: Option<&str>) -> (OrderStatus, Option<String>) {
    let because = |words: &str| Some(why.map_or(words.to_owned(), |why| sanitise(why, 80)));
    match word {
        "NEW" | "PENDING_NEW" | "PARTIALLY_FILLED" | "PENDING_CANCEL" => {
            (OrderStatus::Working, None)
        }
        "FILLED" => (OrderStatus::Filled, None),
        "CANCELED" => (OrderStatus::Cancelled, None),
        "REJECTED" => (OrderStatus::Rejected, because("refused by the venue")),
        "EXPIRED" => {
            let reason = match tif {
                Some("IOC" | "FOK") => Some("the rest was not filled at once".to_owned()),
                _ => because("ended by the venue"),
            };
            (OrderStatus::Expired, reason)
        }
        "EXPIRED_IN_MATCH" => (OrderStatus::Expired, Some("self-trade".into())),
        other => (
            OrderStatus::Unknown,
            Some(format!("unknown order state {}", sanitise(other, 32))),
        ),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TradeRecord<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    id: u64,
    order_id: u64,
    price: Decimal,
    qty: Cow<'a, str>,
    #[serde(default)]
    commission: Decimal,
    commission_asset: Option<Cow<'a, str>>,
    is_buyer: bool,
    #[serde(default)]
    is_maker: bool,
    time: i64,
}

/// Reads one row of `myTrades`. The venue does not name the client id there: `client_of` knows it, or the order's number stands in.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn trade(
    bytes: &[u8],
    reader: &Reader<'_>,
    client_of: impl Fn(OrderId) -> Option<ClientId>,
) -> Result<Fill, ReadError> {
    let record: TradeRecord<'_> = serde_json::from_slice(bytes)?;
    let instrument = reader.instrument(&record.symbol)?;
    let order = OrderId::of_number(record.order_id);
    let client = match client_of(order) {
        Some(client) => client,
        None => client("", record.order_id)?,
    };
    Ok(Fill {
        key: reader.whose.key(instrument.symbol),
        client,
        order,
        trade: TradeId::of_number(record.id),
        side: if record.is_buyer {
            Side::Buy
        } else {
            Side::Sell
        },
        leg: None,
        price: record.price,
        qty: qty(instrument, &record.qty, "qty")?,
        fee: record.commission,
        fee_asset: asset_or(record.commission_asset.as_deref(), instrument.quote),
        realised: None,
        liquidity: liquidity(record.is_maker),
        venue_ms: record.time,
        at: reader.at,
        recovered: true,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountRecord<'a> {
    can_trade: bool,
    #[serde(borrow)]
    balances: Vec<&'a serde_json::value::RawValue>,
}

/// What `GET account` says.
#[derive(Debug)]
pub struct Holdings {
    /// Whether the venue lets the account trade.
    pub can_trade: bool,
    /// What is there of each coin.
    pub balances: Vec<Balance>,
    /// Records that were skipped.
    pub bad: Vec<ReadError>,
}

/// Reads `GET account`.
///
/// # Errors
/// When it is unreadable as a whole.
pub fn account(bytes: &[u8]) -> Result<Holdings, ReadError> {
    let record: AccountRecord<'_> = serde_json::from_slice(bytes)?;
    let mut holdings = Holdings {
        can_trade: record.can_trade,
        balances: Vec::with_capacity(record.balances.len()),
        bad: Vec::new(),
    };
    for raw in record.balances {
        match balance(raw.get()) {
            Ok(balance) => holdings.balances.push(balance),
            Err(error) => holdings.bad.push(error),
        }
    }
    Ok(holdings)
}

#[derive(Deserialize)]
struct BalanceRecord<'a> {
    #[serde(borrow)]
    asset: Cow<'a, str>,
    free: Decimal,
    locked: Decimal,
}

fn balance(text: &str) -> Result<Balance, ReadError> {
    let record: BalanceRecord<'_> = serde_json::from_str(text)?;
    holding(&record.asset, record.free, record.locked)
}

/// One coin: free, and locked in orders.
///
/// # Errors
/// When the coin has no name, or the sum is beyond all numbers.
pub fn holding(asset: &str, free: Decimal, locked: Decimal) -> Result<Balance, ReadError> {
    Ok(Balance {
        asset: Asset::new(asset).map_err(|_| ReadError::Field("asset"))?,
        wallet: free.checked_add(locked).ok_or(ReadError::Field("locked"))?,
        available: Some(free),
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rates {
    maker: Decimal,
    taker: Decimal,
    buyer: Decimal,
    seller: Decimal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commission {
    standard_commission: Rates,
    #[serde(default)]
    special_commission: Rates,
    #[serde(default)]
    tax_commission: Rates,
}

/// Reads `GET account/commission`: maker and taker fee as fractions, of the dearer side where the sides differ. A discount for
/// paying in another coin is not taken off: it ends with that coin.
///
/// # Errors
/// When it is unreadable, or beyond all numbers.
pub fn commission(bytes: &[u8]) -> Result<(Decimal, Decimal), ReadError> {
    let rates: Commission = serde_json::from_slice(bytes)?;
    let parts = [
        rates.standard_commission,
        rates.special_commission,
        rates.tax_commission,
    ];
    let sum = |rate: fn(&Rates) -> Decimal| {
        let all = parts.iter().try_fold(Decimal::ZERO, |sum, part| {
            sum.checked_add(rate(part))?
                .checked_add(part.buyer.max(part.seller))
        });
        all.ok_or(ReadError::Field("commission"))
    };
    Ok((sum(|rates| rates.maker)?, sum(|rates| rates.taker)?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerTime {
    server_time: i64,
}

/// Reads `GET time`, ms since 1970.
///
/// # Errors
/// When it is unreadable.
pub fn server_time(bytes: &[u8]) -> Result<i64, ReadError> {
    Ok(serde_json::from_slice::<ServerTime>(bytes)?.server_time)
}

/// The venue's id in the answer to an accepted request.
pub fn accepted_id(bytes: &[u8]) -> Option<OrderId> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Accepted {
        order_id: u64,
    }
    let accepted: Accepted = serde_json::from_slice(bytes).ok()?;
    Some(OrderId::of_number(accepted.order_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Account, Liquidity, Price, Stamp, VenueId};
    use crate::exchange::binance::read::{Instruments, Whose, list};
    use crate::exchange::binance_spot::instruments;

    const INFO: &str = include_str!("../../../tests/wire/binance_spot/exchange_info_excerpt.json");
    const REST: &str = include_str!("../../../tests/wire/binance_spot/rest_examples.jsonl");
    const LINE: &str = include_str!("../../../tests/wire/binance_spot/order_api_examples.jsonl");

    fn instruments() -> Instruments {
        let load = instruments::load(INFO.as_bytes(), whose().venue).unwrap();
        let named = load.instruments.into_iter();
        named
            .map(|instrument| (instrument.symbol, instrument))
            .collect()
    }

    fn whose() -> Whose {
        Whose {
            account: Account::new("main").unwrap(),
            venue: VenueId::new("binance-spot").unwrap(),
        }
    }

    fn example(file: &str, name: &str) -> String {
        let mut lines = file
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found = lines.find(|line| line["name"] == name).unwrap();
        let msg = &found["msg"];
        msg.get("result").unwrap_or(msg).to_string()
    }

    fn with<T>(read: impl FnOnce(&Reader<'_>) -> T) -> T {
        read(&Reader {
            whose: whose(),
            instruments: &instruments(),
            at: Stamp::default(),
        })
    }

    #[test]
    fn documented_orders_are_read_over_rest_and_over_the_line() {
        let text = example(REST, "Trading/GetOrder");
        let report = with(|reader| order(text.as_bytes(), reader)).unwrap();
        assert_eq!(report.order.client.as_str(), "myOrder1");
        assert_eq!(report.order.venue, Some(OrderId::of_number(1)));
        assert_eq!(
            (report.status, report.side),
            (OrderStatus::Working, Side::Buy)
        );
        assert_eq!((report.average, report.trigger), (None, None));
        let text = example(LINE, "Trading/GetOrder");
        let report = with(|reader| order(text.as_bytes(), reader)).unwrap();
        assert_eq!(report.status, OrderStatus::Filled);
        assert_eq!(
            (report.price, report.qty),
            (Some(Price(2_341_610)), Qty(847))
        );
        assert_eq!(
            report.average.unwrap().round_dp(4),
            "23416.2001".parse().unwrap()
        );
        let text = example(REST, "Trading/GetOpenOrders");
        assert_eq!(list(text.as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn a_documented_trade_carries_its_fee_in_the_coin_it_was_paid_in() {
        let text = example(REST, "Trading/GetUserTrades");
        let rows = list(text.as_bytes()).unwrap();
        let raw = rows[0].get().as_bytes();
        let fill = with(|reader| trade(raw, reader, |_| None)).unwrap();
        assert_eq!(
            (fill.trade.as_str(), fill.order.as_str()),
            ("28457", "100234")
        );
        assert_eq!(fill.client.as_str(), "id-100234");
        assert_eq!(
            (fill.fee_asset.as_str(), fill.fee),
            ("BNB", "10.1".parse().unwrap())
        );
        assert_eq!((fill.side, fill.liquidity), (Side::Buy, Liquidity::Taker));
        assert!(fill.recovered);
    }

    #[test]
    fn documented_balances_are_free_and_locked_together() {
        let found = account(example(REST, "Account/GetAccountInfo").as_bytes()).unwrap();
        assert!(found.can_trade && found.bad.is_empty());
        assert_eq!(found.balances[0].asset.as_str(), "BTC");
        assert_eq!(found.balances[0].available, "4723846.89208129".parse().ok());
        let odd = br#"{"canTrade":false,"balances":[{"asset":"A B","free":"1","locked":"0"},{"asset":"C","free":"1","locked":"2"}]}"#;
        let found = account(odd).unwrap();
        assert_eq!(
            (found.can_trade, found.balances.len(), found.bad.len()),
            (false, 1, 1)
        );
        assert_eq!(found.balances[0].wallet, 3.into());
        assert!(account(b"[]").is_err());
    }

    #[test]
    fn the_documented_fee_rates_are_summed() {
        let text = example(REST, "Account/GetCommissionRates");
        let (maker, taker) = commission(text.as_bytes()).unwrap();
        assert_eq!(maker, "0.0000028".parse().unwrap());
        assert_eq!(taker, "0.00000292".parse().unwrap());
        let text =
            br#"{"standardCommission":{"maker":"0.001","taker":"0.001","buyer":"0","seller":"0"}}"#;
        assert_eq!(commission(text).unwrap().1, "0.001".parse().unwrap());
    }

    #[test]
    fn the_time_and_the_number_of_an_accepted_order_are_read() {
        let text = example(REST, "ExchangeData/GetServerTime");
        assert_eq!(server_time(text.as_bytes()).unwrap(), 1_499_827_319_559);
        let placed = example(LINE, "Trading/PlaceOrder");
        let id = accepted_id(placed.as_bytes()).unwrap();
        assert_eq!(id.as_str(), "12569099453");
        assert_eq!(accepted_id(b"{}"), None);
    }

    #[test]
    fn states_that_the_venue_ends_say_why_and_unknown_ones_are_no_end() {
        assert_eq!(
            status("PENDING_NEW", None, None),
            (OrderStatus::Working, None)
        );
        let (ended, why) = status("EXPIRED", Some("IOC"), Some("x"));
        assert_eq!(ended, OrderStatus::Expired);
        assert_eq!(why.unwrap(), "the rest was not filled at once");
        let (_, why) = status("EXPIRED", Some("GTC"), Some("A\u{1b}B"));
        assert_eq!(why.unwrap(), "A?B");
        assert_eq!(
            status("EXPIRED_IN_MATCH", None, None).0,
            OrderStatus::Expired
        );
        assert!(!status("PENDING_SOMETHING", None, None).0.is_final());
    }

    #[test]
    fn an_average_is_only_told_of_what_is_known() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(
            average(Some(decimal("198.33521500")), Some("0.00847000"))
                .unwrap()
                .round_dp(2),
            decimal("23416.20")
        );
        assert_eq!(average(Some(decimal("-1")), Some("1")), None);
        assert_eq!(average(Some(decimal("1")), Some("0.0")), None);
        assert_eq!(average(None, Some("1")), None);
    }
}
