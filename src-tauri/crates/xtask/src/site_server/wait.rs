//! Waiting for what says nothing when it happens.

use std::time::{Duration, Instant};

use anyhow::Context as _;

/// How long to leave a server alone between two questions.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks until the answer is good, or `limit` is over; then fails with the last answer.
pub fn until<T>(
    limit: Duration,
    what: &str,
    mut ask: impl FnMut() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(reason) if start.elapsed() >= limit => {
                return Err(reason)
                    .with_context(|| format!("after {} s, {what}", start.elapsed().as_secs()));
            }
            Err(_) => pause(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process's port has no condition to await; each pause is followed by a question"
)]
fn pause() {
    std::thread::sleep(PAUSE);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_good_answer_ends_the_waiting() {
        let mut answers = ["no", "no", "yes"].into_iter();
        let answer = until(Duration::from_secs(60), "nobody says yes", || match answers.next() {
            Some("yes") => Ok("yes"),
            other => anyhow::bail!("{other:?}"),
        });
        assert_eq!(answer.unwrap(), "yes");
        assert_eq!(answers.next(), None);
    }

    #[test]
    fn when_time_is_over_the_last_answer_is_told() {
        let reason = until(Duration::ZERO, "it sleeps", || -> anyhow::Result<()> {
            anyhow::bail!("refused")
        })
        .unwrap_err();
        assert_eq!(format!("{reason:#}"), "after 0 s, it sleeps: refused");
    }
}
