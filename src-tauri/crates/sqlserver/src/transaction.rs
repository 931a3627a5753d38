//! Transactions over several sites: each request is a procedure, and what it answers is read here. What
//! follows from a message, `sql/site` decides.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::action::{Action, Resource};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, BranchCode, TxnId};
use lienthu_domain::replicated::BranchStanding;
use lienthu_port::transaction::{
    Answered, Hindered, KeptTransaction, NetworkFacts, Posted, Sought,
};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::entry::{Entry, Share, ShareState};
use lienthu_protocol::message::{Refusal, Reply, Request};
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use serde_json::{Value, json};
use tiberius::Row;

use crate::calls::{self, Call};
use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;
use crate::session::Answer;

/// The procedure of a request, and its parameters.
pub(crate) fn call(posted: &Posted) -> Result<(Call, Vec<Param>), Failure> {
    let message = &posted.message;
    let text = |value: &dyn ToString| Param::Text(value.to_string());
    let mut params =
        vec![text(&message.txn), text(&message.to.branch), text(&message.to.incarnation)];
    let action = || match &posted.action {
        Some(action) => serde_json::to_string(&**action)
            .map(Param::Text)
            .map_err(|error| Failure::NotUnderstood(error.to_string())),
        None => {
            Err(Failure::NotUnderstood("the message says nothing of what is to be done".into()))
        }
    };
    let call = match &message.request {
        Request::Prepare { terms } => {
            params.extend([terms_document(terms), action()?]);
            calls::PREPARE
        }
        Request::Decide { outcome } => {
            params.push(text(&outcome.code()));
            calls::DECIDE
        }
        Request::Finish { decision } => {
            params.extend(decision_params(decision));
            calls::FINISH
        }
        Request::Ask => calls::ASK,
        Request::Announce { restored } => {
            params.extend([text(&restored.branch), text(&restored.incarnation)]);
            calls::ANNOUNCE
        }
        Request::Replay { terms, outcome, decision } => {
            params.extend([terms_document(terms), action()?]);
            match decision {
                Some(decision) => params.extend(decision_params(decision)),
                None => {
                    params.push(text(&outcome.code()));
                    params.extend([(); 3].map(|()| Param::Text(String::new())));
                }
            }
            calls::REPLAY
        }
        Request::Force { outcome } => {
            params.push(text(&outcome.code()));
            calls::FORCE
        }
        Request::Forget => calls::FORGET,
    };
    Ok((call, params))
}

fn decision_params(decision: &Decision) -> [Param; 4] {
    [
        Param::Text(decision.outcome.code().to_owned()),
        Param::Text(decision.decider.branch.to_string()),
        Param::Text(decision.decider.incarnation.to_string()),
        Param::Text(decision.seal.to_string()),
    ]
}

fn terms_document(terms: &Terms) -> Param {
    let party = |party: &Party| {
        json!({
            "branch": party.branch.as_str(),
            "incarnation": party.incarnation.to_string(),
        })
    };
    let parties: Vec<Value> = terms.parties().iter().map(party).collect();
    let document = json!({
        "membership": terms.membership().0,
        "decides": terms.decider().branch.as_str(),
        "parties": parties,
    });
    Param::Text(document.to_string())
}

/// The barcodes of copies to receive.
pub(crate) fn barcodes(barcodes: &[Barcode]) -> Param {
    let barcodes: Vec<&str> = barcodes.iter().map(Barcode::as_str).collect();
    Param::Text(Value::from(barcodes).to_string())
}

/// The answer to a message.
pub(crate) fn answered(mut answer: Answer) -> Result<Answered, Failure> {
    let refusal = rows::coded_option(&answer.row()?, 0, Refusal::from_code)?;
    let hindered = answer.set()?.iter().map(hindered).collect::<Result<_, _>>()?;
    let row = answer.row()?;
    let parties = answer.set()?.iter().map(|row| party(row, 0)).collect::<Result<_, _>>()?;
    let reply = match refusal {
        Some(refusal) => Reply::Refused(refusal),
        None => Reply::Kept(kept(&row, parties)?.entry),
    };
    Ok(Answered { reply, hindered })
}

/// A page of transactions.
pub(crate) fn listed(mut answer: Answer) -> Result<Vec<KeptTransaction>, Failure> {
    let (transactions, parties) = (answer.set()?, answer.set()?);
    let mut parties_of: BTreeMap<TxnId, Vec<Party>> = BTreeMap::new();
    for row in &parties {
        parties_of.entry(rows::parsed(row, 0)?).or_default().push(party(row, 1)?);
    }
    let kept = |row: &Row| {
        let txn: TxnId = rows::parsed(row, 0)?;
        kept(row, parties_of.remove(&txn).unwrap_or_default())
    };
    transactions.iter().map(kept).collect()
}

/// What the site knows of the network.
pub(crate) fn network(mut answer: Answer) -> Result<NetworkFacts, Failure> {
    let me = answer.row()?;
    Ok(NetworkFacts {
        me: party(&me, 0)?,
        membership: MembershipVersion(rows::number(&me, 2)?),
        is_quarantined: rows::value(&me, 3)?,
        peers: answer.set()?.iter().map(|row| party(row, 0)).collect::<Result<_, _>>()?,
        branches: answer.set()?.iter().map(branch).collect::<Result<_, _>>()?,
    })
}

/// Copies that are not received.
pub(crate) fn not_received(mut answer: Answer) -> Result<Vec<Hindered>, Failure> {
    let not_received = |row: &Row| {
        Ok(Hindered {
            resource: Resource::Copy(rows::parsed(row, 0)?),
            why: rows::coded(row, 1, Hindrance::from_code)?,
        })
    };
    answer.set()?.iter().map(not_received).collect()
}

/// What stands against rows that were brought.
pub(crate) fn not_filled(mut answer: Answer) -> Result<Vec<Hindered>, Failure> {
    answer.set()?.iter().map(hindered).collect()
}

/// How a listing is asked for.
pub(crate) fn sought(sought: &Sought, after: Option<TxnId>) -> [Param; 3] {
    let (branch, incarnation) = match sought {
        Sought::Open => (String::new(), String::new()),
        Sought::Naming(party) => (party.branch.to_string(), party.incarnation.to_string()),
    };
    let after = after.map_or_else(String::new, |txn| txn.to_string());
    [Param::Text(branch), Param::Text(incarnation), Param::Text(after)]
}

fn party(row: &Row, first: usize) -> Result<Party, Failure> {
    Ok(Party { branch: rows::parsed(row, first)?, incarnation: rows::parsed(row, first + 1)? })
}

fn branch(row: &Row) -> Result<(BranchCode, BranchStanding), Failure> {
    Ok((rows::parsed(row, 0)?, rows::coded(row, 1, BranchStanding::from_code)?))
}

fn hindered(row: &Row) -> Result<Hindered, Failure> {
    let resource = Resource::from_stored(rows::value(row, 0)?, rows::value(row, 1)?);
    Ok(Hindered {
        resource: resource.ok_or_else(|| rows::wrong(1, "not a resource"))?,
        why: rows::coded(row, 2, Hindrance::from_code)?,
    })
}

fn kept(row: &Row, parties: Vec<Party>) -> Result<KeptTransaction, Failure> {
    let txn = rows::parsed(row, 0)?;
    let own = decision(row, 7)?;
    if rows::number::<u8>(row, 1)? == 0 {
        let entry = Entry { share: None, decision: own };
        return Ok(KeptTransaction { txn, entry, action: None, age_ms: 0 });
    }
    let forced = rows::coded_option(row, 2, Outcome::from_code)?;
    let state = ShareState::of(forced, decision(row, 3)?, rows::value(row, 15)?);
    let decides: Option<BranchCode> = rows::parsed_option(row, 12)?;
    let terms = match decides {
        Some(decides) => {
            let membership = MembershipVersion(rows::number(row, 11)?);
            let terms = Terms::new(parties, &decides, membership);
            Some(Arc::new(terms.map_err(|error| rows::wrong(12, &error.to_string()))?))
        }
        None => None,
    };
    let action = rows::option::<&str>(row, 13)?.map(serde_json::from_str::<Action>).transpose();
    Ok(KeptTransaction {
        txn,
        entry: Entry { share: Some(Share { terms, state }), decision: own },
        action: action.map_err(|error| rows::wrong(13, &error.to_string()))?,
        age_ms: rows::number::<i64>(row, 14).map(|ms| u64::try_from(ms).unwrap_or(0))?,
    })
}

fn decision(row: &Row, first: usize) -> Result<Option<Decision>, Failure> {
    let Some(outcome) = rows::coded_option(row, first, Outcome::from_code)? else {
        return Ok(None);
    };
    let seal = rows::parsed(row, first + 3)?;
    Ok(Some(Decision { outcome, decider: party(row, first + 1)?, seal }))
}
