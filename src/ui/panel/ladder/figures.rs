//! The columns beside the sizes: what was added and pulled, sums, volume at price, delta, queue, ruler. Each is one figure a row.

use ratatui::style::{Modifier, Style};
use rust_decimal::Decimal;

use super::{Ladder, queue, ruler, sizes};
use crate::domain::{Qty, Side};
use crate::market::traded::{AtPrice, Traded};
use crate::ui::format;
use crate::ui::panel::Scene;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::columns::COLUMNS;
use crate::ui::view::profile;
use crate::ui::view::{Column, Columns, Grid, look};

/// Two lists of one entry a row: of the bids and of the asks.
type Halves = [Vec<i64>; 2];

/// Figures by row, lots; empty for columns that are not there.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    gained: Halves,
    cum: Halves,
    session: Vec<Traded>,
    recent: Vec<Traded>,
}

impl Figures {
    /// Those of the columns that stand.
    pub fn of(scene: &Scene<'_>, grid: Grid, columns: &Columns) -> Self {
        let market = scene.market();
        let has = |column: Column| columns.place(column).is_some();
        let halves = |of: &dyn Fn(Side) -> Vec<i64>| [of(Side::Buy), of(Side::Sell)];
        let mut out = Self::default();
        if let Some(pair) = market.changed.as_ref().filter(|_| has(Column::Change)) {
            out.gained = halves(&|side| profile::gained(grid, side, pair));
        }
        if let Some(depth) = market.depth.as_deref().filter(|_| has(Column::Cum)) {
            out.cum = halves(&|side| profile::cumulative(grid, side, depth.levels(side)));
        }
        let volume = |wanted: bool, of: Option<&AtPrice>| {
            of.filter(|_| wanted)
                .map_or_else(Vec::new, |volume| profile::traded(grid, volume))
        };
        let session = has(Column::Traded) || has(Column::Delta);
        out.session = volume(session, market.session_volume.as_deref());
        let recent = has(Column::Recent) || has(Column::RecentDelta);
        out.recent = volume(recent, market.recent_volume.as_deref());
        out
    }

    fn half(halves: &Halves, side: Side, row: u16) -> i64 {
        let half = match side {
            Side::Buy => &halves[0],
            Side::Sell => &halves[1],
        };
        half.get(usize::from(row)).copied().unwrap_or(0)
    }
}

/// The word over a column.
pub fn head(ladder: &Ladder<'_>, column: Column) -> String {
    let look = &ladder.scene.view.look;
    match column {
        Column::Recent => format!("{}m", look.minutes),
        Column::RecentDelta => format!("{}m Δ", look.minutes),
        Column::Ruler => match look.ruler {
            look::Ruler::Ticks => "ticks".to_owned(),
            look::Ruler::Percent => "%".to_owned(),
            look::Ruler::Quote => ladder.instrument.quote.to_string(),
        },
        Column::Queue => "ahead behind".to_owned(),
        column => column.name().to_owned(),
    }
}

/// Draws every figure of a row.
pub fn draw(ladder: &Ladder<'_>, row: u16, pen: &mut Pen<'_>) {
    for (column, _) in COLUMNS {
        let Some(place) = ladder.columns.place(column) else {
            continue;
        };
        match column {
            Column::Queue => queue::draw(ladder, row, place, pen),
            Column::Change => change(ladder, row, place, pen),
            Column::Cum => cum(ladder, row, place, pen),
            Column::Traded => traded(ladder, &ladder.figures.session, row, place, pen),
            Column::Recent => traded(ladder, &ladder.figures.recent, row, place, pen),
            Column::Delta => delta(ladder, &ladder.figures.session, row, place, pen),
            Column::RecentDelta => delta(ladder, &ladder.figures.recent, row, place, pen),
            Column::Ruler => ruler::draw(ladder, row, place, pen),
        }
    }
}

/// Writes a figure at the right end of its place.
pub fn put(text: &str, row: u16, (start, end): (u16, u16), style: Style, pen: &mut Pen<'_>) {
    let text = format::cut(text, usize::from(end - start));
    pen.put_right(end, row, &text, style);
}

/// The side that a row belongs to now; none inside the spread.
fn side_of(ladder: &Ladder<'_>, row: u16) -> Option<Side> {
    match (ladder.bid_row, ladder.ask_row) {
        (Some(bid), _) if row >= bid => Some(Side::Buy),
        (_, Some(ask)) if row <= ask => Some(Side::Sell),
        _ => [Side::Buy, Side::Sell]
            .into_iter()
            .find(|side| sizes::at(ladder, *side, row) > 0),
    }
}

fn amount(ladder: &Ladder<'_>, lots: i64) -> Decimal {
    ladder.instrument.qty_decimal(Qty(lots))
}

fn places(ladder: &Ladder<'_>) -> u32 {
    ladder.instrument.lot.decimals()
}

fn change(ladder: &Ladder<'_>, row: u16, place: (u16, u16), pen: &mut Pen<'_>) {
    let Some(side) = side_of(ladder, row) else {
        return;
    };
    let gained = Figures::half(&ladder.figures.gained, side, row);
    if gained.saturating_abs() < ladder.marks.change {
        return;
    }
    let role = if gained > 0 { Role::Text } else { Role::Dim };
    let text = format::signed_figure(amount(ladder, gained), places(ladder));
    put(&text, row, place, ladder.fresh(role), pen);
}

fn cum(ladder: &Ladder<'_>, row: u16, place: (u16, u16), pen: &mut Pen<'_>) {
    let sum = [Side::Buy, Side::Sell]
        .into_iter()
        .map(|side| Figures::half(&ladder.figures.cum, side, row))
        .max()
        .unwrap_or(0);
    if sum > 0 {
        let text = format::figure(amount(ladder, sum), places(ladder));
        put(&text, row, place, ladder.fresh(Role::Dim), pen);
    }
}

/// Volume over a bar of the ground; the row where most traded stands out.
fn traded(ladder: &Ladder<'_>, rows: &[Traded], row: u16, place: (u16, u16), pen: &mut Pen<'_>) {
    let total = rows.get(usize::from(row)).map_or(0, |row| row.total());
    if total <= 0 {
        return;
    }
    let most = rows.iter().map(|row| row.total()).max().unwrap_or(total);
    let cells = i128::from(place.1 - place.0);
    let bar = (i128::from(total) * cells / i128::from(most.max(1))).clamp(1, cells);
    if let Some(colour) = ladder.style(Role::Volume).bg
        && ladder.scene.view.cursor_row() != Some(row)
    {
        pen.tint(place.0, row, bar as u16, Style::new().bg(colour));
    }
    let (role, loud) = if total == most {
        (Role::Bright, Modifier::BOLD)
    } else {
        (Role::Text, Modifier::empty())
    };
    let text = format::figure(amount(ladder, total), places(ladder));
    let style = Style {
        bg: None,
        ..ladder.style(role).add_modifier(loud)
    };
    put(&text, row, place, style, pen);
}

fn delta(ladder: &Ladder<'_>, rows: &[Traded], row: u16, place: (u16, u16), pen: &mut Pen<'_>) {
    let delta = rows.get(usize::from(row)).map_or(0, |row| row.delta());
    let role = if delta > 0 { Role::Bid } else { Role::Ask };
    let text = format::signed_figure(amount(ladder, delta), places(ladder));
    put(&text, row, place, ladder.style(role), pen);
}
