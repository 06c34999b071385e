use std::fs;

use super::*;

/// A directory with three generations: C, then B, then A.
fn three() -> (tempfile::TempDir, Dir) {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::make(temp.path()).unwrap().lock().unwrap();
    for text in ["A", "B", "C"] {
        dir.replace(text.as_bytes()).unwrap();
    }
    assert_eq!(state(&dir), "C B A");
    (temp, dir)
}

/// What is in each file of the directory, the current one first; names what should not be there.
fn state(dir: &Dir) -> String {
    let known = [CURRENT.to_owned(), name_of(1), name_of(2)];
    let mut all: Vec<String> = known
        .iter()
        .filter_map(|name| dir.read(name).unwrap())
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect();
    for entry in fs::read_dir(&dir.path).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !known.contains(&name) {
            all.push(format!("({name})"));
        }
    }
    all.join(" ")
}

/// Dies after `done` steps.
fn die_after(dir: &Dir, steps: &[Step], done: usize, text: &str, generation: u8) {
    let job = Job {
        bytes: text.as_bytes(),
        generation,
    };
    for step in &steps[..done] {
        step(dir, &job).unwrap();
    }
}

#[test]
fn g8_a_writer_that_dies_after_any_step_loses_no_generation() {
    for done in 0..=REPLACE.len() {
        let (_temp, dir) = three();
        die_after(&dir, &REPLACE, done, "D", 0);
        let written = done >= 5;
        let current = dir.read(CURRENT).unwrap().unwrap();
        assert_eq!(current, if written { b"D" } else { b"C" }, "step {done}");
        let kept: String = state(&dir);
        let old = if written { "C" } else { "B" };
        assert!(kept.contains(old), "step {done}: {kept}");
        dir.replace(b"E").unwrap();
        let after = if written { "E D C" } else { "E C B" };
        assert_eq!(state(&dir), after, "step {done}");
    }
}

#[test]
fn g8_a_restore_that_dies_after_any_step_loses_no_generation() {
    for (generation, text, whole) in [(1, "B", "B C A"), (2, "A", "A B C")] {
        for done in 0..=EXCHANGE.len() {
            let (_temp, dir) = three();
            die_after(&dir, &EXCHANGE, done, text, generation);
            assert!(dir.has(CURRENT), "step {done}");
            dir.clean_up().unwrap();
            let expected = if done >= 4 { whole } else { "C B A" };
            assert_eq!(
                state(&dir),
                expected,
                "generation {generation}, step {done}"
            );
        }
    }
}

#[test]
fn a_restore_done_twice_changes_nothing_and_works_without_a_current_one() {
    let (_temp, dir) = three();
    dir.exchange(b"A", 2).unwrap();
    assert_eq!(state(&dir), "A B C");
    dir.exchange(b"C", 2).unwrap();
    assert_eq!(state(&dir), "C B A");
    dir.remove(CURRENT).unwrap();
    dir.exchange(b"B", 1).unwrap();
    assert_eq!(state(&dir), "B B A");
    dir.replace(b"D").unwrap();
    assert_eq!(
        state(&dir),
        "D B A",
        "the doubled one takes no place of its own"
    );
}

#[test]
fn where_there_are_no_hard_links_a_copy_is_kept() {
    let (_temp, dir) = three();
    dir.remove(&name_of(1)).unwrap();
    dir.copy(CURRENT, &name_of(1)).unwrap();
    assert_eq!(state(&dir), "C C A");
    dir.replace(b"D").unwrap();
    assert_eq!(state(&dir), "D C A");
}

#[test]
fn a_new_vault_leaves_the_generations_of_a_lost_one_alone() {
    let (_temp, dir) = three();
    dir.remove(CURRENT).unwrap();
    dir.replace(b"D").unwrap();
    assert_eq!(state(&dir), "D B A");
}

#[test]
fn a_writer_waits_only_so_long_for_another() {
    let temp = tempfile::tempdir().unwrap();
    let first = Dir::make(temp.path()).unwrap().lock().unwrap();
    let second = Dir::open(temp.path()).unwrap().lock();
    assert!(matches!(second, Err(VaultError::Busy { .. })));
    drop(first);
    assert!(Dir::open(temp.path()).unwrap().lock().is_ok());
}

#[test]
fn i4_a_writing_that_the_system_refuses_changes_nothing() {
    let (_temp, dir) = three();
    // A directory in its place is what no writer can write into, whoever runs the test.
    fs::create_dir(dir.join(NEW)).unwrap();
    assert!(matches!(dir.replace(b"D"), Err(VaultError::Io { .. })));
    assert_eq!(state(&dir), format!("C B A ({NEW})"));
}
