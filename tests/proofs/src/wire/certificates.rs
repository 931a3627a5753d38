//! Servers that cannot prove who they are, and a line that was tampered with. No password goes to them.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Instant;

use lienthu_conformance::line::{Fault, Line};
use lienthu_desk::error::DeskError;
use lienthu_desk::session::CONNECT_MS_MAX;
use lienthu_port::error::SiteError;
use lienthu_port::site::SiteConnector as _;
use lienthu_sqlserver::{SqlServerConfig, SqlServerConnector, Tls, certificate_shown};

use super::line::lends_on;
use super::{OWN_MS_MAX, note};
use crate::kit::branch::Branch;
use crate::kit::findings::Findings;
use crate::kit::over_line::{OverLine, credentials};

/// An address of this machine that stands in no certificate, on systems that have more than one.
const OTHER_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

pub(super) async fn prove(scene: &mut OverLine, findings: &mut Findings) -> anyhow::Result<()> {
    let right = scene.line.through(scene.site.config());
    let Tls::Ca(authority) = right.tls.clone() else {
        findings.skip("certificates", "the test server's certificate has no private authority");
        return Ok(());
    };
    let with = |tls| SqlServerConfig { tls, ..right.clone() };
    let folder = tempfile::tempdir()?;
    let pin = folder.path().join("server.der");
    match certificate_shown(&right).await {
        Ok(shown) => std::fs::write(&pin, shown)?,
        Err(finding) => anyhow::bail!("the server shows no certificate: {finding:?}"),
    }

    let refused = [
        ("certificate_not_trusted", with(Tls::System)),
        // The authority's own is not the server's.
        ("certificate_not_pinned", with(Tls::Pinned(authority.clone()))),
        ("encryption_demanded", with(Tls::Off)),
    ];
    for (code, config) in refused {
        refuses(scene, code, config, findings).await?;
    }
    match Line::at(IpAddr::V4(OTHER_ADDRESS), scene.site.config()).await {
        Ok(other) => {
            let config = other.under_its_address(scene.site.config());
            refuses(scene, "certificate_wrong_name", config.clone(), findings).await?;
            // The pinned one is known by its bytes, and not by the names in it.
            takes(scene, SqlServerConfig { tls: Tls::Pinned(pin), ..config }, findings).await?;
            other.cut(true);
        }
        Err(error) => findings.skip("a certificate with another name", &error.to_string()),
    }
    scene.line.set(Fault::EncryptionTakenOut);
    refuses(scene, "encryption_not_offered", right.clone(), findings).await?;
    said_nothing_secret(scene, &right, findings).await;
    scene.line.mend().await;
    missing_file(scene, folder.path(), findings).await?;
    scene.set_way(right);
    scene.settle().await?;
    scene.check_loans("certificates", findings).await
}

/// The desk finds the way to be such that nobody must use it, says why, and lends on.
async fn refuses(
    scene: &mut OverLine,
    code: &'static str,
    config: SqlServerConfig,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    hang_up(scene).await?;
    scene.set_way(config);
    let begun = Instant::now();
    let contact = scene.station.desk.contact().await;
    let limit_ms = CONNECT_MS_MAX + OWN_MS_MAX;
    note(findings, code, scene.state(), begun.elapsed(), limit_ms);
    let is_named = matches!(&contact, Err(DeskError::Site(error @ SiteError::NotSetUp { .. }))
        if error.message().code == code);
    findings.check(&format!("{code}: the desk says so"), is_named, || format!("{contact:?}"));
    let trouble = scene.station.desk.status().await?.trouble.map(|message| message.code);
    findings.check(
        &format!("{code}: the status line says so"),
        trouble.as_deref() == Some(code),
        || format!("{trouble:?}"),
    );
    lends_on(scene, code, findings).await
}

async fn takes(
    scene: &OverLine,
    config: SqlServerConfig,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    hang_up(scene).await?;
    scene.set_way(config);
    scene.connect_ahead().await?;
    let contact = scene.station.desk.contact().await;
    findings.check("a pinned certificate is taken", contact.is_ok(), || format!("{contact:?}"));
    Ok(())
}

async fn missing_file(
    scene: &mut OverLine,
    folder: &Path,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let tls = Tls::Ca(folder.join("gone.pem"));
    let config = SqlServerConfig { tls, ..scene.line.through(scene.site.config()) };
    refuses(scene, "certificate_file", config, findings).await
}

/// After a greeting in which somebody took encryption out, nothing follows: no login, no password.
async fn said_nothing_secret(scene: &OverLine, config: &SqlServerConfig, findings: &mut Findings) {
    /// A greeting and its answer have some sixty bytes each; what signs in has hundreds.
    const GREETINGS_LEN_MAX: usize = 200;
    let _before = scene.line.take_seen();
    let connector = SqlServerConnector::new(config.clone(), Branch::code());
    let refused = connector.connect(&credentials()).await.err();
    let seen = scene.line.take_seen().len();
    findings.check(
        "to a line that was tampered with, only the greeting is said",
        matches!(refused, Some(SiteError::NotSetUp { .. }))
            && (1..=GREETINGS_LEN_MAX).contains(&seen),
        || format!("{seen} bytes, {refused:?}"),
    );
}

/// Makes the desk connect anew next time.
async fn hang_up(scene: &OverLine) -> anyhow::Result<()> {
    let fault = scene.line.fault();
    scene.line.cut(true);
    // A desk on another line than this one hears nothing of it, and is not to.
    drop(scene.station.desk.contact().await);
    scene.line.set(fault);
    Ok(())
}
