//! Balances of a paper account and what its positions and orders hold of them. Owns every wallet; a wallet may fall below zero, since
//! nothing is liquidated.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::domain::message::Balance;
use crate::domain::{Asset, Symbol};

/// Wallets by currency.
#[derive(Clone, Debug, Default)]
pub(super) struct Purse {
    wallets: BTreeMap<Asset, Decimal>,
    held: BTreeMap<(Symbol, Asset), Decimal>,
    touched: Vec<Asset>,
}

impl Purse {
    /// Opens a wallet with so much in it; one that is open stays as it is.
    pub(super) fn open(&mut self, asset: Asset, amount: Decimal) {
        self.wallets.entry(asset).or_insert_with(|| {
            self.touched.push(asset);
            amount
        });
    }

    /// Puts in, or takes out below zero.
    pub(super) fn add(&mut self, asset: Asset, amount: Decimal) {
        let wallet = self.wallets.entry(asset).or_default();
        *wallet = wallet.saturating_add(amount);
        self.touched.push(asset);
    }

    /// Sets what a symbol's position and orders hold of a currency.
    pub(super) fn hold(&mut self, symbol: Symbol, asset: Asset, amount: Decimal) {
        let before = self.held(symbol, asset);
        if before != amount {
            self.held.insert((symbol, asset), amount);
            self.touched.push(asset);
        }
    }

    /// What a symbol holds of a currency.
    pub(super) fn held(&self, symbol: Symbol, asset: Asset) -> Decimal {
        self.held.get(&(symbol, asset)).copied().unwrap_or_default()
    }

    /// What is free for new orders.
    pub(super) fn available(&self, asset: Asset) -> Decimal {
        let held = self.held.iter().filter(|((_, of), _)| *of == asset);
        let held = held.fold(Decimal::ZERO, |sum, (_, amount)| {
            sum.saturating_add(*amount)
        });
        let wallet = self.wallets.get(&asset).copied().unwrap_or_default();
        wallet.saturating_sub(held)
    }

    /// One wallet as it is told.
    fn balance(&self, asset: Asset) -> Balance {
        Balance {
            asset,
            wallet: self.wallets.get(&asset).copied().unwrap_or_default(),
            available: Some(self.available(asset).max(Decimal::ZERO)),
        }
    }

    /// Every wallet.
    pub(super) fn balances(&self) -> Vec<Balance> {
        self.wallets
            .keys()
            .map(|asset| self.balance(*asset))
            .collect()
    }

    /// The wallets that changed since this was last asked.
    pub(super) fn changed(&mut self) -> Vec<Balance> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        touched
            .into_iter()
            .map(|asset| self.balance(asset))
            .collect()
    }
}
