use super::*;
use crate::config::UserFile;

fn config(text: &str) -> Config {
    let file = UserFile {
        name: "config.toml",
        text,
    };
    Config::load(Some(file), &[], &["dark".to_owned()]).unwrap()
}

fn refused(bytes: Option<&[u8]>) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    if let Some(bytes) = bytes {
        std::fs::write(&file, bytes).unwrap();
    }
    let global = Global {
        ca_file: Some(file),
        ..Global::default()
    };
    let failure = net(&global, &config(""), Hosts::default())
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(failure, Failure::Input(_)));
    failure.to_string()
}

#[test]
fn a_ca_file_that_gives_no_roots_is_one_sentence() {
    for (bytes, words) in [
        (None, "cannot be read"),
        (Some(&b""[..]), "is empty"),
        (
            Some(b"-----BEGIN EC PRIVATE KEY-----\nAA\n"),
            "holds a private key",
        ),
        (Some(b"\x00\xff\x1b[31m"), "holds no certificate"),
        (Some(&vec![b'a'; (1 << 20) + 1]), "larger than 1 MiB"),
    ] {
        let told = refused(bytes);
        assert!(
            told.contains("--ca-file") && told.contains("ca.pem") && told.contains(words),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn a_ca_file_with_certificates_is_taken() {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem.repeat(2)).unwrap();
    let global = Global {
        ca_file: Some(file.path().to_owned()),
        ..Global::default()
    };
    assert!(net(&global, &config(""), Hosts::default()).is_ok());
}

#[test]
fn a_proxy_that_is_none_names_its_line_and_no_secret() {
    assert!(proxy(&config("")).unwrap().is_none());
    assert!(
        proxy(&config("[network]\nproxy = \"http://10.0.0.1:3128\""))
            .unwrap()
            .is_some()
    );
    for (value, words) in [
        ("proxy:3128", "must be \"http://host:port\""),
        ("http://me:secret-word@proxy:1", "must not hold a user name"),
    ] {
        let error = proxy(&config(&format!("[network]\nproxy = \"{value}\"")))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("config.toml:2: network.proxy: it ") && error.contains(words),
            "{error}"
        );
        assert!(!error.contains("secret-word"), "{error}");
    }
}
