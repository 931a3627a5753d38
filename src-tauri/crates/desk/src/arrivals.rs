//! Copies that other branches sent here: which are on their way, and receiving them, by scan or from a list.

use lienthu_domain::action::Resource;
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, BranchCode, TitleKey, TxnId};
use lienthu_domain::times::UtcMs;
use lienthu_port::error::SiteError;
use lienthu_port::listing::{COPIES_LISTED_MAX, CopiesSought};
use lienthu_port::lookup::COPIES_ADDED_MAX;
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::contact::{STEP_MS_MAX, within};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::session::Permit;

/// Copies in a list of what is on its way at most.
pub const ARRIVING_MAX: usize = 5_000;

/// A copy on its way here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ArrivingLine {
    /// What its label says.
    pub copy: Barcode,
    /// Its title.
    pub title: TitleKey,
    /// The name of its title.
    pub title_name: String,
    /// Where it stood.
    pub shelf_mark: String,
    /// The branch that sent it, or where it came back although it is this branch's.
    pub from: BranchCode,
    /// The transaction that moved it; none where it came back there.
    pub txn: Option<TxnId>,
    /// When, by the site's clock.
    pub sent_at: UtcMs,
}

/// What is on its way here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Arriving {
    /// By the branch that sent them, then by barcode; at most [`ARRIVING_MAX`].
    pub lines: Vec<ArrivingLine>,
    /// There are more.
    pub more: bool,
}

/// A copy with which something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LeftOut {
    /// Which.
    pub copy: Barcode,
    /// The name of its title, where it is known.
    pub title_name: Option<String>,
    /// Why.
    pub why: Hindrance,
    /// The same in words.
    pub message: Message,
}

impl LeftOut {
    /// With its sentences.
    #[must_use]
    pub fn new(copy: Barcode, title_name: Option<String>, why: Hindrance) -> Self {
        Self { copy, title_name, why, message: why.into() }
    }
}

/// What came of receiving copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Received {
    /// They can be lent now, where nothing else is wrong with them.
    pub received: Vec<Barcode>,
    /// They were not received.
    pub left_out: Vec<LeftOut>,
}

impl Desk {
    /// What is on its way to this branch.
    ///
    /// # Errors
    /// `NeedsSite`; whatever the site says.
    pub async fn arriving(&self, _permit: &Permit) -> Result<Arriving, DeskError> {
        let site = self.reach()?;
        let mut lines = Vec::new();
        let mut after = None;
        let more = loop {
            let sought = CopiesSought::Arriving { after };
            let page = within(STEP_MS_MAX, site.list_copies(&sought)).await;
            let page = self.heard(page)?;
            let is_last = page.len() < COPIES_LISTED_MAX;
            after = page.last().map(|listed| listed.copy.barcode.clone());
            lines.extend(page.into_iter().filter_map(|listed| {
                let transit = listed.transit?;
                Some(ArrivingLine {
                    copy: listed.copy.barcode,
                    title: listed.copy.title,
                    title_name: listed.title_name,
                    shelf_mark: listed.copy.shelf_mark,
                    from: transit.from,
                    txn: transit.txn,
                    sent_at: transit.sent_at,
                })
            }));
            if is_last || lines.len() >= ARRIVING_MAX {
                break !is_last;
            }
        };
        lines.sort_by(|a, b| (&a.from, &a.copy).cmp(&(&b.from, &b.copy)));
        Ok(Arriving { lines, more })
    }

    /// Receives copies that other branches sent, each on its own. Where the answer is lost, whoever scans them
    /// again hears that they are here already.
    ///
    /// # Errors
    /// `NeedsSite`, `ChangeUncertain`; whatever the site says.
    pub async fn receive(
        &self,
        _permit: &Permit,
        copies: &[Barcode],
    ) -> Result<Received, DeskError> {
        let site = self.reach()?;
        let mut answer = Received { received: Vec::new(), left_out: Vec::new() };
        for part in copies.chunks(COPIES_ADDED_MAX) {
            let hindered = within(STEP_MS_MAX, site.receive(part)).await;
            let hindered = self.changed_at_site(hindered)?;
            for copy in part {
                let resource = Resource::Copy(copy.clone());
                match hindered.iter().find(|hindered| hindered.resource == resource) {
                    Some(hindered) => {
                        let local = self.local_copy(copy).await?;
                        let title = local.view().title.map(|title| title.name);
                        answer.left_out.push(LeftOut::new(copy.clone(), title, hindered.why));
                    }
                    None => answer.received.push(copy.clone()),
                }
            }
        }
        self.catch_up().await?;
        Ok(answer)
    }

    /// What only the site can say.
    fn heard<T>(&self, answer: Result<T, SiteError>) -> Result<T, DeskError> {
        answer.map_err(|error| {
            if error.is_line_down() {
                self.note_failure(&error);
                return DeskError::NeedsSite;
            }
            error.into()
        })
    }
}
