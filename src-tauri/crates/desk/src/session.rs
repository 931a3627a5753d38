//! Who is signed in. Online the site decides; offline a sealed verifier does, for people who signed in
//! at this desk before.

use std::sync::Arc;
use std::time::Duration;

use lienthu_domain::ids::StaffLogin;
use lienthu_port::cache::SealedSignIn;
use lienthu_port::error::{SiteError, StoreError};
use lienthu_port::handshake::WhoAmI;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::desk::{Desk, read, write};
use crate::error::DeskError;
use crate::offline_sign_in::{Verdict, opens, seal, verdict};

/// How long a sign-in waits for the site before it goes on offline.
pub const CONNECT_MS_MAX: u64 = 8_000;

/// Whoever is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Person {
    /// Login, name and roles.
    #[serde(flatten)]
    pub who: WhoAmI,
    /// Signed in without the site.
    pub offline: bool,
}

pub(crate) struct Session {
    pub(crate) person: Arc<Person>,
    /// Kept in memory only, to connect again when the line is back.
    pub(crate) credentials: Credentials,
    /// The site said no to them since: they are not tried again.
    pub(crate) rejected: bool,
}

/// A connection, and the way it was made in.
pub(crate) struct Reached {
    pub(crate) site: Arc<dyn Site>,
    way: Arc<dyn SiteConnector>,
}

/// Proof that someone with a right is signed in; [`Desk::permit`] gives it.
#[derive(Debug, Clone)]
pub struct Permit {
    login: StaffLogin,
}

impl Permit {
    pub(crate) fn for_person(person: &Person) -> Self {
        Self { login: person.who.login.clone() }
    }

    /// Whose.
    #[must_use]
    pub const fn login(&self) -> &StaffLogin {
        &self.login
    }
}

impl Desk {
    /// Signs someone in, at the site if it can be worked with, else by what this desk remembers of them.
    ///
    /// # Errors
    /// `NotEnrolled`; `LoginFailed`; offline `NoOfflineSignIn` and `WaitAfterFailures`; whatever the
    /// site or the desk's files say.
    pub async fn sign_in(
        &self,
        login: StaffLogin,
        password: SecretString,
    ) -> Result<Person, DeskError> {
        let credentials = Credentials { login, password };
        let person = match self.connect(&credentials).await {
            Ok(reached) => self.sign_in_online(&credentials, reached).await,
            Err(error) => Err(error),
        };
        let person = match person {
            // Without a way home, a desk goes on alone as it does without a line.
            Err(DeskError::NoSuchBranch) => self.sign_in_offline(&credentials).await?,
            Err(DeskError::Site(error)) if error.lets_desks_go_on() => {
                let state = self.state.borrow().failed(self.clock.read().wall);
                self.set_state(state);
                let person = match self.sign_in_offline(&credentials).await {
                    // Someone has to mend the site; that is what to say.
                    Err(DeskError::NoOfflineSignIn) if !error.is_line_down() => Err(error.into()),
                    person => person,
                }?;
                // Of whoever was signed in before.
                *write(&self.site) = None;
                person
            }
            other => other?,
        };
        *write(&self.session) =
            Some(Session { person: Arc::new(person.clone()), credentials, rejected: false });
        self.set_trouble(None);
        self.wake.notify_one();
        Ok(person)
    }

    /// Signs out. What waits stays, until someone with the right signs in.
    pub fn sign_out(&self) {
        *write(&self.session) = None;
        *write(&self.site) = None;
        self.changed();
    }

    /// Connects to the home site, within [`CONNECT_MS_MAX`].
    pub(crate) async fn connect(&self, credentials: &Credentials) -> Result<Reached, DeskError> {
        let way = self.home()?;
        let limit = Duration::from_millis(CONNECT_MS_MAX);
        let site =
            tokio::time::timeout(limit, way.connect(credentials)).await.map_err(|_| {
                SiteError::Unreachable { detail: format!("no answer within {CONNECT_MS_MAX} ms") }
            })??;
        Ok(Reached { site, way })
    }

    async fn sign_in_online(
        &self,
        credentials: &Credentials,
        reached: Reached,
    ) -> Result<Person, DeskError> {
        let welcome = self.greet(&reached.site).await?;
        self.seal(welcome.who.clone(), &credentials.password).await?;
        self.take_agents_if_possible(&reached.site, &welcome.who).await;
        self.keep(reached)?;
        Ok(Person { who: welcome.who, offline: false })
    }

    /// Lets somebody sign in with this password, which the site has just accepted, while it is away.
    pub(crate) async fn seal(&self, who: WhoAmI, password: &SecretString) -> Result<(), DeskError> {
        let password = password.clone();
        let verifier = tokio::task::spawn_blocking(move || seal(&password))
            .await
            .map_err(|e| StoreError::Unexpected { detail: e.to_string() })??;
        let sealed = SealedSignIn {
            who,
            verifier,
            online_at: self.clock.read().wall,
            failures: 0,
            failed_at: None,
        };
        Ok(self.cache.seal_sign_in(&sealed).await?)
    }

    async fn sign_in_offline(&self, credentials: &Credentials) -> Result<Person, DeskError> {
        let mut sealed = self
            .cache
            .sealed_sign_in(&credentials.login)
            .await?
            .ok_or(DeskError::NoOfflineSignIn)?;
        let now = self.clock.read().wall;
        match verdict(&sealed, now) {
            Verdict::Expired => return Err(DeskError::NoOfflineSignIn),
            Verdict::Wait { seconds } => return Err(DeskError::WaitAfterFailures { seconds }),
            Verdict::LookAtPassword => {}
        }
        // Counted before the password is looked at: pulling the plug gives no free try.
        sealed.failures = sealed.failures.saturating_add(1);
        sealed.failed_at = Some(now);
        self.cache.seal_sign_in(&sealed).await?;
        let (verifier, password) = (sealed.verifier.clone(), credentials.password.clone());
        let right = tokio::task::spawn_blocking(move || opens(&verifier, &password))
            .await
            .map_err(|e| StoreError::Unexpected { detail: e.to_string() })??;
        if !right {
            return Err(SiteError::LoginFailed.into());
        }
        sealed.failures = 0;
        sealed.failed_at = None;
        self.cache.seal_sign_in(&sealed).await?;
        Ok(Person { who: sealed.who, offline: true })
    }

    /// The credentials of whoever the permit was given to, to sign in at other sites.
    ///
    /// # Errors
    /// `NotSignedIn` when it is somebody else by now; `LoginFailed` when the site has said no to them.
    pub fn credentials_of(&self, permit: &Permit) -> Result<Credentials, DeskError> {
        let credentials = self.credentials()?;
        let is_theirs = credentials.login == *permit.login();
        if is_theirs { Ok(credentials) } else { Err(DeskError::NotSignedIn) }
    }

    /// The credentials of whoever is signed in, unless the site has said no to them.
    pub(crate) fn credentials(&self) -> Result<Credentials, DeskError> {
        let session = read(&self.session);
        let session = session.as_ref().ok_or(DeskError::NotSignedIn)?;
        if session.rejected {
            Err(SiteError::LoginFailed.into())
        } else {
            Ok(session.credentials.clone())
        }
    }

    /// Notes who the site says that the person signed in is.
    pub(crate) fn confirm_person(&self, who: WhoAmI) {
        if let Some(session) = write(&self.session).as_mut()
            && session.person.who.login == who.login
        {
            session.person = Arc::new(Person { who, offline: false });
        }
    }

    /// Keeps a connection for whoever it was made for. They may have signed out meanwhile, and somebody
    /// else must not work under their login.
    pub(crate) fn keep_connection(
        &self,
        login: &StaffLogin,
        reached: Reached,
    ) -> Result<(), DeskError> {
        let session = read(&self.session);
        if session.as_ref().is_none_or(|s| s.credentials.login != *login) {
            return Err(DeskError::NotSignedIn);
        }
        // Held meanwhile: signing out comes before or after, and then closes this.
        self.keep(reached)
    }

    /// Keeps a connection, unless the way to the home site has become another meanwhile.
    fn keep(&self, reached: Reached) -> Result<(), DeskError> {
        let mut open = write(&self.site);
        if !self.leads_home(&reached.way) {
            let detail = "the network file changed meanwhile".to_owned();
            return Err(SiteError::Unreachable { detail }.into());
        }
        *open = Some(reached.site);
        Ok(())
    }

    /// Notes that the site does not accept somebody's credentials any more, unless they have given others
    /// meanwhile; says whether it was noted.
    pub(crate) fn reject_credentials(&self, rejected: &Credentials) -> bool {
        let mut session = write(&self.session);
        let is_theirs = |s: &&mut Session| {
            s.credentials.login == rejected.login
                && s.credentials.password.expose_secret() == rejected.password.expose_secret()
        };
        let is_noted = match session.as_mut().filter(is_theirs) {
            Some(session) => {
                session.rejected = true;
                true
            }
            None => false,
        };
        drop(session);
        self.changed();
        is_noted
    }
}
