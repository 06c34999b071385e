//! The writer's bytes: few, and a terminal that reads them shows the same cells.

use super::*;
use crate::ui::theme::{ColourDepth, Theme};
use crate::ui::view::View;
use crate::ui::{sample, snapshot::Snapshot};
use ratatui::Terminal;

fn emulator() -> vt100::Parser {
    let size = |n| std::num::NonZero::new(n).unwrap();
    vt100::Parser::new(size(40), size(120), 0)
}

struct Screen {
    terminal: Terminal<Wire<Vec<u8>>>,
    seen: usize,
    theme: Theme,
}

impl Screen {
    fn new(columns: u16, rows: u16, depth: ColourDepth) -> Self {
        let terminal = Terminal::new(Wire::new(Vec::new(), columns, rows)).unwrap();
        Self {
            terminal,
            seen: 0,
            theme: Theme::dark(depth),
        }
    }

    /// Draws and returns the new bytes.
    fn draw(&mut self, snapshot: &Snapshot, view: &View) -> Vec<u8> {
        let (theme, help) = (self.theme.clone(), sample::help());
        self.terminal
            .draw(|frame| crate::ui::draw(frame, snapshot, view, &theme, &help))
            .unwrap();
        let all = self.terminal.backend().get_ref();
        let new = all[self.seen..].to_vec();
        self.seen = all.len();
        new
    }
}

#[test]
fn nothing_changed_is_no_byte() {
    let snapshot = sample::full();
    let view = sample::view(&snapshot, 120, 40);
    let mut screen = Screen::new(120, 40, ColourDepth::Truecolour);
    assert!(!screen.draw(&snapshot, &view).is_empty());
    for _ in 0..3 {
        assert_eq!(screen.draw(&snapshot, &view), b"");
    }
}

#[test]
fn a_frame_is_one_synchronised_update() {
    let snapshot = sample::full();
    let view = sample::view(&snapshot, 80, 24);
    let bytes = Screen::new(80, 24, ColourDepth::Truecolour).draw(&snapshot, &view);
    assert!(bytes.starts_with(BEGIN) && bytes.ends_with(END));
    let count = |mark: &[u8]| bytes.windows(mark.len()).filter(|w| *w == mark).count();
    assert_eq!((count(BEGIN), count(END)), (1, 1));
}

/// The same market a moment later: every size of the book and a print are new.
fn later(snapshot: &Snapshot, turn: i64) -> Snapshot {
    let mut next = snapshot.clone();
    let mut depth = (**snapshot.market.depth.as_ref().unwrap()).clone();
    let change = |levels: &[crate::domain::Level]| {
        let change = |(at, level): (usize, &crate::domain::Level)| {
            let draw = sample::noise(at as u64 * 31 + turn.unsigned_abs());
            let qty = if draw.is_multiple_of(6) {
                (draw % 1_000) as i64 + 1
            } else {
                level.qty.0
            };
            crate::domain::Level {
                qty: crate::domain::Qty(qty),
                ..*level
            }
        };
        levels.iter().enumerate().map(change).collect()
    };
    depth.bids = change(&depth.bids);
    depth.asks = change(&depth.asks);
    next.market.depth = Some(std::sync::Arc::new(depth));
    let draw = sample::noise(turn.unsigned_abs());
    let mut prints = snapshot.market.prints.to_vec();
    let qty = crate::domain::Qty((draw % 3_000) as i64 + 1);
    let price = crate::domain::Price(612_400 + (draw % 9) as i64);
    prints.insert(
        0,
        crate::domain::Print {
            qty,
            price,
            venue_ms: prints[0].venue_ms + 300,
            ..prints[0]
        },
    );
    next.market.last = prints.first().copied();
    next.market.prints = prints.into();
    sample::prints::read(&mut next.market);
    next
}

#[test]
fn a_changed_cell_costs_few_bytes() {
    let mut snapshot = sample::full();
    let mut view = sample::view(&snapshot, 120, 40);
    while view.ticks_a_row() > 1 {
        view.apply(crate::ui::view::ViewAction::Zoom(true), &snapshot);
    }
    view.settle(&snapshot);
    let mut screen = Screen::new(120, 40, ColourDepth::Truecolour);
    screen.draw(&snapshot, &view);
    let (mut bytes, mut cells) = (0, 0);
    for turn in 0..50 {
        let next = later(&snapshot, turn);
        view.settle(&next);
        bytes += screen.draw(&next, &view).len();
        cells += changed(&snapshot, &next, &view, &screen.theme);
        snapshot = next;
    }
    assert!(cells > 500, "{cells}");
    assert!(bytes <= 6 * cells, "{bytes} bytes for {cells} cells");
}

fn changed(before: &Snapshot, after: &Snapshot, view: &View, theme: &Theme) -> usize {
    let help = sample::help();
    let area = ratatui::layout::Rect::new(0, 0, 120, 40);
    let paint = |snapshot| {
        let mut buffer = ratatui::buffer::Buffer::empty(area);
        crate::ui::paint(
            &mut buffer,
            &crate::ui::panel::Scene {
                snapshot,
                view,
                theme,
                help: &help,
            },
        );
        buffer
    };
    paint(before).diff(&paint(after)).len()
}

/// What of a cell can be seen: letters' colour and weight do not show on a blank.
fn look(parser: &vt100::Parser, row: u16, column: u16) -> impl PartialEq + std::fmt::Debug {
    let cell = parser.screen().cell(row, column).unwrap();
    let text = cell.contents().trim_end().to_owned();
    let letters = (!text.is_empty()).then(|| (cell.fgcolor(), cell.bold(), cell.dim()));
    (
        text,
        letters,
        cell.bgcolor(),
        cell.inverse(),
        cell.underline(),
    )
}

#[test]
fn a_terminal_that_reads_the_bytes_shows_the_frame() {
    let mut parser = emulator();
    let mut snapshot = sample::full();
    let mut view = sample::view(&snapshot, 120, 40);
    let mut screen = Screen::new(120, 40, ColourDepth::Truecolour);
    for turn in 0..20 {
        parser.process(&screen.draw(&snapshot, &view));
        let mut fresh = Screen::new(120, 40, ColourDepth::Truecolour);
        let mut whole = emulator();
        whole.process(&fresh.draw(&snapshot, &view));
        for (row, column) in (0..40).flat_map(|row| (0..120).map(move |column| (row, column))) {
            assert_eq!(
                look(&parser, row, column),
                look(&whole, row, column),
                "{turn}: {row} {column}"
            );
        }
        snapshot = later(&snapshot, turn);
        view.settle(&snapshot);
    }
    assert!(parser.screen().contents().contains("61 240.0"));
}

#[test]
fn f14_no_foreign_escape_reaches_the_terminal() {
    let snapshot = sample::hostile();
    let view = sample::view(&snapshot, 120, 40);
    let bytes = Screen::new(120, 40, ColourDepth::None).draw(&snapshot, &view);
    let text = String::from_utf8(bytes).unwrap();
    for piece in text.split('\x1b').skip(1) {
        assert!(piece.starts_with('['), "{piece:?}");
        let end = piece.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        assert!(
            matches!(&piece[end..=end], "m" | "H" | "C" | "h" | "l" | "J"),
            "{piece:?}"
        );
    }
    assert!(text.chars().all(|c| c == '\x1b' || !c.is_control()));
    assert!(!text.contains('\u{202e}') && !text.contains('\u{200b}'));
}

/// A terminal that takes the wide, the joined and the combined for as many cells as it likes still has the rest in its columns.
#[test]
fn what_stands_after_a_foreign_sign_is_placed() {
    for name in ["币", "e\u{301}", "👩\u{1f3fd}", "한", "🇩🇪"] {
        let mut wire = Wire::new(Vec::new(), 40, 2);
        let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 40, 2));
        let blank = buffer.clone();
        let (end, _) = buffer.set_stringn(
            0,
            0,
            format!("{name}USDT"),
            40,
            ratatui::style::Style::new(),
        );
        wire.draw(blank.diff(&buffer).into_iter()).unwrap();
        Backend::flush(&mut wire).unwrap();
        let bytes = String::from_utf8(wire.get_ref().clone()).unwrap();
        let after = format!("\u{1b}[1;{}HUSDT", end - 3);
        assert!(bytes.contains(&after), "{name} {bytes:?}");
    }
}

#[test]
fn foreign_names_leave_every_column_of_the_screen_where_it_was() {
    let plain = sample::full();
    let mut foreign = sample::full();
    let symbol = crate::domain::Symbol::new("币安人生USDT").unwrap();
    if let Some(key) = &mut foreign.market.key {
        key.symbol = symbol;
    }
    foreign.account = "交易e\u{301}🙂".to_owned();
    let body = |snapshot: &Snapshot| {
        let view = sample::view(snapshot, 120, 40);
        let bytes = Screen::new(120, 40, ColourDepth::Truecolour).draw(snapshot, &view);
        let mut terminal = emulator();
        terminal.process(&bytes);
        let row = |row| terminal.screen().rows(0, 120).nth(row).unwrap();
        // Neither the status line nor the row of the account.
        (1..40)
            .map(row)
            .filter(|row| !row.contains("account"))
            .collect::<Vec<_>>()
    };
    assert_eq!(body(&plain), body(&foreign));
}
