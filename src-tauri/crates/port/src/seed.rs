//! What a new site is filled with before anyone signs in: the replicated tables and the people. Later
//! changes to them go over all sites at once and are no business of a single site.

use lienthu_domain::ids::{BranchCode, StaffLogin};
use lienthu_domain::replicated::{Branch, ClosedDay, LoanPolicy, Title};
use lienthu_domain::rights::Role;
use lienthu_domain::times::ZoneOffset;
use secrecy::SecretString;

/// A person with a login at a site.
#[derive(Debug, Clone)]
pub struct StaffSeed {
    /// The login.
    pub login: StaffLogin,
    /// For the screen.
    pub name: String,
    /// The first password.
    pub password: SecretString,
    /// What they are.
    pub roles: Vec<Role>,
}

/// The beginning of a site.
#[derive(Debug, Clone)]
pub struct SiteSeed {
    /// The site's own branch; one of `branches`.
    pub branch: BranchCode,
    /// The recorded offset.
    pub zone: ZoneOffset,
    /// CHINHANH.
    pub branches: Vec<Branch>,
    /// SACH.
    pub titles: Vec<Title>,
    /// Loan policy.
    pub policies: Vec<LoanPolicy>,
    /// Closed days.
    pub closed_days: Vec<ClosedDay>,
    /// People.
    pub staff: Vec<StaffSeed>,
}
