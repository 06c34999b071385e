//! Cancelling an order and placing another in one call.

use serde_json::{Value, json};

use super::BinanceSpot;
use super::asked::{read_client, read_which};
use super::error::of_market;
use super::orders::Asked;
use crate::sim::binance::call::Call;
use crate::sim::binance::refused::Refused;
use crate::sim::market::Refuse;

impl BinanceSpot {
    /// `order.cancelReplace`, `POST order/cancelReplace`. Filters are judged before anything is done (Binance, REST, "Cancel an
    /// Existing Order and Send a New Order"); what was not attempted counts as an unfilled order all the same.
    pub(super) fn cancel_replace(&mut self, call: &Call) -> Result<Value, Refused> {
        let result = self.replace(call);
        // Refused without an attempt, as a new order is refused.
        if result.as_ref().is_err_and(|refused| refused.data.is_none()) {
            self.gate.limits.give_back(call.now, 1);
        }
        result
    }

    fn replace(&mut self, call: &Call) -> Result<Value, Refused> {
        let params = &call.params;
        let stops = match params.need("cancelReplaceMode")? {
            "STOP_ON_FAILURE" => true,
            "ALLOW_FAILURE" => false,
            _ => return Err(Refused::invalid("cancelReplaceMode")),
        };
        let (symbol, _) = self.symbol(params)?;
        let which = read_which(params, "cancelOrderId", "cancelOrigClientOrderId")?;
        let name = read_client(params, "cancelNewClientOrderId")?;
        let asked = self.read_order(params)?;
        self.check_filters(&asked)?;
        let cancel = self.cancel_one(call, symbol, which, name);
        if stops && cancel.is_err() {
            return outcome(cancel, None);
        }
        let placed = self.place_one(call.now, params, asked);
        if placed.is_err() {
            self.gate.limits.give_back(call.now, 1);
        }
        outcome(cancel, Some(placed))
    }

    /// What refuses an order before the matching engine sees it. Name, balance and post-only are judged there.
    fn check_filters(&self, asked: &Asked) -> Result<(), Refused> {
        match self.bourse.market.check(self.account, &asked.submit) {
            Err(
                refuse @ (Refuse::QtyTooSmall
                | Refuse::QtyTooLarge
                | Refuse::PriceTooLow
                | Refuse::PriceTooHigh
                | Refuse::BandTooHigh(_)
                | Refuse::BandTooLow(_)
                | Refuse::NotionalTooSmall(_)
                | Refuse::TooManyOrders
                | Refuse::NotTrading),
            ) => Err(of_market(refuse, asked.submit.kind)),
            _ => Ok(()),
        }
    }
}

/// Both halves in one answer: 200 when both were done, 409 and -2021 when one was, 400 and -2022 when none was.
fn outcome(
    cancel: Result<Value, Refused>,
    placed: Option<Result<Value, Refused>>,
) -> Result<Value, Refused> {
    let done = [cancel.is_ok(), placed.as_ref().is_some_and(Result::is_ok)];
    let word = |done| if done { "SUCCESS" } else { "FAILURE" };
    let body = |half: Result<Value, Refused>| half.unwrap_or_else(|refused| refused.body());
    let told = json!({
        "cancelResult": word(done[0]),
        "newOrderResult": placed.as_ref().map_or("NOT_ATTEMPTED", |half| word(half.is_ok())),
        "cancelResponse": body(cancel),
        "newOrderResponse": placed.map(body),
    });
    let mut refused = match done {
        [true, true] => return Ok(told),
        [false, false] => Refused::new(-2022, "Order cancel-replace failed."),
        _ => Refused::new(-2021, "Order cancel-replace partially failed.").with_status(409),
    };
    refused.data = Some(told);
    Err(refused)
}
