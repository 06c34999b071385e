//! Why TLS was not agreed, in a trader's words.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use crate::domain::text::sanitise;

/// The kind of a failure, sanitised.
pub fn words(error: &io::Error) -> String {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(why)) => certificate(why),
        Some(
            Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion),
        ) => "it offers neither TLS 1.2 nor 1.3".into(),
        Some(Error::InvalidMessage(_)) => {
            "it does not speak TLS on this port: something in between answers for it".into()
        }
        Some(other) => sanitise(&other.to_string(), 160),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "it ended the connection during the handshake".into()
        }
        None => sanitise(&error.to_string(), 160),
    }
}

fn certificate(why: &CertificateError) -> String {
    use CertificateError as Why;
    match why {
        Why::Expired | Why::ExpiredContext { .. } => {
            "certificate expired; is this host's clock right?".into()
        }
        Why::NotValidYet | Why::NotValidYetContext { .. } => {
            "certificate not valid yet; is this host's clock right?".into()
        }
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "certificate for another name".into()
        }
        Why::UnknownIssuer => {
            "certificate of an unknown issuer; behind a company's proxy, --ca-file names its CA"
                .into()
        }
        Why::BadSignature => "certificate not signed by the issuer that it names".into(),
        Why::Revoked => "certificate revoked".into(),
        // The verifier says only in its debug form that a certificate has signed itself.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "certificate signed by itself".into()
        }
        other => sanitise(&format!("certificate not accepted: {other}"), 160),
    }
}
