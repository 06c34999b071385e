//! The text of a diff-depth event → ids and level changes in ticks and lots, in one pass and into reused memory.
//!
//! [`scan`] reads only the compact form that the venue sends and gives up at any surprise; [`parse`](super::depth_json::parse) then
//! reads the same event with serde. Neither owns a book. (Binance, Diff. Book Depth Streams; combined envelope: binance "Live Subscribing".)

use super::product::Sequence;
use crate::domain::decimal::Step;
use crate::domain::{Price, Qty, Side, Symbol};

/// One level of an event: the whole size at a price from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Bids or asks.
    pub side: Side,
    /// Ticks.
    pub price: Price,
    /// Lots; zero removes the level.
    pub qty: Qty,
}

/// The ids and times of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Instrument.
    pub symbol: Symbol,
    /// `E`, venue ms since 1970.
    pub event_ms: i64,
    /// `U`, first update id in the event.
    pub first: u64,
    /// `u`, last update id in the event.
    pub last: u64,
    /// Last update id of the event before: `pu`, or one less than `U` where ids are consecutive.
    pub previous: u64,
}

/// An instrument, the steps that its numbers are whole multiples of, and how its depth events follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Its name.
    pub symbol: Symbol,
    /// How its events follow each other.
    pub sequence: Sequence,
    /// Smallest price step.
    pub tick: Step,
    /// Smallest size step.
    pub lot: Step,
}

impl Grid {
    /// The last id of the event before one that begins with `first`; `None` where the event should have said it.
    pub const fn previous(&self, first: u64, stated: Option<u64>) -> Option<u64> {
        match self.sequence {
            Sequence::Linked => stated,
            Sequence::Consecutive => Some(first.saturating_sub(1)),
        }
    }
}

/// Why [`scan`] gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surprise {
    /// Another kind of event.
    OtherEvent,
    /// Not the compact form, or not readable: the slow path has the last word.
    Form,
}

/// Reads one event without allocating; `changes` is cleared first and is unusable after an error.
/// `grid` names the steps of a symbol that is followed.
///
/// # Errors
/// At anything but a well-formed compact event of a followed symbol.
pub fn scan(
    bytes: &[u8],
    grid: impl Fn(&str) -> Option<Grid>,
    changes: &mut Vec<Change>,
) -> Result<Head, Surprise> {
    changes.clear();
    let mut scanner = Scanner { bytes, at: 0 };
    let mut fields = Fields::default();
    scanner.object(&mut fields, &grid, changes, true)?;
    if scanner.at != bytes.len() {
        return Err(Surprise::Form);
    }
    // Levels that stood before the symbol were only stepped over.
    for (side, at) in [
        (Side::Buy, fields.late_bids),
        (Side::Sell, fields.late_asks),
    ] {
        if let Some(at) = at {
            let grid = fields.instrument.ok_or(Surprise::Form)?;
            Scanner { bytes, at }.levels(side, grid, changes)?;
        }
    }
    fields.head()
}

#[derive(Default)]
struct Fields {
    is_depth: bool,
    event_ms: Option<u64>,
    first: Option<u64>,
    last: Option<u64>,
    previous: Option<u64>,
    instrument: Option<Grid>,
    seen_bids: bool,
    seen_asks: bool,
    late_bids: Option<usize>,
    late_asks: Option<usize>,
}

impl Fields {
    fn head(&self) -> Result<Head, Surprise> {
        if !(self.is_depth && self.seen_bids && self.seen_asks) {
            return Err(Surprise::Form);
        }
        let event_ms = self.event_ms.and_then(|ms| i64::try_from(ms).ok());
        match (self.instrument, event_ms, self.first, self.last) {
            (Some(grid), Some(event_ms), Some(first), Some(last)) => Ok(Head {
                symbol: grid.symbol,
                event_ms,
                first,
                last,
                previous: grid.previous(first, self.previous).ok_or(Surprise::Form)?,
            }),
            _ => Err(Surprise::Form),
        }
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    #[inline]
    fn peek(&self) -> Result<u8, Surprise> {
        self.bytes.get(self.at).copied().ok_or(Surprise::Form)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Surprise> {
        if self.peek()? == byte {
            self.at += 1;
            Ok(())
        } else {
            Err(Surprise::Form)
        }
    }

    /// One object; in the outer one `data` may hold the event.
    fn object(
        &mut self,
        fields: &mut Fields,
        grid: &impl Fn(&str) -> Option<Grid>,
        changes: &mut Vec<Change>,
        outer: bool,
    ) -> Result<(), Surprise> {
        self.expect(b'{')?;
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            if outer && key == b"data" {
                self.object(fields, grid, changes, false)?;
            } else {
                self.field(key, fields, grid, changes)?;
            }
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Surprise::Form),
            }
        }
    }

    fn field(
        &mut self,
        key: &[u8],
        fields: &mut Fields,
        grid: &impl Fn(&str) -> Option<Grid>,
        changes: &mut Vec<Change>,
    ) -> Result<(), Surprise> {
        match key {
            b"e" => {
                if self.string()? != b"depthUpdate" {
                    return Err(Surprise::OtherEvent);
                }
                once(&mut fields.is_depth)
            }
            b"E" => set(&mut fields.event_ms, self.number()?),
            b"U" => set(&mut fields.first, self.number()?),
            b"u" => set(&mut fields.last, self.number()?),
            b"pu" => set(&mut fields.previous, self.number()?),
            b"s" => {
                let name = std::str::from_utf8(self.string()?).map_err(|_| Surprise::Form)?;
                let grid = grid(name).ok_or(Surprise::Form)?;
                set(&mut fields.instrument, grid)
            }
            b"b" => {
                once(&mut fields.seen_bids)?;
                self.side(Side::Buy, fields.instrument, &mut fields.late_bids, changes)
            }
            b"a" => {
                once(&mut fields.seen_asks)?;
                self.side(
                    Side::Sell,
                    fields.instrument,
                    &mut fields.late_asks,
                    changes,
                )
            }
            _ => self.step_over(),
        }
    }

    fn side(
        &mut self,
        side: Side,
        instrument: Option<Grid>,
        late: &mut Option<usize>,
        changes: &mut Vec<Change>,
    ) -> Result<(), Surprise> {
        if let Some(grid) = instrument {
            return self.levels(side, grid, changes);
        }
        *late = Some(self.at);
        self.step_over_levels()
    }

    /// `[["price","size"],…]`
    fn levels(
        &mut self,
        side: Side,
        grid: Grid,
        changes: &mut Vec<Change>,
    ) -> Result<(), Surprise> {
        self.expect(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(());
        }
        let (bytes, mut at) = (self.bytes, self.at);
        loop {
            let price = steps(bytes, pair(bytes, at, *b"[\"")?, grid.tick)?;
            let qty = steps(bytes, pair(bytes, price.end, *b",\"")?, grid.lot)?;
            if price.count == 0 {
                return Err(Surprise::Form);
            }
            changes.push(Change {
                side,
                price: Price(price.count),
                qty: Qty(qty.count),
            });
            match bytes.get(qty.end..qty.end + 2) {
                Some(b"],") => at = qty.end + 2,
                Some(b"]]") => break self.at = qty.end + 2,
                _ => return Err(Surprise::Form),
            }
        }
        Ok(())
    }

    /// A whole number as JSON writes it, at most 18 digits.
    #[inline]
    fn number(&mut self) -> Result<u64, Surprise> {
        let start = self.at;
        let mut value = 0_u64;
        let mut byte = self.peek()?;
        while byte.is_ascii_digit() {
            value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            self.at += 1;
            byte = self.peek()?;
        }
        let digits = &self.bytes[start..self.at];
        let leading_zero = digits.len() > 1 && digits[0] == b'0';
        if digits.is_empty() || digits.len() > 18 || leading_zero {
            return Err(Surprise::Form);
        }
        Ok(value)
    }

    /// A quoted text without escapes or controls; not checked to be UTF-8 where it is not ASCII.
    #[inline]
    fn raw_string(&mut self) -> Result<(&'a [u8], bool), Surprise> {
        self.expect(b'"')?;
        let start = self.at;
        let mut ascii = true;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' | 0..0x20 => return Err(Surprise::Form),
                byte => ascii &= byte.is_ascii(),
            }
            self.at += 1;
        }
        let text = &self.bytes[start..self.at];
        self.at += 1;
        Ok((text, ascii))
    }

    #[inline]
    fn string(&mut self) -> Result<&'a [u8], Surprise> {
        let (text, ascii) = self.raw_string()?;
        if !ascii && std::str::from_utf8(text).is_err() {
            return Err(Surprise::Form);
        }
        Ok(text)
    }

    /// A value nobody asked for: text, whole number, or a literal.
    fn step_over(&mut self) -> Result<(), Surprise> {
        if self.peek()? == b'"' {
            return self.string().map(|_| ());
        }
        for literal in [&b"true"[..], b"false", b"null"] {
            if self.bytes[self.at..].starts_with(literal) {
                self.at += literal.len();
                return Ok(());
            }
        }
        self.number().map(|_| ())
    }

    fn step_over_levels(&mut self) -> Result<(), Surprise> {
        let mut depth = 0_u32;
        loop {
            match self.peek()? {
                b'[' => depth += 1,
                b']' => depth = depth.checked_sub(1).ok_or(Surprise::Form)?,
                b'0'..=b'9' | b'.' | b',' | b'"' => {}
                _ => return Err(Surprise::Form),
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// Whole steps read from a text, and the place after its closing quote.
struct Steps {
    count: i64,
    end: usize,
}

/// The place after two expected bytes.
#[inline]
fn pair(bytes: &[u8], at: usize, expected: [u8; 2]) -> Result<usize, Surprise> {
    match bytes.get(at..at + 2) {
        Some(found) if found == expected => Ok(at + 2),
        _ => Err(Surprise::Form),
    }
}

/// The rest of a quoted number without sign, as whole steps. More than 18 digits are left to the slow path, so that nothing here
/// overflows.
#[inline]
fn steps(bytes: &[u8], start: usize, step: Step) -> Result<Steps, Surprise> {
    let (mut value, mut at) = (0_u64, start);
    let mut byte = *bytes.get(at).ok_or(Surprise::Form)?;
    while byte.is_ascii_digit() {
        value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        at += 1;
        byte = *bytes.get(at).ok_or(Surprise::Form)?;
    }
    let mut digits = at - start;
    if digits == 0 {
        return Err(Surprise::Form);
    }
    let mut missing = step.decimals();
    if byte == b'.' {
        at += 1;
        byte = *bytes.get(at).ok_or(Surprise::Form)?;
        while byte.is_ascii_digit() {
            if missing > 0 {
                value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                digits += 1;
                missing -= 1;
            } else if byte != b'0' {
                return Err(Surprise::Form);
            }
            at += 1;
            byte = *bytes.get(at).ok_or(Surprise::Form)?;
        }
    }
    if byte != b'"' || digits > 18 {
        return Err(Surprise::Form);
    }
    let mut count = i64::try_from(value).map_err(|_| Surprise::Form)?;
    if missing > 0 {
        let scale = 10_i64.checked_pow(missing).ok_or(Surprise::Form)?;
        count = count.checked_mul(scale).ok_or(Surprise::Form)?;
    }
    if step.units() != 1 {
        if count % step.units() != 0 {
            return Err(Surprise::Form);
        }
        count /= step.units();
    }
    Ok(Steps { count, end: at + 1 })
}

fn set<T>(field: &mut Option<T>, value: T) -> Result<(), Surprise> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Surprise::Form),
    }
}

fn once(seen: &mut bool) -> Result<(), Surprise> {
    if std::mem::replace(seen, true) {
        Err(Surprise::Form)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::depth_json::parse;
    use super::*;

    fn grid(name: &str) -> Option<Grid> {
        let grid = Grid {
            sequence: Sequence::Linked,
            symbol: Symbol::new("BTCUSDT").unwrap(),
            tick: Step::parse("0.10").unwrap(),
            lot: Step::parse("0.001").unwrap(),
        };
        (name == "BTCUSDT").then_some(grid)
    }

    /// Binance's documented example, with the fields of 2026.
    const DOCUMENTED: &str = r#"{"e":"depthUpdate","E":1720000000123,"T":1720000000120,"s":"BTCUSDT","ps":"BTCUSDT","st":1,"U":157,"u":160,"pu":149,"b":[["60000.10","1.200"]],"a":[["60000.20","0"]]}"#;

    type Read = Option<(Head, Vec<Change>)>;

    fn both(text: &str) -> (Read, Read) {
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        let scanned = scan(text.as_bytes(), grid, &mut fast);
        let parsed = parse(text, grid, &mut slow);
        (
            scanned.ok().map(|head| (head, fast)),
            parsed.ok().map(|head| (head, slow)),
        )
    }

    #[test]
    fn reads_the_documented_event_alone_and_in_its_envelope() {
        let (fast, slow) = both(DOCUMENTED);
        assert_eq!(fast, slow);
        let (head, changes) = fast.unwrap();
        assert_eq!((head.first, head.last, head.previous), (157, 160, 149));
        assert_eq!(head.event_ms, 1_720_000_000_123);
        assert_eq!(changes[0].price, Price(600_001));
        assert_eq!(changes[0].qty, Qty(1200));
        assert_eq!(changes[1].side, Side::Sell);
        assert_eq!(changes[1].qty, Qty::ZERO);
        let wrapped = format!(r#"{{"stream":"btcusdt@depth@100ms","data":{DOCUMENTED}}}"#);
        assert_eq!(both(&wrapped).0.unwrap(), (head, changes));
    }

    #[test]
    fn levels_before_the_symbol_are_read_too() {
        let text = r#"{"b":[["60000.1","1"]],"a":[],"pu":1,"u":3,"U":2,"E":5,"x":null,"e":"depthUpdate","s":"BTCUSDT"}"#;
        let (fast, slow) = both(text);
        assert!(fast.is_some());
        assert_eq!(fast, slow);
    }

    #[test]
    fn spot_events_carry_no_id_of_the_one_before_and_futures_must() {
        let documented = r#"{"e":"depthUpdate","E":1672515782136,"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","10"]],"a":[["0.0026","100"]]}"#;
        let spot = |name: &str| {
            let grid = Grid {
                symbol: Symbol::new("BNBBTC").unwrap(),
                sequence: Sequence::Consecutive,
                tick: Step::parse("0.0001").unwrap(),
                lot: Step::parse("0.1").unwrap(),
            };
            (name == "BNBBTC").then_some(grid)
        };
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        let head = scan(documented.as_bytes(), spot, &mut fast).unwrap();
        assert_eq!((head.first, head.last, head.previous), (157, 160, 156));
        assert_eq!(parse(documented, spot, &mut slow).unwrap(), head);
        assert_eq!(fast, slow);
        let without = DOCUMENTED.replace(r#""pu":149,"#, "");
        assert_eq!(both(&without), (None, None));
    }

    #[test]
    fn another_event_is_told_apart_at_once() {
        let text = br#"{"e":"bookTicker","u":1"#;
        assert_eq!(scan(text, grid, &mut Vec::new()), Err(Surprise::OtherEvent));
    }

    #[test]
    fn k3_numbers_that_are_no_whole_steps_are_refused() {
        for (price, qty) in [
            ("60000.15", "1"),
            ("60000.1", "0.0001"),
            ("60000.1", "-1"),
            ("-60000.1", "1"),
            ("0", "1"),
            ("NaN", "1"),
            ("1e308", "1"),
            ("1e5", "1"),
            ("6000000000000000000000000000000000000000", "1"),
            ("9223372036854775807.9", "1"),
            ("", "1"),
            (".5", "1"),
        ] {
            let text = DOCUMENTED.replace("60000.10", price).replace("1.200", qty);
            let (fast, slow) = both(&text);
            assert_eq!(fast, None, "{price} {qty}");
            assert_eq!(slow, None, "{price} {qty}");
        }
    }

    #[test]
    fn k1_every_truncation_is_an_error() {
        for end in 0..DOCUMENTED.len() {
            assert_eq!(both(&DOCUMENTED[..end]), (None, None), "{end}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(both(&deep), (None, None));
    }

    #[test]
    fn what_the_scanner_leaves_the_parser_reads() {
        let spaced = DOCUMENTED.replace(',', ", ");
        let (fast, slow) = both(&spaced);
        assert_eq!(fast, None);
        assert!(slow.is_some());
    }

    fn level() -> impl Strategy<Value = String> {
        (1_u32..2_000_000, 0_u32..100_000).prop_map(|(ticks, lots)| {
            format!(
                r#"["{}.{}0","{}.{:03}"]"#,
                ticks / 10,
                ticks % 10,
                lots / 1000,
                lots % 1000
            )
        })
    }

    fn event() -> impl Strategy<Value = String> {
        let levels = || prop::collection::vec(level(), 0..12).prop_map(|l| l.join(","));
        let fields = (any::<u32>(), any::<u32>(), levels(), levels()).prop_map(|(id, ms, b, a)| {
            vec![
                r#""e":"depthUpdate""#.to_owned(),
                format!(r#""E":{ms}"#),
                format!(r#""T":{ms}"#),
                r#""s":"BTCUSDT""#.to_owned(),
                r#""ps":"币安""#.to_owned(),
                format!(r#""U":{id}"#),
                format!(r#""u":{}"#, u64::from(id) + 7),
                format!(r#""pu":{}"#, id / 2),
                format!(r#""b":[{b}]"#),
                format!(r#""a":[{a}]"#),
            ]
        });
        fields
            .prop_shuffle()
            .prop_map(|fields| format!("{{{}}}", fields.join(",")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn the_scanner_equals_the_parser(text in event()) {
            let (fast, slow) = both(&text);
            prop_assert!(fast.is_some());
            // The order of the sides follows the text; the parser reads bids first.
            let sorted = |found: Read| found.map(|(head, mut changes)| {
                changes.sort_by_key(|c| c.side);
                (head, changes)
            });
            prop_assert_eq!(sorted(fast), sorted(slow));
        }

        #[test]
        fn k1_mutated_bytes_never_panic_and_never_read_as_something_else(
            text in event(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut bytes = text.into_bytes();
            for (index, byte) in edits {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
            let mut fast = Vec::new();
            if let Ok(head) = scan(&bytes, grid, &mut fast) {
                let text = String::from_utf8(bytes).expect("accepted text is UTF-8");
                let mut slow = Vec::new();
                let parsed = parse(&text, grid, &mut slow);
                prop_assert_eq!(parsed.ok(), Some(head));
                fast.sort_by_key(|c| c.side);
                prop_assert_eq!(fast, slow);
            }
        }
    }
}
