//! Funding: longs pay shorts when the rate is positive, shorts longs when it is negative.

use rust_decimal::Decimal;

use super::Market;
use super::event::AccountReason;
use super::history::{Income, IncomeKind};
use super::order::Leg;
use super::spec::{AccountNo, SymbolNo};

impl Market {
    /// Books size × mark × rate to every position of a symbol.
    pub(super) fn book_funding(&mut self, symbol: SymbolNo, rate: Decimal, due_ms: i64) {
        let value = self.mark_price(symbol) * rate;
        for no in (0..).map(AccountNo).take(self.accounts.len()) {
            let legs = self.account_of(no).map_or(&[][..], |a| a.legs());
            for leg in legs {
                self.book_funding_of(no, (symbol, *leg), value, due_ms);
            }
        }
    }

    fn book_funding_of(
        &mut self,
        no: AccountNo,
        (symbol, leg): (SymbolNo, Leg),
        value: Decimal,
        due_ms: i64,
    ) {
        let Some(spec) = self.spec(symbol) else {
            return;
        };
        let unit = spec.instrument.lot.decimal(1) * spec.instrument.multiplier;
        let Some(owner) = self.account_of_mut(no) else {
            return;
        };
        let lots = owner.lots(symbol, leg);
        let amount = (-Decimal::from(lots) * unit * value).round_dp(8);
        if amount.is_zero() {
            return;
        }
        owner.wallet += amount;
        owner.updated_ms = due_ms;
        // An isolated position pays out of its own margin.
        if let Some(stake) = owner.stake_mut(symbol).filter(|s| s.isolated) {
            stake.leg_mut(leg).isolated_wallet += amount;
        }
        owner.history.add_income(Income {
            id: 0,
            symbol,
            kind: IncomeKind::Funding,
            amount,
            asset: owner.spec.asset,
            trade: None,
            time_ms: due_ms,
        });
        self.tell_account(no, symbol, leg, AccountReason::FundingFee, amount);
    }
}
