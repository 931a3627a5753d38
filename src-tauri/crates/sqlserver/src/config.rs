//! How a SQL Server site is reached.

use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// The port of a server's default instance.
const PORT_DEFAULT: u16 = 1433;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAddress {
    /// A fixed port.
    Port {
        /// Name or IP address.
        host: String,
        /// The port.
        port: u16,
    },
    /// A named instance, whose port the server's SQL Browser tells.
    Instance {
        /// Name or IP address.
        host: String,
        /// The instance.
        instance: String,
    },
}

/// Why a text is not the address of a server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// No host in it.
    #[error("'{0}' names no host; write host, host,port or host\\instance")]
    NoHost(String),
    /// What stands behind the comma is no port.
    #[error("'{0}' names no port between 1 and 65535 behind the comma")]
    NoPort(String),
    /// Nothing behind the backslash.
    #[error("'{0}' names no instance behind the backslash")]
    NoInstance(String),
}

impl ServerAddress {
    /// The host, as a certificate names it.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Port { host, .. } | Self::Instance { host, .. } => host,
        }
    }
}

impl FromStr for ServerAddress {
    type Err = AddressError;

    /// Reads `host`, `host,port` or `host\instance`.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let host = |part: &str| match part.trim() {
            "" => Err(AddressError::NoHost(text.to_owned())),
            host => Ok(host.to_owned()),
        };
        if let Some((before, port)) = text.split_once(',') {
            let port = port.trim().parse().ok().filter(|port| *port != 0);
            let port = port.ok_or_else(|| AddressError::NoPort(text.to_owned()))?;
            return Ok(Self::Port { host: host(before)?, port });
        }
        if let Some((before, instance)) = text.split_once('\\') {
            if instance.trim().is_empty() {
                return Err(AddressError::NoInstance(text.to_owned()));
            }
            let instance = instance.trim().to_owned();
            return Ok(Self::Instance { host: host(before)?, instance });
        }
        Ok(Self::Port { host: host(text)?, port: PORT_DEFAULT })
    }
}

/// How the server proves that it is the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Tls {
    /// By a certificate that the operating system trusts.
    #[default]
    System,
    /// By a certificate of a private authority, and of no other: its own lies in this file, in PEM or DER.
    Ca(PathBuf),
    /// By this very certificate, in PEM or DER, whatever names and dates stand in it. A file may hold
    /// several, so that the next one can be named before the server shows it. SQL Server's stand-in for a
    /// missing certificate is made anew at each start and cannot be pinned.
    Pinned(PathBuf),
    /// Not at all, and nothing is encrypted, passwords included.
    Off,
}

/// Whose accounts the logins are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignIn {
    /// SQL Server's own.
    #[default]
    Login,
    /// Those of Windows, `DOMAIN\name`, with their password there; with no password, the account of
    /// whoever is signed in to this computer. On computers with Windows only.
    Windows,
}

/// A site's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlServerConfig {
    /// The server.
    pub address: ServerAddress,
    /// The database's name there.
    pub database: String,
    /// How the server's certificate is checked.
    pub tls: Tls,
    /// Whose accounts the logins are.
    pub sign_in: SignIn,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn port(host: &str, port: u16) -> ServerAddress {
        ServerAddress::Port { host: host.to_owned(), port }
    }

    #[test]
    fn an_address_is_a_host_with_a_port_or_an_instance() {
        assert_eq!("sql.local".parse(), Ok(port("sql.local", 1433)));
        assert_eq!(" 10.0.0.7 , 14330 ".parse(), Ok(port("10.0.0.7", 14330)));
        let named: ServerAddress = r"TV-Q1\SQLEXPRESS".parse().unwrap();
        assert_eq!(
            named,
            ServerAddress::Instance { host: "TV-Q1".to_owned(), instance: "SQLEXPRESS".to_owned() }
        );
    }

    #[test]
    fn what_is_no_address_says_why() {
        let error = |text: &str| text.parse::<ServerAddress>().unwrap_err();
        assert_eq!(error(""), AddressError::NoHost(String::new()));
        assert_eq!(error(",1433"), AddressError::NoHost(",1433".to_owned()));
        assert_eq!(error("a,0"), AddressError::NoPort("a,0".to_owned()));
        assert_eq!(error("a,99999"), AddressError::NoPort("a,99999".to_owned()));
        assert_eq!(error(r"a\"), AddressError::NoInstance(r"a\".to_owned()));
    }
}
