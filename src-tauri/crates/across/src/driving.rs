//! The protocol's machines over real sites: sends what they want sent, all at once, and feeds them what
//! comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lienthu_domain::action::Action;
use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::transaction::{Answered, Hindered, Posted};
use lienthu_protocol::driving::{Driven, Ending, Event, Machine};
use lienthu_protocol::message::{Message, Refusal, Reply, Request};

use crate::sites::Sites;

/// How often a message is sent whose answer got lost or that met a busy site. Messages can be sent again.
const TRIES_MAX: u32 = 3;
/// The wait before that, growing by itself each time.
const WAIT_MS: u64 = 100;

/// How a transaction ended under whoever drove it.
#[derive(Debug)]
pub struct Driving {
    /// How.
    pub ending: Ending,
    /// Why it could not be done, at each site that said so.
    pub hindered: BTreeMap<BranchCode, Vec<Hindered>>,
    /// Why each site that refused it did.
    pub refused: BTreeMap<BranchCode, Refusal>,
    /// The last thing that went wrong on the way to each site.
    pub failed: BTreeMap<BranchCode, SiteError>,
}

/// Drives a machine to its end. `watch` hears every event.
pub async fn drive<M: Machine>(
    sites: &Sites,
    machine: M,
    action: &Arc<Action>,
    mut watch: impl FnMut(&M, &Event),
) -> Driving {
    let mut machine = machine;
    let mut under_way = FuturesUnordered::new();
    let mut hindered = BTreeMap::new();
    let mut refused = BTreeMap::new();
    let mut failed = BTreeMap::new();
    let mut latest: BTreeMap<BranchCode, usize> = BTreeMap::new();
    let mut posted = 0;
    let mut event = Event::Started;
    loop {
        let Driven { next, messages } = machine.step(&event);
        machine = next;
        watch(&machine, &event);
        if let Some(ending) = machine.ending() {
            return Driving { ending: ending.clone(), hindered, refused, failed };
        }
        for message in messages {
            posted += 1;
            latest.insert(message.to.branch.clone(), posted);
            let (number, action) = (posted, Some(Arc::clone(action)));
            under_way.push(async move { (number, post(sites, message, action).await) });
        }
        event = loop {
            let Some((number, (from, answer))) = under_way.next().await else {
                // It waits for nobody: it would wait for ever.
                return Driving { ending: Ending::InDoubt, hindered, refused, failed };
            };
            // The machine goes by the last thing that it asked a site. An answer that comes late to an earlier
            // question, such as that it promises nothing, would be taken for an answer to that.
            let is_late = latest.get(&from) != Some(&number);
            let heard = match answer {
                Ok(answered) => {
                    if !answered.hindered.is_empty() {
                        hindered.insert(from.clone(), answered.hindered);
                    }
                    if let Reply::Refused(why) = answered.reply {
                        refused.insert(from.clone(), why);
                    }
                    Event::Answered { from, reply: answered.reply }
                }
                Err(error) => {
                    failed.insert(from.clone(), error);
                    Event::Unanswered { from }
                }
            };
            if !is_late {
                break heard;
            }
        };
    }
}

/// Sends a message, with the action where the site may have to learn it, until there is an answer or no hope of
/// one.
pub(crate) async fn post(
    sites: &Sites,
    message: Message,
    action: Option<Arc<Action>>,
) -> (BranchCode, Result<Answered, SiteError>) {
    let branch = message.to.branch.clone();
    let needs_action = matches!(message.request, Request::Prepare { .. } | Request::Replay { .. });
    let posted = Posted { message, action: action.filter(|_| needs_action) };
    let mut tried = 1;
    loop {
        let posted = posted.clone();
        let asked =
            |site: Arc<dyn lienthu_port::site::Site>| async move { site.transact(&posted).await };
        match sites.ask(&branch, asked).await {
            Err(SiteError::ReplyLost { .. } | SiteError::Busy) if tried < TRIES_MAX => {
                // A lock or a line that comes back; there is nothing to await but time.
                tokio::time::sleep(Duration::from_millis(WAIT_MS * u64::from(tried))).await;
                tried += 1;
            }
            answer => return (branch, answer),
        }
    }
}
