//! Servers with certificates of all kinds, and which of them are taken.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::version::TLS12;

use super::*;
use crate::config::SignIn;
use crate::greeting::{HEADER_LEN, RESPONSE, content, question};
use crate::wire::Enveloped;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

/// Listens with the certificate in this file, and goes as far as encryption.
async fn server(certificate: &str) -> (u16, JoinHandle<()>) {
    let shown = CertificateDer::from_pem_file(file(certificate)).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = provider.key_provider.load_private_key(key).unwrap();
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![shown], key));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let listening = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; HEADER_LEN];
        stream.read_exact(&mut head).await.unwrap();
        let mut asked = vec![0; content(head).unwrap().0];
        stream.read_exact(&mut asked).await.unwrap();
        let mut answer = question(true, "");
        answer[0] = RESPONSE;
        stream.write_all(&answer).await.unwrap();
        // Ends when the client has seen enough.
        drop(acceptor.accept(Enveloped::new(stream)).await);
    });
    (port, listening)
}

async fn tried(host: &str, certificate: &str, tls: Tls) -> Result<(), TlsRefusal> {
    let (port, listening) = server(certificate).await;
    let config = SqlServerConfig {
        address: ServerAddress::Port { host: host.to_owned(), port },
        database: String::new(),
        tls,
        sign_in: SignIn::Login,
    };
    let reached = reach(&config).await;
    listening.await.unwrap();
    match reached {
        Ok(_) => Ok(()),
        Err(Stopped { finding: Finding::TlsRefused { why }, .. }) => Err(why),
        Err(stopped) => panic!("{stopped:?}"),
    }
}

#[tokio::test]
async fn a_certificate_is_taken_or_there_is_a_reason_why_not() {
    let ca = |name| Tls::Ca(file(name));
    let pinned = |name| Tls::Pinned(file(name));
    for (certificate, tls, expected) in [
        ("server.pem", ca("authority.pem"), Ok(())),
        ("server.pem", Tls::System, Err(TlsRefusal::NotTrusted)),
        ("server.pem", ca("authority_of_its_own.pem"), Err(TlsRefusal::NotTrusted)),
        ("server.pem", pinned("authority.pem"), Err(TlsRefusal::NotPinned)),
        ("server.pem", pinned("server.pem"), Ok(())),
        ("expired.pem", ca("authority.pem"), Err(TlsRefusal::Expired)),
        ("expired.pem", pinned("expired.pem"), Ok(())),
        ("expired.pem", pinned("server.pem"), Err(TlsRefusal::NotPinned)),
        ("not_yet_valid.pem", ca("authority.pem"), Err(TlsRefusal::NotYetValid)),
        ("authority_of_its_own.pem", ca("authority_of_its_own.pem"), Err(TlsRefusal::Unsupported)),
        ("authority_of_its_own.pem", pinned("authority_of_its_own.pem"), Ok(())),
        ("version_1.pem", ca("authority.pem"), Err(TlsRefusal::Unsupported)),
        ("version_1.pem", pinned("version_1.pem"), Err(TlsRefusal::Unsupported)),
    ] {
        assert_eq!(
            tried("localhost", certificate, tls.clone()).await,
            expected,
            "{certificate} {tls:?}"
        );
    }
}

#[tokio::test]
async fn a_name_has_to_stand_in_the_certificate_unless_that_is_pinned() {
    let (ca, pinned) = (Tls::Ca(file("authority.pem")), Tls::Pinned(file("server.pem")));
    assert_eq!(tried("127.0.0.1", "server.pem", ca).await, Err(TlsRefusal::WrongName));
    assert_eq!(tried("127.0.0.1", "server.pem", pinned).await, Ok(()));
}
