//! Margin of a symbol on its own: switching between crossed and isolated, moving margin in and out.

use rust_decimal::Decimal;

use super::algo::AlgoView;
use super::event::AccountReason;
use super::history::MarginChange;
use super::order::Leg;
use super::spec::{AccountNo, SymbolNo, SymbolSpec};
use super::{Market, Refuse};

impl Market {
    /// Makes an account's positions on a symbol isolated or crossed. Waiting conditional orders count as orders.
    ///
    /// # Errors
    /// When it is so already, or orders or a position are open.
    pub fn set_isolated(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        symbol: SymbolNo,
        isolated: bool,
    ) -> Result<(), Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        if self.spec(symbol).is_some_and(SymbolSpec::is_spot) {
            return Err(Refuse::Spot);
        }
        let owner = self.account_of_mut(account).ok_or(Refuse::UnknownAccount)?;
        let waits = |a: &AlgoView| a.is_open() && a.ask.symbol == symbol;
        let orders = owner.history.algos().any(waits) || owner.open_orders(symbol).next().is_some();
        let stake = owner.stake_mut(symbol).ok_or(Refuse::UnknownSymbol)?;
        if stake.isolated == isolated {
            return Err(Refuse::MarginModeNoChange);
        }
        if orders {
            return Err(Refuse::MarginModeOrders);
        }
        if !stake.is_flat() {
            return Err(Refuse::MarginModePosition);
        }
        stake.isolated = isolated;
        for leg in owner.legs() {
            let reason = AccountReason::MarginTypeChange;
            self.tell_account(account, symbol, *leg, reason, Decimal::ZERO);
        }
        Ok(())
    }

    /// True when an account's positions on a symbol are isolated.
    pub fn is_isolated(&self, account: AccountNo, symbol: SymbolNo) -> bool {
        let stake = self.account_of(account).and_then(|a| a.stake(symbol));
        stake.is_some_and(|s| s.isolated)
    }

    /// Moves margin (quote currency) into an isolated position, or out of it when `amount` is below zero.
    ///
    /// # Errors
    /// When the position is crossed or flat, or the margin is not there or is needed.
    pub fn move_margin(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        (symbol, leg): (SymbolNo, Leg),
        amount: Decimal,
    ) -> Result<(), Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let owner = self.account_of(account).ok_or(Refuse::UnknownAccount)?;
        if !owner.legs().contains(&leg) {
            return Err(Refuse::PositionSide);
        }
        let position = self.position_view(owner, symbol, leg);
        let position = position.ok_or(Refuse::UnknownSymbol)?;
        if !position.isolated {
            return Err(Refuse::NotIsolated);
        }
        if position.lots == 0 {
            return Err(Refuse::NoPosition);
        }
        if amount > self.free_margin(owner) {
            return Err(Refuse::CrossTooSmall);
        }
        let worth = position.isolated_wallet + position.unrealised.min(Decimal::ZERO);
        if amount < Decimal::ZERO && worth + amount < position.position_margin {
            return Err(Refuse::IsolatedTooSmall);
        }
        self.book_margin(account, (symbol, leg), amount);
        Ok(())
    }

    fn book_margin(&mut self, account: AccountNo, (symbol, leg): (SymbolNo, Leg), amount: Decimal) {
        let time_ms = self.now_ms;
        let Some(owner) = self.account_of_mut(account) else {
            return;
        };
        if let Some(stake) = owner.stake_mut(symbol) {
            stake.leg_mut(leg).isolated_wallet += amount;
        }
        owner.history.add_margin_change(MarginChange {
            symbol,
            leg,
            amount,
            time_ms,
        });
        let reason = AccountReason::MarginTransfer;
        self.tell_account(account, symbol, leg, reason, Decimal::ZERO);
    }

    /// Margin moved by hand, oldest first.
    pub fn margin_changes(&self, account: AccountNo) -> Vec<MarginChange> {
        let history = self.account_of(account).map(|a| &a.history);
        let changes = history.into_iter().flat_map(|h| h.margin_changes());
        changes.copied().collect()
    }
}
