//! Nothing but a deliberate press trades: held keys, pastes, keys while LOCKED and clicks, through parser, guard, keymap and desk in
//! virtual time; then some of each through the real binary in a pseudo-terminal, counted at the exchange.

mod clicks;
mod held;
mod locked;
mod pasted;
mod real;

/// A seeded chance (splitmix64), so that a failure can be played again.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to one less than `sides`.
    fn below(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = self.below(u64::try_from(all.len()).unwrap());
        &all[usize::try_from(at).unwrap()]
    }
}

/// What is sent that places or changes an order; what only looks is left out.
fn orders(sent: Vec<String>) -> Vec<String> {
    let looks = ["FOLLOW", "QUERY", "RECONCILE"];
    sent.into_iter()
        .filter(|words| !looks.iter().any(|look| words.starts_with(look)))
        .collect()
}

/// A flat desk in sync; `config` is the user's own file.
fn flat(config: &str) -> crate::scenarios::Play {
    crate::scenarios::played(&format!(
        "why = \"hands\"\nconfig = '''{config}'''\nstep = [{{ wait = 100 }}]"
    ))
}
