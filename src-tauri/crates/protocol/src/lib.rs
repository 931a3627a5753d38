//! Two-phase commit without a coordinator to lose, as pure state machines: no SQL, no time, no threads,
//! no chance. The model checker, the fault tests and production run the same `step`.
//!
//! All that the protocol needs is kept at the sites. What a site keeps for one transaction is an
//! [`entry::Entry`]: its own share (promised, or ended), and at the one site that decides the decision.
//! [`site::step`] is what a site does with a message. Who drives a transaction keeps nothing:
//!
//! - [`coordinator::Coordinator`]: has every site promise, writes the decision at the deciding site, and
//!   has the others carry it out. **The commit point is the decision's row**: whoever writes it first
//!   decides, and it is never changed.
//! - [`recoverer::Recoverer`]: finishes what someone left behind, from any desk. It looks for a proof of
//!   the decision and, where there is none, has the deciding site decide to abort: absence means nothing,
//!   a written row does.
//! - [`recoverer::Recoverer::of_restored`]: the same for a site that was put back to a backup and does not
//!   know any more what it promised and decided. Until it is done the site promises and decides nothing.
//!
//! A decision is sealed by the site that made it ([`seal`]), so that whoever carries it from site to site
//! cannot make one up.

pub mod coordinator;
pub mod decision;
pub mod driving;
pub mod entry;
pub mod message;
pub mod recoverer;
pub mod seal;
pub mod site;
pub mod terms;
