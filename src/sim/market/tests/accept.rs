//! Orders of venues that say yes first: what the book will not have comes to be and ends at once.

use super::*;

fn told(market: &mut Market) -> Vec<(OrderChange, Status)> {
    let order = |event| match event {
        MarketEvent::Order(event) => Some((event.change, event.order.status)),
        _ => None,
    };
    market
        .drain_events()
        .into_iter()
        .filter_map(order)
        .collect()
}

#[test]
fn a_post_only_order_that_would_take_is_accepted_and_expires() {
    let (mut market, a, b) = pair();
    market.submit(T0, b, limit(Side::Sell, 10_000, 10)).unwrap();
    market.drain_events();
    let ask = with_tif(limit(Side::Buy, 10_000, 10), Tif::Gtx);
    assert_eq!(market.submit(T0, a, ask), Err(Refuse::PostOnlyWouldTake));
    let order = market.accept(T0, a, ask).unwrap();
    assert_eq!((order.status, order.filled), (Status::Expired, Qty::ZERO));
    assert_eq!(
        told(&mut market),
        [
            (OrderChange::New, Status::New),
            (OrderChange::Expired(Expiry::WouldTake), Status::Expired)
        ]
    );
    assert!(market.open_orders(a, None).is_empty());
    assert_eq!(market.level(S, Side::Sell, Price(10_000)), Qty(10));
    // One that rests is taken as ever.
    let ask = with_tif(limit(Side::Buy, 9_999, 10), Tif::Gtx);
    assert_eq!(market.accept(T0, a, ask).unwrap().status, Status::New);
}

#[test]
fn a_fill_or_kill_order_that_cannot_be_filled_is_accepted_and_expires() {
    let (mut market, a, b) = pair();
    market.submit(T0, b, limit(Side::Sell, 10_000, 10)).unwrap();
    market.drain_events();
    let ask = with_tif(limit(Side::Buy, 10_000, 11), Tif::Fok);
    let order = market.accept(T0, a, ask).unwrap();
    assert_eq!((order.status, order.filled), (Status::Expired, Qty::ZERO));
    assert_eq!(told(&mut market).len(), 2);
    // What is wrong beyond the book is refused as ever.
    let large = limit(Side::Buy, 10_000, 900_000);
    assert_eq!(market.accept(T0, a, large), Err(Refuse::MarginInsufficient));
    assert!(told(&mut market).is_empty());
}

#[test]
fn an_order_cut_to_what_is_filled_of_it_is_filled() {
    let (mut market, a, b) = pair();
    let order = market.submit(T0, a, limit(Side::Buy, 10_000, 20)).unwrap();
    let which = Which::Id(order.id);
    let cut = |market: &mut Market| market.cut_to_filled(T0, a, S, which);
    assert_eq!(cut(&mut market), Err(Refuse::UnknownOrder));
    market.submit(T0, b, limit(Side::Sell, 10_000, 7)).unwrap();
    market.drain_events();
    let order = cut(&mut market).unwrap();
    assert_eq!(
        (order.status, order.qty, order.filled),
        (Status::Filled, Qty(7), Qty(7))
    );
    assert_eq!(told(&mut market), [(OrderChange::Amended, Status::Filled)]);
    assert_eq!(market.level(S, Side::Buy, Price(10_000)), Qty::ZERO);
    assert_eq!(cut(&mut market), Err(Refuse::UnknownOrder));
}
