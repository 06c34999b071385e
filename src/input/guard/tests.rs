use proptest::prelude::*;

use super::*;

fn us(us: u64) -> Stamp {
    Stamp {
        mono_ns: us * 1000,
        wall_ns: 0,
    }
}

fn key(name: &str, at: Stamp, kind: Kind) -> Key {
    Key {
        stroke: name.parse().unwrap(),
        kind,
        at,
        read: u32::try_from(at.mono_ns / 1000).unwrap(),
        printables: 1,
    }
}

/// Presses keys as the app does: ticks at each deadline on the way, then the key. Returns the names of what acted.
struct Hand {
    guard: Guard<String>,
    acted: Vec<String>,
    notes: Vec<&'static str>,
}

impl Hand {
    fn new() -> Self {
        Self {
            guard: Guard::default(),
            acted: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn until(&mut self, now: Stamp) {
        while let Some(due) = self
            .guard
            .deadline()
            .filter(|due| due.mono_ns <= now.mono_ns)
        {
            self.guard.tick(due, &mut self.acted);
        }
    }

    fn press(&mut self, name: &str, class: Class, at: Stamp) {
        self.put(key(name, at, Kind::Unknown), class);
    }

    fn put(&mut self, key: Key, class: Class) {
        self.until(key.at);
        if !self.guard.admit(&key, false) {
            return;
        }
        let name = key.stroke.to_string();
        match self.guard.judge(key.at, &key, class, name.clone()) {
            Verdict::Pass => self.acted.push(name),
            Verdict::Wait => {}
            Verdict::Drop(note) => self.notes.extend(note),
        }
    }

    fn end(mut self) -> Vec<String> {
        self.until(us(u64::MAX / 2000));
        self.acted
    }
}

fn held_down(hertz: u64, delay_ms: u64, class: Class, kind: Kind) -> Vec<String> {
    let mut hand = Hand::new();
    hand.put(
        key(
            "x",
            us(0),
            if kind == Kind::Repeat {
                Kind::Press
            } else {
                kind
            },
        ),
        class,
    );
    let mut at = delay_ms * 1000;
    while at < 10_000_000 {
        hand.put(key("x", us(at), kind), class);
        at += 1_000_000 / hertz;
    }
    hand.end()
}

#[test]
fn f8_a_key_held_ten_seconds_is_one_entry_at_any_rate_and_delay() {
    for hertz in [10, 30, 60] {
        for delay in (200..=700).step_by(10) {
            for kind in [Kind::Unknown, Kind::Repeat] {
                assert_eq!(
                    held_down(hertz, delay, Class::Entry, kind),
                    ["x"],
                    "{hertz} {delay}"
                );
            }
        }
    }
}

#[test]
fn f8_a_slow_keyboard_needs_a_longer_wait_and_then_gives_one_entry_too() {
    let held = |wait_ms| {
        let mut hand = Hand::new();
        hand.guard.set_wait(wait_ms);
        for at in [0, 400, 600, 800, 1000, 1200] {
            hand.press("x", Class::Entry, us(at * 1000));
        }
        hand.end().len()
    };
    assert_eq!(held(250), 1);
    assert_eq!(held(WAIT_MS), 6, "a hand may press five times a second");
    let mut hand = Hand::new();
    hand.guard.set_wait(400);
    for n in 0..6 {
        hand.press("0", Class::Exit, us(n * 150_000));
    }
    assert_eq!(hand.end().len(), 6, "the setting limits no exit");
}

#[test]
fn f10_entries_in_company_wait_until_no_fourth_key_follows() {
    let mut hand = Hand::new();
    for (n, name) in ["x", "c", "v", "b", "w", "e"].iter().enumerate() {
        let read = u64::try_from(n / 2).unwrap();
        let mut key = key(name, us(read * 4000), Kind::Unknown);
        key.printables = 2;
        hand.put(key, Class::Entry);
    }
    assert_eq!(hand.end(), [""; 0]);
    let mut hand = Hand::new();
    for name in ["x", "c"] {
        let mut key = key(name, us(0), Kind::Unknown);
        key.printables = 2;
        hand.put(key, Class::Entry);
    }
    assert_eq!(hand.end(), ["x", "c"]);
}

#[test]
fn rule7_a_held_exit_is_at_most_two_reducing_presses_and_never_waits() {
    for hertz in [10, 30, 60] {
        assert_eq!(held_down(hertz, 400, Class::Exit, Kind::Unknown).len(), 2);
        assert_eq!(held_down(hertz, 400, Class::Exit, Kind::Repeat).len(), 1);
    }
}

#[test]
fn rule7_two_deliberate_presses_are_two_entries_the_second_after_its_wait() {
    let mut hand = Hand::new();
    hand.press("x", Class::Entry, us(0));
    assert_eq!(hand.acted.len(), 1);
    hand.press("x", Class::Entry, us(300_000));
    assert_eq!(hand.guard.deadline(), Some(us(300_000).plus_ms(110)));
    hand.until(us(409_999));
    assert_eq!(hand.acted.len(), 1);
    hand.until(us(410_000));
    assert_eq!(hand.acted.len(), 2);
    hand.press("x", Class::Entry, us(1_500_000));
    assert_eq!(hand.acted.len(), 3);
}

#[test]
fn different_keys_do_not_wait_for_each_other() {
    let mut hand = Hand::new();
    hand.press("x", Class::Entry, us(0));
    hand.press("c", Class::Entry, us(5000));
    hand.press("v", Class::Entry, us(10_000));
    assert_eq!(hand.acted, ["x", "c", "v"]);
}

#[test]
fn rule7_the_held_end_of_another_chord_is_never_an_entry() {
    let mut hand = Hand::new();
    hand.press("x", Class::Exit, us(0));
    for n in 0..50 {
        hand.press("x", Class::Entry, us(300_000 + n * 33_000));
    }
    assert_eq!(hand.end(), ["x"]);
}

#[test]
fn rule5_an_exit_passes_at_once_and_takes_a_waiting_entry_with_it() {
    let mut hand = Hand::new();
    hand.press("x", Class::Entry, us(0));
    hand.press("x", Class::Entry, us(200_000));
    hand.press("Space", Class::Exit, us(250_000));
    assert_eq!(hand.end(), ["x", "Space"]);
}

#[test]
fn f10_four_keys_in_one_read_make_no_entry_but_exits_pass() {
    let mut hand = Hand::new();
    for (name, class) in [
        ("x", Class::Entry),
        ("0", Class::Exit),
        ("1", Class::Setting),
        ("j", Class::Move),
    ] {
        let mut key = key(name, us(7), Kind::Unknown);
        key.printables = 4;
        hand.put(key, class);
    }
    assert_eq!(hand.notes, [NOTE_PASTE]);
    hand.press("c", Class::Entry, us(400_000));
    hand.press("c", Class::Entry, us(1_200_000));
    assert_eq!(hand.end(), ["0", "j", "c"]);
}

#[test]
fn f10_keys_a_few_ms_apart_in_reads_of_their_own_make_at_most_the_first_entry() {
    for gap in [0, 100, 1000, 4000, 4999] {
        let mut hand = Hand::new();
        for (n, name) in ["x", "c", "v", "b", "w", "e"]
            .iter()
            .cycle()
            .take(1000)
            .enumerate()
        {
            let n = u64::try_from(n).unwrap();
            let mut key = key(name, us(n * gap), Kind::Unknown);
            key.read = u32::try_from(n).unwrap();
            hand.put(key, Class::Entry);
        }
        assert_eq!(hand.end(), ["x"], "{gap}");
    }
}

#[test]
fn f9_a_pasted_mebibyte_in_reads_of_any_size_makes_no_entry() {
    let mut hand = Hand::new();
    let letters: Vec<_> = ["x", "c", "v", "b", "w", "e", "r", "t"].to_vec();
    let mut sent = 0_usize;
    for read in 0_u32.. {
        let size = [4096, 4, 1, 2, 1023, 3][read as usize % 6];
        for n in 0..size {
            let mut key = key(
                letters[(sent + n) % 8],
                us(u64::from(read) * 3000),
                Kind::Unknown,
            );
            (key.read, key.printables) = (read, u16::try_from(size).unwrap());
            hand.put(key, Class::Entry);
        }
        sent += size;
        if sent > 1024 * 1024 {
            break;
        }
    }
    assert_eq!(hand.end(), [""; 0]);
}

#[test]
fn f7_after_a_stall_entries_are_dropped_and_exits_honoured() {
    let mut hand = Hand::new();
    hand.guard.stalled(true);
    hand.press("x", Class::Entry, us(0));
    hand.press("Space", Class::Exit, us(20_000));
    hand.guard.stalled(false);
    hand.press("c", Class::Entry, us(40_000));
    assert_eq!(
        (hand.acted.as_slice(), hand.notes.as_slice()),
        (&["Space".to_owned(), "c".to_owned()][..], &[NOTE_LATE][..])
    );
    let old = key("v", us(50_000), Kind::Unknown);
    let verdict = hand
        .guard
        .judge(us(900_000), &old, Class::Entry, String::new());
    assert_eq!(verdict, Verdict::Drop(Some(NOTE_LATE)));
}

#[test]
fn l3_an_entry_pressed_as_the_ladder_changed_is_dropped() {
    let mut hand = Hand::new();
    hand.press("x", Class::Entry, us(0));
    hand.press("x", Class::Entry, us(200_000));
    assert!(hand.guard.ladder_changed(us(250_000)));
    hand.press("c", Class::Entry, us(250_000));
    hand.press("v", Class::Entry, us(600_000));
    assert_eq!(hand.notes, [NOTE_LADDER]);
    assert_eq!(hand.end(), ["x", "v"]);
}

#[test]
fn rule7_a_bare_bracket_or_o_swallows_a_late_sequence_and_nothing_more() {
    for (typed, acted) in [
        ("[ B x", vec!["x"]),
        ("[ 1 ; 5 C x", vec!["x"]),
        ("[ 2 0 ~ 0", vec!["0"]),
        ("O A x", vec!["x"]),
        ("[ Ctrl-x x", vec!["Ctrl-x", "x"]),
    ] {
        let mut hand = Hand::new();
        for (n, name) in typed.split(' ').enumerate() {
            let at = us(100_000 * u64::try_from(n).unwrap());
            hand.press(name, Class::Exit, at);
        }
        assert_eq!(hand.end(), acted, "{typed}");
    }
    let mut hand = Hand::new();
    hand.press("[", Class::Setting, us(0));
    hand.press("x", Class::Entry, us(250_000));
    assert_eq!(hand.end(), ["x"]);
}

#[test]
fn rule7_a_field_closed_by_something_else_swallows_what_was_meant_for_it() {
    let mut guard: Guard<()> = Guard::default();
    let typed = |at| key("1", us(at), Kind::Unknown);
    assert!(guard.admit(&typed(0), true));
    assert_eq!(guard.typed(&typed(0)), Verdict::Pass);
    assert!(!guard.admit(&typed(100_000), false));
    assert!(!guard.admit(&typed(300_000), false));
    assert!(guard.admit(&typed(600_000), false));
}

#[test]
fn rule7_a_field_closed_by_enter_swallows_nothing() {
    let mut guard: Guard<()> = Guard::default();
    let enter = key("Enter", us(0), Kind::Unknown);
    assert!(guard.admit(&enter, true));
    assert_eq!(guard.typed(&enter), Verdict::Pass);
    assert!(guard.admit(&key("x", us(10_000), Kind::Unknown), false));
}

#[test]
fn rule7_an_enter_within_a_tenth_of_a_second_of_a_paste_does_not_submit() {
    let mut guard: Guard<()> = Guard::default();
    guard.pasted(us(0));
    let enter = |at| key("Enter", us(at), Kind::Unknown);
    assert_eq!(
        guard.typed(&enter(99_000)),
        Verdict::Drop(Some(NOTE_SUBMIT))
    );
    assert_eq!(guard.typed(&enter(100_000)), Verdict::Pass);
}

#[test]
fn rule7_an_enter_after_a_paste_was_looked_at_submits() {
    for press in [0, 150, 300, 499, 600] {
        let mut guard: Guard<()> = Guard::default();
        guard.pasted(us(0));
        let enter = key("Enter", us(press * 1000), Kind::Unknown);
        assert!(guard.admit(&enter, true));
        let fine = press >= 100;
        assert_eq!(guard.typed(&enter) == Verdict::Pass, fine, "{press}");
    }
}

proptest! {
    #[test]
    fn one_press_is_at_most_one_action(presses in proptest::collection::vec((0_usize..4, 0_u64..900_000), 1..60)) {
        let keys = [("x", Class::Entry), ("c", Class::Entry), ("0", Class::Exit), ("j", Class::Move)];
        let mut hand = Hand::new();
        let mut at = 0;
        for (which, gap) in &presses {
            at += gap;
            hand.press(keys[*which].0, keys[*which].1, us(at));
        }
        let acted = hand.end();
        for (which, (name, _)) in keys.iter().enumerate() {
            let pressed = presses.iter().filter(|p| p.0 == which).count();
            prop_assert!(acted.iter().filter(|a| a == name).count() <= pressed);
        }
    }
}
