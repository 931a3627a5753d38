//! What is driven: a copy goes to another branch, or a title gets another name everywhere.

use lienthu_across::catalogue::change;
use lienthu_across::sites::Sites;
use lienthu_across::transfers::transfer;
use lienthu_conformance::kit::{LIBRARIAN, TITLES, copy, key};
use lienthu_domain::action::CatalogueChange;
use lienthu_domain::copy::{Copy, CopyCondition};
use lienthu_domain::ids::{Barcode, BranchCode, TxnId};
use lienthu_domain::replicated::Title;

use crate::kit::findings::Findings;
use crate::kit::network::{BRANCHES, Network, live, moving, patiently};

const FROM: &str = BRANCHES[0];
const TO: &str = BRANCHES[1];

/// Of which kind.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Two sites take part, the source decides.
    Transfer,
    /// All do, the first decides.
    Catalogue,
}

/// One transaction to be.
pub enum Work {
    Transfer { moving: Copy },
    Catalogue { seen: Title, becomes: Title },
}

/// A copy at each branch, by which the site's title is read.
fn marker(branch: &str) -> Barcode {
    key(&format!("M-{branch}"))
}

/// What each branch has from the beginning.
///
/// # Errors
/// What a site says.
pub async fn stock(network: &Network) -> anyhow::Result<()> {
    for branch in BRANCHES {
        let librarian = network.session(&key(branch), LIBRARIAN).await?;
        let copies = [copy(marker(branch).as_str())];
        patiently(|| librarian.add_copies(&copies)).await?;
    }
    Ok(())
}

/// The title as a branch has it.
async fn title_at(network: &Network, branch: &str) -> anyhow::Result<Title> {
    let librarian = network.session(&key(branch), LIBRARIAN).await?;
    let marker = marker(branch);
    let file = patiently(|| librarian.copy(&marker)).await?;
    Ok(file.ok_or_else(|| anyhow::anyhow!("{branch} lost its copy"))?.title)
}

impl Work {
    /// The next one.
    ///
    /// # Errors
    /// What a site says.
    pub async fn new(network: &Network, kind: Kind, number: u128) -> anyhow::Result<Self> {
        Ok(match kind {
            Kind::Transfer => {
                let barcode: Barcode = key(&format!("C{number:03}"));
                let librarian = network.session(&key(FROM), LIBRARIAN).await?;
                let copies = [copy(barcode.as_str())];
                patiently(|| librarian.add_copies(&copies)).await?;
                let file = patiently(|| librarian.copy(&barcode)).await?;
                let file = file.ok_or_else(|| anyhow::anyhow!("{barcode} is not there"))?;
                Self::Transfer { moving: file.copy }
            }
            Kind::Catalogue => {
                let seen = title_at(network, FROM).await?;
                anyhow::ensure!(seen.key.as_str() == TITLES[0], "copies of the kit are of it");
                let becomes = Title { name: format!("Tên mới {number}"), ..seen.clone() };
                Self::Catalogue { seen, becomes }
            }
        })
    }

    /// Begins it and drives it to its end.
    pub async fn drive(&self, sites: &Sites, txn: TxnId) {
        match self {
            Self::Transfer { moving: copy } => {
                let what = moving(FROM, TO, std::slice::from_ref(copy), 0);
                drop(transfer(sites, txn, what, |_, _| {}).await);
            }
            Self::Catalogue { seen, becomes } => {
                let (title, seen) = (becomes.clone(), Some(seen.clone()));
                let changes = vec![CatalogueChange::PutTitle { title, seen }];
                drop(change(sites, txn, changes, |_, _| {}).await);
            }
        }
    }

    /// Sites that take part.
    pub const fn parties(&self) -> usize {
        match self {
            Self::Transfer { .. } => 2,
            Self::Catalogue { .. } => BRANCHES.len(),
        }
    }

    /// Every site has done it, or none.
    ///
    /// # Errors
    /// What a site says.
    pub async fn check(
        &self,
        network: &Network,
        name: &str,
        is_committed: bool,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        match self {
            Self::Transfer { moving } => {
                let found = network.everywhere(LIBRARIAN, &moving.barcode).await?;
                let is_live = live(&found).len() == 1;
                findings.check(&format!("{name}: I1"), is_live, || format!("{found:?}"));
                let at = |branch: &str| {
                    let branch: BranchCode = key(branch);
                    let row = found.iter().find(|(found, _)| *found == branch);
                    row.map(|(_, copy)| copy.condition)
                };
                let expected = if is_committed {
                    (Some(CopyCondition::Forwarded), Some(CopyCondition::InTransit))
                } else {
                    (Some(CopyCondition::Good), None)
                };
                let is_so = (at(FROM), at(TO)) == expected;
                let check = format!("{name}: the copy is where the outcome says");
                findings.check(&check, is_so, || format!("committed {is_committed}: {found:?}"));
            }
            Self::Catalogue { seen, becomes } => {
                let expected = if is_committed { becomes } else { seen };
                for branch in BRANCHES {
                    let found = title_at(network, branch).await?;
                    let check = format!("{name}: the title at {branch} is as the outcome says");
                    findings.check(&check, found == *expected, || {
                        format!("committed {is_committed}: {found:?}")
                    });
                }
            }
        }
        Ok(())
    }
}
