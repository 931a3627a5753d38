//! A librarian's login and a driver, without the program: nothing that the program would refuse.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_conformance::kit::{COLLEAGUE, LIBRARIAN, MANAGER, TITLES, key};
use lienthu_conformance::sqlserver::SqlServerTestSite;
use lienthu_domain::rights::Role;
use lienthu_sqlserver::SqlServerAdmin;
use lienthu_sqlserver::rights::{ObjectKind, expected};

use crate::kit::findings::Findings;
use crate::kit::plain::{is_no_right, plain, tried};

/// How the server is to say no.
#[derive(Clone, Copy)]
enum No {
    /// By an error of ours.
    Number(u32),
    /// You have no right.
    Right,
    /// Somehow: servers differ in what they do not know, do not support and do not allow.
    Somehow,
}

/// What the program would refuse, or never ask. `{title}` is a title of the catalogue.
const FORBIDDEN: &[(&str, No)] = &[
    // Procedures of theirs, with what is not theirs.
    (
        r#"EXEC lienthu.PutPatron N'{"MaDG":"DG900","HoTen":"A","MaCN_DangKy":"Q3","LoaiDocGia":"STUDENT","DienThoai":"","Email":"","TienDatCoc":0,"GhiChu":""}', N''"#,
        No::Number(51_107),
    ),
    (
        r#"EXEC lienthu.PutPatron N'{"MaDG":"DG900","HoTen":"","MaCN_DangKy":"Q1","LoaiDocGia":"STUDENT","DienThoai":"","Email":"","TienDatCoc":0,"GhiChu":""}', N''"#,
        No::Number(51_109),
    ),
    ("EXEC lienthu.PutPatron N'nothing', N''", No::Number(51_206)),
    ("EXEC lienthu.RemovePatron N'DG404'", No::Number(51_102)),
    (
        r#"EXEC lienthu.AddCopies N'[{"MaQuyenSach":"Q900","ISBN":"{title}","HienTrang":"in_transit","KyHieuXepGia":""}]'"#,
        No::Number(51_108),
    ),
    (
        r#"EXEC lienthu.AddCopies N'[{"MaQuyenSach":"Q900","ISBN":"{title}","HienTrang":"forwarded","KyHieuXepGia":""}]'"#,
        No::Number(51_108),
    ),
    (
        r#"EXEC lienthu.AddCopies N'[{"MaQuyenSach":"Q900","ISBN":"none","HienTrang":"good","KyHieuXepGia":""}]'"#,
        No::Number(51_105),
    ),
    ("EXEC lienthu.RemoveCopy N'Q404'", No::Number(51_102)),
    ("EXEC lienthu.SubmitEvents N'nothing'", No::Number(51_206)),
    ("BEGIN TRANSACTION; EXEC lienthu.FreeCopies N'x'", No::Number(51_201)),
    ("BEGIN TRANSACTION; EXEC lienthu.SubmitEvents N'[]'", No::Number(51_201)),
    // What only procedures do.
    ("EXEC lienthu.TakeNumber", No::Right),
    ("EXEC lienthu.ReleaseNumber", No::Right),
    ("EXEC lienthu.PruneFeed", No::Right),
    (
        "CREATE TABLE #touched (copy VARCHAR(20) NOT NULL PRIMARY KEY); EXEC lienthu.RefoldTimelines",
        No::Right,
    ),
    // The tables themselves.
    ("SELECT HoTen AS HoTen FROM dbo.DOCGIA", No::Right),
    ("UPDATE dbo.PHIEUMUON SET NgayTra = GETDATE()", No::Right),
    (
        "INSERT INTO lienthu.StaffRole (login_name, role_code) VALUES ('thuthu', 'manager')",
        No::Right,
    ),
    ("UPDATE lienthu.Staff SET active = 1", No::Right),
    ("DELETE FROM lienthu.Event", No::Right),
    ("TRUNCATE TABLE lienthu.Event", No::Somehow),
    ("SELECT * INTO #mine FROM dbo.DOCGIA", No::Right),
    ("EXEC (N'SELECT HoTen AS HoTen FROM dbo.DOCGIA')", No::Right),
    ("EXEC sp_executesql N'DELETE FROM dbo.DOCGIA'", No::Right),
    ("CREATE PROCEDURE #mine AS SELECT HoTen AS HoTen FROM dbo.DOCGIA", No::Somehow),
    // The objects.
    ("ALTER PROCEDURE lienthu.Hello AS SELECT 1 AS one", No::Somehow),
    ("DROP PROCEDURE lienthu.PutPatron", No::Somehow),
    ("DROP TRIGGER dbo.NoteSach", No::Somehow),
    ("DISABLE TRIGGER dbo.NoteSach ON dbo.SACH", No::Somehow),
    ("DROP TABLE lienthu.Event", No::Somehow),
    ("ALTER TABLE dbo.DOCGIA DROP CONSTRAINT CHK_DocGia_MaCN", No::Somehow),
    ("CREATE TABLE dbo.Mine (a INT NULL)", No::Somehow),
    ("CREATE VIEW dbo.Mine AS SELECT HoTen AS HoTen FROM dbo.DOCGIA", No::Somehow),
    ("CREATE PROCEDURE lienthu.Mine AS SELECT HoTen AS HoTen FROM dbo.DOCGIA", No::Somehow),
    ("CREATE TRIGGER dbo.Mine ON dbo.SACH AFTER INSERT AS SELECT 1 AS one", No::Somehow),
    // Rights and people.
    ("GRANT SELECT ON dbo.DOCGIA TO THUTHU", No::Somehow),
    ("GRANT EXECUTE ON lienthu.TakeNumber TO public", No::Somehow),
    ("ALTER ROLE QUANLY ADD MEMBER staff_thuthu", No::Somehow),
    ("CREATE LOGIN mine WITH PASSWORD = N'Mat khau 1'", No::Somehow),
    ("ALTER LOGIN quanly WITH PASSWORD = N'Mat khau 1'", No::Somehow),
    ("CREATE USER mine WITHOUT LOGIN", No::Somehow),
    ("EXECUTE AS USER = 'dbo'", No::Somehow),
    ("ALTER AUTHORIZATION ON SCHEMA::lienthu TO public", No::Somehow),
    ("ALTER DATABASE CURRENT SET RECOVERY SIMPLE", No::Somehow),
    // The server.
    ("EXEC master..xp_cmdshell 'whoami'", No::Somehow),
    ("EXEC sp_configure 'xp_cmdshell', 1", No::Somehow),
    ("EXEC sp_addrolemember 'db_owner', 'staff_thuthu'", No::Somehow),
    ("SHUTDOWN", No::Somehow),
];

/// An event as a desk sends it, for this site and by this deed.
fn event(site: &str) -> String {
    format!(
        r#"EXEC lienthu.SubmitEvents N'[{{"id":"01900000-0000-7000-8000-0000000000aa","desk":"01900000-0000-4000-8000-0000000000aa","seq":1,"site":"{site}","scanned_by":"thuthu","at":"2026-11-02T01:00:00.000Z","uncertainty_ms":5,"overridden":false,"copy":"Q404","deed":"return","claim":"fact","correlation":"01900000-0000-4000-8000-0000000000ab"}}]'"#
    )
}

pub(super) async fn run(
    site: &Arc<SqlServerTestSite>,
    admin: &mut SqlServerAdmin,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let before = rows(admin).await?;
    let mut librarian = plain(site, LIBRARIAN).await?;
    for (batch, no) in FORBIDDEN {
        let batch = batch.replace("{title}", TITLES[0]);
        refused(&mut librarian, &batch, *no, findings).await;
        if matches!(no, No::Number(_)) {
            // A procedure said no: the connection may be left with more rights than its own.
            librarian = plain(site, LIBRARIAN).await?;
        }
    }
    // An event of another branch is answered, and leaves nothing behind.
    let foreign = tried(&mut plain(site, LIBRARIAN).await?, &event("Q3")).await;
    findings.check("a foreign event is set aside", foreign.is_ok(), || format!("{foreign:?}"));
    refused(&mut plain(site, MANAGER).await?, &event("Q1"), No::Right, findings).await;
    findings.figure("forbidden", FORBIDDEN.len() + 2);

    // A grant that was left behind: the procedure itself asks for the role.
    let colleague = key(COLLEAGUE);
    let gone = "DELETE FROM lienthu.StaffRole WHERE login_name = @P1";
    admin.report(gone, &[COLLEAGUE.to_owned()]).await?;
    let mut connection = plain(site, COLLEAGUE).await?;
    refused(&mut connection, &event("Q1"), No::Number(51_204), findings).await;
    admin.set_active(&colleague, false).await?;
    let mut connection = plain(site, COLLEAGUE).await?;
    let look = "EXEC lienthu.FreeCopies N'x'";
    refused(&mut connection, look, No::Number(51_202), findings).await;
    admin.set_active(&colleague, true).await?;
    admin.set_roles(&colleague, &[Role::Librarian]).await?;

    let after = rows(admin).await?;
    findings.check("nothing of it left anything behind", before == after, || {
        format!("rows before {before:?}, after {after:?}")
    });
    Ok(())
}

async fn refused(connection: &mut SqlServerAdmin, batch: &str, no: No, findings: &mut Findings) {
    let answer = tried(connection, batch).await;
    let holds = match (&answer, no) {
        (Ok(()), _) => false,
        (Err(words), No::Somehow) => words.contains("(code: "),
        (Err(words), No::Right) => is_no_right(words),
        (Err(words), No::Number(number)) => words.contains(&format!("(code: {number},")),
    };
    let said = || format!("{batch}: {answer:?}");
    findings.check("a driver can do no more than the program", holds, said);
}

/// How many rows each table has.
async fn rows(admin: &mut SqlServerAdmin) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let mut rows = BTreeMap::new();
    for line in expected().into_iter().filter(|line| line.kind == ObjectKind::Table) {
        let count = format!("SELECT COUNT(*) AS n FROM {}", line.object);
        let count = admin.report(&count, &[]).await?.into_iter().flatten().flatten().next();
        rows.insert(line.object, count.unwrap_or_default());
    }
    Ok(rows)
}
