//! What a trader can ask of the screen itself: name and sentence, one row each; nothing else lists them.

use super::List;

/// Changes what is seen, never an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewAction {
    /// Cursor by rows; positive is up.
    Cursor(i16),
    /// Cursor to the next large size; true is up.
    Large(bool),
    /// Let the cursor follow the best price or the middle, or stay.
    Peg,
    /// Price to the middle.
    Centre,
    /// Fewer (true) or more ticks a row.
    Zoom(bool),
    /// The next (true) or the previous time frame of the charts.
    Frame(bool),
    /// What stands in the cells of the clusters.
    ClusterText,
    /// The next set of columns of the ladder.
    Columns,
    /// The next (true) or previous ladder.
    Ladder(bool),
    /// Close this ladder.
    CloseLadder,
    /// Replay the last own trade.
    Review,
    /// This tab, from 0.
    Page(usize),
    /// One more tab.
    NewPage,
    /// Close this tab.
    ClosePage,
    /// The next layout.
    NextLayout,
    /// Small prints dim, hidden, or as all others.
    Filtered,
    /// Find a symbol.
    Search,
    /// Type a command.
    CommandLine,
    /// Read something over the ladder, or close it again.
    List(List),
    /// Set a signal level at the cursor, or take it off.
    Level,
    /// Empty the list of notifications.
    ClearNotices,
    /// Ask whether to quit.
    Quit,
    /// Type the chosen working volume.
    EditVolume,
    /// Choose or type a tag for the trip.
    Tag,
    /// Type a note on it.
    Note,
    /// Draw every cell anew.
    Redraw,
    /// Close what is open over the ladder; else hide the cursor.
    Dismiss,
    /// The ladder under the price by rows; positive is up. The mouse wheel's: it has no name and no key.
    Scroll(i16),
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name in config and `--list-actions`.
    pub name: &'static str,
    /// What it is.
    pub action: ViewAction,
    /// One sentence for help and lists.
    pub doc: &'static str,
}

const fn row(name: &'static str, action: ViewAction, doc: &'static str) -> Row {
    Row { name, action, doc }
}

/// Every action of the screen.
pub const VIEW_ACTIONS: &[Row] = &[
    row("cursor-up", ViewAction::Cursor(1), "cursor one row up"),
    row("cursor-down", ViewAction::Cursor(-1), "cursor one row down"),
    row("cursor-up-10", ViewAction::Cursor(10), "cursor ten rows up"),
    row(
        "cursor-down-10",
        ViewAction::Cursor(-10),
        "cursor ten rows down",
    ),
    row(
        "large-up",
        ViewAction::Large(true),
        "cursor to the next large size above",
    ),
    row(
        "large-down",
        ViewAction::Large(false),
        "cursor to the next large size below",
    ),
    row(
        "peg-cursor",
        ViewAction::Peg,
        "cursor follows bid, ask, middle, nothing",
    ),
    row(
        "centre",
        ViewAction::Centre,
        "price to the middle of the ladder",
    ),
    row("zoom-in", ViewAction::Zoom(true), "fewer ticks a row"),
    row("zoom-out", ViewAction::Zoom(false), "more ticks a row"),
    row(
        "frame-longer",
        ViewAction::Frame(true),
        "longer time frame of the charts",
    ),
    row(
        "frame-shorter",
        ViewAction::Frame(false),
        "shorter time frame of the charts",
    ),
    row(
        "cluster-text",
        ViewAction::ClusterText,
        "clusters: bid and ask, delta, total",
    ),
    row(
        "columns-next",
        ViewAction::Columns,
        "the ladder's next set of columns",
    ),
    row(
        "columns-list",
        ViewAction::List(List::Columns),
        "choose the ladder's columns one by one",
    ),
    row("ladder-next", ViewAction::Ladder(true), "next ladder"),
    row("ladder-prev", ViewAction::Ladder(false), "previous ladder"),
    row("ladder-close", ViewAction::CloseLadder, "close this ladder"),
    row("tab-1", ViewAction::Page(0), "go to tab 1"),
    row("tab-2", ViewAction::Page(1), "go to tab 2"),
    row("tab-3", ViewAction::Page(2), "go to tab 3"),
    row("tab-4", ViewAction::Page(3), "go to tab 4"),
    row("tab-5", ViewAction::Page(4), "go to tab 5"),
    row(
        "tab-new",
        ViewAction::NewPage,
        "one more tab, with this ladder",
    ),
    row("tab-close", ViewAction::ClosePage, "close this tab"),
    row("layout-next", ViewAction::NextLayout, "next layout"),
    row(
        "layouts",
        ViewAction::List(List::Layouts),
        "choose a layout",
    ),
    row(
        "replay-trade",
        ViewAction::Review,
        "replay your last trade: promised and got",
    ),
    row(
        "tape-filter",
        ViewAction::Filtered,
        "small prints dim, hidden, or as others",
    ),
    row("search", ViewAction::Search, "find a symbol"),
    row("command-line", ViewAction::CommandLine, "type a command"),
    row("help", ViewAction::List(List::Help), "all keys"),
    row(
        "log",
        ViewAction::List(List::Log),
        "what each key did, and how fast",
    ),
    row(
        "notices",
        ViewAction::List(List::Notices),
        "what happened, on every market",
    ),
    row(
        "notices-clear",
        ViewAction::ClearNotices,
        "empty the list of what happened",
    ),
    row(
        "level-cursor",
        ViewAction::Level,
        "signal level at the cursor, on or off",
    ),
    row(
        "stats",
        ViewAction::List(List::Stats),
        "round trips and what they come to",
    ),
    row(
        "tag-trip",
        ViewAction::Tag,
        "tag the open trip, else the last one",
    ),
    row("note-trip", ViewAction::Note, "a note on that trip"),
    row(
        "themes",
        ViewAction::List(List::Themes),
        "choose a theme, the screen shows it",
    ),
    row("quit", ViewAction::Quit, "ask whether to quit"),
    row(
        "edit-volume",
        ViewAction::EditVolume,
        "type the chosen volume",
    ),
    row("redraw", ViewAction::Redraw, "draw the whole screen anew"),
    row(
        "dismiss",
        ViewAction::Dismiss,
        "close what is open, hide the cursor",
    ),
];
