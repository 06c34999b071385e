//! Where the ladder's columns stand. They depend on the panel's width and the widest texts seen, never on what a value is now.

use crate::ui::view::Widths;

/// Columns as (first, one past the last), from the panel's left edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Own orders.
    pub mine: (u16, u16),
    /// Bid sizes, right-aligned.
    pub bid_size: (u16, u16),
    /// Bid bars, growing to the left.
    pub bid_bar: (u16, u16),
    /// Prices, right-aligned; one column on each side is for marks.
    pub price: (u16, u16),
    /// Ask bars, growing to the right.
    pub ask_bar: (u16, u16),
    /// Ask sizes, right-aligned.
    pub ask_size: (u16, u16),
}

/// Widest bar: longer ones carry no more than this.
const LONGEST_BAR: u16 = 40;

impl Columns {
    /// The columns of a ladder `width` wide.
    pub fn of(width: u16, widths: Widths) -> Self {
        let price = widths.price.max(7);
        let size = widths.size.max(6);
        let mine = if width >= 56 { 12.max(size + 2) } else { 8 };
        let fixed = 1 + mine + 1 + size + 1 + 2 + price + 2 + 1 + size + 1;
        let bar = (width.saturating_sub(fixed) / 2).min(LONGEST_BAR);
        let after = |end: u16, gap: u16, wide: u16| (end + gap, end + gap + wide);
        let mine = (1, 1 + mine);
        let bid_size = after(mine.1, 1, size);
        let bid_bar = after(bid_size.1, 1, bar);
        let price = after(bid_bar.1, 2, price);
        let ask_bar = after(price.1, 2, bar);
        let ask_size = after(ask_bar.1, 1, size);
        Self {
            mine,
            bid_size,
            bid_bar,
            price,
            ask_bar,
            ask_size,
        }
    }
}
