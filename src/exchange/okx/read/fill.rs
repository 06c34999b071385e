//! Fills: of the `orders` channel, one a push, and of `GET fills`.
//!
//! The venue's fee is negative where it was paid; ours is what was paid.

use std::borrow::Cow;

use serde::Deserialize;

use super::{ReadError, Reader, asset_or, client, decimal, id, leg, liquidity, ms, qty, side};
use crate::domain::{ClientId, Fill, OrderId, TradeId};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    inst_id: Cow<'a, str>,
    inst_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ord_id: Cow<'a, str>,
    cl_ord_id: Option<Cow<'a, str>>,
    trade_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    side: Cow<'a, str>,
    pos_side: Option<Cow<'a, str>>,
    fill_px: Option<Cow<'a, str>>,
    fill_sz: Option<Cow<'a, str>>,
    /// Of a channel's push.
    fill_fee: Option<Cow<'a, str>>,
    fill_fee_ccy: Option<Cow<'a, str>>,
    /// Of a row of `fills`; on the channel the sum of the whole order.
    fee: Option<Cow<'a, str>>,
    fee_ccy: Option<Cow<'a, str>>,
    fill_pnl: Option<Cow<'a, str>>,
    exec_type: Option<Cow<'a, str>>,
    fill_time: Option<Cow<'a, str>>,
    ts: Option<Cow<'a, str>>,
}

impl Record<'_> {
    /// An order without a new fill names no trade, or 0 (OKX v5, Order channel, `tradeId`).
    fn trade(&self) -> Option<TradeId> {
        id(self.trade_id.as_deref()).filter(|trade| trade.as_str() != "0")
    }

    fn read(
        &self,
        trade: TradeId,
        fee: (Option<&str>, Option<&str>),
        named: Option<ClientId>,
        reader: &Reader<'_>,
    ) -> Result<Fill, ReadError> {
        let instrument = reader.instrument(&self.inst_id, self.inst_type.as_deref())?;
        let order = id(Some(&self.ord_id)).ok_or(ReadError::Field("ordId"))?;
        let client = match named {
            Some(client) => client,
            None => client(self.cl_ord_id.as_deref(), order)?,
        };
        let venue_ms = match ms(self.fill_time.as_deref()) {
            0 => ms(self.ts.as_deref()),
            at => at,
        };
        Ok(Fill {
            key: reader.whose.key(instrument.symbol),
            client,
            order,
            trade,
            side: side(&self.side)?,
            leg: leg(self.pos_side.as_deref())?,
            price: decimal(self.fill_px.as_deref()).ok_or(ReadError::Field("fillPx"))?,
            qty: qty(instrument, self.fill_sz.as_deref(), "fillSz")?,
            fee: -decimal(fee.0).unwrap_or_default(),
            fee_asset: asset_or(fee.1, instrument.settle),
            realised: decimal(self.fill_pnl.as_deref()),
            liquidity: liquidity(self.exec_type.as_deref()),
            venue_ms,
            at: reader.at,
            recovered: false,
        })
    }
}

/// The fill in a push of the `orders` channel; `None` where the push is of something else.
///
/// # Errors
/// When it is one and a needed field is missing or unreadable, or the instrument is unknown.
pub fn pushed(text: &str, reader: &Reader<'_>) -> Result<Option<Fill>, ReadError> {
    let record: Record<'_> = serde_json::from_str(text)?;
    let Some(trade) = record.trade() else {
        return Ok(None);
    };
    let fee = (record.fill_fee.as_deref(), record.fill_fee_ccy.as_deref());
    let fill = record.read(trade, fee, None, reader)?;
    Ok((!fill.qty.is_zero()).then_some(fill))
}

/// One row of `fills`, marked recovered. What a conditional order became may have no name there: `client_of` knows it.
///
/// # Errors
/// When a needed field is missing or unreadable, or the instrument is unknown.
pub fn row(
    text: &str,
    reader: &Reader<'_>,
    client_of: impl Fn(OrderId) -> Option<ClientId>,
) -> Result<Fill, ReadError> {
    let record: Record<'_> = serde_json::from_str(text)?;
    let trade = record.trade().ok_or(ReadError::Field("tradeId"))?;
    let named = id(Some(&record.ord_id)).and_then(client_of);
    let fee = (record.fee.as_deref(), record.fee_ccy.as_deref());
    Ok(Fill {
        recovered: true,
        ..record.read(trade, fee, named, reader)?
    })
}
