//! A site: the pure step of the protocol, and what it does to the site's rows.

use std::collections::BTreeMap;

use lienthu_protocol::decision::Outcome;
use lienthu_protocol::entry::Entry;
use lienthu_protocol::message::{Message, Refusal, Reply};
use lienthu_protocol::site::{Act, Caller, Peer, SiteFacts, Step};
use lienthu_protocol::terms::MembershipVersion;

use crate::places::{branch, key, party, restored_of, site_of};
use crate::variant::Variant;

/// Longer than anyone who promised is left alone.
const LONG_MS: u64 = u64::MAX;

/// What is put back with the site's database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Rows {
    /// What it keeps of the transaction.
    pub entry: Entry,
    /// What was done of its share, or undone.
    pub applied: Option<Outcome>,
    /// What it touches is held.
    pub is_held: bool,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Site {
    /// Its database.
    pub rows: Rows,
    /// Its database at each earlier time, where backups are made.
    pub past: Vec<Rows>,
    /// How often it was restored.
    pub restored: u8,
    /// Restored, and not yet told what it promised and decided.
    pub is_quarantined: bool,
    /// As whom it knows each site.
    pub knows: Vec<u8>,
}

impl Site {
    pub fn new(sites: usize) -> Self {
        Self {
            rows: Rows::default(),
            past: vec![],
            restored: 0,
            is_quarantined: false,
            knows: vec![0; sites],
        }
    }

    /// Takes a message. `can` says whether the action can be done where it has to be looked at.
    pub fn take(
        &mut self,
        me: usize,
        message: &Message,
        caller: Caller,
        can: bool,
        variant: Variant,
    ) -> Reply {
        let peers: BTreeMap<_, _> = (0..self.knows.len())
            .filter(|site| *site != me)
            .map(|site| {
                let incarnation = party(site, self.knows[site]).incarnation;
                (branch(site), Peer { incarnation, key: key(site) })
            })
            .collect();
        let entry = self.rows.entry.clone();
        let facts = SiteFacts {
            me: &party(me, self.restored),
            key: &key(me),
            peers: &peers,
            membership: MembershipVersion(1),
            is_quarantined: self.is_quarantined,
            caller,
            prepared_for_ms: LONG_MS,
        };
        let stepped = variant.at_site(&facts, &entry, message);
        self.carry_out(stepped, can)
    }

    fn carry_out(&mut self, stepped: Step, can: bool) -> Reply {
        let mut rows = self.rows.clone();
        rows.entry = stepped.entry;
        match stepped.act {
            Act::Nothing => {}
            Act::Hold if can => rows.is_held = true,
            Act::Hold => return Reply::Refused(Refusal::Action),
            Act::Apply | Act::Reapply => {
                rows.applied = Some(Outcome::Commit);
                rows.is_held = false;
            }
            Act::Release => {
                rows.applied = Some(Outcome::Abort);
                rows.is_held = false;
            }
            Act::NotePeer(peer) => self.knows[site_of(&peer.branch)] = restored_of(&peer),
        }
        self.rows = rows;
        stepped.reply
    }

    /// Keeps the state that it had as a backup, if it is another.
    pub fn back_up(&mut self, before: &Rows) {
        if self.rows != *before && self.past.last() != Some(before) {
            self.past.push(before.clone());
        }
    }

    /// Puts an earlier state back. The site knows itself as another from now on.
    pub fn restore(&mut self, time: usize) {
        self.rows = self.past.swap_remove(time);
        self.past.clear();
        self.restored += 1;
        self.is_quarantined = true;
    }
}
