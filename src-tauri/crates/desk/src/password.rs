//! Changing one's own password.

use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;
use secrecy::SecretString;

use crate::contact::{STEP_MS_MAX, within};
use crate::desk::{Desk, read, write};
use crate::error::DeskError;
use crate::session::Permit;

impl Desk {
    /// Gives whoever is signed in another password at the site, and lets them sign in with it here while
    /// the site is away. At other desks the old one still opens what is sealed there, until they sign in
    /// there again.
    ///
    /// # Errors
    /// `NeedsSite`; `PasswordUncertain` when the site's answer was lost; `PasswordRefused`, and whatever
    /// else the site says.
    pub async fn change_password(
        &self,
        permit: &Permit,
        old: SecretString,
        new: SecretString,
    ) -> Result<(), DeskError> {
        let site = self.reach()?;
        let answer = within(STEP_MS_MAX, site.change_password(&old, &new)).await;
        let changed = Credentials { login: permit.login().clone(), password: new };
        match answer {
            Ok(()) => {}
            Err(SiteError::Unreachable { detail }) => {
                self.note_failure(&SiteError::Unreachable { detail });
                return Err(DeskError::NeedsSite);
            }
            // It may have happened. Whether it did, a sign-in tells, if the line is back already.
            Err(lost @ SiteError::ReplyLost { .. }) => {
                self.note_failure(&lost);
                let reached = self.connect(&changed).await;
                let reached = reached.map_err(|_| DeskError::PasswordUncertain)?;
                self.keep_connection(&changed.login, reached)?;
            }
            Err(error) => return Err(error.into()),
        }
        self.take_new_password(&changed);
        self.seal_person(&changed).await
    }

    /// Connects with the new password from now on.
    fn take_new_password(&self, changed: &Credentials) {
        if let Some(session) = write(&self.session).as_mut()
            && session.credentials.login == changed.login
        {
            session.credentials.password = changed.password.clone();
            session.rejected = false;
        }
    }

    async fn seal_person(&self, changed: &Credentials) -> Result<(), DeskError> {
        let who = read(&self.session)
            .as_ref()
            .filter(|session| session.credentials.login == changed.login)
            .map(|session| session.person.who.clone());
        match who {
            Some(who) => self.seal(who, &changed.password).await,
            // They have signed out meanwhile; the old verifier must not open anything.
            None => Ok(self.cache.forget_sign_in(&changed.login).await?),
        }
    }
}
