//! A ratatui backend that spends as few bytes as it can: SSH is the user's wire.
//!
//! It owns the terminal's cursor and style as last written. A frame is one write; nothing changed is no byte at all.
//! (crossterm's own backend resets the style and hides the cursor every frame: tens of bytes for a still market.)

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

/// Begins and ends an update that the terminal shows at once (DEC private mode 2026); others ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// The terminal at the other end of a writer.
#[derive(Debug)]
pub struct Wire<W: Write> {
    out: W,
    frame: Vec<u8>,
    size: Size,
    at: Option<(u16, u16)>,
    pen: Option<Pen>,
    bell: bool,
    after: Vec<u8>,
}

impl<W: Write> Wire<W> {
    /// A terminal of so many columns and rows, in an unknown state.
    pub fn new(out: W, columns: u16, rows: u16) -> Self {
        Self {
            out,
            frame: Vec::with_capacity(16 * 1024),
            size: Size::new(columns, rows),
            at: None,
            pen: None,
            bell: false,
            after: Vec::new(),
        }
    }

    /// The terminal has a new size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        if self.size != Size::new(columns, rows) {
            self.size = Size::new(columns, rows);
            self.at = None;
        }
    }

    /// The writer, for reading back what was written.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// Rings with the next flush.
    pub fn ring(&mut self) {
        self.bell = true;
    }

    /// Writes whole sequences with the next flush, after the frame and never within it.
    pub fn after(&mut self, sequences: &[u8]) {
        self.after.extend_from_slice(sequences);
    }

    fn move_to(&mut self, x: u16, y: u16) {
        match self.at {
            Some(at) if at == (x, y) => {}
            Some((from, row)) if row == y && x > from => {
                sequence(&mut self.frame, &[x - from], b'C')
            }
            _ => sequence(&mut self.frame, &[y + 1, x + 1], b'H'),
        }
    }

    fn dress(&mut self, pen: Pen) {
        let before = self.pen;
        if before == Some(pen) {
            return;
        }
        let mut codes = Codes::default();
        let mut before = before.unwrap_or_else(|| {
            codes.push(0);
            Pen::default()
        });
        let gone = before.modifier.difference(pen.modifier);
        for (modifiers, code) in ENDS {
            if gone.intersects(modifiers) {
                codes.push(code);
                before.modifier.remove(modifiers);
            }
        }
        let added = pen.modifier.difference(before.modifier);
        for (modifier, code) in BEGINS {
            if added.contains(modifier) {
                codes.push(code);
            }
        }
        if pen.fg != before.fg {
            codes.colour(pen.fg, 30);
        }
        if pen.bg != before.bg {
            codes.colour(pen.bg, 40);
        }
        codes.write(&mut self.frame);
        self.pen = Some(pen);
    }

    fn cell(&mut self, x: u16, y: u16, pen: Pen, symbol: &str) {
        self.move_to(x, y);
        self.dress(pen);
        self.frame.extend_from_slice(symbol.as_bytes());
        let width = crate::ui::format::cells(symbol).max(1) as u16;
        // Terminals differ about where the cursor is at the right edge, and after a sign that is wide or made of several: what comes
        // next is placed, so that a foreign name never moves a column.
        let next = x.saturating_add(width);
        let is_sure = next < self.size.width && width == 1 && symbol.chars().nth(1).is_none();
        self.at = is_sure.then_some((next, y));
    }
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier,
        }
    }

    /// True when a blank looks the same in both: letters' colour and weight do not show.
    fn blank_like(self, other: Self) -> bool {
        let shows = Modifier::REVERSED | Modifier::UNDERLINED;
        let plain = |pen: Self| !pen.modifier.intersects(shows);
        self.bg == other.bg && plain(self) && plain(other)
    }
}

/// Changed cells grouped by style: a 24-bit colour costs more bytes than a move of the cursor, so each style is set once a frame.
#[derive(Default)]
struct Runs<'a> {
    pens: Vec<Pen>,
    cells: Vec<(usize, u16, u16, &'a Cell)>,
}

impl<'a> Runs<'a> {
    fn add(&mut self, x: u16, y: u16, cell: &'a Cell) {
        let pen = Pen::of(cell);
        let blank = cell.symbol() == " ";
        let group = self.neighbour(x, y, pen, blank).or_else(|| {
            let same = |other: &Pen| *other == pen || blank && other.blank_like(pen);
            self.pens.iter().position(same)
        });
        let group = group.unwrap_or_else(|| {
            self.pens.push(pen);
            self.pens.len() - 1
        });
        self.cells.push((group, x, y, cell));
    }

    /// Which of the groups left is reached from the present style in the fewest bytes.
    fn cheapest(&self, left: &[usize], from: Option<Pen>) -> Option<usize> {
        let from = from.unwrap_or_default();
        let cost = |group: usize| {
            let pen = self.pens[group];
            let colours = u32::from(pen.fg != from.fg) + u32::from(pen.bg != from.bg);
            let modifiers = (pen.modifier ^ from.modifier).bits().count_ones();
            colours * 16 + modifiers * 3
        };
        (0..left.len()).min_by_key(|at| cost(left[*at]))
    }

    /// The group of the cell just before this one, where it suits: no move is needed then.
    fn neighbour(&self, x: u16, y: u16, pen: Pen, blank: bool) -> Option<usize> {
        let (group, before, row, _) = self.cells.last()?;
        let near = *row == y && before + 1 == x;
        let other = self.pens.get(*group)?;
        (near && (*other == pen || blank && other.blank_like(pen))).then_some(*group)
    }
}

/// The modifiers that themes may use, and the SGR codes that begin and end them.
const BEGINS: [(Modifier, u16); 4] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
];
const ENDS: [(Modifier, u16); 3] = [
    (Modifier::BOLD.union(Modifier::DIM), 22),
    (Modifier::UNDERLINED, 24),
    (Modifier::REVERSED, 27),
];

/// Codes of one SGR sequence.
#[derive(Default)]
struct Codes {
    codes: [u16; 20],
    len: usize,
}

impl Codes {
    fn push(&mut self, code: u16) {
        if let Some(slot) = self.codes.get_mut(self.len) {
            *slot = code;
            self.len += 1;
        }
    }

    /// A colour; `base` is 30 for letters, 40 for the background.
    fn colour(&mut self, colour: Color, base: u16) {
        let named = match colour {
            Color::Reset => 9,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 60,
            Color::LightRed => 61,
            Color::LightGreen => 62,
            Color::LightYellow => 63,
            Color::LightBlue => 64,
            Color::LightMagenta => 65,
            Color::LightCyan => 66,
            Color::White => 67,
            Color::Indexed(index) => {
                for code in [base + 8, 5, u16::from(index)] {
                    self.push(code);
                }
                return;
            }
            Color::Rgb(r, g, b) => {
                for code in [base + 8, 2, u16::from(r), u16::from(g), u16::from(b)] {
                    self.push(code);
                }
                return;
            }
        };
        self.push(base + named);
    }

    fn write(&self, out: &mut Vec<u8>) {
        let codes = &self.codes[..self.len];
        // A lone reset is shortest without its zero.
        sequence(out, if codes == [0] { &[] } else { codes }, b'm');
    }
}

/// `ESC [ a ; b c`; a single parameter of one is left out where the letter's default is one.
fn sequence(out: &mut Vec<u8>, numbers: &[u16], letter: u8) {
    out.extend_from_slice(b"\x1b[");
    if numbers != [1] || letter == b'm' {
        for (at, number) in numbers.iter().enumerate() {
            if at > 0 {
                out.push(b';');
            }
            // Writing to a Vec cannot fail.
            let _ = write!(out, "{number}");
        }
    }
    out.push(letter);
}

impl<W: Write> Backend for Wire<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut runs = Runs::default();
        for (x, y, cell) in content {
            runs.add(x, y, cell);
        }
        if !runs.cells.is_empty() && self.frame.is_empty() {
            self.frame.extend_from_slice(BEGIN);
        }
        let mut groups: Vec<usize> = (0..runs.pens.len()).collect();
        while let Some(at) = runs.cheapest(&groups, self.pen) {
            let group = groups.swap_remove(at);
            let pen = runs.pens[group];
            let cells = runs.cells.iter().filter(|(own, ..)| *own == group);
            for (_, x, y, cell) in cells {
                self.cell(*x, *y, pen, cell.symbol());
            }
        }
        Ok(())
    }

    /// The guard hid the cursor for the whole session.
    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        let (x, y) = self.at.unwrap_or_default();
        Ok(Position { x, y })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _position: P) -> io::Result<()> {
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            self.frame.extend_from_slice(BEGIN);
        }
        self.frame.extend_from_slice(b"\x1b[m\x1b[H\x1b[2J");
        self.at = Some((0, 0));
        self.pen = Some(Pen::default());
        Ok(())
    }

    fn clear_region(&mut self, _clear_type: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.frame.is_empty() {
            self.frame.extend_from_slice(END);
        }
        if std::mem::take(&mut self.bell) {
            self.frame.push(0x07);
        }
        self.frame.append(&mut self.after);
        if self.frame.is_empty() {
            return Ok(());
        }
        let written = self
            .out
            .write_all(&self.frame)
            .and_then(|()| self.out.flush());
        self.frame.clear();
        written
    }
}

#[cfg(test)]
mod tests;
