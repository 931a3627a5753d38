//! `model`, invariants I3 and I4: the machines that drive transactions in production, and what a site does
//! with their messages, under a model checker. And what would be wrong if one rule were broken, so that
//! it is known that the checker sees it.

use std::time::{Duration, Instant};

use lienthu_model::{Setup, Variant, Violation, explore, wander};

use crate::kit::findings::Findings;
use crate::registry::Terms;

/// A world, and how many moves are tried in it, short and long: states that wait to be gone on from are held in memory,
/// at most some 7 GB of them.
struct World {
    name: &'static str,
    setup: Setup,
    moves_max: (usize, usize),
    /// Small enough to be gone through to its last state.
    is_small: bool,
}

const SMALL: Setup =
    Setup { sites: 2, recoverers: 1, runs: 1, restores: 0, forces: false, variant: Variant::Sound };

const WORLDS: [World; 5] = [
    World {
        name: "two_sites_one_restored",
        setup: Setup { restores: 1, ..SMALL },
        moves_max: (20_000_000, 20_000_000),
        is_small: true,
    },
    World {
        name: "two_sites_forced",
        setup: Setup { forces: true, ..SMALL },
        moves_max: (20_000_000, 20_000_000),
        is_small: true,
    },
    World {
        name: "two_sites_two_recoverers",
        setup: Setup { recoverers: 2, ..SMALL },
        moves_max: (1_500_000, 20_000_000),
        is_small: false,
    },
    World {
        name: "three_sites",
        setup: Setup { sites: 3, ..SMALL },
        moves_max: (1_500_000, 20_000_000),
        is_small: false,
    },
    World {
        name: "three_sites_two_recoverers_one_restored",
        setup: Setup { sites: 3, recoverers: 2, restores: 1, ..SMALL },
        moves_max: (1_500_000, 12_000_000),
        is_small: false,
    },
];

/// The largest world, gone through at random and far from its beginning.
const WIDE: Setup = Setup { sites: 3, recoverers: 2, runs: 3, restores: 1, ..SMALL };
/// For so long, short and long.
const WANDER: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(120));
/// Moves of one random way at most.
const WAY_MOVES_MAX: usize = 200;
/// Moves in which a broken rule has to be seen.
const MOVES_TO_CATCH_MAX: usize = 20_000_000;
/// Different states of all worlds together, long.
const STATES_MIN: usize = 1_000_000;

/// Carries the proof through.
///
/// # Errors
/// None.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let pick = |(short, long)| if terms.long { long } else { short };
    let mut states = 0;
    let mut violations = 0;
    for World { name, setup, moves_max, is_small } in WORLDS {
        let begun = Instant::now();
        let explored = explore(setup, pick(moves_max));
        eprintln!(
            "{name}: {} states, {} moves deep, after {} s",
            explored.states,
            explored.depth,
            begun.elapsed().as_secs()
        );
        findings.figure(format!("{name}_states"), explored.states);
        findings.figure(format!("{name}_depth"), explored.depth);
        if is_small {
            findings.check(name, explored.is_complete, || "it is larger than it was");
            findings.check(name, explored.never_seen.is_empty(), || {
                format!("never came about: {}", explored.never_seen.join("; "))
            });
        }
        states += explored.states;
        violations += judge(findings, name, &explored.violations);
    }
    let time = if terms.long { WANDER.1 } else { WANDER.0 };
    let wandered = wander(WIDE, terms.seed, time, WAY_MOVES_MAX);
    findings.figure("random_moves", wandered.moves);
    violations += judge(findings, "random ways", wandered.violation.as_slice());
    findings.check("enough states", !terms.long || states >= STATES_MIN, || states.to_string());
    findings.figure("states", states);
    findings.figure("violations", violations);
    catch(findings);
    Ok(())
}

fn judge(findings: &mut Findings, world: &str, violations: &[Violation]) -> usize {
    if violations.is_empty() {
        findings.pass();
    }
    for violation in violations {
        let moves = violation.moves.join("\n  ");
        findings.fail(world, format!("{}:\n  {moves}", violation.property));
    }
    violations.len()
}

fn catch(findings: &mut Findings) {
    let mut caught = 0;
    let mut depth = vec![];
    for variant in Variant::BROKEN {
        let restores = u8::from(variant.needs_restoring());
        let explored = explore(Setup { restores, variant, ..SMALL }, MOVES_TO_CATCH_MAX);
        match explored.violations.iter().map(|violation| violation.moves.len()).min() {
            Some(moves) => {
                findings.pass();
                caught += 1;
                depth.push(moves.to_string());
            }
            None => findings.fail("a broken rule is seen", format!("{variant:?} is not")),
        }
    }
    findings.figure("caught", caught);
    findings.figure("depth", depth.join(","));
}
