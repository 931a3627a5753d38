//! The branch's patrons.

use std::io::Write;

use lienthu_api::commands::federation::PatronHistory;
use lienthu_api::commands::visitors::VisitorAdd;
use lienthu_api::commands::{GetView, PatronFind, PatronGet, PatronRemove, PatronSave};
use lienthu_api::visitors::ByHand;
use lienthu_desk::error::DeskError;
use lienthu_domain::ids::{BranchCode, PatronCode};
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_port::lookup::PatronChange;
use lienthu_port::whereabouts::PatronOf;

use super::federation::in_parts;
use super::no_record;
use crate::arguments::records::{PatronCommand, put};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::report::Report;

/// Does a command about patrons.
pub(super) async fn run(
    opened: &Opened<'_>,
    command: PatronCommand,
    out: &mut impl Write,
) -> Result<Report, Failure> {
    match command {
        PatronCommand::Find { words } => opened.answer(PatronFind { text: words.join(" ") }).await,
        PatronCommand::Show { code } => opened.answer(PatronGet { code }).await,
        PatronCommand::History { code, home, behind } => {
            let branch = match home {
                Some(branch) => branch,
                None => own_branch(opened).await?,
            };
            let (patron, behind) = (PatronOf { branch, code }, behind.map(|place| place.0));
            in_parts(opened, out, |each| PatronHistory { patron, behind, each }).await
        }
        PatronCommand::Visitor { card, home, code, name, category } => {
            let by_hand = name.zip(category).map(|(name, category)| ByHand { name, category });
            opened.answer(VisitorAdd { card, home, code, by_hand }).await
        }
        PatronCommand::Add { code, name, category, fields } => {
            let mut patron = Patron {
                card: PatronCard {
                    code,
                    name,
                    branch: own_branch(opened).await?,
                    category,
                    card_expires: None,
                    block: None,
                    home_branch: None,
                    home_code: None,
                },
                birth_date: None,
                phone: String::new(),
                email: String::new(),
                deposit_vnd: 0,
                note: String::new(),
            };
            fields.put(&mut patron);
            opened.answer(PatronSave { change: PatronChange { patron, seen: None } }).await
        }
        PatronCommand::Change { code, name, category, fields } => {
            change(opened, code, |patron| {
                put(&mut patron.card.name, name);
                put(&mut patron.card.category, category);
                fields.put(patron);
            })
            .await
        }
        PatronCommand::Block { code, reason } => {
            change(opened, code, |patron| patron.card.block = Some(reason)).await
        }
        PatronCommand::Unblock { code } => {
            change(opened, code, |patron| patron.card.block = None).await
        }
        PatronCommand::Extend { code, until } => {
            change(opened, code, |patron| patron.card.card_expires = Some(until)).await
        }
        PatronCommand::Remove { code } => opened.answer(PatronRemove { code }).await,
    }
}

/// Changes a patron as the site has them now.
async fn change(
    opened: &Opened<'_>,
    code: PatronCode,
    alter: impl FnOnce(&mut Patron),
) -> Result<Report, Failure> {
    let Some(file) = opened.execute(PatronGet { code }).await?.file else {
        return Err(no_record(opened).await);
    };
    let mut patron = file.patron.clone();
    alter(&mut patron);
    let change = PatronChange { patron, seen: Some(file.patron) };
    opened.answer(PatronSave { change }).await
}

async fn own_branch(opened: &Opened<'_>) -> Result<BranchCode, Failure> {
    let view = opened.execute(GetView {}).await?;
    let enrolment = view.desk.enrolment.ok_or_else(|| DeskError::NotEnrolled.message())?;
    Ok(enrolment.branch)
}
