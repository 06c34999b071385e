//! Which margin mode an order takes. At OKX that is said by each order (`tdMode`), and a contract may be held in both modes at once.
//!
//! Owns what was chosen in this run and what is held. A position decides for itself: an exit in the other mode would open a second
//! position instead of closing it. Where both modes are held, the chosen one (else cross) is the one that Lancet shows and closes.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::domain::message::MarginMode;
use crate::domain::{Leg, PositionReport, Symbol};

/// What was last told of one position in each mode; a flat one too, for its time.
#[derive(Debug, Default)]
struct Held {
    cross: Option<PositionReport>,
    isolated: Option<PositionReport>,
}

impl Held {
    const fn told(&self, mode: MarginMode) -> Option<PositionReport> {
        match mode {
            MarginMode::Cross => self.cross,
            MarginMode::Isolated => self.isolated,
        }
    }

    const fn set(&mut self, mode: MarginMode, report: PositionReport) {
        match mode {
            MarginMode::Cross => self.cross = Some(report),
            MarginMode::Isolated => self.isolated = Some(report),
        }
    }

    fn open(&self, mode: MarginMode) -> Option<PositionReport> {
        self.told(mode).filter(|report| !report.size.is_zero())
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Margins {
    chosen: HashMap<Symbol, MarginMode, FixedState>,
    held: HashMap<(Symbol, Option<Leg>), Held, FixedState>,
    /// Truth spoke of every position at this venue time, ms.
    as_of_ms: i64,
}

impl Margins {
    /// The mode of orders for this position.
    pub fn mode(&self, symbol: Symbol, leg: Option<Leg>) -> MarginMode {
        let open = |mode| {
            let held = self.held.get(&(symbol, leg));
            held.is_some_and(|held| held.open(mode).is_some())
        };
        match (open(MarginMode::Cross), open(MarginMode::Isolated)) {
            (true, false) => MarginMode::Cross,
            (false, true) => MarginMode::Isolated,
            _ => self
                .chosen
                .get(&symbol)
                .copied()
                .unwrap_or(MarginMode::Cross),
        }
    }

    /// The mode of a symbol as a whole: that of any position, else what was chosen.
    pub fn of_symbol(&self, symbol: Symbol) -> MarginMode {
        let legs = [None, Some(Leg::Long), Some(Leg::Short)];
        let open = |leg: &Option<Leg>| {
            let held = self.held.get(&(symbol, *leg));
            held.is_some_and(|held| {
                let modes = [MarginMode::Cross, MarginMode::Isolated];
                modes.into_iter().any(|mode| held.open(mode).is_some())
            })
        };
        self.mode(symbol, legs.into_iter().find(open).flatten())
    }

    /// Chooses the mode of orders to come.
    ///
    /// # Errors
    /// While a position is held in the other mode: why not, in words.
    pub fn choose(&mut self, symbol: Symbol, mode: MarginMode) -> Result<(), &'static str> {
        let other = match mode {
            MarginMode::Cross => MarginMode::Isolated,
            MarginMode::Isolated => MarginMode::Cross,
        };
        let mut held = self.held.iter().filter(|((of, _), _)| *of == symbol);
        if held.any(|(_, held)| held.open(other).is_some()) {
            return Err("a position is open in the other margin mode: close it first");
        }
        self.chosen.insert(symbol, mode);
        Ok(())
    }

    /// The venue told of a position in a mode. Gives what the position is to the desk now; `None` where something newer is known,
    /// or where this one is not shown.
    pub fn take(&mut self, report: PositionReport, mode: MarginMode) -> Option<PositionReport> {
        let place = (report.key.symbol, report.leg);
        let before = self.mode(place.0, place.1);
        let held = self.held.entry(place).or_default();
        let known_ms = held
            .told(mode)
            .map_or(self.as_of_ms, |known| known.venue_ms);
        if known_ms > report.venue_ms {
            return None;
        }
        held.set(mode, report);
        let shown = self.mode(place.0, place.1);
        if shown == mode || (before == mode && report.size.is_zero()) {
            let other = self.held.get(&place).and_then(|held| held.open(shown));
            let turned = other.filter(|_| shown != mode).map(|other| PositionReport {
                // The shown one ended: as of this moment it is the other.
                venue_ms: report.venue_ms.max(other.venue_ms),
                at: report.at,
                ..other
            });
            return Some(turned.unwrap_or(report));
        }
        None
    }

    /// Takes every position that there is, as of this venue time, ms. Gives what the desk is shown, and the symbols that are held
    /// in both modes.
    pub fn truth(
        &mut self,
        rows: &[(PositionReport, MarginMode)],
        as_of_ms: i64,
    ) -> (Vec<PositionReport>, Vec<Symbol>) {
        self.as_of_ms = as_of_ms;
        self.held.clear();
        for (report, mode) in rows {
            let place = (report.key.symbol, report.leg);
            self.held.entry(place).or_default().set(*mode, *report);
        }
        let mut shown = Vec::new();
        let mut doubled = Vec::new();
        for ((symbol, leg), held) in &self.held {
            shown.extend(held.open(self.mode(*symbol, *leg)));
            let modes = [MarginMode::Cross, MarginMode::Isolated];
            if modes.into_iter().all(|mode| held.open(mode).is_some()) {
                doubled.push(*symbol);
            }
        }
        (shown, doubled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Stamp;
    use crate::exchange::okx::account::tests::rig;

    fn position(size: i64, venue_ms: i64) -> PositionReport {
        PositionReport {
            key: rig::key("BTC-USDT-SWAP"),
            leg: None,
            size: size.into(),
            entry: 60_000.into(),
            liquidation: None,
            venue_ms,
            at: Stamp::default(),
        }
    }

    #[test]
    fn a_position_decides_the_mode_of_its_orders() {
        let symbol = rig::symbol("BTC-USDT-SWAP");
        let mut margins = Margins::default();
        assert_eq!(margins.mode(symbol, None), MarginMode::Cross);
        assert_eq!(margins.choose(symbol, MarginMode::Isolated), Ok(()));
        assert_eq!(margins.mode(symbol, None), MarginMode::Isolated);
        // Opened elsewhere, in the other mode.
        let told = margins.take(position(2, 10), MarginMode::Cross);
        assert_eq!(told, Some(position(2, 10)));
        assert_eq!(margins.mode(symbol, None), MarginMode::Cross);
        assert!(margins.choose(symbol, MarginMode::Isolated).is_err());
        let told = margins.take(position(0, 11), MarginMode::Cross);
        assert_eq!(told, Some(position(0, 11)));
        assert_eq!(margins.mode(symbol, None), MarginMode::Isolated);
    }

    #[test]
    fn of_two_positions_one_is_shown_and_the_other_takes_its_place() {
        let mut margins = Margins::default();
        let rows = vec![
            (position(2, 10), MarginMode::Cross),
            (position(-3, 9), MarginMode::Isolated),
        ];
        let (shown, doubled) = margins.truth(&rows, 8);
        assert_eq!(shown, [position(2, 10)]);
        assert_eq!(doubled, [rig::symbol("BTC-USDT-SWAP")]);
        // What happens to the hidden one is not told as if it were the shown one, and what is old is not told at all.
        assert_eq!(margins.take(position(7, 9), MarginMode::Cross), None);
        assert_eq!(margins.take(position(-4, 12), MarginMode::Isolated), None);
        let told = margins.take(position(0, 13), MarginMode::Cross).unwrap();
        assert_eq!((told.size, told.venue_ms), ((-4).into(), 13));
    }
}
