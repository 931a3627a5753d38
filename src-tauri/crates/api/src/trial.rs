//! Trying the connection of an entry of the network file.

use std::path::Path;
use std::time::Instant;

use lienthu_domain::ids::{BranchCode, Incarnation};
use lienthu_port::diagnosis::{Diagnosis, Finding};
use lienthu_port::error::SiteError;
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION};
use lienthu_port::message::Message;
use lienthu_port::site::{Credentials, SiteConnector as _};
use lienthu_port::world::Ids as _;
use lienthu_sqlserver::{Expected, certificate_shown, diagnose};

use crate::app::App;
use crate::commands::network::{ConnectionTest, Trouble};
use crate::network::{NetworkError, SiteEntry, SiteKind, Tls};
use crate::sites::{embedded, sql_server};
use crate::system::{SystemClock, SystemIds};

/// Tries the connection of an entry, as far as it can be tried with these credentials.
///
/// # Errors
/// What is wrong with the entry itself, and those of the desk's own files.
pub(crate) async fn try_connection(
    app: &App,
    entry: &SiteEntry,
    who: Option<&Credentials>,
) -> Result<ConnectionTest, Trouble> {
    entry.check()?;
    let known = app.desk().known_incarnation(&entry.code).await?;
    let entry = entry.found_from(app.network_file());
    match &entry.kind {
        SiteKind::SqlServer { address, database, tls, sign_in } => {
            let config = sql_server(&entry.code, address, database, tls, *sign_in)?;
            let expected = Expected { branch: entry.code.clone(), incarnation: known };
            Ok(diagnose(&config, who, &expected, &SystemClock::new()).await.into())
        }
        SiteKind::Embedded { path } => Ok(try_file(path, &entry.code, who, known).await),
    }
}

/// The certificate that an entry's server shows, in DER. How the entry would have it checked does not matter.
///
/// # Errors
/// What is wrong with the entry itself, and what stands in the way to the server.
pub(crate) async fn shown_certificate(entry: &SiteEntry) -> Result<Vec<u8>, Trouble> {
    let SiteKind::SqlServer { address, database, sign_in, .. } = &entry.kind else {
        let what = format!("site {}: a file shows no certificate", entry.code);
        return Err(NetworkError::Wrong(what).into());
    };
    let any = Tls::System;
    let kind = SiteKind::SqlServer {
        address: address.clone(),
        database: database.clone(),
        tls: any.clone(),
        sign_in: *sign_in,
    };
    SiteEntry { kind, ..entry.clone() }.check()?;
    let config = sql_server(&entry.code, address, database, &any, *sign_in)?;
    certificate_shown(&config).await.map_err(Trouble::Server)
}

impl From<Diagnosis> for ConnectionTest {
    fn from(diagnosis: Diagnosis) -> Self {
        Self {
            fine: diagnosis.is_fine(),
            message: diagnosis.finding.message(),
            warning: diagnosis.warning(),
            diagnosis: Some(diagnosis),
        }
    }
}

/// Tries an embedded site. Without a login there is only its file to be found.
async fn try_file(
    path: &Path,
    branch: &BranchCode,
    who: Option<&Credentials>,
    known: Option<Incarnation>,
) -> ConnectionTest {
    let said = |fine, message| ConnectionTest { fine, message, warning: None, diagnosis: None };
    if !tokio::fs::metadata(path).await.is_ok_and(|file| file.is_file()) {
        return said(false, no_file(path));
    }
    let Some(who) = who else { return said(true, a_file()) };
    let greeted = async {
        let site = embedded(path, branch).connect(who).await?;
        let hello = Hello { protocol: PROTOCOL_VERSION, desk: SystemIds.desk(), known: None };
        let asked = Instant::now();
        let welcome = site.hello(&hello).await?;
        Ok::<_, SiteError>((welcome, asked.elapsed()))
    };
    let (welcome, took) = match greeted.await {
        Ok(greeted) => greeted,
        Err(error) => return said(false, error.message()),
    };
    if let Some(expected) = known.filter(|known| *known != welcome.incarnation) {
        let finding = Finding::OtherIncarnation { expected, found: welcome.incarnation };
        return said(false, finding.message());
    }
    let round_trip_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
    let finding = Finding::Fine { server: String::new(), round_trip_ms, clock_offset_ms: 0 };
    said(true, finding.message())
}

fn no_file(path: &Path) -> Message {
    let path = path.display();
    Message {
        code: "site_file_missing".to_owned(),
        vi: format!("Không có tệp {path}. Kiểm tra đường dẫn, tính từ thư mục của tệp mạng."),
        en: format!("There is no file {path}. Check the path, from the network file's folder."),
    }
}

fn a_file() -> Message {
    let sentence = (
        "Tệp có đó. Nhập tài khoản để thử mở chi nhánh.",
        "The file is there. Give a login to try the site in it.",
    );
    Message::new("site_file_found", sentence)
}
