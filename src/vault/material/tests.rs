use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::exchange::binance_futures;
use crate::exchange::credentials::{Credentials, KeyKind};
use crate::exchange::guide::KeyGuide;
use crate::secret::CAPACITY;
use Field::{ApiKey, Secret as InSecret};

/// Every PEM was made with OpenSSL 3.0 and ssh-keygen, but `ed25519-v2.pem`, which is RFC 8410's own example;
/// `ed25519.pem` holds the seed of RFC 8032, section 7.1, test 1.
macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("fixtures/", $name))
    };
}

const ED25519: &str = fixture!("ed25519.pem");
const ED25519_V2: &str = fixture!("ed25519-v2.pem");
const RSA: &str = fixture!("rsa.pem");
const RSA_PKCS1: &str = fixture!("rsa-pkcs1.pem");

const KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
const OKX_KEY: &str = "0c6b3e52-7f3a-4a0e-9d6b-1f2e3d4c5b6a";
const OKX_SECRET: &str = "0A1B2C3D4E5F60718293A4B5C6D7E8F9";
const BYBIT_KEY: &str = "q7Lr4oZx0cVb9TnMwE";
const BYBIT_SECRET: &str = "Zq8w3ErT6yUi0pAs4dFg7hJk1lZx5cVb9nM2";

static OKX_GUIDE: KeyGuide = KeyGuide {
    kinds: &[KeyKind::Hmac],
    passphrase: true,
    looks_like_key: |text| text.len() == 36 && text.split('-').count() == 5,
    looks_like_secret: |text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()),
    ..*binance_futures::VENUE.guide
};

static OKX: Venue = Venue {
    id: "okx",
    title: "OKX",
    guide: &OKX_GUIDE,
    ..binance_futures::VENUE
};

fn binance() -> &'static Venue {
    crate::exchange::venue("binance-futures").unwrap()
}

fn held_text(text: &str) -> Secret {
    Secret::of(text.as_bytes()).unwrap()
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

fn on_one_line(text: &str) -> String {
    text.replace('\n', "")
}

/// The PEM less `n` bytes of base64 at its end, with the END line.
fn body_cut(pem: &str, n: usize) -> String {
    let at = pem.find("\n-----END").unwrap();
    format!("{}{}", &pem[..at - n], &pem[at..])
}

/// The PEM with one letter changed in the middle of a line.
fn with_a_slip(pem: &str, line: usize) -> String {
    let mut lines: Vec<String> = pem.lines().map(str::to_owned).collect();
    let letter = if &lines[line][30..31] == "A" {
        "B"
    } else {
        "A"
    };
    lines[line].replace_range(30..31, letter);
    lines.join("\n")
}

fn cut(field: Field, have: usize, want: usize, venue: &'static str) -> Mistake {
    Mistake::Cut {
        field,
        have,
        want,
        venue,
    }
}

fn extra(field: Field, have: usize, want: usize) -> Mistake {
    let venue = binance().title;
    Mistake::Extra {
        field,
        have,
        want,
        venue,
    }
}

fn other(field: Field, venue: &'static str) -> Mistake {
    Mistake::OtherVenue { field, venue }
}

fn shape(field: Field) -> Mistake {
    let venue = binance().title;
    Mistake::Shape { field, venue }
}

type Row = (&'static str, String, Result<KeyKind, Mistake>);

/// Pasted into the secret's field at Binance.
fn pasted_secrets() -> Vec<Row> {
    use KeyKind::{Ed25519, Hmac, Rsa};
    let title = binance().title;
    let body = |pem: &str| {
        pem.lines()
            .filter(|l| !l.starts_with('-'))
            .collect::<String>()
    };
    vec![
        ("plain", SECRET.into(), Ok(Hmac)),
        ("blanks around", format!("  {SECRET}\t "), Ok(Hmac)),
        (
            "line ends around",
            format!("\r\n{SECRET}\r\n\r\n"),
            Ok(Hmac),
        ),
        ("straight quotes", format!("\"{SECRET}\""), Ok(Hmac)),
        ("single quotes", format!("'{SECRET}'"), Ok(Hmac)),
        ("typographic quotes", format!("“{SECRET}”"), Ok(Hmac)),
        (
            "guillemets and no-break blanks",
            format!("«\u{a0}{SECRET}\u{a0}»"),
            Ok(Hmac),
        ),
        ("backticks", format!("```{SECRET}```"), Ok(Hmac)),
        ("one quote lost", format!("{SECRET}\""), Ok(Hmac)),
        ("byte order mark", format!("\u{feff}{SECRET}"), Ok(Hmac)),
        (
            "zero width inside",
            format!("{}\u{200b}{}", &SECRET[..9], &SECRET[9..]),
            Ok(Hmac),
        ),
        (
            "soft hyphen inside",
            format!("{}\u{ad}{}", &SECRET[..9], &SECRET[9..]),
            Ok(Hmac),
        ),
        ("label", format!("Secret Key: {SECRET}"), Ok(Hmac)),
        (
            "settings line",
            format!("export BINANCE_API_SECRET='{SECRET}'"),
            Ok(Hmac),
        ),
        (
            "JSON line",
            format!("\"apiSecret\": \"{SECRET}\","),
            Ok(Hmac),
        ),
        ("TOML line", format!("secret_key = \"{SECRET}\""), Ok(Hmac)),
        (
            "label on a line of its own",
            format!("Secret Key:\r\n{SECRET}"),
            Ok(Hmac),
        ),
        ("Ed25519", ED25519.into(), Ok(Ed25519)),
        ("Ed25519, CRLF", crlf(ED25519), Ok(Ed25519)),
        (
            "Ed25519, CR alone",
            ED25519.replace('\n', "\r"),
            Ok(Ed25519),
        ),
        (
            "Ed25519, no last line end",
            ED25519.trim_end().into(),
            Ok(Ed25519),
        ),
        (
            "Ed25519, indented",
            ED25519.replace('\n', "\n    "),
            Ok(Ed25519),
        ),
        ("Ed25519, one line", on_one_line(ED25519), Ok(Ed25519)),
        (
            "Ed25519, blanks for line ends",
            ED25519.replace('\n', " "),
            Ok(Ed25519),
        ),
        (
            "Ed25519, written-out line ends",
            ED25519.replace('\n', "\\n"),
            Ok(Ed25519),
        ),
        (
            "Ed25519, quoted",
            format!("\"{}\"", ED25519.replace('\n', "\\n")),
            Ok(Ed25519),
        ),
        (
            "Ed25519, label",
            format!("private_key_pem={ED25519}"),
            Ok(Ed25519),
        ),
        ("Ed25519, base64 alone", body(ED25519), Ok(Ed25519)),
        (
            "Ed25519, empty lines",
            ED25519.replace('\n', "\n\n"),
            Ok(Ed25519),
        ),
        (
            "Ed25519 after its public half",
            format!("{}{ED25519}", fixture!("ed25519.pub")),
            Ok(Ed25519),
        ),
        (
            "Ed25519 before its public half",
            format!("{ED25519}{}", fixture!("ed25519.pub")),
            Ok(Ed25519),
        ),
        (
            "Ed25519, version 2 with attributes",
            ED25519_V2.into(),
            Ok(Ed25519),
        ),
        (
            "Ed25519, version 2, one line",
            on_one_line(ED25519_V2),
            Ok(Ed25519),
        ),
        ("RSA, PKCS 8", RSA.into(), Ok(Rsa)),
        ("RSA, PKCS 1", RSA_PKCS1.into(), Ok(Rsa)),
        (
            "RSA, CRLF and indented",
            crlf(&RSA.replace('\n', "\n\t")),
            Ok(Rsa),
        ),
        ("RSA, one line", on_one_line(RSA), Ok(Rsa)),
        ("RSA, base64 alone", body(RSA), Ok(Rsa)),
        ("RSA PKCS 1, base64 alone", body(RSA_PKCS1), Ok(Rsa)),
        ("nothing", String::new(), Err(Mistake::Empty(InSecret))),
        ("blanks", " \r\n\t ".into(), Err(Mistake::Empty(InSecret))),
        ("quotes alone", "“”".into(), Err(Mistake::Empty(InSecret))),
        (
            "a mark alone",
            "\u{feff}\u{200b}".into(),
            Err(Mistake::Empty(InSecret)),
        ),
        (
            "label alone",
            "Secret Key:".into(),
            Err(Mistake::Empty(InSecret)),
        ),
        (
            "NUL",
            format!("{SECRET}\0"),
            Err(Mistake::NotText(InSecret)),
        ),
        (
            "escape sequence",
            format!("\u{1b}[31m{SECRET}"),
            Err(Mistake::NotText(InSecret)),
        ),
        (
            "one missing",
            SECRET[..63].into(),
            Err(cut(InSecret, 63, 64, title)),
        ),
        (
            "half missing",
            SECRET[..31].into(),
            Err(cut(InSecret, 31, 64, title)),
        ),
        (
            "one too many",
            format!("{SECRET}x"),
            Err(extra(InSecret, 65, 64)),
        ),
        (
            "a dot after it",
            format!("{SECRET}."),
            Err(extra(InSecret, 65, 64)),
        ),
        (
            "twice",
            format!("{SECRET}{SECRET}"),
            Err(Mistake::Repeated(InSecret)),
        ),
        (
            "a strange letter",
            format!("{}é", &SECRET[..63]),
            Err(shape(InSecret)),
        ),
        (
            "labelled as the other",
            format!("API Key: {KEY}"),
            Err(Mistake::Swapped(InSecret)),
        ),
        (
            "both at once",
            format!("Secret Key: {SECRET}\nAPI Key: {KEY}"),
            Err(Mistake::Both(InSecret)),
        ),
        ("OKX key", OKX_KEY.into(), Err(other(InSecret, "OKX"))),
        ("OKX secret", OKX_SECRET.into(), Err(other(InSecret, "OKX"))),
        ("Bybit key", BYBIT_KEY.into(), Err(other(InSecret, "Bybit"))),
        (
            "Bybit secret",
            BYBIT_SECRET.into(),
            Err(other(InSecret, "Bybit")),
        ),
        (
            "passphrase",
            "correct horse battery staple".into(),
            Err(Mistake::Words(InSecret)),
        ),
        (
            "command",
            "openssl pkey -in key.pem".into(),
            Err(Mistake::Command(InSecret)),
        ),
        (
            "prompt and command",
            "$ cat key.pem".into(),
            Err(Mistake::Command(InSecret)),
        ),
        (
            "path",
            "~/.ssh/id_ed25519".into(),
            Err(Mistake::Command(InSecret)),
        ),
        (
            "file name",
            "ed25519.pem".into(),
            Err(Mistake::Command(InSecret)),
        ),
        (
            "address",
            "https://www.binance.com/en/my/settings/api-management".into(),
            Err(Mistake::Url(InSecret)),
        ),
        (
            "public Ed25519",
            fixture!("ed25519.pub").into(),
            Err(Mistake::PublicKey(InSecret)),
        ),
        (
            "public RSA",
            fixture!("rsa.pub").into(),
            Err(Mistake::PublicKey(InSecret)),
        ),
        (
            "public RSA, PKCS 1",
            fixture!("rsa-pkcs1.pub").into(),
            Err(Mistake::PublicKey(InSecret)),
        ),
        (
            "public Ed25519, base64 alone",
            body(fixture!("ed25519.pub")),
            Err(Mistake::PublicKey(InSecret)),
        ),
        (
            "public SSH",
            fixture!("openssh.pub").into(),
            Err(Mistake::PublicKey(InSecret)),
        ),
        (
            "certificate",
            fixture!("certificate.pem").into(),
            Err(Mistake::Certificate(InSecret)),
        ),
        (
            "encrypted PKCS 8",
            fixture!("encrypted.pem").into(),
            Err(Mistake::Encrypted),
        ),
        (
            "encrypted PKCS 8, base64 alone",
            body(fixture!("encrypted.pem")),
            Err(Mistake::Encrypted),
        ),
        (
            "encrypted PKCS 1",
            fixture!("rsa-encrypted.pem").into(),
            Err(Mistake::Encrypted),
        ),
        ("OpenSSH", fixture!("openssh.pem").into(), Err(Mistake::Ssh)),
        (
            "PuTTY",
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none".into(),
            Err(Mistake::Ssh),
        ),
        (
            "EC, PKCS 8",
            fixture!("ec.pem").into(),
            Err(Mistake::EllipticCurve),
        ),
        (
            "EC with parameters",
            fixture!("ec-sec1.pem").into(),
            Err(Mistake::EllipticCurve),
        ),
        (
            "X25519",
            fixture!("x25519.pem").into(),
            Err(Mistake::UnknownKind),
        ),
        (
            "DSA",
            ED25519.replace("PRIVATE", "DSA PRIVATE"),
            Err(Mistake::UnknownKind),
        ),
        (
            "no END line",
            ED25519.split("-----END").next().unwrap().into(),
            Err(Mistake::PemCut),
        ),
        (
            "half an END line",
            ED25519.trim_end()[..ED25519.len() - 4].into(),
            Err(Mistake::PemCut),
        ),
        (
            "no BEGIN line",
            ED25519.split_once('\n').unwrap().1.into(),
            Err(Mistake::PemCut),
        ),
        (
            "BEGIN line alone",
            "-----BEGIN PRIVATE KEY-----".into(),
            Err(Mistake::PemCut),
        ),
        (
            "nothing between",
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----".into(),
            Err(Mistake::PemCut),
        ),
        ("base64 cut", body_cut(ED25519, 1), Err(Mistake::PemCut)),
        (
            "four letters cut",
            body_cut(ED25519, 4),
            Err(Mistake::PemCut),
        ),
        ("RSA, a line cut", body_cut(RSA, 64), Err(Mistake::PemCut)),
        (
            "RSA PKCS 1, a line cut",
            body_cut(RSA_PKCS1, 64),
            Err(Mistake::PemCut),
        ),
        (
            "RSA, base64 alone, cut",
            body(RSA)[..800].into(),
            Err(Mistake::PemCut),
        ),
        (
            "foreign letter in base64",
            ED25519.replacen("MC4C", "MC!C", 1),
            Err(Mistake::PemDamaged),
        ),
        (
            "RSA of a wrong length",
            RSA_PKCS1.replacen("MIIEp", "MIIEo", 1),
            Err(Mistake::PemDamaged),
        ),
        (
            "RSA, a letter of a prime wrong",
            with_a_slip(RSA_PKCS1, 13),
            Err(Mistake::PemDamaged),
        ),
        (
            "RSA, a letter of an exponent wrong",
            with_a_slip(RSA_PKCS1, 18),
            Err(Mistake::PemDamaged),
        ),
        (
            "public half of another seed",
            ED25519_V2.replacen("INTu", "INTv", 1),
            Err(Mistake::PemDamaged),
        ),
        (
            "RSA of 1024 bits",
            fixture!("rsa-1024.pem").into(),
            Err(Mistake::RsaShort(1024)),
        ),
        (
            "RSA of 8192 bits",
            fixture!("rsa-8192.pem").into(),
            Err(Mistake::RsaLong(8192)),
        ),
    ]
}

/// Pasted into the API key's field at Binance.
fn pasted_keys() -> Vec<(&'static str, String, Result<(), Mistake>)> {
    let title = binance().title;
    vec![
        ("plain", KEY.into(), Ok(())),
        ("label", format!("API Key: {KEY}\n"), Ok(())),
        ("header line", format!("X-MBX-APIKEY: {KEY}"), Ok(())),
        ("quotes and marks", format!("\u{feff}“{KEY}”"), Ok(())),
        ("nothing", String::new(), Err(Mistake::Empty(ApiKey))),
        (
            "labelled as the other",
            format!("Secret Key: {SECRET}"),
            Err(Mistake::Swapped(ApiKey)),
        ),
        ("private PEM", ED25519.into(), Err(Mistake::Swapped(ApiKey))),
        (
            "encrypted PEM",
            fixture!("encrypted.pem").into(),
            Err(Mistake::Swapped(ApiKey)),
        ),
        (
            "public PEM",
            fixture!("ed25519.pub").into(),
            Err(Mistake::PublicKey(ApiKey)),
        ),
        (
            "certificate",
            fixture!("certificate.pem").into(),
            Err(Mistake::Certificate(ApiKey)),
        ),
        ("OKX key", OKX_KEY.into(), Err(other(ApiKey, "OKX"))),
        ("cut", KEY[..60].into(), Err(cut(ApiKey, 60, 64, title))),
        (
            "both at once",
            format!("{KEY}\nSecret: {SECRET}"),
            Err(Mistake::Both(ApiKey)),
        ),
        (
            "two lines",
            format!("{KEY}\n{SECRET}"),
            Err(Mistake::Words(ApiKey)),
        ),
        (
            "address",
            "www.binance.com".into(),
            Err(Mistake::Url(ApiKey)),
        ),
    ]
}

#[test]
fn g12_what_people_paste_as_a_secret() {
    let rows = pasted_secrets();
    assert!(rows.len() >= 60, "{}", rows.len());
    for (name, text, expected) in rows {
        let read = secret(&held_text(&text), binance());
        if let Err(mistake) = &read {
            assert_eq!(mistake.field(), InSecret, "{name}");
            says_nothing(&mistake.to_string(), &text);
        }
        assert_eq!(read.map(|material| material.kind()), expected, "{name}");
    }
}

#[test]
fn g12_what_people_paste_as_an_api_key() {
    for (name, text, expected) in pasted_keys() {
        let read = api_key(&held_text(&text), binance());
        if let Err(mistake) = &read {
            assert_eq!(mistake.field(), ApiKey, "{name}");
            says_nothing(&mistake.to_string(), &text);
        }
        let read = read.map(|key| assert_eq!(key.expose(), KEY.as_bytes(), "{name}"));
        assert_eq!(read, expected, "{name}");
    }
}

/// No word of twelve letters or more of what was pasted is in a sentence about it.
fn says_nothing(sentence: &str, text: &str) {
    assert!(
        !sentence.contains('\n') && sentence.len() < 200,
        "{sentence}"
    );
    for word in text.split_whitespace().filter(|word| word.len() >= 12) {
        assert!(!sentence.contains(word), "{sentence}");
    }
}

#[test]
fn g12_however_a_private_key_is_folded_it_is_the_same_key() {
    let seed = secret(&held_text(ED25519), binance()).unwrap();
    let pkcs8 = secret(&held_text(RSA), binance()).unwrap();
    let bytes = |material: &KeyMaterial| match material {
        KeyMaterial::Hmac(it) | KeyMaterial::Ed25519(it) | KeyMaterial::Rsa(it) => {
            it.expose().to_vec()
        }
    };
    for (name, text, expected) in pasted_secrets() {
        let Ok(kind) = expected else { continue };
        let material = secret(&held_text(&text), binance()).unwrap();
        Credentials::new(KEY, &material, None).unwrap();
        let whole = match kind {
            KeyKind::Hmac => SECRET.as_bytes().to_vec(),
            KeyKind::Rsa => bytes(&pkcs8),
            KeyKind::Ed25519 if name.contains("version 2") => continue,
            KeyKind::Ed25519 => bytes(&seed),
        };
        assert_eq!(bytes(&material), whole, "{name}");
    }
}

#[test]
fn g12_two_fields_show_what_one_does_not() {
    let pair_of = |key: &str, secret: &str, venue| {
        pair(&held_text(key), &held_text(secret), venue).map(|(_, material)| material.kind())
    };
    assert_eq!(pair_of(KEY, SECRET, binance()), Ok(KeyKind::Hmac));
    assert_eq!(pair_of(KEY, ED25519, binance()), Ok(KeyKind::Ed25519));
    let quoted = format!(" '{KEY}' ");
    assert_eq!(pair_of(&quoted, KEY, binance()), Err(Mistake::Same));
    assert_eq!(
        pair_of(ED25519, KEY, binance()),
        Err(Mistake::Swapped(ApiKey))
    );
    assert_eq!(pair_of(OKX_KEY, OKX_SECRET, &OKX), Ok(KeyKind::Hmac));
    assert_eq!(
        pair_of(OKX_SECRET, OKX_KEY, &OKX),
        Err(Mistake::Swapped(ApiKey))
    );
    let binances = other(ApiKey, "Binance");
    assert_eq!(pair_of(KEY, SECRET, &OKX), Err(binances));
    let no_pairs = Mistake::Kind {
        kind: "Ed25519",
        venue: "OKX",
    };
    assert_eq!(pair_of(OKX_KEY, ED25519, &OKX), Err(no_pairs));
    let short = cut(InSecret, 31, 32, "OKX");
    assert_eq!(pair_of(OKX_KEY, &OKX_SECRET[1..], &OKX), Err(short));
}

#[test]
fn g12_bytes_that_are_no_text_and_texts_that_are_too_long() {
    assert_eq!(
        clean(b"\xff\xfek\0e\0y\0", InSecret).err(),
        Some(Mistake::NotText(InSecret))
    );
    let long = vec![b'a'; CAPACITY + 1];
    assert_eq!(clean(&long, ApiKey).err(), Some(Mistake::TooLong(ApiKey)));
    let most = vec![b'a'; CAPACITY];
    assert!(clean(&most, ApiKey).is_ok());
    assert!(secret(&Secret::of(&most).unwrap(), binance()).is_err());
}

#[test]
fn g12_a_pem_with_foreign_line_ends_comes_out_with_ours() {
    for text in [crlf(ED25519), ED25519.replace('\n', "\r")] {
        let cleaned = clean(text.as_bytes(), InSecret).unwrap();
        assert_eq!(cleaned.expose_str(), Some(ED25519.trim_end()));
    }
}

#[test]
fn a_mask_says_how_much_and_never_what() {
    assert_eq!(describe(&held_text("")), "empty");
    assert_eq!(describe(&held_text("é")), "1 character");
    assert_eq!(describe(&held_text(SECRET)), "64 characters");
    assert_eq!(describe(&held_text(ED25519)), "PEM, 3 lines");
    assert_eq!(describe(&held_text(&on_one_line(ED25519))), "PEM, 1 line");
    assert_eq!(describe(&Secret::of(&[0xff; 5]).unwrap()), "5 characters");
}

#[test]
fn a_public_half_is_what_openssl_prints() {
    let public = |pem: &str| public_pem(&secret(&held_text(pem), binance()).unwrap());
    assert_eq!(public(ED25519).as_deref(), Some(fixture!("ed25519.pub")));
    assert_eq!(public(RSA).as_deref(), Some(fixture!("rsa.pub")));
    assert_eq!(public(RSA_PKCS1).as_deref(), Some(fixture!("rsa.pub")));
    assert_eq!(public(SECRET), None);
}

#[test]
fn a_pair_made_here_signs_and_is_never_the_same() {
    let (one, other) = (generate().unwrap(), generate().unwrap());
    assert_eq!(one.kind(), KeyKind::Ed25519);
    assert_ne!(public_pem(&one), public_pem(&other));
    let credentials = Credentials::new(KEY, &one, None).unwrap();
    let mut signature = String::new();
    credentials.sign(b"x", &mut signature);
    assert_eq!(signature.len(), 88);
}

#[test]
fn g12_a_secret_of_letters_and_digits_is_never_taken_for_a_private_key() {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    for _ in 0..tries(4000) {
        // As a sequence in base64 begins.
        let mut text = b"MA".to_vec();
        text[1] = LETTERS[rng.random_range(0..16)];
        text.extend((2..64).map(|_| LETTERS[rng.random_range(0..LETTERS.len())]));
        let raw = Secret::of(&text).unwrap();
        let kind = secret(&raw, binance()).map(|material| material.kind());
        assert_eq!(kind, Ok(KeyKind::Hmac));
        assert!(api_key(&raw, binance()).is_ok());
    }
}

/// How many mutations a test tries.
pub(crate) fn tries(usual: usize) -> usize {
    usual
        * if std::env::var_os("LANCET_DEEP").is_some() {
            50
        } else {
            1
        }
}

/// Changes a text in one to four places.
pub(crate) fn mutate(rng: &mut ChaCha20Rng, text: &mut Vec<u8>) {
    const LIKELY: &[u8] = b"\n\r -\\\"'=:ABCMIab019+/{}[],\0\xff\xe2\x80\x8b";
    for _ in 0..rng.random_range(1..=4) {
        let at = rng.random_range(0..=text.len());
        let likely = LIKELY[rng.random_range(0..LIKELY.len())];
        match rng.random_range(0..6) {
            0 => text.truncate(at),
            1 => text.insert(at, likely),
            2 if at < text.len() => text[at] = likely,
            3 if at < text.len() => text[at] ^= 1 << rng.random_range(0..8),
            4 if at < text.len() => {
                let end = rng.random_range(at..text.len());
                text.drain(at..end);
            }
            _ => {
                let from = rng.random_range(0..=at);
                let again = text[from..at].to_vec();
                text.splice(at..at, again);
            }
        }
        text.truncate(CAPACITY);
    }
}

#[test]
fn g12_whatever_is_pasted_is_a_key_that_signs_or_a_sentence() {
    let rows = pasted_secrets();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    for _ in 0..tries(4000) {
        let row = rng.random_range(0..rows.len());
        let mut text = rows[row].1.clone().into_bytes();
        mutate(&mut rng, &mut text);
        let raw = Secret::of(&text).unwrap();
        let _ = describe(&raw);
        if let Ok(cleaned) = clean(&text, InSecret) {
            let again = clean(cleaned.expose(), InSecret).unwrap();
            assert_eq!(again.expose(), cleaned.expose());
        }
        match secret(&raw, binance()) {
            Ok(material) => {
                Credentials::new(KEY, &material, None).unwrap();
                assert_eq!(
                    public_pem(&material).is_none(),
                    material.kind() == KeyKind::Hmac
                );
            }
            Err(mistake) => says_nothing(&mistake.to_string(), &String::from_utf8_lossy(&text)),
        }
        if let Ok(key) = api_key(&raw, binance()) {
            assert_eq!(key.len(), 64);
        }
    }
}
