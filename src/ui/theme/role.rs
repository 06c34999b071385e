//! The things that have a colour, in trading words. Owns nothing.

/// One thing on the screen that a theme colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Role {
    /// Every cell that nothing else colours; its `bg` is the screen.
    Text,
    /// Words and digits that matter less.
    Dim,
    /// What is there only when looked for.
    Faint,
    /// Digits that change, names.
    Bright,
    /// The thin lines between panels.
    Rule,
    /// The status and bottom lines.
    Bar,
    /// The one word at the head of a panel.
    Heading,
    /// Bid sizes; profit.
    Bid,
    /// Ask sizes; loss.
    Ask,
    /// The bar of a bid size.
    BidBar,
    /// The bar of an ask size.
    AskBar,
    /// A large size.
    Large,
    /// A size larger than that.
    Huge,
    /// Background of volume at price: a bar under the figure.
    Volume,
    /// Background of the best bid's price.
    BestBid,
    /// Background of the best ask's price.
    BestAsk,
    /// Where the last trade was.
    Last,
    /// Background of a row that a buyer just traded at.
    TradedBuy,
    /// Background of a row that a seller just traded at.
    TradedSell,
    /// Own orders that rest.
    Mine,
    /// Own orders on their way in or out.
    MinePending,
    /// The side and the size of the position.
    Position,
    /// Background of the entry's row.
    Entry,
    /// Background of the cursor's row.
    Cursor,
    /// Profit.
    Profit,
    /// Loss.
    Loss,
    /// Something to look at.
    Warn,
    /// Danger, and nothing else.
    Alarm,
    /// Numbers of a book that is not live.
    Stale,
    /// The word LIVE.
    Live,
    /// The built-in exchange.
    Sim,
    /// A demo network.
    Demo,
    /// Paper.
    Paper,
    /// Real money.
    Real,
    /// A recording.
    Replay,
    /// Keys may open and add.
    Armed,
    /// Keys may only reduce.
    ExitsOnly,
    /// No key trades.
    Locked,
    /// The name of a key.
    Key,
    /// What is chosen in a list or among volumes.
    Chosen,
    /// The overlay and text fields.
    Overlay,
    /// The brightest shade of resting liquidity.
    Heat,
}

/// Every role: its name in a theme, and the role whose style it takes where a theme is silent.
pub const ROLES: &[(Role, &str, Option<Role>)] = &[
    (Role::Text, "text", None),
    (Role::Dim, "dim", Some(Role::Text)),
    (Role::Faint, "faint", Some(Role::Dim)),
    (Role::Bright, "bright", Some(Role::Text)),
    (Role::Rule, "rule", Some(Role::Faint)),
    (Role::Bar, "bar", Some(Role::Text)),
    (Role::Heading, "heading", Some(Role::Dim)),
    (Role::Bid, "bid", Some(Role::Text)),
    (Role::Ask, "ask", Some(Role::Text)),
    (Role::BidBar, "bid-bar", Some(Role::Bid)),
    (Role::AskBar, "ask-bar", Some(Role::Ask)),
    (Role::Large, "large", Some(Role::Bright)),
    (Role::Huge, "huge", Some(Role::Large)),
    (Role::Volume, "volume", Some(Role::Text)),
    (Role::BestBid, "best-bid", Some(Role::Bid)),
    (Role::BestAsk, "best-ask", Some(Role::Ask)),
    (Role::Last, "last", Some(Role::Bright)),
    (Role::TradedBuy, "traded-buy", Some(Role::BestBid)),
    (Role::TradedSell, "traded-sell", Some(Role::BestAsk)),
    (Role::Mine, "mine", Some(Role::Bright)),
    (Role::MinePending, "mine-pending", Some(Role::Mine)),
    (Role::Position, "position", Some(Role::Mine)),
    (Role::Entry, "entry", Some(Role::Mine)),
    (Role::Cursor, "cursor", Some(Role::Bright)),
    (Role::Profit, "profit", Some(Role::Bid)),
    (Role::Loss, "loss", Some(Role::Ask)),
    (Role::Warn, "warn", Some(Role::Bright)),
    (Role::Alarm, "alarm", Some(Role::Warn)),
    (Role::Stale, "stale", Some(Role::Faint)),
    (Role::Live, "live", Some(Role::Dim)),
    (Role::Sim, "sim", Some(Role::Bar)),
    (Role::Demo, "demo", Some(Role::Sim)),
    (Role::Paper, "paper", Some(Role::Sim)),
    (Role::Real, "real", Some(Role::Warn)),
    (Role::Replay, "replay", Some(Role::Sim)),
    (Role::Armed, "armed", Some(Role::Bright)),
    (Role::ExitsOnly, "exits-only", Some(Role::Warn)),
    (Role::Locked, "locked", Some(Role::Warn)),
    (Role::Key, "key", Some(Role::Bright)),
    (Role::Chosen, "chosen", Some(Role::Mine)),
    (Role::Overlay, "overlay", Some(Role::Text)),
    (Role::Heat, "heat", Some(Role::Dim)),
];

impl Role {
    /// Its name in a theme file.
    pub fn name(self) -> &'static str {
        ROLES.get(self as usize).map_or("text", |row| row.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum_and_falls_back_upwards() {
        for (at, (role, name, back)) in ROLES.iter().enumerate() {
            assert_eq!(*role as usize, at, "{name}");
            assert!(back.is_none_or(|back| (back as usize) < at), "{name}");
        }
    }
}
