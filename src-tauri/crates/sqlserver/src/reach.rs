//! The way to a server, stage by stage, each with its time limit: its address, its port, a safe line.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use lienthu_port::diagnosis::{Finding, Stage, TlsRefusal};
use tiberius::SqlBrowser as _;
use tokio::net::TcpStream;

use crate::config::{ServerAddress, SqlServerConfig, Tls};
use crate::greeting::{Greeting, greet};
use crate::tls::{encrypt, shown};
use crate::wire::Wire;

/// How long it may take to find the address that belongs to a name, in seconds.
const NAME_SECS_MAX: u64 = 3;
/// How long a server may take to take a connection, and SQL Server Browser to tell a port before that,
/// in seconds.
const PORT_SECS_MAX: u64 = 4;
/// How long a server may take to say who it is and to agree on encryption, in seconds.
const ENCRYPTION_SECS_MAX: u64 = 4;

/// Why the way ended, and where.
#[derive(Debug, Clone)]
pub(crate) struct Stopped {
    pub(crate) stage: Stage,
    pub(crate) finding: Finding,
}

/// A way to a server.
pub(crate) struct Reached {
    pub(crate) wire: Wire,
    /// The same socket once more, to see whether the other end has hung up.
    pub(crate) watched: std::net::TcpStream,
}

/// Goes the whole way. Nothing secret has been sent at its end.
pub(crate) async fn reach(config: &SqlServerConfig) -> Result<Reached, Stopped> {
    let (stream, port) = arrive(config).await?;
    let lost = |_| at_encryption(not_sql_server(config.address.host(), port));
    let stream = stream.into_std().map_err(lost)?;
    let watched = stream.try_clone().map_err(lost)?;
    let stream = TcpStream::from_std(stream).map_err(lost)?;
    let wire = bounded(config, port, secure(config, port, stream)).await?;
    Ok(Reached { wire, watched })
}

/// The certificate that a site's server shows, in DER: for a person to compare and then to pin. Nothing
/// secret is sent, and nothing that the server says is believed.
///
/// # Errors
/// What stops one on the way there.
pub async fn certificate_shown(config: &SqlServerConfig) -> Result<Vec<u8>, Finding> {
    let (mut stream, port) = arrive(config).await.map_err(|stopped| stopped.finding)?;
    let looking = async {
        let greeting = say_hello(config, port, &mut stream, true).await?;
        if !greeting.encrypts {
            return Err(Finding::TlsRefused { why: TlsRefusal::NotOffered });
        }
        shown(stream, config.address.host()).await
    };
    bounded(config, port, looking).await.map_err(|stopped| stopped.finding)
}

const fn at_encryption(finding: Finding) -> Stopped {
    Stopped { stage: Stage::Encryption, finding }
}

/// Within the time for agreeing on encryption.
async fn bounded<T>(
    config: &SqlServerConfig,
    port: u16,
    step: impl Future<Output = Result<T, Finding>>,
) -> Result<T, Stopped> {
    let limit = Duration::from_secs(ENCRYPTION_SECS_MAX);
    let done = tokio::time::timeout(limit, step).await.unwrap_or_else(|_| {
        Err(Finding::NoAnswer { host: config.address.host().to_owned(), port: Some(port) })
    });
    done.map_err(at_encryption)
}

/// To the server's port, which is told.
async fn arrive(config: &SqlServerConfig) -> Result<(TcpStream, u16), Stopped> {
    let stopped = |stage| move |finding| Stopped { stage, finding };
    let (stream, port) = match &config.address {
        ServerAddress::Port { host, port } => {
            let addresses = find(host, *port).await.map_err(stopped(Stage::Name))?;
            let stream = connect(host, *port, &addresses).await.map_err(stopped(Stage::Port))?;
            (stream, *port)
        }
        ServerAddress::Instance { host, instance } => {
            // Whether there is such a computer is told apart from whether it knows the instance.
            find(host, 0).await.map_err(stopped(Stage::Name))?;
            let stream = connect_named(host, instance).await.map_err(stopped(Stage::Port))?;
            let port = stream.peer_addr().map_or(0, |address| address.port());
            (stream, port)
        }
    };
    let lost = |_| at_encryption(not_sql_server(config.address.host(), port));
    stream.set_nodelay(true).map_err(lost)?;
    Ok((stream, port))
}

fn not_sql_server(host: &str, port: u16) -> Finding {
    Finding::NotSqlServer { host: host.to_owned(), port }
}

async fn find(host: &str, port: u16) -> Result<Vec<SocketAddr>, Finding> {
    let limit = Duration::from_secs(NAME_SECS_MAX);
    let found = tokio::time::timeout(limit, tokio::net::lookup_host((host, port))).await;
    let found: Vec<SocketAddr> = match found {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    if found.is_empty() {
        return Err(Finding::NameNotFound { host: host.to_owned() });
    }
    Ok(found)
}

async fn connect(host: &str, port: u16, addresses: &[SocketAddr]) -> Result<TcpStream, Finding> {
    let limit = Duration::from_secs(PORT_SECS_MAX);
    let host = host.to_owned();
    match tokio::time::timeout(limit, TcpStream::connect(addresses)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
            Err(Finding::PortClosed { host, port })
        }
        Ok(Err(_)) | Err(_) => Err(Finding::NoAnswer { host, port: Some(port) }),
    }
}

async fn connect_named(host: &str, instance: &str) -> Result<TcpStream, Finding> {
    let mut tds = tiberius::Config::new();
    tds.host(host);
    tds.instance_name(instance);
    let limit = Duration::from_secs(PORT_SECS_MAX);
    match tokio::time::timeout(limit, TcpStream::connect_named(&tds)).await {
        Ok(Ok(stream)) => Ok(stream),
        // No answer, or none that names a port.
        Ok(Err(tiberius::error::Error::Conversion(_))) => {
            Err(Finding::InstanceUnknown { host: host.to_owned(), instance: instance.to_owned() })
        }
        Ok(Err(_)) | Err(_) => Err(Finding::NoAnswer { host: host.to_owned(), port: None }),
    }
}

async fn secure(
    config: &SqlServerConfig,
    port: u16,
    mut stream: TcpStream,
) -> Result<Wire, Finding> {
    let encrypts = config.tls != Tls::Off;
    let greeting = say_hello(config, port, &mut stream, encrypts).await?;
    match (encrypts, greeting.encrypts) {
        (true, true) => {
            let stream = encrypt(stream, &config.tls, config.address.host()).await?;
            Ok(Wire::encrypted(stream, greeting))
        }
        (true, false) => Err(Finding::TlsRefused { why: TlsRefusal::NotOffered }),
        (false, true) => Err(Finding::TlsRefused { why: TlsRefusal::Demanded }),
        (false, false) => Ok(Wire::plain(stream, greeting)),
    }
}

async fn say_hello(
    config: &SqlServerConfig,
    port: u16,
    stream: &mut TcpStream,
    encrypts: bool,
) -> Result<Greeting, Finding> {
    let instance = match &config.address {
        ServerAddress::Port { .. } => None,
        ServerAddress::Instance { instance, .. } => Some(instance.as_str()),
    };
    greet(stream, encrypts, instance).await.map_err(|error| {
        tracing::debug!(%error, "no greeting");
        not_sql_server(config.address.host(), port)
    })
}

#[cfg(test)]
mod tests;
