//! What an algo order asks for: one trigger, or two of which one cancels the other.

use rust_decimal::{Decimal, dec};

use super::Okx;
use super::asked::{read_client, read_mode, read_price, read_side, read_size, read_tag};
use super::call::Call;
use super::error::{Refused, of_market};
use super::params::Params;
use super::shapes::is_spot;
use crate::domain::{Price, Side};
use crate::sim::market::{
    AlgoAsk, Kind, Leg, Refuse, SelfTrade, SymbolNo, SymbolSpec, Tif, Trigger, Watch,
};

/// The price that stands for "at the market".
const AT_MARKET: &str = "-1";
/// Narrowest and widest callback of a trailing order, a share of the price (OKX, code 51311 gives a range).
const CALLBACK: std::ops::RangeInclusive<Decimal> = dec!(0.0001)..=dec!(1);

/// `ordType` of an algo order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `conditional`: a take or a stop.
    OneWay,
    /// `oco`: a take and a stop.
    Both,
    /// `trigger`: at a price, from whichever side it comes.
    Trigger,
    /// `move_order_stop`: a trailing stop.
    Trail,
}

impl Shape {
    /// By its word.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "conditional" => Some(Self::OneWay),
            "oco" => Some(Self::Both),
            "trigger" => Some(Self::Trigger),
            "move_order_stop" => Some(Self::Trail),
            _ => None,
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneWay => "conditional",
            Self::Both => "oco",
            Self::Trigger => "trigger",
            Self::Trail => "move_order_stop",
        }
    }
}

/// A new algo order as it was asked for.
pub(super) struct AskedAlgo {
    /// `ordType`
    pub shape: Shape,
    /// What the market is asked; one that cancels the other comes second.
    pub asks: Vec<AlgoAsk>,
    /// Its margin mode.
    pub isolated: bool,
    /// The client's label.
    pub tag: String,
}

/// How a pair of price fields is named: `tp`, `sl` or nothing before them.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    trigger: &'static str,
    order: &'static str,
    watch: &'static str,
}

impl Fields {
    /// The names of trigger price, order price and watched price in a row, where the order price of a trigger is called otherwise.
    pub(super) fn of_rows(self) -> [&'static str; 3] {
        let order = if self.order == "orderPx" {
            "ordPx"
        } else {
            self.order
        };
        [self.trigger, order, self.watch]
    }
}

pub(super) const TAKE: Fields = Fields {
    trigger: "tpTriggerPx",
    order: "tpOrdPx",
    watch: "tpTriggerPxType",
};
pub(super) const STOP: Fields = Fields {
    trigger: "slTriggerPx",
    order: "slOrdPx",
    watch: "slTriggerPxType",
};
pub(super) const PLAIN: Fields = Fields {
    trigger: "triggerPx",
    order: "orderPx",
    watch: "triggerPxType",
};

impl Okx {
    /// A new algo order.
    ///
    /// # Errors
    /// When a field is missing or holds what it may not.
    pub(super) fn read_algo(&self, call: &Call, item: &Params) -> Result<AskedAlgo, Refused> {
        let (symbol, spec) = self.ordered(call, item)?;
        if is_spot(&spec) {
            return Err(of_market(Refuse::Spot, Some(&spec)));
        }
        let isolated = read_mode(item, &spec)?.unwrap_or(false);
        let shape = Shape::of(item.need("ordType")?).ok_or_else(|| Refused::invalid("ordType"))?;
        let side = read_side(item)?;
        let leg = self.read_leg(item, &spec)?;
        let reduce_only = item.flag("reduceOnly")?.unwrap_or(false) && leg == Leg::Both;
        let qty = match item.get("closeFraction") {
            None => Some(read_size(item, "sz", &spec)?),
            Some("1") => None,
            Some(_) => return Err(Refused::invalid("closeFraction")),
        };
        let ask = AlgoAsk {
            symbol,
            client: read_client(item, "algoClOrdId")?,
            side,
            leg,
            trigger: Trigger::Stop(Price(0)),
            watch: Watch::Last,
            protect: false,
            kind: Kind::Market,
            qty,
            reduce_only,
            self_trade: SelfTrade::ExpireMaker,
        };
        let asks = self.read_triggers(item, shape, (symbol, &spec), ask)?;
        if qty.is_none() {
            may_close_all(shape, &asks, reduce_only, leg)?;
        }
        Ok(AskedAlgo {
            shape,
            asks,
            isolated,
            tag: read_tag(item)?.to_owned(),
        })
    }

    fn read_triggers(
        &self,
        item: &Params,
        shape: Shape,
        (symbol, spec): (SymbolNo, &SymbolSpec),
        ask: AlgoAsk,
    ) -> Result<Vec<AlgoAsk>, Refused> {
        let take = item.get(TAKE.trigger).is_some();
        let stop = item.get(STOP.trigger).is_some();
        let one = |fields: Fields, trigger: fn(Price) -> Trigger| {
            let (price, kind, watch) = read_leg_of(item, fields, spec)?;
            Ok(AlgoAsk {
                trigger: trigger(price),
                kind,
                watch,
                ..ask
            })
        };
        match (shape, take, stop) {
            (Shape::OneWay, true, false) => Ok(vec![one(TAKE, Trigger::Take)?]),
            (Shape::OneWay, false, true) => Ok(vec![one(STOP, Trigger::Stop)?]),
            (Shape::OneWay, true, true) => Err(Refused::invalid("ordType")),
            (Shape::Both, true, true) => Ok(vec![
                one(TAKE, Trigger::Take)?,
                AlgoAsk {
                    client: None,
                    ..one(STOP, Trigger::Stop)?
                },
            ]),
            (Shape::OneWay | Shape::Both, _, _) => Err(Refused::either(TAKE.trigger, STOP.trigger)),
            (Shape::Trigger, ..) => {
                let (price, kind, watch) = read_leg_of(item, PLAIN, spec)?;
                let trigger = self.towards(symbol, ask.side, watch, price);
                Ok(vec![AlgoAsk {
                    trigger,
                    kind,
                    watch,
                    ..ask
                }])
            }
            (Shape::Trail, ..) => Ok(vec![AlgoAsk {
                trigger: read_trail(item, spec)?,
                ..ask
            }]),
        }
    }

    /// A trigger price waits for the price to come to it from where it is now.
    pub(super) fn towards(
        &self,
        symbol: SymbolNo,
        side: Side,
        watch: Watch,
        price: Price,
    ) -> Trigger {
        let market = &self.bourse.market;
        let now = market.watched_price(symbol, watch);
        let at = market
            .spec(symbol)
            .map_or(Decimal::ZERO, |spec| spec.instrument.price_decimal(price));
        match (side, at > now) {
            (Side::Buy, true) | (Side::Sell, false) => Trigger::Stop(price),
            (Side::Buy, false) | (Side::Sell, true) => Trigger::Take(price),
        }
    }
}

/// Closing all of a position is for one-way stops at the market that only reduce (codes 51328 and 51330).
fn may_close_all(
    shape: Shape,
    asks: &[AlgoAsk],
    reduce_only: bool,
    leg: Leg,
) -> Result<(), Refused> {
    if leg == Leg::Both && !reduce_only {
        return Err(Refused::new(
            51328,
            "closeFraction is only available for reduceOnly orders",
        ));
    }
    let at_market = asks.iter().all(|ask| ask.kind == Kind::Market);
    if !matches!(shape, Shape::OneWay | Shape::Both) || !at_market {
        return Err(Refused::new(
            51330,
            "closeFraction is only available for stop market orders",
        ));
    }
    Ok(())
}

/// Trigger price, what it becomes, and which price it looks at.
fn read_leg_of(
    item: &Params,
    fields: Fields,
    spec: &SymbolSpec,
) -> Result<(Price, Kind, Watch), Refused> {
    let price = read_price(item, fields.trigger, spec)?;
    item.need(fields.order)?;
    let kind = read_order_price(item, fields.order, spec)?;
    Ok((price, kind, read_watch(item, fields.watch)?))
}

/// "-1" is at the market.
pub(super) fn read_order_price(
    item: &Params,
    name: &str,
    spec: &SymbolSpec,
) -> Result<Kind, Refused> {
    if item.get(name) == Some(AT_MARKET) {
        return Ok(Kind::Market);
    }
    Ok(Kind::Limit {
        price: read_price(item, name, spec)?,
        tif: Tif::Gtc,
    })
}

/// The index is no price of this market: it is refused rather than taken for another.
pub(super) fn read_watch(item: &Params, name: &str) -> Result<Watch, Refused> {
    match item.get(name) {
        None | Some("last") => Ok(Watch::Last),
        Some("mark") => Ok(Watch::Mark),
        Some(_) => Err(Refused::invalid(name)),
    }
}

fn read_trail(item: &Params, spec: &SymbolSpec) -> Result<Trigger, Refused> {
    let activate = match item.get("activePx") {
        Some(_) => Some(read_price(item, "activePx", spec)?),
        None => None,
    };
    match (item.get("callbackRatio"), item.get("callbackSpread")) {
        (Some(text), None) => {
            let callback: Decimal = text
                .parse()
                .map_err(|_| Refused::invalid("callbackRatio"))?;
            if !CALLBACK.contains(&callback) {
                return Err(Refused::new(
                    51311,
                    "Failed to place trailing stop order. Callback rate should be within 0.0001<x<=1.",
                ));
            }
            Ok(Trigger::Trail { activate, callback })
        }
        (None, Some(_)) => Ok(Trigger::Follow {
            activate,
            distance: read_price(item, "callbackSpread", spec)?,
        }),
        (Some(_), Some(_)) => Err(Refused::new(
            50024,
            "Parameter callbackRatio and callbackSpread can not exist at the same time.",
        )),
        (None, None) => Err(Refused::either("callbackRatio", "callbackSpread")),
    }
}
