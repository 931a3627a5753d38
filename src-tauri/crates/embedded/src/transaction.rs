//! Transactions over several sites. What follows from a message is the protocol's affair: here it is stored
//! and carried out, in one transaction of the file.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::action::Action;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replicated::BranchStanding;
use lienthu_domain::times::UtcMs;
use lienthu_port::error::SiteError;
use lienthu_port::transaction::{
    Answered, KeptTransaction, NetworkFacts, PeerCard, Posted, Sought, TRANSACTIONS_PAGE_MAX,
};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::entry::{Entry, Share, ShareState};
use lienthu_protocol::message::{Refusal, Reply};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::site::{Act, Caller, Peer, SiteFacts, step};
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::Failure;
use crate::{action, catalogue, rows};

/// Takes a message.
pub(crate) fn transact(
    tx: &Connection,
    now: UtcMs,
    caller: Caller,
    posted: &Posted,
) -> Result<Answered, Failure> {
    let txn = posted.message.txn;
    let identity = identity(tx)?;
    let peers = peers(tx)?;
    let kept = kept(tx, txn, now)?;
    let facts = SiteFacts {
        me: &identity.me,
        key: &identity.key,
        peers: &peers,
        membership: identity.membership,
        is_quarantined: identity.is_quarantined,
        caller,
        prepared_for_ms: kept.age_ms,
    };
    let stepped = step(&facts, &kept.entry, &posted.message);
    let action = posted.action.as_deref().or(kept.action.as_ref());
    let promised = if stepped.act == Act::Hold {
        let action = action.ok_or_else(no_action)?;
        let promise = action::promise(tx, &identity.me.branch, action)?;
        if !promise.hindered.is_empty() {
            let hindered = promise.hindered;
            return Ok(Answered { reply: Reply::Refused(Refusal::Action), hindered });
        }
        Some(promise)
    } else {
        None
    };
    if stepped.entry != kept.entry {
        store(tx, txn, now, &stepped.entry, action)?;
    }
    match stepped.act {
        Act::Nothing => {}
        Act::Hold => {
            if let Some(promise) = promised {
                action::hold(tx, now, txn, &promise)?;
            }
        }
        Act::Apply | Act::Reapply => {
            let action = action.ok_or_else(no_action)?;
            let agreed = stepped.entry.terms().map(|terms| terms.membership());
            action::apply(tx, now, txn, &identity.me.branch, agreed.unwrap_or_default(), action)?;
        }
        Act::Release => action::release(tx, now, txn)?,
        Act::NotePeer(peer) => note_peer(tx, &peer)?,
    }
    Ok(Answered { reply: stepped.reply, hindered: vec![] })
}

fn no_action() -> Failure {
    SiteError::Unexpected { detail: "the message says nothing of what is to be done".to_owned() }
        .into()
}

struct Identity {
    me: Party,
    key: SiteKey,
    membership: MembershipVersion,
    is_quarantined: bool,
}

fn identity(tx: &Connection) -> Result<Identity, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT branch, incarnation, site_key, membership, quarantined FROM lienthu_site",
        )?
        .query_row([], |row| {
            Ok(Identity {
                me: Party { branch: rows::parsed(row, 0)?, incarnation: rows::parsed(row, 1)? },
                key: rows::parsed(row, 2)?,
                membership: MembershipVersion(row.get(3)?),
                is_quarantined: row.get(4)?,
            })
        })?)
}

fn peers(tx: &Connection) -> Result<BTreeMap<BranchCode, Peer>, Failure> {
    Ok(tx
        .prepare_cached("SELECT branch, incarnation, site_key FROM lienthu_peer")?
        .query_map([], |row| {
            let peer = Peer { incarnation: rows::parsed(row, 1)?, key: rows::parsed(row, 2)? };
            Ok((rows::parsed(row, 0)?, peer))
        })?
        .collect::<Result<_, _>>()?)
}

fn note_peer(tx: &Connection, peer: &Party) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE lienthu_peer SET incarnation = ?2 WHERE branch = ?1")?
        .execute(params![peer.branch.as_str(), peer.incarnation.to_string()])?;
    Ok(())
}

/// What the other sites have to know of this one.
pub(crate) fn card(tx: &Connection) -> Result<PeerCard, Failure> {
    let Identity { me, key, .. } = identity(tx)?;
    Ok(PeerCard { party: me, key })
}

/// Makes these the other sites of the network.
pub(crate) fn join(
    tx: &Connection,
    cards: &[PeerCard],
    membership: MembershipVersion,
) -> Result<(), Failure> {
    let me = identity(tx)?.me;
    for card in cards.iter().filter(|card| card.party.branch != me.branch) {
        tx.prepare_cached(
            "INSERT INTO lienthu_peer (branch, incarnation, site_key) VALUES (?1, ?2, ?3)
             ON CONFLICT (branch) DO UPDATE
             SET incarnation = excluded.incarnation, site_key = excluded.site_key",
        )?
        .execute(params![
            card.party.branch.as_str(),
            card.party.incarnation.to_string(),
            card.key.exposed(),
        ])?;
    }
    catalogue::reach_membership(tx, membership)
}

/// What the site knows of the network.
pub(crate) fn network(tx: &Connection) -> Result<NetworkFacts, Failure> {
    let Identity { me, membership, is_quarantined, .. } = identity(tx)?;
    let peers = peers(tx)?.into_iter();
    let peers =
        peers.map(|(branch, peer)| Party { branch, incarnation: peer.incarnation }).collect();
    let branches = tx
        .prepare_cached("SELECT MaCN, TrangThai FROM CHINHANH ORDER BY MaCN")?
        .query_map([], |row| {
            Ok((rows::parsed(row, 0)?, rows::coded(row, 1, BranchStanding::from_code)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(NetworkFacts { me, membership, is_quarantined, peers, branches })
}

/// Lets the site take part again.
pub(crate) fn readmit(tx: &Connection) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE lienthu_site SET quarantined = 0 WHERE quarantined = 1")?
        .execute([])?;
    Ok(())
}

/// A page of what the site keeps, by transaction, behind that one.
pub(crate) fn page(
    tx: &Connection,
    now: UtcMs,
    sought: &Sought,
    after: Option<TxnId>,
) -> Result<Vec<KeptTransaction>, Failure> {
    let after = after.map_or_else(String::new, |txn| txn.to_string());
    let most = i64::try_from(TRANSACTIONS_PAGE_MAX).unwrap_or(i64::MAX);
    let txns: Vec<TxnId> = match sought {
        Sought::Open => tx
            .prepare_cached(
                "SELECT txn FROM lienthu_txn_participant
                 WHERE (outcome IS NULL OR forced IS NOT NULL) AND forgotten = 0 AND txn > ?1
                 ORDER BY txn LIMIT ?2",
            )?
            .query_map(params![after, most], |row| rows::parsed(row, 0))?
            .collect::<Result<_, _>>()?,
        Sought::Naming(party) => tx
            .prepare_cached(
                "SELECT txn FROM lienthu_txn_party
                 WHERE branch = ?3 AND incarnation <> ?4 AND txn > ?1 ORDER BY txn LIMIT ?2",
            )?
            .query_map(
                params![after, most, party.branch.as_str(), party.incarnation.to_string()],
                |row| rows::parsed(row, 0),
            )?
            .collect::<Result<_, _>>()?,
    };
    txns.into_iter().map(|txn| kept(tx, txn, now)).collect()
}

fn kept(tx: &Connection, txn: TxnId, now: UtcMs) -> Result<KeptTransaction, Failure> {
    let decision = tx
        .prepare_cached(
            "SELECT outcome, decided_by, decided_incarnation, seal FROM lienthu_txn_decision
             WHERE txn = ?1",
        )?
        .query_row([txn.to_string()], |row| decision(row, 0))
        .optional()?
        .flatten();
    let found = tx
        .prepare_cached(
            "SELECT outcome, decided_by, decided_incarnation, seal, forced, at_ms, action, membership,
                    decides, forgotten
             FROM lienthu_txn_participant WHERE txn = ?1",
        )?
        .query_row([txn.to_string()], |row| {
            let forced = row.get_ref(4)?.as_str_or_null()?.and_then(Outcome::from_code);
            let state = ShareState::of(forced, decision_of(row)?, row.get(9)?);
            let at = UtcMs::from_ms(row.get(5)?);
            let action: Option<String> = row.get(6)?;
            let agreed: Option<(u32, BranchCode)> =
                match (row.get(7)?, rows::parsed_option(row, 8)?) {
                    (Some(membership), Some(decider)) => Some((membership, decider)),
                    _ => None,
                };
            Ok((state, at, action, agreed))
        })
        .optional()?;
    let Some((state, at, action, agreed)) = found else {
        let entry = Entry { share: None, decision };
        return Ok(KeptTransaction { txn, entry, action: None, age_ms: 0 });
    };
    let terms = match agreed {
        Some((membership, decider)) => {
            let terms = Terms::new(parties(tx, txn)?, &decider, MembershipVersion(membership));
            Some(Arc::new(terms.map_err(|error| damaged(&error.to_string()))?))
        }
        None => None,
    };
    let action = action.map(|text| serde_json::from_str::<Action>(&text)).transpose();
    let action = action.map_err(|error| damaged(&error.to_string()))?;
    let age_ms = u64::try_from(now.ms().saturating_sub(at.ms())).unwrap_or(0);
    let entry = Entry { share: Some(Share { terms, state }), decision };
    Ok(KeptTransaction { txn, entry, action, age_ms })
}

fn decision_of(row: &Row<'_>) -> lienthu_sqlite::rusqlite::Result<Option<Decision>> {
    decision(row, 0)
}

fn decision(row: &Row<'_>, first: usize) -> lienthu_sqlite::rusqlite::Result<Option<Decision>> {
    let Some(word) = row.get_ref(first)?.as_str_or_null()? else { return Ok(None) };
    let outcome = Outcome::from_code(word).ok_or_else(|| rows::wrong(first, "not an outcome"))?;
    let decider =
        Party { branch: rows::parsed(row, first + 1)?, incarnation: rows::parsed(row, first + 2)? };
    Ok(Some(Decision { outcome, decider, seal: rows::parsed(row, first + 3)? }))
}

fn parties(tx: &Connection, txn: TxnId) -> Result<Vec<Party>, Failure> {
    Ok(tx
        .prepare_cached("SELECT branch, incarnation FROM lienthu_txn_party WHERE txn = ?1")?
        .query_map([txn.to_string()], |row| {
            Ok(Party { branch: rows::parsed(row, 0)?, incarnation: rows::parsed(row, 1)? })
        })?
        .collect::<Result<_, _>>()?)
}

fn damaged(detail: &str) -> Failure {
    SiteError::Damaged { detail: detail.to_owned() }.into()
}

fn store(
    tx: &Connection,
    txn: TxnId,
    now: UtcMs,
    entry: &Entry,
    action: Option<&Action>,
) -> Result<(), Failure> {
    let id = txn.to_string();
    if let Some(share) = &entry.share {
        let terms = share.terms.as_ref();
        let action = action.filter(|_| terms.is_some()).map(serde_json::to_string).transpose();
        let action = action.map_err(|error| damaged(&error.to_string()))?;
        let decided = share.state.decision();
        tx.prepare_cached(
            "INSERT INTO lienthu_txn_participant (
                 txn, action, membership, decides, at_ms, forced, outcome, decided_by,
                 decided_incarnation, seal, forgotten
             )
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (txn) DO UPDATE
             SET action = excluded.action, membership = excluded.membership,
                 decides = excluded.decides, forced = excluded.forced, outcome = excluded.outcome,
                 decided_by = excluded.decided_by,
                 decided_incarnation = excluded.decided_incarnation, seal = excluded.seal,
                 forgotten = excluded.forgotten",
        )?
        .execute(params![
            id,
            action,
            terms.map(|terms| terms.membership().0),
            terms.map(|terms| terms.decider().branch.as_str()),
            now.ms(),
            share.state.forced().map(Outcome::code),
            decided.map(|decision| decision.outcome.code()),
            decided.map(|decision| decision.decider.branch.as_str()),
            decided.map(|decision| decision.decider.incarnation.to_string()),
            decided.map(|decision| decision.seal.to_string()),
            share.state.is_forgotten(),
        ])?;
        for party in terms.map(|terms| terms.parties()).unwrap_or_default() {
            tx.prepare_cached(
                "INSERT INTO lienthu_txn_party (txn, branch, incarnation) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                id,
                party.branch.as_str(),
                party.incarnation.to_string()
            ])?;
        }
    }
    if let Some(decision) = &entry.decision {
        tx.prepare_cached(
            "INSERT INTO lienthu_txn_decision (
                 txn, outcome, decided_by, decided_incarnation, seal, at_ms
             )
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             -- Of a restored site, which seals anew what it decided before.
             ON CONFLICT (txn) DO UPDATE
             SET decided_incarnation = excluded.decided_incarnation, seal = excluded.seal",
        )?
        .execute(params![
            id,
            decision.outcome.code(),
            decision.decider.branch.as_str(),
            decision.decider.incarnation.to_string(),
            decision.seal.to_string(),
            now.ms(),
        ])?;
    }
    Ok(())
}
