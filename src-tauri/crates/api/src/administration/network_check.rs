//! What stands against the network file's databases becoming one network. It is looked before they are joined, with an
//! administrator's login: nobody else may at all of them yet. Nothing is written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lienthu_across::replicas::Replicas;
use lienthu_across::replicas::joining::{JoinFinding, check};
use lienthu_port::replica::Replica;
use lienthu_sqlserver::{SqlServerAdmin, SqlServerReplica};

use super::{Administration, AdministrationError, Reached, Which};
use crate::listener::Listener;
use crate::replicas::{FINDINGS_TOLD_MAX, NetworkCheckView};
use crate::transactions::UnheardView;

impl Administration {
    /// Looks; tells each finding as it is found.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands among the unheard.
    pub async fn check_network(
        &self,
        watch: Listener<JoinFinding>,
    ) -> Result<NetworkCheckView, AdministrationError> {
        let reached = self.at_once(&Which::All, async |_, site| {
            Ok(match site {
                Reached::Embedded(site) => Arc::new(site) as Arc<dyn Replica>,
                Reached::SqlServer { config, admin } => {
                    let admin = SqlServerAdmin::open(&config, admin).await;
                    let admin = admin.map_err(|error| error.message())?;
                    Arc::new(SqlServerReplica::new(admin))
                }
            })
        });
        let mut sites: BTreeMap<_, Arc<dyn Replica>> = BTreeMap::new();
        let mut unreached = vec![];
        for site in reached.await?.sites {
            match (site.done, site.failed) {
                (Some(replica), _) => drop(sites.insert(site.branch, replica)),
                (None, Some(message)) => {
                    unreached.push(UnheardView { branch: site.branch, message })
                }
                (None, None) => {}
            }
        }
        let findings = Mutex::new(vec![]);
        let checked = check(Replicas::of(sites), |finding| {
            let mut findings = findings.lock().unwrap_or_else(PoisonError::into_inner);
            if findings.len() < FINDINGS_TOLD_MAX {
                findings.push(finding.clone());
            }
            watch.tell(finding);
        });
        let checked = checked.await;
        let findings = findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut view = NetworkCheckView::of(checked, findings);
        view.unheard.extend(unreached);
        Ok(view)
    }
}
