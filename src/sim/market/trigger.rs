//! Conditional orders at work: taken, watched, triggered, ended.
//!
//! Binance, "New Algo Order" and "Event: Algo Order Update": margin, band and reduce-only are judged when the order is
//! triggered, not when it is placed.

use rust_decimal::Decimal;

use super::algo::{AlgoAsk, AlgoEvent, AlgoStatus, AlgoView, Trigger, Watch, WhichAlgo};
use super::event::MarketEvent;
use super::order::{Kind, OrderView, Submit, Which};
use super::spec::{AccountNo, SymbolNo};
use super::{Market, Refuse};
use crate::domain::{ClientId, Qty, Side};

impl Market {
    /// Takes a conditional order.
    ///
    /// # Errors
    /// A [`Refuse`]; then none exists and nothing was told.
    pub fn place_algo(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        ask: AlgoAsk,
    ) -> Result<AlgoView, Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        self.admit_algo(account, &ask, None)?;
        let id = self.next_algo;
        let client = match ask.client {
            Some(client) => client,
            None => ClientId::new(&format!("algo{id}")).map_err(|_| Refuse::Overflow)?,
        };
        self.next_algo += 1;
        let price = self.watched_price(ask.symbol, ask.watch);
        let algo = AlgoView {
            id,
            client,
            account,
            ask,
            status: AlgoStatus::New,
            activated: ask.trigger.trails_at_once(),
            extreme: price,
            order: None,
            created_ms: self.now_ms,
            updated_ms: self.now_ms,
            triggered_ms: 0,
        };
        let owner = self.account_of_mut(account).ok_or(Refuse::UnknownAccount)?;
        owner.history.add_algo(algo.clone());
        if let Some(state) = self.symbols.get_mut(usize::from(ask.symbol.0)) {
            state.watched.push((account, id));
        }
        self.tell_algo(account, id);
        Ok(algo)
    }

    /// Cancels a waiting conditional order.
    ///
    /// # Errors
    /// [`Refuse::UnknownOrder`].
    pub fn cancel_algo(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        which: WhichAlgo,
    ) -> Result<AlgoView, Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let algo = self.algo(account, which).filter(|a| a.is_open());
        let id = algo.ok_or(Refuse::UnknownOrder)?.id;
        self.set_algo(account, id, |algo| algo.status = AlgoStatus::Cancelled);
        self.algo(account, WhichAlgo::Id(id))
            .cloned()
            .ok_or(Refuse::UnknownOrder)
    }

    /// Cancels all waiting conditional orders of an account on a symbol, oldest first.
    pub fn cancel_all_algos(&mut self, now_ms: i64, account: AccountNo, symbol: SymbolNo) {
        for algo in self.open_algos(account, Some(symbol)) {
            // Each is open: it was just listed.
            let _ = self.cancel_algo(now_ms, account, WhichAlgo::Id(algo.id));
        }
    }

    /// One conditional order, waiting or past.
    pub fn algo(&self, account: AccountNo, which: WhichAlgo) -> Option<&AlgoView> {
        self.account_of(account)?.history.find_algo(which)
    }

    /// Waiting conditional orders of an account, oldest first; of one symbol or of all.
    pub fn open_algos(&self, account: AccountNo, symbol: Option<SymbolNo>) -> Vec<AlgoView> {
        let history = self.account_of(account).map(|a| &a.history);
        let algos = history.into_iter().flat_map(|h| h.algos());
        let wanted = |a: &&AlgoView| a.is_open() && symbol.is_none_or(|only| only == a.ask.symbol);
        algos.filter(wanted).cloned().collect()
    }

    /// Waiting and past conditional orders of an account, oldest first.
    pub fn all_algos(&self, account: AccountNo) -> Vec<AlgoView> {
        let history = self.account_of(account).map(|a| &a.history);
        let algos = history.into_iter().flat_map(|h| h.algos());
        algos.cloned().collect()
    }

    /// Triggers what the present prices trigger, until nothing more does: a triggered order may move the price.
    pub(super) fn fire(&mut self, symbol: SymbolNo) {
        loop {
            let Some(state) = self.symbols.get(usize::from(symbol.0)) else {
                return;
            };
            if state.watched.is_empty() {
                return;
            }
            let watched = state.watched.clone();
            let met = watched.into_iter().find(|(a, id)| self.looks(*a, *id));
            let Some((account, id)) = met else {
                return;
            };
            self.pull_trigger(account, id);
        }
    }

    /// Lets one conditional order look at its price. True when its trigger is met.
    fn looks(&mut self, account: AccountNo, id: u64) -> bool {
        let Some(algo) = self.algo(account, WhichAlgo::Id(id)).cloned() else {
            return false;
        };
        let Some(spec) = self.spec(algo.ask.symbol) else {
            return false;
        };
        let price = self.watched_price(algo.ask.symbol, algo.ask.watch);
        let met = match algo.ask.trigger {
            Trigger::Trail { activate, callback } => {
                let activate = activate.map(|t| spec.instrument.price_decimal(t));
                self.trails(&algo, price, activate, |extreme| extreme * callback)
            }
            Trigger::Follow { activate, distance } => {
                let activate = activate.map(|t| spec.instrument.price_decimal(t));
                let distance = spec.instrument.price_decimal(distance);
                self.trails(&algo, price, activate, |_| distance)
            }
            Trigger::Stop(_) | Trigger::Take(_) => self.would_trigger(spec, &algo.ask),
        };
        met && (!algo.ask.protect || self.is_together(algo.ask.symbol))
    }

    /// Moves a trail's extreme, activates it, and says whether the price has come back far enough.
    fn trails(
        &mut self,
        algo: &AlgoView,
        price: Decimal,
        activate: Option<Decimal>,
        distance: impl Fn(Decimal) -> Decimal,
    ) -> bool {
        let (extreme, reached, back) = match algo.ask.side {
            Side::Buy => {
                let low = algo.extreme.min(price);
                let back = price >= low + distance(low);
                (low, activate.is_none_or(|a| low <= a), back)
            }
            Side::Sell => {
                let high = algo.extreme.max(price);
                let back = price <= high - distance(high);
                (high, activate.is_none_or(|a| high >= a), back)
            }
        };
        let told = reached && !algo.activated;
        let owner = self.account_of_mut(algo.account);
        if let Some(kept) = owner.and_then(|a| a.history.algo_mut(algo.id)) {
            kept.extreme = extreme;
            kept.activated = reached;
        }
        if told {
            self.tell_algo(algo.account, algo.id);
        }
        reached && back
    }

    /// Mark and last price are close enough for protected orders.
    fn is_together(&self, symbol: SymbolNo) -> bool {
        let mark = self.mark_price(symbol);
        let apart = (mark - self.watched_price(symbol, Watch::Last)).abs();
        let most = self.spec(symbol).map(|s| s.trigger_protect * mark);
        most.is_some_and(|most| apart <= most)
    }

    fn pull_trigger(&mut self, account: AccountNo, id: u64) {
        let now_ms = self.now_ms;
        self.set_algo(account, id, |algo| {
            algo.status = AlgoStatus::Triggering;
            algo.triggered_ms = now_ms;
        });
        if let Err(why) = self.become_order(account, id) {
            self.set_algo(account, id, |algo| algo.status = AlgoStatus::Rejected(why));
        }
    }

    fn become_order(&mut self, account: AccountNo, id: u64) -> Result<(), Refuse> {
        let algo = self.algo(account, WhichAlgo::Id(id)).cloned();
        let algo = algo.ok_or(Refuse::UnknownOrder)?;
        let ask = algo.ask;
        let owner = self.account_of(account).ok_or(Refuse::UnknownAccount)?;
        let whole = Qty(owner.reducible(ask.symbol, ask.leg, ask.side));
        let closes = ask.qty.is_none() || ask.leg.only_closes(ask.side);
        let reduces = ask.reduce_only || closes;
        if reduces && whole.is_zero() {
            return Err(Refuse::ReduceOnlyRejected);
        }
        let named = self.order(account, ask.symbol, Which::Client(algo.client));
        let is_free = named.is_none_or(|o| !o.status.is_open());
        let submit = Submit {
            symbol: ask.symbol,
            // The order takes the name over, as clients that match by name rely on (banbox/banexg#10).
            client: is_free.then_some(algo.client),
            side: ask.side,
            leg: ask.leg,
            kind: ask.kind,
            qty: ask.qty.unwrap_or(whole),
            reduce_only: reduces,
            self_trade: ask.self_trade,
        };
        let order = match self.take_order(account, submit, Some(id)) {
            Err(Refuse::ReduceOnlyCovered) if ask.kind == Kind::Market => {
                self.knock_out(account, &submit);
                self.take_order(account, submit, Some(id))?
            }
            taken => taken?,
        };
        self.set_algo(account, id, |algo| {
            algo.status = AlgoStatus::Triggered;
            algo.order = Some(order);
        });
        self.work(account, order);
        Ok(())
    }

    /// Tells the conditional order that became this order when the order has ended.
    pub(super) fn finish_algo(&mut self, account: AccountNo, order: u64) {
        let ended = |o: &&OrderView| !o.status.is_open();
        let order = self.order_of(account, order).filter(ended);
        if let Some(id) = order.and_then(|o| o.algo) {
            self.set_algo(account, id, |algo| algo.status = AlgoStatus::Finished);
        }
    }

    /// Ends conditional orders that would close a position which is gone. They live as "good till expired" at the venue
    /// (codes -4130 and -4509 call them so), which ends with the position.
    pub(super) fn expire_closers(&mut self, account: AccountNo, symbol: SymbolNo) {
        let (state, owner) = (
            self.symbols.get(usize::from(symbol.0)),
            self.account_of(account),
        );
        let (Some(state), Some(owner)) = (state, owner) else {
            return;
        };
        let mine = state.watched.iter().filter(|(whose, _)| *whose == account);
        let algos = mine.filter_map(|(_, id)| owner.history.find_algo(WhichAlgo::Id(*id)));
        let idle = |a: &&AlgoView| {
            a.ask.qty.is_none() && owner.reducible(symbol, a.ask.leg, a.ask.side) == 0
        };
        let ids: Vec<u64> = algos.filter(idle).map(|a| a.id).collect();
        for id in ids {
            self.set_algo(account, id, |algo| algo.status = AlgoStatus::Expired);
        }
    }

    /// The price that a conditional order looks at, quote currency.
    pub fn watched_price(&self, symbol: SymbolNo, watch: Watch) -> Decimal {
        let Some(state) = self.symbols.get(usize::from(symbol.0)) else {
            return Decimal::ZERO;
        };
        match watch {
            Watch::Mark => state.mark.price(&state.spec),
            Watch::Last => state
                .spec
                .instrument
                .price_decimal(state.prints.last_price()),
        }
    }

    /// Changes a conditional order and tells it; one that waits no more is watched no more.
    fn set_algo(&mut self, account: AccountNo, id: u64, change: impl FnOnce(&mut AlgoView)) {
        let now_ms = self.now_ms;
        let owner = self.account_of_mut(account);
        let Some(algo) = owner.and_then(|a| a.history.algo_mut(id)) else {
            return;
        };
        change(algo);
        algo.updated_ms = now_ms;
        let (open, symbol) = (algo.is_open(), algo.ask.symbol);
        if !open && let Some(state) = self.symbols.get_mut(usize::from(symbol.0)) {
            state.watched.retain(|w| *w != (account, id));
        }
        self.tell_algo(account, id);
    }

    pub(super) fn tell_algo(&mut self, account: AccountNo, id: u64) {
        let Some(algo) = self.algo(account, WhichAlgo::Id(id)).cloned() else {
            return;
        };
        let order = algo
            .order
            .and_then(|id| self.order_of(account, id))
            .cloned();
        let event = AlgoEvent {
            algo,
            order,
            time_ms: self.now_ms,
        };
        self.tell(MarketEvent::Algo(Box::new(event)));
    }
}
