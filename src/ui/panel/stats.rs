//! Round trips of the session and of all sessions: what they come to, the equity curve, the hours, and the latest one by one. As a list
//! over the ladder and, narrower, as a panel.
//!
//! While a position is open no rate of winners is shown: it does not help the one that runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::Scene;
use super::position::result_role;
use crate::domain::{Asset, Side};
use crate::engine::diary::Sheet;
use crate::engine::diary::curve::Curve;
use crate::engine::diary::tally::{Part, Tally};
use crate::engine::diary::trip::Trip;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{List, Mode};

/// Columns of a figure's name and of each figure.
const NAME: u16 = 18;
const FIGURE: u16 = 16;
/// From this width on the pictures stand beside the figures, else under them.
const WIDE: u16 = 100;
/// Rows of the equity curve.
const CURVE: u16 = 5;
/// Eighths of a row, from below.
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What stands where there is nothing to say.
const NONE: &str = "–";
/// What stands where there is a word for later.
const LATER: &str = "when flat";

/// Draws the list between the status line and the bottom line.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let area = super::overlay(scene, area, buffer);
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Overlay));
    let Mode::List(List::Stats, scroll) = scene.view.mode else {
        return;
    };
    let asset = currency(scene);
    let end = pen.put(2, 0, "round trips", scene.style(Role::Heading));
    let of = asset.map_or_else(String::new, |asset| asset.to_string());
    let end = pen.put(end + 2, 0, &of, scene.style(Role::Text));
    let account = crate::domain::text::sanitise(&scene.snapshot.account, 24);
    pen.put(end + 2, 0, &account, scene.style(Role::Dim));
    let close = scene.help.key("dismiss").unwrap_or("Esc");
    let right = pen.width().saturating_sub(2);
    pen.put_right(right, 0, &format!("{close} closes"), scene.style(Role::Dim));
    if area.height < 4 || area.width < 40 {
        return;
    }
    let wide = area.width >= WIDE;
    let figures = Rect {
        x: area.x + 2,
        y: area.y + 2,
        width: (NAME + 2 * FIGURE).min(area.width - 4),
        height: area.height - 2,
    };
    // On a small screen the latest trips are worth more than the rarer figures.
    let used = figures_of(scene, asset, area.height >= 30, figures, buffer);
    let below = area.y + 3 + used;
    let (pictures, trips) = if wide {
        let x = figures.right() + 4;
        let width = area.right().saturating_sub(x + 2);
        let height = used.max(CURVE + 6);
        (
            Rect {
                x,
                y: figures.y,
                width,
                height,
            },
            below.max(figures.y + height + 1),
        )
    } else {
        (Rect::default(), below)
    };
    self::pictures(scene, asset, pictures, buffer);
    let list = Rect {
        x: area.x + 2,
        y: trips,
        width: area.width - 4,
        height: area.bottom().saturating_sub(trips),
    };
    trips_of(scene, usize::from(scroll), list, buffer);
}

/// Draws the panel of a layout.
pub fn draw_panel(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let asset = currency(scene);
    let mut pen = Pen::new(buffer, area);
    let end = pen.put(0, 0, "round trips", scene.style(Role::Heading));
    let of = asset.map_or_else(String::new, |asset| asset.to_string());
    pen.put(end + 1, 0, &of, scene.style(Role::Dim));
    let rest = |taken: u16| Rect {
        y: area.y + taken.min(area.height),
        height: area.height.saturating_sub(taken),
        ..area
    };
    let used = 1 + figures_of(scene, asset, false, rest(1), buffer);
    let used = if area.height > used + CURVE + 4 {
        let height = CURVE + 1;
        pictures(
            scene,
            asset,
            Rect {
                height,
                ..rest(used)
            },
            buffer,
        );
        used + height
    } else {
        used
    };
    trips_of(scene, 0, rest(used), buffer);
}

/// The currency of the ladder's market; before that is known, one that has trips.
fn currency(scene: &Scene<'_>) -> Option<Asset> {
    let diary = &scene.snapshot.diary;
    let known = scene.instrument().map(|instrument| instrument.settle);
    known.or_else(|| diary.session.keys().next().copied())
}

fn tally(sheet: &Sheet, asset: Option<Asset>) -> Option<&Tally> {
    sheet.get(&asset?)
}

fn is_flat(scene: &Scene<'_>) -> bool {
    let position = &scene.market().position;
    position.size.is_zero() || position.dust
}

/// One row of figures: its name and what it is of a tally.
struct Figure {
    name: &'static str,
    /// Not while a position is open.
    waits: bool,
    of: fn(&Tally, &Money) -> (String, Role),
}

/// How money is written, where it is.
struct Money {
    hidden: bool,
    digits: u32,
}

impl Money {
    fn of(scene: &Scene<'_>, asset: Option<Asset>) -> Self {
        let in_coins = asset.is_some_and(|asset| matches!(asset.as_str(), "BTC" | "ETH" | "BNB"));
        Self {
            hidden: scene.view.money_off,
            digits: if in_coins { 6 } else { 2 },
        }
    }

    fn signed(&self, value: Decimal) -> (String, Role) {
        if self.hidden {
            return ("hidden".to_owned(), Role::Faint);
        }
        (format::signed(value, self.digits), result_role(value))
    }

    fn maybe(&self, value: Option<Decimal>) -> (String, Role) {
        value.map_or_else(none, |value| self.signed(value))
    }
}

fn none() -> (String, Role) {
    (NONE.to_owned(), Role::Faint)
}

fn ratio(value: Option<Decimal>) -> (String, Role) {
    value.map_or_else(none, |value| (format::fixed(value, 2), Role::Text))
}

fn share(value: Option<Decimal>) -> (String, Role) {
    let percent = |value: Decimal| format::fixed(value.saturating_mul(Decimal::ONE_HUNDRED), 1);
    value.map_or_else(none, |value| (format!("{}%", percent(value)), Role::Text))
}

/// Every figure, in the order of the list; a panel has the first ones.
const FIGURES: &[Figure] = &[
    Figure {
        name: "net",
        waits: false,
        of: |tally, money| money.signed(tally.net),
    },
    Figure {
        name: "trips",
        waits: false,
        of: |tally, _| (tally.trips.to_string(), Role::Text),
    },
    Figure {
        name: "expectancy",
        waits: false,
        of: |tally, money| money.maybe(tally.expectancy()),
    },
    Figure {
        name: "win rate",
        waits: true,
        of: |tally, _| share(tally.win_rate()),
    },
    Figure {
        name: "profit factor",
        waits: true,
        of: |tally, _| ratio(tally.profit_factor()),
    },
    Figure {
        name: "drawdown",
        waits: false,
        of: |tally, money| money.signed(-tally.curve.drawdown().money),
    },
    Figure {
        name: "fees of gross",
        waits: false,
        of: |tally, _| share(tally.fee_share()),
    },
    Figure {
        name: "average winner",
        waits: false,
        of: |tally, money| money.maybe(tally.wins.average()),
    },
    Figure {
        name: "average loser",
        waits: false,
        of: |tally, money| money.maybe(tally.losses.average()),
    },
    Figure {
        name: "payoff",
        waits: true,
        of: |tally, _| ratio(tally.payoff()),
    },
    Figure {
        name: "largest winner",
        waits: false,
        of: |tally, money| money.signed(tally.wins.largest),
    },
    Figure {
        name: "largest loser",
        waits: false,
        of: |tally, money| money.signed(tally.losses.largest),
    },
    Figure {
        name: "in a row",
        waits: true,
        of: |tally, _| {
            let words = format!("{} won {} lost", tally.wins.streak, tally.losses.streak);
            (words, Role::Text)
        },
    },
    Figure {
        name: "held on average",
        waits: false,
        of: |tally, _| {
            let each = tally.held_ms.checked_div(tally.trips);
            each.map_or_else(none, |ms| (format::span(ms), Role::Text))
        },
    },
    Figure {
        name: "slippage",
        waits: false,
        of: |tally, _| {
            let ticks = tally.slippage_ticks.value();
            ticks.map_or_else(none, |ticks| {
                (format!("{}t a trip", format::signed(ticks, 1)), Role::Text)
            })
        },
    },
    Figure {
        name: "below the high",
        waits: false,
        of: |tally, money| money.signed(-tally.curve.under()),
    },
];

/// Figures of a panel.
const FEW: usize = 7;

/// The figures of the session, and where there is room those of all sessions beside them; the rows that they took.
fn figures_of(
    scene: &Scene<'_>,
    asset: Option<Asset>,
    all: bool,
    area: Rect,
    buffer: &mut Buffer,
) -> u16 {
    let diary = &scene.snapshot.diary;
    let mut pen = Pen::new(buffer, area);
    let money = Money::of(scene, asset);
    let (session_end, ever_end) = (NAME + FIGURE - 4, NAME + 2 * FIGURE - 4);
    let with_ever = area.width >= ever_end;
    let dim = scene.style(Role::Dim);
    pen.put_right(session_end, 0, "session", dim);
    if with_ever {
        pen.put_right(ever_end, 0, "all sessions", dim);
    }
    let session = tally(&diary.session, asset);
    let ever = diary.ever.as_deref().map(|sheet| tally(sheet, asset));
    let figures = if all { FIGURES } else { &FIGURES[..FEW] };
    let flat = is_flat(scene);
    let mut row = 1;
    for figure in figures
        .iter()
        .take(usize::from(area.height.saturating_sub(1)))
    {
        pen.put(0, row, figure.name, dim);
        let told = |tally: Option<&Tally>| match tally {
            _ if figure.waits && !flat => (LATER.to_owned(), Role::Faint),
            Some(tally) => (figure.of)(tally, &money),
            None => none(),
        };
        let (words, role) = told(session);
        pen.put_right(session_end, row, &words, scene.style(role));
        if with_ever {
            let (words, role) = match ever {
                Some(tally) => told(tally),
                None => ("reading".to_owned(), Role::Faint),
            };
            pen.put_right(ever_end, row, &words, scene.style(role));
        }
        row += 1;
    }
    row
}

/// The session's curve, and its hours where there is room.
fn pictures(scene: &Scene<'_>, asset: Option<Asset>, area: Rect, buffer: &mut Buffer) {
    if area.width < 16 || area.height <= CURVE {
        return;
    }
    let mut pen = Pen::new(buffer, area);
    let session = tally(&scene.snapshot.diary.session, asset);
    let dim = scene.style(Role::Dim);
    let end = pen.put(0, 0, "equity, session", dim);
    let Some(session) = session else {
        pen.put(
            end + 2,
            0,
            "draws itself trip by trip",
            scene.style(Role::Faint),
        );
        return;
    };
    curve(scene, &session.curve, &mut pen);
    if area.height >= CURVE + 6 {
        hours(scene, &session.by_hour, CURVE + 2, &mut pen);
    }
}

/// The curve as columns from nothing up or down to what the trips had made by then.
fn curve(scene: &Scene<'_>, curve: &Curve, pen: &mut Pen<'_>) {
    let room = usize::from(pen.width()).min(64);
    let ends: Vec<Decimal> = curve.spans().iter().map(|span| span.end).collect();
    let each = ends.len().div_ceil(room).max(1);
    let last = |part: &[Decimal]| part.last().copied();
    let ends: Vec<Decimal> = ends.chunks(each).filter_map(last).collect();
    let low = ends.iter().copied().fold(Decimal::ZERO, Decimal::min);
    let high = ends.iter().copied().fold(Decimal::ZERO, Decimal::max);
    let above = high.checked_div(high.saturating_sub(low));
    let rows = above
        .unwrap_or(Decimal::ONE)
        .saturating_mul(CURVE.into())
        .round();
    // A side that is there at all has a row.
    let least = u16::from(!high.is_zero());
    let most = CURVE - u16::from(!low.is_zero());
    let up = rows.to_u16().unwrap_or(CURVE).clamp(least.min(most), most);
    columns(scene, &ends, 1, (1, up, CURVE - up), pen);
}

/// Twenty-four columns, and their hours.
fn hours(scene: &Scene<'_>, hours: &[Part; 24], row: u16, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    pen.put(0, row, "by hour, UTC", dim);
    let nets: Vec<Decimal> = hours.iter().map(|part| part.net).collect();
    columns(scene, &nets, 2, (row + 1, 1, 1), pen);
    for hour in (0..24).step_by(6) {
        pen.put(hour * 2, row + 3, &format!("{hour:02}"), dim);
    }
}

/// A column of so many cells for each value, from the line of nothing up or down, on one scale. `rows`: the first one, how many above
/// that line and how many below.
fn columns(
    scene: &Scene<'_>,
    values: &[Decimal],
    width: u16,
    (first, up, down): (u16, u16, u16),
    pen: &mut Pen<'_>,
) {
    let a_row = |most: Decimal, rows: u16| most.checked_div(rows.into()).unwrap_or_default();
    let high = values.iter().copied().fold(Decimal::ZERO, Decimal::max);
    let low = values.iter().copied().fold(Decimal::ZERO, Decimal::min);
    let scale = a_row(high, up).max(a_row(low.abs(), down));
    for (index, value) in (0u16..).zip(values).filter(|(_, value)| !value.is_zero()) {
        let eighths = value.abs().saturating_mul(8.into()).checked_div(scale);
        let eighths = eighths
            .unwrap_or_default()
            .round()
            .to_u16()
            .unwrap_or_default()
            .max(1);
        let gains = value.is_sign_positive();
        let rows = if gains { up } else { down };
        for step in 0..rows.min(eighths.div_ceil(8)) {
            let level = usize::from((eighths - step * 8).min(8));
            let (row, glyph, style) = if gains {
                let style = scene.style(Role::Profit);
                (first + up - 1 - step, LEVELS[level], style)
            } else {
                // What hangs from the line is the rest of a cell in reverse.
                let style = scene.style(Role::Loss).add_modifier(Modifier::REVERSED);
                (first + up + step, LEVELS[8 - level], style)
            };
            let cells = glyph.to_string().repeat(usize::from(width));
            pen.put(index * width, row, &cells, style);
        }
    }
}

/// The latest trips, newest first, under the one that is open.
fn trips_of(scene: &Scene<'_>, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let diary = &scene.snapshot.diary;
    let mut pen = Pen::new(buffer, area);
    if pen.height() == 0 {
        return;
    }
    pen.put(0, 0, "latest", scene.style(Role::Dim));
    let (tag, note) = &diary.open;
    let words = format!("{tag} {note}");
    if !is_flat(scene) {
        let room = usize::from(pen.width().saturating_sub(14));
        let words = format::cut(crate::domain::text::sanitise(&words, 200).trim(), room);
        let end = pen.put(9, 0, "open:", scene.style(Role::Dim));
        let words = if words.is_empty() {
            "no tag yet"
        } else {
            &words
        };
        pen.put(end + 1, 0, words, scene.style(Role::Mine));
    }
    if diary.latest.is_empty() {
        pen.put(
            0,
            1,
            "no round trip in this session yet",
            scene.style(Role::Faint),
        );
        return;
    }
    let room = usize::from(pen.height().saturating_sub(1));
    let scroll = scroll.min(diary.latest.len().saturating_sub(room));
    for (row, trip) in (1..pen.height()).zip(diary.latest.iter().skip(scroll)) {
        line(scene, trip, row, &mut pen);
    }
}

fn line(scene: &Scene<'_>, trip: &Trip, row: u16, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    let time = format::time_of_day(trip.closed_ms, scene.view.utc_offset_s);
    pen.put(0, row, &time, dim);
    let (word, role) = match trip.side {
        Side::Buy => ("LONG", Role::Bid),
        Side::Sell => ("SHORT", Role::Ask),
    };
    pen.put(9, row, word, scene.style(role));
    let money = Money::of(scene, Some(trip.settle));
    let (net, role) = money.signed(trip.net());
    let ticks = gained_ticks(trip);
    let narrow = pen.width() < 60;
    let symbol_end = if narrow {
        14
    } else {
        let symbol = format::cut(trip.key.symbol.as_str(), 14);
        pen.put(15, row, &symbol, scene.style(Role::Text));
        let size = format::size(trip.size, 0);
        pen.put_right(39, row, &size, scene.style(Role::Text));
        39
    };
    let net_end = symbol_end + 12;
    pen.put_right(net_end, row, &net, scene.style(role));
    let ticks_end = net_end + 9;
    pen.put_right(
        ticks_end,
        row,
        &format::ticks(ticks),
        scene.style(result_role(ticks.into())),
    );
    if narrow {
        words(trip, scene, ticks_end + 1, row, pen);
        return;
    }
    let held = format::span(trip.held_ms());
    pen.put_right(ticks_end + 8, row, &held, dim);
    if pen.width() < WIDE {
        words(trip, scene, ticks_end + 10, row, pen);
        return;
    }
    let how = format!(
        "{} to {}",
        named(&trip.opened_by.name),
        named(&trip.closed_by)
    );
    pen.put(ticks_end + 10, row, &format::cut(&how, 24), dim);
    words(trip, scene, ticks_end + 36, row, pen);
}

fn named(name: &str) -> &str {
    if name.is_empty() { NONE } else { name }
}

/// The trader's own words.
fn words(trip: &Trip, scene: &Scene<'_>, column: u16, row: u16, pen: &mut Pen<'_>) {
    let room = usize::from(pen.width().saturating_sub(column));
    let tag = format::cut(&trip.tag, room);
    let end = pen.put(column, row, &tag, scene.style(Role::Mine));
    let room = usize::from(pen.width().saturating_sub(end + 1));
    if room > 3 && !trip.note.is_empty() {
        let start = if tag.is_empty() { column } else { end + 1 };
        pen.put(
            start,
            row,
            &format::cut(&trip.note, room),
            scene.style(Role::Text),
        );
    }
}

/// From average to average, before fees.
fn gained_ticks(trip: &Trip) -> i64 {
    let moved = trip.exit.saturating_sub(trip.entry);
    let ticks = moved.checked_div(trip.tick).unwrap_or_default();
    let sign = Decimal::from(trip.side.sign());
    ticks
        .saturating_mul(sign)
        .round()
        .to_i64()
        .unwrap_or_default()
}
