//! Several orders in one call, each with its own outcome.

use serde_json::{Value, json};

use super::Bybit;
use super::call::{Call, Done};
use super::category::Category;
use super::error::Refused;
use super::params::Params;

/// Orders in one batch, by category.
const BATCH: (usize, usize) = (20, 10);

impl Bybit {
    /// `order.create-batch`, `POST /v5/order/create-batch`.
    pub(super) fn create_batch(&mut self, call: &Call) -> Result<Done, Refused> {
        self.each(call, |this, params| {
            let mut made = this.create_one(call.now, params)?;
            made["createAt"] = call.now.to_string().into();
            Ok(made)
        })
    }

    /// `order.amend-batch`, `POST /v5/order/amend-batch`.
    pub(super) fn amend_batch(&mut self, call: &Call) -> Result<Done, Refused> {
        self.each(call, |this, params| this.amend_one(call.now, params))
    }

    /// `order.cancel-batch`, `POST /v5/order/cancel-batch`.
    pub(super) fn cancel_batch(&mut self, call: &Call) -> Result<Done, Refused> {
        self.each(call, |this, params| this.cancel_one(call.now, params))
    }

    /// Each order of a batch by itself: what it is called in one list, its code in the other. Those that the budget does not cover
    /// are refused with 10006.
    fn each(
        &mut self,
        call: &Call,
        mut one: impl FnMut(&mut Self, &Params) -> Result<Value, Refused>,
    ) -> Result<Done, Refused> {
        let category = Category::read(&call.params)?;
        let rows = call.params.list("request", category.word())?;
        let most = match category {
            Category::Linear => BATCH.0,
            Category::Spot => BATCH.1,
        };
        if rows.is_empty() || rows.len() > most {
            return Err(Refused::params("the number of orders in the batch"));
        }
        let (mut list, mut codes) = (Vec::new(), Vec::new());
        for (at, params) in rows.iter().enumerate() {
            let done = if at < call.granted {
                one(self, params)
            } else {
                Err(super::rest::too_many_visits())
            };
            let (code, msg) = match &done {
                Ok(_) => (0, "OK".to_owned()),
                Err(refused) => (refused.code, refused.text.clone()),
            };
            let mut row = done.unwrap_or_else(|_| unplaced(params));
            row["category"] = category.word().into();
            row["symbol"] = params
                .text("symbol")
                .ok()
                .flatten()
                .unwrap_or_default()
                .into();
            list.push(row);
            codes.push(json!({"code": code, "msg": msg}));
        }
        Ok(Done {
            result: json!({"list": list}),
            each: json!({"list": codes}),
        })
    }
}

/// What stands for an order of a batch that was refused.
fn unplaced(params: &Params) -> Value {
    let name = |name| {
        params
            .text(name)
            .ok()
            .flatten()
            .unwrap_or_default()
            .to_owned()
    };
    json!({"orderId": name("orderId"), "orderLinkId": name("orderLinkId")})
}
