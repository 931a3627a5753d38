//! Goes through a world's states, and tells what it found.

use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stateright::{Checker, Expectation, HasDiscoveries, Model as _, Path};

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

/// Goes random ways through a world, each to its end.
#[derive(Debug)]
pub struct Wandered {
    /// Moves that were made.
    pub moves: u64,
    /// The first thing that did not hold.
    pub violation: Option<Violation>,
}

/// Goes random ways for so long, each at most so many moves far, and stops at what does not hold.
#[must_use]
pub fn wander(setup: Setup, seed: u64, time: Duration, moves_max: usize) -> Wandered {
    let model = setup.model();
    let always: Vec<_> = model
        .properties()
        .into_iter()
        .filter(|property| property.expectation == Expectation::Always)
        .collect();
    let begun = Instant::now();
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut wandered = Wandered { moves: 0, violation: None };
    while begun.elapsed() < time && wandered.violation.is_none() {
        let mut way = vec![];
        let Some(mut state) = model.init_states().pop() else { break };
        let mut open = vec![];
        while way.len() < moves_max {
            if open.is_empty() {
                model.actions(&state, &mut open);
            }
            if open.is_empty() {
                break;
            }
            let chosen = open.swap_remove(dice.random_range(0..open.len()));
            let Some(next) = model.next_state(&state, chosen.clone()) else {
                // It changes nothing; and where nothing does, this is the end.
                if open.is_empty() { break } else { continue }
            };
            way.push(chosen.to_string());
            wandered.moves += 1;
            state = next;
            open.clear();
            if let Some(broken) = always.iter().find(|p| !(p.condition)(&model, &state)) {
                let property = broken.name;
                wandered.violation = Some(Violation { property, moves: way });
                break;
            }
        }
    }
    wandered
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
