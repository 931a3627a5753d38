//! A session: the port's calls under one login, each one procedure of the site.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::{Object, Pool, PoolError};
use lienthu_domain::action::Resource;
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{Barcode, BranchCode, FeedToken, PatronCode, TitleKey, TxnId};
use lienthu_domain::patron::Patron;
use lienthu_domain::period::Period;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::replica::{Buckets, ReplicaTable};
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::review::{Flag, FlagKind, ReviewItem};
use lienthu_domain::rights::Role;
use lienthu_domain::text::{clean, fold_vi};
use lienthu_domain::times::ZoneOffset;
use lienthu_port::agent::AgentLogin;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::feed::{PullFrom, Pulled, Watermark};
use lienthu_port::figures::{LENT_TITLES_MAX, MostLent, SiteFigures, TitleLoans};
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION, Welcome, WhoAmI};
use lienthu_port::listing::{COPIES_LISTED_MAX, CopiesSought, ListedCopy};
use lienthu_port::lookup::{
    COPIES_ADDED_MAX, CopyChange, CopyFile, PatronChange, PatronFile, VisitorCard,
};
use lienthu_port::replica::{Asked, Digests, Filling, HeldCopy, KeyDigest, KnownPatron, Replica};
use lienthu_port::site::Site;
use lienthu_port::submit::{BATCH_EVENTS_MAX, Outcome, Receipt, Receipts, Sending, SetAside};
use lienthu_port::transaction::{
    Answered, Hindered, KeptTransaction, NetworkFacts, Posted, ROWS_ASKED_MAX, Sought,
};
use lienthu_port::whereabouts::{
    CopyPlace, HOLDINGS_MAX, Holding, LoanPlace, PatronLoans, PatronOf,
};
use secrecy::SecretString;
use tiberius::Row;

use crate::calls::{self, Call};
use crate::connection::{Connections, Param, ResultSets};
use crate::documents::{self, SEARCH_CHARS_MAX};
use crate::failure::Failure;
use crate::migrate::SITE_VERSION;
use crate::{
    feed, figures, listing, password, replica, replicated, rows, transaction, whereabouts,
};

/// How often a call that was a deadlock's victim is sent.
const VICTIM_TRIES_MAX: u32 = 3;
/// The wait before that, growing by itself each time.
const VICTIM_WAIT_MS: u64 = 20;

/// See the module.
pub(crate) struct Session {
    pool: Pool<Connections>,
    branch: BranchCode,
    /// The server would not let this login in any more. It is not asked again: that could lock the
    /// account.
    is_shut_out: AtomicBool,
}

impl Session {
    pub(crate) const fn new(pool: Pool<Connections>, branch: BranchCode) -> Self {
        Self { pool, branch, is_shut_out: AtomicBool::new(false) }
    }

    /// Runs a procedure. A deadlock's victim, of which nothing happened, is sent again; and so is a call
    /// that changes nothing when it is sent twice, once, when its connection broke.
    async fn call(&self, call: &Call, params: &[Param]) -> Result<ResultSets, SiteError> {
        let answer = match self.call_until_done(call, params).await {
            Err(Failure::ReplyLost(_)) if call.is_idempotent => {
                match self.call_until_done(call, params).await {
                    // The first may have happened, whatever became of the second.
                    Err(Failure::NotReached(detail)) => Err(Failure::ReplyLost(detail)),
                    again => again,
                }
            }
            first => first,
        };
        answer.map_err(|failure| self.site_error(failure, call))
    }

    async fn call_until_done(&self, call: &Call, params: &[Param]) -> Result<ResultSets, Failure> {
        for tried in 1..VICTIM_TRIES_MAX {
            match self.call_once(call, params).await {
                Err(failure) if failure.is_victim() => {
                    tracing::debug!(procedure = call.procedure, tried, "a deadlock's victim");
                    // Whoever won is on their way out; there is nothing to await but time.
                    let wait = Duration::from_millis(VICTIM_WAIT_MS * u64::from(tried));
                    tokio::time::sleep(wait).await;
                }
                answer => return answer,
            }
        }
        self.call_once(call, params).await
    }

    async fn call_once(&self, call: &Call, params: &[Param]) -> Result<ResultSets, Failure> {
        if self.is_shut_out.load(Ordering::Relaxed) {
            return Err(Failure::login());
        }
        let connection = self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(failure) => failure,
            PoolError::Timeout(_) => Failure::not_reached("all connections are in use"),
            error => Failure::not_reached(&error.to_string()),
        })?;
        Lent(Some(connection)).query(&call.statement(), params).await
    }

    fn site_error(&self, failure: Failure, call: &Call) -> SiteError {
        let at_sign_in = failure.is_at_sign_in();
        let error = failure.of_call(call.right);
        if at_sign_in && error == SiteError::LoginFailed {
            self.is_shut_out.store(true, Ordering::Relaxed);
        }
        error
    }

    /// Runs a procedure and reads its answer.
    async fn ask<T>(
        &self,
        call: &Call,
        params: &[Param],
        read: impl FnOnce(Answer) -> Result<T, Failure> + Send,
    ) -> Result<T, SiteError> {
        let sets = self.call(call, params).await?;
        read(sets.into()).map_err(|failure| self.site_error(failure, call))
    }

    /// Runs a procedure that answers nothing.
    async fn change(&self, call: &Call, params: &[Param]) -> Result<(), SiteError> {
        self.ask(call, params, |_| Ok(())).await
    }

    /// Sends a batch, of at most so many events as the procedure takes.
    async fn submit_once(
        &self,
        proven: Option<Watermark>,
        batch: &[Sending],
    ) -> Result<Receipts, SiteError> {
        let mut params = vec![Param::Text(documents::events(batch))];
        if proven.is_some() {
            params.extend(<[Param; 2]>::from(feed::split(proven)));
        }
        let call = calls::submit(batch, proven.is_some());
        self.ask(&call, &params, |answer| receipts(answer, batch)).await
    }

    /// Greets the site and compares it with what the network file says.
    pub(crate) async fn check_branch(&self) -> Result<(), SiteError> {
        let params = hello_of_nobody();
        let identity = self.ask(&calls::HELLO, &params, |mut answer| identity(&answer.row()?));
        let (found, theirs) = identity.await?;
        if found != self.branch {
            return Err(SiteError::WrongBranch { expected: self.branch.clone(), found });
        }
        if theirs != SITE_VERSION {
            return Err(SiteError::VersionMismatch { ours: SITE_VERSION, theirs });
        }
        Ok(())
    }
}

/// A connection for one call. One that was left in mid-call, also because nobody waits for the answer any
/// more, is closed at once: the server gives up what it holds, and nobody gets the rest of the answer.
struct Lent(Option<Object<Connections>>);

impl Lent {
    async fn query(&mut self, statement: &str, params: &[Param]) -> Result<ResultSets, Failure> {
        match &mut self.0 {
            Some(connection) => connection.query(statement, params).await,
            None => Err(Failure::not_reached("no connection")),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take_if(|connection| connection.is_left()) {
            drop(Object::take(connection));
        }
    }
}

/// The result sets of an answer, one after the other.
pub(crate) struct Answer(std::vec::IntoIter<Vec<Row>>);

impl From<ResultSets> for Answer {
    fn from(sets: ResultSets) -> Self {
        Self(sets.into_iter())
    }
}

impl Answer {
    /// The next result set.
    pub(crate) fn set(&mut self) -> Result<Vec<Row>, Failure> {
        self.0.next().ok_or_else(|| Failure::NotUnderstood("a result set is missing".to_owned()))
    }

    /// The only row of the next result set.
    pub(crate) fn row(&mut self) -> Result<Row, Failure> {
        let row = self.set()?.into_iter().next();
        row.ok_or_else(|| Failure::NotUnderstood("a result set has no row".to_owned()))
    }
}

/// The greeting of someone at no desk yet, with no proof of anything.
pub(crate) fn hello_of_nobody() -> [Param; 3] {
    [Param::Text(String::new()), Param::BigInt(0), Param::Text(String::new())]
}

/// The branch that greets, and its version: these columns stand in the same place in every version.
pub(crate) fn identity(row: &Row) -> Result<(BranchCode, u32), Failure> {
    Ok((rows::parsed(row, 0)?, rows::number(row, 1)?))
}

pub(crate) fn welcome(row: &Row) -> Result<Welcome, Failure> {
    let (branch, schema) = identity(row)?;
    let mut roles = rows::value::<&str>(row, 7)?
        .split_whitespace()
        .map(|code| Role::from_code(code).ok_or_else(|| rows::wrong(7, "not a role")))
        .collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    Ok(Welcome {
        branch,
        schema,
        incarnation: rows::parsed(row, 2)?,
        now: rows::utc(row, 3)?,
        zone: ZoneOffset::from_minutes(rows::number(row, 4)?)
            .map_err(|error| rows::wrong(4, &error.to_string()))?,
        who: WhoAmI { login: rows::parsed(row, 5)?, name: rows::text(row, 6)?, roles },
        known_is_past: rows::value(row, 8)?,
        desk_seq_max: rows::number(row, 9)?,
    })
}

/// A number and its token in the columns from `first` on.
pub(crate) fn watermark(row: &Row, first: usize) -> Result<Watermark, Failure> {
    let token = FeedToken::new(rows::parsed(row, first + 1)?);
    Ok(Watermark { number: rows::number(row, first)?, token })
}

fn receipts(mut answer: Answer, batch: &[Sending]) -> Result<Receipts, Failure> {
    let header = answer.row()?;
    let (outcomes, flags) = (answer.set()?, answer.set()?);
    if outcomes.len() != batch.len() {
        return Err(Failure::NotUnderstood("not one answer for each event".to_owned()));
    }
    let mut flags_of = vec![Vec::new(); batch.len()];
    for row in &flags {
        let place: usize = rows::number(row, 0)?;
        let of = flags_of.get_mut(place).ok_or_else(|| rows::wrong(0, "no such event"))?;
        of.push(Flag {
            event: rows::parsed(row, 1)?,
            kind: rows::coded(row, 2, FlagKind::from_code)?,
            refusal: rows::coded_option(row, 3, Refusal::from_code)?,
            other: rows::parsed_option(row, 4)?,
        });
    }
    let receipts = batch.iter().zip(&outcomes).zip(flags_of).map(|((sending, row), mut flags)| {
        flags.sort_unstable();
        Ok(Receipt { id: sending.event.id, outcome: outcome(row, flags)? })
    });
    Ok(Receipts {
        receipts: receipts.collect::<Result<_, Failure>>()?,
        state: watermark(&header, 0)?,
        now: rows::utc(&header, 2)?,
    })
}

fn outcome(row: &Row, flags: Vec<Flag>) -> Result<Outcome, Failure> {
    const LOAN: usize = 4;
    Ok(match rows::value::<&str>(row, 1)? {
        "done" => {
            let has_loan = rows::option::<i32>(row, LOAN)?.is_some();
            let loan = if has_loan { Some(rows::loan(row, LOAN)?) } else { None };
            Outcome::Done { loan, flags }
        }
        "refused" => Outcome::Refused { reasons: rows::reasons(row, 2)? },
        "withdrawn" => Outcome::Withdrawn,
        "set_aside" => Outcome::SetAside { why: rows::coded(row, 3, SetAside::from_code)? },
        _ => return Err(rows::wrong(1, "not an outcome")),
    })
}

pub(crate) fn loans(set: &[Row]) -> Result<Vec<lienthu_domain::loan::Loan>, Failure> {
    set.iter().map(|row| rows::loan(row, 0)).collect()
}

#[async_trait]
impl Replica for Session {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        let params = replica::digest_params(table, within, depth)?;
        self.ask(&calls::DIGESTS, &params, replica::digests).await
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        let params = replica::key_params(table, within, behind)?;
        self.ask(&calls::REPLICA_KEYS, &params, replica::keys).await
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        self.ask(&calls::HELD_COPIES, &replica::asked_params(asked)?, replica::held_copies).await
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        let params = replica::asked_params(asked)?;
        self.ask(&calls::KNOWN_PATRONS, &params, replica::known_patrons).await
    }
}

#[async_trait]
impl Site for Session {
    async fn hello(&self, hello: &Hello) -> Result<Welcome, SiteError> {
        if hello.protocol != PROTOCOL_VERSION {
            let ours = hello.protocol;
            return Err(SiteError::VersionMismatch { ours, theirs: PROTOCOL_VERSION });
        }
        let (number, token) = feed::split(hello.known);
        let params = [Param::Text(hello.desk.to_string()), number, token];
        self.ask(&calls::HELLO, &params, |mut answer| welcome(&answer.row()?)).await
    }

    async fn submit(
        &self,
        proven: Option<Watermark>,
        batch: &[Sending],
    ) -> Result<Receipts, SiteError> {
        if batch.len() > BATCH_EVENTS_MAX {
            return Err(SiteError::Obstructed { obstacle: Obstacle::TooMany });
        }
        let mut receipts = self.submit_once(proven, batch).await?;
        let has_failed = |receipt: &&mut Receipt| {
            matches!(receipt.outcome, Outcome::SetAside { why: SetAside::Failed })
        };
        let failed: Vec<&mut Receipt> = receipts.receipts.iter_mut().filter(has_failed).collect();
        if failed.is_empty() {
            return Ok(receipts);
        }
        // Of a failure without a name nobody knows whether it was the event or the moment. A second one in a
        // call of its own says that it was the event. Where that one is not answered, the first still was.
        let is_failed = |sending: &&Sending| failed.iter().any(|f| f.id == sending.event.id);
        let again: Vec<Sending> = batch.iter().filter(is_failed).cloned().collect();
        let Ok(second) = self.submit_once(proven, &again).await else { return Ok(receipts) };
        for receipt in failed {
            if let Some(now) = second.receipts.iter().rfind(|now| now.id == receipt.id) {
                receipt.outcome = now.outcome.clone();
            }
        }
        Ok(Receipts { state: second.state, now: second.now, ..receipts })
    }

    async fn pull(&self, from: &PullFrom) -> Result<Pulled, SiteError> {
        self.ask(&calls::PULL, &feed::params(from), feed::pulled).await
    }

    async fn copy(&self, barcode: &Barcode) -> Result<Option<CopyFile>, SiteError> {
        let params = [Param::Text(barcode.to_string())];
        self.ask(&calls::COPY, &params, |mut answer| {
            let (copy, holder, story) = (answer.set()?, answer.set()?, answer.set()?);
            let Some(row) = copy.first() else { return Ok(None) };
            Ok(Some(CopyFile {
                copy: rows::copy(row)?,
                title: rows::title(row, 1, 8)?,
                holder: holder.first().map(rows::card).transpose()?,
                loans: loans(&story)?,
            }))
        })
        .await
    }

    async fn patron(&self, code: &PatronCode) -> Result<Option<PatronFile>, SiteError> {
        let params = [Param::Text(code.to_string())];
        self.ask(&calls::PATRON, &params, |mut answer| {
            let (patron, story) = (answer.set()?, answer.set()?);
            let Some(row) = patron.first() else { return Ok(None) };
            Ok(Some(PatronFile { patron: rows::patron(row)?, loans: loans(&story)? }))
        })
        .await
    }

    async fn find_patrons(&self, text: &str) -> Result<Vec<Patron>, SiteError> {
        let typed = clean(text, SEARCH_CHARS_MAX);
        let folded = fold_vi(&typed);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        // Text without a single letter or digit is no name; only blank text asks for everyone.
        let by_name = !words.is_empty() || typed.is_empty();
        let words = serde_json::Value::from(words).to_string();
        let params = [Param::Bit(by_name), Param::Text(words), Param::Text(typed)];
        self.ask(&calls::FIND_PATRONS, &params, |mut answer| {
            answer.set()?.iter().map(rows::patron).collect()
        })
        .await
    }

    async fn review_items(&self) -> Result<Vec<ReviewItem>, SiteError> {
        self.ask(&calls::REVIEW_ITEMS, &[], |mut answer| {
            answer.set()?.iter().map(|row| review_item(row, &self.branch)).collect()
        })
        .await
    }

    async fn free_copies(&self, title: &TitleKey) -> Result<u32, SiteError> {
        let params = [Param::Text(title.to_string())];
        self.ask(&calls::FREE_COPIES, &params, |mut answer| rows::number(&answer.row()?, 0)).await
    }

    async fn holdings(&self, titles: &[TitleKey]) -> Result<Vec<Holding>, SiteError> {
        if titles.len() > HOLDINGS_MAX {
            return Err(SiteError::Obstructed { obstacle: Obstacle::TooMany });
        }
        let params = [Param::Text(documents::keys(titles))];
        self.ask(&calls::HOLDINGS, &params, |answer| whereabouts::holdings(answer, titles)).await
    }

    async fn copy_place(&self, barcode: &Barcode) -> Result<Option<CopyPlace>, SiteError> {
        let params = [Param::Text(barcode.to_string())];
        self.ask(&calls::COPY_PLACE, &params, whereabouts::copy_place).await
    }

    async fn patron_loans(
        &self,
        patron: &PatronOf,
        behind: Option<LoanPlace>,
    ) -> Result<PatronLoans, SiteError> {
        let params = whereabouts::of_patron(patron, behind);
        self.ask(&calls::PATRON_LOANS, &params, whereabouts::patron_loans).await
    }

    async fn figures(&self, period: &Period) -> Result<SiteFigures, SiteError> {
        let mut params = Vec::from(figures::days(period));
        params.push(Param::Text(period.step().code().to_owned()));
        self.ask(&calls::FIGURES, &params, figures::added_up).await
    }

    async fn most_lent(
        &self,
        period: &Period,
        asked: &MostLent,
    ) -> Result<Vec<TitleLoans>, SiteError> {
        let params = figures::most_lent(period, asked);
        self.ask(&calls::MOST_LENT, &params, figures::listed).await
    }

    async fn times_lent(
        &self,
        period: &Period,
        titles: &[TitleKey],
    ) -> Result<Vec<TitleLoans>, SiteError> {
        if titles.len() > LENT_TITLES_MAX {
            return Err(SiteError::Obstructed { obstacle: Obstacle::TooMany });
        }
        let mut params = Vec::from(figures::days(period));
        params.push(Param::Text(documents::keys(titles)));
        self.ask(&calls::TIMES_LENT, &params, |answer| figures::counted(answer, titles)).await
    }

    async fn put_patron(&self, change: &PatronChange) -> Result<(), SiteError> {
        let patron = documents::patron(&documents::fit_patron(&change.patron));
        let seen = change.seen.as_ref().map(documents::patron).unwrap_or_default();
        let params = [Param::Text(patron), Param::Text(seen)];
        self.change(&calls::PUT_PATRON, &params).await
    }

    async fn remove_patron(&self, code: &PatronCode) -> Result<(), SiteError> {
        self.change(&calls::REMOVE_PATRON, &[Param::Text(code.to_string())]).await
    }

    async fn add_copies(&self, copies: &[CopyDetails]) -> Result<(), SiteError> {
        if copies.len() > COPIES_ADDED_MAX {
            return Err(SiteError::Obstructed { obstacle: Obstacle::TooMany });
        }
        let copies: Vec<CopyDetails> = copies.iter().map(documents::fit_copy).collect();
        self.change(&calls::ADD_COPIES, &[Param::Text(documents::copies(&copies))]).await
    }

    async fn put_copy(&self, change: &CopyChange) -> Result<(), SiteError> {
        let details = documents::fit_copy(&change.details);
        let (details, seen) = (documents::copy(&details), documents::copy(&change.seen));
        self.change(&calls::PUT_COPY, &[Param::Text(details), Param::Text(seen)]).await
    }

    async fn remove_copy(&self, barcode: &Barcode) -> Result<(), SiteError> {
        self.change(&calls::REMOVE_COPY, &[Param::Text(barcode.to_string())]).await
    }

    async fn transact(&self, posted: &Posted) -> Result<Answered, SiteError> {
        let (call, params) = transaction::call(posted).map_err(|failure| failure.of_call(None))?;
        self.ask(&call, &params, transaction::answered).await
    }

    async fn transactions(
        &self,
        sought: &Sought,
        after: Option<TxnId>,
    ) -> Result<Vec<KeptTransaction>, SiteError> {
        let params = transaction::sought(sought, after);
        self.ask(&calls::TRANSACTIONS, &params, transaction::listed).await
    }

    async fn network(&self) -> Result<NetworkFacts, SiteError> {
        self.ask(&calls::NETWORK, &[], transaction::network).await
    }

    async fn replicated(&self, of: &[Resource]) -> Result<Vec<ReplicatedRow>, SiteError> {
        if of.len() > ROWS_ASKED_MAX {
            return Err(SiteError::Obstructed { obstacle: Obstacle::TooMany });
        }
        self.ask(&calls::REPLICATED, &[replicated::asked(of)], replicated::rows).await
    }

    async fn readmit(&self) -> Result<(), SiteError> {
        self.change(&calls::READMIT, &[]).await
    }

    async fn agents(&self) -> Result<Vec<AgentLogin>, SiteError> {
        self.ask(&calls::AGENTS, &[], rows::agents).await
    }

    async fn visitor(&self, card: &PatronCode) -> Result<Option<VisitorCard>, SiteError> {
        let params = [Param::Text(card.to_string())];
        self.ask(&calls::VISITOR, &params, |mut answer| {
            answer.set()?.first().map(rows::visitor).transpose()
        })
        .await
    }

    async fn list_copies(&self, sought: &CopiesSought) -> Result<Vec<ListedCopy>, SiteError> {
        if matches!(sought, CopiesSought::Barcodes(some) if some.len() > COPIES_LISTED_MAX) {
            return Err(SiteError::Obstructed { obstacle: Obstacle::TooMany });
        }
        self.ask(&calls::LIST_COPIES, &listing::params(sought), listing::listed).await
    }

    async fn fill(&self, filling: &Filling) -> Result<Vec<Hindered>, SiteError> {
        let params = replica::filling_params(filling)?;
        self.ask(&calls::FILL, &params, transaction::not_filled).await
    }

    async fn receive(&self, barcodes: &[Barcode]) -> Result<Vec<Hindered>, SiteError> {
        if barcodes.len() > COPIES_ADDED_MAX {
            return Err(SiteError::Obstructed { obstacle: Obstacle::TooMany });
        }
        let params = [transaction::barcodes(barcodes)];
        self.ask(&calls::RECEIVE, &params, transaction::not_received).await
    }

    async fn change_password(
        &self,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), SiteError> {
        // A login that is switched off here changes nothing.
        self.check_branch().await?;
        let connections = self.pool.manager();
        password::change(&connections.config, &connections.who().login, old, new).await?;
        connections.sign_in_with(new);
        Ok(())
    }
}

fn review_item(row: &Row, here: &BranchCode) -> Result<ReviewItem, Failure> {
    let about = rows::event(row, 3, here)?;
    Ok(ReviewItem {
        flag: Flag {
            event: about.id,
            kind: rows::coded(row, 0, FlagKind::from_code)?,
            refusal: rows::coded_option(row, 1, Refusal::from_code)?,
            other: rows::parsed_option(row, 2)?,
        },
        copy: about.copy.clone(),
        about,
        sent_by: Some(rows::parsed(row, 17)?),
    })
}
