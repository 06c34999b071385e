//! How a ladder is looked at: what the settings say of columns, thresholds, rulers and lines. Owned by the view; it must not hold data.

use std::collections::BTreeMap;

use super::columns::{Chosen, Column, Columns};
use super::{Profile, View, touch};
use crate::domain::{Instrument, Price, Qty, Symbol};
use crate::market::amount::{Amount, worth_of};
use crate::market::sizes::{Rows, Usual};
use crate::ui::format;
use crate::ui::snapshot::MarketView;

/// The unit of the ruler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ruler {
    /// Price steps.
    #[default]
    Ticks,
    /// Per cent of the price it starts from.
    Percent,
    /// The price's own currency.
    Quote,
}

/// What sizes of the book count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// As the venue counts: coins or contracts.
    #[default]
    Base,
    /// What they are worth.
    Quote,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Columns of a ladder for which nothing else was chosen.
    pub columns: Chosen,
    /// The ruler's unit.
    pub ruler: Ruler,
    /// The ruler starts at the entry while there is a position, else at the best prices.
    pub from_entry: bool,
    /// From where on a size is large.
    pub large: Amount,
    /// From where on it is huge.
    pub huge: Amount,
    /// The size of a full bar.
    pub bar_full: Amount,
    /// The least change of a row that is written.
    pub change_from: Amount,
    /// The least volume of a suspected iceberg that is marked.
    pub iceberg_from: Amount,
    /// `large`, `huge` and `bar_full` of single symbols.
    pub of_symbol: BTreeMap<Symbol, Thresholds>,
    /// A thin line every so many rows and a fat one; 0: none.
    pub grid: [u16; 2],
    /// Sizes of the book from a thousand on are written `1.2K`.
    pub is_short: bool,
    /// What sizes of the book count.
    pub counted: Counted,
    /// Minutes of the rolling volume.
    pub minutes: u64,
}

/// Thresholds of one symbol; `None`: those of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// From where on a size is large.
    pub large: Option<Amount>,
    /// From where on it is huge.
    pub huge: Option<Amount>,
    /// The size of a full bar.
    pub bar_full: Option<Amount>,
}

/// What row sizes are measured against now, lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// From here on a size is large; `i64::MAX` where there is too little to compare.
    pub large: i64,
    /// From here on it is huge.
    pub huge: i64,
    /// What a full bar should stand for, where the trader says so.
    pub bar_full: Option<i64>,
    /// The same by itself: what nine rows in ten stay under.
    pub most: i64,
    /// The least change that is written.
    pub change: i64,
    /// The least volume of an iceberg that is marked.
    pub iceberg: i64,
}

impl Look {
    /// What sizes are measured against; `usual` is of the ladder's zoom, and what is on the screen serves while it is missing.
    pub fn marks(&self, market: &MarketView, usual: Option<Usual>, profile: &Profile) -> Marks {
        let set = |amount: Amount| lots(amount, market);
        let own = market.key.and_then(|key| self.of_symbol.get(&key.symbol));
        let own = own.copied().unwrap_or_default();
        let large = set(own.large.unwrap_or(self.large));
        let huge = set(own.huge.unwrap_or(self.huge));
        let by_itself = usual.unwrap_or(Usual {
            middle: profile.middle,
            most: profile.usual,
            large: profile.large,
            huge: profile.large.saturating_mul(2),
        });
        let large = large.unwrap_or(by_itself.large);
        Marks {
            large,
            huge: huge.unwrap_or(by_itself.huge).max(large),
            bar_full: set(own.bar_full.unwrap_or(self.bar_full)),
            most: by_itself.most,
            change: set(self.change_from).unwrap_or(by_itself.middle / 4).max(1),
            iceberg: set(self.iceberg_from).unwrap_or(by_itself.middle),
        }
    }
}

impl Look {
    /// A size of the book as the ladder writes it; `price` is what it is worth.
    pub fn size(&self, instrument: &Instrument, price: Price, lots: i64) -> String {
        match self.counted {
            Counted::Base => {
                let size = instrument.qty_decimal(Qty(lots));
                if self.is_short {
                    format::figure(size, instrument.lot.decimals())
                } else {
                    format::qty(instrument, Qty(lots))
                }
            }
            Counted::Quote => match worth_of(instrument, price, Qty(lots)) {
                Some(worth) if self.is_short => format::figure(worth, 0),
                Some(worth) => format::fixed(worth, 0),
                None => "?".to_owned(),
            },
        }
    }
}

/// A size that is set by hand, at the best price.
fn lots(amount: Amount, market: &MarketView) -> Option<i64> {
    let (bid, ask) = touch(market);
    let price = bid.or(ask).unwrap_or(Price(0));
    amount.lots(market.instrument.as_deref()?, price)
}

impl View {
    /// The columns that this ladder is to have.
    pub fn columns(&self) -> &Chosen {
        self.columns.as_ref().unwrap_or(&self.look.columns)
    }

    /// This ladder is to have these columns.
    pub fn choose_columns(&mut self, chosen: Chosen) {
        self.columns = Some(chosen);
    }

    /// True where this column was chosen and finds room.
    pub fn shows(&self, column: Column) -> bool {
        let chosen = self.columns();
        let room = || Columns::of(self.plan().ladder().width, self.widths, chosen);
        chosen.has(column) && room().place(column).is_some()
    }

    /// What is known of the rows of this zoom.
    pub fn rows_known<'a>(&self, market: &'a MarketView) -> Option<&'a Rows> {
        market.sizes.as_ref()?.get(self.zoom)
    }

    /// What sizes are measured against.
    pub fn marks(&self, market: &MarketView, profile: &Profile) -> Marks {
        let usual = self.rows_known(market).and_then(|rows| rows.usual);
        self.look.marks(market, usual, profile)
    }
}
