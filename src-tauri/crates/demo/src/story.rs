//! The demo without a window: a day at two desks of one branch, with and without its line, played with
//! the services that the window uses. Every step says what came of it, and is wrong if that is not what
//! it must be.

mod acts;
mod cast;
mod desk;
mod stage;
mod tale;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use tale::Tally;

use tale::{Stopped, Tale};

use crate::ground::Ground;

/// What the story is played with.
#[derive(Debug, Clone)]
pub struct StoryOptions {
    /// The folder of the network and the desks; desks of an earlier story are removed from it.
    pub folder: PathBuf,
    /// See [`crate::DemoOptions::catalogue`].
    pub catalogue: Option<PathBuf>,
    /// Where the sites are made; in files of the folder where nothing is named.
    pub ground: Option<Arc<dyn Ground>>,
    /// See [`crate::DemoOptions::seed`]; who and what plays in the story follows from it too.
    pub seed: u64,
}

/// What came of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Titles that the network holds.
    pub titles: usize,
    /// Records of the catalogue that could not be read.
    pub damaged: usize,
    /// Loans made with the line whole.
    pub loans_online: usize,
    /// Loans made with the line cut, at both desks.
    pub loans_offline: usize,
    /// Events that went out by themselves when the line was back.
    pub drained: usize,
    /// Loans that the site does not have as they were made.
    pub lost: usize,
    /// Loans that the site has and nobody made.
    pub doubled: usize,
    /// Review items that were settled.
    pub review_settled: usize,
    /// How long it took.
    pub took: Duration,
    /// Its steps.
    pub tally: Tally,
}

impl fmt::Display for Figures {
    /// The figures in one line, and below it the count of the steps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "titles={} damaged={} loans_online={} loans_offline={} drained={} lost={} doubled={} \
             review_settled={} seconds={:.1}",
            self.titles,
            self.damaged,
            self.loans_online,
            self.loans_offline,
            self.drained,
            self.lost,
            self.doubled,
            self.review_settled,
            self.took.as_secs_f64(),
        )?;
        write!(f, "{}", self.tally)
    }
}

/// Plays the story. A step that goes wrong ends it; the others are counted as skipped.
///
/// # Errors
/// When `out` cannot be written to.
pub async fn play(options: &StoryOptions, out: &mut (dyn Write + Send)) -> io::Result<Figures> {
    let began = Instant::now();
    let mut figures = Figures::default();
    let mut tale = Tale::new(out, acts::STEPS);
    let ended = acts::all(&mut tale, options, &mut figures).await;
    if let Err(Stopped::Unheard(error)) = ended {
        return Err(error);
    }
    figures.tally = tale.end();
    figures.took = began.elapsed();
    Ok(figures)
}
