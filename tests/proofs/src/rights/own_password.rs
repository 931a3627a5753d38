//! Somebody changes their password at a desk, and signs in there with it, also while its site is away.

use std::sync::Arc;

use lienthu_desk::error::DeskError;
use lienthu_port::error::SiteError;
use lienthu_port::password::PasswordRefusal;
use uuid::Uuid;

use crate::kit::branch::{Branch, LOGIN, PASSWORD};
use crate::kit::clock::VirtualTime;
use crate::kit::findings::Findings;
use crate::kit::folder;
use crate::kit::keys::key;
use crate::kit::station::Station;
use crate::registry::Terms;

const NEW: &str = "Mật khẩu mới của Lan 1";

pub(super) async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let folder = folder::fast()?;
    let time = VirtualTime::new();
    let branch = Branch::found(&folder.path().join("q1.db"), time.site_clock(), 1, 1).await?;
    let clock = time.desk_clock(0, Uuid::from_u128(1));
    let station =
        Station::open(&folder.path().join("desk"), branch.connector(), clock, terms.seed).await?;
    let desk = Arc::clone(&station.desk);
    let permit = desk.signed_in()?;

    let wrong = desk.change_password(&permit, "không phải".into(), NEW.into()).await;
    let why = PasswordRefusal::OldWrong;
    let is_refused = wrong == Err(SiteError::PasswordRefused { why }.into());
    findings.check("a wrong old password is refused by name", is_refused, || format!("{wrong:?}"));
    let changed = desk.change_password(&permit, PASSWORD.into(), NEW.into()).await;
    findings.check("a password changes", changed.is_ok(), || format!("{changed:?}"));

    // The line breaks, and the desk connects again: as whoever is signed in, under the new password.
    station.faults.set_down(true);
    let away = desk.contact().await;
    findings.check("the line was down", away.is_err(), || "it was not");
    station.faults.set_down(false);
    let again = desk.contact().await;
    findings
        .check("the desk goes on under the new password", again.is_ok(), || format!("{again:?}"));

    station.faults.set_down(true);
    desk.sign_out();
    let old = desk.sign_in(key(LOGIN), PASSWORD.into()).await;
    let is_refused = old == Err(DeskError::Site(SiteError::LoginFailed));
    findings.check("offline the old one opens nothing", is_refused, || format!("{old:?}"));
    let new = desk.sign_in(key(LOGIN), NEW.into()).await;
    let is_in = new.as_ref().is_ok_and(|person| person.offline);
    findings.check("offline the new one signs in", is_in, || format!("{new:?}"));
    Ok(())
}
