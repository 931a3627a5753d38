//! A session: the port's calls under one login. Each goes through the same gate: the line, then the
//! login's rights as they are now, then the work, all of it in one transaction.

use async_trait::async_trait;
use lienthu_domain::action::Resource;
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{Barcode, PatronCode, StaffLogin, TitleKey, TxnId};
use lienthu_domain::patron::Patron;
use lienthu_domain::period::Period;
use lienthu_domain::replica::{Buckets, ReplicaTable};
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::review::ReviewItem;
use lienthu_domain::rights::Right;
use lienthu_domain::times::UtcMs;
use lienthu_port::agent::AgentLogin;
use lienthu_port::error::SiteError;
use lienthu_port::feed::{PullFrom, Pulled, Watermark};
use lienthu_port::figures::{MostLent, SiteFigures, TitleLoans};
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION, Welcome, WhoAmI};
use lienthu_port::listing::{CopiesSought, ListedCopy};
use lienthu_port::lookup::{CopyChange, CopyFile, PatronChange, PatronFile, VisitorCard};
use lienthu_port::replica::{Asked, Digests, Filling, HeldCopy, KeyDigest, KnownPatron, Replica};
use lienthu_port::site::Site;
use lienthu_port::submit::{Receipts, Sending};
use lienthu_port::transaction::{
    Answered, Hindered, KeptTransaction, NetworkFacts, Posted, Sought,
};
use lienthu_port::whereabouts::{CopyPlace, Holding, LoanPlace, PatronLoans, PatronOf};
use lienthu_protocol::site::Caller;
use lienthu_sqlite::Database;
use lienthu_sqlite::rusqlite::{Connection, Transaction};
use secrecy::SecretString;

use crate::calls::Call;
use crate::failure::Failure;
use crate::state::Here;
use crate::{
    Line, SCHEMA_VERSION, SiteClock, agents, catalogue, copies, counter, events, feed, figures,
    listing, patrons, replica, replicated, review, staff, submit, transaction, whereabouts,
};

/// See the module.
pub struct Session {
    database: Database,
    here: Here,
    login: StaffLogin,
    clock: SiteClock,
    line: Line,
}

/// What everyone hears while the line is cut.
pub(crate) fn cut() -> SiteError {
    SiteError::Unreachable { detail: "the line is cut".to_owned() }
}

impl Session {
    pub(crate) const fn new(
        database: Database,
        here: Here,
        login: StaffLogin,
        clock: SiteClock,
        line: Line,
    ) -> Self {
        Self { database, here, login, clock, line }
    }

    /// Asks over the line: nothing is asked while it is cut, and no answer comes when it is cut meanwhile.
    async fn over_the_line<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection, &StaffLogin, UtcMs) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, SiteError> {
        if self.line.is_cut() {
            return Err(cut());
        }
        let (login, now) = (self.login.clone(), (self.clock)());
        let answer = self.database.call(move |conn| work(conn, &login, now)).await?;
        if self.line.is_cut() {
            return Err(SiteError::ReplyLost { detail: "the line was cut".to_owned() });
        }
        Ok(answer)
    }

    /// A question: one snapshot.
    async fn ask<T: Send + 'static>(
        &self,
        call: Call<'static>,
        work: impl FnOnce(&Transaction<'_>, WhoAmI, UtcMs) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, SiteError> {
        self.over_the_line(move |conn, login, now| {
            let tx = conn.transaction()?;
            let who = call.allowed_to(&tx, login)?;
            work(&tx, who, now)
        })
        .await
    }

    /// A change: one transaction with a number of its own.
    async fn change(
        &self,
        call: Call<'static>,
        work: impl FnOnce(&Transaction<'_>, UtcMs) -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), SiteError> {
        self.over_the_line(move |conn, login, now| {
            let (done, _) = counter::writing(conn, now, |tx| {
                call.allowed_to(tx, login)?;
                work(tx, now)
            })?;
            Ok(done)
        })
        .await
    }
}

#[async_trait]
impl Replica for Session {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        let within = within.clone();
        self.ask(Call::Compare, move |tx, _, _| replica::digests(tx, table, &within, depth)).await
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        let (within, behind) = (within.clone(), behind.map(str::to_owned));
        self.ask(Call::Compare, move |tx, _, _| {
            replica::keys(tx, table, &within, behind.as_deref())
        })
        .await
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        let asked = asked.clone();
        self.ask(Call::Compare, move |tx, _, _| replica::held_copies(tx, &asked)).await
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        let asked = asked.clone();
        self.ask(Call::Compare, move |tx, _, _| replica::known_patrons(tx, &asked)).await
    }
}

#[async_trait]
impl Site for Session {
    async fn hello(&self, hello: &Hello) -> Result<Welcome, SiteError> {
        if hello.protocol != PROTOCOL_VERSION {
            return Err(SiteError::VersionMismatch {
                ours: hello.protocol,
                theirs: PROTOCOL_VERSION,
            });
        }
        let (hello, here) = (hello.clone(), self.here.clone());
        self.ask(Call::Hello, move |tx, who, now| {
            Ok(Welcome {
                branch: here.branch,
                schema: SCHEMA_VERSION,
                incarnation: catalogue::incarnation(tx)?,
                now,
                zone: here.zone,
                who,
                known_is_past: match hello.known {
                    Some(state) => counter::is_past(tx, state)?,
                    None => true,
                },
                desk_seq_max: events::desk_seq_max(tx, hello.desk)?,
            })
        })
        .await
    }

    async fn submit(
        &self,
        proven: Option<Watermark>,
        batch: &[Sending],
    ) -> Result<Receipts, SiteError> {
        let batch = batch.to_vec();
        self.over_the_line(move |conn, login, now| submit::submit(conn, login, now, proven, &batch))
            .await
    }

    async fn pull(&self, from: &PullFrom) -> Result<Pulled, SiteError> {
        let from = from.clone();
        self.ask(Call::Pull, move |tx, _, now| feed::pull(tx, &from, now)).await
    }

    async fn copy(&self, barcode: &Barcode) -> Result<Option<CopyFile>, SiteError> {
        let barcode = barcode.clone();
        self.ask(Call::Copy, move |tx, _, _| copies::file(tx, &barcode)).await
    }

    async fn patron(&self, code: &PatronCode) -> Result<Option<PatronFile>, SiteError> {
        let code = code.clone();
        self.ask(Call::Patron, move |tx, _, _| patrons::file(tx, &code)).await
    }

    async fn find_patrons(&self, text: &str) -> Result<Vec<Patron>, SiteError> {
        let text = text.to_owned();
        self.ask(Call::FindPatrons, move |tx, _, _| patrons::search(tx, &text)).await
    }

    async fn review_items(&self) -> Result<Vec<ReviewItem>, SiteError> {
        let here = self.here.clone();
        self.ask(Call::ReviewItems, move |tx, _, _| review::items(tx, &here)).await
    }

    async fn free_copies(&self, title: &TitleKey) -> Result<u32, SiteError> {
        let title = title.clone();
        self.ask(Call::FreeCopies, move |tx, _, _| copies::free(tx, &title)).await
    }

    async fn holdings(&self, titles: &[TitleKey]) -> Result<Vec<Holding>, SiteError> {
        let titles = titles.to_vec();
        self.ask(Call::Holdings, move |tx, _, _| whereabouts::holdings(tx, &titles)).await
    }

    async fn copy_place(&self, barcode: &Barcode) -> Result<Option<CopyPlace>, SiteError> {
        let barcode = barcode.clone();
        self.ask(Call::CopyPlace, move |tx, _, _| whereabouts::copy_place(tx, &barcode)).await
    }

    async fn patron_loans(
        &self,
        patron: &PatronOf,
        behind: Option<LoanPlace>,
    ) -> Result<PatronLoans, SiteError> {
        let (patron, here) = (patron.clone(), self.here.branch.clone());
        self.ask(Call::PatronLoans, move |tx, _, _| {
            whereabouts::patron_loans(tx, &here, &patron, behind)
        })
        .await
    }

    async fn figures(&self, period: &Period) -> Result<SiteFigures, SiteError> {
        let (period, zone) = (*period, self.here.zone);
        self.ask(Call::Figures, move |tx, _, now| figures::add_up(tx, &period, zone, now)).await
    }

    async fn most_lent(
        &self,
        period: &Period,
        asked: &MostLent,
    ) -> Result<Vec<TitleLoans>, SiteError> {
        let (period, zone, asked) = (*period, self.here.zone, asked.clone());
        self.ask(Call::MostLent, move |tx, _, _| figures::most_lent(tx, &period, zone, &asked))
            .await
    }

    async fn times_lent(
        &self,
        period: &Period,
        titles: &[TitleKey],
    ) -> Result<Vec<TitleLoans>, SiteError> {
        let (period, zone, titles) = (*period, self.here.zone, titles.to_vec());
        self.ask(Call::TimesLent, move |tx, _, _| figures::times_lent(tx, &period, zone, &titles))
            .await
    }

    async fn put_patron(&self, change: &PatronChange) -> Result<(), SiteError> {
        let change = change.clone();
        self.change(Call::PutPatron, move |tx, now| patrons::put(tx, now, &change)).await
    }

    async fn remove_patron(&self, code: &PatronCode) -> Result<(), SiteError> {
        let code = code.clone();
        self.change(Call::RemovePatron, move |tx, _| patrons::remove(tx, &code)).await
    }

    async fn add_copies(&self, copies: &[CopyDetails]) -> Result<(), SiteError> {
        let added = copies.to_vec();
        self.change(Call::AddCopies, move |tx, now| copies::add(tx, now, &added)).await
    }

    async fn put_copy(&self, change: &CopyChange) -> Result<(), SiteError> {
        let change = change.clone();
        self.change(Call::PutCopy, move |tx, now| copies::put(tx, now, &change)).await
    }

    async fn remove_copy(&self, barcode: &Barcode) -> Result<(), SiteError> {
        let barcode = barcode.clone();
        self.change(Call::RemoveCopy, move |tx, now| copies::remove(tx, now, &barcode)).await
    }

    async fn transact(&self, posted: &Posted) -> Result<Answered, SiteError> {
        let posted = posted.clone();
        self.over_the_line(move |conn, login, now| {
            let (answered, _) = counter::writing(conn, now, |tx| {
                let who = Call::Transact(&posted.message.request).allowed_to(tx, login)?;
                let is_manager = who.may(Right::Decide);
                let caller = if is_manager { Caller::Manager } else { Caller::Agent };
                transaction::transact(tx, now, caller, &posted)
            })?;
            Ok(answered)
        })
        .await
    }

    async fn transactions(
        &self,
        sought: &Sought,
        after: Option<TxnId>,
    ) -> Result<Vec<KeptTransaction>, SiteError> {
        let sought = sought.clone();
        self.ask(Call::Transactions, move |tx, _, now| transaction::page(tx, now, &sought, after))
            .await
    }

    async fn network(&self) -> Result<NetworkFacts, SiteError> {
        self.ask(Call::Network, move |tx, _, _| transaction::network(tx)).await
    }

    async fn replicated(&self, of: &[Resource]) -> Result<Vec<ReplicatedRow>, SiteError> {
        let of = of.to_vec();
        self.ask(Call::Replicated, move |tx, _, _| replicated::rows(tx, &of)).await
    }

    async fn readmit(&self) -> Result<(), SiteError> {
        self.change(Call::Readmit, move |tx, _| transaction::readmit(tx)).await
    }

    async fn agents(&self) -> Result<Vec<AgentLogin>, SiteError> {
        self.ask(Call::Agents, move |tx, _, _| {
            Ok(agents::list(tx)?.into_iter().map(|kept| kept.agent).collect())
        })
        .await
    }

    async fn visitor(&self, card: &PatronCode) -> Result<Option<VisitorCard>, SiteError> {
        let card = card.clone();
        self.ask(Call::Visitor, move |tx, _, _| patrons::visitor(tx, &card)).await
    }

    async fn list_copies(&self, sought: &CopiesSought) -> Result<Vec<ListedCopy>, SiteError> {
        let sought = sought.clone();
        self.ask(Call::ListCopies, move |tx, _, _| listing::list(tx, &sought)).await
    }

    async fn fill(&self, filling: &Filling) -> Result<Vec<Hindered>, SiteError> {
        let filling = filling.clone();
        self.over_the_line(move |conn, login, now| {
            let (hindered, _) = counter::writing(conn, now, |tx| {
                Call::Fill.allowed_to(tx, login)?;
                replica::fill(tx, &filling)
            })?;
            Ok(hindered)
        })
        .await
    }

    async fn receive(&self, barcodes: &[Barcode]) -> Result<Vec<Hindered>, SiteError> {
        let barcodes = barcodes.to_vec();
        self.over_the_line(move |conn, login, now| {
            let (hindered, _) = counter::writing(conn, now, |tx| {
                Call::Receive.allowed_to(tx, login)?;
                copies::receive(tx, now, &barcodes)
            })?;
            Ok(hindered)
        })
        .await
    }

    async fn change_password(
        &self,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), SiteError> {
        let (old, new) = (old.clone(), new.clone());
        self.over_the_line(move |conn, login, now| {
            Call::ChangePassword.allowed_to(conn, login)?;
            staff::change_password(conn, now, login, &old, &new)
        })
        .await
    }
}
