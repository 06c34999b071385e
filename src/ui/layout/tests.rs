//! Every layout on every size: panels on the screen, none on another, and the ladder keeps what it needs.

use proptest::prelude::*;
use ratatui::layout::Rect;

use super::*;
use crate::ui::panel::{PANELS, Stand};

/// Cells that a plan leaves blank over a panel whose rows are the ladder's, beside the line of a leader.
fn blank(place: &Place, room: Room, plan: &Plan) -> u32 {
    let stand = panel::find(place.panel).unwrap().stand;
    let is_beside = stand == Stand::Rows && place.panel != panel::LADDER;
    let above = (place.area.x, place.area.y.saturating_sub(1));
    let is_covered = |other: &Place| other.area.contains(above.into());
    if is_beside && room.leader && !plan.places.iter().any(is_covered) {
        u32::from(place.area.width)
    } else {
        0
    }
}

fn check(layout: &Layout, room: Room) {
    let plan = layout.plan(room);
    let words = format!("{} {room:?}\n{plan:#?}", layout.name);
    if plan.too_small {
        let small = room.columns < LEAST.0 || room.rows < LEAST.1;
        assert!(small && plan.places.is_empty(), "{words}");
        return;
    }
    let screen = Rect::new(0, 0, room.columns, room.rows);
    let mut covered = 0;
    for (at, place) in plan.places.iter().enumerate() {
        assert_eq!(place.area.intersection(screen), place.area, "{words}");
        assert!(!place.area.is_empty(), "{words}");
        assert!(panel::find(place.panel).is_some(), "{words}");
        covered += place.area.area() + blank(place, room, &plan);
        for other in &plan.places[at + 1..] {
            assert!(place.area.intersection(other.area).is_empty(), "{words}");
        }
    }
    assert_eq!(covered, screen.area(), "{words}");
    let ladders: Vec<usize> = plan.ladders().filter_map(|place| place.ladder).collect();
    assert!(ladders.contains(&plan.at), "{words}");
    assert!(
        ladders.windows(2).all(|two| two[0] + 1 == two[1]),
        "{words}"
    );
    assert!(ladders.len() <= room.open.max(1), "{words}");
    for place in plan.ladders() {
        let least = if ladders.len() == 1 { 56 } else { 40 };
        assert!(place.area.width >= least.min(room.columns), "{words}");
        assert!(place.area.height >= 3, "{words}");
    }
    // What no column shows has a line of its own: money is never out of sight.
    let shows = |name: &str| {
        let least = panel::find(name).unwrap().least;
        plan.places.iter().any(|place| {
            let area = place.inside();
            place.panel == name
                && place.ladder.is_none()
                && area.width >= least.0
                && area.height >= least.1
        })
    };
    assert!(shows("position") || shows("position-line"), "{words}");
    assert!(shows("message") || room.rows < 12, "{words}");
}

fn rooms(columns: u16, rows: u16) -> impl Iterator<Item = Room> {
    let ladders = [(0, 0), (1, 0), (2, 1), (4, 2), (9, 8)];
    ladders.into_iter().map(move |(open, at)| Room {
        columns,
        rows,
        open,
        at,
        pages: at == 2,
        leader: at == 1,
    })
}

#[test]
fn f12_every_shipped_layout_fits_every_size() {
    assert_eq!(shipped().len(), LAYOUTS.len());
    let deep = std::env::var_os("LANCET_DEEP").is_some();
    let sizes = (0..=250).flat_map(|columns| (0..=80).map(move |rows| (columns, rows)));
    for (columns, rows) in sizes.filter(|(columns, rows)| deep || (columns + rows) % 7 == 0) {
        for layout in shipped() {
            rooms(columns, rows).for_each(|room| check(layout, room));
        }
    }
}

#[test]
fn ladders_keep_their_places_when_the_keys_move() {
    for layout in shipped() {
        for (columns, rows) in [(80, 24), (120, 40), (200, 60), (250, 60)] {
            for open in 1..=9 {
                let places = |at: usize| {
                    let room = Room {
                        columns,
                        rows,
                        open,
                        at,
                        ..Room::default()
                    };
                    let plan = layout.plan(room);
                    let all: Vec<Place> = plan.ladders().copied().collect();
                    all
                };
                for at in 0..open {
                    let before = places(at);
                    for place in &before {
                        assert_eq!(places(place.ladder.unwrap()).len(), before.len());
                        let areas =
                            |places: &[Place]| places.iter().map(|p| p.area).collect::<Vec<_>>();
                        assert_eq!(areas(&places(place.ladder.unwrap())), areas(&before));
                    }
                }
            }
        }
    }
}

/// Extents from so many cells on, as TOML has them.
fn extent(least: u16) -> impl Strategy<Value = String> {
    prop_oneof![
        (least..120).prop_map(|n| n.to_string()),
        (least..80, 1_u16..60).prop_map(|(least, more)| format!("\"{least}-{}\"", least + more)),
        (1_u16..=100).prop_map(|share| format!("\"{share}%\"")),
    ]
}

fn item() -> impl Strategy<Value = String> {
    let free: Vec<&str> = PANELS
        .iter()
        .filter(|panel| panel.stand != Stand::Fixed && panel.name != panel::LADDER)
        .map(|panel| panel.name)
        .collect();
    let rows = prop_oneof![Just("\"rest\"".to_owned()), extent(1)];
    (prop::sample::select(free), rows, 0_u16..60, 0_u8..4).prop_map(|(name, rows, tall, link)| {
        let link = match link {
            0 => String::new(),
            link => format!(", ladder = {link}"),
        };
        format!("{{ panel = \"{name}\", rows = {rows}, tall = {tall}{link} }}")
    })
}

fn column() -> impl Strategy<Value = String> {
    let items = prop::collection::vec(item(), 1..5);
    let widest = PANELS.iter().map(|panel| panel.least.0).max().unwrap() + 2;
    (items, extent(widest), 0_u16..200, 0_u16..9).prop_map(|(items, width, from, rank)| {
        let items = items.join(", ");
        format!("[[column]]\nwidth = {width}\nfrom = {from}\nrank = {rank}\npanels = [{items}]\n")
    })
}

fn layout_text() -> impl Strategy<Value = String> {
    let beside = prop::collection::vec(column(), 0..4);
    let stack = prop::collection::vec(item(), 0..4);
    (beside, stack, 1_usize..=9, 1_usize..=9, 0_usize..4).prop_map(
        |(mut columns, mut stack, ladders, more, at)| {
            let place = at.min(stack.len());
            stack.insert(place, "\"ladder\"".to_owned());
            let own = format!("[[column]]\npanels = [{}]\n", stack.join(", "));
            columns.insert(at.min(columns.len()), own);
            format!("ladders = [{ladders}, {more}]\n{}", columns.join("\n"))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_layout_fits_any_size(
        text in layout_text(),
        (columns, rows) in (0_u16..=250, 0_u16..=80),
        (open, at) in (0_usize..=9, 0_usize..=9),
        (pages, leader) in any::<(bool, bool)>(),
    ) {
        let layout = Layout::read("random", "random.toml", &text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        for (columns, rows) in [(columns, rows), (80, 24), (120, 40), (200, 60)] {
            check(&layout, Room { columns, rows, open, at, pages, leader });
        }
    }

    #[test]
    fn f14_no_text_breaks_the_reader(text in "\\PC*", at in 0_usize..2_000) {
        let _ = Layout::read("random", "random.toml", &text);
        let mut solo = LAYOUTS[0].1.to_owned();
        let at = (0..=at.min(solo.len())).rev().find(|at| solo.is_char_boundary(*at)).unwrap_or(0);
        solo.truncate(at);
        let _ = Layout::read("random", "random.toml", &solo);
        solo.push_str(&text);
        let _ = Layout::read("random", "random.toml", &solo);
    }
}

#[test]
fn what_a_layout_cannot_be_is_told_with_line_and_mend() {
    let head = "[[column]]\npanels = [\"ladder\"]\n";
    let cases = [
        (
            "",
            "1: the panel \"ladder\" without a number stands once in a layout, in a [[column]]",
        ),
        (
            "[[column]]\npanels = [\"lader\"]\n",
            "2: there is no panel \"lader\", did you mean \"ladder\"?",
        ),
        (
            "[[column]]\npanels = [\"status\"]\n",
            "2: status stands by itself: no layout names it",
        ),
        (
            "[[column]]\npanels = [\"ladder\", \"ladder\"]\n",
            "1: the panel \"ladder\" without a number stands once in a layout, in a [[column]]",
        ),
        (
            "[[column]]\nwidth = 30\npanels = [\"ladder\"]\n",
            "2: the ladders take what the other columns leave: no width here",
        ),
        ("ladders = 0\n", "1: ladders is a whole number, 1 to 9"),
        (
            "ladders = [1, 2, 3]\n",
            "1: ladders is a number or two, [1, 4]",
        ),
        ("doc = 5\n", "1: doc is a text in quotes"),
        ("column = 5\n", "1: a column is written [[column]]"),
        (
            "colour = 5\n",
            "1: there is no \"colour\" here, did you mean \"column\"?",
        ),
        (
            "[[column]]\npanels = [\"tape\"]\n",
            "1: this column has no width, such as 38, \"38-58\" or \"25%\"",
        ),
        (
            "[[column]]\nwidth = \"wide\"\npanels = [\"tape\"]\n",
            "2: width is a number, \"24-28\", \"25%\" or \"rest\"",
        ),
        (
            "[[column]]\nwidth = \"28-24\"\npanels = [\"tape\"]\n",
            "2: width is a number, \"24-28\", \"25%\" or \"rest\"",
        ),
        (
            "[[column]]\nwidth = 0\npanels = [\"tape\"]\n",
            "2: width is a whole number, 1 to 400",
        ),
        (
            "[[column]]\nwidth = 24\npanels = []\n",
            "3: a column has a panel",
        ),
        (
            "[[column]]\nwidth = 24\n",
            "1: a column has panels = [\"…\"]",
        ),
        (
            "[[column]]\nwidth = 24\npanels = [{ rows = 3 }]\n",
            "3: which panel? { panel = \"…\" }",
        ),
        (
            "[[column]]\nwidth = 24\npanels = [{ panel = \"tape\", ladder = 0 }]\n",
            "3: ladder is a whole number, 1 to 9",
        ),
        (
            "[[column]]\nwidth = 9\npanels = [\"tape\"]\n",
            "2: tape needs 14 columns",
        ),
        ("[[column]\n", "1: "),
    ];
    for (text, words) in cases {
        let is_whole = ["\"ladder\"", "\"lader\"", "[[column]\n", "column = "];
        let is_whole = text.is_empty() || is_whole.iter().any(|part| text.contains(part));
        let text = if is_whole {
            text.to_owned()
        } else {
            format!("{text}{head}")
        };
        let told = Layout::read("own", "own.toml", &text)
            .unwrap_err()
            .to_string();
        assert!(told.starts_with(&format!("own.toml:{words}")), "{told}");
        assert!(!told.contains('\n'));
    }
}

#[test]
fn a_link_to_one_ladder_stays_with_it_and_says_whose_it_is() {
    let text = "ladders = 1\n[[column]]\npanels = [\"ladder\"]\n[[column]]\nwidth = 30\npanels = [\"tape\", { panel = \"orders\", ladder = 2 }]\n";
    let layout = Layout::read("own", "own.toml", text).unwrap();
    for at in [0, 1] {
        let plan = layout.plan(Room {
            columns: 120,
            rows: 40,
            open: 2,
            at,
            ..Room::default()
        });
        let orders = plan
            .places
            .iter()
            .find(|place| place.panel == "orders")
            .unwrap();
        assert_eq!(orders.ladder, Some(1));
        let title = plan.places.iter().find(|place| {
            place.panel == "title"
                && place.area.bottom() == orders.area.y
                && place.area.x == orders.area.x
        });
        assert_eq!(title.unwrap().ladder, Some(1));
        let tape = plan
            .places
            .iter()
            .find(|place| place.panel == "tape")
            .unwrap();
        assert_eq!(tape.ladder, None);
        assert!(plan.panels_of(1).contains(&"orders"));
        assert!(plan.panels_of(at).contains(&"tape"));
        assert!(!plan.panels_of(1 - at).contains(&"tape"));
    }
}
