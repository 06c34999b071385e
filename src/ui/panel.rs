//! The panels: one file each, one row each in [`PANELS`]. A panel is a function of the scene; it must not keep state.

pub mod account;
pub mod aside;
pub mod bottom;
pub mod fills;
pub mod form;
pub mod help;
pub mod ladder;
pub mod levels;
pub mod log;
pub mod message;
pub mod notices;
pub mod orders;
pub mod position;
pub mod preview;
pub mod prompt;
pub mod sequence;
pub mod status;
pub mod strip;
pub mod tape;
pub mod too_small;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::help::HelpText;
use super::layout::Plan;
use super::pen::Pen;
use super::snapshot::{MarketView, Snapshot};
use super::theme::{Role, Theme};
use super::view::View;
use crate::domain::Instrument;

/// Everything that a panel reads.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The data.
    pub snapshot: &'a Snapshot,
    /// This screen's state.
    pub view: &'a View,
    /// Colours.
    pub theme: &'a Theme,
    /// Keys and their words.
    pub help: &'a HelpText,
}

impl<'a> Scene<'a> {
    /// The style of a role. Plain text takes the ground that it is written on.
    pub fn style(&self, role: Role) -> Style {
        let style = self.theme.style(role);
        match role {
            Role::Text => Style { bg: None, ..style },
            _ => style,
        }
    }

    /// The focused ladder's data.
    pub const fn market(&self) -> &'a MarketView {
        &self.snapshot.market
    }

    /// The focused instrument's rules, once known.
    pub fn instrument(&self) -> Option<&'a Instrument> {
        self.snapshot.market.instrument.as_deref()
    }

    /// The colour of the environment's badge: the lines between panels take it too.
    pub fn environment(&self) -> Role {
        use crate::domain::Environment;
        match self.snapshot.environment {
            Environment::Sim => Role::Sim,
            Environment::Demo => Role::Demo,
            Environment::Paper => Role::Paper,
            Environment::Real => Role::Real,
            Environment::Replay => Role::Replay,
        }
    }
}

/// One panel.
pub struct Panel {
    /// The name in layouts.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Fewest columns and rows that it draws anything on.
    pub least: (u16, u16),
    /// Where it lies.
    pub area: fn(&Plan) -> Rect,
    /// Draws it.
    pub draw: fn(&Scene<'_>, Rect, &mut Buffer),
}

/// Every panel, in the order of drawing.
pub const PANELS: &[Panel] = &[
    Panel {
        name: "status",
        doc: "environment, book, link, funding, armed state",
        least: (1, 1),
        area: |p| p.status,
        draw: status::draw,
    },
    Panel {
        name: "ladder",
        doc: "prices, sizes, own orders",
        least: (20, 3),
        area: |p| p.ladder,
        draw: ladder::draw,
    },
    Panel {
        name: "strip",
        doc: "the open ladders, where there are several",
        least: (20, 1),
        area: |p| p.strip,
        draw: strip::draw,
    },
    Panel {
        name: "tape",
        doc: "public trades",
        least: (12, 2),
        area: |p| p.tape,
        draw: tape::draw,
    },
    Panel {
        name: "position",
        doc: "size, average, profit, fees, break-even",
        least: (20, 2),
        area: |p| p.position,
        draw: position::draw,
    },
    Panel {
        name: "position-line",
        doc: "the position in one line",
        least: (20, 1),
        area: |p| p.position_line,
        draw: position::draw_line,
    },
    Panel {
        name: "orders",
        doc: "own orders",
        least: (20, 2),
        area: |p| p.orders,
        draw: orders::draw,
    },
    Panel {
        name: "fills",
        doc: "own fills",
        least: (20, 2),
        area: |p| p.fills,
        draw: fills::draw,
    },
    Panel {
        name: "account",
        doc: "balances and the session",
        least: (20, 1),
        area: |p| p.account,
        draw: account::draw,
    },
    Panel {
        name: "message",
        doc: "what happened, in words",
        least: (10, 1),
        area: |p| p.message,
        draw: message::draw,
    },
    Panel {
        name: "notices",
        doc: "what happened, on every market",
        least: (24, 2),
        area: |_| Rect::default(),
        draw: notices::draw,
    },
    Panel {
        name: "bottom",
        doc: "volumes, and what the likely keys would do",
        least: (10, 1),
        area: |p| p.bottom,
        draw: bottom::draw,
    },
];

/// Names of the panels that the plan has room for.
pub fn shown(plan: &Plan) -> Vec<&'static str> {
    let has_room = |panel: &&Panel| {
        let area = (panel.area)(plan);
        area.width >= panel.least.0 && area.height >= panel.least.1
    };
    PANELS
        .iter()
        .filter(has_room)
        .map(|panel| panel.name)
        .collect()
}

/// Draws every panel that the plan has room for.
pub fn draw_all(scene: &Scene<'_>, plan: &Plan, buffer: &mut Buffer) {
    for panel in PANELS {
        let area = (panel.area)(plan);
        if area.width >= panel.least.0 && area.height >= panel.least.1 {
            (panel.draw)(scene, area, buffer);
        }
    }
    for (side, area) in scene.snapshot.beside.iter().zip(plan.aside) {
        aside::draw(scene, side, area, buffer);
    }
}

/// The room of an overlay, under the status line. Below it the position stays in sight, a fresh danger, and the bottom line.
fn overlay(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) -> Rect {
    let danger = message::has_danger(scene);
    let kept = 2 + u16::from(danger);
    let over = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1 + kept),
        ..area
    };
    let line = Rect {
        y: over.bottom(),
        height: 1,
        ..area
    }
    .intersection(area);
    Pen::new(buffer, line).fill(scene.style(Role::Text));
    position::draw_line(scene, line, buffer);
    if danger {
        let line = Rect {
            y: line.y + 1,
            ..line
        }
        .intersection(area);
        Pen::new(buffer, line).fill(scene.style(Role::Text));
        message::draw(scene, line, buffer);
    }
    over
}

/// Draws the thin line at the left edge of a side panel, in the environment's colour; returns what is left of the panel.
fn beside_line(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) -> Rect {
    line(scene, 0, area, buffer);
    let taken = 2.min(area.width);
    Rect {
        x: area.x + taken,
        width: area.width - taken,
        ..area
    }
}

/// A line down a column of the panel.
fn line(scene: &Scene<'_>, column: u16, area: Rect, buffer: &mut Buffer) {
    let colour = scene.style(scene.environment()).bg;
    let style = match colour {
        Some(colour) => Style::new().fg(colour),
        None => scene.style(Role::Rule),
    };
    let mut pen = Pen::new(buffer, area);
    for row in 0..pen.height() {
        pen.put(column, row, "│", style);
    }
}
