//! Every panel at once in a busy market, beside the plain ladder: what it costs the thread that trades, the one that draws, and the wire.

use std::fmt::Write as _;
use std::sync::Arc;

use lancet::ui::layout::Layout;
use lancet::ui::panel::{self, PANELS, Stand};
use lancet::ui::screen::wire::Wire;
use lancet::ui::snapshot;
use lancet::ui::view::View;
use ratatui::Terminal;
use ratatui::layout::Rect;

use crate::drawing::{FRAMES, Live, Memory, Painter, WARM_UP};
use crate::figures::{Samples, now};

/// A screen on which every panel has room.
const SIZE: (u16, u16) = (400, 100);
/// Prints, and changes of the book, that a frame's time adds: 1,000 a second.
const MORE: usize = 16;
/// Frames a second.
const RATE: f64 = 62.5;

/// What one layout costs.
struct Cost {
    reading: f64,
    collecting: f64,
    drawing: f64,
    bytes: f64,
    cells: f64,
}

pub fn run() {
    let plain = "doc = \"the ladder alone\"\n[[column]]\npanels = [\"ladder\"]\n";
    let alone = measure("the ladder alone", plain);
    let all = measure("every panel", &everything());
    let times = |all: f64, alone: f64| all / alone.max(f64::MIN_POSITIVE);
    println!(
        "    every panel costs {:.1} times the ladder to collect, {:.1} to draw, {:.1} in bytes, {:.1} in cells",
        times(all.collecting, alone.collecting),
        times(all.drawing, alone.drawing),
        times(all.bytes, alone.bytes),
        times(all.cells, alone.cells),
    );
    println!(
        "  aim: readings under 1 % of a core, the trade thread under 5 % for a screen with every panel"
    );
}

/// A layout of all panels that may be placed: those of the ladder's rows beside it, the rest four to a column.
fn everything() -> String {
    let named = |stand| {
        let is_one =
            move |panel: &&panel::Panel| panel.stand == stand && panel.name != panel::LADDER;
        PANELS.iter().filter(is_one).map(|panel| panel.name)
    };
    let mut text = String::from("doc = \"everything\"\n");
    let mut column = |names: &[&str], width: u16| {
        // Writing to a String cannot fail.
        let _ = write!(text, "[[column]]\nwidth = {width}\npanels = {names:?}\n");
    };
    for name in named(Stand::Rows) {
        column(&[name], 30);
    }
    let free: Vec<&str> = named(Stand::Free).collect();
    for names in free.chunks(4) {
        column(names, 50);
    }
    text.push_str("[[column]]\npanels = [\"ladder\"]\n");
    text
}

fn measure(name: &str, layout: &str) -> Cost {
    let (columns, rows) = SIZE;
    let mut live = Live::new();
    let mut view = View::new(columns, rows);
    let layout = Layout::read(name, "the bench's layout", layout).expect("a layout");
    view.lay_out(Arc::new(layout));
    let panels = view.plan().panels_of(0);
    let memory = Memory::default();
    let terminal = Terminal::new(Wire::new(memory.clone(), columns, rows)).expect("memory");
    let mut painter = Painter::new(terminal, &memory, Rect::new(0, 0, columns, rows));
    let (mut reading, mut collecting) = (Samples::default(), Samples::default());
    for frame in 0..WARM_UP + FRAMES {
        if frame == WARM_UP {
            painter.forget();
            (reading, collecting) = (Samples::default(), Samples::default());
        }
        let mut step = live.busy_step(&panels, MORE);
        let market = &step.snapshot.market;
        assert!(
            !panels.contains(&"clusters")
                || market.clusters.is_some() && market.candles.is_some() && market.heat.is_some(),
            "an empty chart costs nothing"
        );
        reading.add(step.reading);
        let start = now();
        view.settle(&step.snapshot);
        snapshot::add_viewed(&mut step.snapshot, &live.desk, &view);
        collecting.add(step.collecting + start.elapsed());
        painter.draw(&step.snapshot, &view);
    }
    let frames = FRAMES as f64;
    let cost = Cost {
        reading: reading.micros(50),
        collecting: collecting.micros(50),
        drawing: painter.times.micros(50),
        bytes: painter.bytes as f64 / frames,
        cells: painter.cells as f64 / frames,
    };
    cost.print(name, &panels, reading.micros(99), collecting.micros(99));
    cost
}

impl Cost {
    fn print(&self, name: &str, panels: &[&str], reading_p99: f64, collecting_p99: f64) {
        let core = |micros: f64| micros * RATE / 1e4;
        println!("  {name}, {}x{}: {}", SIZE.0, SIZE.1, panels.join(" "));
        println!(
            "    readings   p50 {:7.1} µs   p99 {reading_p99:7.1} µs   {:5.2} % of a core",
            self.reading,
            core(self.reading)
        );
        println!(
            "    its data   p50 {:7.1} µs   p99 {collecting_p99:7.1} µs   {:5.2} % of a core",
            self.collecting,
            core(self.collecting)
        );
        println!(
            "    drawing    p50 {:7.1} µs                      {:5.2} % of a core, {:.0} cells and {:.0} bytes a frame, {:.2} bytes a cell",
            self.drawing,
            core(self.drawing),
            self.cells,
            self.bytes,
            self.bytes / self.cells
        );
    }
}
