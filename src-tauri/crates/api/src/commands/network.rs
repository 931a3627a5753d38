//! The commands about the network file.

use std::fmt;

use lienthu_desk::error::DeskError;
use lienthu_domain::ids::{BranchCode, CorrelationId, StaffLogin};
use lienthu_port::diagnosis::{Diagnosis, Finding};
use lienthu_port::message::Message;
use lienthu_port::site::Credentials;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use specta::Type;

use crate::app::App;
use crate::command::{Access, Anyone, Command, KeepNetwork, Needs};
use crate::commands::commands;
use crate::network::{NetworkError, NetworkFile, SiteEntry, put_certificate};
use crate::trial::{shown_certificate, try_connection};

/// The network file as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct NetworkView {
    /// Where it is.
    pub file: String,
    /// What tells it from every other: a change names what it was made of. Nothing where there is no file.
    pub seen: Option<String>,
    /// Its entries in their order, paths as they stand there. None where it cannot be used.
    pub sites: Vec<SiteEntry>,
    /// Why it cannot be used.
    pub trouble: Option<Message>,
    /// Whether whoever asks may change it.
    pub may_change: bool,
}

/// What a try of a connection came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConnectionTest {
    /// Whether nothing stands against using the site, as far as was looked.
    pub fine: bool,
    /// What was found, and what to do about it.
    pub message: Message,
    /// What should be known besides.
    pub warning: Option<Message>,
    /// How far it came; of a SQL Server site.
    pub diagnosis: Option<Diagnosis>,
}

/// The certificate that a server shows. Nobody has checked it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ShownCertificate {
    /// The file beside the network file that it was put in: what `pinned` is to name.
    pub file: String,
    /// Its SHA-256 as pairs of hexadecimal digits, to be compared with what the server's own tools say.
    pub fingerprint: String,
}

/// Why a command about the network file does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The file, or the change of it.
    Network(NetworkError),
    /// The desk, or whoever is signed in at it.
    Desk(DeskError),
    /// The server, or the way to it.
    Server(Finding),
}

impl From<NetworkError> for Trouble {
    fn from(error: NetworkError) -> Self {
        Self::Network(error)
    }
}

impl From<DeskError> for Trouble {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<Trouble> for Message {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Network(error) => error.message(),
            Trouble::Desk(error) => error.message(),
            Trouble::Server(finding) => finding.message(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => error.fmt(f),
            Self::Desk(error) => error.fmt(f),
            Self::Server(finding) => f.write_str(&finding.message().en),
        }
    }
}

commands! {
    fail with Trouble;

    /// The network file as it stands.
    NetworkGet {} needs Anyone => |self, app, _proof, _correlation| -> NetworkView {
        look(app).await
    }

    /// Reads the network file again, because someone changed it by hand, and works by it from now on.
    NetworkReread {} needs Anyone => |self, app, _proof, _correlation| -> NetworkView {
        app.take_network().await;
        look(app).await
    }

    /// Tries the connection of an entry, whether it stands in the file or not. A login and its password
    /// serve for this try alone.
    NetworkTest { entry: SiteEntry, login: Option<StaffLogin>, password: Option<SecretString> }
    needs Anyone => |self, app, _proof, _correlation| -> ConnectionTest {
        let credentials = self.login.zip(self.password);
        let who = credentials.map(|(login, password)| Credentials { login, password });
        try_connection(app, &self.entry, who.as_ref()).await
    }

    /// Adds an entry to the file that was seen so, or makes a file where there was none.
    NetworkAdd { seen: Option<String>, entry: SiteEntry } needs KeepNetwork
    => |self, app, _proof, _correlation| -> NetworkView {
        write(app, move |file| NetworkFile::add(file, self.seen.as_deref(), &self.entry)).await
    }

    /// Changes the entry of a branch in the file that was seen so.
    NetworkChange { seen: String, entry: SiteEntry } needs KeepNetwork
    => |self, app, _proof, _correlation| -> NetworkView {
        write(app, move |file| NetworkFile::change(file, &self.seen, &self.entry)).await
    }

    /// Takes the entry of a branch out of the file that was seen so. `go_on`: also that of the branch for
    /// which this desk is enrolled.
    NetworkRemove { seen: String, code: BranchCode, go_on: bool } needs KeepNetwork
    => |self, app, _proof, _correlation| -> NetworkView {
        let is_home = app.desk().enrolment().is_ok_and(|own| own.branch == self.code);
        if is_home && !self.go_on {
            return Err(NetworkError::Home(self.code).into());
        }
        write(app, move |file| NetworkFile::remove(file, &self.seen, &self.code)).await
    }

    /// Puts the certificate that an entry's server shows beside the network file, to be compared and pinned.
    NetworkCertificate { entry: SiteEntry } needs KeepNetwork
    => |self, app, _proof, _correlation| -> ShownCertificate {
        let der = shown_certificate(&self.entry).await?;
        let (path, code) = (app.network_file().to_owned(), self.entry.code);
        let fingerprint: Vec<String> =
            Sha256::digest(&der).iter().map(|byte| format!("{byte:02X}")).collect();
        let file = blocking(move || put_certificate(&path, &code, &der)).await?;
        Ok(ShownCertificate { file, fingerprint: fingerprint.join(":") })
    }

    /// Makes a file from the template, where there is none.
    NetworkTemplate {} needs KeepNetwork => |self, app, _proof, _correlation| -> NetworkView {
        write(app, NetworkFile::from_template).await
    }
}

async fn look(app: &App) -> Result<NetworkView, Trouble> {
    let path = app.network_file().to_owned();
    let read = blocking(move || NetworkFile::read(&path)).await;
    let seen = read.as_ref().ok().map(NetworkFile::seen);
    let (sites, trouble) = match read.and_then(|file| file.network()) {
        Ok(network) => (network.sites, None),
        Err(error) => (Vec::new(), Some(error.message())),
    };
    Ok(NetworkView {
        file: app.network_file().display().to_string(),
        seen,
        sites,
        trouble,
        may_change: KeepNetwork::prove(app).is_ok(),
    })
}

/// Changes the file and works by it from now on.
async fn write(
    app: &App,
    change: impl FnOnce(&std::path::Path) -> Result<(), NetworkError> + Send + 'static,
) -> Result<NetworkView, Trouble> {
    let path = app.network_file().to_owned();
    blocking(move || change(&path)).await?;
    tracing::info!("the network file was changed");
    app.take_network().await;
    look(app).await
}

/// The file may lie on another computer, which may be slow.
async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, NetworkError> + Send + 'static,
) -> Result<T, NetworkError> {
    tokio::task::spawn_blocking(job)
        .await
        .unwrap_or_else(|error| Err(NetworkError::Unreadable(error.to_string())))
}
