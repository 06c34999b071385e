//! No entry gets past a limit at the exchange, and no exit becomes impossible: what stands and what is held is asked of the exchange
//! itself, after every key, under faults.

use lancet::domain::{Command, Intent, Side};
use lancet::engine::arm::Armed;

use super::*;

/// Limits that a few orders reach.
const TIGHT: &str = r#"
volumes = ["1x", "2x", "4x", "7x", "12x"]
[limits]
max_open_orders = 3
max_orders_per_second = 3
max_orders_per_minute = 20
max_identical_per_second = 2
max_losses_in_a_row = "ROW"
[limits.max_order]
BTCUSDT = "0.008"
[limits.max_position]
BTCUSDT = "0.015"
"#;

/// Largest order and position, base currency.
const ORDER: Decimal = Decimal::from_parts(8, 0, 0, false, 3);
const POSITION: Decimal = Decimal::from_parts(15, 0, 0, false, 3);

/// Keys of somebody who wants more than is allowed.
const GREEDY: [&str; 28] = [
    "v",
    "v",
    "v",
    "b",
    "r",
    "r",
    "t",
    "x",
    "x",
    "w",
    "w",
    "1",
    "2",
    "3",
    "4",
    "5",
    "Space",
    "0",
    "g r",
    "s =",
    "s g v",
    "Enter J J J i",
    "y v",
    "y r",
    "y x",
    "5 Enter J y s",
    "4 Enter K y c",
    "4 Enter J y e",
];

/// One run, looked at after each key.
struct Watched {
    world: World,
    /// Entries that were sent, and when, ms.
    entries: Vec<(u64, lancet::domain::NewOrder)>,
    /// How often a limit was what refused.
    refused: usize,
    largest: Decimal,
}

impl Watched {
    fn new(seed: u64, faults: &[String]) -> Self {
        // Some runs end in a cool-down soon, the others go on.
        let row = if seed.is_multiple_of(4) { "2" } else { "off" };
        let mut world = World::set_up(seed, faults, &TIGHT.replace("ROW", row));
        world.in_sync();
        Self {
            world,
            entries: Vec::new(),
            refused: 0,
            largest: Decimal::ZERO,
        }
    }

    fn press(&mut self, keys: &str, pause: u64) {
        self.world.press(keys);
        self.world.pass(pause);
        self.check_sent();
        self.check_standing();
    }

    /// What was sent since the last look keeps to the pace and is no larger than an order may be.
    fn check_sent(&mut self) {
        for (at, command) in std::mem::take(&mut self.world.sent) {
            let Command::Place(order) = command else {
                continue;
            };
            let order = *order.get();
            if order.intent == Intent::Exit {
                continue;
            }
            let before = |ms: u64| self.entries.iter().filter(move |sent| at - sent.0 < ms);
            let like = |sent: &&(u64, lancet::domain::NewOrder)| {
                let sent = sent.1;
                (sent.side, sent.kind, sent.qty) == (order.side, order.kind, order.qty)
            };
            let story = || self.world.story();
            assert!(before(1_000).count() < 3, "a second\n{}", story());
            assert!(before(60_000).count() < 20, "a minute\n{}", story());
            assert!(before(1_000).filter(like).count() < 2, "alike\n{}", story());
            let size = Decimal::new(order.qty.0, 3);
            assert!(size <= ORDER, "{size}\n{}", story());
            self.entries.push((at, order));
        }
    }

    /// Position and entries as the exchange has them: were everything to fill, the position would be inside its limit.
    fn check_standing(&mut self) {
        let held = number(&self.world.audit("/fapi/v2/positionRisk")[0]["positionAmt"]);
        let orders = self.world.audit("/fapi/v1/openOrders");
        let waiting = self.world.audit("/fapi/v1/openAlgoOrders");
        let entries = |side: Side| {
            let adds =
                |row: &&serde_json::Value| row["reduceOnly"] == false && row["side"] == side.word();
            let rows = orders.as_array().unwrap().iter().filter(adds);
            let stops = waiting.as_array().unwrap().iter().filter(adds);
            rows.map(|row| number(&row["origQty"]) - number(&row["executedQty"]))
                .chain(stops.map(|row| number(&row["quantity"])))
                .collect::<Vec<Decimal>>()
        };
        let (buys, sells) = (entries(Side::Buy), entries(Side::Sell));
        let long = held + buys.iter().sum::<Decimal>();
        let short = sells.iter().sum::<Decimal>() - held;
        let story = || self.world.story();
        assert!(
            long <= POSITION && short <= POSITION,
            "{long} {short}\n{}",
            story()
        );
        assert!(buys.len() + sells.len() <= 3, "open\n{}", story());
        self.largest = self.largest.max(long).max(short);
        let limit = |words: &&String| words.contains("your limit is");
        self.refused = self.world.said.iter().filter(limit).count();
    }

    /// Whatever happened, exits get through: arming lets them, whatever keeps entries out; panic needs not even that.
    fn check_exits(&mut self, by_panic: bool) {
        self.world.net.storm = false;
        self.world.pass(QUIET_MS);
        if by_panic {
            self.press("a", 300);
            assert_eq!(self.world.seat.desk.arm().state(), Armed::Locked);
            self.press("ctrl-x x", 300);
        } else {
            self.press("A 1", 300);
            self.press("0", 300);
        }
        self.world.until("flat", 20_000, |world| !is_held(world));
    }
}

#[test]
fn rule10_no_entry_gets_past_a_limit_at_the_exchange_and_rule5_every_exit_gets_through() {
    let (seeds, presses) = if deep() { (100, 150) } else { (10, 50) };
    let (mut sent, mut refused, mut cooled, mut largest) = (0, 0, 0, Decimal::ZERO);
    for seed in 1..=seeds {
        let mut random = ChaCha20Rng::seed_from_u64(seed ^ 0x0011_3137);
        let faults = faults(&mut random);
        let mut run = Watched::new(seed, &faults);
        run.world
            .log
            .push(format!("seed {seed}, faults {faults:?}"));
        run.world.net.storm = random.random_range(0..2) > 0;
        for _ in 0..presses {
            let keys = GREEDY[random.random_range(0..GREEDY.len())];
            run.press(keys, random.random_range(20..700));
        }
        run.check_exits(seed % 2 == 0);
        sent += run.entries.len();
        refused += run.refused;
        largest = largest.max(run.largest);
        let cools = |words: &String| words.contains("exits only until");
        cooled += usize::from(run.world.said.iter().any(cools));
    }
    // Runs that never come near a limit prove nothing.
    assert!(
        sent > 40 && refused > 4 && cooled > 0 && largest > POSITION / Decimal::TWO,
        "{sent} sent, {refused} refused, {cooled} cooled down, {largest} at the most"
    );
}

#[test]
fn rule10_a_trade_that_lost_its_limit_ends_flat_at_the_exchange() {
    let config = "[limits]\nmax_trade_loss = \"0.7\"";
    for faults in [
        &[][..],
        &["place:silent@2".to_owned()],
        &["place:drop@2".to_owned()],
    ] {
        let mut world = World::set_up(5, faults, config);
        world.in_sync();
        world.press("5 w");
        world.until("a position", 5_000, is_held);
        world.press("a");
        world.until("flat by itself", 600_000, |world| !is_held(world));
        world.pass(QUIET_MS);
        let told = world
            .said
            .iter()
            .filter(|words| words.contains("the trade lost"));
        assert_eq!(told.count(), 1, "{}", world.story());
        let held = number(&world.audit("/fapi/v2/positionRisk")[0]["positionAmt"]);
        assert_eq!(held, Decimal::ZERO);
        assert_eq!(world.standing(), BTreeMap::new());
    }
}
