//! The way to a server, stage by stage, each with its time limit: its address, its port, a safe line.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use lienthu_port::diagnosis::{Finding, Stage, TlsRefusal};
use tiberius::SqlBrowser as _;
use tokio::net::TcpStream;

use crate::config::{ServerAddress, SqlServerConfig, Tls};
use crate::greeting::greet;
use crate::tls::encrypt;
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
    let stopped = |stage| move |finding| Stopped { stage, finding };
    let host = config.address.host();
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
    let lost = |_| Stopped { stage: Stage::Port, finding: not_sql_server(host, port) };
    stream.set_nodelay(true).map_err(lost)?;
    let stream = stream.into_std().map_err(lost)?;
    let watched = stream.try_clone().map_err(lost)?;
    let stream = TcpStream::from_std(stream).map_err(lost)?;
    let limit = Duration::from_secs(ENCRYPTION_SECS_MAX);
    let wire = match tokio::time::timeout(limit, secure(config, port, stream)).await {
        Ok(wire) => wire,
        Err(_) => Err(Finding::NoAnswer { host: host.to_owned(), port: Some(port) }),
    };
    let wire = wire.map_err(stopped(Stage::Encryption))?;
    Ok(Reached { wire, watched })
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
    let (host, instance) = match &config.address {
        ServerAddress::Port { host, .. } => (host, None),
        ServerAddress::Instance { host, instance } => (host, Some(instance.as_str())),
    };
    let encrypts = config.tls != Tls::Off;
    let greeting = greet(&mut stream, encrypts, instance).await.map_err(|error| {
        tracing::debug!(%error, "no greeting");
        not_sql_server(host, port)
    })?;
    match (encrypts, greeting.encrypts) {
        (true, true) => {
            let stream = encrypt(stream, &config.tls, host).await?;
            Ok(Wire::encrypted(stream, greeting))
        }
        (true, false) => Err(Finding::TlsRefused { why: TlsRefusal::NotOffered }),
        (false, true) => Err(Finding::TlsRefused { why: TlsRefusal::Demanded }),
        (false, false) => Ok(Wire::plain(stream, greeting)),
    }
}
