use super::settings::Ways;
use super::*;

pub fn market(symbol: &str) -> Market {
    Market {
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: Symbol::new(symbol).unwrap(),
    }
}

pub fn alert(kind: Kind, market: Option<Market>, folds: Folds, words: &str) -> Alert {
    Alert {
        kind,
        market,
        weight: Weight::News,
        folds,
        words: words.to_owned(),
        brief: "brief".to_owned(),
    }
}

fn alerts(kind: Kind, ways: Ways) -> Alerts {
    let mut settings = Settings::default();
    settings.set(kind, ways);
    Alerts::new(settings)
}

const ALL: Ways = Ways {
    list: true,
    bell: true,
    notice: true,
};

#[test]
fn each_way_is_on_or_off_by_itself() {
    let fill = || {
        alert(
            Kind::Fill,
            Some(market("BTCUSDT")),
            Folds::Words,
            "BUY 0.05 @ 1",
        )
    };
    let now = Stamp::default();
    let calls = alerts(Kind::Fill, ALL).take(now, fill());
    assert!(calls.bell);
    assert_eq!(calls.notice.as_deref(), Some("BTCUSDT fill: brief"));
    let mut off = alerts(Kind::Fill, Ways::default());
    assert_eq!(off.take(now, fill()), Calls::default());
    assert!(off.rows().shown().is_empty());
    let ways = Ways { list: false, ..ALL };
    let mut loud = alerts(Kind::Fill, ways);
    assert!(loud.take(now, fill()).bell);
    assert!(loud.rows().shown().is_empty());
}

#[test]
fn money_is_in_a_desktop_notice_only_where_the_trader_said_so() {
    let mut settings = Settings {
        notice_money: true,
        ..Settings::default()
    };
    settings.set(Kind::Fill, ALL);
    let fill = alert(Kind::Fill, None, Folds::Words, "BUY 0.05 @ 1");
    let calls = Alerts::new(settings).take(Stamp::default(), fill);
    assert_eq!(calls.notice.as_deref(), Some("fill: BUY 0.05 @ 1"));
}

#[test]
fn a_wild_market_rings_seldom_and_fills_no_list() {
    let mut alerts = alerts(Kind::LargePrint, ALL);
    let mut now = Stamp::default();
    let (mut bells, mut notices) = (0, 0);
    for number in 0..1_200 {
        let words = format!("{number}");
        let print = alert(
            Kind::LargePrint,
            Some(market("BTCUSDT")),
            Folds::Into(1),
            &words,
        );
        let calls = alerts.take(now, print);
        bells += u32::from(calls.bell);
        notices += u32::from(calls.notice.is_some());
        now = now.plus_ms(50);
        notices += u32::from(alerts.due(now).is_some());
    }
    assert_eq!((bells, notices), (6, 3));
    let shown = alerts.rows().shown();
    assert_eq!(shown.len(), 2);
    assert_eq!(shown.iter().map(|row| row.count).sum::<u32>(), 1_200);
    assert_eq!(shown[0].words, "1199");
}
