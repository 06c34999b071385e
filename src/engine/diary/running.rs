//! One market's fills, one after the other, as round trips: a trip begins when a fill opens, ends when one leaves nothing, and a fill
//! through zero ends one and begins the next, each with its share of the fee.

use rust_decimal::Decimal;

use crate::domain::{Asset, MarketKey, Side, TradeId, position};

use super::trip::{Excursion, Fee, Setup, Slippage, Terms, Trip, add_fee};

/// Decimals of a share of a fee; the other share has the rest.
const SHARE_DIGITS: u32 = 12;

/// A fill as the diary counts it.
#[derive(Clone, Debug, PartialEq)]
pub struct Traded {
    /// The venue's trade id.
    pub trade: TradeId,
    /// Buy or sell.
    pub side: Side,
    /// Quote currency.
    pub price: Decimal,
    /// Above zero, instrument's unit.
    pub size: Decimal,
    /// Fee paid; negative is a rebate.
    pub fee: Decimal,
    /// The currency of the fee.
    pub fee_asset: Asset,
    /// What a fee in another currency was worth, settle currency; `None` where that is not known. One in the settle currency or, on
    /// spot, in the coin itself needs none.
    pub fee_worth: Option<Decimal>,
    /// The venue's realised profit of this fill, where it says.
    pub realised: Option<Decimal>,
    /// The venue's trade time, ms since 1970.
    pub at_ms: i64,
    /// Signed size and average price of the position before it, as the desk counted; `None` in rows that do not say.
    pub before: Option<(Decimal, Decimal)>,
    /// Lowest and highest price, since the last fill, at which the position could have been closed; `None` while flat.
    pub seen: Option<(Decimal, Decimal)>,
    /// What is known of the key behind it.
    pub setup: Setup,
}

impl Traded {
    fn signed(&self) -> Decimal {
        sign(self.side).saturating_mul(self.size)
    }
}

/// What a fill came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The trip that it ended.
    pub ended: Option<Trip>,
    /// A trip was given up: the position was another one than its fills made.
    pub given_up: bool,
    /// It belongs to no trip: on spot, a sale of coins that were never Lancet's.
    pub is_outside: bool,
}

/// The trips of one market.
#[derive(Clone, Debug, Default)]
pub struct Running {
    size: Decimal,
    entry: Decimal,
    open: Option<Open>,
}

/// The trip that is open.
#[derive(Clone, Debug)]
struct Open {
    id: TradeId,
    side: Side,
    opened_ms: i64,
    largest: Decimal,
    into: Sum,
    out_of: Sum,
    fills: u32,
    /// Settled by average price, for what the trip stood at; the trip's own result is counted without a division.
    settled: Decimal,
    told: Option<Decimal>,
    fees: Vec<Fee>,
    funding: Decimal,
    worst: Excursion,
    best: Excursion,
    slipped: Option<(Decimal, Decimal)>,
    opened_by: Setup,
    is_found: bool,
    tag: String,
    note: String,
}

/// Size and value (price × size) of many fills.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    size: Decimal,
    value: Decimal,
}

impl Sum {
    fn add(&mut self, price: Decimal, size: Decimal) {
        self.size = self.size.saturating_add(size);
        self.value = self.value.saturating_add(price.saturating_mul(size));
    }

    fn average(self) -> Decimal {
        self.value.checked_div(self.size).unwrap_or_default()
    }
}

fn sign(side: Side) -> Decimal {
    Decimal::from(side.sign())
}

fn side_of(size: Decimal) -> Side {
    if size.is_sign_positive() {
        Side::Buy
    } else {
        Side::Sell
    }
}

impl Running {
    /// Takes a fill.
    pub fn take(&mut self, key: MarketKey, terms: &Terms, traded: &Traded) -> Step {
        let mut step = Step {
            given_up: self.follow(terms, traded),
            ..Step::default()
        };
        let reduces = self
            .open
            .as_ref()
            .is_some_and(|open| open.side != traded.side);
        if terms.spot_least.is_some() && traded.side == Side::Sell && self.open.is_none() {
            step.is_outside = true;
        } else if reduces {
            step.ended = self.reduce(key, terms, traded);
        } else {
            self.grow(terms, traded);
        }
        step
    }

    /// Starts from the position that the desk had, where its fills made another one. True when a trip was given up for it.
    fn follow(&mut self, terms: &Terms, traded: &Traded) -> bool {
        let Some((size, entry)) = traded.before.filter(|(size, _)| *size != self.size) else {
            return false;
        };
        let side = (!terms.is_nothing(size, traded.price)).then(|| side_of(size));
        let had = self.open.as_ref().map(|open| open.side);
        (self.size, self.entry) = (size, entry);
        if had == side {
            if let Some(open) = &mut self.open {
                open.begin_again(terms, size.abs(), entry);
            }
            return false;
        }
        self.open = side.map(|side| Open {
            is_found: true,
            ..Open::new(side, traded, entry, size.abs())
        });
        had.is_some()
    }

    /// Opens or adds.
    fn grow(&mut self, terms: &Terms, traded: &Traded) {
        let (before, entry) = (self.size, self.entry);
        let fee = fee(terms, traded, Decimal::ONE);
        let coins = coins_of_fee(terms, traded);
        let open = self.open.get_or_insert_with(|| {
            // What was too little to sell is part of what comes after it.
            let mut open = Open::new(traded.side, traded, entry, before.abs());
            open.opened_by = traded.setup.clone();
            open
        });
        open.look(terms, before, entry, traded.seen, None);
        open.fills = open.fills.saturating_add(1);
        open.into
            .add(traded.price, traded.size.saturating_sub(coins));
        open.note_slip(terms, traded, traded.size);
        add_fee(&mut open.fees, fee);
        self.trade(traded.signed().saturating_sub(coins), traded.price);
        if let Some(open) = &mut self.open {
            open.largest = open.largest.max(self.size.abs());
        }
    }

    /// Reduces, closes, or goes through zero.
    fn reduce(&mut self, key: MarketKey, terms: &Terms, traded: &Traded) -> Option<Trip> {
        let mut open = self.open.take()?;
        let (before, entry) = (self.size, self.entry);
        let closing = traded.size.min(before.abs());
        let share = closing.checked_div(traded.size).unwrap_or(Decimal::ONE);
        let whole = fee(terms, traded, Decimal::ONE);
        let part = fee(terms, traded, share);
        open.look(terms, before, entry, traded.seen, Some(traded.price));
        open.fills = open.fills.saturating_add(1);
        let coins = coins_of_fee(terms, traded);
        open.out_of.add(traded.price, closing.saturating_add(coins));
        open.settled = open.settled.saturating_add(terms.money(
            traded.price.saturating_sub(entry),
            closing.saturating_mul(sign(open.side)),
        ));
        open.told = open
            .told
            .zip(traded.realised)
            .map(|(so_far, more)| so_far.saturating_add(more));
        open.note_slip(terms, traded, closing);
        add_fee(&mut open.fees, part);
        self.trade(traded.signed().saturating_sub(coins), traded.price);
        if terms.spot_least.is_some() && self.size.is_sign_negative() {
            // What was sold beyond it was never Lancet's.
            (self.size, self.entry) = (Decimal::ZERO, Decimal::ZERO);
        }
        let through = !self.size.is_zero() && side_of(self.size) == traded.side;
        if !through && !terms.is_nothing(self.size, traded.price) {
            self.open = Some(open);
            return None;
        }
        let left = if through {
            Decimal::ZERO
        } else {
            self.size.abs()
        };
        let ended = open.end(key, terms, traded, (left, entry));
        if through {
            let size = self.size.abs();
            let mut next = Open::new(traded.side, traded, Decimal::ZERO, Decimal::ZERO);
            next.opened_by = traded.setup.clone();
            next.fills = 1;
            next.into.add(traded.price, size);
            next.largest = size;
            next.note_slip(terms, traded, size);
            add_fee(&mut next.fees, rest(whole, part));
            self.open = Some(next);
        }
        Some(ended)
    }

    fn trade(&mut self, signed: Decimal, price: Decimal) {
        if let Some((size, entry)) = position::after(self.size, self.entry, signed, price) {
            (self.size, self.entry) = (size, entry);
        }
    }

    /// Books funding; false where no trip is open.
    pub fn fund(&mut self, amount: Decimal) -> bool {
        let Some(open) = &mut self.open else {
            return false;
        };
        open.funding = open.funding.saturating_add(amount);
        true
    }

    /// Prices that were seen while it was open, told without a fill: the program ended.
    pub fn see(&mut self, terms: &Terms, seen: (Decimal, Decimal)) {
        let (size, entry) = (self.size, self.entry);
        if let Some(open) = &mut self.open {
            open.look(terms, size, entry, Some(seen), None);
        }
    }

    /// The trip that is open: its name in the journal, its tag and its note.
    pub fn open(&self) -> Option<(TradeId, &str, &str)> {
        self.open
            .as_ref()
            .map(|open| (open.id, open.tag.as_str(), open.note.as_str()))
    }

    /// Where the open trip's tag and note are kept.
    pub(super) fn words(&mut self) -> Option<(TradeId, &mut String, &mut String)> {
        self.open
            .as_mut()
            .map(|open| (open.id, &mut open.tag, &mut open.note))
    }
}

impl Open {
    /// Begins with so much at a price; the fill that begins it is counted by the caller.
    fn new(side: Side, traded: &Traded, entry: Decimal, size: Decimal) -> Self {
        let mut into = Sum::default();
        into.add(entry, size);
        Self {
            id: traded.trade,
            side,
            opened_ms: traded.at_ms,
            largest: size,
            into,
            out_of: Sum::default(),
            fills: 0,
            settled: Decimal::ZERO,
            told: Some(Decimal::ZERO),
            fees: Vec::new(),
            funding: Decimal::ZERO,
            worst: Excursion::default(),
            best: Excursion::default(),
            slipped: None,
            opened_by: Setup::default(),
            is_found: false,
            tag: String::new(),
            note: String::new(),
        }
    }

    /// Goes on from another size and average than its fills made: what is settled of it stays.
    fn begin_again(&mut self, terms: &Terms, size: Decimal, entry: Decimal) {
        let settled = self.settled.checked_div(terms.multiplier);
        let settled = settled.unwrap_or_default().saturating_mul(sign(self.side));
        let out_of = self.out_of.value.saturating_sub(settled);
        self.into = Sum {
            size: size.saturating_add(self.out_of.size),
            value: size.saturating_mul(entry).saturating_add(out_of),
        };
        self.largest = self.largest.max(size);
        self.is_found = true;
    }

    /// What a position of `size` at `entry` stood at, at the prices seen and at the one that closes it.
    fn look(
        &mut self,
        terms: &Terms,
        size: Decimal,
        entry: Decimal,
        seen: Option<(Decimal, Decimal)>,
        at: Option<Decimal>,
    ) {
        if size.is_zero() {
            return;
        }
        let prices = seen.map(|(low, high)| [low, high]);
        for price in prices.into_iter().flatten().chain(at) {
            let away = price.saturating_sub(entry);
            let stood = Excursion {
                money: self.settled.saturating_add(terms.money(away, size)),
                ticks: terms.ticks(away.saturating_mul(sign(self.side))),
            };
            self.worst.money = self.worst.money.min(stood.money);
            self.worst.ticks = self.worst.ticks.min(stood.ticks);
            self.best.money = self.best.money.max(stood.money);
            self.best.ticks = self.best.ticks.max(stood.ticks);
        }
    }

    fn note_slip(&mut self, terms: &Terms, traded: &Traded, size: Decimal) {
        let Some(promised) = traded.setup.promised else {
            return;
        };
        let gained = promised.saturating_sub(traded.price);
        let money = terms.money(gained, size.saturating_mul(sign(traded.side)));
        let (sum, of) = self.slipped.unwrap_or_default();
        self.slipped = Some((sum.saturating_add(money), of.saturating_add(size)));
    }

    /// Closes it, with so much left over at its average price.
    fn end(
        self,
        key: MarketKey,
        terms: &Terms,
        traded: &Traded,
        (left, entry): (Decimal, Decimal),
    ) -> Trip {
        let kept = left.saturating_mul(entry);
        let difference = self
            .out_of
            .value
            .saturating_sub(self.into.value.saturating_sub(kept));
        let gross = terms.money(difference, sign(self.side));
        let slippage = self.slipped.map(|(money, size)| Slippage {
            money,
            ticks: money
                .checked_div(terms.money(terms.tick, size))
                .unwrap_or_default()
                .round_dp(1),
        });
        Trip {
            key,
            id: self.id,
            settle: terms.settle,
            tick: terms.tick,
            side: self.side,
            opened_ms: self.opened_ms,
            closed_ms: traded.at_ms,
            size: self.largest,
            entry: self.into.average(),
            exit: self.out_of.average(),
            fills: self.fills,
            gross,
            told: self.told,
            fees: self.fees,
            funding: self.funding,
            worst: self.worst,
            best: self.best,
            slippage,
            opened_by: self.opened_by,
            closed_by: traded.setup.name.clone(),
            is_found: self.is_found,
            tag: self.tag,
            note: self.note,
        }
    }
}

/// The fee of a share of a fill; the worth is known in the settle currency, and on spot in the coin that was traded.
fn fee(terms: &Terms, traded: &Traded, share: Decimal) -> Fee {
    let of = |whole: Decimal| {
        if share == Decimal::ONE {
            whole
        } else {
            whole.saturating_mul(share).round_dp(SHARE_DIGITS)
        }
    };
    let amount = of(traded.fee);
    let worth = if traded.fee_asset == terms.settle {
        Some(amount)
    } else if terms.spot_least.is_some() && traded.fee_asset == terms.base {
        Some(amount.saturating_mul(traded.price))
    } else {
        traded.fee_worth.map(of)
    };
    Fee {
        amount,
        asset: traded.fee_asset,
        worth,
    }
}

/// What a share left of the whole: both add up to it exactly.
fn rest(whole: Fee, part: Fee) -> Fee {
    Fee {
        amount: whole.amount.saturating_sub(part.amount),
        worth: whole
            .worth
            .zip(part.worth)
            .map(|(whole, part)| whole.saturating_sub(part)),
        ..whole
    }
}

/// Coins that a fee took out of the position, on spot.
fn coins_of_fee(terms: &Terms, traded: &Traded) -> Decimal {
    let from_coins = terms.spot_least.is_some() && traded.fee_asset == terms.base;
    if from_coins {
        traded.fee
    } else {
        Decimal::ZERO
    }
}
