//! What a command is, and the one place that looks at its right.

use std::fmt::Display;

use lienthu_desk::error::DeskError;
use lienthu_desk::session::Permit;
use lienthu_domain::ids::CorrelationId;
use lienthu_domain::rights::Right;
use lienthu_port::message::Message;
use lienthu_port::world::Ids;
use tracing::Instrument;

use crate::app::App;
use crate::system::SystemIds;

/// What an [`Access`] looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// That somebody is signed in.
    SignIn,
    /// That they have this right.
    Right(Right),
    /// That they may change the network file.
    NetworkKeeper,
}

/// What a command needs of whoever is signed in. A command names one of these, or it does not compile.
pub trait Access {
    /// What the command is handed as proof.
    type Proof: Send;
    /// For the test that lists all commands.
    const NEEDS: Needs;
    /// Looks.
    ///
    /// # Errors
    /// `NotSignedIn`, `Forbidden`, `ManagersOnly`.
    fn prove(app: &App) -> Result<Self::Proof, DeskError>;
}

/// Anyone at this computer: nothing personal is shown and nothing is changed at the site.
#[derive(Debug)]
pub struct Anyone;

impl Access for Anyone {
    type Proof = ();
    const NEEDS: Needs = Needs::Nothing;
    fn prove(_: &App) -> Result<(), DeskError> {
        Ok(())
    }
}

/// Anyone who has signed in: what is shown and changed is their own.
#[derive(Debug)]
pub struct SignedIn;

impl Access for SignedIn {
    type Proof = Permit;
    const NEEDS: Needs = Needs::SignIn;
    fn prove(app: &App) -> Result<Permit, DeskError> {
        app.desk().signed_in()
    }
}

/// Someone who may change the network file: a manager; anyone at a desk that is not enrolled yet, or whose
/// network file cannot be used, because there nobody could sign in to mend it.
#[derive(Debug)]
pub struct KeepNetwork;

impl Access for KeepNetwork {
    type Proof = ();
    const NEEDS: Needs = Needs::NetworkKeeper;
    fn prove(app: &App) -> Result<(), DeskError> {
        if app.desk().enrolment().is_err() || app.network_trouble().is_some() {
            return Ok(());
        }
        app.desk().permit_manager().map(drop)
    }
}

macro_rules! accesses {
    ($( $(#[$doc:meta])* $name:ident; )*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Access for $name {
            type Proof = Permit;
            const NEEDS: Needs = Needs::Right(Right::$name);
            fn prove(app: &App) -> Result<Permit, DeskError> {
                app.desk().permit(Right::$name)
            }
        }
    )* };
}

accesses! {
    /// Someone who may lend.
    Circulate;
    /// Someone who may settle review items.
    SettleReview;
    /// Someone who may keep patrons.
    KeepPatrons;
    /// Someone who may keep copies.
    KeepCopies;
    /// Someone who may look things up at the branch.
    LookUpBranch;
    /// Someone who may look up patrons in the whole network.
    LookUpNetwork;
    /// Someone who may read figures.
    ReadFigures;
    /// Someone whose desk may follow the branch's changes.
    Follow;
    /// Someone who may see how many copies are free.
    CountFree;
    /// Someone who may compare what the sites hold.
    Audit;
    /// Someone who may receive copies that other branches sent.
    Receive;
    /// Someone who may begin transactions over several sites, and choose what becomes of them.
    Decide;
    /// Someone who may finish transactions as they were decided.
    Recover;
}

/// One thing that the window or the command line can ask for.
pub trait Command: Send + Sized {
    /// Its name, in lower case with underscores.
    const NAME: &'static str;
    /// What it needs.
    type Access: Access;
    /// What it answers.
    type Reply: Send;
    /// Why it does not.
    type Error: From<DeskError> + Into<Message> + Display + Send;

    /// Does it.
    fn run(
        self,
        app: &App,
        proof: <Self::Access as Access>::Proof,
        correlation: CorrelationId,
    ) -> impl Future<Output = Result<Self::Reply, Self::Error>> + Send;
}

impl App {
    /// Does what a command asks for, if whoever is signed in has the right. Everything that it logs, here
    /// and at the site, carries one correlation id.
    ///
    /// # Errors
    /// Code and sentences for whoever asked.
    pub async fn execute<C: Command>(&self, command: C) -> Result<C::Reply, Message> {
        let correlation = SystemIds.correlation();
        let span = tracing::info_span!("command", name = C::NAME, %correlation);
        async {
            let result = match C::Access::prove(self) {
                Ok(proof) => command.run(self, proof, correlation).await,
                Err(error) => Err(error.into()),
            };
            result.map_err(|error| {
                tracing::warn!(%error, "refused or failed");
                error.into()
            })
        }
        .instrument(span)
        .await
    }
}
