//! Who works in the demo's branches. The passwords are printed at the start of a demo and stand in this
//! crate's README: they protect nothing.

use lienthu_domain::ids::{BranchCode, StaffLogin};
use lienthu_domain::rights::Role;
use lienthu_port::seed::StaffSeed;
use lienthu_port::site::Credentials;

use crate::error::DemoError;

/// The password of everyone in the demo who is a person.
pub const PASSWORD: &str = "muonsach";
/// The manager's login, at every site.
pub const MANAGER: &str = "quanly";
const MANAGER_NAME: &str = "Đỗ Thanh Hằng";
/// The agent's login, at every site.
const AGENT: &str = "daily";
/// A real network draws a secret for each site; the demo's is no secret.
const AGENT_PASSWORD: &str = "daily-cua-mang-thu-nghiem";

/// Librarians: the first half of their login, name, branch.
const LIBRARIANS: [(&str, &str, &str); 6] = [
    ("lan", "Nguyễn Thị Lan", "Q1"),
    ("minh", "Trần Quang Minh", "Q1"),
    ("hoa", "Lê Thị Hoa", "Q3"),
    ("tuan", "Phạm Anh Tuấn", "Q3"),
    ("mai", "Võ Thị Mai", "Q5"),
    ("phuc", "Lý Gia Phúc", "Q5"),
];

/// Someone who can sign in at the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What they sign in with; the password is [`PASSWORD`].
    pub login: String,
    /// Their name.
    pub name: &'static str,
    /// Where they work; at every branch where none is named.
    pub branch: Option<&'static str>,
}

/// Everyone who can sign in at the demo, librarians first.
#[must_use]
pub fn accounts() -> Vec<Account> {
    let librarians = LIBRARIANS.iter().map(|(login, name, branch)| Account {
        login: librarian_login(login, branch),
        name,
        branch: Some(branch),
    });
    let manager = Account { login: MANAGER.to_owned(), name: MANAGER_NAME, branch: None };
    librarians.chain([manager]).collect()
}

/// The logins of a branch's librarians, such as `lan.q1`.
pub(crate) fn librarians(branch: &BranchCode) -> Result<Vec<StaffLogin>, DemoError> {
    LIBRARIANS
        .iter()
        .filter(|(_, _, at)| *at == branch.as_str())
        .map(|(login, _, at)| self::login(&librarian_login(login, at)))
        .collect()
}

/// Everyone with a login at a branch's site.
pub(crate) fn of_branch(branch: &BranchCode) -> Result<Vec<StaffSeed>, DemoError> {
    let mut staff = Vec::new();
    for (name_in_login, name, at) in LIBRARIANS {
        if at == branch.as_str() {
            let login = login(&librarian_login(name_in_login, at))?;
            staff.push(person(login, name, PASSWORD, Role::Librarian));
        }
    }
    staff.push(person(login(MANAGER)?, MANAGER_NAME, PASSWORD, Role::Manager));
    staff.push(person(login(AGENT)?, "Đại lý của mạng", AGENT_PASSWORD, Role::Agent));
    Ok(staff)
}

/// What a person of the demo signs in with.
pub(crate) fn credentials(login: &StaffLogin) -> Credentials {
    Credentials { login: login.clone(), password: PASSWORD.into() }
}

/// The manager's credentials.
pub(crate) fn manager() -> Result<Credentials, DemoError> {
    Ok(credentials(&login(MANAGER)?))
}

fn librarian_login(name: &str, branch: &str) -> String {
    format!("{name}.{}", branch.to_lowercase())
}

fn login(text: &str) -> Result<StaffLogin, DemoError> {
    StaffLogin::parse(text).map_err(DemoError::own_key)
}

fn person(login: StaffLogin, name: &str, password: &str, role: Role) -> StaffSeed {
    StaffSeed { login, name: name.to_owned(), password: password.into(), roles: vec![role] }
}
