//! Life at a site that was adopted: the app lends and returns, old programs go on, and what they write is
//! folded and followed.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use lienthu_conformance::follower::Follower;
use lienthu_conformance::kit::{Desk, request};
use lienthu_domain::copy::CopyState;
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::rights::Role;
use lienthu_port::feed::{FeedRow, RowKind};
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION};
use lienthu_port::seed::StaffSeed;
use lienthu_port::site::{Credentials, Site, SiteConnector as _};
use lienthu_port::submit::{Outcome, Sending};
use lienthu_sqlserver::{SqlServerAdmin, SqlServerConnector};
use uuid::Uuid;

use super::customer::{BRANCH, Customer};
use crate::kit::findings::Findings;
use crate::kit::keys::key;

/// Copies and patrons that the story needs.
const NEEDED: usize = 4;

/// A librarian's desk at the site, beside the customer's programs.
struct Scene<'a> {
    customer: &'a Customer,
    site: Arc<dyn Site>,
    desk: Desk,
    cache: Follower,
    /// Free copies, and patrons who have nothing.
    copies: Vec<Barcode>,
    patrons: Vec<PatronCode>,
}

/// The app and the old programs, one after the other.
///
/// # Errors
/// When the site fails.
pub async fn goes_on(customer: &Customer, findings: &mut Findings) -> anyhow::Result<()> {
    let mut scene = Scene::open(customer, findings).await?;
    scene.app_lends_and_returns(findings).await?;
    scene.old_procedures_work(findings).await?;
    scene.old_statements_work(findings).await
}

impl<'a> Scene<'a> {
    async fn open(customer: &'a Customer, findings: &mut Findings) -> anyhow::Result<Self> {
        let id = Uuid::new_v4().simple();
        let person = StaffSeed {
            login: key(format!("thu_thu_{id}")),
            name: "Nguyễn Thị Lan".to_owned(),
            password: format!("mật khẩu {id}").into(),
            roles: vec![Role::Librarian],
        };
        let mut admin = SqlServerAdmin::open(&customer.config, &customer.admin).await?;
        admin.put_person(&person).await?;
        customer
            .by_hand(
                "INSERT INTO lienthu.LoanPolicy (branch, category, loan_days, loans_max, renewals_max,
                     renewal_days, may_override)
                 VALUES ('', '', 14, 5, 2, 7, 1)",
            )
            .await?;
        let connector = SqlServerConnector::new(customer.config.clone(), key(BRANCH));
        let who = Credentials { login: person.login.clone(), password: person.password };
        let site = connector.connect(&who).await?;
        let desk = Desk::at_branch(1, &key(BRANCH), &person.login);
        let cache = Follower::filled(&site).await;
        findings.figure("feed_copies", cache.count(RowKind::Copy));
        findings.figure("feed_patrons", cache.count(RowKind::Patron));
        findings.figure("feed_open_loans", cache.count(RowKind::OpenLoan));
        let mut scene =
            Self { customer, site, desk, cache, copies: Vec::new(), patrons: Vec::new() };
        scene.holds_what_the_tables_hold(findings).await?;
        scene.choose()?;
        Ok(scene)
    }

    /// What the feed brings, and what the histories show, is what the customer's own reports count.
    async fn holds_what_the_tables_hold(&self, findings: &mut Findings) -> anyhow::Result<()> {
        for (kind, table) in [
            (RowKind::Branch, "CHINHANH"),
            (RowKind::Title, "SACH"),
            (RowKind::Patron, "DOCGIA"),
            (RowKind::Copy, "QUYENSACH"),
            (RowKind::OpenLoan, "PHIEUMUON WHERE NgayTra IS NULL"),
        ] {
            let counted = self.count(&format!("SELECT COUNT(*) AS n FROM dbo.{table}")).await?;
            let followed = self.cache.count(kind);
            findings.check("the feed brings every row of the tables", counted == followed, || {
                format!("{table}: {counted} rows, {followed} followed")
            });
        }
        let query = "SELECT TOP (1) MaQuyenSach AS copy FROM dbo.PHIEUMUON AS m
                     WHERE m.NgayTra IS NOT NULL
                         AND EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = m.MaQuyenSach)
                     GROUP BY MaQuyenSach ORDER BY COUNT(*) DESC, MaQuyenSach";
        let lent = self.customer.report(query, &[]).await?.into_iter().flatten().flatten().next();
        let Some(lent) = lent else { return Ok(()) };
        let rows = format!("SELECT COUNT(*) AS n FROM dbo.PHIEUMUON WHERE MaQuyenSach = '{lent}'");
        let (counted, shown) = (self.count(&rows).await?, self.loans(&key(&lent)).await?.len());
        findings.figure("history_loans", shown);
        findings.check("a copy's loans of before are in its history", counted == shown, || {
            format!("{lent}: {counted} rows, {shown} shown")
        });
        Ok(())
    }

    fn choose(&mut self) -> anyhow::Result<()> {
        let rows = self.cache.shown.values();
        let busy: Vec<PatronCode> = rows
            .clone()
            .filter_map(|row| match row {
                FeedRow::OpenLoan(loan) => Some(loan.patron.clone()),
                _ => None,
            })
            .collect();
        for row in rows {
            match row {
                FeedRow::Copy(copy) if copy.state == CopyState::Free => {
                    self.copies.push(copy.barcode.clone());
                }
                FeedRow::Patron(card) if !busy.contains(&card.code) => {
                    self.patrons.push(card.code.clone());
                }
                _ => {}
            }
        }
        ensure!(
            self.copies.len() >= NEEDED && self.patrons.len() >= NEEDED,
            "the story needs {NEEDED} free copies, and as many patrons who have nothing"
        );
        Ok(())
    }

    async fn app_lends_and_returns(&mut self, findings: &mut Findings) -> anyhow::Result<()> {
        let (copy, patron) = (self.copies[0].clone(), self.patrons[0].clone());
        let now = self.now().await?;
        let lent = self.desk.borrow(copy.as_str(), patron.as_str(), now);
        let done = matches!(self.send(request(&lent)).await?, Outcome::Done { loan: Some(_), .. });
        findings.check("the app lends", done, || copy.to_string());
        self.agrees(&copy, CopyState::OnLoan, findings).await?;
        let now = self.now().await?;
        let back = self.desk.take_back(copy.as_str(), now);
        let done = matches!(self.send(request(&back)).await?, Outcome::Done { loan: Some(_), .. });
        findings.check("the app takes back", done, || copy.to_string());
        self.agrees(&copy, CopyState::Free, findings).await
    }

    /// The procedures that were there, called by their program, which has lost its rights on the tables.
    async fn old_procedures_work(&mut self, findings: &mut Findings) -> anyhow::Result<()> {
        let (copy, patron) = (self.copies[1].clone(), self.patrons[1].clone());
        let mut program = self.customer.old_program().await?;
        let at_the_table = program.report("SELECT COUNT(*) AS n FROM dbo.PHIEUMUON", &[]).await;
        findings.check("rights that are revoked are gone", at_the_table.is_err(), || "it reads on");
        if !(self.customer.has("sp_ThuThu_Muon").await?
            && self.customer.has("sp_ThuThu_Tra").await?)
        {
            findings.skip(
                "an old procedure still works",
                "the script makes no sp_ThuThu_Muon and _Tra",
            );
            return Ok(());
        }
        // A session whose call was refused is not used again; see chain-ownership.sql.
        let mut program = self.customer.old_program().await?;
        let lends = "EXEC dbo.sp_ThuThu_Muon @MaDG = @P1, @MaQuyenSach = @P2";
        let said = program.report(lends, &[patron.to_string(), copy.to_string()]).await?;
        let said = said.into_iter().flatten().flatten().next();
        let loan = self.open_loan(&copy).await?;
        let is_right = loan.as_ref().is_some_and(|loan| {
            loan.patron == patron && said.as_ref().is_none_or(|no| *no == loan.no.to_string())
        });
        findings.check("an old procedure lends, and reads its own @@IDENTITY", is_right, || {
            format!("it said {said:?}, the site has {loan:?}")
        });
        self.agrees(&copy, CopyState::OnLoan, findings).await?;

        let other = self.patrons[2].clone();
        let now = self.now().await?;
        let again = self.desk.borrow(copy.as_str(), other.as_str(), now);
        let outcome = self.send(request(&again)).await?;
        let is_refused = matches!(&outcome, Outcome::Refused { reasons }
            if reasons.first() == Some(&Refusal::CopyOnLoan));
        findings.check("the app knows what the old procedure has lent", is_refused, || {
            format!("{outcome:?}")
        });

        let returns = "EXEC dbo.sp_ThuThu_Tra @MaQuyenSach = @P1";
        program.report(returns, &[copy.to_string()]).await?;
        self.agrees(&copy, CopyState::Free, findings).await
    }

    /// A program that writes the tables itself, under rights that were kept.
    async fn old_statements_work(&mut self, findings: &mut Findings) -> anyhow::Result<()> {
        self.customer.grant_tables().await?;
        let mut program = self.customer.old_program().await?;
        let (one, two) = (self.copies[2].clone(), self.copies[3].clone());
        let (first, second) = (self.patrons[2].clone(), self.patrons[3].clone());
        let rows = program
            .report(
                "DECLARE @made TABLE (MaPM INT NOT NULL);
                 INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN)
                 OUTPUT inserted.MaPM INTO @made (MaPM)
                 SELECT @P1, MaQuyenSach, MaCN FROM dbo.QUYENSACH WHERE MaQuyenSach IN (@P2, @P3);
                 SELECT MaPM AS MaPM FROM @made ORDER BY MaPM",
                &[first.to_string(), one.to_string(), two.to_string()],
            )
            .await?;
        findings.check("OUTPUT tells of two rows", rows.len() == 2, || format!("{rows:?}"));
        self.agrees(&one, CopyState::OnLoan, findings).await?;
        self.agrees(&two, CopyState::OnLoan, findings).await?;

        // A return, a return taken back, another reader, a row that is deleted.
        let mut statement = async |text: &str, texts: &[String]| program.report(text, texts).await;
        let returned = "UPDATE dbo.PHIEUMUON SET NgayTra = GETDATE() WHERE MaQuyenSach = @P1 AND NgayTra IS NULL";
        statement(returned, &[one.to_string()]).await?;
        self.agrees(&one, CopyState::Free, findings).await?;
        let no = self.loans(&one).await?.first().context("the loan is shown")?.no.to_string();
        let reopened = "UPDATE dbo.PHIEUMUON SET NgayTra = NULL WHERE MaPM = CAST(@P1 AS INT)";
        statement(reopened, std::slice::from_ref(&no)).await?;
        self.agrees(&one, CopyState::OnLoan, findings).await?;
        let changed = "UPDATE dbo.PHIEUMUON SET MaDG = @P2 WHERE MaPM = CAST(@P1 AS INT)";
        statement(changed, &[no.clone(), second.to_string()]).await?;
        let loan = self.open_loan(&one).await?;
        let is_theirs = loan.as_ref().is_some_and(|l| l.patron == second && l.no.to_string() == no);
        findings.check("a loan whose reader is changed keeps its MaPM", is_theirs, || {
            format!("{loan:?}")
        });
        let deleted =
            "DELETE FROM dbo.PHIEUMUON WHERE NgayTra IS NULL AND MaQuyenSach IN (@P1, @P2)";
        statement(deleted, &[one.to_string(), two.to_string()]).await?;
        self.agrees(&one, CopyState::Free, findings).await?;
        self.agrees(&two, CopyState::Free, findings).await?;

        // TinhTrang alone moves nothing.
        let set = "UPDATE dbo.QUYENSACH SET TinhTrang = N'Đang được mượn' WHERE MaQuyenSach = @P1";
        statement(set, &[two.to_string()]).await?;
        self.agrees(&two, CopyState::Free, findings).await
    }

    /// That the site, the feed and the column that old reports read say the same of a copy.
    async fn agrees(
        &mut self,
        barcode: &Barcode,
        state: CopyState,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let at_site = self.site.copy(barcode).await?.context("the site knows the copy")?.copy.state;
        self.cache.follow(&self.site).await.map_err(|why| anyhow::anyhow!("refill: {why:?}"))?;
        let row = self.cache.shown.get(&(RowKind::Copy, barcode.to_string()));
        let followed = row.and_then(|row| match row {
            FeedRow::Copy(copy) => Some(copy.state),
            _ => None,
        });
        let open = self
            .cache
            .shown
            .values()
            .filter(|row| matches!(row, FeedRow::OpenLoan(loan) if loan.copy == *barcode));
        let open = open.count();
        let column = self
            .customer
            .report(
                "SELECT TinhTrang AS TinhTrang FROM dbo.QUYENSACH WHERE MaQuyenSach = @P1",
                &[barcode.as_str()],
            )
            .await?;
        let column = column.into_iter().flatten().flatten().next().unwrap_or_default();
        let expected =
            if state == CopyState::Free { "Có sẵn" } else { "Đang được mượn" };
        let holds = at_site == state
            && followed == Some(state)
            && open == usize::from(state == CopyState::OnLoan)
            && column == expected;
        findings.check("site, feed and TinhTrang agree", holds, || {
            format!("{barcode}, to be {state:?}: {at_site:?}, {followed:?}, {open} open, {column}")
        });
        Ok(())
    }

    async fn now(&self) -> anyhow::Result<lienthu_domain::times::UtcMs> {
        let hello =
            Hello { protocol: PROTOCOL_VERSION, desk: self.desk.id(), known: self.cache.watermark };
        Ok(self.site.hello(&hello).await?.now)
    }

    async fn send(&self, sending: Sending) -> anyhow::Result<Outcome> {
        let receipts = self.site.submit(None, &[sending]).await?;
        let receipt = receipts.receipts.into_iter().next();
        Ok(receipt.context("a receipt for the event")?.outcome)
    }

    async fn loans(&self, barcode: &Barcode) -> anyhow::Result<Vec<Loan>> {
        Ok(self.site.copy(barcode).await?.context("the site knows the copy")?.loans)
    }

    async fn open_loan(&self, barcode: &Barcode) -> anyhow::Result<Option<Loan>> {
        Ok(self.loans(barcode).await?.into_iter().find(Loan::is_open))
    }

    async fn count(&self, query: &str) -> anyhow::Result<usize> {
        let counted = self.customer.report(query, &[]).await?;
        let counted = counted.into_iter().flatten().flatten().next().context("a count")?;
        Ok(counted.parse()?)
    }
}
