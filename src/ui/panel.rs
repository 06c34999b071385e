//! The panels: one file each, one row each in [`PANELS`]. A panel is a function of the scene; it must not keep state.

pub mod account;
pub mod bottom;
pub mod bubbles;
pub mod candles;
pub mod clusters;
pub mod columns;
pub mod equity;
pub mod fills;
pub mod flow;
pub mod form;
pub mod heat;
pub mod help;
pub mod ladder;
pub mod layouts;
pub mod leader;
pub mod levels;
pub mod log;
pub mod message;
pub mod notices;
pub mod orders;
pub mod playing;
pub mod position;
pub mod preview;
pub mod prompt;
pub mod sequence;
pub mod stats;
pub mod status;
pub mod strip;
pub mod tape;
pub mod themes;
pub mod title;
pub mod too_small;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::help::HelpText;
use super::layout::{Line, Place, Plan};
use super::pen::Pen;
use super::snapshot::{MarketView, SideLadder, Snapshot};
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

    /// The style of a blank cell of the screen.
    pub fn ground(&self) -> Style {
        self.theme.style(Role::Text)
    }

    /// The same of a ladder that does not have the keys.
    pub fn of(&self, side: &'a SideLadder) -> Self {
        Self {
            snapshot: &side.snapshot,
            view: &side.view,
            ..*self
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

/// The ladder's name in layouts.
pub const LADDER: &str = "ladder";

/// How a layout may place a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Not at all: it has a line of its own.
    Fixed,
    /// Anywhere in a column.
    Free,
    /// Anywhere; its rows are the ladder's: beside it, it begins where the ladder does.
    Rows,
}

/// One panel.
pub struct Panel {
    /// The name in layouts.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Fewest columns and rows that it draws anything on.
    pub least: (u16, u16),
    /// Where it may stand.
    pub stand: Stand,
    /// Draws it.
    pub draw: fn(&Scene<'_>, Rect, &mut Buffer),
}

/// Every panel, in the order of drawing.
pub const PANELS: &[Panel] = &[
    Panel {
        name: "status",
        doc: "environment, book, link, funding, armed state",
        least: (1, 1),
        stand: Stand::Fixed,
        draw: status::draw,
    },
    Panel {
        name: LADDER,
        doc: "prices, sizes, own orders",
        least: (20, 3),
        stand: Stand::Rows,
        draw: ladder::draw,
    },
    Panel {
        name: "strip",
        doc: "the open ladders, where there are several",
        least: (20, 1),
        stand: Stand::Fixed,
        draw: strip::draw,
    },
    Panel {
        name: "title",
        doc: "whose data is below, where several ladders stand",
        least: (4, 1),
        stand: Stand::Fixed,
        draw: title::draw,
    },
    Panel {
        name: "leader",
        doc: "the symbol that leads the ladder below",
        least: (20, 1),
        stand: Stand::Fixed,
        draw: leader::draw,
    },
    Panel {
        name: "tape",
        doc: "public trades",
        least: (12, 2),
        stand: Stand::Free,
        draw: tape::draw,
    },
    Panel {
        name: "clusters",
        doc: "what was traded at each price, bar by bar",
        least: (12, 5),
        stand: Stand::Rows,
        draw: clusters::draw,
    },
    Panel {
        name: "candles",
        doc: "candles, what was traded, the average price, own fills",
        least: (24, 8),
        stand: Stand::Free,
        draw: candles::draw,
    },
    Panel {
        name: "heat",
        doc: "resting liquidity over time, with trades over it",
        least: (12, 5),
        stand: Stand::Rows,
        draw: heat::draw,
    },
    Panel {
        name: "equity",
        doc: "the session's result over time",
        least: (16, 3),
        stand: Stand::Free,
        draw: equity::draw,
    },
    Panel {
        name: "bubbles",
        doc: "public trades beside their price, row by row with the ladder",
        least: (8, 5),
        stand: Stand::Rows,
        draw: bubbles::draw,
    },
    Panel {
        name: "flow",
        doc: "cumulative delta, book imbalance, spread, volatility, pace",
        least: (20, 1),
        stand: Stand::Free,
        draw: flow::draw,
    },
    Panel {
        name: "position",
        doc: "size, average, profit, fees, break-even",
        least: (20, 2),
        stand: Stand::Free,
        draw: position::draw,
    },
    Panel {
        name: "position-line",
        doc: "the position in one line",
        least: (20, 1),
        stand: Stand::Fixed,
        draw: position::draw_line,
    },
    Panel {
        name: "orders",
        doc: "own orders",
        least: (20, 2),
        stand: Stand::Free,
        draw: orders::draw,
    },
    Panel {
        name: "fills",
        doc: "own fills",
        least: (20, 2),
        stand: Stand::Free,
        draw: fills::draw,
    },
    Panel {
        name: "account",
        doc: "balances and the session",
        least: (20, 1),
        stand: Stand::Free,
        draw: account::draw,
    },
    Panel {
        name: "stats",
        doc: "round trips and what they come to",
        least: (30, 4),
        stand: Stand::Free,
        draw: stats::draw_panel,
    },
    Panel {
        name: "message",
        doc: "what happened, in words",
        least: (10, 1),
        stand: Stand::Free,
        draw: message::draw,
    },
    Panel {
        name: "notices",
        doc: "what happened, on every market",
        least: (24, 2),
        stand: Stand::Free,
        draw: notices::draw,
    },
    Panel {
        name: "bottom",
        doc: "volumes, and what the likely keys would do",
        least: (10, 1),
        stand: Stand::Fixed,
        draw: bottom::draw,
    },
];

impl std::fmt::Debug for Panel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The panel of this name.
pub fn find(name: &str) -> Option<&'static Panel> {
    PANELS.iter().find(|panel| panel.name == name)
}

/// Draws every panel that the plan has room for.
pub fn draw_all(scene: &Scene<'_>, plan: &Plan, buffer: &mut Buffer) {
    for place in &plan.places {
        let Some(panel) = find(place.panel) else {
            continue;
        };
        let area = place.inside();
        match scene_of(scene, plan, place) {
            Some(its) => {
                edge(&its, place, buffer);
                if place.panel == "title" && place.ladder.is_none() {
                    title::draw_followed(&its, area, buffer);
                } else if area.width >= panel.least.0 && area.height >= panel.least.1 {
                    (panel.draw)(&its, area, buffer);
                }
            }
            None => {
                edge(scene, place, buffer);
                title::draw_absent(scene, place.ladder.unwrap_or_default(), area, buffer);
            }
        }
    }
}

/// What a place shows; `None` where the ladder that it is linked to is not open.
fn scene_of<'a>(scene: &Scene<'a>, plan: &Plan, place: &Place) -> Option<Scene<'a>> {
    match place.ladder {
        None => Some(*scene),
        Some(at) if at == plan.at => Some(*scene),
        Some(at) => {
            let mut beside = scene.snapshot.beside.iter();
            let side = beside.find(|side| side.at == at)?;
            Some(scene.of(side))
        }
    }
}

/// The room of an overlay, under the status line. Below it the position stays in sight, a fresh danger, and the bottom line.
fn overlay(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) -> Rect {
    low_overlay(scene, area, u16::MAX, buffer)
}

/// The same of so many rows at most, low on the screen: the upper half of the ladder stays in sight.
fn low_overlay(scene: &Scene<'_>, area: Rect, rows: u16, buffer: &mut Buffer) -> Rect {
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
    Pen::new(buffer, line).fill(scene.ground());
    position::draw_line(scene, line, buffer);
    if danger {
        let line = Rect {
            y: line.y + 1,
            ..line
        }
        .intersection(area);
        Pen::new(buffer, line).fill(scene.ground());
        message::draw(scene, line, buffer);
    }
    let height = rows.min(over.height);
    Rect {
        y: over.bottom() - height,
        height,
        ..over
    }
}

/// The thin line that parts a place from the next, in the environment's colour.
fn edge(scene: &Scene<'_>, place: &Place, buffer: &mut Buffer) {
    let column = match place.line {
        Line::None => return,
        Line::Left => 0,
        Line::Right => place.area.width.saturating_sub(1),
    };
    let colour = scene.style(scene.environment()).bg;
    let style = match colour {
        Some(colour) => Style::new().fg(colour),
        None => scene.style(Role::Rule),
    };
    let mut pen = Pen::new(buffer, place.area);
    for row in 0..pen.height() {
        pen.put(column, row, "│", style);
    }
}
