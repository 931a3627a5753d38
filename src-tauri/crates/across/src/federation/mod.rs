//! Questions to all sites at once. Every site is asked at the same time, within its own deadline, and answers
//! as it can; one that is dead delays nobody and is always named.
//!
//! - [`asking`]: asking them, and the stream of what they say.
//! - [`answers`]: what has come so far: whose answers, and who is missing and why.
//! - [`titles`], [`copies`], [`patrons`], [`figures`]: the questions, and what becomes of their answers.
//! - [`most_lent`]: the titles lent most often, exactly, without moving every site's list.

pub mod answers;
pub mod asking;
pub mod copies;
pub mod figures;
pub mod most_lent;
pub mod patrons;
pub mod titles;
