//! The services that span sites: transactions over several of them, finishing what others left behind,
//! and questions to all at once. They see the port [`lienthu_port::site::Site`] and the protocol; they
//! need no desk, so that an agent on a server runs them too.
//!
//! - [`sites`]: the way to every site under one login, with time-outs.
//! - [`breaker`]: who does not answer is not asked for a while; [`breakers`]: those of all sites.
//! - [`federation`]: questions to all sites at once.
//! - [`driving`]: the protocol's machines over these sites.
//! - [`beginning`]: what the sites agree to before a transaction begins.
//! - [`transfers`]: copies from one branch to another.
//! - [`catalogue`]: what every site holds.
//! - [`queue`]: where changes of it wait until they have ended at every site.
//! - [`returns`]: books of other branches that came back at a desk; [`visitors`]: readers of other branches.
//! - [`recovery`]: what was left behind.
//! - [`in_doubt`]: what is not settled, with what each site keeps of it; [`settling`] is what a manager does
//!   about it.
//! - [`replicas`]: what the sites hold, compared and brought together.
//! - [`restoration`]: a site that was put back to a backup.

pub mod beginning;
pub mod breaker;
pub mod breakers;
pub mod catalogue;
pub mod driving;
pub mod federation;
pub mod in_doubt;
pub mod queue;
pub mod recovery;
pub mod replicas;
pub mod restoration;
pub mod returns;
pub mod settling;
pub mod sites;
pub mod transfers;
pub mod visitors;
