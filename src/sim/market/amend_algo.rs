//! Changing a conditional order that waits: it keeps its id and its name.

use super::algo::{AlgoAsk, AlgoView, WhichAlgo};
use super::spec::AccountNo;
use super::{Market, Refuse};

impl Market {
    /// Puts another order in the place of a waiting one: instrument, side, position and name stay. A trail begins anew.
    ///
    /// # Errors
    /// A [`Refuse`]; the order is as it was. [`Refuse::NoChange`] when it already is what is asked for.
    pub fn amend_algo(
        &mut self,
        now_ms: i64,
        account: AccountNo,
        which: WhichAlgo,
        ask: AlgoAsk,
    ) -> Result<AlgoView, Refuse> {
        self.now_ms = self.now_ms.max(now_ms);
        let old = self.algo(account, which).filter(|a| a.is_open());
        let old = old.ok_or(Refuse::UnknownOrder)?;
        let id = old.id;
        let ask = AlgoAsk {
            symbol: old.ask.symbol,
            client: old.ask.client,
            side: old.ask.side,
            leg: old.ask.leg,
            ..ask
        };
        if ask == old.ask {
            return Err(Refuse::NoChange);
        }
        self.admit_algo(account, &ask, Some(id))?;
        let extreme = self.watched_price(ask.symbol, ask.watch);
        let now_ms = self.now_ms;
        let owner = self.account_of_mut(account).ok_or(Refuse::UnknownAccount)?;
        let kept = owner.history.algo_mut(id).ok_or(Refuse::UnknownOrder)?;
        kept.ask = ask;
        kept.activated = ask.trigger.trails_at_once();
        kept.extreme = extreme;
        kept.updated_ms = now_ms;
        let changed = kept.clone();
        self.tell_algo(account, id);
        Ok(changed)
    }
}
