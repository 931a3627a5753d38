//! Where a copy is.

use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::BoxStream;
use lienthu_domain::ids::{Barcode, BranchCode};
use lienthu_port::whereabouts::CopyPlace;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::federation::answers::{Answers, Heard};
use crate::federation::asking::{LOOK_UP_MS_MAX, ask_all};
use crate::sites::Sites;

/// Asks every site for a copy.
pub fn places(sites: &Sites, barcode: Barcode) -> BoxStream<'static, Heard<Option<CopyPlace>>> {
    ask_all(sites, Duration::from_millis(LOOK_UP_MS_MAX), move |_, site| {
        let barcode = barcode.clone();
        async move { site.copy_place(&barcode).await }.boxed()
    })
}

/// What the sites say of a copy together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Whereabouts {
    /// It is this branch's.
    At {
        /// Whose.
        branch: BranchCode,
    },
    /// It went there, from where there is no answer.
    WentTo {
        /// Where.
        branch: BranchCode,
    },
    /// It is several branches' at once, which must not be: someone has to look.
    AtSeveral {
        /// Whose.
        branches: Vec<BranchCode>,
    },
    /// No site that answered knows it. Where sites are missing, one of them may.
    Unknown,
}

/// Where a copy is by what the sites say. A branch that it went to and that says nothing of it is behind the one
/// that sent it by no more than a moment.
#[must_use]
pub fn whereabouts(answers: &Answers<Option<CopyPlace>>) -> Whereabouts {
    let known = || answers.said.iter().filter_map(|(branch, said)| Some((branch, said.as_ref()?)));
    let live: Vec<&BranchCode> =
        known().filter(|(_, place)| place.is_live()).map(|(branch, _)| branch).collect();
    match live[..] {
        [] => {
            // The row with the most transfers is the latest.
            let last = known().max_by_key(|(_, place)| place.hops);
            last.and_then(|(_, place)| place.copy.forwarded_to.clone())
                .map_or(Whereabouts::Unknown, |branch| Whereabouts::WentTo { branch })
        }
        [branch] => Whereabouts::At { branch: branch.clone() },
        _ => Whereabouts::AtSeveral { branches: live.into_iter().cloned().collect() },
    }
}
