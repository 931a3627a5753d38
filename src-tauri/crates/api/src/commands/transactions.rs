//! The commands about transactions that are not settled, and what they show.

use lienthu_across::in_doubt::{find, list};
use lienthu_across::restoration::readmit;
use lienthu_across::settling::{Forcing, force, forget, repair, resolve};
use lienthu_domain::ids::{BranchCode, CorrelationId, TxnId};
use uuid::Uuid;

use crate::app::App;
use crate::command::{Access, Command, Decide, Needs};
use crate::commands::commands;
use crate::transactions::{
    ForcedView, Forgotten, InDoubtView, OutcomeView, Readmitted, RepairedView, SettledView,
    TransactionTrouble, TransactionView, told,
};

commands! {
    fail with TransactionTrouble;

    /// What is not settled at any site, with what each site has of it.
    ListInDoubt {} needs Decide => |self, app, permit, _correlation| -> InDoubtView {
        let sites = app.manager_sites(&permit)?;
        Ok(InDoubtView::of(list(&sites).await))
    }

    /// One of them.
    ShowTransaction { txn: TxnId } needs Decide
    => |self, app, permit, _correlation| -> TransactionView {
        let sites = app.manager_sites(&permit)?;
        let found = find(&sites, self.txn).await;
        let found = found.map_err(|unheard| TransactionTrouble::not_found(&unheard))?;
        Ok(TransactionView::of(&found))
    }

    /// Drives one to its end.
    ResolveTransaction { txn: TxnId } needs Decide
    => |self, app, permit, _correlation| -> SettledView {
        let sites = app.manager_sites(&permit)?;
        let driving = resolve(&sites, self.txn).await?;
        Ok(SettledView::of(self.txn, &driving))
    }

    /// Has the sites that wait do what a manager chooses, without the decision. The screen warns before.
    ForceTransaction { txn: TxnId, outcome: OutcomeView, only: Option<BranchCode> } needs Decide
    => |self, app, permit, _correlation| -> ForcedView {
        let sites = app.manager_sites(&permit)?;
        let forcing = force(&sites, self.txn, self.outcome.into(), self.only.as_ref()).await?;
        Ok(match forcing {
            Forcing::NotNeeded(driving) => {
                let not_needed = Some(SettledView::of(self.txn, &driving));
                ForcedView { not_needed, sites: vec![] }
            }
            Forcing::Forced(sites) => ForcedView { not_needed: None, sites: told(sites) },
        })
    }

    /// Makes all sites alike again after an outcome was forced against the decision.
    RepairTransaction { txn: TxnId } needs Decide
    => |self, app, permit, _correlation| -> RepairedView {
        let sites = app.manager_sites(&permit)?;
        let repair = repair(&sites, self.txn, TxnId::new(Uuid::now_v7())).await?;
        Ok(RepairedView::of(repair))
    }

    /// Lets a restored site take part again, once it was told everything that it promised and decided.
    ReadmitSite { branch: BranchCode } needs Decide
    => |self, app, permit, _correlation| -> Readmitted {
        let sites = app.manager_sites(&permit)?;
        let ended = readmit(&sites, &self.branch, |ended| {
            tracing::info!(ended, "telling a restored site");
        });
        let ended = u32::try_from(ended.await?).unwrap_or(u32::MAX);
        Ok(Readmitted { branch: self.branch, transactions: ended })
    }

    /// Speaks no more of an outcome that was forced.
    ForgetTransaction { txn: TxnId } needs Decide
    => |self, app, permit, _correlation| -> Forgotten {
        let sites = app.manager_sites(&permit)?;
        Ok(Forgotten { sites: told(forget(&sites, self.txn).await?) })
    }
}
