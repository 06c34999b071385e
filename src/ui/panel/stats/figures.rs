//! What the trips come to, one figure a row: of the session and of all sessions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::{FIGURE, NAME, NONE, is_flat, tally};
use crate::domain::Asset;
use crate::engine::diary::tally::Tally;
use crate::ui::format;
use crate::ui::panel::Scene;
use crate::ui::panel::position::result_role;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// What stands where there is a word for later.
const LATER: &str = "when flat";

/// One row of figures: its name and what it is of a tally.
struct Figure {
    name: &'static str,
    /// Not while a position is open.
    waits: bool,
    of: fn(&Tally, &Money) -> (String, Role),
}

/// How money is written, where it is.
pub(super) struct Money {
    hidden: bool,
    digits: u32,
}

impl Money {
    pub(super) fn of(scene: &Scene<'_>, asset: Option<Asset>) -> Self {
        let in_coins = asset.is_some_and(|asset| matches!(asset.as_str(), "BTC" | "ETH" | "BNB"));
        Self {
            hidden: scene.view.money_off,
            digits: if in_coins { 6 } else { 2 },
        }
    }

    pub(super) fn signed(&self, value: Decimal) -> (String, Role) {
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
pub(super) fn draw(
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
