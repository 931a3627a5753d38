//! The commands about what the sites hold.

use std::sync::{Arc, Mutex, PoisonError};

use lienthu_across::replicas::activating::activate;
use lienthu_across::replicas::auditing::audit;
use lienthu_across::replicas::filling::fill;
use lienthu_across::replicas::repairing::repair;
use lienthu_domain::ids::{BranchCode, CorrelationId, TxnId};
use uuid::Uuid;

use crate::app::App;
use crate::command::{Access, Audit, Command, Decide, Needs};
use crate::commands::commands;
use crate::listener::Listener;
use crate::replicas::{
    AuditProgress, AuditView, FillTerms, FillView, Kept, ReplicaTrouble, RowsView, Wanted,
};

commands! {
    fail with ReplicaTrouble;

    /// Compares what the active sites hold alike, and looks who has which copy. Tells what it finds as it goes.
    AuditReplicas { watch: Listener<AuditProgress> } needs Audit
    => |self, app, permit, _correlation| -> AuditView {
        let sites = app.manager_sites(&permit)?;
        let kept = Mutex::new(Kept::default());
        let audited = audit(&sites, |event| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).keep(&event);
            self.watch.tell(event.into());
        });
        let audited = audited.await;
        Ok(kept.into_inner().unwrap_or_else(PoisonError::into_inner).view(audited))
    }

    /// Makes rows that differ what one branch has, at all active sites or at none.
    RepairRows { wanted: Vec<Wanted> } needs Decide
    => |self, app, permit, _correlation| -> RowsView {
        let sites = app.manager_sites(&permit)?;
        let txn = TxnId::new(Uuid::now_v7());
        let driving = repair(&sites, txn, &self.wanted, |_, _| {}).await?;
        Ok(RowsView::of(txn, driving.as_ref()))
    }

    /// Brings the site of a branch that takes no part to what the network has. Told again it goes on.
    FillSite {
        branch: BranchCode,
        from: Option<BranchCode>,
        terms: FillTerms,
        watch: Listener<FillView>,
    } needs Audit
    => |self, app, permit, _correlation| -> FillView {
        let sites = app.manager_sites(&permit)?;
        let filled = fill(&sites, &self.branch, self.from.as_ref(), self.terms, |filled| {
            self.watch.tell(filled.into());
        });
        Ok(FillView::from(&filled.await?))
    }

    /// Lets a branch that is away take part again, where its site has what all others have.
    ActivateBranch { branch: BranchCode, watch: Listener<AuditProgress> } needs Decide
    => |self, app, permit, _correlation| -> RowsView {
        let sites = app.manager_sites(&permit)?;
        let txn = TxnId::new(Uuid::now_v7());
        let watch = Arc::new(self.watch);
        let driving = activate(&sites, txn, &self.branch, |event| watch.tell(event.into()), |_, _| {});
        Ok(RowsView::of(txn, Some(&driving.await?)))
    }
}
