//! The promises, by what they are about.

mod actions;
mod agents;
mod catalogue;
mod claims;
mod elsewhere;
mod feed;
mod figures;
mod flags;
mod hello;
mod holds;
mod hostile;
mod keeping;
mod lookups;
mod moving;
mod parallel;
mod passwords;
mod random;
mod refusals;
mod replicas;
mod rights;
mod timeline;
mod transactions;
mod unknown;
mod whereabouts;

use crate::suite::Case;

/// A case from a function that takes a [`crate::suite::Bench`].
macro_rules! cases {
    ($($name:literal => $run:path),* $(,)?) => {
        vec![$( crate::suite::Case::new($name, $run), )*]
    };
}
use cases;

pub(crate) fn all() -> Vec<Case> {
    [
        hello::cases(),
        rights::cases(),
        passwords::cases(),
        claims::cases(),
        refusals::cases(),
        flags::cases(),
        timeline::cases(),
        unknown::cases(),
        feed::cases(),
        lookups::cases(),
        whereabouts::cases(),
        figures::cases(),
        keeping::cases(),
        hostile::cases(),
        parallel::cases(),
        random::cases(),
        transactions::cases(),
        catalogue::cases(),
        agents::cases(),
        holds::cases(),
        actions::cases(),
        moving::cases(),
        replicas::cases(),
        elsewhere::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
