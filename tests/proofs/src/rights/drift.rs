//! What `site check` finds: nothing at a site as it was migrated, and by name what was done to it.

use std::sync::Arc;

use lienthu_api::system::wall_clock;
use lienthu_conformance::TestSite as _;
use lienthu_conformance::kit::{
    COPIES, Desk, HERE, LIBRARIAN, PATRONS, at, copy, credentials, fact, key, patron,
};
use lienthu_conformance::sqlserver::SqlServerTestSite;
use lienthu_domain::times::ZoneOffset;
use lienthu_port::lookup::PatronChange;
use lienthu_sqlserver::SqlServerAdmin;
use lienthu_sqlserver::check::{Finding, Severity, check};
use lienthu_sqlserver::migrate::Founding;

use crate::kit::findings::Findings;

/// Done to a site, what is found by it, and undone.
const DRIFT: &[(&str, &str, &str)] = &[
    (
        "GRANT SELECT ON dbo.DOCGIA TO public",
        "right_beyond public SELECT dbo.DOCGIA",
        "REVOKE SELECT ON dbo.DOCGIA FROM public",
    ),
    (
        "GRANT UPDATE ON dbo.PHIEUMUON TO QUANLY",
        "right_beyond QUANLY UPDATE dbo.PHIEUMUON",
        "REVOKE UPDATE ON dbo.PHIEUMUON FROM QUANLY",
    ),
    (
        "CREATE ROLE nhom_cu; GRANT DELETE ON dbo.SACH TO nhom_cu",
        "right_beyond nhom_cu DELETE dbo.SACH",
        "REVOKE DELETE ON dbo.SACH FROM nhom_cu; DROP ROLE nhom_cu",
    ),
    (
        "GRANT EXECUTE ON lienthu.TakeNumber TO THUTHU",
        "right_beyond THUTHU EXECUTE lienthu.TakeNumber",
        "REVOKE EXECUTE ON lienthu.TakeNumber FROM THUTHU",
    ),
    (
        "REVOKE EXECUTE ON lienthu.FreeCopies FROM DAILY",
        "right_missing DAILY EXECUTE lienthu.FreeCopies",
        "GRANT EXECUTE ON lienthu.FreeCopies TO DAILY",
    ),
    (
        "ALTER ROLE THUTHU DROP MEMBER staff_thuthu",
        "role_out_of_step thuthu THUTHU",
        "ALTER ROLE THUTHU ADD MEMBER staff_thuthu",
    ),
    (
        "ALTER ROLE QUANLY ADD MEMBER staff_thuthu",
        "member_not_staff staff_thuthu QUANLY",
        "ALTER ROLE QUANLY DROP MEMBER staff_thuthu",
    ),
    (
        "DISABLE TRIGGER dbo.NoteSach ON dbo.SACH",
        "trigger_disabled NoteSach",
        "ENABLE TRIGGER dbo.NoteSach ON dbo.SACH",
    ),
    (
        "ALTER TABLE dbo.DOCGIA DROP CONSTRAINT CHK_DocGia_MaCN",
        "constraint_missing CHK_DocGia_MaCN",
        "ALTER TABLE dbo.DOCGIA ADD CONSTRAINT CHK_DocGia_MaCN CHECK (MaCN_DangKy = 'Q1')",
    ),
    (
        "UPDATE lienthu.Counter SET taken = 1",
        "counter_taken",
        "UPDATE lienthu.Counter SET taken = 0",
    ),
    (
        "DISABLE TRIGGER dbo.FoldQuyenSach ON dbo.QUYENSACH;
         UPDATE dbo.QUYENSACH SET TinhTrang = N'Có sẵn' WHERE TrangThai = 'on_loan';
         ENABLE TRIGGER dbo.FoldQuyenSach ON dbo.QUYENSACH",
        "state_out_of_step",
        "UPDATE dbo.QUYENSACH SET TinhTrang = N'Đang được mượn' WHERE TrangThai = 'on_loan'",
    ),
    (
        "DELETE FROM lienthu.Change WHERE kind = 2",
        "rows_unnoted dbo.SACH",
        "UPDATE dbo.SACH SET TenSach = TenSach",
    ),
];

pub(super) async fn run(
    site: &Arc<SqlServerTestSite>,
    admin: &mut SqlServerAdmin,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    lend(site).await?;
    let clean = seen(site).await?;
    findings.check("a site as it was migrated is clean", clean.is_empty(), || format!("{clean:?}"));
    for (done, found, undone) in DRIFT {
        eprintln!("{found}");
        admin.by_hand(done).await?;
        let drift = seen(site).await?;
        let is_named = drift.len() == 1 && drift[0].starts_with(found);
        findings.check("drift is named, and nothing else", is_named, || {
            format!("{done}: found {drift:?}")
        });
        admin.by_hand(undone).await?;
    }
    let clean = seen(site).await?;
    findings
        .check("what was undone is not found any more", clean.is_empty(), || format!("{clean:?}"));
    findings.figure("drift", DRIFT.len());
    Ok(())
}

/// A site where books are lent: what is as it should be must not be found either.
async fn lend(site: &Arc<SqlServerTestSite>) -> anyhow::Result<()> {
    let librarian = site.connector().connect(&credentials(LIBRARIAN)).await?;
    librarian.add_copies(&[copy(COPIES[0]), copy(COPIES[1])]).await?;
    let patron = patron(PATRONS[0], "STUDENT");
    librarian.put_patron(&PatronChange { patron, seen: None }).await?;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let other = desk.borrow(COPIES[1], PATRONS[0], at(2));
    let back = desk.take_back(COPIES[1], at(3));
    librarian.submit(None, &[fact(&lent), fact(&other), fact(&back)]).await?;
    Ok(())
}

/// What somebody should see to, each as its code and its particulars.
async fn seen(site: &Arc<SqlServerTestSite>) -> anyhow::Result<Vec<String>> {
    let founding = Founding { branch: key(HERE), zone: ZoneOffset::VIET_NAM };
    let found =
        check(site.config(), &site.administrator_credentials(), &founding, wall_clock).await?;
    let found = found.into_iter().filter(|finding| finding.severity() > Severity::Notice);
    Ok(found.map(|finding| words(&finding)).collect())
}

fn words(finding: &Finding) -> String {
    let particulars = match finding {
        Finding::RightBeyond { grantee, verb, object }
        | Finding::RightMissing { grantee, verb, object } => format!("{grantee} {verb} {object}"),
        Finding::RoleOutOfStep { login, role } => format!("{login} {role}"),
        Finding::MemberNotStaff { user, role } => format!("{user} {role}"),
        Finding::TriggerDisabled { trigger } => trigger.clone(),
        Finding::ConstraintMissing { constraint } => constraint.clone(),
        Finding::RowsUnnoted { table, rows } => format!("{table} {rows}"),
        other => other.message().en,
    };
    format!("{} {particulars}", finding.code())
}
