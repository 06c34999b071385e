//! The first line: which world the money is in, whether the book is live, how fast the lines are, whether keys trade.
//!
//! Danger stands first and falls off last; numbers have fixed widths, so that nothing moves when one changes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::ladder::state_words;
use crate::domain::{BookState, Environment};
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::ArmState;
use crate::ui::theme::Role;

/// A clock further off than this is shown, ms.
const CLOCK_MATTERS_MS: u64 = 250;
/// A book that did not change for so long says so, ms.
pub const QUIET_MS: u64 = 2_000;

/// A part of the line; parts with a lower rank fall off first.
struct Part {
    rank: u8,
    pieces: Vec<Piece>,
}

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Bar));
    let right = armed(scene, pen.width() >= 60);
    let right_width = pen::width(&right);
    let room = usize::from(pen.width()).saturating_sub(right_width + 1);
    let parts = fit(parts(scene, pen.width() >= 100), room);
    let mut column = 0;
    for part in &parts {
        column = pen.pieces(column, 0, &part.pieces) + 2;
    }
    let start = pen.width().saturating_sub(right_width as u16);
    pen.pieces(start, 0, &right);
}

fn fit(mut parts: Vec<Part>, room: usize) -> Vec<Part> {
    let width = |parts: &[Part]| {
        parts
            .iter()
            .map(|part| pen::width(&part.pieces) + 2)
            .sum::<usize>()
    };
    while width(&parts) > room && parts.len() > 1 {
        let weakest = parts.iter().enumerate().min_by_key(|(_, part)| part.rank);
        let Some((at, _)) = weakest else { break };
        parts.remove(at);
    }
    parts
}

fn parts(scene: &Scene<'_>, long: bool) -> Vec<Part> {
    let snapshot = scene.snapshot;
    let mut out = Vec::new();
    let mut add = |rank: u8, pieces: Vec<Piece>| {
        if !pieces.is_empty() {
            out.push(Part { rank, pieces });
        }
    };
    add(255, environment(scene, long));
    add(254, unsafe_endpoint(scene));
    add(240, symbol(scene));
    add(250, book(scene, if long { 28 } else { 12 }));
    add(245, trouble(scene));
    add(120, account(scene));
    add(118, key(scene));
    add(75, acks(scene));
    add(80, link(snapshot.terminal_ms, scene));
    add(60, funding(scene));
    add(40, margin(scene));
    add(70, unread(scene));
    out
}

fn environment(scene: &Scene<'_>, long: bool) -> Vec<Piece> {
    let playing = scene.snapshot.playing.as_ref();
    let is_over_live = playing.is_some_and(|playing| playing.live.is_some());
    let words = match (scene.snapshot.environment, long) {
        (Environment::Replay, true) if is_over_live => " REPLAY of your last trade ",
        (Environment::Sim, true) => " SIM no real money ",
        (Environment::Sim, false) => " SIM ",
        (Environment::Demo, true) => " DEMO no real money ",
        (Environment::Demo, false) => " DEMO ",
        (Environment::Paper, true) => " PAPER no real money ",
        (Environment::Paper, false) => " PAPER ",
        (Environment::Real, _) => " REAL MONEY ",
        (Environment::Replay, true) => " REPLAY view only ",
        (Environment::Replay, false) => " REPLAY ",
    };
    vec![(words.to_owned(), scene.style(scene.environment()))]
}

/// Addresses that are not the venue's own: whatever the book says may be invented.
fn unsafe_endpoint(scene: &Scene<'_>) -> Vec<Piece> {
    if !scene.snapshot.is_unsafe {
        return Vec::new();
    }
    vec![(" UNSAFE ENDPOINT ".to_owned(), scene.style(Role::Alarm))]
}

fn symbol(scene: &Scene<'_>) -> Vec<Piece> {
    let name = scene
        .market()
        .key
        .map_or_else(|| "no symbol".to_owned(), |key| key.symbol.to_string());
    let name = crate::domain::text::sanitise(&name, 32);
    let mut out = vec![(
        name,
        scene
            .style(Role::Bright)
            .add_modifier(ratatui::style::Modifier::BOLD),
    )];
    if !scene.snapshot.strip.is_empty() {
        // One name may be listed on several venues.
        let venue = format::cut(&scene.snapshot.venue, 16);
        out.push((format!(" {venue}"), scene.style(Role::Text)));
    }
    if scene.market().view_only {
        out.push((" ".to_owned(), scene.style(Role::Bar)));
        out.push((" VIEW ONLY ".to_owned(), scene.style(Role::ExitsOnly)));
    }
    out
}

/// The book's state in at most `room` cells.
fn book(scene: &Scene<'_>, room: usize) -> Vec<Piece> {
    let market = scene.market();
    match &market.state {
        Some(BookState::Live) => {
            let age = if market.quiet_ms >= QUIET_MS {
                format!("quiet {}", format::seconds(market.quiet_ms))
            } else if market.lag_ms.unsigned_abs() >= 10_000 {
                String::new()
            } else {
                format::span(market.lag_ms.max(0).unsigned_abs())
            };
            vec![
                ("LIVE ".to_owned(), scene.style(Role::Live)),
                (format!("{age:<6}"), scene.style(Role::Text)),
            ]
        }
        Some(state) => {
            let words = format::cut(&state_words(state, market.quiet_ms), room);
            vec![(format!(" {words} "), scene.style(Role::Alarm))]
        }
        None => vec![("no book yet".to_owned(), scene.style(Role::Warn))],
    }
}

/// What is counted only when it goes wrong.
fn trouble(scene: &Scene<'_>) -> Vec<Piece> {
    let snapshot = scene.snapshot;
    let mut words = Vec::new();
    if let Some(offset) = snapshot
        .clock_offset_ms
        .filter(|ms| ms.unsigned_abs() >= CLOCK_MATTERS_MS)
    {
        words.push(format!(
            "clock {}{}",
            if offset < 0 { "-" } else { "+" },
            format::span(offset.unsigned_abs())
        ));
    }
    if snapshot.bad_messages > 0 {
        words.push(format!("bad {}", snapshot.bad_messages));
    }
    if snapshot.market.dropped > 0 {
        words.push(format!("dropped {}", snapshot.market.dropped));
    }
    if words.is_empty() {
        return Vec::new();
    }
    vec![(words.join(" "), scene.style(Role::Warn))]
}

fn account(scene: &Scene<'_>) -> Vec<Piece> {
    let state = &scene.snapshot.account_state;
    if state.is_empty() {
        return Vec::new();
    }
    let state = crate::domain::text::sanitise(state, 24);
    vec![(format!("account {state}"), scene.style(Role::Warn))]
}

/// A key whose rights could not be asked for lately, or that ends soon.
fn key(scene: &Scene<'_>) -> Vec<Piece> {
    let words = &scene.snapshot.key_words;
    if words.is_empty() {
        return Vec::new();
    }
    let words = crate::domain::text::sanitise(words, 40);
    vec![(words, scene.style(Role::Warn))]
}

fn acks(scene: &Scene<'_>) -> Vec<Piece> {
    let acks = scene.snapshot.acks;
    let dim = scene.style(Role::Dim);
    if acks.count == 0 {
        return vec![("ack -          ".to_owned(), dim)];
    }
    let text = format!(
        "{}/{}ms",
        format::micros_as_ms(acks.p50_us),
        format::micros_as_ms(acks.p99_us)
    );
    vec![
        ("ack ".to_owned(), dim),
        (format!("{text:<11}"), scene.style(Role::Text)),
    ]
}

fn link(ms: Option<u64>, scene: &Scene<'_>) -> Vec<Piece> {
    let Some(ms) = ms else { return Vec::new() };
    let role = if ms >= 1_000 { Role::Warn } else { Role::Text };
    vec![
        ("link ".to_owned(), scene.style(Role::Dim)),
        (format!("{:<5}", format::span(ms)), scene.style(role)),
    ]
}

fn funding(scene: &Scene<'_>) -> Vec<Piece> {
    let Some((rate, ms)) = scene.market().funding else {
        return Vec::new();
    };
    let left = format::countdown(ms.max(0).unsigned_abs());
    vec![
        ("funding ".to_owned(), scene.style(Role::Dim)),
        (
            format::right(&format::percent(rate, 4), 8),
            scene.style(Role::Text),
        ),
        (" in ".to_owned(), scene.style(Role::Dim)),
        (format!("{left:<7}"), scene.style(Role::Text)),
    ]
}

fn margin(scene: &Scene<'_>) -> Vec<Piece> {
    let margin = &scene.market().margin;
    if margin.is_empty() {
        return Vec::new();
    }
    vec![(
        crate::domain::text::sanitise(margin, 24),
        scene.style(Role::Dim),
    )]
}

/// What happened and was not looked at; last, so that nothing moves when it comes.
fn unread(scene: &Scene<'_>) -> Vec<Piece> {
    let count = scene.snapshot.alerts.unread;
    if count == 0 {
        return Vec::new();
    }
    vec![
        ("unread ".to_owned(), scene.style(Role::Dim)),
        (count.to_string(), scene.style(Role::Bright)),
    ]
}

fn armed(scene: &Scene<'_>, with_reason: bool) -> Vec<Piece> {
    let snapshot = scene.snapshot;
    let (word, role) = match snapshot.arm {
        ArmState::Armed => ("ARMED", Role::Armed),
        ArmState::ExitsOnly => ("EXITS ONLY", Role::ExitsOnly),
        ArmState::Locked => ("LOCKED", Role::Locked),
    };
    let mut out = Vec::new();
    if let Some(seconds) = snapshot.idle_countdown {
        out.push((
            format!("idle, locks in {:>2}s ", seconds.min(99)),
            scene.style(Role::Warn),
        ));
    }
    let why = crate::domain::text::sanitise(&snapshot.arm_why, 36);
    let words = if why.is_empty() || !with_reason || snapshot.arm == ArmState::Armed {
        format!(" {word} ")
    } else {
        format!(" {word} {why} ")
    };
    out.push((words, scene.style(role)));
    out
}
