//! Questions that need no key: time, instruments, books, trades, candles, statistics, mark prices, funding.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::{Call, Told};
use super::channels;
use super::error::Refused;
use super::params::Params;
use super::shapes::{inst_type, is_spot};
use super::{Okx, ids, instruments, quotes};
use crate::sim::market::{SymbolNo, SymbolSpec};

const KINDS: [&str; 5] = ["SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION"];
/// Levels of a side that a book has at most.
pub(super) const DEEPEST: usize = 400;

impl Okx {
    /// `instId`, which has to be there and to exist.
    pub(super) fn symbol(&self, params: &Params) -> Result<(SymbolNo, &SymbolSpec), Refused> {
        let name = params.need("instId")?;
        let symbol = self.bourse.market.symbol_no(name);
        let symbol = symbol.ok_or_else(Refused::instrument)?;
        Ok((symbol, self.spec(symbol)?))
    }

    /// The settings of a symbol that the market itself named.
    pub(super) fn spec(&self, symbol: SymbolNo) -> Result<&SymbolSpec, Refused> {
        self.bourse
            .market
            .spec(symbol)
            .ok_or_else(Refused::instrument)
    }

    /// `GET public/time`
    pub(super) fn time(&mut self, call: &Call) -> Result<Told, Refused> {
        Ok(Told::row(json!({"ts": call.now.to_string()})))
    }

    /// The symbols that `instType` and what narrows it further leave.
    fn chosen(&self, item: &Params) -> Result<Vec<(SymbolNo, &SymbolSpec)>, Refused> {
        self.chosen_of(item, item.need("instType")?)
    }

    /// The same for a kind that is known.
    fn chosen_of(
        &self,
        item: &Params,
        kind: &str,
    ) -> Result<Vec<(SymbolNo, &SymbolSpec)>, Refused> {
        if !KINDS.contains(&kind) {
            return Err(Refused::invalid("instType"));
        }
        if let Some(name) = item.get("instId")
            && self.bourse.market.symbol_no(name).is_none()
        {
            return Err(Refused::instrument());
        }
        let family = item.get("instFamily").or_else(|| item.get("uly"));
        let wanted = |spec: &SymbolSpec| {
            let i = &spec.instrument;
            inst_type(spec) == kind
                && item
                    .get("instId")
                    .is_none_or(|name| name == i.symbol.as_str())
                && family.is_none_or(|family| family == ids::family(i))
        };
        Ok(self.symbols().filter(|(_, spec)| wanted(spec)).collect())
    }

    /// `GET public/instruments`, `account/instruments`
    pub(super) fn instruments(&mut self, call: &Call) -> Result<Told, Refused> {
        let chosen = self.chosen(call.one()?)?;
        let rows = chosen.into_iter();
        Ok(Told::Rows(
            rows.map(|(no, spec)| instruments::row(no, spec)).collect(),
        ))
    }

    /// `GET market/books`
    pub(super) fn books(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.symbol(item)?;
        let depth = item.int("sz")?.unwrap_or(1);
        let depth = usize::try_from(depth)
            .ok()
            .filter(|d| (1..=DEEPEST).contains(d));
        let depth = depth.ok_or_else(|| Refused::invalid("sz"))?;
        let top = self.bourse.market.snapshot(symbol, depth);
        let top = top.ok_or_else(Refused::instrument)?;
        Ok(Told::row(json!({
            "asks": quotes::levels(&spec.instrument, &top.asks),
            "bids": quotes::levels(&spec.instrument, &top.bids),
            "ts": call.now.to_string(),
            "seqId": top.last,
        })))
    }

    fn ticker_row(&self, symbol: SymbolNo, spec: &SymbolSpec, now: i64) -> Option<Value> {
        let market = &self.bourse.market;
        let day = market.ticker(symbol)?;
        let best = market.best(symbol);
        Some(quotes::ticker(
            spec,
            &day,
            &best,
            &market.klines(symbol),
            now,
        ))
    }

    /// The `tickers` channel's row.
    pub(super) fn ticker_of(&self, symbol: SymbolNo, now: i64) -> Option<Value> {
        self.ticker_row(symbol, self.spec(symbol).ok()?, now)
    }

    /// `GET market/ticker`
    pub(super) fn ticker(&mut self, call: &Call) -> Result<Told, Refused> {
        let (symbol, spec) = self.symbol(call.one()?)?;
        let row = self.ticker_row(symbol, spec, call.now);
        Ok(Told::Rows(row.into_iter().collect()))
    }

    /// `GET market/tickers`
    pub(super) fn tickers(&mut self, call: &Call) -> Result<Told, Refused> {
        let chosen = self.chosen(call.one()?)?.into_iter();
        let row = |(symbol, spec)| self.ticker_row(symbol, spec, call.now);
        Ok(Told::Rows(chosen.filter_map(row).collect()))
    }

    /// `GET market/trades`, newest first.
    pub(super) fn trades(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.symbol(item)?;
        let limit = item.limit(500)?;
        let trades = self.bourse.market.trades(symbol);
        let rows = trades.iter().rev().take(limit);
        Ok(Told::Rows(rows.map(|t| quotes::trade(spec, t)).collect()))
    }

    /// `GET market/candles`, newest first.
    pub(super) fn candles(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.symbol(item)?;
        let interval = channels::interval(item.get("bar").unwrap_or("1m"));
        let interval = interval.ok_or_else(|| Refused::invalid("bar"))?;
        let limit = item.limit(300)?;
        let after = item.int("after")?.unwrap_or(i64::MAX);
        let before = item.int("before")?.unwrap_or(i64::MIN);
        let candles = quotes::candles(&self.bourse.market.klines(symbol), interval);
        let inside = candles.iter().rev();
        let inside = inside.filter(|k| k.open_ms < after && k.open_ms > before);
        let rows = inside.take(limit);
        Ok(Told::Rows(
            rows.map(|k| quotes::candle(spec, k, interval, call.now))
                .collect(),
        ))
    }

    /// A swap by name.
    fn swap(&self, item: &Params) -> Result<(SymbolNo, &SymbolSpec), Refused> {
        let (symbol, spec) = self.symbol(item)?;
        if is_spot(spec) {
            return Err(Refused::new(
                51015,
                "Instrument ID doesn't match instrument type.",
            ));
        }
        Ok((symbol, spec))
    }

    /// The `funding-rate` row of a swap.
    pub(super) fn funding_of(&self, symbol: SymbolNo, now: i64) -> Option<Value> {
        let spec = self.spec(symbol).ok().filter(|spec| !is_spot(spec))?;
        let view = self.bourse.market.mark(symbol)?;
        let past = self.funded.iter().rev().find(|row| row.symbol == symbol);
        let settled = past.map_or(Decimal::ZERO, |row| row.rate);
        Some(quotes::funding(spec, &view, settled, now))
    }

    /// `GET public/funding-rate`
    pub(super) fn funding_rate(&mut self, call: &Call) -> Result<Told, Refused> {
        let (symbol, _) = self.swap(call.one()?)?;
        Ok(Told::Rows(
            self.funding_of(symbol, call.now).into_iter().collect(),
        ))
    }

    /// `GET public/funding-rate-history`: what this exchange has booked since it was started, newest first.
    pub(super) fn funding_history(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let (symbol, spec) = self.swap(item)?;
        let limit = item.limit(400)?;
        let past = self.funded.iter().rev().filter(|row| row.symbol == symbol);
        let row = |row: &super::Funded| {
            json!({
                "fundingRate": super::digits::plain(row.rate),
                "fundingTime": row.time_ms.to_string(),
                "instId": spec.instrument.symbol.as_str(),
                "instType": "SWAP",
                "method": "current_period",
                "realizedRate": super::digits::plain(row.rate),
            })
        };
        Ok(Told::Rows(past.take(limit).map(row).collect()))
    }

    /// The `mark-price` row of a swap.
    pub(super) fn mark_of(&self, symbol: SymbolNo, now: i64) -> Option<Value> {
        let spec = self.spec(symbol).ok().filter(|spec| !is_spot(spec))?;
        Some(quotes::mark(spec, &self.bourse.market.mark(symbol)?, now))
    }

    /// `GET public/mark-price`: with an instrument's name the kind need not be said.
    pub(super) fn mark_price(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let kind = match item.get("instId") {
            Some(_) => item.get("instType").unwrap_or("SWAP"),
            None => item.need("instType")?,
        };
        let chosen = self.chosen_of(item, kind)?.into_iter();
        let row = |(symbol, _)| self.mark_of(symbol, call.now);
        Ok(Told::Rows(chosen.filter_map(row).collect()))
    }

    /// The `price-limit` row.
    pub(super) fn price_limit_of(&self, symbol: SymbolNo, now: i64) -> Option<Value> {
        let view = self.bourse.market.mark(symbol)?;
        Some(quotes::price_limit(self.spec(symbol).ok()?, &view, now))
    }

    /// `GET public/price-limit`
    pub(super) fn price_limit(&mut self, call: &Call) -> Result<Told, Refused> {
        let (symbol, _) = self.symbol(call.one()?)?;
        Ok(Told::Rows(
            self.price_limit_of(symbol, call.now).into_iter().collect(),
        ))
    }

    /// `GET public/open-interest`: nobody counts the crowd's positions; the day's volume stands for them.
    pub(super) fn open_interest(&mut self, call: &Call) -> Result<Told, Refused> {
        let chosen = self.chosen(call.one()?)?.into_iter();
        let row = |(symbol, spec): (SymbolNo, &SymbolSpec)| {
            let i = &spec.instrument;
            let day = self.bourse.market.ticker(symbol)?;
            let coins = i.lot.decimal(day.volume) * i.multiplier;
            let worth = coins * i.price_decimal(day.last);
            (!is_spot(spec)).then(|| {
                json!({
                    "instType": "SWAP",
                    "instId": i.symbol.as_str(),
                    "oi": super::digits::lots(i, day.volume),
                    "oiCcy": super::digits::plain(coins),
                    "oiUsd": super::digits::plain(worth),
                    "ts": call.now.to_string(),
                })
            })
        };
        Ok(Told::Rows(chosen.filter_map(row).collect()))
    }

    /// `GET public/position-tiers`: one tier.
    pub(super) fn position_tiers(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        item.need("tdMode")?;
        let chosen = self.chosen(item)?.into_iter();
        let row = |(_, spec): (SymbolNo, &SymbolSpec)| {
            let i = &spec.instrument;
            let margin = Decimal::ONE.checked_div(Decimal::from(spec.max_leverage));
            json!({
                "baseMaxLoan": "",
                "imr": super::digits::plain(margin.unwrap_or_default().round_dp(6)),
                "instFamily": ids::family(i),
                "instId": "",
                "maxLever": spec.max_leverage.to_string(),
                "maxSz": super::digits::qty(i, i.max_qty),
                "minSz": "0",
                "mmr": super::digits::plain(spec.maintenance_rate),
                "optMgnFactor": "0",
                "quoteMaxLoan": "",
                "tier": "1",
                "uly": ids::family(i),
            })
        };
        Ok(Told::Rows(chosen.map(row).collect()))
    }

    /// `GET market/index-tickers`: of the pairs behind swaps.
    pub(super) fn index_tickers(&mut self, call: &Call) -> Result<Told, Refused> {
        let item = call.one()?;
        let wanted = item.get("instId");
        let market = &self.bourse.market;
        let row = |(symbol, spec): (SymbolNo, &SymbolSpec)| {
            let named = wanted.is_none_or(|name| name == ids::family(&spec.instrument));
            let day = market.ticker(symbol).filter(|_| named && !is_spot(spec))?;
            Some(quotes::index(spec, &market.mark(symbol)?, &day, call.now))
        };
        Ok(Told::Rows(self.symbols().filter_map(row).collect()))
    }

    /// `GET system/status`: no maintenance is planned.
    pub(super) fn system_status(&mut self, _call: &Call) -> Result<Told, Refused> {
        Ok(Told::Rows(Vec::new()))
    }

    /// What clients ask for on the way in: there are no coins to deposit.
    pub(super) fn nothing(&mut self, _call: &Call) -> Result<Told, Refused> {
        Ok(Told::Rows(Vec::new()))
    }
}
