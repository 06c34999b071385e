use super::*;

const NOW: i64 = 1_767_225_600_000;
const ED25519: &str = include_str!("../../../tests/wire/binance_futures/server/own_ed25519.pem");
const RSA: &str = include_str!("../../../tests/wire/binance_futures/server/own_rsa_2048.pem");

fn made(byte: u8) -> Vec<Key> {
    make([byte; 32], NOW, None)
}

fn labelled(label: &str) -> Key {
    let own = Some(ED25519.parse().unwrap());
    make([1; 32], NOW, own)
        .into_iter()
        .find(|key| key.label == label)
        .unwrap()
}

#[test]
fn a_seed_gives_the_same_keys_and_another_seed_gives_others() {
    let (one, again, other) = (made(1), made(1), made(2));
    for (at, key) in one.iter().enumerate() {
        assert_eq!(key.api_key, again[at].api_key);
        assert_eq!(key.api_secret(), again[at].api_secret());
        assert_eq!(key.private_key_pem(), again[at].private_key_pem());
        assert_ne!(key.api_key, other[at].api_key);
        let words = [Some(key.api_key.as_str()), key.api_secret()];
        for word in words.into_iter().flatten() {
            assert_eq!(word.len(), 64);
            assert!(word.bytes().all(|b| b.is_ascii_alphanumeric()));
            let spelled = one.iter().filter(|k| k.api_key == word).count();
            assert!(spelled <= 1, "two keys are one");
        }
    }
    assert_ne!(one[9].private_key_pem(), other[9].private_key_pem());
}

#[test]
fn a_key_of_the_users_changes_no_other() {
    let own = make([1; 32], NOW, Some(RSA.parse().unwrap()));
    let (last, others) = own.split_last().unwrap();
    assert_eq!((last.label, last.kind.word()), ("own", "rsa"));
    let names = |keys: &[Key]| -> Vec<String> { keys.iter().map(|k| k.api_key.clone()).collect() };
    assert_eq!(names(others), names(&made(1)));
}

#[test]
fn the_first_key_trades_from_this_host_and_cannot_move_money() {
    let key = &made(3)[0];
    assert!(key.may(Right::Read, NOW) && key.may(Right::Trade, NOW));
    assert!(!key.may(Right::Withdraw, NOW) && !key.may(Right::Transfer, NOW));
    assert_eq!((key.label, key.ip, key.expires), ("trade", HERE, None));
    assert!(key.api_secret().is_some());
}

#[test]
fn each_label_is_what_it_says() {
    for (label, rights, ip, expires, kind) in [
        ("read", READ, HERE, None, "hmac"),
        ("careless", ALL, None, None, "hmac"),
        ("elsewhere", TRADE, ELSEWHERE, None, "hmac"),
        ("withdraw", WITHDRAW, HERE, None, "hmac"),
        ("transfer", TRANSFER, HERE, None, "hmac"),
        ("anywhere", TRADE, None, None, "hmac"),
        ("expired", TRADE, HERE, Some(NOW - DAY_MS), "hmac"),
        ("ending", TRADE, HERE, Some(NOW + 10 * DAY_MS), "hmac"),
        ("ed25519", TRADE, HERE, None, "ed25519"),
        ("own", TRADE, HERE, None, "ed25519"),
    ] {
        let key = labelled(label);
        assert_eq!((key.rights, key.ip, key.expires), (rights, ip, expires));
        assert_eq!(key.kind.word(), kind, "{label}");
    }
}

#[test]
fn the_right_to_trade_ends_to_the_millisecond_and_reading_goes_on() {
    let key = labelled("ending");
    let end = key.expires.unwrap();
    assert!(key.may(Right::Trade, end - 1) && !key.may(Right::Trade, end));
    assert!(key.may(Right::Read, end));
}

#[test]
fn only_the_pair_made_here_has_a_private_half_to_give() {
    let pem = labelled("ed25519").private_key_pem().unwrap().to_owned();
    let lines: Vec<&str> = pem.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], "-----BEGIN PRIVATE KEY-----");
    let der = BASE64.decode(lines[1].as_bytes()).unwrap();
    // The other library reads the same pair out of it.
    let seed: [u8; 32] = der[16..].try_into().unwrap();
    let theirs = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    let Kind::Made { public, .. } = labelled("ed25519").kind else {
        panic!()
    };
    assert_eq!(public, Public::Ed25519(theirs.to_bytes()));
    let own = labelled("own");
    assert!(own.private_key_pem().is_none() && own.api_secret().is_none());
}

#[test]
fn debug_shows_no_half_of_a_key() {
    for key in made(4) {
        let text = format!("{key:?}");
        assert!(!text.contains(&key.api_key));
        for half in [key.api_secret(), key.private_key_pem()] {
            assert!(half.is_none_or(|half| !text.contains(half)));
        }
    }
}

fn refused(text: &str) -> PublicKeyError {
    text.parse::<Public>().unwrap_err()
}

#[test]
fn pem_of_both_kinds_is_read_however_its_lines_end() {
    for pem in [ED25519, RSA] {
        let key: Public = pem.parse().unwrap();
        assert_eq!(pem.replace('\n', "\r\n").parse(), Ok(key.clone()));
        assert_eq!(format!("\u{feff}\n  {pem}\n\n").parse(), Ok(key));
    }
}

#[test]
fn what_is_no_public_key_is_refused_in_one_sentence_that_quotes_nothing() {
    let private = labelled("ed25519").private_key_pem().unwrap().to_owned();
    let in_two = format!("{ED25519}{private}");
    let half = RSA.len() / 2;
    for (text, why) in [
        ("", PublicKeyError::NoPem),
        ("MCowBQYDK2VwAyEA", PublicKeyError::NoPem),
        (private.as_str(), PublicKeyError::Private),
        (in_two.as_str(), PublicKeyError::Private),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----",
            PublicKeyError::Private,
        ),
        ("-----BEGIN RSA PRIVATE KEY-----", PublicKeyError::Private),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            PublicKeyError::Private,
        ),
        ("-----BEGIN RSA PUBLIC KEY-----", PublicKeyError::OtherPem),
        ("-----BEGIN CERTIFICATE-----", PublicKeyError::OtherPem),
        (&RSA[..half], PublicKeyError::Damaged),
        (&format!("{RSA}{RSA}"), PublicKeyError::Several),
        (&"x".repeat(9000), PublicKeyError::TooLarge),
        (EC_P256, PublicKeyError::EllipticCurve),
        (X25519, PublicKeyError::Algorithm),
        (RSA_1024, PublicKeyError::Bits(1024)),
    ] {
        assert_eq!(refused(text), why, "{}", text.lines().next().unwrap_or(""));
        let said = refused(text).to_string();
        assert_eq!(said.lines().count(), 1);
        assert!(!said.contains("MCowBQ") && !said.contains("MIIB"));
    }
}

#[test]
fn no_cut_and_no_flipped_byte_of_the_frame_makes_another_kind_of_key() {
    for pem in [ED25519, RSA] {
        let whole: String = pem.lines().filter(|line| !line.contains("---")).collect();
        let der = BASE64.decode(whole.as_bytes()).unwrap();
        let wrapped = |der: &[u8]| {
            let body = BASE64.encode(der);
            format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
        };
        let word = pem.parse::<Public>().unwrap().word();
        for end in 0..der.len() {
            assert_eq!(refused(&wrapped(&der[..end])), PublicKeyError::Damaged);
        }
        for at in 0..der.len() {
            let mut der = der.clone();
            der[at] ^= 1;
            if let Ok(key) = wrapped(&der).parse::<Public>() {
                assert_eq!(key.word(), word);
            }
        }
        let longer = [der.as_slice(), &[0]].concat();
        assert_eq!(refused(&wrapped(&longer)), PublicKeyError::Damaged);
    }
}

// Throw-away test keys, made by OpenSSL 3.0 for these tests; nothing was ever signed with them.
const EC_P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEA5RIyPKcQJkVg+khycgDRgAhbt+I
nWZpaVhk8/XtxzpvFiHH17/0hLthW0JzLjOr7SYW0ebh5wPaxNwOjQV8Cg==
-----END PUBLIC KEY-----
";
const X25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VuAyEAHfBVCFOu2YBrUCa7diuxhPIi5vAERbXTUJvJWdmJVy0=
-----END PUBLIC KEY-----
";
const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDSTmRXClscuecM+UsX5RSc++fz
C12N7hut7zcFnytNe5NqstbHwoC6slGIQO24ZxkT3rwwJXqLw2wvqiC48+2h5yzC
RqW4ovE5///zRQm6YVX10vbqLBsS39rr+GVUqsVGIbVkgE8eihpkSIEGjwh0tK9/
jhAQFzh+nwSKDYH/GwIDAQAB
-----END PUBLIC KEY-----
";
