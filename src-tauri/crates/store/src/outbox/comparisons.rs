//! Comparisons of the desk's clocks with the site's: which are worth keeping.
//!
//! A comparison is worth keeping as long as there is a moment for which it knows best. One that a
//! newer, nearer or quicker one of the same boot beats *at its own moment* is beaten everywhere, since
//! from there on both get worse at the same rate. What is left beyond [`COMPARISONS_MAX`] goes from
//! the boot that has most, oldest first, so that each boot with events that wait keeps some.

use lienthu_domain::clock::{Comparison, correct};
use lienthu_port::outbox::COMPARISONS_MAX;
use lienthu_sqlite::rusqlite::{Connection, Transaction, params};

use crate::failure::Failure;

/// All that are kept, oldest first.
pub(super) fn load(conn: &Connection) -> Result<Vec<Comparison>, Failure> {
    let mut statement = conn.prepare_cached("SELECT comparison FROM comparison ORDER BY place")?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?;
    texts.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
}

pub(super) fn note(tx: &Transaction<'_>, comparison: Comparison) -> Result<(), Failure> {
    let kept = worth_keeping(load(tx)?, comparison);
    tx.execute("DELETE FROM comparison", [])?;
    let mut insert =
        tx.prepare_cached("INSERT INTO comparison (place, comparison) VALUES (?1, ?2)")?;
    for (place, comparison) in (1_i64..).zip(&kept) {
        insert.execute(params![place, serde_json::to_string(comparison)?])?;
    }
    Ok(())
}

fn worth_keeping(mut kept: Vec<Comparison>, new: Comparison) -> Vec<Comparison> {
    if kept.iter().any(|old| beats(old, &new)) {
        return kept;
    }
    kept.retain(|old| !beats(&new, old));
    kept.push(new);
    while kept.len() > COMPARISONS_MAX {
        let of_boot = |c: &Comparison| kept.iter().filter(|k| k.desk.boot == c.desk.boot).count();
        let crowded = kept.iter().map(of_boot).max().unwrap_or(0);
        let oldest = kept.iter().position(|c| of_boot(c) == crowded).unwrap_or(0);
        kept.remove(oldest);
    }
    kept
}

/// Whether `better` knows the moment of `worse` at least as well as `worse` itself.
fn beats(better: &Comparison, worse: &Comparison) -> bool {
    better.desk.boot == worse.desk.boot
        && correct(worse.desk, std::slice::from_ref(better), None).uncertainty_ms
            <= worse.uncertainty_ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use lienthu_domain::clock::{BootId, Reading};
    use lienthu_domain::times::UtcMs;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn reading(at_ms: i64, boot: u128) -> Reading {
        Reading {
            wall: UtcMs::from_ms(at_ms),
            monotonic_ms: at_ms.unsigned_abs(),
            boot: BootId::new(Uuid::from_u128(boot)),
        }
    }

    fn comparison((at_ms, uncertainty_ms, boot): (i64, u32, u128)) -> Comparison {
        Comparison { desk: reading(at_ms, boot), site: UtcMs::from_ms(at_ms), uncertainty_ms }
    }

    fn uncertainty(scan: Reading, known: &[Comparison]) -> u32 {
        correct(scan, known, None).uncertainty_ms
    }

    proptest! {
        #[test]
        fn what_is_dropped_as_beaten_would_not_have_known_better(
            made in prop::collection::vec((0i64..500_000_000, 1u32..2_000, Just(1u128)), 1..COMPARISONS_MAX),
            scan_ms in 0i64..500_000_000,
        ) {
            let all: Vec<Comparison> = made.into_iter().map(comparison).collect();
            let kept = all.iter().fold(Vec::new(), |kept, new| worth_keeping(kept, *new));
            // Drift is rounded down to whole milliseconds, once more by way of a third reading.
            let best = uncertainty(reading(scan_ms, 1), &all);
            prop_assert!(uncertainty(reading(scan_ms, 1), &kept) <= best + 1);
        }

        #[test]
        fn no_more_are_kept_than_the_bound_and_every_recent_boot_keeps_one(
            made in prop::collection::vec((0i64..500_000_000, 1u32..50, 0u128..4), 1..200),
        ) {
            let all: Vec<Comparison> = made.into_iter().map(comparison).collect();
            let kept = all.iter().fold(Vec::new(), |kept, new| worth_keeping(kept, *new));
            prop_assert!(kept.len() <= COMPARISONS_MAX);
            for made in &all {
                prop_assert!(kept.iter().any(|k| k.desk.boot == made.desk.boot));
            }
        }
    }
}
