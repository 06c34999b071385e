//! The position: in full beside the ladder, in one line under it. Fees stand apart from profit; nothing here counts wins.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::Scene;
use crate::domain::Side;
use crate::engine::words;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::PositionRow;
use crate::ui::theme::Role;

/// The side of a position; `None` when flat or dust.
pub fn side(position: &PositionRow) -> Option<Side> {
    if position.size.is_zero() || position.dust {
        None
    } else if position.size.is_sign_positive() {
        Some(Side::Buy)
    } else {
        Some(Side::Sell)
    }
}

/// `LONG` or `SHORT`.
pub const fn word(side: Side) -> &'static str {
    match side {
        Side::Buy => "LONG",
        Side::Sell => "SHORT",
    }
}

/// The colour of a result.
pub fn result_role(value: Decimal) -> Role {
    if value.is_zero() {
        Role::Text
    } else if value.is_sign_positive() {
        Role::Profit
    } else {
        Role::Loss
    }
}

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let at = &scene.market().position;
    pen.put(0, 0, "position", scene.style(Role::Heading));
    pen.put_right(
        pen.width().saturating_sub(1),
        0,
        &scene.market().margin,
        scene.style(Role::Dim),
    );
    pen.pieces(0, 1, &headline(scene));
    let dim = scene.style(Role::Dim);
    if side(at).is_some() {
        pen.put(0, 2, "open", dim);
        pen.pieces(5, 2, &open(scene));
        let even = at
            .break_even
            .map_or_else(String::new, |price| quote(scene, price));
        pen.pieces(
            0,
            3,
            &[
                ("even ".into(), dim),
                (format::right(&even, 11), scene.style(Role::Text)),
            ],
        );
        if let Some(price) = at.liquidation {
            pen.pieces(
                18,
                3,
                &[
                    ("liq  ".into(), dim),
                    (
                        format::right(&quote(scene, price), 9),
                        scene.style(Role::Text),
                    ),
                ],
            );
        }
    }
    pen.put(0, 4, "done", dim);
    pen.pieces(5, 4, &[money(scene, at.realised, 11)]);
    pen.put(18, 4, "fees", dim);
    pen.put(
        23,
        4,
        &format::right(&format::fixed(at.fees, 2), 9),
        scene.style(Role::Text),
    );
    let net = net(at);
    pen.put(0, 5, "net", dim);
    pen.pieces(5, 5, &[money(scene, net, 11)]);
    if !at.funding.is_zero() {
        pen.put(18, 5, "fund", dim);
        pen.pieces(23, 5, &[money(scene, at.funding, 9)]);
    }
    let mut last = dangers(scene);
    last.extend(other_leg(scene));
    pen.pieces(0, 6, &last);
}

/// Draws the same in one line; what matters less falls off the end.
pub fn draw_line(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let at = &scene.market().position;
    let dim = scene.style(Role::Dim);
    let mut groups = vec![
        whose(scene),
        dangers(scene),
        headline(scene),
        other_leg(scene),
    ];
    if side(at).is_some() {
        // Ticks first: a narrow screen shows nothing after them.
        groups.extend(open(scene).into_iter().rev().map(|piece| vec![piece]));
        if let Some(even) = at.break_even {
            groups.push(vec![
                ("even ".into(), dim),
                (quote(scene, even), scene.style(Role::Text)),
            ]);
        }
    }
    groups.push(vec![("net ".into(), dim), money(scene, net(at), 9)]);
    groups.push(vec![
        ("fees ".into(), dim),
        (format::fixed(at.fees, 2), scene.style(Role::Text)),
    ]);
    let mut column = 1;
    for group in groups.iter().filter(|group| !group.is_empty()) {
        if usize::from(column) + pen::width(group) > usize::from(pen.width()) {
            return;
        }
        column = pen.pieces(column, 0, group) + 2;
    }
}

/// Which market's it is, where several ladders are open and there is room.
fn whose(scene: &Scene<'_>) -> Vec<Piece> {
    let several = scene.snapshot.strip.len() > 1 && scene.view.size().0 >= 100;
    let symbol = scene.market().key.filter(|_| several);
    let name = symbol.map(|key| crate::domain::text::sanitise(key.symbol.as_str(), 16));
    let piece = name.map(|name| (name, scene.style(Role::Dim)));
    piece.into_iter().collect()
}

/// The leg of a hedge account that exits do not close, behind the key that shows it: `g h SHORT 0.020 @ 61 180.0`.
fn other_leg(scene: &Scene<'_>) -> Vec<Piece> {
    let Some(other) = scene.market().other_leg else {
        return Vec::new();
    };
    let key = scene.help.key("other-leg").unwrap_or("other");
    let dim = scene.style(Role::Dim);
    let mut out = vec![
        (format!("{key} "), scene.style(Role::Key)),
        (format!("{:<6}", words::leg(other.leg)), dim),
    ];
    if other.size.is_zero() {
        out.push(("FLAT".into(), dim));
        return out;
    }
    let places = scene
        .instrument()
        .map_or(0, |instrument| instrument.lot.decimals());
    out.push((
        format::size(other.size.abs(), places),
        scene.style(Role::Mine),
    ));
    out.push((format!(" @ {}", quote(scene, other.entry)), dim));
    if other.naked {
        out.push((" NAKED ".to_owned(), scene.style(Role::Alarm)));
    }
    out
}

/// `LONG 0.150 @ 61 180.0`, or `FLAT`; of a hedge account with the leg, flat or not.
pub fn headline(scene: &Scene<'_>) -> Vec<Piece> {
    let leg = scene.market().key.and_then(|key| key.leg);
    let mut out = held(scene);
    if let Some(leg) = leg.filter(|_| side(&scene.market().position).is_none()) {
        let word = format!("{:<6}", words::leg(leg));
        out.insert(0, (word, scene.style(Role::Text)));
    }
    out
}

fn held(scene: &Scene<'_>) -> Vec<Piece> {
    let at = &scene.market().position;
    let places = scene
        .instrument()
        .map_or(0, |instrument| instrument.lot.decimals());
    match side(at) {
        Some(side) => vec![
            (format!("{:<6}", word(side)), scene.style(Role::Position)),
            (
                format::size(at.size.abs(), places),
                scene.style(Role::Position),
            ),
            (" @ ".into(), scene.style(Role::Dim)),
            (quote(scene, at.entry), scene.style(Role::Bright)),
        ],
        None if at.dust && !at.size.is_zero() => vec![
            ("FLAT".into(), scene.style(Role::Dim)),
            (
                format!("  dust {}", format::size(at.size, places)),
                scene.style(Role::Dim),
            ),
        ],
        None if at.unread => vec![("not read yet".into(), scene.style(Role::Warn))],
        None => vec![("FLAT".into(), scene.style(Role::Dim))],
    }
}

fn open(scene: &Scene<'_>) -> Vec<Piece> {
    let at = &scene.market().position;
    let Some(open) = at.open else {
        return vec![("not marked".into(), scene.style(Role::Warn))];
    };
    let style = scene.style(result_role(open));
    let mut out = vec![(format::right(&format::signed(open, 2), 11), style)];
    if let Some(fraction) = at.open_fraction {
        out.push((format::right(&format::percent(fraction, 2), 9), style));
    }
    if let Some(ticks) = at.open_ticks {
        out.push((format::right(&format::ticks(ticks), 9), style));
    }
    out
}

/// Open and realised profit and funding, less fees.
fn net(at: &PositionRow) -> Decimal {
    let parts = [
        at.realised,
        at.open.unwrap_or_default(),
        at.funding,
        -at.fees,
    ];
    parts.into_iter().fold(Decimal::ZERO, |sum, part| {
        sum.checked_add(part).unwrap_or(sum)
    })
}

fn money(scene: &Scene<'_>, value: Decimal, width: usize) -> Piece {
    (
        format::right(&format::signed(value, 2), width),
        scene.style(result_role(value)),
    )
}

/// A price that is not on the tick grid: one decimal more than the tick has would be noise.
pub fn quote(scene: &Scene<'_>, price: Decimal) -> String {
    let places = scene
        .instrument()
        .map_or(2, |instrument| instrument.tick.decimals());
    format::fixed(price, places)
}

/// What is wrong with what is known of the position.
pub fn dangers(scene: &Scene<'_>) -> Vec<Piece> {
    let at = &scene.market().position;
    let alarm = scene.style(Role::Alarm);
    let mut out = Vec::new();
    if at.naked {
        out.push((" NAKED ".to_owned(), alarm));
    }
    if at.mismatch {
        out.push((" MISMATCH ".to_owned(), alarm));
    }
    if at.unknown {
        out.push((" UNKNOWN order ".to_owned(), alarm));
    }
    out
}
