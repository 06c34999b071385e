//! Extra roots, read from PEM text.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Why a text gives no roots. The text is never quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    /// Nothing in it.
    #[error("is empty: it must hold certificates as PEM")]
    Empty,
    /// It holds a private key.
    #[error("holds a private key: give the CA's certificate, and keep the key elsewhere")]
    PrivateKey,
    /// No certificate in it.
    #[error("holds no certificate: PEM begins with -----BEGIN CERTIFICATE-----")]
    None,
    /// The certificate with this number, counted from 1, cannot be read.
    #[error("certificate {0} in it cannot be read: export it again as PEM")]
    Broken(usize),
}

/// The certificates of a PEM text, each one fit to be a root.
///
/// # Errors
/// When there is none, when one cannot be read, or when it holds a private key.
pub fn read_pem(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    if text.trim_ascii().is_empty() {
        return Err(RootsError::Empty);
    }
    if text
        .windows(KEY_MARK.len())
        .any(|window| window == KEY_MARK)
    {
        return Err(RootsError::PrivateKey);
    }
    let mut found = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(text) {
        let broken = RootsError::Broken(found.len() + 1);
        let certificate = certificate.map_err(|_| broken)?;
        RootCertStore::empty()
            .add(certificate.clone())
            .map_err(|_| broken)?;
        found.push(certificate);
    }
    if found.is_empty() {
        return Err(RootsError::None);
    }
    Ok(found)
}

/// In the first line of every PEM of a private key, whatever its kind.
const KEY_MARK: &[u8] = b"PRIVATE KEY-----";
