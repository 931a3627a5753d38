//! The agent on a server: rounds, until it is told to stop.

use std::io::Write;
use std::time::Duration;

use lienthu_api::app::KeyPolicy;
use lienthu_api::folders::{NETWORK_FILE, desk_folder};
use lienthu_api::logging;
use lienthu_api::recovering::{AgentSource, RoundView, UnattendedAgent};
use lienthu_domain::times::ZoneOffset;
use serde::Serialize;

use crate::arguments::Terms;
use crate::arguments::txn::AgentArguments;
use crate::failure::Failure;
use crate::page::Page;
use crate::report::{Notices, Reply, Report};

/// What the agent did until it was told to stop.
#[derive(Debug, Default, Serialize)]
pub(crate) struct AgentEnded {
    /// Rounds that were done.
    rounds: u64,
    /// Transactions that it finished.
    finished: u64,
}

impl Reply for AgentEnded {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            (("Số vòng", "Rounds"), self.rounds.to_string()),
            (("Đã kết thúc", "Finished"), self.finished.to_string()),
        ]);
    }
}

/// Does rounds. Each that is not quiet is printed; with `--json` every one, a line each.
pub(super) async fn run(
    arguments: AgentArguments,
    terms: &Terms,
    out: &mut impl Write,
) -> Result<Report, Failure> {
    let folder = terms.data.clone().or_else(desk_folder).ok_or(Failure::NoFolder)?;
    let log = if terms.verbose { logging::start_aloud } else { logging::start };
    if let Err(reason) = log(&folder)
        && !terms.quiet
    {
        writeln!(std::io::stderr(), "lienthu-cli: no log is written: {reason}").ok();
    }
    let network = terms.network.clone().unwrap_or_else(|| folder.join(NETWORK_FILE));
    let key = if terms.key_file { KeyPolicy::KeyFile } else { KeyPolicy::Keychain };
    let source = match arguments.agents {
        Some(file) => AgentSource::File(file),
        None => AgentSource::Desk { folder, key },
    };
    let mut agent = UnattendedAgent::new(network, source);
    let zone = ZoneOffset::VIET_NAM;
    if arguments.once {
        return Ok(Report::of(&round(&mut agent).await?, terms, zone));
    }
    let every = Duration::from_secs(arguments.every.into());
    let mut stop = std::pin::pin!(told_to_stop());
    let mut ended = AgentEnded::default();
    loop {
        let done = tokio::select! {
            done = round(&mut agent) => done,
            // A round may be cut off anywhere.
            () = &mut stop => return Ok(Report::of(&ended, terms, zone)),
        };
        let report = match &done {
            Ok(done) => {
                ended.rounds += 1;
                ended.finished += done.finished.len() as u64;
                (terms.json || !done.is_quiet()).then(|| Report::of(done, terms, zone))
            }
            // A file that somebody is just writing is whole at the next round.
            Err(failure) => Some(Report::from(failure)),
        };
        if let Some(report) = report {
            report.print(&Notices::default(), terms, out, &mut std::io::stderr())?;
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = &mut stop => return Ok(Report::of(&ended, terms, zone)),
        }
    }
}

async fn round(agent: &mut UnattendedAgent) -> Result<RoundView, Failure> {
    agent.round().await.map_err(|error| Failure::App(error.message()))
}

/// Ctrl-C, or the signal by which a service is stopped. Where the system gives neither, it is killed.
async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminated = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signals) => drop(signals.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupted => {}
            () = terminated => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
