//! Goes through a world's states, and tells what it found.

use std::time::Duration;

use stateright::{Checker, Expectation, HasDiscoveries, Model as _, Path, UniformChooser};

use crate::model::{Model, Setup};

/// Threads that explore.
const THREADS: usize = 2;

/// What was found.
#[derive(Debug)]
pub struct Explored {
    /// Different states.
    pub states: usize,
    /// Moves of the longest way to one.
    pub depth: usize,
    /// There are no others.
    pub is_complete: bool,
    /// What did not hold.
    pub violations: Vec<Violation>,
    /// What has to be possible, and was not come across.
    pub never_seen: Vec<&'static str>,
}

/// Something that must always hold and did not.
#[derive(Debug)]
pub struct Violation {
    /// What.
    pub property: &'static str,
    /// How it came about, a move each.
    pub moves: Vec<String>,
}

/// Goes through all states, nearest first, or until so many moves were tried.
#[must_use]
pub fn explore(setup: Setup, moves_max: usize) -> Explored {
    let model = setup.model();
    let checker = model
        .checker()
        .threads(THREADS)
        .finish_when(HasDiscoveries::AnyFailures)
        .target_state_count(moves_max)
        .spawn_bfs()
        .join();
    let is_complete = checker.state_count() < moves_max;
    found(&setup, &checker, is_complete)
}

/// Goes random ways, each to its end, for so long.
#[must_use]
pub fn wander(setup: Setup, seed: u64, time: Duration) -> Explored {
    let model = setup.model();
    let checker = model
        .checker()
        .threads(THREADS)
        .finish_when(HasDiscoveries::AnyFailures)
        .timeout(time)
        .spawn_simulation(seed, UniformChooser)
        .join();
    found(&setup, &checker, false)
}

fn found(setup: &Setup, checker: &impl Checker<Model>, is_complete: bool) -> Explored {
    let discoveries = checker.discoveries();
    let model = setup.model();
    let violations = model
        .properties()
        .into_iter()
        .filter(|property| property.expectation == Expectation::Always)
        .filter_map(|property| {
            let path: &Path<_, _> = discoveries.get(property.name)?;
            let moves = path.clone().into_actions().iter().map(ToString::to_string).collect();
            Some(Violation { property: property.name, moves })
        })
        .collect();
    let never_seen = model
        .properties()
        .into_iter()
        .filter(|property| property.expectation == Expectation::Sometimes)
        .filter(|property| !discoveries.contains_key(property.name))
        .map(|property| property.name)
        .collect();
    Explored {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        is_complete,
        violations,
        never_seen,
    }
}
