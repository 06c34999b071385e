//! Pictures as SVG: a curve, what is below its high, columns, points. Nothing but markup; numbers of a picture may be floats.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::engine::diary::curve::Span;

/// The picture's own units; a browser stretches it.
const WIDTH: f64 = 960.0;
/// A picture that stands beside another.
pub const HALF: f64 = 460.0;
/// Left of the plot, for the scale; below it, for names.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 22.0;

/// How a profit and a loss look where the page's styles do not reach.
const SOLID: &str = "fill=\"currentColor\"";
const HOLLOW: &str = "fill=\"none\" stroke=\"currentColor\"";

/// A part of a picture with columns.
pub struct Column {
    /// Below it; empty for none.
    pub name: String,
    /// How high.
    pub value: Decimal,
    /// Drawn as a loss, whatever its sign.
    pub is_loss: bool,
    /// Said when it is pointed at.
    pub title: String,
}

/// A point.
pub struct Point {
    /// How far to the right.
    pub x: Decimal,
    /// How far up.
    pub y: Decimal,
    /// Drawn as a loss.
    pub is_loss: bool,
    /// Said when it is pointed at.
    pub title: String,
}

fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// A picture under way.
struct Picture {
    out: String,
    width: f64,
    height: f64,
    low: f64,
    high: f64,
}

impl Picture {
    /// With a scale from the lowest to the highest value, zero among them.
    fn new(label: &str, (width, height): (f64, f64), values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if high - low <= 0.0 {
            high = low + 1.0;
        }
        let mut out = String::new();
        let label = super::escaped(label);
        add(
            &mut out,
            format_args!(
                "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\">"
            ),
        );
        Self {
            out,
            width,
            height,
            low,
            high,
        }
    }

    fn y(&self, value: f64) -> f64 {
        let room = self.height - TOP - BOTTOM;
        TOP + room * (self.high - value) / (self.high - self.low)
    }

    /// The place of a part of the whole width, 0 to 1.
    fn x(&self, part: f64) -> f64 {
        LEFT + (self.width - LEFT - RIGHT) * part
    }

    fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        add(
            &mut self.out,
            format_args!(
                "<line class=\"{class}\" stroke=\"currentColor\" stroke-opacity=\".3\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
            ),
        );
    }

    fn text(&mut self, anchor: &str, (x, y): (f64, f64), words: &str) {
        let words = super::escaped(words);
        add(
            &mut self.out,
            format_args!(
                "<text font-size=\"11\" fill=\"currentColor\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
            ),
        );
    }

    /// Lines at round values, and the line of nothing.
    fn scale(&mut self) {
        let step = round_step((self.high - self.low) / 4.0);
        let first = (self.low / step).ceil();
        let mut at = 0.0;
        while (first + at) * step <= self.high && at < 12.0 {
            let value = (first + at) * step;
            let y = self.y(value);
            let class = if value == 0.0 { "zero" } else { "axis" };
            self.line(class, (LEFT, y), (self.width - RIGHT, y));
            self.text("end", (LEFT - 8.0, y + 4.0), &scaled(value, step));
            at += 1.0;
        }
    }

    fn nothing(mut self) -> String {
        let (x, y) = (self.width / 2.0, self.height / 2.0);
        self.line(
            "zero",
            (LEFT, self.y(0.0)),
            (self.width - RIGHT, self.y(0.0)),
        );
        self.text("middle", (x, y - 8.0), "no round trips yet");
        self.end()
    }

    fn end(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

fn add(out: &mut String, words: std::fmt::Arguments<'_>) {
    // A text takes what it is given.
    let _ = out.write_fmt(words);
}

/// 1, 2 or 5 times a power of ten, at least as large.
fn round_step(least: f64) -> f64 {
    if least <= 0.0 || !least.is_finite() {
        return 1.0;
    }
    let power = 10.0_f64.powf(least.log10().floor());
    let wanted = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|times| times * power >= least);
    wanted.unwrap_or(10.0) * power
}

fn scaled(value: f64, step: f64) -> String {
    let digits = if step >= 1.0 {
        0
    } else {
        (-step.log10().floor()).clamp(0.0, 8.0) as usize
    };
    let text = format!("{:.digits$}", value.abs());
    let is_below = value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let sign = if is_below { "−" } else { "" };
    format!("{sign}{}", crate::ui::format::grouped(&text))
}

/// Money trip after trip, with what lay between the ends of the curve's spans.
pub fn equity(spans: &[Span], names: &dyn Fn(i64) -> String) -> String {
    let values = spans
        .iter()
        .flat_map(|span| [float(span.low), float(span.high)]);
    let mut picture = Picture::new("equity", (WIDTH, 260.0), values);
    let Some((first, last)) = spans.first().zip(spans.last()) else {
        return picture.nothing();
    };
    picture.scale();
    let at = |index: usize| (index + 1) as f64 / spans.len() as f64;
    let mut curve = format!("{:.1},{:.1}", picture.x(0.0), picture.y(0.0));
    let (mut upper, mut lower) = (String::new(), Vec::new());
    for (index, span) in spans.iter().enumerate() {
        let x = picture.x(at(index));
        add(
            &mut curve,
            format_args!(" {x:.1},{:.1}", picture.y(float(span.end))),
        );
        add(
            &mut upper,
            format_args!(" {x:.1},{:.1}", picture.y(float(span.high))),
        );
        lower.push(format!(" {x:.1},{:.1}", picture.y(float(span.low))));
    }
    lower.reverse();
    let band = format!(
        "<polygon class=\"band\" fill-opacity=\".15\" points=\"{}{}\"/>",
        upper.trim_start(),
        lower.concat()
    );
    picture.out.push_str(&band);
    add(
        &mut picture.out,
        format_args!(
            "<polyline class=\"curve\" fill=\"none\" stroke=\"currentColor\" points=\"{curve}\"/>"
        ),
    );
    let bottom = 260.0 - 6.0;
    picture.text("start", (LEFT, bottom), &names(first.first_ms));
    picture.text("end", (WIDTH - RIGHT, bottom), &names(last.last_ms));
    picture.end()
}

/// How far below its high the curve was.
pub fn under(spans: &[Span]) -> String {
    let values = spans.iter().map(|span| float(span.under));
    let mut picture = Picture::new("drawdown", (WIDTH, 130.0), values);
    if spans.is_empty() {
        return picture.nothing();
    }
    picture.scale();
    let zero = picture.y(0.0);
    let mut area = format!("{:.1},{zero:.1}", picture.x(0.0));
    for (index, span) in spans.iter().enumerate() {
        let x = picture.x((index + 1) as f64 / spans.len() as f64);
        add(
            &mut area,
            format_args!(" {x:.1},{:.1}", picture.y(float(span.under))),
        );
    }
    add(&mut area, format_args!(" {:.1},{zero:.1}", picture.x(1.0)));
    add(
        &mut picture.out,
        format_args!("<polygon class=\"under\" fill-opacity=\".2\" points=\"{area}\"/>"),
    );
    picture.end()
}

/// Columns side by side; a loss is hollow, so that it is one without colour too.
pub fn columns(label: &str, columns: &[Column]) -> String {
    let values = columns.iter().map(|column| float(column.value));
    let mut picture = Picture::new(label, (HALF, 220.0), values);
    if columns.iter().all(|column| column.value.is_zero()) {
        return picture.nothing();
    }
    picture.scale();
    let each = 1.0 / columns.len() as f64;
    let zero = picture.y(0.0);
    for (index, column) in columns.iter().enumerate() {
        let from = picture.x(each * (index as f64 + 0.14));
        let width = picture.x(each * (index as f64 + 0.86)) - from;
        let end = picture.y(float(column.value));
        let (y, height) = (end.min(zero), (end - zero).abs());
        let (class, look) = if column.is_loss {
            ("down", HOLLOW)
        } else {
            ("up", SOLID)
        };
        if !column.value.is_zero() {
            let title = super::escaped(&column.title);
            add(
                &mut picture.out,
                format_args!(
                    "<rect class=\"{class}\" {look} x=\"{from:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"><title>{title}</title></rect>"
                ),
            );
        }
        if !column.name.is_empty() {
            let x = picture.x(each * (index as f64 + 0.5));
            let anchor = match index {
                0 => "start",
                last if last + 1 == columns.len() => "end",
                _ => "middle",
            };
            picture.text(anchor, (x, 220.0 - 6.0), &column.name);
        }
    }
    picture.end()
}

/// Points; the names of the axes stand at their ends.
pub fn points(label: &str, points: &[Point], (right, up): (&str, &str)) -> String {
    let mut picture = Picture::new(
        label,
        (HALF, 300.0),
        points.iter().map(|point| float(point.y)),
    );
    if points.is_empty() {
        return picture.nothing();
    }
    picture.scale();
    let most = points
        .iter()
        .map(|point| float(point.x))
        .fold(0.0, f64::max);
    let most = if most > 0.0 { most } else { 1.0 };
    for point in points {
        let (x, y) = (picture.x(float(point.x) / most), picture.y(float(point.y)));
        let (class, look) = if point.is_loss {
            ("dot-down", HOLLOW)
        } else {
            ("dot-up", SOLID)
        };
        let title = super::escaped(&point.title);
        add(
            &mut picture.out,
            format_args!(
                "<circle class=\"{class}\" {look} cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.2\"><title>{title}</title></circle>"
            ),
        );
    }
    let step = round_step(most / 4.0);
    let mut at = 0.0;
    while at * step <= most && at < 12.0 {
        let x = picture.x(at * step / most);
        picture.text("middle", (x, 300.0 - 6.0), &scaled(at * step, step));
        at += 1.0;
    }
    picture.text("end", (HALF - RIGHT, 300.0 - BOTTOM - 6.0), right);
    picture.text("start", (LEFT + 4.0, TOP + 8.0), up);
    picture.end()
}
