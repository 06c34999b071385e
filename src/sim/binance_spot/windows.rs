//! Statistics over windows that are no 24 hours: of a length, or since the day began.

use serde_json::{Map, Value};

use super::BinanceSpot;
use super::rows::{day_change, short_day};
use crate::sim::binance::call::Call;
use crate::sim::binance::refused::Refused;
use crate::sim::market::{SymbolNo, SymbolSpec, Ticker};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1440 * MINUTE_MS;

impl BinanceSpot {
    /// `ticker`: a window of `windowSize`, which begins on a whole minute.
    pub(super) fn rolling_ticker(&mut self, call: &Call) -> Result<Value, Refused> {
        let length = match call.params.get("windowSize") {
            None => DAY_MS,
            Some(text) => window(text).ok_or_else(|| Refused::invalid("windowSize"))?,
        };
        let from = call.now - length;
        self.since(call, from - from.rem_euclid(MINUTE_MS))
    }

    /// `ticker/tradingDay`: since midnight UTC.
    pub(super) fn day_ticker(&mut self, call: &Call) -> Result<Value, Refused> {
        self.since(call, call.now - call.now.rem_euclid(DAY_MS))
    }

    fn since(&self, call: &Call, from: i64) -> Result<Value, Refused> {
        if call.params.get("symbol").is_none() && call.params.get("symbols").is_none() {
            return Err(Refused::new(
                -1102,
                "Param 'symbol' or 'symbols' must be sent, but both were empty/null!",
            ));
        }
        let short = Self::is_short(&call.params)?;
        self.one_or_more(call, |this, symbol, spec| {
            let window = this.window_of(symbol, from, call.now)?;
            Some(Value::Object(if short {
                short_day(spec, &window)
            } else {
                changed(spec, &window)
            }))
        })
    }

    /// The candles since then as one statistic.
    fn window_of(&self, symbol: SymbolNo, from: i64, now: i64) -> Option<Ticker> {
        let day = self.bourse.market.ticker(symbol)?;
        let mut minutes = self.bourse.market.klines(symbol);
        minutes.retain(|k| k.open_ms >= from);
        let (first, last) = (minutes.first()?, minutes.last()?);
        let trades = minutes.iter().map(|k| k.trades).sum();
        Some(Ticker {
            open: first.open,
            high: minutes.iter().map(|k| k.high).max()?,
            low: minutes.iter().map(|k| k.low).min()?,
            last: last.close,
            last_qty: day.last_qty,
            volume: minutes.iter().map(|k| k.volume).sum(),
            quote: minutes.iter().map(|k| k.quote).sum(),
            first_trade: (day.last_trade + 1).saturating_sub(trades),
            last_trade: day.last_trade,
            trades,
            open_ms: from,
            close_ms: now,
        })
    }
}

fn changed(spec: &SymbolSpec, window: &Ticker) -> Map<String, Value> {
    let (change, percent, average) = day_change(spec, window);
    let mut map = short_day(spec, window);
    map.insert("priceChange".to_owned(), change.into());
    map.insert("priceChangePercent".to_owned(), percent.into());
    map.insert("weightedAvgPrice".to_owned(), average.into());
    map
}

/// `1m` to `59m`, `1h` to `23h`, `1d` to `7d`, as ms.
fn window(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok()?;
    let (most, length) = match unit {
        "m" => (59, MINUTE_MS),
        "h" => (23, 60 * MINUTE_MS),
        "d" => (7, DAY_MS),
        _ => return None,
    };
    (1..=most).contains(&number).then_some(number * length)
}

#[cfg(test)]
mod tests {
    use super::super::client::Client;
    use super::*;

    #[test]
    fn lengths_are_read_as_documented() {
        assert_eq!(window("1m"), Some(60_000));
        assert_eq!(window("23h"), Some(82_800_000));
        assert_eq!(window("7d"), Some(7 * DAY_MS));
        for wrong in ["", "m", "60m", "24h", "8d", "0d", "-1m", "1w", "1\u{e9}"] {
            assert_eq!(window(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_window_counts_what_was_traded_in_it() {
        let mut client = Client::new(&[]);
        client.pass(61_000);
        let ask = |client: &mut Client, more: &str| {
            client.open("/api/v3/ticker", &format!("symbol=BTCUSDT{more}"))
        };
        let minute = ask(&mut client, "&windowSize=1m");
        let day = ask(&mut client, "");
        assert!(minute["count"].as_u64() < day["count"].as_u64());
        assert!(minute["count"].as_u64().unwrap() > 0);
        assert_eq!(minute["lastId"], day["lastId"]);
        assert_eq!(minute["lastPrice"], day["lastPrice"]);
        // The exchange opened at midnight: the day's candles are those of its own minutes.
        let today = client.open("/api/v3/ticker/tradingDay", "symbol=BTCUSDT&type=MINI");
        assert_eq!(today["count"], minute["count"]);
        assert!(today.get("priceChange").is_none());
        assert_eq!(client.refused("GET", "/api/v3/ticker", ""), -1102);
    }
}
