//! The public side of Binance USDⓈ-M futures.

use std::sync::Arc;

use crate::domain::{Depth, Stamp, Symbol};
use crate::exchange::Endpoints;
use crate::exchange::machine::{Feed, In, Machine, Out};

/// Public lines, instruments, clock and books of Binance USDⓈ-M futures.
pub struct BinanceFuturesFeed {
    endpoints: Endpoints,
}

impl BinanceFuturesFeed {
    /// A feed that connects to these addresses when started.
    pub fn new(endpoints: &Endpoints) -> Self {
        Self {
            endpoints: endpoints.clone(),
        }
    }
}

impl Machine for BinanceFuturesFeed {
    fn on(&mut self, _now: Stamp, _event: In<'_>, _out: &mut Out) {
        let _ = &self.endpoints;
    }
}

impl Feed for BinanceFuturesFeed {
    fn depth(&self, _symbol: Symbol, _now: Stamp, _levels: usize) -> Option<Arc<Depth>> {
        None
    }
}
