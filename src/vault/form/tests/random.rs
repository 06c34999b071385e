//! Thousands of seeded sequences of keys, pastes and answers: never a panic, never a secret in a picture, never an untested key
//! saved, never a refused one.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::*;

const SEQUENCES: u64 = 2_000;
const STEPS: usize = 40;
const NOW: i64 = 1_800_000_000_000;
const PEM: &str = include_str!("../../material/fixtures/ed25519.pem");

/// What may be pasted: secrets that must not be seen (see [`PARTS`]), and what else lies on a clipboard.
const PASTES: [&str; 12] = [
    KEY,
    SECRET,
    WORD,
    PEM,
    "no-ip",
    "transfer",
    "main",
    "\u{200b}\"\r\n\"",
    "-----BEGIN PRIVATE KEY-----",
    "https://example.org/?x=\u{1b}[2J",
    "\0\u{7f}\u{9b}",
    "ключ 鍵 🔑",
];

/// From the middle of each secret.
const PARTS: [&str; 4] = ["6mv9SD5VNHk4", "PtmdSJYdKjVH", "horse", "MC4CAQAw"];

const KEYS: [Typed; 8] = [
    Typed::Enter,
    Typed::Enter,
    Typed::Next,
    Typed::Next,
    Typed::Back,
    Typed::Left,
    Typed::Right,
    Typed::Backspace,
];

/// A form under test, and what the other side knows of it.
struct Run {
    form: Form,
    dice: ChaCha20Rng,
    asked: Option<String>,
    found: Findings,
    saves: u32,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let vaults = [VaultState::Open, VaultState::Closed, VaultState::Missing];
        let mut run = Self {
            form: form_with(vaults[dice.random_range(0..3)]),
            dice,
            asked: None,
            found: Findings::default(),
            saves: 0,
        };
        if seed.is_multiple_of(2) {
            run.test_well();
        }
        run
    }

    /// To the rows that only a tested key has.
    fn test_well(&mut self) {
        for (row, text) in [("API key", KEY), ("secret", SECRET)] {
            to(&mut self.form, row);
            self.form.paste(text.as_bytes());
        }
        to(&mut self.form, "Test");
        let wish = self.form.key(Typed::Enter);
        self.take(wish);
        self.answer();
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.dice.random_range(0..from.len())]
    }

    fn step(&mut self) {
        match self.dice.random_range(0..10) {
            0..4 => self.key(),
            4..7 => {
                let text = self.pick(&PASTES);
                self.form.paste(text.as_bytes());
            }
            7 => self.enter_well(),
            8 => self.answer(),
            _ => self.form.note("pasted: press Enter once more"),
        }
        self.look();
    }

    fn key(&mut self) {
        let key = if self.dice.random_bool(0.3) {
            Typed::Char(self.pick(&['a', '0', '-', 'é', '\u{1b}', ' ']))
        } else {
            self.pick(&KEYS)
        };
        let wish = self.form.key(key);
        self.take(wish);
    }

    /// As a careful trader would, so that the later rows are reached.
    fn enter_well(&mut self) {
        let row = self.form.picture().rows[self.form.picture().focus]
            .name
            .clone();
        let text = match row.as_str() {
            "API key" => KEY,
            "secret" => self.pick(&[SECRET, PEM]),
            "vault" | "once more" => WORD,
            "type no-ip" => "no-ip",
            _ => return,
        };
        for _ in 0..70 {
            self.form.key(Typed::Backspace);
        }
        self.form.paste(text.as_bytes());
    }

    fn take(&mut self, wish: Wish) {
        match wish {
            Wish::Nothing => {}
            Wish::Test(candidate) => self.asked = Some(candidate.credentials.fingerprint()),
            Wish::Save(finished) => self.saved(&finished),
            Wish::Leave => panic!("nobody pressed Esc"),
        }
    }

    fn saved(&mut self, finished: &Finished) {
        let key = finished.key.api_key.as_ref().unwrap();
        let print = fingerprint(key.expose_str().unwrap());
        assert_eq!(self.asked.as_ref(), Some(&print), "another key was tested");
        let Verdict::Usable { view_only, confirm } = self.found.verdict(NOW) else {
            panic!("{:?}", self.found);
        };
        let accepted = confirm
            .iter()
            .all(|one| finished.key.accepted.contains(one));
        let trades = view_only.is_none() && accepted;
        assert_eq!(finished.key.view_only.is_none(), trades);
        self.saves += 1;
        self.form
            .refused_by_vault(self.found.clone(), "the disk is full", NOW);
    }

    /// An answer comes, asked for or not.
    fn answer(&mut self) {
        let finding = |dice: &mut ChaCha20Rng| match dice.random_range(0..4) {
            0 => Finding::No,
            1 => Finding::Unknown("HTTP 500".to_owned()),
            _ => Finding::Yes,
        };
        let mut found = Findings {
            withdraw: finding(&mut self.dice),
            transfer: finding(&mut self.dice),
            ip_bound: finding(&mut self.dice),
            trade: finding(&mut self.dice),
            ..good()
        };
        if self.dice.random_bool(0.5) {
            found = good();
        }
        if self.asked.is_some() && matches!(self.form.stage, Stage::Testing) {
            self.found = found.clone();
        }
        self.form.tested(found, NOW);
    }

    fn look(&self) {
        let seen = all_text(&self.form.picture());
        for part in PARTS {
            assert!(!seen.contains(part), "{part} is seen");
        }
    }
}

#[test]
fn rule11_no_sequence_shows_a_secret_or_saves_what_was_not_tested() {
    let mut saves = 0;
    for seed in 0..SEQUENCES {
        let mut run = Run::new(seed);
        for _ in 0..STEPS {
            run.step();
        }
        saves += run.saves;
    }
    assert!(saves > 50, "the whole road was walked {saves} times only");
}
