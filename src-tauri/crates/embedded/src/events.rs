//! The event log: every event that was ever sent here, with how it stands.

use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::ids::{Barcode, BranchCode, DeskId, EventId, PatronCode, StaffLogin};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::submit::Sending;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::failure::Failure;
use crate::rows::{coded, parsed, parsed_option, wrong};

/// How an event stands at the site. A claim only ever moves it down this list, so that the same set of
/// claims ends the same in whatever order they arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A request that broke rules.
    Refused(Vec<Refusal>),
    /// A request that was accepted.
    Requested,
    /// It happened.
    Fact,
    /// It is not to have happened.
    Withdrawn,
}

impl Standing {
    const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Requested => "requested",
            Self::Fact => "fact",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn reasons(&self) -> Option<String> {
        match self {
            Self::Refused(reasons) => {
                Some(reasons.iter().map(|r| r.code()).collect::<Vec<_>>().join(" "))
            }
            _ => None,
        }
    }

    /// Whether the event takes part in its copy's timeline.
    pub(crate) const fn is_accepted(&self) -> bool {
        matches!(self, Self::Requested | Self::Fact)
    }

    /// Where an accepted claim puts an event.
    pub(crate) const fn accepted(claim: Claim) -> Self {
        match claim {
            Claim::Request => Self::Requested,
            Claim::Fact => Self::Fact,
            Claim::Withdrawal => Self::Withdrawn,
        }
    }
}

const EVENT: &str = "id, desk, seq, scanned_by, at_ms, uncertainty_ms, overridden, copy, deed, \
                     patron, date, target, flag, settlement";

/// What the log holds of an id.
pub(crate) fn find(
    tx: &Connection,
    site: &BranchCode,
    id: EventId,
) -> Result<Option<(Event, Standing)>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {EVENT}, standing, reasons FROM lienthu_event WHERE id = ?1"
        ))?
        .query_row([id.to_string()], |row| Ok((event(row, site)?, standing(row)?)))
        .optional()?)
}

/// The events that make a copy's timeline.
pub(crate) fn accepted_of_copy(
    tx: &Connection,
    site: &BranchCode,
    copy: &Barcode,
) -> Result<Vec<Event>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {EVENT} FROM lienthu_event
             WHERE copy = ?1 AND standing IN ('requested', 'fact')"
        ))?
        .query_map([copy.as_str()], |row| event(row, site))?
        .collect::<Result<_, _>>()?)
}

/// Copies of which an accepted event says that this patron took them.
pub(crate) fn copies_lent_to(
    tx: &Connection,
    patron: &PatronCode,
) -> Result<Vec<Barcode>, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT DISTINCT copy FROM lienthu_event
             WHERE patron = ?1 AND standing IN ('requested', 'fact')",
        )?
        .query_map([patron.as_str()], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?)
}

/// The highest sequence number that a desk has sent.
pub(crate) fn desk_seq_max(tx: &Connection, desk: DeskId) -> Result<u32, Failure> {
    Ok(tx
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM lienthu_event WHERE desk = ?1")?
        .query_row([desk.to_string()], |row| row.get(0))?)
}

/// Writes down an event that the log does not hold.
pub(crate) fn insert(
    tx: &Connection,
    sending: &Sending,
    standing: &Standing,
    sent_by: &StaffLogin,
    now: UtcMs,
) -> Result<(), Failure> {
    let event = &sending.event;
    let columns = Columns::of(&event.deed);
    tx.prepare_cached(&format!(
        "INSERT INTO lienthu_event ({EVENT}, standing, reasons, sent_by, correlation, received_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"
    ))?
    .execute(params![
        event.id.to_string(),
        event.desk.to_string(),
        event.seq,
        event.scanned_by.as_str(),
        event.at.ms(),
        event.uncertainty_ms,
        event.overridden,
        event.copy.as_str(),
        event.deed.name(),
        columns.patron.map(PatronCode::as_str),
        columns.date.map(|date| date.to_string()),
        columns.target.map(|target| target.to_string()),
        columns.flag.map(FlagKind::code),
        columns.settlement,
        standing.code(),
        standing.reasons(),
        sent_by.as_str(),
        sending.correlation.to_string(),
        now.ms(),
    ])?;
    Ok(())
}

/// Notes how a known event stands now, and who said so.
pub(crate) fn set_standing(
    tx: &Connection,
    id: EventId,
    standing: &Standing,
    sent_by: &StaffLogin,
) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE lienthu_event SET standing = ?2, reasons = ?3, sent_by = ?4 WHERE id = ?1",
    )?
    .execute(params![
        id.to_string(),
        standing.code(),
        standing.reasons(),
        sent_by.as_str()
    ])?;
    Ok(())
}

/// A deed, spread over the log's columns.
#[derive(Default)]
struct Columns<'a> {
    patron: Option<&'a PatronCode>,
    date: Option<LocalDate>,
    target: Option<EventId>,
    flag: Option<FlagKind>,
    settlement: Option<&'static str>,
}

impl<'a> Columns<'a> {
    fn of(deed: &'a Deed) -> Self {
        match deed {
            Deed::Borrow { patron, due } => {
                Self { patron: Some(patron), date: Some(*due), ..Self::default() }
            }
            Deed::Return { returned_on } => Self { date: *returned_on, ..Self::default() },
            Deed::Renew { borrow, due } => {
                Self { target: Some(*borrow), date: Some(*due), ..Self::default() }
            }
            Deed::Undo { target } => Self { target: Some(*target), ..Self::default() },
            Deed::Settle { target, flag, settlement } => {
                let (settlement, date) = match settlement {
                    Settlement::Confirmed => ("confirmed", None),
                    Settlement::ReturnedOn { date } => ("returned_on", Some(*date)),
                };
                Self {
                    target: Some(*target),
                    flag: Some(*flag),
                    settlement: Some(settlement),
                    date,
                    ..Self::default()
                }
            }
        }
    }
}

pub(crate) const EVENT_OF_E: &str = "e.id, e.desk, e.seq, e.scanned_by, e.at_ms, e.uncertainty_ms, \
                                     e.overridden, e.copy, e.deed, e.patron, e.date, e.target, \
                                     e.flag, e.settlement";

/// An event from its columns. The log of a site holds no event of another site.
pub(crate) fn event(row: &Row<'_>, site: &BranchCode) -> Result<Event> {
    Ok(Event {
        id: parsed(row, 0)?,
        desk: parsed(row, 1)?,
        seq: row.get(2)?,
        site: site.clone(),
        scanned_by: parsed(row, 3)?,
        at: UtcMs::from_ms(row.get(4)?),
        uncertainty_ms: row.get(5)?,
        overridden: row.get(6)?,
        copy: parsed(row, 7)?,
        deed: deed(row)?,
    })
}

fn deed(row: &Row<'_>) -> Result<Deed> {
    Ok(match row.get_ref(8)?.as_str()? {
        "borrow" => Deed::Borrow { patron: parsed(row, 9)?, due: parsed(row, 10)? },
        "return" => Deed::Return { returned_on: parsed_option(row, 10)? },
        "renew" => Deed::Renew { borrow: parsed(row, 11)?, due: parsed(row, 10)? },
        "undo" => Deed::Undo { target: parsed(row, 11)? },
        "settle" => Deed::Settle {
            target: parsed(row, 11)?,
            flag: coded(row, 12, FlagKind::from_code)?,
            settlement: match row.get_ref(13)?.as_str()? {
                "confirmed" => Settlement::Confirmed,
                "returned_on" => Settlement::ReturnedOn { date: parsed(row, 10)? },
                _ => return Err(wrong(13, "not a settlement")),
            },
        },
        _ => return Err(wrong(8, "not a deed")),
    })
}

fn standing(row: &Row<'_>) -> Result<Standing> {
    Ok(match row.get_ref(14)?.as_str()? {
        "requested" => Standing::Requested,
        "fact" => Standing::Fact,
        "withdrawn" => Standing::Withdrawn,
        "refused" => Standing::Refused(
            row.get_ref(15)?
                .as_str()?
                .split(' ')
                .map(|code| Refusal::from_code(code).ok_or_else(|| wrong(15, "not a reason")))
                .collect::<Result<_>>()?,
        ),
        _ => return Err(wrong(14, "not a standing")),
    })
}
