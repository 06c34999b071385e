//! Leverage, margin mode, position mode and fee rates: asked for, changed, told. Owns nothing.
//!
//! The margin mode is no setting of the venue's but part of each order: it is kept here for this run, see [`super::margin`].

use super::OkxAccount;
use super::caller::{Purpose, encoded};
use crate::domain::message::{MarginMode, PositionMode, Proves, Setting, SymbolSettings};
use crate::domain::{Fact, InstrumentKind, Leg, Outcome, Stamp, Symbol};
use crate::exchange::machine::{CallError, Out, Reply};
use crate::exchange::okx::answer;
use crate::exchange::okx::instruments::inst_type;
use crate::exchange::okx::read::settings::{self, Level};
use crate::exchange::okx::write;

/// One followed symbol is asked for in this time, ms: fee rates may be read 5 times in 2 s.
const ASK_EVERY_MS: u64 = 450;

impl OkxAccount {
    pub(super) fn follow(&mut self, symbol: Symbol, now: Stamp) {
        if !self.followed.contains(&symbol) {
            self.followed.push(symbol);
        }
        if !self.to_ask.contains(&symbol) {
            self.to_ask.push_back(symbol);
        }
        self.next_ask = self.next_ask.or(Some(now));
    }

    /// Asks for the settings of the next symbol whose turn it is.
    pub(super) fn ask_settings(&mut self, now: Stamp, out: &mut Out) {
        if !self.has_instruments() || self.next_ask.is_none_or(|at| at.mono_ns > now.mono_ns) {
            return;
        }
        let Some(symbol) = self.to_ask.pop_front() else {
            self.next_ask = None;
            return;
        };
        self.next_ask = Some(now.plus_ms(ASK_EVERY_MS));
        let Some(instrument) = self.instruments.get(&symbol) else {
            return;
        };
        let kind = inst_type(instrument.kind);
        let spot = instrument.kind == InstrumentKind::Spot;
        let name = if spot {
            format!("instId={}", encoded(symbol.as_str()))
        } else {
            format!("instFamily={}", encoded(&family(&symbol)))
        };
        let target = format!("/api/v5/account/trade-fee?instType={kind}&{name}");
        self.caller.read(now, target, Purpose::Fees(symbol), out);
        if !spot {
            self.ask_leverage(symbol, now, out);
        }
    }

    fn ask_leverage(&mut self, symbol: Symbol, now: Stamp, out: &mut Out) {
        let mode = self.margins.of_symbol(symbol);
        let target = format!(
            "/api/v5/account/leverage-info?instId={}&mgnMode={}",
            encoded(symbol.as_str()),
            write::TradeMode::from(mode).word()
        );
        self.caller
            .read(now, target, Purpose::Leverage(symbol, mode), out);
    }

    pub(super) fn leverage_read(
        &mut self,
        symbol: Symbol,
        mode: MarginMode,
        body: &[u8],
        out: &mut Out,
    ) {
        match settings::leverage(body, mode) {
            Ok(leverage) if mode == self.margins.of_symbol(symbol) => self.set(
                symbol,
                |s| (s.leverage, s.margin) = (leverage, Some(mode)),
                out,
            ),
            Ok(_) => {}
            Err(error) => self.bad(&format!("leverage of {symbol}: {error}"), out),
        }
    }

    pub(super) fn fees_read(&mut self, symbol: Symbol, body: &[u8], out: &mut Out) {
        let Some(instrument) = self.instruments.get(&symbol) else {
            return;
        };
        match settings::fees(body, instrument) {
            Ok((maker, taker)) => self.set(
                symbol,
                |s| (s.maker_fee, s.taker_fee) = (Some(maker), Some(taker)),
                out,
            ),
            Err(error) => self.bad(&format!("fees of {symbol}: {error}"), out),
        }
    }

    /// A position came or went: the mode of the symbol's orders may be another now, with a leverage of its own.
    pub(super) fn margin_may_differ(&mut self, symbol: Symbol, now: Stamp, out: &mut Out) {
        let told = self.settings.get(&symbol).and_then(|s| s.margin);
        let mode = self.margins.of_symbol(symbol);
        if told.is_some_and(|told| told != mode) {
            self.set(symbol, |s| (s.leverage, s.margin) = (None, Some(mode)), out);
            self.ask_leverage(symbol, now, out);
        }
    }

    /// Tells what is known of a symbol's settings after one of them changed.
    fn set(&mut self, symbol: Symbol, change: impl FnOnce(&mut SymbolSettings), out: &mut Out) {
        let key = self.whose.key(symbol);
        let settings = self.settings.entry(symbol).or_insert(SymbolSettings {
            key,
            leverage: None,
            margin: None,
            maker_fee: None,
            taker_fee: None,
        });
        change(settings);
        out.facts.push(Fact::Settings(*settings));
    }

    /// With isolated margin each leg has a leverage of its own: the long one goes first, the other behind its answer.
    pub(super) fn set_leverage(
        &mut self,
        symbol: Symbol,
        leverage: u32,
        now: Stamp,
        out: &mut Out,
    ) {
        let setting = Setting::Leverage(symbol, leverage);
        if self.is_spot(symbol) {
            return self.refuse_setting(setting, "spot has no leverage", now, out);
        }
        let hedge = self.config.as_ref().map(|config| config.mode) == Some(PositionMode::Hedge);
        let isolated = self.margins.of_symbol(symbol) == MarginMode::Isolated;
        let leg = (hedge && isolated).then_some(Leg::Long);
        self.post_leverage(symbol, leverage, leg, now, out);
    }

    fn post_leverage(
        &mut self,
        symbol: Symbol,
        leverage: u32,
        leg: Option<Leg>,
        now: Stamp,
        out: &mut Out,
    ) {
        let mode = self.margins.of_symbol(symbol);
        let body = write::leverage(&symbol, leverage, mode, leg);
        let purpose = Purpose::Set(Setting::Leverage(symbol, leverage), leg);
        let path = "/api/v5/account/set-leverage";
        self.caller.post(now, path, body, purpose, out);
    }

    pub(super) fn set_margin(
        &mut self,
        symbol: Symbol,
        mode: MarginMode,
        now: Stamp,
        out: &mut Out,
    ) {
        let setting = Setting::Margin(symbol, mode);
        if self.is_spot(symbol) {
            return self.refuse_setting(setting, "spot has no margin mode", now, out);
        }
        let level = self.config.as_ref().map(|config| config.level);
        if mode == MarginMode::Isolated && level == Some(Level::Margin) {
            // Code 50072.
            let words = "the account's mode has no isolated margin";
            return self.refuse_setting(setting, words, now, out);
        }
        if let Err(words) = self.margins.choose(symbol, mode) {
            return self.refuse_setting(setting, words, now, out);
        }
        self.set(symbol, |s| (s.leverage, s.margin) = (None, Some(mode)), out);
        self.ask_leverage(symbol, now, out);
        self.tell_set(setting, Outcome::Accepted { venue: None }, now, out);
    }

    pub(super) fn set_position_mode(&mut self, mode: PositionMode, now: Stamp, out: &mut Out) {
        let purpose = Purpose::Set(Setting::PositionMode(mode), None);
        let body = write::position_mode(mode).to_owned();
        let path = "/api/v5/account/set-position-mode";
        self.caller.post(now, path, body, purpose, out);
    }

    /// A change of a setting has its outcome.
    pub(super) fn setting_reply(
        &mut self,
        setting: Setting,
        leg: Option<Leg>,
        result: Result<Reply, CallError>,
        now: Stamp,
        out: &mut Out,
    ) {
        let outcome = match result {
            Ok(reply) => answer::call_outcome(reply.status, &reply.body),
            Err(CallError::NotSent(words)) => Outcome::NotSent(words),
            Err(CallError::Lost(words)) => Outcome::Unknown(words),
        };
        if let Outcome::Rejected { proves, words, .. } = &outcome {
            match proves {
                Proves::KeyRefused => self.refuse_key(words, out),
                Proves::ClockOff => self.measure_clock(now, out),
                Proves::RateLimited { .. } => self.limit(now, out),
                _ => {}
            }
        }
        match (&outcome, setting) {
            (Outcome::Accepted { .. }, Setting::Leverage(symbol, leverage)) => {
                if leg == Some(Leg::Long) {
                    return self.post_leverage(symbol, leverage, Some(Leg::Short), now, out);
                }
                self.set(symbol, |s| s.leverage = Some(leverage), out);
            }
            (Outcome::Accepted { .. } | Outcome::Unknown(_), Setting::PositionMode(_)) => {
                self.want_truth(now);
            }
            (Outcome::Unknown(_), Setting::Leverage(symbol, _)) => self.follow(symbol, now),
            // Of two legs one may be changed.
            (Outcome::Rejected { .. }, Setting::Leverage(symbol, _)) if leg.is_some() => {
                self.follow(symbol, now);
            }
            _ => {}
        }
        self.tell_set(setting, outcome, now, out);
    }

    fn refuse_setting(&self, setting: Setting, words: &str, now: Stamp, out: &mut Out) {
        self.tell_set(setting, Outcome::NotSent(words.to_owned()), now, out);
    }

    fn tell_set(&self, setting: Setting, outcome: Outcome, now: Stamp, out: &mut Out) {
        out.facts.push(Fact::Set {
            account: self.whose.account,
            venue: self.whose.venue,
            setting,
            outcome,
            at: now,
        });
    }

    fn is_spot(&self, symbol: Symbol) -> bool {
        let instrument = self.instruments.get(&symbol);
        instrument.is_some_and(|i| i.kind == InstrumentKind::Spot)
    }
}

/// `BTC-USDT` of `BTC-USDT-SWAP` and `BTC-USDT-260925`.
fn family(symbol: &Symbol) -> String {
    let parts: Vec<&str> = symbol.as_str().splitn(3, '-').take(2).collect();
    parts.join("-")
}
