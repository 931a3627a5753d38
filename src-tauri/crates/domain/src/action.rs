//! What a transaction over several sites does, what it holds meanwhile, and what stands against it.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

use crate::coded::coded;
use crate::copy::CopyDetails;
use crate::ids::{Barcode, BranchCode, PatronCategory, TitleKey};
use crate::replica::{NotDigest, RowDigest};
use crate::replicated::{Branch, BranchStanding, ClosedDay, LoanPolicy, ReplicatedRow, Title};
use crate::times::LocalDate;

/// Copies of one transaction at most. A server takes the whole table in place of some 5,000 locks; a
/// copy costs several.
pub const TRANSFER_COPIES_MAX: usize = 500;
/// Changes of one transaction at most, for the same reason.
pub const CHANGES_MAX: usize = 500;

/// See the module. Every site of the transaction keeps all of it: any of them may be asked later what
/// another one promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Copies go from one branch to another.
    Transfer(Transfer),
    /// Rows change that every site holds.
    Catalogue {
        /// At most [`CHANGES_MAX`], each of another row.
        changes: Vec<CatalogueChange>,
    },
}

/// Copies go from one branch to another. Their loans stay behind with a row that says where they went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Where they are.
    pub from: BranchCode,
    /// Where they go.
    pub to: BranchCode,
    /// As they are; at most [`TRANSFER_COPIES_MAX`], each once.
    pub copies: Vec<MovingCopy>,
}

/// A copy on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovingCopy {
    /// As it is; its condition moves along.
    pub details: CopyDetails,
    /// How many transfers it has made, this one among them. A restored site that is told of its transfers
    /// in any order ends where the last one of each copy left it.
    pub hop: u32,
}

/// A row becomes another, where it is still what whoever changes it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum CatalogueChange {
    /// A title is added or changed.
    PutTitle {
        /// What it is to be.
        title: Title,
        /// What was seen; nothing to add a new one.
        seen: Option<Title>,
    },
    /// A title is marked removed.
    RemoveTitle {
        /// What was seen.
        seen: Title,
    },
    /// A branch is added, renamed, set away, activated or closed.
    PutBranch {
        /// What it is to be.
        branch: Branch,
        /// What was seen; nothing to add a new one.
        seen: Option<Branch>,
    },
    /// A loan policy is added or changed.
    PutPolicy {
        /// What it is to be.
        policy: LoanPolicy,
        /// What was seen; nothing to add a new one.
        seen: Option<LoanPolicy>,
    },
    /// A loan policy is taken away.
    RemovePolicy {
        /// What was seen.
        seen: LoanPolicy,
    },
    /// A closed day is added, or its note changed.
    PutClosedDay {
        /// What it is to be.
        closed: ClosedDay,
        /// What was seen; nothing to add a new one.
        seen: Option<ClosedDay>,
    },
    /// A closed day is taken away.
    RemoveClosedDay {
        /// What was seen.
        seen: ClosedDay,
    },
    /// A row that the sites do not have alike is the same everywhere again: what they had there was looked
    /// at, side by side, and one of it chosen.
    Repair {
        /// What it is to be.
        row: ReplicatedRow,
        /// It is to be nowhere; `row` then only names it.
        gone: bool,
        /// What was seen, each version once. A site writes it where it still has one of these: nobody's edit
        /// goes unseen.
        seen: BTreeSet<Version>,
    },
    /// A branch that was away takes part again: its site was filled, and has what the others have.
    Activate {
        /// What it is to be.
        branch: Branch,
        /// What was seen.
        seen: Branch,
        /// In which state each site was when their rows were found to be the same, its own among them. One that has
        /// changed such a row since is in another.
        audited: Vec<AuditedState>,
    },
}

/// What a site had of a row.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(try_from = "String", into = "String")]
#[specta(type = String)]
pub enum Version {
    /// No such row.
    Nothing,
    /// The row with this digest.
    Row(RowDigest),
}

impl TryFrom<String> for Version {
    type Error = NotDigest;
    fn try_from(text: String) -> Result<Self, NotDigest> {
        if text.is_empty() { Ok(Self::Nothing) } else { text.parse().map(Self::Row) }
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        match version {
            Version::Nothing => Self::new(),
            Version::Row(digest) => digest.into(),
        }
    }
}

impl Version {
    /// Of what a site has.
    #[must_use]
    pub fn of(row: Option<&ReplicatedRow>) -> Self {
        row.map_or(Self::Nothing, |row| Self::Row(RowDigest::of(row)))
    }
}

/// A site as it was when its rows were compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditedState {
    /// Whose site.
    pub branch: BranchCode,
    /// The number of the last change of a row that every site holds.
    #[specta(type = f64)]
    pub changed: i64,
}

/// Something that a transaction holds from its promise to its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "key", rename_all = "snake_case")]
pub enum Resource {
    /// Who belongs to the network.
    Membership,
    /// A copy, or the barcode of one that arrives.
    Copy(Barcode),
    /// A title.
    Title(TitleKey),
    /// A branch.
    Branch(BranchCode),
    /// A loan policy.
    Policy(Option<BranchCode>, Option<PatronCategory>),
    /// A closed day.
    ClosedDay(Option<BranchCode>, LocalDate),
}

impl Resource {
    /// How it is stored: a kind and a key.
    #[must_use]
    pub fn stored(&self) -> (&'static str, String) {
        fn or_empty<K: AsRef<str>>(key: Option<&K>) -> &str {
            key.map_or("", AsRef::as_ref)
        }
        match self {
            Self::Membership => ("membership", String::new()),
            Self::Copy(barcode) => ("copy", barcode.to_string()),
            Self::Title(key) => ("title", key.to_string()),
            Self::Branch(code) => ("branch", code.to_string()),
            Self::Policy(branch, category) => {
                ("policy", format!("{}|{}", or_empty(branch.as_ref()), or_empty(category.as_ref())))
            }
            Self::ClosedDay(branch, date) => {
                ("closed_day", format!("{}|{date}", or_empty(branch.as_ref())))
            }
        }
    }
}

impl From<&ReplicatedRow> for Resource {
    fn from(row: &ReplicatedRow) -> Self {
        match row {
            ReplicatedRow::Title(title) => Self::Title(title.key.clone()),
            ReplicatedRow::Branch(branch) => Self::Branch(branch.code.clone()),
            ReplicatedRow::Policy(row) => Self::Policy(row.branch.clone(), row.category.clone()),
            ReplicatedRow::ClosedDay(row) => Self::ClosedDay(row.branch.clone(), row.date),
        }
    }
}

impl Resource {
    /// What is stored so; nothing where that is no resource.
    #[must_use]
    pub fn from_stored(kind: &str, key: &str) -> Option<Self> {
        fn unless_empty<K: FromStr>(key: &str) -> Option<Option<K>> {
            if key.is_empty() { Some(None) } else { key.parse().ok().map(Some) }
        }
        Some(match kind {
            "membership" => Self::Membership,
            "copy" => Self::Copy(key.parse().ok()?),
            "title" => Self::Title(key.parse().ok()?),
            "branch" => Self::Branch(key.parse().ok()?),
            "policy" => {
                let (branch, category) = key.split_once('|')?;
                Self::Policy(unless_empty(branch)?, unless_empty(category)?)
            }
            "closed_day" => {
                let (branch, date) = key.split_once('|')?;
                Self::ClosedDay(unless_empty(branch)?, date.parse().ok()?)
            }
            _ => return None,
        })
    }
}

/// Whether others may hold it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldMode {
    /// Others may, who only rely on it too.
    Shared,
    /// Nobody else.
    Exclusive,
}

coded!(HoldMode { Shared = "shared", Exclusive = "exclusive" });

impl HoldMode {
    /// Whether both can be held at once by two transactions.
    #[must_use]
    pub const fn agrees_with(self, other: Self) -> bool {
        matches!((self, other), (Self::Shared, Self::Shared))
    }
}

/// Why an action is none, whatever the sites hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ActionError {
    /// There is nothing to do.
    #[error("there is nothing to do")]
    Empty,
    /// More at once than [`TRANSFER_COPIES_MAX`] or [`CHANGES_MAX`].
    #[error("too much at once")]
    TooMany,
    /// Something is in it twice.
    #[error("something is in it twice")]
    Twice,
    /// From a branch to itself.
    #[error("from a branch to itself")]
    NowhereToGo,
    /// The row that was seen has another key than the one that it is to be.
    #[error("a key does not change")]
    KeyChanged,
}

impl Action {
    /// Looks at what can be known without a site.
    ///
    /// # Errors
    /// See [`ActionError`].
    pub fn check(&self) -> Result<(), ActionError> {
        let (things, max): (Vec<Resource>, usize) = match self {
            Self::Transfer(transfer) => {
                if transfer.from == transfer.to {
                    return Err(ActionError::NowhereToGo);
                }
                let copies = transfer.copies.iter();
                let copies =
                    copies.map(|copy| Resource::Copy(copy.details.barcode.clone())).collect();
                (copies, TRANSFER_COPIES_MAX)
            }
            Self::Catalogue { changes } => {
                if changes.iter().any(CatalogueChange::changes_key) {
                    return Err(ActionError::KeyChanged);
                }
                (changes.iter().map(CatalogueChange::resource).collect(), CHANGES_MAX)
            }
        };
        if things.is_empty() {
            return Err(ActionError::Empty);
        }
        if things.len() > max {
            return Err(ActionError::TooMany);
        }
        let different: BTreeSet<&Resource> = things.iter().collect();
        if different.len() < things.len() { Err(ActionError::Twice) } else { Ok(()) }
    }

    /// What it holds at the site of this branch, each once and in the order of the resources.
    #[must_use]
    pub fn holds(&self, here: &BranchCode) -> BTreeMap<Resource, HoldMode> {
        let mut holds = BTreeMap::from([(Resource::Membership, HoldMode::Shared)]);
        let mut hold = |resource, mode: HoldMode| {
            let held = holds.entry(resource).or_insert(mode);
            *held = mode.max(*held);
        };
        match self {
            Self::Transfer(transfer) => {
                for MovingCopy { details: copy, .. } in &transfer.copies {
                    hold(Resource::Copy(copy.barcode.clone()), HoldMode::Exclusive);
                    // It arrives there: its title must not go meanwhile.
                    if transfer.to == *here {
                        hold(Resource::Title(copy.title.clone()), HoldMode::Shared);
                    }
                }
            }
            Self::Catalogue { changes } => {
                for change in changes {
                    hold(change.resource(), HoldMode::Exclusive);
                    if matches!(change.resource(), Resource::Branch(_)) {
                        hold(Resource::Membership, HoldMode::Exclusive);
                    }
                }
            }
        }
        holds
    }
}

impl CatalogueChange {
    /// The row that it is about.
    #[must_use]
    pub fn resource(&self) -> Resource {
        let policy = |p: &LoanPolicy| Resource::Policy(p.branch.clone(), p.category.clone());
        let closed = |c: &ClosedDay| Resource::ClosedDay(c.branch.clone(), c.date);
        match self {
            Self::PutTitle { title, .. } | Self::RemoveTitle { seen: title } => {
                Resource::Title(title.key.clone())
            }
            Self::PutBranch { branch, .. } => Resource::Branch(branch.code.clone()),
            Self::PutPolicy { policy: row, .. } | Self::RemovePolicy { seen: row } => policy(row),
            Self::PutClosedDay { closed: row, .. } | Self::RemoveClosedDay { seen: row } => {
                closed(row)
            }
            Self::Repair { row, .. } => Resource::from(row),
            Self::Activate { branch, .. } => Resource::Branch(branch.code.clone()),
        }
    }

    /// Whether the row that it is to be can be stored.
    #[must_use]
    pub fn can_be_stored(&self) -> bool {
        match self {
            Self::PutTitle { title, .. } => title.can_be_stored(),
            Self::PutBranch { branch, .. } => branch.can_be_stored(),
            Self::PutClosedDay { closed, .. } => closed.can_be_stored(),
            Self::Repair { row, gone, .. } => *gone || row.can_be_stored(),
            Self::Activate { .. }
            | Self::RemoveTitle { .. }
            | Self::PutPolicy { .. }
            | Self::RemovePolicy { .. }
            | Self::RemoveClosedDay { .. } => true,
        }
    }

    /// With the texts of the row that it is to be as they are stored: every site writes them as they come.
    #[must_use]
    pub fn cleaned(self) -> Self {
        match self {
            Self::PutTitle { title, seen } => Self::PutTitle { title: title.cleaned(), seen },
            Self::PutBranch { branch, seen } => Self::PutBranch { branch: branch.cleaned(), seen },
            Self::PutClosedDay { closed, seen } => {
                Self::PutClosedDay { closed: closed.cleaned(), seen }
            }
            other => other,
        }
    }

    /// The row as it is to be; nothing where it is taken away.
    #[must_use]
    pub fn becomes(&self) -> Option<ReplicatedRow> {
        match self {
            Self::PutTitle { title, .. } => Some(ReplicatedRow::Title(title.clone())),
            Self::PutBranch { branch, .. } => Some(ReplicatedRow::Branch(branch.clone())),
            Self::PutPolicy { policy, .. } => Some(ReplicatedRow::Policy(policy.clone())),
            Self::PutClosedDay { closed, .. } => Some(ReplicatedRow::ClosedDay(closed.clone())),
            Self::Activate { branch, .. } => Some(ReplicatedRow::Branch(branch.clone())),
            Self::Repair { row, gone: false, .. } => Some(row.clone()),
            Self::Repair { .. }
            | Self::RemoveTitle { .. }
            | Self::RemovePolicy { .. }
            | Self::RemoveClosedDay { .. } => None,
        }
    }

    /// The branch that is away from then on and has no say in it: one that is set aside may be unreachable for
    /// good, and one that begins knows nothing of the network yet.
    #[must_use]
    pub fn sets_away(&self) -> Option<&BranchCode> {
        match self {
            Self::PutBranch { branch, seen }
                if branch.standing == BranchStanding::Away
                    && seen.as_ref().is_none_or(|seen| seen.standing == BranchStanding::Active) =>
            {
                Some(&branch.code)
            }
            _ => None,
        }
    }

    /// The branch, among the rows that it is to write, which a rule is for.
    #[must_use]
    pub const fn names_branch(&self) -> Option<&BranchCode> {
        match self {
            Self::PutPolicy { policy, .. } => policy.branch.as_ref(),
            Self::PutClosedDay { closed, .. } => closed.branch.as_ref(),
            _ => None,
        }
    }

    fn changes_key(&self) -> bool {
        match self {
            Self::PutTitle { title, seen: Some(seen) } => title.key != seen.key,
            Self::PutBranch { branch, seen: Some(seen) } => branch.code != seen.code,
            Self::PutPolicy { policy, seen: Some(seen) } => {
                (&policy.branch, &policy.category) != (&seen.branch, &seen.category)
            }
            Self::PutClosedDay { closed, seen: Some(seen) } => {
                (&closed.branch, closed.date) != (&seen.branch, seen.date)
            }
            Self::Activate { branch, seen, .. } => branch.code != seen.code,
            _ => false,
        }
    }
}
