//! What an order call asks for, read field by field (Bybit v5, "Place Order").

use rust_decimal::Decimal;

use super::Bybit;
use super::category::Category;
use super::error::{Refused, of_market};
use super::fields::{
    is_zero, read_kind, read_price, read_qty, read_self_trade, read_side, read_watch,
};
use super::notes::{Attached, Note};
use super::params::Params;
use crate::domain::{ClientId, Price, Qty, Side};
use crate::sim::market::{
    AlgoAsk, Kind, Leg, Refuse, SelfTrade, Submit, SymbolNo, SymbolSpec, Trigger, Watch, Which,
    WhichAlgo,
};

/// Longest `orderLinkId`.
const LONGEST_LINK: usize = 36;
/// Names that the wire gives to orders without one begin so; no client can write it.
const UNNAMED: &str = ":";

/// An order as it is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    /// To be worked now.
    Plain(Submit),
    /// To wait for a price.
    Conditional(AlgoAsk),
}

/// A whole order call, read.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The order.
    pub wish: Wish,
    /// What the venue tells of it besides.
    pub note: Note,
}

/// The fields that both kinds of order have.
#[derive(Clone, Copy)]
struct Base {
    symbol: SymbolNo,
    side: Side,
    leg: Leg,
    kind: Kind,
    client: ClientId,
    reduce_only: bool,
    close_on_trigger: bool,
    self_trade: SelfTrade,
}

impl Bybit {
    /// An instrument of a category by its name on this wire.
    pub(super) fn symbol_named(
        &self,
        category: Category,
        name: &str,
    ) -> Result<(SymbolNo, &SymbolSpec), Refused> {
        self.symbols_of(category)
            .find(|(_, spec)| super::category::wire_name(spec) == name)
            .ok_or_else(|| Refused::symbol(category))
    }

    /// `category` and `symbol`, which have to be there and to exist.
    pub(super) fn symbol(
        &self,
        params: &Params,
    ) -> Result<(Category, SymbolNo, &SymbolSpec), Refused> {
        let category = Category::read(params)?;
        let (symbol, spec) = self.symbol_named(category, params.need("symbol")?)?;
        Ok((category, symbol, spec))
    }

    /// Reads an order call.
    pub(super) fn read_order(&mut self, params: &Params) -> Result<Asked, Refused> {
        let (category, symbol, spec) = self.symbol(params)?;
        let spec = spec.clone();
        for name in ["bboSideType", "slippageToleranceType", "orderIv", "mmp"] {
            if params.text(name)?.is_some() {
                return Err(Refused::unsupported(name));
            }
        }
        let side = read_side(params)?;
        let base = Base {
            symbol,
            side,
            leg: self.read_leg(category, params, side)?,
            kind: read_kind(params, &spec)?,
            client: self.read_new_link(category, params)?,
            reduce_only: params.flag("reduceOnly")?,
            close_on_trigger: params.flag("closeOnTrigger")?,
            self_trade: read_self_trade(params)?,
        };
        let note = Note {
            close_on_trigger: base.close_on_trigger,
            worked_at: matches!(base.kind, Kind::Market)
                .then(|| self.worked_at(symbol, side))
                .flatten(),
            last_price: self.bourse.market.ticker(symbol).map(|t| t.last),
            attached: read_attached(params, &spec, base.reduce_only)?,
            ..Note::default()
        };
        if category == Category::Spot {
            return self.read_spot(params, &spec, base, note);
        }
        let qty = self.read_size(params, &spec, &base)?;
        if params.text("triggerPrice")?.is_some() {
            return read_conditional(params, &spec, base, qty, note);
        }
        let whole = || self.whole(&spec, &base);
        let qty = qty.map_or_else(whole, Ok)?;
        Ok(Asked {
            wish: Wish::Plain(base.plain(qty)),
            note,
        })
    }

    /// A spot order: there is nothing to reduce, and no order waits for a price here.
    fn read_spot(
        &self,
        params: &Params,
        spec: &SymbolSpec,
        base: Base,
        note: Note,
    ) -> Result<Asked, Refused> {
        if params.text("triggerPrice")?.is_some()
            || params.text("orderFilter")?.is_some_and(|f| f != "Order")
            || note.attached != Attached::default()
        {
            return Err(Refused::unsupported("a conditional spot order"));
        }
        if base.reduce_only || params.int("isLeverage")?.is_some_and(|on| on != 0) {
            return Err(Refused::unsupported("margin trading"));
        }
        let qty = self.read_spot_size(params, spec, (base.symbol, base.side, base.kind))?;
        Ok(Asked {
            wish: Wish::Plain(base.plain(qty)),
            note,
        })
    }

    fn read_spot_size(
        &self,
        params: &Params,
        spec: &SymbolSpec,
        (symbol, side, kind): (SymbolNo, Side, Kind),
    ) -> Result<Qty, Refused> {
        // A market buy is sized by its worth unless it says otherwise.
        let by_worth = match (params.text("marketUnit")?, side, kind) {
            (_, _, Kind::Limit { .. }) | (Some("baseCoin"), ..) => false,
            (Some("quoteCoin"), ..) => true,
            (None, side, Kind::Market) => side == Side::Buy,
            (Some(_), ..) => return Err(Refused::params("marketUnit invalid")),
        };
        if !by_worth {
            return read_qty(params, "qty", spec);
        }
        let worth: Decimal = params
            .need("qty")?
            .parse()
            .map_err(|_| Refused::new(170_137, "Order volume decimal too long"))?;
        if worth < spec.instrument.min_notional {
            return Err(of_market(
                Refuse::NotionalTooSmall(spec.instrument.min_notional),
                Some(spec),
            ));
        }
        Ok(self.bourse.market.lots_for(symbol, side, worth))
    }

    /// `qty`; `None` for the whole position: zero with `reduceOnly` and `closeOnTrigger`.
    fn read_size(
        &self,
        params: &Params,
        spec: &SymbolSpec,
        base: &Base,
    ) -> Result<Option<Qty>, Refused> {
        let closes = base.reduce_only && base.close_on_trigger;
        if closes && is_zero(params.need("qty")?) {
            return Ok(None);
        }
        read_qty(params, "qty", spec).map(Some)
    }

    /// The whole position that an order would close, as far as one order may go.
    fn whole(&self, spec: &SymbolSpec, base: &Base) -> Result<Qty, Refused> {
        let position = self
            .bourse
            .market
            .position_leg(self.account, base.symbol, base.leg);
        let lots = position.map_or(0, |p| p.lots) * -base.side.sign();
        if lots <= 0 {
            return Err(of_market(Refuse::ReduceOnlyRejected, Some(spec)));
        }
        let most = match base.kind {
            Kind::Market => spec.instrument.max_market_qty,
            Kind::Limit { .. } => spec.instrument.max_qty,
        };
        Ok(Qty(lots).min(most))
    }

    /// The band's end, as which a market order is worked.
    fn worked_at(&self, symbol: SymbolNo, side: Side) -> Option<Price> {
        let spec = self.bourse.market.spec(symbol)?;
        let (down, up) = spec.instrument.band?;
        let mark = self.mark(symbol)?.mark;
        match side {
            Side::Buy => spec.instrument.tick.floor(mark.checked_mul(up)?),
            Side::Sell => spec.instrument.tick.ceil(mark.checked_mul(down)?),
        }
        .map(Price)
    }

    /// `positionIdx`, which has to be one of the account's mode.
    pub(super) fn read_leg(
        &self,
        category: Category,
        params: &Params,
        side: Side,
    ) -> Result<Leg, Refused> {
        let leg = match params.int("positionIdx")?.unwrap_or(0) {
            0 => Leg::Both,
            1 => Leg::Long,
            2 => Leg::Short,
            _ => return Err(Refused::params("positionIdx invalid")),
        };
        let hedge = category == Category::Linear && self.hedge_mode();
        if hedge == (leg == Leg::Both) {
            return Err(of_market(Refuse::PositionSide, None));
        }
        // In hedge mode the far side closes; it is no other position that it opens.
        if leg != Leg::Both && params.flag("reduceOnly")? && !leg.only_closes(side) {
            return Err(of_market(Refuse::ReduceOnlyRejected, None));
        }
        Ok(leg)
    }

    /// `orderLinkId` of a new order, which no other order of the account has or had.
    fn read_new_link(&mut self, category: Category, params: &Params) -> Result<ClientId, Refused> {
        let Some(text) = params.text("orderLinkId")? else {
            self.unnamed += 1;
            return ClientId::new(&format!("{UNNAMED}{}", self.unnamed))
                .map_err(|_| Refused::params("orderLinkId invalid"));
        };
        let client = read_link(text)?;
        let market = &self.bourse.market;
        let known = self.symbols().any(|(s, _)| {
            market
                .order(self.account, s, Which::Client(client))
                .is_some()
        });
        if known
            || market
                .algo(self.account, WhichAlgo::Client(client))
                .is_some()
        {
            return Err(Refused::duplicate(category));
        }
        Ok(client)
    }
}

impl Base {
    const fn plain(self, qty: Qty) -> Submit {
        Submit {
            symbol: self.symbol,
            client: Some(self.client),
            side: self.side,
            leg: self.leg,
            kind: self.kind,
            qty,
            reduce_only: self.reduce_only,
            self_trade: self.self_trade,
        }
    }
}

/// What `orderLinkId` an order is shown with: those that the wire or the market gave it are not shown.
pub fn link(client: ClientId) -> String {
    let name = client.as_str();
    let own = name.starts_with(UNNAMED) || super::shapes::forced(client).is_some();
    if own { String::new() } else { name.to_owned() }
}

/// Letters, digits, dashes and underscores, at most 36.
pub fn read_link(text: &str) -> Result<ClientId, Refused> {
    let wrong = || Refused::params("orderLinkId invalid");
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if text.len() > LONGEST_LINK || !text.bytes().all(allowed) {
        return Err(wrong());
    }
    ClientId::new(text).map_err(|_| wrong())
}

fn read_attached(
    params: &Params,
    spec: &SymbolSpec,
    reduce_only: bool,
) -> Result<Attached, Refused> {
    let read = |name: &str, by: &str| -> Result<Option<(Price, Watch)>, Refused> {
        match params.text(name)? {
            None => Ok(None),
            Some(text) if is_zero(text) => Ok(None),
            Some(_) => Ok(Some((
                read_price(params, name, spec)?,
                read_watch(params, by)?,
            ))),
        }
    };
    let attached = Attached {
        take: read("takeProfit", "tpTriggerBy")?,
        stop: read("stopLoss", "slTriggerBy")?,
    };
    if attached == Attached::default() {
        return Ok(attached);
    }
    if reduce_only {
        return Err(Refused::params(
            "takeProfit and stopLoss cannot be set on a reduceOnly order",
        ));
    }
    if params.text("tpslMode")? == Some("Partial") {
        return Err(Refused::unsupported("tpslMode Partial on an order"));
    }
    Ok(attached)
}

/// An order that waits for a price: `triggerDirection` says from which side it comes.
fn read_conditional(
    params: &Params,
    spec: &SymbolSpec,
    base: Base,
    qty: Option<Qty>,
    note: Note,
) -> Result<Asked, Refused> {
    let at = read_price(params, "triggerPrice", spec)?;
    let trigger = match (params.int("triggerDirection")?, base.side) {
        (Some(1), Side::Buy) | (Some(2), Side::Sell) => Trigger::Stop(at),
        (Some(1), Side::Sell) | (Some(2), Side::Buy) => Trigger::Take(at),
        _ => return Err(Refused::params("triggerDirection invalid")),
    };
    if note.attached != Attached::default() {
        return Err(Refused::unsupported("takeProfit on a conditional order"));
    }
    Ok(Asked {
        wish: Wish::Conditional(AlgoAsk {
            symbol: base.symbol,
            client: Some(base.client),
            side: base.side,
            leg: base.leg,
            trigger,
            watch: read_watch(params, "triggerBy")?,
            protect: false,
            kind: base.kind,
            qty,
            reduce_only: base.reduce_only || base.close_on_trigger,
            self_trade: base.self_trade,
        }),
        note: Note {
            stop: "Stop",
            create: "CreateByStopOrder",
            ..note
        },
    })
}
