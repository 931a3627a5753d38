//! `settling`, invariants I1 and I3 with what managers may do to them: an outcome that was forced against the decision
//! is found by a later round and repaired, and a site that was put back to a backup learns what it promised and decided
//! since. In the end every copy is live at one branch alone, and nothing is left open.

use std::sync::Arc;
use std::time::Instant;

use lienthu_across::recovery::{open_at, recover};
use lienthu_across::restoration::readmit;
use lienthu_across::settling::{Forcing, force, repair};
use lienthu_across::sites::Sites;
use lienthu_across::transfers::transfer;
use lienthu_conformance::CannotHere;
use lienthu_conformance::kit::{AGENT, LIBRARIAN, MANAGER, copy, credentials, key};
use lienthu_domain::action::Action;
use lienthu_domain::ids::{Barcode, BranchCode, TxnId};
use lienthu_port::transaction::Posted;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::terms::{MembershipVersion, Terms as Agreed};
use uuid::Uuid;

use crate::kit::findings::Findings;
use crate::kit::network::{BRANCHES, Network, live, moving};
use crate::kit::sites;
use crate::registry::Terms;

const FROM: &str = BRANCHES[0];
const TO: &str = BRANCHES[1];
/// What a manager chooses, against the decision.
const FORCED: [Outcome; 2] = [Outcome::Commit, Outcome::Abort];
/// Transfers since the backup that were committed.
const SINCE: u128 = 4;

/// Carries the proof through.
///
/// # Errors
/// When no site can be had.
pub async fn run(_: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available(findings) {
        let begun = Instant::now();
        let name = kind.kind();
        let network = Network::new(&*kind).await?;
        let mut repaired = 0;
        for (number, forced) in FORCED.into_iter().enumerate() {
            repaired += usize::from(contradicted(&network, number, forced, name, findings).await?);
        }
        findings.figure(format!("{name}_repaired"), repaired);
        let told = restored(&network, name, findings).await?;
        findings.figure(format!("{name}_told"), told);
        findings.figure(format!("{name}_seconds"), begun.elapsed().as_secs());
    }
    Ok(())
}

/// One site is told to do the other thing than was decided, while the one that decided is away.
async fn contradicted(
    network: &Network,
    number: usize,
    forced: Outcome,
    name: &str,
    findings: &mut Findings,
) -> anyhow::Result<bool> {
    let what = format!("{name}: forced to {}", forced.code());
    let barcode: Barcode = key(&format!("F{number}"));
    let txn = TxnId::new(Uuid::from_u128(number as u128 + 1));
    left_behind(network, txn, &barcode).await?;
    let decided = match forced {
        Outcome::Commit => Outcome::Abort,
        Outcome::Abort => Outcome::Commit,
    };
    tell(network, FROM, txn, Request::Decide { outcome: decided }, None).await?;
    network.wait()?;

    let others = network.ways().into_iter().filter(|way| way.branch().as_str() != FROM);
    let others = Sites::new(others.collect(), &credentials(MANAGER));
    let forcing = force(&others, txn, forced, None).await;
    findings.check(
        &format!("{what}: a site that waits takes it"),
        matches!(forcing, Ok(Forcing::Forced(_))),
        || format!("{forcing:?}"),
    );
    let found = recover(&network.sites(AGENT)).await;
    findings.check(&format!("{what}: it is found"), found.contradicted.contains(&txn), || {
        format!("{found:?}")
    });
    let manager = network.sites(MANAGER);
    let repair = repair(&manager, txn, TxnId::new(Uuid::from_u128(number as u128 + 101))).await;
    let is_repaired = repair.as_ref().is_ok_and(|repair| repair.repaired);
    findings.check(&format!("{what}: it is repaired"), is_repaired, || format!("{repair:?}"));
    settled(network, &what, &[barcode], findings).await?;
    Ok(is_repaired)
}

/// A site is put back to before copies came and went.
async fn restored(network: &Network, name: &str, findings: &mut Findings) -> anyhow::Result<usize> {
    let what = format!("{name}: put back");
    let to: BranchCode = key(TO);
    let mut copies: Vec<Barcode> = vec![key("H0")];
    let here = network.session(&to, LIBRARIAN).await?;
    here.add_copies(&[copy("H0")]).await?;
    let backup = match network.back_up(&to).await? {
        Ok(backup) => backup,
        Err(CannotHere(why)) => {
            findings.skip(&format!("{what}: what it is told"), why);
            return Ok(0);
        }
    };
    let manager = network.sites(MANAGER);
    for number in 0..SINCE {
        // The last one leaves, the others arrive.
        let (from, to, barcode) = if number + 1 == SINCE {
            (TO, BRANCHES[2], copies[0].clone())
        } else {
            let barcode: Barcode = key(&format!("R{number}"));
            network
                .session(&key(FROM), LIBRARIAN)
                .await?
                .add_copies(&[copy(barcode.as_str())])
                .await?;
            copies.push(barcode.clone());
            (FROM, TO, barcode)
        };
        let moved = action(network, from, to, &barcode).await?;
        let Action::Transfer(moved) = moved else { anyhow::bail!("it is a transfer") };
        transfer(&manager, TxnId::new(Uuid::from_u128(201 + number)), moved, |_, _| {}).await?;
    }
    let undecided: Barcode = key("U0");
    left_behind(network, TxnId::new(Uuid::from_u128(301)), &undecided).await?;
    copies.push(undecided);
    network.put_back(&to, backup).await?.map_err(|CannotHere(why)| anyhow::anyhow!(why))?;

    let told = readmit(&network.sites(MANAGER), &to, |_| {}).await;
    // The undecided one as well, and those that were forced at it: of these it is told how they were decided.
    let expected = usize::try_from(SINCE + 1)? + FORCED.len();
    findings.check(
        &format!("{what}: it is told of each that it does not know"),
        told == Ok(expected),
        || format!("{told:?}"),
    );
    settled(network, &what, &copies, findings).await?;
    Ok(told.unwrap_or(0))
}

async fn settled(
    network: &Network,
    what: &str,
    copies: &[Barcode],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for barcode in copies {
        let found = network.everywhere(LIBRARIAN, barcode).await?;
        findings.check(&format!("{what}: I1 of {barcode}"), live(&found).len() == 1, || {
            format!("{found:?}")
        });
    }
    let sites = network.sites(MANAGER);
    let mut open = 0;
    for branch in BRANCHES {
        open += open_at(&sites, &key(branch)).await?.len();
    }
    findings.check(&format!("{what}: nothing is left open"), open == 0, || open.to_string());
    Ok(())
}

/// A new copy at the source, of which both sites have promised that it moves; nobody drives it.
async fn left_behind(network: &Network, txn: TxnId, barcode: &Barcode) -> anyhow::Result<()> {
    network.session(&key(FROM), LIBRARIAN).await?.add_copies(&[copy(barcode.as_str())]).await?;
    let action = action(network, FROM, TO, barcode).await?;
    let mut parties = vec![];
    for branch in [FROM, TO] {
        parties.push(network.session(&key(branch), MANAGER).await?.network().await?.me);
    }
    let terms = Arc::new(Agreed::new(parties, &key(FROM), MembershipVersion(1))?);
    for branch in [FROM, TO] {
        let request = Request::Prepare { terms: Arc::clone(&terms) };
        let reply = tell(network, branch, txn, request, Some(&action)).await?;
        anyhow::ensure!(matches!(&reply, Reply::Kept(entry) if entry.is_prepared()), "{reply:?}");
    }
    Ok(())
}

async fn action(
    network: &Network,
    from: &str,
    to: &str,
    barcode: &Barcode,
) -> anyhow::Result<Action> {
    let file = network.session(&key(from), LIBRARIAN).await?.copy(barcode).await?;
    let Some(file) = file else { anyhow::bail!("{barcode} is not at {from}") };
    Ok(Action::Transfer(moving(from, to, &[file.copy], 0)))
}

async fn tell(
    network: &Network,
    branch: &str,
    txn: TxnId,
    request: Request,
    action: Option<&Action>,
) -> anyhow::Result<Reply> {
    let session = network.session(&key(branch), MANAGER).await?;
    let to = session.network().await?.me;
    let action = action.cloned().map(Arc::new);
    let posted = Posted { message: Message { txn, to, request }, action };
    Ok(session.transact(&posted).await?.reply)
}
