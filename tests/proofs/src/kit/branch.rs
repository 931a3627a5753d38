//! A branch with an embedded site, a librarian, books and readers.

use std::path::Path;
use std::sync::Arc;

use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode, TitleKey};
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::replicated::{self, BranchStanding, LoanPolicy, Title};
use lienthu_domain::rights::Role;
use lienthu_domain::times::ZoneOffset;
use lienthu_embedded::{EmbeddedConnector, EmbeddedSite, Founding, Line, PasswordCost, SiteClock};
use lienthu_port::error::SiteError;
use lienthu_port::seed::{SiteSeed, StaffSeed};
use lienthu_port::site::{Credentials, Site, SiteConnector};

use super::keys::key;

/// The librarian of every branch.
pub const LOGIN: &str = "lan";
/// Her password.
pub const PASSWORD: &str = "mật khẩu của Lan";

/// See the module.
pub struct Branch {
    /// The administrator's side.
    pub site: EmbeddedSite,
    connector: Arc<dyn SiteConnector>,
    clock: SiteClock,
}

impl Branch {
    /// Founds a branch in a new file, with so many books and readers.
    ///
    /// # Errors
    /// What the site says.
    pub async fn found(
        path: &Path,
        clock: SiteClock,
        copies: usize,
        patrons: usize,
    ) -> anyhow::Result<Self> {
        let founding = Founding { password_cost: PasswordCost::TEST };
        let site = EmbeddedSite::create(path, &seed(), clock.clone(), founding).await?;
        site.add_patrons((0..patrons).map(|n| patron_file(patron(n))).collect()).await?;
        site.add_copies((0..copies).map(|n| copy_details(barcode(n))).collect()).await?;
        let connector = Arc::new(site.connector().await?);
        Ok(Self { site, connector, clock })
    }

    /// Its code.
    pub fn code() -> BranchCode {
        key("Q1")
    }

    /// The way to it.
    pub fn connector(&self) -> Arc<dyn SiteConnector> {
        self.connector.clone()
    }

    /// A connection of the librarian's, over a line without faults.
    ///
    /// # Errors
    /// What the site says.
    pub async fn librarian(&self) -> anyhow::Result<Arc<dyn Site>> {
        let who = Credentials { login: key(LOGIN), password: PASSWORD.into() };
        Ok(self.connector.connect(&who).await?)
    }

    /// Connects the librarian to what may be a site in another file, and looks at a book there.
    ///
    /// # Errors
    /// What the site says.
    pub async fn connect_to(&self, path: &Path) -> Result<(), SiteError> {
        let clock: SiteClock = self.clock.clone();
        let connector = EmbeddedConnector::new(path.into(), Self::code(), clock, Line::to(path));
        let who = Credentials { login: key(LOGIN), password: PASSWORD.into() };
        connector.connect(&who).await?.copy(&barcode(0)).await?;
        Ok(())
    }
}

/// The `n`th book of a branch.
pub fn barcode(n: usize) -> Barcode {
    key(format!("B{n:05}"))
}

/// The `n`th reader of a branch.
pub fn patron(n: usize) -> PatronCode {
    key(format!("DG{n:05}"))
}

/// The one title that all books are copies of.
fn title() -> TitleKey {
    key("978-604-1-00000-1")
}

/// A book as it is entered.
pub fn copy_details(barcode: Barcode) -> CopyDetails {
    CopyDetails {
        barcode,
        title: title(),
        condition: CopyCondition::Good,
        shelf_mark: String::new(),
        price_vnd: None,
    }
}

/// A reader as they are entered.
pub fn patron_file(code: PatronCode) -> Patron {
    Patron {
        card: PatronCard {
            name: format!("Nguyễn Văn {code}"),
            code,
            branch: Branch::code(),
            category: key("ADULT"),
            card_expires: None,
            block: None,
            home_branch: None,
            home_code: None,
        },
        birth_date: None,
        phone: String::new(),
        email: String::new(),
        deposit_vnd: 0,
        note: String::new(),
    }
}

/// A branch with one title and one librarian, and a policy under which readers soon reach their limits.
pub fn seed() -> SiteSeed {
    SiteSeed {
        branch: Branch::code(),
        zone: ZoneOffset::VIET_NAM,
        branches: vec![replicated::Branch {
            code: Branch::code(),
            name: "Thư viện Quận 1".to_owned(),
            address: String::new(),
            standing: BranchStanding::Active,
        }],
        titles: vec![Title {
            key: title(),
            name: "Dế Mèn phiêu lưu ký".to_owned(),
            author: "Tô Hoài".to_owned(),
            publisher: String::new(),
            year: Some(1941),
            ddc: String::new(),
            language: "vie".to_owned(),
        }],
        policies: vec![LoanPolicy {
            branch: None,
            category: None,
            loan_days: 14,
            loans_max: 3,
            renewals_max: 2,
            renewal_days: 7,
            may_override: true,
        }],
        closed_days: Vec::new(),
        staff: vec![StaffSeed {
            login: key(LOGIN),
            name: "Lan".to_owned(),
            password: PASSWORD.into(),
            roles: vec![Role::Librarian],
        }],
    }
}
