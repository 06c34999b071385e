//! Everything that a trader can ask the desk for: name, group, sentence. One row each; nothing else lists them.

use crate::domain::Side;

/// What a trader asks for. Which price it means arrives beside it in [`super::event::Press`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Bounded IOC through the far side.
    Now(Side),
    /// Limit at the cursor.
    AtCursor(Side),
    /// Post-only at the best price of the own side.
    Join(Side),
    /// Post-only one tick inside the spread; joins where the spread is one tick.
    Improve(Side),
    /// Limit a few ticks beyond the far side: takes up to there, the rest rests.
    Cross(Side),
    /// Post-only at the best price of the own side, and after it when it moves.
    Chase(Side),
    /// Post-only one tick in front of a wall; goes when the wall does.
    Lean(Side),
    /// Bounded stop that opens or adds when the price reaches the cursor.
    StopEntry(Side),
    /// The volume in several limits from the best price to the cursor.
    Scale,
    /// Link two entries, so that one cancels the other; or unlink them.
    Link,
    /// Show the other position of a hedge account.
    OtherLeg,
    /// Choose working volume 1 to 9.
    Volume(u8),
    /// Cancel this symbol's entries and end chases; stops and exits stay.
    CancelEntries,
    /// Cancel the selected order, or those at the cursor.
    CancelAt,
    /// Select the next own order.
    SelectNext,
    /// Cancel everything on this symbol, stops included.
    CancelSymbol,
    /// Cancel entries on every symbol of every account.
    CancelEntriesEverywhere,
    /// Close 25, 50, 75 or 100 percent, bounded; 100 again: market.
    Close(u8),
    /// Close what no exit covers, post-only inside the spread.
    ClosePassive,
    /// Turn the position round with one order.
    Reverse,
    /// Move the selected order, or the only one, to the cursor.
    MoveToCursor,
    /// Move it so many ticks up, or down when negative.
    Move(i8),
    /// Give it the working volume.
    Resize,
    /// Lock: no key opens or adds. Never arms.
    Lock,
    /// Arm with volume 1 to 5.
    Arm(u8),
    /// Panic on this symbol: cancel all, close the position.
    PanicSymbol,
    /// Panic everywhere.
    Panic,
    /// Stop at the cursor; further away only by a second press.
    StopAtCursor,
    /// Take at the cursor: rests, reduce-only, for what no exit covers.
    TakeAtCursor,
    /// The same for half of what no exit covers.
    TakeHalf,
    /// Stop to break-even, fees included.
    BreakEven,
    /// Stop so many ticks towards the price, or away when negative.
    NudgeStop(i8),
    /// The stop follows the price at its distance, or stays.
    TrailStop,
}

/// How the input guard treats an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// May open or add: guarded against repeats, bursts and stalls.
    Entry,
    /// Reduces, cancels or locks: never delayed, never dropped for lateness.
    Exit,
    /// Changes no order.
    Setting,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name in config and `--list-actions`.
    pub name: &'static str,
    /// What it is.
    pub action: Action,
    /// How the guard treats it.
    pub kind: Kind,
    /// One sentence for help and lists; names the orders that it sends.
    pub doc: &'static str,
}

const fn row(name: &'static str, action: Action, kind: Kind, doc: &'static str) -> Row {
    Row {
        name,
        action,
        kind,
        doc,
    }
}

/// Every action of the desk.
pub const ACTIONS: &[Row] = &[
    row(
        "sell-now",
        Action::Now(Side::Sell),
        Kind::Entry,
        "sell now: IOC limit through the bid",
    ),
    row(
        "sell-cursor",
        Action::AtCursor(Side::Sell),
        Kind::Entry,
        "sell limit at the cursor",
    ),
    row(
        "sell-join",
        Action::Join(Side::Sell),
        Kind::Entry,
        "sell post-only at the best ask",
    ),
    row(
        "sell-improve",
        Action::Improve(Side::Sell),
        Kind::Entry,
        "sell post-only one tick inside the spread",
    ),
    row(
        "buy-now",
        Action::Now(Side::Buy),
        Kind::Entry,
        "buy now: IOC limit through the ask",
    ),
    row(
        "buy-cursor",
        Action::AtCursor(Side::Buy),
        Kind::Entry,
        "buy limit at the cursor",
    ),
    row(
        "buy-join",
        Action::Join(Side::Buy),
        Kind::Entry,
        "buy post-only at the best bid",
    ),
    row(
        "buy-improve",
        Action::Improve(Side::Buy),
        Kind::Entry,
        "buy post-only one tick inside the spread",
    ),
    row(
        "sell-cross",
        Action::Cross(Side::Sell),
        Kind::Entry,
        "sell limit some ticks below the bid",
    ),
    row(
        "buy-cross",
        Action::Cross(Side::Buy),
        Kind::Entry,
        "buy limit some ticks above the ask",
    ),
    row(
        "sell-chase",
        Action::Chase(Side::Sell),
        Kind::Entry,
        "sell post-only, follows best ask",
    ),
    row(
        "buy-chase",
        Action::Chase(Side::Buy),
        Kind::Entry,
        "buy post-only, follows best bid",
    ),
    row(
        "sell-lean",
        Action::Lean(Side::Sell),
        Kind::Entry,
        "sell post-only before an ask wall",
    ),
    row(
        "buy-lean",
        Action::Lean(Side::Buy),
        Kind::Entry,
        "buy post-only before a bid wall",
    ),
    row(
        "sell-stop-cursor",
        Action::StopEntry(Side::Sell),
        Kind::Entry,
        "sell stop-limit entry at the cursor",
    ),
    row(
        "buy-stop-cursor",
        Action::StopEntry(Side::Buy),
        Kind::Entry,
        "buy stop-limit entry at the cursor",
    ),
    row(
        "scale-cursor",
        Action::Scale,
        Kind::Entry,
        "volume in n limits, best to cursor",
    ),
    row(
        "oco",
        Action::Link,
        Kind::Setting,
        "one cancels other; again: unlinked",
    ),
    row(
        "volume-1",
        Action::Volume(1),
        Kind::Setting,
        "working volume 1",
    ),
    row(
        "volume-2",
        Action::Volume(2),
        Kind::Setting,
        "working volume 2",
    ),
    row(
        "volume-3",
        Action::Volume(3),
        Kind::Setting,
        "working volume 3",
    ),
    row(
        "volume-4",
        Action::Volume(4),
        Kind::Setting,
        "working volume 4",
    ),
    row(
        "volume-5",
        Action::Volume(5),
        Kind::Setting,
        "working volume 5",
    ),
    row(
        "volume-6",
        Action::Volume(6),
        Kind::Setting,
        "volume 6, where there is one",
    ),
    row(
        "volume-7",
        Action::Volume(7),
        Kind::Setting,
        "volume 7, where there is one",
    ),
    row(
        "volume-8",
        Action::Volume(8),
        Kind::Setting,
        "volume 8, where there is one",
    ),
    row(
        "volume-9",
        Action::Volume(9),
        Kind::Setting,
        "volume 9, where there is one",
    ),
    row(
        "cancel-entries",
        Action::CancelEntries,
        Kind::Exit,
        "cancel entries here; stops, exits stay",
    ),
    row(
        "cancel-at",
        Action::CancelAt,
        Kind::Exit,
        "cancel the selected, or at the cursor",
    ),
    row(
        "select-next",
        Action::SelectNext,
        Kind::Setting,
        "select the next own order",
    ),
    row(
        "order-cursor",
        Action::MoveToCursor,
        Kind::Entry,
        "selected or only order to cursor",
    ),
    row(
        "order-up",
        Action::Move(1),
        Kind::Entry,
        "selected or only order one tick up",
    ),
    row(
        "order-down",
        Action::Move(-1),
        Kind::Entry,
        "selected or only order one tick down",
    ),
    row(
        "order-resize",
        Action::Resize,
        Kind::Entry,
        "resize the order to the volume",
    ),
    row(
        "other-leg",
        Action::OtherLeg,
        Kind::Setting,
        "hedge: show the other position",
    ),
    row(
        "cancel-symbol",
        Action::CancelSymbol,
        Kind::Exit,
        "cancel all here, stops included",
    ),
    row(
        "cancel-everywhere",
        Action::CancelEntriesEverywhere,
        Kind::Exit,
        "cancel entries on every symbol",
    ),
    row(
        "close-25",
        Action::Close(25),
        Kind::Exit,
        "close a quarter: IOC, wider, then market",
    ),
    row(
        "close-50",
        Action::Close(50),
        Kind::Exit,
        "close half: IOC, wider, then market",
    ),
    row(
        "close-75",
        Action::Close(75),
        Kind::Exit,
        "close three quarters, in the same steps",
    ),
    row(
        "close-100",
        Action::Close(100),
        Kind::Exit,
        "close all: IOC, wider; again: market",
    ),
    row(
        "lock",
        Action::Lock,
        Kind::Exit,
        "lock: no key opens or adds",
    ),
    row("arm-1", Action::Arm(1), Kind::Setting, "arm with volume 1"),
    row("arm-2", Action::Arm(2), Kind::Setting, "arm with volume 2"),
    row("arm-3", Action::Arm(3), Kind::Setting, "arm with volume 3"),
    row("arm-4", Action::Arm(4), Kind::Setting, "arm with volume 4"),
    row("arm-5", Action::Arm(5), Kind::Setting, "arm with volume 5"),
    row(
        "panic-symbol",
        Action::PanicSymbol,
        Kind::Exit,
        "panic here: cancel, close, until flat",
    ),
    row(
        "panic",
        Action::Panic,
        Kind::Exit,
        "panic: cancel, close all, until flat",
    ),
    row(
        "stop-cursor",
        Action::StopAtCursor,
        Kind::Exit,
        "stop at the cursor; wider: press again",
    ),
    row(
        "take-cursor",
        Action::TakeAtCursor,
        Kind::Exit,
        "take at the cursor: rests, reduce-only",
    ),
    row(
        "take-half",
        Action::TakeHalf,
        Kind::Exit,
        "take at the cursor for half",
    ),
    row(
        "break-even",
        Action::BreakEven,
        Kind::Exit,
        "stop to break-even, fees included",
    ),
    row(
        "stop-nearer",
        Action::NudgeStop(1),
        Kind::Exit,
        "stop one tick towards the price",
    ),
    row(
        "stop-farther",
        Action::NudgeStop(-1),
        Kind::Exit,
        "stop one tick away: press again",
    ),
    row(
        "stop-trail",
        Action::TrailStop,
        Kind::Exit,
        "stop follows the price, or stays",
    ),
    row(
        "reverse",
        Action::Reverse,
        Kind::Entry,
        "reverse: one IOC, twice the size",
    ),
    row(
        "close-passive",
        Action::ClosePassive,
        Kind::Exit,
        "close post-only inside the spread",
    ),
];

impl Action {
    /// True when it concerns every account on every venue, not only the one whose ladder has the keys.
    pub const fn is_everywhere(self) -> bool {
        matches!(self, Self::Panic | Self::CancelEntriesEverywhere)
    }

    /// Its row.
    pub fn row(self) -> Option<&'static Row> {
        ACTIONS.iter().find(|row| row.action == self)
    }
}
