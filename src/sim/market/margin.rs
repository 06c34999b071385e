//! What positions and open orders bind, crossed or isolated, and what is left.
//!
//! Pure reckoning over accounts; changes nothing. Binance, "Leverage and margin of USDⓈ-M futures": a symbol binds
//! the larger of |position + buys| and |position − sells| at its leverage; reduce-only orders bind nothing.

use rust_decimal::Decimal;

use super::account::{Account, AccountView, PositionView, value_per_lot};
use super::order::{Kind, Leg, OrderView, Submit};
use super::spec::{SymbolNo, SymbolSpec};
use super::{Market, Refuse};
use crate::domain::{Price, Qty, Side};

/// Open orders of a symbol by side, quote currency; reduce-only ones left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OpenNotional {
    pub bids: Decimal,
    pub asks: Decimal,
}

impl OpenNotional {
    fn add(&mut self, side: Side, notional: Decimal) {
        match side {
            Side::Buy => self.bids += notional,
            Side::Sell => self.asks += notional,
        }
    }
}

/// A size of one order at a price that margin must be found for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub symbol: SymbolNo,
    pub leg: Leg,
    pub side: Side,
    pub price: Price,
    pub qty: Qty,
    /// The order that it replaces, zero for none.
    pub instead_of: u64,
}

impl Market {
    /// Price × size of an account's open orders on a symbol.
    pub(super) fn open_notional(
        &self,
        account: &Account,
        symbol: SymbolNo,
        leg: Leg,
        except: u64,
    ) -> OpenNotional {
        let mut open = OpenNotional::default();
        let Some(spec) = self.spec(symbol) else {
            return open;
        };
        let counts = |o: &&OrderView| !o.reduce_only && o.leg == leg && o.id != except;
        for order in account.open_orders(symbol).filter(counts) {
            let price = order.price().unwrap_or_default();
            open.add(
                order.side,
                value_per_lot(&spec.instrument, price) * Decimal::from(order.remaining().0),
            );
        }
        open
    }

    /// Refuses when the account cannot bind the margin of `claim`. A claim that binds nothing more always passes.
    pub(super) fn check_margin(&self, account: &Account, claim: Claim) -> Result<(), Refuse> {
        let spec = self.spec(claim.symbol).ok_or(Refuse::UnknownSymbol)?;
        let mark = self.mark_price(claim.symbol);
        let leverage = account
            .stake(claim.symbol)
            .ok_or(Refuse::UnknownSymbol)?
            .leverage;
        let lots = account.lots(claim.symbol, claim.leg);
        let position = mark * spec.instrument.qty_decimal(Qty(lots));
        let before = self.open_notional(account, claim.symbol, claim.leg, 0);
        let mut after = self.open_notional(account, claim.symbol, claim.leg, claim.instead_of);
        let price = spec.instrument.price_decimal(claim.price);
        let size = spec.instrument.qty_decimal(claim.qty) * spec.instrument.multiplier;
        after.add(claim.side, price.checked_mul(size).ok_or(Refuse::Overflow)?);
        let more = bound(position, after, leverage) - bound(position, before, leverage);
        if more <= Decimal::ZERO {
            return Ok(());
        }
        let loss = ((price - mark) * Decimal::from(claim.side.sign()) * size).max(Decimal::ZERO);
        let available = self.free_margin(account);
        if more + loss > available {
            return Err(Refuse::MarginInsufficient);
        }
        Ok(())
    }

    /// What of the wallet is in no isolated position and held by no spot order, with the open profit of crossed ones, less what is
    /// bound; may be negative.
    pub(super) fn free_margin(&self, account: &Account) -> Decimal {
        let mut free = account.cross_wallet() - self.locked(account, account.spec.asset, 0);
        for position in self.positions_of(account) {
            free -= position.order_margin;
            if !position.isolated {
                free += position.unrealised - position.position_margin;
            }
        }
        free
    }

    pub(super) fn positions_of<'a>(
        &'a self,
        account: &'a Account,
    ) -> impl Iterator<Item = PositionView> + 'a {
        let count = u16::try_from(account.stakes.len()).unwrap_or(u16::MAX);
        (0..count).flat_map(move |i| {
            let legs = account.legs().iter();
            legs.filter_map(move |leg| self.position_view(account, SymbolNo(i), *leg))
        })
    }

    /// A position with all but its liquidation price; on spot there is none.
    pub(super) fn position_view(
        &self,
        account: &Account,
        symbol: SymbolNo,
        leg: Leg,
    ) -> Option<PositionView> {
        let spec = self.spec(symbol).filter(|spec| !spec.is_spot())?;
        let stake = account.stake(symbol)?;
        let holding = stake.leg(leg);
        let mark = self.mark_price(symbol);
        let size = spec.instrument.qty_decimal(Qty(holding.lots));
        let notional = mark * size * spec.instrument.multiplier;
        let open = self.open_notional(account, symbol, leg, 0);
        let position_margin = bound(notional, OpenNotional::default(), stake.leverage);
        Some(PositionView {
            symbol,
            leg,
            lots: holding.lots,
            size,
            entry: holding.entry(&spec.instrument),
            break_even: holding.break_even(&spec.instrument),
            mark,
            notional,
            unrealised: (notional - holding.cost).round_dp(8),
            realised: holding.realised,
            liquidation: None,
            leverage: stake.leverage,
            isolated: stake.isolated,
            isolated_wallet: holding.isolated_wallet,
            position_margin,
            order_margin: bound(notional, open, stake.leverage) - position_margin,
            maintenance: (notional.abs() * spec.maintenance_rate).round_dp(8),
            bids_notional: open.bids,
            asks_notional: open.asks,
            updated_ms: holding.updated_ms,
        })
    }

    /// Where the mark of one symbol, the others standing still, would bring the margin balance down to the maintenance
    /// margin: of the account, or of an isolated position alone. A long and a short of one symbol move together.
    pub(super) fn liquidation(&self, account: &Account, of: &PositionView) -> Option<Decimal> {
        let spec = self.spec(of.symbol)?;
        let cost = |p: &PositionView| account.holding(p.symbol, p.leg).map(|h| h.cost);
        if of.isolated {
            let cushion = of.isolated_wallet - cost(of)?;
            return meets(spec, cushion, of.size, of.size.abs());
        }
        let mut cushion = account.cross_wallet();
        let (mut net, mut gross) = (Decimal::ZERO, Decimal::ZERO);
        for position in self.positions_of(account).filter(|p| !p.isolated) {
            if position.symbol == of.symbol {
                cushion -= cost(&position)?;
                net += position.size;
                gross += position.size.abs();
            } else {
                cushion += position.unrealised - position.maintenance;
            }
        }
        meets(spec, cushion, net, gross)
    }

    pub(super) fn account_view(&self, account: &Account) -> AccountView {
        let mut view = AccountView {
            spec: account.spec.clone(),
            wallet: account.wallet,
            cross_wallet: account.cross_wallet(),
            unrealised: Decimal::ZERO,
            cross_unrealised: Decimal::ZERO,
            position_margin: Decimal::ZERO,
            order_margin: Decimal::ZERO,
            maintenance: Decimal::ZERO,
            available: self.free_margin(account).max(Decimal::ZERO),
            hedge_mode: account.hedge_mode,
            updated_ms: account.updated_ms,
        };
        for position in self.positions_of(account) {
            view.unrealised += position.unrealised;
            if !position.isolated {
                view.cross_unrealised += position.unrealised;
            }
            view.position_margin += position.position_margin;
            view.order_margin += position.order_margin;
            view.maintenance += position.maintenance;
        }
        view
    }

    /// The price at which a new order is reckoned: its limit, or the best counterparty.
    pub(super) fn claim_price(&self, ask: &Submit) -> Price {
        let best = || self.book(ask.symbol)?.best_price(ask.side.opposite());
        match ask.kind {
            Kind::Limit { price, .. } => price,
            Kind::Market => best().unwrap_or_else(|| self.mark_ticks(ask.symbol)),
        }
    }
}

/// The price at which cushion + net size × price = size × price × maintenance rate; `None` when there is none above zero.
fn meets(spec: &SymbolSpec, cushion: Decimal, net: Decimal, gross: Decimal) -> Option<Decimal> {
    let unit = spec.instrument.multiplier;
    let price = cushion.checked_div((gross * spec.maintenance_rate - net) * unit)?;
    (price > Decimal::ZERO).then(|| price.round_dp(8))
}

/// What a position binds: position (signed notional) and open orders, at `leverage`.
fn bound(position: Decimal, open: OpenNotional, leverage: u32) -> Decimal {
    let most = (position + open.bids)
        .abs()
        .max((position - open.asks).abs());
    (most / Decimal::from(leverage.max(1))).round_dp(8)
}
