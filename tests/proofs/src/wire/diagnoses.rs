//! What a try of a connection finds: each stage's own findings, against a real server.

use lienthu_conformance::line::{Fault, Line};
use lienthu_domain::ids::Incarnation;
use lienthu_port::diagnosis::Diagnosis;
use lienthu_port::site::Credentials;
use lienthu_sqlserver::{
    COMMAND_SECS_MAX, CONNECT_SECS_MAX, Expected, ServerAddress, SqlServerConfig, diagnose,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::kit::branch::Branch;
use crate::kit::findings::Findings;
use crate::kit::keys::key;
use crate::kit::over_line::{OverLine, credentials};
use crate::kit::wall::WallClock;

/// What a try may take, whatever it meets.
const TRY_MS_MAX: u64 = (CONNECT_SECS_MAX + COMMAND_SECS_MAX) * 1_000;
/// A name that is nobody's, for good (RFC 2606).
const NOBODY: &str = "nobody.invalid";

pub(super) async fn prove(scene: &OverLine, findings: &mut Findings) -> anyhow::Result<()> {
    let right = scene.line.through(scene.site.config());
    let with_host = |host: &str, port| SqlServerConfig {
        address: ServerAddress::Port { host: host.to_owned(), port },
        ..right.clone()
    };
    let in_database =
        |database: &str| SqlServerConfig { database: database.to_owned(), ..right.clone() };
    let ours = Expected { branch: Branch::code(), incarnation: None };
    let theirs = Expected { branch: key("Q9"), ..ours.clone() };
    let earlier = Incarnation::new(uuid::Uuid::from_u128(1));
    let restored = Expected { incarnation: Some(earlier), ..ours.clone() };
    let lan = credentials();
    let wrong = Credentials { password: "không phải mật khẩu".into(), ..lan.clone() };
    let stranger = scene.site.administrator_credentials();

    let silent = Line::to(scene.site.config()).await?;
    silent.set(Fault::BlackHole);
    let closed = Line::to(scene.site.config()).await?;
    closed.set(Fault::Refused);
    let other = TcpListener::bind(("127.0.0.1", 0)).await?;
    let other_port = other.local_addr()?.port();
    let talking = tokio::spawn(async move {
        while let Ok((mut stream, _)) = other.accept().await {
            drop(stream.write_all(b"SSH-2.0-OpenSSH_9.2p1\r\n").await);
        }
    });

    let tries = [
        ("name_not_found", with_host(NOBODY, 1433), Some(&lan), &ours),
        ("port_closed", closed.through(&right), Some(&lan), &ours),
        ("no_answer", silent.through(&right), Some(&lan), &ours),
        ("not_sql_server", with_host("127.0.0.1", other_port), Some(&lan), &ours),
        ("login_failed", right.clone(), Some(&wrong), &ours),
        ("database_missing", in_database("Site_TV_Khong_Co"), Some(&stranger), &ours),
        ("not_migrated", in_database("master"), Some(&stranger), &ours),
        ("login_not_staff", right.clone(), Some(&stranger), &ours),
        ("wrong_branch", right.clone(), Some(&lan), &theirs),
        ("other_incarnation", right.clone(), Some(&lan), &restored),
        ("answers", right.clone(), None, &ours),
        ("fine", right.clone(), Some(&lan), &ours),
    ];
    let clock = WallClock::of_desk();
    let mut found = Vec::new();
    for (expected, config, who, what) in tries {
        let diagnosis = diagnose(&config, who, what, &*clock).await;
        let code = diagnosis.finding.message().code;
        findings.check(&format!("a try finds {expected}"), code == expected, || {
            format!("{diagnosis:?}")
        });
        findings.check(
            &format!("a try that finds {expected} ends in time"),
            u64::from(diagnosis.took_ms) <= TRY_MS_MAX,
            || format!("{} ms", diagnosis.took_ms),
        );
        found.push(told(&diagnosis));
    }
    talking.abort();
    findings.figure("diagnoses", found.join(" "));
    Ok(())
}

fn told(diagnosis: &Diagnosis) -> String {
    format!("{}:{}ms", diagnosis.finding.message().code, diagnosis.took_ms)
}
