use super::*;

mod proxied;
mod trusted;

/// A net whose list holds the hosts of these addresses.
fn net(addresses: &[&str]) -> Net {
    Net::new(NetSettings {
        hosts: Hosts::of(addresses.iter().copied()).unwrap(),
        ..NetSettings::default()
    })
    .unwrap()
}

#[test]
fn addresses_are_read_and_bad_ones_never_echo() {
    let to = Target::read("wss://fstream.binance.com/private/ws/secret-key").unwrap();
    assert_eq!(
        (to.host.as_str(), to.port, to.tls),
        ("fstream.binance.com", 443, true)
    );
    let to = Target::read("http://[::1]:9/base/").unwrap();
    assert_eq!(
        (to.host.as_str(), to.port, to.path.as_str()),
        ("::1", 9, "/base")
    );
    for bad in ["ftp://a/secret-key", "secret-key", "wss://me:secret-key@a/"] {
        let words = Target::read(bad).unwrap_err().to_string();
        assert!(!words.contains("secret-key"), "{words}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn plaintext_to_another_host_is_refused_without_dialling() {
    // A documentation address: a dial would time out, so a refusal at once is one before the dial.
    for far in [
        "http://192.0.2.1:80",
        "ws://venue.invalid/ws",
        "http://localhost.venue.invalid",
    ] {
        // Being on the list does not help.
        for net in [net(&[far]), Net::this_host().unwrap()] {
            let to = Target::read(far).unwrap();
            assert!(
                matches!(net.connect(&to).await, Err(DialError::Plaintext(_))),
                "{far}"
            );
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn e9_a_host_that_is_not_listed_is_refused_before_its_name_is_looked_up() {
    let net = net(&[
        "https://fapi.binance.com",
        "wss://fstream.binance.com/public",
    ]);
    for other in [
        "https://fapi.binance.com.venue.invalid",
        "https://192.0.2.1",
        "https://fapi.binance.com:8443",
        "wss://ws-fapi.binance.com/ws-fapi/v1",
        // This host itself is no endpoint of a venue that is elsewhere.
        "http://127.0.0.1:9",
        "https://localhost",
    ] {
        let to = Target::read(other).unwrap();
        let error = net.connect(&to).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, DialError::NotListed(_)), "{other}: {error}");
        let words = error.to_string();
        assert!(
            words.contains(&to.host) && words.contains("is not an endpoint of this venue"),
            "{words}"
        );
        let opened = net.open(other, &[]).await.map(|_| ()).unwrap_err();
        assert!(
            matches!(opened, DialError::NotListed(_) | DialError::Address(_)),
            "{other}: {opened}"
        );
    }
    for listed in [
        "https://FAPI.binance.com/fapi",
        "wss://fstream.binance.com/private/ws/x",
    ] {
        assert!(
            net.allows(&Target::read(listed).unwrap()).is_ok(),
            "{listed}"
        );
    }
}

#[tokio::test(flavor = "current_thread")]
async fn nobody_is_listed_unless_somebody_was_named() {
    let net = Net::new(NetSettings::default()).unwrap();
    let to = Target::read("http://127.0.0.1:9").unwrap();
    assert!(matches!(net.allows(&to), Err(DialError::NotListed(_))));
}

#[test]
fn what_is_no_root_is_told_without_quoting_it() {
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let good = trusted::Authority::new().pem();
    let torn = good.replace("MII", "AAA");
    for (text, error) in [
        ("", RootsError::Empty),
        (" \n", RootsError::Empty),
        (key.as_str(), RootsError::PrivateKey),
        (&format!("{good}{key}"), RootsError::PrivateKey),
        ("not a certificate", RootsError::None),
        (
            "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n",
            RootsError::Broken(1),
        ),
        (torn.as_str(), RootsError::Broken(1)),
        (&format!("{good}{torn}"), RootsError::Broken(2)),
    ] {
        assert_eq!(read_pem(text.as_bytes()).unwrap_err(), error, "{text}");
    }
    assert_eq!(
        read_pem(format!("{good}{good}").as_bytes()).unwrap().len(),
        2
    );
    // The words before a certificate, as `openssl x509 -text` writes them, do no harm.
    assert_eq!(
        read_pem(format!("subject=CN = x\n{good}").as_bytes())
            .unwrap()
            .len(),
        1
    );
}
