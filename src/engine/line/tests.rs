//! What lines mean, and what is said of those that mean nothing.

use super::*;
use crate::domain::Price;
use crate::engine::stops::Place;
use crate::engine::tests::kit::{dec, instrument};
use crate::engine::volume::Size;

const SCREEN: [&str; 2] = ["quit", "help"];

fn means(text: &str) -> Result<Meant, String> {
    read(text, Some(&instrument()), SCREEN)
}

fn trade(side: Side, size: Option<Size>, at: Option<At>) -> Result<Meant, String> {
    Ok(Meant::Ask(Ask::Trade(Trade { side, size, at })))
}

#[test]
fn orders_are_read_in_any_order_of_their_words() {
    let half = Some(Size::Base(dec("0.5")));
    let at = |tif| Some(At::Price(Price(612_000), tif));
    use TimeInForce::{Gtc, Ioc, PostOnly};
    for (text, expected) in [
        ("buy", trade(Side::Buy, None, None)),
        ("buy 0.5", trade(Side::Buy, half, None)),
        ("SELL 0.5 ioc", trade(Side::Sell, half, None)),
        ("sell post", trade(Side::Sell, None, Some(At::Best))),
        ("buy 0.5 @ 61200 post", trade(Side::Buy, half, at(PostOnly))),
        ("buy 0.5@61200.0", trade(Side::Buy, half, at(Gtc))),
        (" buy  @61200   0.5 ioc ", trade(Side::Buy, half, at(Ioc))),
        ("buy post @ 61200", trade(Side::Buy, None, at(PostOnly))),
        (
            "buy 5%",
            trade(Side::Buy, Some(Size::OfEquity(dec("0.05"))), None),
        ),
        (
            "buy 20r",
            trade(Side::Buy, Some(Size::Risk(dec("20"))), None),
        ),
        ("buy 10l", trade(Side::Buy, Some(Size::Lots(10)), None)),
    ] {
        assert_eq!(means(text), expected, "{text}");
    }
}

#[test]
fn the_other_commands_are_read() {
    let ask = |ask| Ok(Meant::Ask(ask));
    for (text, expected) in [
        (
            "stop 59990",
            ask(Ask::Stop(Some(Place::Price(Price(599_900))))),
        ),
        ("stop -20t", ask(Ask::Stop(Some(Place::FromEntry(-20))))),
        ("stop 20t", ask(Ask::Stop(Some(Place::FromEntry(-20))))),
        ("stop +5t", ask(Ask::Stop(Some(Place::FromEntry(5))))),
        ("stop 0", ask(Ask::Stop(None))),
        ("stop off", ask(Ask::Stop(None))),
        ("take +40t", ask(Ask::Take(Some(Place::FromEntry(40))))),
        ("take 40t", ask(Ask::Take(Some(Place::FromEntry(40))))),
        ("take off", ask(Ask::Take(None))),
        ("close", ask(Ask::Close(100))),
        ("close 25%", ask(Ask::Close(25))),
        ("cancel", Ok(Meant::Act(Action::CancelEntries))),
        ("cancel all", Ok(Meant::Act(Action::CancelSymbol))),
        ("cancel external", ask(Ask::Cancel(Named::External))),
        ("volume 3", Ok(Meant::Act(Action::Volume(3)))),
        (
            "volume 3 50%p",
            ask(Ask::Volume(3, Some(Size::OfPosition(dec("0.5"))))),
        ),
        ("leverage 7x", ask(Ask::Leverage(7))),
        ("margin isolated", ask(Ask::Margin(MarginMode::Isolated))),
        ("mode one-way", ask(Ask::Mode(PositionMode::OneWay))),
        ("mode hedge", ask(Ask::Mode(PositionMode::Hedge))),
        ("open ethusdt", Ok(Meant::Open("ETHUSDT".to_owned()))),
        ("keys", Ok(Meant::Keys)),
        ("play pause", Ok(Meant::Play(Play::Pause))),
        ("play 50x", Ok(Meant::Play(Play::Speed(50)))),
        ("play -10", Ok(Meant::Play(Play::Jump(-10)))),
        ("play at 12:03:20", Ok(Meant::Play(Play::At(43_400)))),
        ("play at 00:05", Ok(Meant::Play(Play::At(300)))),
        ("play next", Ok(Meant::Play(Play::Trade(true)))),
        ("q", Ok(Meant::Screen("quit"))),
        ("help", Ok(Meant::Screen("help"))),
        ("buy-join", Ok(Meant::Act(Action::Join(Side::Buy)))),
        ("panic", Ok(Meant::Act(Action::Panic))),
        ("reverse", Ok(Meant::Act(Action::Reverse))),
    ] {
        assert_eq!(means(text), expected, "{text}");
    }
    let set = Ask::Set {
        name: "risk.max_position".to_owned(),
        value: "2".to_owned(),
    };
    assert_eq!(means("set risk.max_position 2"), ask(set));
}

#[test]
fn special_entries_are_read() {
    let half = Some(Size::Base(dec("0.5")));
    let scale = |side, between: (i64, i64)| {
        Ok(Meant::Ask(Ask::Scale(Scale {
            side,
            count: 5,
            size: Size::Base(dec("0.1")),
            between: (Price(between.0), Price(between.1)),
        })))
    };
    for (text, expected) in [
        ("chase buy", trade(Side::Buy, None, Some(At::Chase))),
        ("chase sell 0.5", trade(Side::Sell, half, Some(At::Chase))),
        ("lean buy", trade(Side::Buy, None, Some(At::Lean(None)))),
        (
            "lean sell 0.5 @ 61200",
            trade(Side::Sell, half, Some(At::Lean(Some(Price(612_000))))),
        ),
        (
            "buy-stop 0.5 @ 61200",
            trade(Side::Buy, half, Some(At::Stop(Price(612_000)))),
        ),
        (
            "sell-stop @61200",
            trade(Side::Sell, None, Some(At::Stop(Price(612_000)))),
        ),
        (
            "scale buy 5 0.1 61000..61100",
            scale(Side::Buy, (611_000, 610_000)),
        ),
        (
            "scale sell 5 0.1 61100..61000",
            scale(Side::Sell, (610_000, 611_000)),
        ),
        ("oco", Ok(Meant::Act(Action::Link))),
    ] {
        assert_eq!(means(text), expected, "{text}");
        let entry = text != "oco";
        assert_eq!(expected.unwrap().kind() == Kind::Entry, entry, "{text}");
    }
    for (text, told) in [
        (
            "chase",
            "buy or sell is missing: write :chase buy|sell [SIZE]",
        ),
        ("chase up", "what is \"up\"? write :chase buy|sell [SIZE]"),
        (
            "lean buy 0.5 61200",
            "what is \"61200\"? write :lean buy|sell [SIZE] [@ PRICE]",
        ),
        ("scale buy 21 0.1 1..2", "a scale has 2 to 20 orders"),
        (
            "scale buy 5 0.1 61000",
            "what is \"61000\"? write :scale buy|sell N SIZE FROM..TO",
        ),
        (
            "buy-stop 0.5",
            "@ and a trigger is missing: write :buy-stop [SIZE] @ TRIGGER",
        ),
    ] {
        assert_eq!(means(text), Err(told.to_owned()), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_what_is_expected() {
    for (text, told) in [
        ("sel 1", "no command sel, did you mean \"sell\"?"),
        ("pani", "no command pani, did you mean \"panic\"?"),
        ("panic now", "panic takes no words after it"),
        (
            "buy 0.5 @",
            "a price is missing: write :buy [SIZE] [@ PRICE] [post|ioc]",
        ),
        (
            "buy 0.5 61200",
            "what is \"61200\"? write :buy [SIZE] [@ PRICE] [post|ioc]",
        ),
        (
            "buy 0.5 gtc",
            "what is \"gtc\"? write :buy [SIZE] [@ PRICE] [post|ioc]",
        ),
        (
            "buy 1 post ioc",
            "what is \"ioc\"? write :buy [SIZE] [@ PRICE] [post|ioc]",
        ),
        (
            "buy 0.5 @ 61200.05",
            "price \"61200.05\": not a multiple of the step; the tick is 0.1",
        ),
        (
            "buy 0.5 @ 61,200",
            "price \"61,200\": not a plain decimal number; the tick is 0.1",
        ),
        ("buy 0.5 @ -1", "-1 is no price"),
        (
            "buy 0.0005",
            "size 0.0005: not a multiple of the step; the step is 0.001",
        ),
        ("stop", "a price is missing: write :stop PRICE|-20t|+5t|off"),
        (
            "stop xt",
            "\"xt\" is no distance: -20t loses 20 ticks from the entry, +5t wins 5",
        ),
        ("close 0", "close takes a whole number of percent, 1 to 100"),
        (
            "close 101",
            "close takes a whole number of percent, 1 to 100",
        ),
        (
            "volume",
            "a volume's number is missing: write :volume N [SIZE|default]",
        ),
        ("leverage 126", "leverage is a whole number from 1 to 125"),
        ("margin both", "margin is cross or isolated"),
        ("keys now", "what is \"now\"? write :keys"),
    ] {
        assert_eq!(means(text), Err(told.to_owned()), "{text}");
    }
    let told = read("buy 0.5 @ 61200", None, SCREEN).unwrap_err();
    assert_eq!(told, "no instrument is open");
}

#[test]
fn entries_and_arming_by_line_are_guarded_as_entries() {
    for (text, kind) in [
        ("buy 0.5", Kind::Entry),
        ("buy-join", Kind::Entry),
        ("arm-1", Kind::Entry),
        ("stop off", Kind::Exit),
        ("close", Kind::Exit),
        ("cancel takes", Kind::Exit),
        ("panic", Kind::Exit),
        ("lock", Kind::Exit),
        ("volume 2 1", Kind::Setting),
        ("keys", Kind::Setting),
    ] {
        assert_eq!(means(text).unwrap().kind(), kind, "{text}");
    }
}

#[test]
fn a_line_with_a_word_that_lancet_does_not_know_is_not_written_down() {
    let symbols = ["BTCUSDT".to_owned()];
    for (text, is_known) in [
        ("buy 0.5", true),
        ("open btcusdt", true),
        ("open kQ8vXw3tR1yZ", false),
        ("set nonsense kQ8vXw3tR1yZ", false),
    ] {
        assert_eq!(means(text).unwrap().is_known(&symbols), is_known, "{text}");
    }
}

#[test]
fn no_text_is_trouble() {
    let pieces = [
        "buy",
        "stop",
        "take",
        "volume",
        "set",
        "@",
        "@@",
        "-",
        "+",
        "t",
        "0t",
        "-t",
        "%",
        "%p",
        "1%r",
        "x",
        "9999999999999999999999999",
        "-9223372036854775808t",
        "1e9",
        "\u{0}",
        "é",
        "１２",
        "post",
        "",
    ];
    for a in pieces {
        for b in pieces {
            for c in pieces {
                // Whatever is read is read without a panic.
                let _ = means(&format!("{a} {b}{c}"));
            }
        }
    }
}

#[test]
fn names_are_unique_and_no_row_hides_an_action() {
    for (at, line) in LINES.iter().enumerate() {
        assert!(
            LINES
                .iter()
                .skip(at + 1)
                .all(|other| other.name != line.name)
        );
        assert!(
            ACTIONS.iter().all(|row| row.name != line.name),
            "{}",
            line.name
        );
        assert!(line.doc.len() <= 80 && !line.doc.is_empty(), "{}", line.doc);
    }
}
