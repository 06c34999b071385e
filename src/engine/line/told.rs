//! What is said of a line while it is typed: what the command takes, what is wrong so far, or what it would send.

use super::complete::{Names, candidates, last_word};
use super::{LINES, Meant, read, row, split};
use crate::domain::Stamp;
use crate::engine::Desk;
use crate::engine::ask::{self, Ask, Seen};
use crate::engine::volume::Size;
use crate::engine::words;
use crate::engine::{scale, sizing};

/// Names listed while one is typed.
const LISTED: usize = 12;

/// A line about a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Words; empty where there is nothing to say.
    pub words: String,
    /// The line cannot be done as it stands.
    pub is_wrong: bool,
}

impl From<Result<String, String>> for Told {
    fn from(said: Result<String, String>) -> Self {
        let is_wrong = said.is_err();
        let words = said.unwrap_or_else(|wrong| wrong);
        Self { words, is_wrong }
    }
}

/// What to say of a `:` line that goes to the market in `seen`.
pub fn line(
    desk: &Desk,
    now: Stamp,
    text: &str,
    seen: Seen,
    screen: impl IntoIterator<Item = &'static str> + Clone,
) -> Told {
    let (name, rest) = split(text);
    let names = Names {
        symbols: desk.symbols(),
        ..Names::default()
    };
    let may_be = candidates(text, names, screen.clone());
    let Some(line) = row(&name.to_lowercase()) else {
        return unfinished(desk, text, seen, &may_be, screen);
    };
    let form = || format!("{}   {}", line.form(), line.doc);
    let key = desk.shown(seen.key);
    let is_bare = rest.trim().is_empty();
    match meant(desk, text, seen, screen) {
        Ok(Meant::Ask(Ask::Trade(trade))) => {
            let sends = ask::would_send(desk, now, trade, seen);
            let more = if is_bare { line.syntax } else { "" };
            let with_more = |words: String| format!("{words}   {more}").trim_end().to_owned();
            sends.map(with_more).into()
        }
        _ if is_bare => Ok(form()).into(),
        Ok(Meant::Ask(Ask::Close(percent))) => ask::would_close(desk, now, key, percent).into(),
        Ok(Meant::Ask(Ask::Stop(Some(place)))) => ask::would_stop(desk, now, key, place).into(),
        Ok(Meant::Ask(Ask::Take(Some(place)))) => ask::would_take(desk, now, key, place).into(),
        Ok(Meant::Ask(Ask::Scale(scale))) => scale::told(desk, now, key, &scale).into(),
        Ok(Meant::Ask(Ask::Volume(_, Some(size)))) => volume(desk, size, seen).into(),
        Ok(_) => Ok(form()).into(),
        // A word on its way to one that fits is not wrong yet.
        Err(_) if !last_word(text).is_empty() && !may_be.is_empty() => Ok(form()).into(),
        Err(wrong) => Err(wrong).into(),
    }
}

/// What to say of a volume that is typed.
pub fn size(desk: &Desk, text: &str, seen: Seen) -> Told {
    let Some(instrument) = desk.instrument(seen.key.venue, seen.key.symbol) else {
        return Told::default();
    };
    if text.is_empty() {
        let forms = "0.05  2x  10l lots  500q quote  5%  50%p position  20r or 1%r at the stop";
        return Ok(forms.to_owned()).into();
    }
    let size = Size::typed(text, instrument);
    size.and_then(|size| volume(desk, size, seen)).into()
}

fn volume(desk: &Desk, size: Size, seen: Seen) -> Result<String, String> {
    let market = desk.market(&seen.key).ok_or("no market is open")?;
    let instrument = market.instrument.as_deref().ok_or("no market is open")?;
    let qty = sizing::shown(desk, market, size)?;
    Ok(format!("{size} = {} now", words::qty(instrument, qty)))
}

fn meant(
    desk: &Desk,
    text: &str,
    seen: Seen,
    screen: impl IntoIterator<Item = &'static str> + Clone,
) -> Result<Meant, String> {
    let instrument = desk.instrument(seen.key.venue, seen.key.symbol);
    read(text, instrument.map(AsRef::as_ref), screen)
}

/// A name that is no row: an action, or one that is not typed to its end.
fn unfinished(
    desk: &Desk,
    text: &str,
    seen: Seen,
    may_be: &[String],
    screen: impl IntoIterator<Item = &'static str> + Clone,
) -> Told {
    if text.trim().is_empty() {
        let names: Vec<&str> = LINES.iter().map(|line| line.name).collect();
        return Ok(names.join("  ")).into();
    }
    match meant(desk, text, seen, screen) {
        Ok(Meant::Act(action)) => Ok(action.row().map_or("", |row| row.doc).to_owned()).into(),
        Ok(_) => Told::default(),
        Err(wrong) if may_be.is_empty() => Err(wrong).into(),
        Err(_) => {
            let more = if may_be.len() > LISTED { "  …" } else { "" };
            let names: Vec<&str> = may_be.iter().take(LISTED).map(String::as_str).collect();
            Ok(format!("{}{more}", names.join("  "))).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Price;
    use crate::engine::action::Action;
    use crate::engine::tests::kit::{ASK, BID, Kit, key};

    fn seen(kit: &Kit) -> Seen {
        Seen {
            key: key(),
            cursor: None,
            drawn: (Some(Price(BID)), Some(Price(ASK))),
            at: kit.now,
        }
    }

    fn told(kit: &Kit, text: &str) -> (String, bool) {
        let told = line(&kit.desk, kit.now, text, seen(kit), ["quit", "help"]);
        (told.words, told.is_wrong)
    }

    #[test]
    fn a_command_that_is_typed_shows_its_form_then_what_it_would_send() {
        let kit = Kit::ready();
        let form = "buy [SIZE] [@ PRICE] [post|ioc]   buy at a price; post alone joins the bid; neither: now, bounded";
        for (text, words) in [
            (
                "",
                "buy  sell  chase  lean  scale  buy-stop  sell-stop  stop  take  close  cancel  volume  leverage  margin  mode  baseline  view-only  open  level  levels  layout  tab  leader  set  tag  note  keys  play  mood  drill  columns  theme  q",
            ),
            ("ma", "margin"),
            (
                "buy",
                "BUY 0.050 @ 60 060.3 or better now, worth 3 003.02 USDT, takes 0.050 at ~60 000.3 (worst 60 000.3), cost 604t → LONG 0.050 @ 60 000.3   [SIZE] [@ PRICE] [post|ioc]",
            ),
            ("buy 0.5 @ 59990 p", form),
            (
                "buy 0.5 @ 59990 post",
                "BUY 0.500 @ 59 990.0 post-only, worth 29 995 USDT, cost 420t → LONG 0.500 @ 59 990",
            ),
            (
                "sell 10l",
                "SELL 0.010 @ 59 940.0 or better now, worth 599.4 USDT, takes 0.010 at ~60 000 (worst 60 000.0), cost 604t → SHORT 0.010 @ 60 000",
            ),
            ("buy-join", "buy post-only at the best bid"),
            ("volume 2 600q", "600q = 0.010 now"),
            ("keys", "keys   open the key screen"),
            (
                "stop off",
                "stop PRICE|-20t|+5t|off   stop there, or ticks from the entry: - loses, + wins; off, entered twice: none",
            ),
        ] {
            assert_eq!(told(&kit, text), (words.to_owned(), false), "{text:?}");
        }
    }

    #[test]
    fn exits_and_scales_are_told_before_enter() {
        let mut kit = Kit::ready();
        for text in ["close 50", "stop -20t", "take +40t"] {
            let (words, is_wrong) = told(&kit, text);
            assert!(words.contains("FLAT") && is_wrong, "{text}: {words}");
        }
        kit.long(80);
        let scale = "scale of 4: BUY 0.020 from 59 990.0 to 59 960.0, each 0.005";
        for (text, words) in [
            ("close 50", "SELL 0.040 @ 59 940.0 or better now, "),
            ("stop 59990", "SELL 0.080 stop at 59 990.0, leaves -"),
            ("take 60040", "SELL 0.080 @ 60 040.0 post-only, "),
            ("scale buy 4 0.02 59960..59990", scale),
        ] {
            let (said, is_wrong) = told(&kit, text);
            assert!(said.starts_with(words) && !is_wrong, "{text}: {said}");
        }
        kit.line("scale buy 4 0.02 59960..59990");
        let sent: Vec<i64> = kit.placed().iter().map(|order| order.qty.0).collect();
        assert_eq!(sent, [5; 4]);
        kit.line("stop 59990");
        let (words, is_wrong) = told(&kit, "stop 59980");
        assert!(words.contains("entered twice") && is_wrong, "{words}");
    }

    #[test]
    fn what_is_wrong_so_far_is_said_before_enter() {
        let mut kit = Kit::ready();
        for (text, words) in [
            (
                "buy 0.5 @ ",
                "a price is missing: write :buy [SIZE] [@ PRICE] [post|ioc]",
            ),
            (
                "buy 0.5 x",
                "what is \"x\"? write :buy [SIZE] [@ PRICE] [post|ioc]",
            ),
            (
                "buy 20r",
                "20r needs a stop behind it: put one with i, or set [protect] stop",
            ),
            ("zzz", "no command zzz"),
            (
                "volume 2 0.0004b",
                "0.0004 BTC is below the venue's least 0.001",
            ),
        ] {
            assert_eq!(told(&kit, text), (words.to_owned(), true), "{text:?}");
        }
        kit.press(Action::Lock);
        let (words, is_wrong) = told(&kit, "buy 0.5 @ 59990");
        assert!(words.starts_with("LOCKED") && is_wrong, "{words}");
    }

    /// What is said of an order is what is then sent.
    #[test]
    fn an_order_is_told_as_it_is_sent() {
        for text in [
            "buy 0.5 @ 59990 post",
            "sell 0.5 @ 60020",
            "sell 0.02",
            "buy 5x post",
        ] {
            let mut kit = Kit::ready();
            kit.long(80);
            let (words, is_wrong) = told(&kit, text);
            kit.line(text);
            let order = kit.only();
            let instrument = crate::engine::tests::kit::instrument();
            let what = words::order(&instrument, order.side, order.qty);
            let at = order
                .kind
                .limit()
                .map(|price| words::price(&instrument, price))
                .unwrap();
            assert!(
                words.starts_with(&format!("{what} @ {at} ")) && !is_wrong,
                "{words}"
            );
            let reduces = order.intent == crate::domain::Intent::Exit;
            assert_eq!(words.contains(", reduces"), reduces, "{words}");
        }
    }

    #[test]
    fn a_volume_that_is_typed_shows_what_it_comes_to() {
        let kit = Kit::ready();
        let said = |text| {
            let told = size(&kit.desk, text, seen(&kit));
            (told.words, told.is_wrong)
        };
        assert_eq!(said("0.25"), ("0.25b = 0.250 now".to_owned(), false));
        assert!(said("0.2505").1);
        assert!(said("5x5").1);
        assert!(!said("").1);
    }
}
