//! The cache's one row about itself.

use lienthu_domain::ids::FeedToken;
use lienthu_domain::times::UtcMs;
use lienthu_port::feed::{FeedPosition, Watermark};
use lienthu_sqlite::rusqlite::{Connection, params};
use uuid::Uuid;

use super::set::Set;
use crate::failure::Failure;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) set: Set,
    pub(super) watermark: Watermark,
    pub(super) as_of: UtcMs,
}

/// The row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) shown: Option<Shown>,
    pub(super) filling: bool,
    /// Nothing before the first page of a fill.
    pub(super) filling_rows: Option<u32>,
    pub(super) position: Option<FeedPosition>,
    pub(super) puller: Option<String>,
    pub(super) sample_key: Option<Vec<u8>>,
}

impl State {
    /// The set that a fill goes to.
    pub(super) fn spare(&self) -> Set {
        self.shown.map_or(Set::A, |shown| shown.set.other())
    }

    pub(super) fn load(conn: &Connection) -> Result<Self, Failure> {
        let mut statement = conn.prepare_cached(
            "SELECT shown, number, token, as_of_ms, filling, filling_rows, position, puller,
                    sample_key
             FROM state",
        )?;
        let mut rows = statement.query([])?;
        let row = rows.next()?.ok_or_else(|| Failure::unexpected("the cache has no state"))?;
        let shown = match (row.get::<_, Option<String>>(0)?, row.get(1)?, row.get(2)?, row.get(3)?)
        {
            (Some(letter), Some(number), Some(token), Some(as_of_ms)) => {
                Some(shown(&letter, number, token, as_of_ms)?)
            }
            _ => None,
        };
        let position = match row.get::<_, Option<String>>(6)? {
            Some(text) => Some(serde_json::from_str(&text)?),
            None => None,
        };
        Ok(Self {
            shown,
            filling: row.get(4)?,
            filling_rows: row.get(5)?,
            position,
            puller: row.get(7)?,
            sample_key: row.get(8)?,
        })
    }

    pub(super) fn save(&self, conn: &Connection) -> Result<(), Failure> {
        let position = self.position.as_ref().map(serde_json::to_string).transpose()?;
        conn.prepare_cached(
            "UPDATE state SET shown = ?1, number = ?2, token = ?3, as_of_ms = ?4, filling = ?5,
                 filling_rows = ?6, position = ?7, puller = ?8, sample_key = ?9",
        )?
        .execute(params![
            self.shown.map(|shown| shown.set.letter()),
            self.shown.map(|shown| shown.watermark.number),
            self.shown.map(|shown| shown.watermark.token.to_string()),
            self.shown.map(|shown| shown.as_of.ms()),
            self.filling,
            self.filling_rows,
            position,
            self.puller,
            self.sample_key,
        ])?;
        Ok(())
    }
}

fn shown(letter: &str, number: i64, token: String, as_of_ms: i64) -> Result<Shown, Failure> {
    let unreadable = || Failure::unexpected("the cache's state does not read");
    let token = Uuid::parse_str(&token).map_err(|_| unreadable())?;
    Ok(Shown {
        set: Set::from_letter(letter).ok_or_else(unreadable)?,
        watermark: Watermark { number, token: FeedToken::new(token) },
        as_of: UtcMs::from_ms(as_of_ms),
    })
}
