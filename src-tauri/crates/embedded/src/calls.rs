//! The one place where a right is checked: which call needs which.

use lienthu_domain::event::Deed;
use lienthu_domain::ids::StaffLogin;
use lienthu_domain::rights::Right;
use lienthu_port::error::SiteError;
use lienthu_port::handshake::WhoAmI;
use lienthu_port::submit::Sending;
use lienthu_port::transaction::chooses;
use lienthu_protocol::message::Request;
use lienthu_sqlite::rusqlite::Connection;

use crate::failure::Failure;
use crate::staff;

/// A call of the port. Whoever adds a method adds a case here, and cannot leave out its right.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Call<'a> {
    Hello,
    Submit(&'a [Sending]),
    Pull,
    Copy,
    Patron,
    FindPatrons,
    ReviewItems,
    FreeCopies,
    Holdings,
    CopyPlace,
    PatronLoans,
    Figures,
    MostLent,
    TimesLent,
    PutPatron,
    RemovePatron,
    AddCopies,
    PutCopy,
    RemoveCopy,
    Transact(&'a Request),
    Transactions,
    Network,
    Replicated,
    Readmit,
    Agents,
    ListCopies,
    Visitor,
    Receive,
    Compare,
    Fill,
    ChangePassword,
}

impl Call<'_> {
    /// The rights that it takes, all of them.
    fn rights(self) -> Vec<Right> {
        match self {
            // Whoever has signed in may ask who they are, and change their password.
            Self::Hello | Self::ChangePassword => Vec::new(),
            Self::Submit(batch) => {
                let settles = |sending: &Sending| matches!(sending.event.deed, Deed::Settle { .. });
                let mut rights = Vec::new();
                // An empty batch asks no more than whether one may send.
                let is_own = |sending: &Sending| !settles(sending) && !sending.is_delivery();
                if batch.is_empty() || batch.iter().any(is_own) {
                    rights.push(Right::Circulate);
                }
                if batch.iter().any(settles) {
                    rights.push(Right::SettleReview);
                }
                if batch.iter().any(Sending::is_delivery) {
                    rights.push(Right::Deliver);
                }
                rights
            }
            Self::Pull | Self::Agents => vec![Right::Follow],
            Self::Copy | Self::CopyPlace | Self::Patron | Self::FindPatrons | Self::ReviewItems => {
                vec![Right::LookUpBranch]
            }
            Self::FreeCopies | Self::Holdings | Self::ListCopies => vec![Right::CountFree],
            Self::PatronLoans => vec![Right::LookUpNetwork],
            Self::Figures | Self::MostLent | Self::TimesLent => vec![Right::ReadFigures],
            Self::Visitor => vec![Right::LookUpVisitor],
            Self::PutPatron | Self::RemovePatron => vec![Right::KeepPatrons],
            Self::AddCopies | Self::PutCopy | Self::RemoveCopy => vec![Right::KeepCopies],
            Self::Transact(request) if chooses(request) => vec![Right::Decide],
            Self::Transact(_) | Self::Transactions | Self::Network => vec![Right::Recover],
            Self::Replicated | Self::Readmit => vec![Right::Decide],
            Self::Receive => vec![Right::Receive],
            Self::Compare | Self::Fill => vec![Right::Audit],
        }
    }

    /// Refuses the call to a login whose roles, as they are now, do not carry its rights.
    pub(crate) fn allowed_to(self, tx: &Connection, login: &StaffLogin) -> Result<WhoAmI, Failure> {
        let who = staff::who(tx, login)?;
        match self.rights().into_iter().find(|right| !who.may(*right)) {
            Some(right) => Err(SiteError::Forbidden { right }.into()),
            None => Ok(who),
        }
    }
}
