//! One line of the bottom: what a key would do, in fields of a fixed width, so that nothing moves when a number changes.
//!
//! A field that does not fit is left out whole, the least important first: a number is never cut.

use rust_decimal::Decimal;

use super::{Scene, position};
use crate::domain::{Instrument, Intent, NewOrder, OrderKind, Price, Qty, TimeInForce};
use crate::engine::hint::{Line, Outcome};
use crate::engine::preview::{Foreseen, Moved, Preview, Stop};
use crate::engine::words;
use crate::ui::format;
use crate::ui::pen::{self, Piece};
use crate::ui::theme::Role;

/// Cells that the keys of a line take at least: `v`, `g m`.
const KEYS: usize = 3;

/// A part of a line. The lower its rank, the earlier it is left out; a line never goes without those of rank [`KEPT`].
struct Field {
    rank: u8,
    pieces: Vec<Piece>,
}

const KEPT: u8 = u8::MAX;

/// The pieces of a line, in `room` cells.
pub fn pieces(scene: &Scene<'_>, line: &Line, room: usize) -> Vec<Piece> {
    let keys = keys(scene, line);
    let mut fields = vec![Field {
        rank: KEPT,
        pieces: keys,
    }];
    match &line.outcome {
        Outcome::Words(words) => fields.push(said(scene, words, Role::Text)),
        Outcome::Refused(why) => fields.push(said(scene, why, Role::Dim)),
        Outcome::Does(preview) => {
            let Some(instrument) = scene.instrument() else {
                return Vec::new();
            };
            let page = Page::of(scene, instrument);
            fields.extend(match preview.as_ref() {
                Preview::Order(foreseen) => page.order(foreseen),
                Preview::Move(moved) => page.moved(moved),
                Preview::Stop(stop) => page.stop(stop),
            });
        }
    }
    let is_sentence = !matches!(line.outcome, Outcome::Does(_));
    fitted(fields, room, is_sentence)
}

/// Leaves out fields until the rest fits. A sentence that is still too long is cut; numbers are rather not shown at all.
fn fitted(mut fields: Vec<Field>, room: usize, is_sentence: bool) -> Vec<Piece> {
    let cells = |fields: &[Field]| -> usize { fields.iter().map(|f| pen::width(&f.pieces)).sum() };
    while cells(&fields) > room {
        let least = fields.iter().map(|field| field.rank).min();
        let Some(at) = fields
            .iter()
            .position(|field| Some(field.rank) == least && field.rank < KEPT)
        else {
            break;
        };
        fields.remove(at);
    }
    let over = cells(&fields).saturating_sub(room);
    if over > 0 && !is_sentence {
        return Vec::new();
    }
    if over > 0
        && let Some((words, _)) = fields.last_mut().and_then(|field| field.pieces.last_mut())
    {
        *words = format::cut(words, format::cells(words).saturating_sub(over));
    }
    fields.into_iter().flat_map(|field| field.pieces).collect()
}

fn keys(scene: &Scene<'_>, line: &Line) -> Vec<Piece> {
    let keys = line
        .actions
        .iter()
        .filter_map(|action| scene.help.key(action));
    let keys = keys.collect::<Vec<_>>().join(" ");
    let role = match line.outcome {
        Outcome::Refused(_) => Role::Dim,
        Outcome::Words(_) | Outcome::Does(_) => Role::Key,
    };
    let width = match line.outcome {
        Outcome::Words(_) => 0,
        Outcome::Refused(_) | Outcome::Does(_) => KEYS,
    };
    vec![(format!("{keys:<width$} "), scene.style(role))]
}

fn said(scene: &Scene<'_>, words: &str, role: Role) -> Field {
    let words = crate::domain::text::sanitise(words, 160);
    Field {
        rank: KEPT,
        pieces: vec![(words, scene.style(role))],
    }
}

/// Widths and styles of one screen.
struct Page<'a> {
    scene: &'a Scene<'a>,
    instrument: &'a Instrument,
    price: usize,
    size: usize,
}

impl<'a> Page<'a> {
    fn of(scene: &'a Scene<'a>, instrument: &'a Instrument) -> Self {
        let widths = scene.view.widths();
        Self {
            scene,
            instrument,
            price: usize::from(widths.price.max(7)),
            size: usize::from(widths.size.max(6)),
        }
    }

    fn field(&self, rank: u8, label: &str, value: &str, width: usize, role: Role) -> Field {
        let label = (format!("{label} "), self.scene.style(Role::Dim));
        let value = format::right(value, width);
        Field {
            rank,
            pieces: vec![label, (format!("{value}  "), self.scene.style(role))],
        }
    }

    fn order(&self, foreseen: &Foreseen) -> Vec<Field> {
        let order = &foreseen.order;
        let mut out = vec![
            self.what(order.side.word(), order.qty),
            self.at(foreseen),
            self.meets(foreseen),
            self.fee(foreseen),
            self.cost(foreseen),
        ];
        out.extend(self.position(foreseen));
        out.extend(self.liquidation(foreseen));
        out
    }

    /// `BUY   0.050`
    fn what(&self, side: &str, qty: Qty) -> Field {
        let qty = format::right(&format::qty(self.instrument, qty), self.size);
        let style = self.scene.style(Role::Bright);
        Field {
            rank: KEPT,
            pieces: vec![(format!("{side:<4} {qty}"), style)],
        }
    }

    /// ` at  61 240.4`, or the expected average ` ~ 61 240.6`.
    fn at(&self, foreseen: &Foreseen) -> Field {
        let (sign, price) = match (&foreseen.takes, foreseen.order.kind.limit()) {
            (Some(taken), _) => ("~", position::quote(self.scene, taken.average)),
            (None, Some(price)) => ("@", format::price(self.instrument, price)),
            (None, None) => ("", "market".to_owned()),
        };
        let price = format::right(&price, self.price);
        Field {
            rank: KEPT,
            pieces: vec![
                (format!(" {sign:>1} "), self.scene.style(Role::Dim)),
                (format!("{price}  "), self.scene.style(Role::Bright)),
            ],
        }
    }

    /// The size ahead of a resting order, the worst price of one that takes, or how little of it would be filled.
    fn meets(&self, foreseen: &Foreseen) -> Field {
        let width = self.price.max(self.size);
        let qty = |qty: Qty| format::qty(self.instrument, qty);
        match (foreseen.takes, foreseen.ahead) {
            (Some(taken), _) if taken.qty < foreseen.order.qty => {
                let label = short_of(&foreseen.order, taken.is_all_seen);
                self.field(80, label, &qty(taken.qty), width, Role::Warn)
            }
            (Some(taken), _) => {
                let worst = format::price(self.instrument, taken.worst);
                self.field(80, "worst", &worst, width, Role::Text)
            }
            (None, Some(ahead)) => self.field(80, "ahead", &qty(ahead), width, Role::Text),
            (None, None) => self.field(80, "ahead", "?", width, Role::Dim),
        }
    }

    fn fee(&self, foreseen: &Foreseen) -> Field {
        let fee = foreseen
            .fee
            .map_or_else(|| "?".to_owned(), |fee| format::fixed(fee, 2));
        self.field(40, "fee", &fee, 8, Role::Text)
    }

    /// Blank where an exit pays no way back.
    fn cost(&self, foreseen: &Foreseen) -> Field {
        let label = if foreseen.order.intent == Intent::Exit {
            "    "
        } else {
            "cost"
        };
        let ticks = foreseen.cost_ticks.map_or_else(String::new, |ticks| {
            format!("{}t", words::spaced(&ticks.to_string()))
        });
        self.field(60, label, &ticks, 6, Role::Text)
    }

    /// `→ LONG   0.200 @ 61 195.1`; its average is left out before its size.
    fn position(&self, foreseen: &Foreseen) -> Vec<Field> {
        let Some((size, entry)) = foreseen.after else {
            return Vec::new();
        };
        let (dim, mine) = (self.scene.style(Role::Dim), self.scene.style(Role::Mine));
        let places = self.instrument.lot.decimals();
        let magnitude = format::right(&format::size(size.abs(), places), self.size);
        let (word, magnitude) = if size.is_zero() {
            ("FLAT", " ".repeat(self.size))
        } else if size.is_sign_positive() {
            ("LONG", magnitude)
        } else {
            ("SHORT", magnitude)
        };
        let held = Field {
            rank: 50,
            pieces: vec![
                ("→ ".to_owned(), dim),
                (format!("{word:<5} {magnitude}"), mine),
            ],
        };
        let average = if size.is_zero() {
            String::new()
        } else {
            position::quote(self.scene, entry)
        };
        let sign = if size.is_zero() { ' ' } else { '@' };
        let average = Field {
            rank: 30,
            pieces: vec![
                (format!(" {sign} "), dim),
                (
                    format::right(&average, self.price),
                    self.scene.style(Role::Text),
                ),
            ],
        };
        vec![held, average]
    }

    /// `  liq ~55 311.0  9.8%`
    fn liquidation(&self, foreseen: &Foreseen) -> Option<Field> {
        let liquidation = foreseen.liquidation?;
        let price = format!("~{}", position::quote(self.scene, liquidation.price));
        let away = liquidation.away.map_or_else(String::new, |away| {
            let percent = away.checked_mul(Decimal::ONE_HUNDRED).unwrap_or_default();
            format!("{}%", format::fixed(percent, 1))
        });
        Some(Field {
            rank: 20,
            pieces: vec![
                ("  liq ".to_owned(), self.scene.style(Role::Dim)),
                (
                    format::right(&price, self.price + 1),
                    self.scene.style(Role::Text),
                ),
                (format::right(&away, 7), self.scene.style(Role::Text)),
            ],
        })
    }

    /// `BUY   0.050 @ 61 239.8  loses its place  ahead now  0.622  then  1.980`
    fn moved(&self, moved: &Moved) -> Vec<Field> {
        let amend = &moved.amend;
        let qty = |qty: Option<Qty>| {
            qty.map_or_else(|| "?".to_owned(), |qty| format::qty(self.instrument, qty))
        };
        let ahead = |rank, label, size| self.field(rank, label, &qty(size), self.size, Role::Text);
        vec![
            self.what(amend.side.word(), moved.left),
            self.price_of(amend.price),
            Field {
                rank: 80,
                pieces: vec![("loses its place  ".to_owned(), self.scene.style(Role::Warn))],
            },
            ahead(70, "ahead now", moved.ahead),
            ahead(60, "then", moved.ahead_then),
        ]
    }

    /// `stop  0.050 @ 61 150.0  leaves -1.50`
    fn stop(&self, stop: &Stop) -> Vec<Field> {
        let mut out = vec![self.what("stop", stop.qty), self.price_of(stop.trigger)];
        out.extend(stop.result.map(|result| {
            let role = position::result_role(result);
            self.field(80, "leaves", &format::signed(result, 2), 9, role)
        }));
        out
    }

    fn price_of(&self, price: Price) -> Field {
        let price = format::right(&format::price(self.instrument, price), self.price);
        Field {
            rank: KEPT,
            pieces: vec![
                (" @ ".to_owned(), self.scene.style(Role::Dim)),
                (format!("{price}  "), self.scene.style(Role::Bright)),
            ],
        }
    }
}

/// What is said of an order that the book does not fill: the rest of it is cancelled, rests, or meets what the picture does not
/// show.
const fn short_of(order: &NewOrder, is_all_seen: bool) -> &'static str {
    match order.kind {
        OrderKind::Limit {
            tif: TimeInForce::Gtc,
            ..
        } if is_all_seen => "takes",
        _ if is_all_seen => "only ",
        _ => "seen ",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Side, TimeInForce};
    use crate::engine::preview::Taken;
    use crate::ui::help::HelpText;
    use crate::ui::sample;
    use crate::ui::theme::{ColourDepth, Theme};

    /// A line as text, in so many cells.
    fn text(line: &Line, room: usize) -> String {
        let snapshot = sample::full();
        let view = sample::view(&snapshot, 120, 40);
        let (theme, help): (_, HelpText) = (Theme::dark(ColourDepth::None), sample::help());
        let scene = Scene {
            snapshot: &snapshot,
            view: &view,
            theme: &theme,
            help: &help,
        };
        let pieces = pieces(&scene, line, room);
        pieces.into_iter().map(|(text, _)| text).collect()
    }

    fn line(foreseen: Foreseen) -> Line {
        Line {
            actions: vec!["buy-join"],
            outcome: Outcome::Does(Box::new(Preview::Order(foreseen))),
        }
    }

    fn rests() -> Foreseen {
        sample::foreseen(Side::Buy, Qty(50), Price(612_404), TimeInForce::PostOnly)
    }

    #[test]
    fn what_matters_less_is_left_out_whole() {
        let line = line(rests());
        let whole = text(&line, 200);
        assert!(
            whole.contains("fee     0.61") && whole.ends_with("liq ~55 311.0   9.7%"),
            "{whole}"
        );
        for room in 0..130 {
            let shown = text(&line, room);
            if room < 28 {
                assert!(shown.is_empty(), "{shown}");
                continue;
            }
            assert!(
                format::cells(&shown) <= room && !shown.contains('…'),
                "{shown}"
            );
            assert!(shown.contains("BUY   0.050 @ 61 240.4"), "{shown}");
        }
        let narrow = text(&line, 71);
        assert!(
            narrow.contains("ahead") && narrow.contains("cost") && narrow.contains("LONG"),
            "{narrow}"
        );
    }

    #[test]
    fn what_an_order_would_leave_unfilled_is_said() {
        let taken = |qty, is_all_seen| Foreseen {
            takes: Some(Taken {
                qty: Qty(qty),
                average: Decimal::from(61_240),
                worst: Price(612_406),
                is_all_seen,
            }),
            ..sample::foreseen(Side::Buy, Qty(50), Price(612_406), TimeInForce::Ioc)
        };
        assert!(text(&line(taken(50, true)), 71).contains("worst 61 240.6"));
        assert!(text(&line(taken(11, true)), 71).contains("only     0.011"));
        assert!(text(&line(taken(11, false)), 71).contains("seen     0.011"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_moves_sideways_when_a_number_changes(
            ahead in prop::option::of(0..99_999_i64),
            fee in 0..999_999_i64,
            cost in 0..9_999_i64,
            size in -99_999..99_999_i64,
            room in 30..140_usize,
        ) {
            let other = Foreseen {
                ahead: ahead.map(Qty),
                fee: Some(Decimal::new(fee, 2)),
                cost_ticks: Some(cost),
                after: Some((Decimal::new(size, 3), Decimal::from(61_000))),
                ..rests()
            };
            let places = |line: &str| -> Vec<Option<usize>> {
                let words = ["ahead", "fee", "cost", "→", "liq"];
                words.map(|word| line.find(word).map(|at| line[..at].chars().count())).to_vec()
            };
            prop_assert_eq!(places(&text(&line(rests()), room)), places(&text(&line(other), room)));
        }
    }
}
