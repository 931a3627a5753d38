//! The app, opened for one command.

use std::io::{BufRead, Write, stderr};
use std::sync::Arc;

use lienthu_api::app::{App, KeyPolicy, Options};
use lienthu_api::command::Command;
use lienthu_api::commands::{GetView, QueueSend, SignIn};
use lienthu_api::folders::{NETWORK_FILE, desk_folder};
use lienthu_api::logging;

use crate::arguments::{Area, Terms};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::password::password;
use crate::report::{Notices, Reply, Report};

/// See the module.
pub struct Opened<'a> {
    /// For whoever tends the line while scans are taken.
    pub(crate) app: Arc<App>,
    pub(crate) terms: &'a Terms,
}

impl<'a> Opened<'a> {
    /// Opens the desk for a command, and says what whoever works here must hear. The lines of embedded
    /// sites can be cut by what is about a demo; a network file that cannot be used stops everything but
    /// what mends it.
    ///
    /// # Errors
    /// `NoFolder`, and why the app does not start.
    pub async fn open(terms: &'a Terms, area: &Area) -> Result<(Self, Notices), Failure> {
        let folder = terms.data.clone().or_else(desk_folder).ok_or(Failure::NoFolder)?;
        let log = if terms.verbose { logging::start_aloud } else { logging::start };
        if let Err(reason) = log(&folder)
            && !terms.quiet
        {
            // Without a log a desk still works, and nobody reads what cannot be written.
            writeln!(stderr(), "lienthu-cli: no log is written: {reason}").ok();
        }
        let options = Options {
            network: terms.network.clone().unwrap_or_else(|| folder.join(NETWORK_FILE)),
            folder,
            key: if terms.key_file { KeyPolicy::KeyFile } else { KeyPolicy::Keychain },
            demo: matches!(area, Area::Demo(_)),
        };
        let app = match area {
            Area::Network(_) => App::open_to_mend(&options).await?,
            _ => App::open(&options).await?,
        };
        let opened = Self { app, terms };
        let view = opened.execute(GetView {}).await?;
        let notices = Notices { warnings: view.warnings, interrupted: view.desk.interrupted };
        Ok((opened, notices))
    }

    /// Signs in, where a login was given.
    ///
    /// # Errors
    /// Those of [`password`] and of the sign-in.
    pub async fn sign_in(&self, input: &mut impl BufRead) -> Result<(), Failure> {
        if let Some(login) = self.terms.login.clone() {
            let password = password(self.terms.password_stdin, input, self.terms.language())?;
            self.execute(SignIn { login, password }).await?;
        }
        Ok(())
    }

    /// Gets in touch with the site before anything else, so that what waits goes first and what the
    /// desk knows is fresh. A site that cannot be worked with is no failure here: the command that
    /// follows goes on without it, or says that it needs it.
    ///
    /// # Errors
    /// `not_signed_in`, `forbidden`, and those of the desk's own files.
    pub async fn contact(&self) -> Result<(), Failure> {
        match self.execute(QueueSend {}).await {
            Err(failure) if matches!(failure.exit(), Exit::NotAllowed | Exit::LocalFiles) => {
                Err(failure)
            }
            _ => Ok(()),
        }
    }

    /// Does what a command asks for.
    ///
    /// # Errors
    /// What the app says.
    pub async fn execute<C: Command>(&self, command: C) -> Result<C::Reply, Failure> {
        Ok(self.app.execute(command).await?)
    }

    /// Does what a command asks for, and reports its answer.
    ///
    /// # Errors
    /// What the app says.
    pub async fn answer<C: Command<Reply: Reply>>(&self, command: C) -> Result<Report, Failure> {
        Ok(self.report(&self.execute(command).await?))
    }

    /// Reports an answer.
    #[must_use]
    pub fn report(&self, reply: &impl Reply) -> Report {
        Report::of(reply, self.terms, self.app.desk().zone())
    }
}
