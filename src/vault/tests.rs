use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::material::tests::tries;
use super::*;
use crate::domain::{Account, Environment};
use crate::exchange::audit::Accept;
use crate::exchange::credentials::KeyMaterial;
use crate::secret::{CAPACITY, Secret};

const WORDS: &str = "five words that nobody guesses";

fn held(text: &str) -> Secret {
    Secret::of(text.as_bytes()).unwrap()
}

fn key(label: &str) -> StoredKey {
    StoredKey {
        label: Account::new(label).unwrap(),
        venue: "binance-futures".to_owned(),
        environment: Environment::Real,
        api_key: Some(held("canary-of-the-api-key")),
        material: KeyMaterial::Hmac(held("canary-of-the-secret")),
        passphrase: None,
        created_ms: 1_800_000_000_000,
        view_only: None,
        accepted: vec![Accept::NoIp],
        audited_ms: Some(1_800_000_000_001),
    }
}

/// A key of every kind, and everything that a key can have.
pub(super) fn every_kind() -> Vec<StoredKey> {
    let venue = crate::exchange::venue("binance-futures").unwrap();
    let of_pem = |pem: &str| material::secret(&held(pem), venue).unwrap();
    vec![
        key("main"),
        StoredKey {
            venue: "okx".to_owned(),
            environment: Environment::Demo,
            passphrase: Some(held("canary \"of\\the\npassphrase é")),
            view_only: Some("cannot verify \"whether\" it can trade: кириллица".to_owned()),
            accepted: vec![Accept::NoIp, Accept::Transfer],
            audited_ms: None,
            ..key("второй")
        },
        StoredKey {
            api_key: None,
            environment: Environment::Sim,
            material: of_pem(include_str!("material/fixtures/ed25519.pem")),
            ..key("made-here")
        },
        StoredKey {
            material: of_pem(include_str!("material/fixtures/rsa.pem")),
            ..key("rsa")
        },
    ]
}

/// A cheap vault that holds `main` and has two older generations: an empty one and one with `older`.
fn cheap() -> (tempfile::TempDir, Vault) {
    let temp = tempfile::tempdir().unwrap();
    let mut vault = Vault::create_at(temp.path(), &held(WORDS), Cost::LEAST).unwrap();
    vault.change(|keys| keys.push(key("older"))).unwrap();
    vault.change(|keys| keys[0] = key("main")).unwrap();
    (temp, vault)
}

fn labels(vault: &Vault) -> Vec<&str> {
    vault.keys().iter().map(|key| key.label.as_str()).collect()
}

fn open(dir: &Path) -> Result<Vault, VaultError> {
    Vault::open(dir, &held(WORDS))
}

/// The header's checksum made right again.
fn resummed(mut file: Vec<u8>) -> Vec<u8> {
    let sum = Sha256::digest(&file[..HEADER - 16]);
    file[HEADER - 16..HEADER].copy_from_slice(&sum[..16]);
    file
}

#[test]
fn keys_come_back_and_each_change_is_a_generation() {
    let (temp, vault) = cheap();
    assert_eq!(labels(&vault), ["main"]);
    assert_eq!(labels(&open(temp.path()).unwrap()), ["main"]);
    let generations = Vault::generations(temp.path());
    assert_eq!(generations.len(), 2);
    assert!(generations.iter().all(|(_, ms)| *ms > 1_700_000_000_000));
    assert!(Vault::problems(temp.path()).is_empty());

    let restored = Vault::restore(temp.path(), 1, &held(WORDS)).unwrap();
    assert_eq!(labels(&restored), ["older"]);
    assert_eq!(labels(&open(temp.path()).unwrap()), ["older"]);
    assert!(
        Vault::restore(temp.path(), 2, &held(WORDS))
            .unwrap()
            .keys()
            .is_empty()
    );
    assert_eq!(
        labels(&Vault::restore(temp.path(), 1, &held(WORDS)).unwrap()),
        ["main"]
    );
    for (number, error) in [(0, "NoGeneration"), (3, "NoGeneration")] {
        let refused = Vault::restore(temp.path(), number, &held(WORDS)).unwrap_err();
        assert!(format!("{refused:?}").starts_with(error));
    }
}

#[test]
fn g8_a_vault_whose_current_generation_is_gone_is_not_begun_anew() {
    let temp = tempfile::tempdir().unwrap();
    let mut vault = Vault::create_at(temp.path(), &held(WORDS), Cost::LEAST).unwrap();
    vault.change(|keys| keys.extend(every_kind())).unwrap();
    vault.change(|_| ()).unwrap();
    fs::remove_file(Vault::path(temp.path())).unwrap();
    assert!(Vault::exists(temp.path()));
    let told = open(temp.path()).unwrap_err().to_string();
    assert!(
        told.ends_with("get it back with `lancet keys restore 1`"),
        "{told}"
    );
    assert_eq!(Vault::problems(temp.path()), [told]);
    let made = Vault::create_at(temp.path(), &held(WORDS), Cost::LEAST);
    assert!(matches!(made, Err(VaultError::Exists { .. })));
    assert_eq!(Vault::generations(temp.path()).len(), 2, "nothing is lost");
    let back = Vault::restore(temp.path(), 1, &held(WORDS)).unwrap();
    assert!(!back.keys().is_empty());
}

#[test]
fn files_are_for_their_owner_alone_and_a_vault_is_never_overwritten() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("share").join("lancet");
    assert!(!Vault::exists(&dir));
    assert!(matches!(open(&dir), Err(VaultError::NotThere { .. })));
    Vault::create_at(&dir, &held(WORDS), Cost::LEAST).unwrap();
    assert!(Vault::exists(&dir));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&Vault::path(&dir)), 0o600);
    let again = Vault::create_at(&dir, &held(WORDS), Cost::LEAST);
    assert!(matches!(again, Err(VaultError::Exists { .. })));
}

#[test]
fn g9_a_wrong_passphrase_is_told_from_damage() {
    let (temp, _) = cheap();
    let wrong = Vault::open(temp.path(), &held("five words that somebody guesses"));
    assert!(matches!(wrong, Err(VaultError::WrongPassphrase { .. })));
    let wrong = Vault::restore(temp.path(), 1, &held("another"));
    assert!(matches!(wrong, Err(VaultError::WrongPassphrase { .. })));
    assert_eq!(labels(&open(temp.path()).unwrap()), ["main"]);
}

#[test]
fn g8_every_bit_of_the_header_flipped_is_told_and_loses_nothing() {
    let (temp, _) = cheap();
    let path = Vault::path(temp.path());
    let whole = fs::read(&path).unwrap();
    let older = fs::read(path.with_extension("vault.1")).unwrap();
    for at in 0..HEADER {
        for bit in 0..8 {
            let mut file = whole.clone();
            file[at] ^= 1 << bit;
            fs::write(&path, &file).unwrap();
            let error = open(temp.path()).unwrap_err();
            let told = match error {
                VaultError::NotAVault { .. } => at < 8,
                VaultError::HeaderDamaged { .. } => at >= 8,
                _ => false,
            };
            assert!(told, "byte {at}: {error}");
            assert!(error.to_string().contains("lancet keys restore"), "{error}");
        }
    }
    assert_eq!(fs::read(path.with_extension("vault.1")).unwrap(), older);
    let restored = Vault::restore(temp.path(), 1, &held(WORDS)).unwrap();
    assert_eq!(labels(&restored), ["older"]);
    assert_eq!(Vault::generations(temp.path()).len(), 2);
}

#[test]
fn g8_every_byte_of_the_contents_flipped_is_damage_and_never_a_wrong_secret() {
    let (temp, vault) = cheap();
    let dir = Dir::open(temp.path()).unwrap();
    let whole = fs::read(Vault::path(temp.path())).unwrap();
    for at in HEADER..whole.len() {
        let mut file = whole.clone();
        file[at] ^= 1 << (at % 8);
        let sealed = Sealed::parse(&dir, CURRENT, &file).unwrap();
        let read = sealed.keys(&vault.derived);
        assert!(matches!(read, Err(VaultError::Damaged { .. })), "byte {at}");
    }
    let sealed = Sealed::parse(&dir, CURRENT, &whole).unwrap();
    assert_eq!(sealed.keys(&vault.derived).unwrap().len(), 1);
}

#[test]
fn g8_a_header_forged_with_a_right_checksum_is_still_refused() {
    let (temp, vault) = cheap();
    let dir = Dir::open(temp.path()).unwrap();
    let whole = fs::read(Vault::path(temp.path())).unwrap();
    for at in 8..HEADER - 16 {
        let mut file = whole.clone();
        file[at] ^= 1 << (at % 8);
        let file = resummed(file);
        // The cipher authenticates the header: the right key does not help a changed one.
        let refused = match Sealed::parse(&dir, CURRENT, &file) {
            Ok(sealed) => sealed.keys(&vault.derived).is_err(),
            Err(_) => true,
        };
        assert!(refused, "byte {at}");
    }
    // One byte of the salt through the whole opening: another key, so another passphrase for all that one can tell.
    let mut file = whole;
    file[24] ^= 1;
    fs::write(Vault::path(temp.path()), resummed(file)).unwrap();
    assert!(matches!(
        open(temp.path()),
        Err(VaultError::WrongPassphrase { .. })
    ));
}

#[test]
fn g8_every_prefix_is_cut_short_and_more_than_all_is_damage() {
    let (temp, mut vault) = cheap();
    let path = Vault::path(temp.path());
    let whole = fs::read(&path).unwrap();
    for len in 0..whole.len() {
        fs::write(&path, &whole[..len]).unwrap();
        let error = open(temp.path()).unwrap_err();
        assert!(
            matches!(error, VaultError::Truncated { .. }),
            "{len}: {error}"
        );
        if len % 100 == 0 {
            assert!(vault.change(Vec::clear).is_err());
            assert_eq!(
                labels(&vault),
                ["main"],
                "a change that fails changes nothing"
            );
        }
    }
    fs::write(&path, [&whole[..], b"\n"].concat()).unwrap();
    assert!(matches!(
        open(temp.path()),
        Err(VaultError::HeaderDamaged { .. })
    ));
    assert_eq!(Vault::generations(temp.path()).len(), 2);
    fs::write(&path, b"[keys]\napi_key = 1\n").unwrap();
    assert!(matches!(
        open(temp.path()),
        Err(VaultError::NotAVault { .. })
    ));
    fs::write(&path, vec![b'L'; LARGEST + 1]).unwrap();
    assert!(matches!(
        open(temp.path()),
        Err(VaultError::TooLarge { .. })
    ));
    fs::remove_file(&path).unwrap();
    let gone = open(temp.path()).unwrap_err();
    assert!(matches!(gone, VaultError::NotThere { .. }));
    assert!(gone.to_string().contains("lancet keys restore"), "{gone}");
    assert_eq!(
        labels(&Vault::restore(temp.path(), 1, &held(WORDS)).unwrap()),
        ["older"]
    );
}

#[test]
fn g10_parameters_out_of_bounds_are_refused_before_anything_is_allocated() {
    let (temp, _) = cheap();
    let path = Vault::path(temp.path());
    let whole = fs::read(&path).unwrap();
    let with = |at: usize, number: u32| {
        let mut file = whole.clone();
        file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        fs::write(&path, resummed(file)).unwrap();
        let error = open(temp.path()).unwrap_err();
        assert!(matches!(error, VaultError::Parameters { .. }), "{error}");
    };
    for m in [0, 8, 19 * 1024 - 1, 256 * 1024 + 1, u32::MAX] {
        with(12, m);
    }
    for passes in [0, 1, 9, u32::MAX] {
        with(16, passes);
    }
    for lanes in [0, 5, 1 << 24] {
        with(20, lanes);
    }
    let methods = [[2, 1], [1, 2], [0, 0]];
    for [derivation, cipher] in methods {
        with(
            10,
            u32::from_le_bytes([derivation, cipher, whole[12], whole[13]]),
        );
    }
}

#[test]
fn a_newer_format_and_newer_contents_are_left_alone() {
    let (temp, mut vault) = cheap();
    let path = Vault::path(temp.path());
    let mut file = fs::read(&path).unwrap();
    file[8] = 2;
    let newer = resummed(file);
    fs::write(&path, &newer).unwrap();
    let error = open(temp.path()).unwrap_err();
    assert!(
        matches!(error, VaultError::NewerVersion { version: 2, .. }),
        "{error}"
    );
    assert!(vault.change(Vec::clear).is_err());
    assert_eq!(fs::read(&path).unwrap(), newer);

    let mut plain = Zeroizing::new(vec![b' '; header::PAD]);
    let json = br#"{"keys":[],"tomorrow":true}"#;
    plain[..json.len()].copy_from_slice(json);
    let file = vault.derived.seal(plain, [7; 24]).unwrap();
    fs::write(&path, &file).unwrap();
    assert!(matches!(
        open(temp.path()),
        Err(VaultError::NewerContents { .. })
    ));
    assert!(matches!(
        vault.change(Vec::clear),
        Err(VaultError::NewerContents { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), file);
}

#[test]
fn g7_what_others_can_use_or_own_is_refused_with_the_mend() {
    let (temp, _) = cheap();
    let (dir, path) = (temp.path(), Vault::path(temp.path()));
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for bits in [0o640, 0o604, 0o620, 0o601, 0o666] {
        mode(&path, bits);
        let error = open(dir).unwrap_err();
        assert!(matches!(error, VaultError::Modes { .. }), "{error}");
        let mend = format!("chmod 600 {}", path.display());
        assert!(error.to_string().contains(&mend), "{error}");
        assert_eq!(Vault::problems(dir), [error.to_string()]);
    }
    mode(&path, 0o600);
    mode(dir, 0o755);
    let error = open(dir).unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
    assert_eq!(Vault::problems(dir).len(), 1);
    mode(dir, 0o700);

    let real = dir.join("elsewhere");
    fs::rename(&path, &real).unwrap();
    symlink(&real, &path).unwrap();
    assert!(matches!(open(dir), Err(VaultError::Symlink { .. })));
    assert_eq!(Vault::problems(dir).len(), 1);
    assert!(matches!(
        Vault::create_at(dir, &held(WORDS), Cost::LEAST),
        Err(VaultError::Exists { .. })
    ));
    fs::remove_file(&path).unwrap();

    fs::create_dir(&path).unwrap();
    assert!(matches!(open(dir), Err(VaultError::NotRegular { .. })));
    fs::remove_dir(&path).unwrap();
    let pipe = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, pipe).unwrap();
    assert!(matches!(open(dir), Err(VaultError::NotRegular { .. })));
    fs::remove_file(&path).unwrap();

    fs::rename(&real, &path).unwrap();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
        let error = open(dir).unwrap_err();
        assert!(
            matches!(error, VaultError::Owner { owner: 12_345, .. }),
            "{error}"
        );
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    }
    assert!(open(dir).is_ok());
    let file = dir.join("plain");
    fs::write(&file, b"x").unwrap();
    assert!(matches!(open(&file), Err(VaultError::NotADirectory { .. })));
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let (temp, _) = cheap();
    let write = |name: &'static str| {
        let mut vault = open(temp.path()).unwrap();
        for number in 0..10 {
            let added = key(&format!("{name}{number}"));
            vault.change(|keys| keys.push(added)).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write("a"));
        scope.spawn(|| write("b"));
    });
    let vault = open(temp.path()).unwrap();
    assert_eq!(vault.keys().len(), 21);
    for name in ["a", "b"] {
        let own: Vec<&str> = labels(&vault)
            .into_iter()
            .filter(|label| label.starts_with(name))
            .collect();
        let expected: Vec<String> = (0..10).map(|number| format!("{name}{number}")).collect();
        assert_eq!(own, expected);
    }
}

#[test]
fn another_passphrase_opens_the_vault_and_not_its_older_generations() {
    let (temp, mut vault) = cheap();
    let mut other = open(temp.path()).unwrap();
    let new = held("five quite different words");
    vault.change_passphrase_at(&new, Cost::LEAST).unwrap();
    assert_eq!(labels(&vault), ["main"]);
    assert!(matches!(
        open(temp.path()),
        Err(VaultError::WrongPassphrase { .. })
    ));
    assert_eq!(labels(&Vault::open(temp.path(), &new).unwrap()), ["main"]);
    vault.change(|keys| keys.push(key("later"))).unwrap();
    let stale = other.change(Vec::clear);
    assert!(matches!(stale, Err(VaultError::PassphraseChanged { .. })));
    assert_eq!(Vault::open(temp.path(), &new).unwrap().keys().len(), 2);
    let older = Vault::restore(temp.path(), 2, &held(WORDS)).unwrap();
    assert_eq!(labels(&older), ["main"]);
}

#[test]
fn a_new_passphrase_has_twelve_characters() {
    assert!(check_passphrase(&held("twelve chars")).is_ok());
    assert!(check_passphrase(&held("двенадцать12")).is_ok());
    let temp = tempfile::tempdir().unwrap();
    for short in ["", "eleven char", "шестнадцать"] {
        assert!(matches!(
            check_passphrase(&held(short)),
            Err(VaultError::ShortPassphrase)
        ));
        assert!(Vault::create(temp.path(), &held(short)).is_err());
    }
    assert!(!Vault::exists(temp.path()));
    let (_temp, mut vault) = cheap();
    assert!(vault.change_passphrase(&held("short")).is_err());
}

#[test]
fn g7_a_key_file_is_checked_as_the_vault_is() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("key");
    let write = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        key_file(&path)
    };
    assert_eq!(write(&[b'k'; 32]).unwrap().expose(), [b'k'; 32]);
    let text = b"0123456789012345678901234567890123456789";
    assert_eq!(write(&[text, &b"\n"[..]].concat()).unwrap().expose(), text);
    let two = write(&[text, &b"\n\n"[..]].concat()).unwrap();
    assert_eq!(two.len(), text.len() + 1, "one newline is taken off");
    assert_eq!(write(&[0xff; 32]).unwrap().len(), 32, "any bytes do");
    for short in [&b""[..], &[b'k'; 31], &[&[b'k'; 31], &b"\n"[..]].concat()] {
        assert!(matches!(write(short), Err(VaultError::KeyFileShort { .. })));
    }
    assert_eq!(write(&[b'k'; CAPACITY]).unwrap().len(), CAPACITY);
    assert!(write(&[&[b'k'; CAPACITY], &b"\n"[..]].concat()).is_ok());
    assert!(matches!(
        write(&[b'k'; CAPACITY + 1]),
        Err(VaultError::TooLarge { .. })
    ));
    assert!(matches!(
        write(&[b'k'; CAPACITY + 9]),
        Err(VaultError::TooLarge { .. })
    ));
    write(text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(key_file(&path), Err(VaultError::Modes { .. })));
    let link = temp.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(matches!(key_file(&link), Err(VaultError::Symlink { .. })));
    assert!(matches!(
        key_file(temp.path()),
        Err(VaultError::NotRegular { .. })
    ));
    let gone = key_file(&temp.path().join("gone"))
        .err()
        .unwrap()
        .to_string();
    assert!(gone.starts_with("cannot open"), "{gone}");
}

#[test]
fn rule11_nothing_that_prints_shows_a_secret_and_the_file_holds_none_in_clear() {
    let (temp, mut vault) = cheap();
    vault.change(|keys| *keys = every_kind()).unwrap();
    let mut shown = format!("{vault:?} {vault:#?} {:?}", vault.keys());
    for key in vault.keys() {
        shown.push_str(&format!("{:?} {}", key.credentials(), key.fingerprint()));
    }
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains(&vault.keys()[0].fingerprint()));
    assert!(shown.contains("waits for its API key"));
    let file = fs::read(Vault::path(temp.path())).unwrap();
    let clear = String::from_utf8_lossy(&file);
    assert!(!clear.contains("canary") && !clear.contains("main"));
}

#[test]
fn a_stored_key_signs_once_the_venue_has_named_it() {
    let mut keys = every_kind();
    for key in &keys {
        match key.credentials() {
            Ok(credentials) => {
                assert_eq!(credentials.fingerprint(), key.fingerprint());
                assert_eq!(credentials.kind(), key.kind());
                assert_eq!(credentials.passphrase().is_some(), key.passphrase.is_some());
            }
            Err(error) => assert_eq!(error, StoredKeyError::Waiting(key.label)),
        }
    }
    keys[2].api_key = Some(held("named"));
    assert!(keys[2].credentials().is_ok());
}

#[test]
fn a_vault_that_was_written_long_ago_still_opens() {
    let temp = tempfile::tempdir().unwrap();
    let path = Vault::path(temp.path());
    fs::write(&path, include_bytes!("fixture.vault")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let vault = open(temp.path()).unwrap();
    let expected = every_kind();
    assert_eq!(format!("{:?}", vault.keys()), format!("{expected:?}"));
    assert_eq!(
        entry::write(vault.keys()).unwrap(),
        entry::write(&expected).unwrap()
    );
}

#[test]
fn g10_mutated_headers_never_panic_and_never_pass_the_bounds() {
    let (temp, _) = cheap();
    let whole = fs::read(Vault::path(temp.path())).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    for _ in 0..tries(4000) {
        let mut file = whole.clone();
        for _ in 0..rng.random_range(1..=4) {
            let at = rng.random_range(8..HEADER);
            file[at] = rng.random();
        }
        if rng.random() {
            file = resummed(file);
        }
        if rng.random() {
            file.truncate(rng.random_range(0..=file.len()));
        }
        if let Ok((header, head, rest)) = Header::split(&file) {
            assert!(header.cost.is_allowed());
            assert_eq!(head.len() + rest.len(), file.len());
            assert_eq!(header.encode(), head);
        }
    }
}

#[test]
fn the_usual_cost_is_within_the_bounds() {
    let temp = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(temp.path(), &held(WORDS)).unwrap();
    vault.change(|keys| keys.push(key("main"))).unwrap();
    assert_eq!(open(temp.path()).unwrap().keys().len(), 1);
    vault
        .change_passphrase(&held("five quite different words"))
        .unwrap();
}

#[test]
#[ignore = "writes the fixture anew: only for a new format"]
fn write_fixture() {
    let temp = tempfile::tempdir().unwrap();
    let mut vault = Vault::create_at(temp.path(), &held(WORDS), Cost::LEAST).unwrap();
    vault.change(|keys| *keys = every_kind()).unwrap();
    fs::copy(Vault::path(temp.path()), "src/vault/fixture.vault").unwrap();
}

/// How often a text is in this process's writable memory.
#[cfg(target_os = "linux")]
fn copies_of(secret: &Secret) -> usize {
    use std::io::BufRead as _;
    use std::os::unix::fs::FileExt as _;

    // What was freed has lost its first bytes to the allocator.
    let needle = &secret.expose()[secret.len() / 2..];
    let memory = fs::File::open("/proc/self/mem").unwrap();
    let mut room = vec![0; 1 << 20];
    let own = room.as_ptr().addr()..room.as_ptr().addr() + room.len();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let number = |hex| usize::from_str_radix(hex, 16).unwrap();
        let (mut at, to) = (number(from), number(to));
        while at < to {
            let len = room.len().min(to - at);
            let read = memory.read_at(&mut room[..len], at as u64).unwrap_or(0);
            let mut searched = 0;
            while searched < read {
                searched += (&room[searched..read]).skip_until(needle[0]).unwrap();
                let hit = searched - 1;
                let is_own = own.contains(&(at + hit));
                found += usize::from(!is_own && room[hit..read].starts_with(needle));
            }
            at += if len < room.len() {
                len
            } else {
                len - needle.len() + 1
            };
        }
    }
    room.fill(0);
    found
}

#[cfg(target_os = "linux")]
#[test]
fn g5_pasting_storing_and_opening_leave_no_copies_in_memory() {
    let random_text = || {
        let mut secret = Secret::new();
        for _ in 0..64 {
            let [byte] = random::<1>().unwrap();
            secret.push(&[b'a' + byte % 26]).unwrap();
        }
        secret
    };
    let (phrase, canary) = (random_text(), random_text());
    let venue = crate::exchange::venue("binance-futures").unwrap();
    let temp = tempfile::tempdir().unwrap();
    let mut vault = Vault::create_at(temp.path(), &phrase, Cost::LEAST).unwrap();
    let stored = StoredKey {
        material: material::secret(&canary, venue).unwrap(),
        ..key("main")
    };
    vault.change(|keys| keys.push(stored)).unwrap();
    drop(vault);
    let vault = Vault::open(temp.path(), &phrase).unwrap();
    vault.keys()[0].credentials().unwrap();
    assert_eq!(copies_of(&canary), 2, "this one and the vault's");
    assert_eq!(copies_of(&phrase), 1, "this one");
    drop(vault);
    assert_eq!(copies_of(&canary), 1);
    let mut base64 = Zeroizing::new([0; 88]);
    data_encoding::BASE64.encode_mut(canary.expose(), &mut *base64);
    let base64 = Secret::of(&*base64).unwrap();
    assert_eq!(copies_of(&base64), 2, "these two");
}
