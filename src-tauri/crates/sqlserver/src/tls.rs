//! The encryption of a line, and the proof that the server is the server. It is made here and not by the
//! driver: that knows no pinned certificate, takes an authority only beside those of the operating system,
//! and says in free text why it took none.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use lienthu_port::diagnosis::{Finding, TlsRefusal};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{ClientConfig, Resumption};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
    verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::config::Tls;
use crate::wire::Enveloped;

/// A file of certificates at most, in bytes.
const FILE_BYTES_MAX: u64 = 1_048_576;
/// What some editors put in front of a text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Encrypts a line to the server of this name, and checks that it is the server.
pub(crate) async fn encrypt(
    line: TcpStream,
    tls: &Tls,
    host: &str,
) -> Result<TlsStream<Enveloped>, Finding> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = verifier(tls, &provider).await?;
    shake_hands(line, host, verifier, provider).await
}

/// The certificate that a server shows, in DER. Whatever it is, the line goes no further.
pub(crate) async fn shown(line: TcpStream, host: &str) -> Result<Vec<u8>, Finding> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let looking = Arc::new(Looking { seen: Mutex::default(), provider: Arc::clone(&provider) });
    let verifier = Arc::clone(&looking) as Arc<dyn ServerCertVerifier>;
    let refused = shake_hands(line, host, verifier, provider).await.err();
    let seen = looking.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let handshake = Finding::TlsRefused { why: TlsRefusal::Handshake };
    seen.ok_or_else(|| refused.unwrap_or(handshake))
}

async fn shake_hands(
    line: TcpStream,
    host: &str,
    verifier: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
) -> Result<TlsStream<Enveloped>, Finding> {
    let refused = |why| Finding::TlsRefused { why };
    let name = ServerName::try_from(host.to_owned()).map_err(|_| refused(TlsRefusal::WrongName))?;
    // Inside the protocol's own packets there is no later version.
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS12])
        .map_err(|_| refused(TlsRefusal::Handshake))?;
    let mut config =
        config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.resumption = Resumption::disabled();
    let connected = TlsConnector::from(Arc::new(config)).connect(name, Enveloped::new(line)).await;
    connected.map_err(|error| {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        tracing::debug!(%error, "no encryption");
        refused(inner.map_or(TlsRefusal::Handshake, why))
    })
}

/// Who looks at the server's certificate.
async fn verifier(
    tls: &Tls,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Finding> {
    let mut roots = RootCertStore::empty();
    match tls {
        Tls::Pinned(file) => {
            let certificates = read(file).await?;
            let algorithms = provider.signature_verification_algorithms;
            return Ok(Arc::new(Pinned { certificates, algorithms }));
        }
        Tls::Ca(file) => {
            for certificate in read(file).await? {
                roots.add(certificate).map_err(|error| unusable(file, &error.to_string()))?;
            }
        }
        Tls::System | Tls::Off => {
            // Reads files, or the system's store.
            let native = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
            roots.add_parsable_certificates(native.map(|found| found.certs).unwrap_or_default());
        }
    }
    let built = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone()).build();
    // Without a single root nothing can be trusted.
    Ok(built.map_err(|_| Finding::TlsRefused { why: TlsRefusal::NotTrusted })?)
}

/// The certificates in a file, at least one.
async fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, Finding> {
    let mut bytes = Vec::new();
    let opened = tokio::fs::File::open(file).await;
    let mut opened =
        opened.map_err(|error| unusable(file, &error.to_string()))?.take(FILE_BYTES_MAX);
    opened.read_to_end(&mut bytes).await.map_err(|error| unusable(file, &error.to_string()))?;
    let certificates = certificates(&bytes).map_err(|why| unusable(file, &why))?;
    if certificates.is_empty() {
        return Err(unusable(file, "there is no certificate in it"));
    }
    Ok(certificates)
}

/// DER begins with the sign of a sequence, which begins no text.
fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    const SEQUENCE: u8 = 0x30;
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.first() == Some(&SEQUENCE) {
        return Ok(vec![CertificateDer::from(bytes.to_vec())]);
    }
    CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

fn unusable(file: &Path, why: &str) -> Finding {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Finding::CertificateFile { detail: format!("{name}: {why}") }
}

fn why(error: &Error) -> TlsRefusal {
    let Error::InvalidCertificate(error) = error else { return TlsRefusal::Handshake };
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsRefusal::NotTrusted,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsRefusal::WrongName
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsRefusal::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsRefusal::NotYetValid
        }
        CertificateError::ApplicationVerificationFailure => TlsRefusal::NotPinned,
        _ => TlsRefusal::Unsupported,
    }
}

/// Takes the certificates that it knows and no others. That the server has the key to the one it shows
/// is checked as ever.
#[derive(Debug)]
struct Pinned {
    certificates: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.certificates.iter().any(|known| known.as_ref() == shown.as_ref()) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Takes no certificate at all, and remembers the one that it was shown.
#[derive(Debug)]
struct Looking {
    seen: Mutex<Option<Vec<u8>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Looking {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown.to_vec());
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    #[test]
    fn certificates_are_read_from_text_with_and_without_a_mark_and_from_der() {
        let der = CertificateDer::from(vec![0x30, 0]);
        assert_eq!(certificates(&[0x30, 0]), Ok(vec![der.clone()]));
        assert_eq!(certificates(PEM.repeat(2).as_bytes()), Ok(vec![der.clone(), der.clone()]));
        assert_eq!(certificates(format!("\u{feff}{PEM}").as_bytes()), Ok(vec![der]));
        assert_eq!(certificates(b"nothing of the kind"), Ok(Vec::new()));
        assert!(
            certificates(b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----").is_err()
        );
    }

    #[tokio::test]
    async fn a_file_that_holds_no_certificate_is_named() {
        let folder = std::env::temp_dir();
        let said = read(&folder.join("there is no such file.pem")).await.unwrap_err();
        assert_eq!(said.message().code, "certificate_file");
        assert!(said.message().en.contains("no such file.pem"), "{said:?}");
        assert!(!said.message().en.contains(folder.to_str().unwrap()), "{said:?}");
    }
}
