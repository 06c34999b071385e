//! Leverage, margin mode, position mode and fee rates: asked for, changed, told. Owns nothing.

use super::BybitAccount;
use super::caller::{Purpose, Query};
use crate::domain::message::{Proves, Setting, SymbolSettings};
use crate::domain::{Fact, Outcome, Stamp, Symbol};
use crate::exchange::bybit::answer;
use crate::exchange::bybit::error;
use crate::exchange::bybit::instruments::{Category, venue_name};
use crate::exchange::bybit::read::settings::{AccountInfo, fee_rate};
use crate::exchange::bybit::write;
use crate::exchange::machine::{CallError, Out, Reply};

impl BybitAccount {
    /// Asks for a change of a setting, once.
    pub(super) fn change(&mut self, setting: Setting, now: Stamp, out: &mut Out) {
        if let Setting::Leverage(symbol, _) | Setting::Margin(symbol, _) = setting
            && Category::of(&symbol) == Category::Spot
        {
            let words = format!("{symbol} is spot: it has neither leverage nor margin mode");
            return self.tell_set(setting, Outcome::NotSent(words), now, out);
        }
        let asked = write::setting(&setting);
        self.caller.change(now, asked, Purpose::Set(setting), out);
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

    /// A change of a setting has its outcome.
    pub(super) fn setting_reply(
        &mut self,
        setting: Setting,
        result: Result<Reply, CallError>,
        now: Stamp,
        out: &mut Out,
    ) {
        let outcome = setting_outcome(result);
        if let Outcome::Rejected { proves, words, .. } = &outcome {
            match proves {
                Proves::KeyRefused => self.refuse_key(words, out),
                Proves::ClockOff => self.measure_clock(now, out),
                _ => {}
            }
        }
        match (&outcome, setting) {
            (Outcome::Accepted { .. }, Setting::Leverage(symbol, leverage)) => {
                self.set(symbol, |s| s.leverage = Some(leverage), out);
            }
            // The whole account's: every symbol that is followed has it.
            (Outcome::Accepted { .. }, Setting::Margin(symbol, mode)) => {
                let info = self.info.get_or_insert(AccountInfo {
                    margin: None,
                    unified: true,
                });
                info.margin = Some(mode);
                let mut symbols = self.followed.clone();
                symbols.push(symbol);
                symbols.dedup();
                for symbol in symbols {
                    self.set(symbol, |s| s.margin = Some(mode), out);
                }
            }
            (Outcome::Accepted { .. } | Outcome::Unknown(_), Setting::PositionMode(_))
            | (Outcome::Unknown(_), Setting::Margin(..)) => {
                self.info = None;
                self.legs.clear();
                self.want_truth(now);
            }
            (Outcome::Unknown(_), Setting::Leverage(symbol, _)) => {
                self.read_position(symbol, now, out);
            }
            (Outcome::Rejected { .. } | Outcome::NotSent(_), _) => {}
        }
        self.tell_set(setting, outcome, now, out);
    }

    pub(super) fn follow(&mut self, symbol: Symbol, now: Stamp, out: &mut Out) {
        if !self.followed.contains(&symbol) {
            self.followed.push(symbol);
        }
        // Account truth brings the settings of everything that is followed; before it nothing may be listed yet.
        if !self.in_sync {
            return;
        }
        let category = Category::of(&symbol);
        let query =
            Query::of("category", category.as_str()).and("symbol", venue_name(&symbol).as_str());
        self.caller.read(
            now,
            "/v5/account/fee-rate",
            &query,
            Purpose::Fees(symbol),
            out,
        );
        if category == Category::Linear {
            self.read_position(symbol, now, out);
            if let Some(margin) = self.info.and_then(|info| info.margin) {
                self.set(symbol, |s| s.margin = Some(margin), out);
            }
        }
    }

    /// The account's margin mode is each symbol's.
    pub(super) fn take_info(&mut self, info: AccountInfo, out: &mut Out) {
        let before = self.info.replace(info);
        if !info.unified && before.is_none_or(|before| before.unified) {
            self.bad(
                "this is a classic account, which Lancet does not trade: upgrade it to a unified one",
                out,
            );
        }
        for symbol in self.followed.clone() {
            let known = self.settings.get(&symbol).and_then(|s| s.margin);
            if Category::of(&symbol) == Category::Linear && known != info.margin {
                self.set(symbol, |s| s.margin = info.margin.or(s.margin), out);
            }
        }
    }

    pub(super) fn fees_read(&mut self, symbol: Symbol, result: &str, out: &mut Out) {
        match fee_rate(result) {
            Ok((maker, taker)) => self.set(
                symbol,
                |s| (s.maker_fee, s.taker_fee) = (Some(maker), Some(taker)),
                out,
            ),
            Err(error) => self.bad(&format!("fees of {symbol}: {error}"), out),
        }
    }

    /// Tells what is known of a symbol's settings after one of them changed.
    pub(super) fn set(
        &mut self,
        symbol: Symbol,
        change: impl FnOnce(&mut SymbolSettings),
        out: &mut Out,
    ) {
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
}

/// "Not modified" means that it is as wanted. A change of margin mode that failed says why beside its code.
fn setting_outcome(result: Result<Reply, CallError>) -> Outcome {
    match result {
        Ok(reply) => match answer::outcome(&reply) {
            Outcome::Rejected { code, .. } if error::is_as_wanted(code) => {
                Outcome::Accepted { venue: None }
            }
            Outcome::Accepted { .. } => Outcome::Accepted { venue: None },
            outcome => outcome,
        },
        Err(CallError::NotSent(words)) => Outcome::NotSent(words),
        Err(CallError::Lost(words)) => Outcome::Unknown(words),
    }
}
