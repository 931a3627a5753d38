//! All commands. Each is a plain struct, its fields the arguments; the shells wrap them one to one.

pub mod catalogue;
pub mod federation;
pub mod network;
pub mod replicas;
pub mod transactions;
pub mod transfers;
pub mod visitors;

use lienthu_desk::answer::{Answer, ScanAnswer};
use lienthu_desk::circulation::Wanted;
use lienthu_desk::error::DeskError;
use lienthu_desk::lookup::{CopyAnswer, PatronAnswer, PatronsFound, ReviewLine};
use lienthu_desk::scan::ScanRequest;
use lienthu_desk::session::{Permit, Person};
use lienthu_desk::upkeep::QueueLine;
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{
    Barcode, BranchCode, CorrelationId, EventId, PatronCode, StaffLogin, TitleKey,
};
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::LocalDate;
use lienthu_port::cache::{TitleHit, TitlesFound};
use lienthu_port::error::StoreError;
use lienthu_port::lookup::{CopyChange, PatronChange};
use lienthu_port::outbox::{Enrolment, QueueFilter};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::app::{App, AppView};
use crate::command::{
    Access, Anyone, Circulate, Command, Follow, KeepCopies, KeepPatrons, LookUpBranch, Needs,
    SettleReview, SignedIn,
};
use crate::elsewhere::TransitSlip;

/// Declares commands that fail with one kind of error. `proof` is a [`Permit`] wherever a right at the
/// site is needed.
macro_rules! commands {
    (fail with $error:ty;
    $(
        $(#[$doc:meta])*
        $name:ident { $( $field:ident : $type:ty ),* $(,)? } needs $access:ty
        => |$self:ident, $app:ident, $proof:ident, $correlation:ident| -> $reply:ty $body:block
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone)]
            pub struct $name { $( #[expect(missing_docs, reason = "named as what it is")] pub $field: $type ),* }

            impl Command for $name {
                const NAME: &'static str = stringify!($name);
                type Access = $access;
                type Reply = $reply;
                type Error = $error;

                async fn run(
                    $self,
                    $app: &App,
                    $proof: <$access as Access>::Proof,
                    $correlation: CorrelationId,
                ) -> Result<$reply, $error> $body
            }
        )*

        /// Every command with what it needs, for tests and documentation.
        pub const ALL: &[(&str, Needs)] =
            &[$( (stringify!($name), <$access as Access>::NEEDS) ),*];
    };
}
pub(crate) use commands;

/// What the queue's export holds and where it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct QueueExport {
    /// The file, one JSON object a line.
    pub file: String,
    /// How many events it holds.
    pub events: u32,
}

commands! {
    fail with DeskError;

    /// The state of everything, for the status line.
    GetView {} needs Anyone => |self, app, _proof, _correlation| -> AppView {
        app.view().await
    }

    /// Enrols this installation at its first run.
    Enrol { branch: BranchCode, name: String } needs Anyone
    => |self, app, _proof, _correlation| -> Enrolment {
        app.desk().enrol(self.branch, &self.name).await
    }

    /// Signs someone in.
    SignIn { login: StaffLogin, password: SecretString } needs Anyone
    => |self, app, _proof, _correlation| -> Person {
        app.desk().sign_in(self.login, self.password).await
    }

    /// Signs out.
    SignOut {} needs Anyone => |self, app, _proof, _correlation| -> () {
        app.desk().sign_out();
        app.ways.forget_person();
        Ok(())
    }

    /// Gives whoever is signed in another password.
    PasswordChange { old: SecretString, new: SecretString } needs SignedIn
    => |self, app, permit, _correlation| -> () {
        app.desk().change_password(&permit, self.old, self.new).await
    }

    /// Does what a scan asks for.
    ScanCode { request: ScanRequest } needs Circulate
    => |self, app, permit, correlation| -> ScanAnswer {
        app.scan(&permit, correlation, &self.request).await
    }

    /// Lends a copy to a patron.
    Lend { copy: Barcode, patron: PatronCode, go_on: bool } needs Circulate
    => |self, app, permit, correlation| -> Answer {
        let wanted = Wanted::Borrow { patron: self.patron };
        app.desk().perform(&permit, correlation, &self.copy, wanted, self.go_on).await
    }

    /// Takes a copy back, of this branch or another.
    TakeBack { copy: Barcode, returned_on: Option<LocalDate>, go_on: bool } needs Circulate
    => |self, app, permit, correlation| -> Answer {
        let on = self.returned_on;
        app.take_back_anywhere(&permit, correlation, &self.copy, on, self.go_on).await
    }

    /// Books of other branches that came back here, latest first, with what belongs on their transit slips.
    TransitSlips { skip: u32 } needs Circulate
    => |self, app, _permit, _correlation| -> Vec<TransitSlip> {
        app.transit_slips(self.skip).await
    }

    /// Renews a copy's open loan.
    Renew { copy: Barcode, go_on: bool } needs Circulate
    => |self, app, permit, correlation| -> Answer {
        app.desk().perform(&permit, correlation, &self.copy, Wanted::Renew, self.go_on).await
    }

    /// Takes an event of this desk back.
    Undo { event: EventId } needs Circulate => |self, app, permit, correlation| -> Answer {
        app.desk().undo(&permit, correlation, self.event).await
    }

    /// A page of the queue.
    QueueList { filter: QueueFilter, skip: u32 } needs LookUpBranch
    => |self, app, permit, _correlation| -> Vec<QueueLine> {
        app.desk().queue(&permit, self.filter, self.skip).await
    }

    /// Gets in touch with the site now: sends what waits, where whoever is signed in may, and takes what
    /// changed. What waits for other branches is delivered there, also while the own site cannot be reached.
    QueueSend {} needs Follow => |self, app, _proof, _correlation| -> AppView {
        let (contact, delivered) = tokio::join!(app.desk().contact(), app.deliver_returns());
        contact?;
        delivered?;
        app.view().await
    }

    /// Puts an event that was set aside back in the queue.
    QueueRetry { event: EventId } needs Circulate => |self, app, permit, _correlation| -> () {
        app.desk().retry(&permit, self.event).await
    }

    /// Writes the events that were set aside to a file in the desk's folder.
    QueueExportSetAside {} needs Circulate
    => |self, app, permit, _correlation| -> QueueExport {
        export_set_aside(app, &permit).await
    }

    /// What waits for someone to look at it.
    ReviewList {} needs LookUpBranch
    => |self, app, permit, _correlation| -> Vec<ReviewLine> {
        app.desk().review_list(&permit).await
    }

    /// Settles a review item.
    ReviewSettle { copy: Barcode, target: EventId, flag: FlagKind, settlement: Settlement }
    needs SettleReview => |self, app, permit, correlation| -> Answer {
        let wanted =
            Wanted::Settle { target: self.target, flag: self.flag, settlement: self.settlement };
        app.desk().perform(&permit, correlation, &self.copy, wanted, false).await
    }

    /// Takes back the event that a review item is about, whichever desk made it.
    ReviewUndo { copy: Barcode, target: EventId } needs SettleReview
    => |self, app, permit, correlation| -> Answer {
        let wanted = Wanted::Undo { target: self.target };
        app.desk().perform(&permit, correlation, &self.copy, wanted, false).await
    }

    /// Titles by words or beginnings of words.
    TitleSearch { text: String, skip: u32 } needs Anyone
    => |self, app, _proof, _correlation| -> TitlesFound {
        app.desk().find_titles(&self.text, self.skip).await
    }

    /// One title.
    TitleGet { key: TitleKey } needs Anyone
    => |self, app, _proof, _correlation| -> Option<TitleHit> {
        app.desk().title(&self.key).await
    }

    /// Patrons by name, code or phone.
    PatronFind { text: String } needs LookUpBranch
    => |self, app, permit, _correlation| -> PatronsFound {
        app.desk().find_patrons(&permit, &self.text).await
    }

    /// One patron.
    PatronGet { code: PatronCode } needs LookUpBranch
    => |self, app, permit, _correlation| -> PatronAnswer {
        app.desk().patron(&permit, &self.code).await
    }

    /// Adds or changes a patron.
    PatronSave { change: PatronChange } needs KeepPatrons
    => |self, app, permit, _correlation| -> () {
        app.desk().put_patron(&permit, &self.change).await
    }

    /// Marks a patron removed.
    PatronRemove { code: PatronCode } needs KeepPatrons
    => |self, app, permit, _correlation| -> () {
        app.desk().remove_patron(&permit, &self.code).await
    }

    /// One copy.
    CopyGet { barcode: Barcode } needs LookUpBranch
    => |self, app, permit, _correlation| -> CopyAnswer {
        app.desk().copy(&permit, &self.barcode).await
    }

    /// Adds copies, all or none.
    CopiesAdd { copies: Vec<CopyDetails> } needs KeepCopies
    => |self, app, permit, _correlation| -> () {
        app.desk().add_copies(&permit, &self.copies).await
    }

    /// Changes a copy.
    CopySave { change: CopyChange } needs KeepCopies
    => |self, app, permit, _correlation| -> () {
        app.desk().put_copy(&permit, &self.change).await
    }

    /// Marks a copy removed.
    CopyRemove { barcode: Barcode } needs KeepCopies
    => |self, app, permit, _correlation| -> () {
        app.desk().remove_copy(&permit, &self.barcode).await
    }

    /// In a demo network: cuts or restores the line of a site.
    DemoLine { branch: BranchCode, cut: bool } needs Anyone
    => |self, app, _proof, _correlation| -> AppView {
        app.set_line(&self.branch, self.cut)?;
        if !self.cut {
            // Whoever restores a line wants to see it: what comes of the try is in the view.
            app.desk().contact().await.ok();
        }
        app.view().await
    }
}

async fn export_set_aside(app: &App, permit: &Permit) -> Result<QueueExport, DeskError> {
    let mut lines = String::new();
    let mut events = 0_u32;
    loop {
        let page = app.desk().queue(permit, QueueFilter::SetAside, events).await?;
        if page.is_empty() {
            break;
        }
        for line in &page {
            let text = serde_json::to_string(&line.queued)
                .map_err(|e| StoreError::Unexpected { detail: e.to_string() })?;
            lines.push_str(&text);
            lines.push('\n');
            events = events.saturating_add(1);
        }
    }
    let file = app.write_export("set-aside", "jsonl", &lines)?;
    Ok(QueueExport { file: file.display().to_string(), events })
}

#[cfg(test)]
mod tests {
    use lienthu_domain::rights::Right;

    use super::{
        ALL, Needs, catalogue, federation, network, replicas, transactions, transfers, visitors,
    };

    fn that_need(needs: Needs) -> Vec<&'static str> {
        let across = transactions::ALL
            .iter()
            .chain(transfers::ALL)
            .chain(catalogue::ALL)
            .chain(federation::ALL)
            .chain(visitors::ALL);
        let all = ALL.iter().chain(network::ALL).chain(across).chain(replicas::ALL);
        all.filter(|(_, found)| *found == needs).map(|(name, _)| *name).collect()
    }

    #[test]
    fn only_what_shows_nothing_personal_and_changes_nothing_at_a_site_is_open_to_anyone() {
        assert_eq!(
            that_need(Needs::Nothing),
            [
                "GetView",
                "Enrol",
                "SignIn",
                "SignOut",
                "TitleSearch",
                "TitleGet",
                "DemoLine",
                // Where the sites are is not personal, and whoever cannot sign in must see it.
                "NetworkGet",
                // Takes what stands in a file of this computer.
                "NetworkReread",
                // Asks a site no more than a sign-in does, and keeps nothing.
                "NetworkTest",
            ]
        );
    }

    #[test]
    fn what_changes_the_network_file_needs_someone_who_may() {
        assert_eq!(
            that_need(Needs::NetworkKeeper),
            [
                "NetworkAdd",
                "NetworkChange",
                "NetworkRemove",
                "NetworkCertificate",
                "NetworkTemplate"
            ]
        );
    }

    #[test]
    fn whoever_settles_transactions_may_choose() {
        let all = transactions::ALL.iter();
        assert!(all.map(|(_, needs)| *needs).all(|needs| needs == Needs::Right(Right::Decide)));
    }

    #[test]
    fn whoever_changes_what_every_site_holds_may_decide_and_others_may_look_at_the_rules() {
        let others: Vec<&str> = catalogue::ALL
            .iter()
            .filter(|(_, needs)| *needs != Needs::Right(Right::Decide))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(others, ["ListPolicies", "ListClosedDays"]);
    }

    #[test]
    fn whoever_compares_sites_may_audit_and_whoever_changes_rows_may_choose() {
        let needs: Vec<_> = replicas::ALL.iter().map(|(_, needs)| *needs).collect();
        let (audit, decide) = (Needs::Right(Right::Audit), Needs::Right(Right::Decide));
        assert_eq!(needs, [audit, decide, audit, decide]);
    }

    #[test]
    fn only_the_own_password_and_the_state_of_the_sites_need_no_more_than_a_sign_in() {
        assert_eq!(that_need(Needs::SignIn), ["PasswordChange", "SiteStates"]);
    }
}
