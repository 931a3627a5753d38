//! Questions to all sites at once. Each site's part is heard as it comes; the reply is the whole, which says
//! which sites it is made of.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::FutureExt as _;
use lienthu_across::breakers::BreakerView;
use lienthu_across::federation::answers::{Absent, Answers, Coverage, Heard, Part};
use lienthu_across::federation::asking::{LOOK_UP_MS_MAX, ask_all, gather};
use lienthu_across::federation::copies::{Whereabouts, places, whereabouts};
use lienthu_across::federation::figures::{BranchFigures, Figures, figures, merge, of_branch};
use lienthu_across::federation::most_lent::most_lent;
use lienthu_across::federation::patrons::{
    History, PatronsAnywhere, find, history, merge_found, merge_history,
};
use lienthu_across::federation::titles::{holdings, total};
use lienthu_across::sites::Sites;
use lienthu_desk::error::DeskError;
use lienthu_desk::session::Permit;
use lienthu_domain::ids::{Barcode, BranchCode, CorrelationId, TitleKey};
use lienthu_domain::patron::PatronCard;
use lienthu_domain::period::{Period, Step};
use lienthu_domain::replicated::{BranchStanding, Title};
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::figures::TitleLoans;
use lienthu_port::message::Message;
use lienthu_port::transaction::NetworkFacts;
use lienthu_port::whereabouts::{CopyPlace, Holding, LoanPlace, PatronOf};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::commands;
use crate::app::App;
use crate::command::{Access, Command, CountFree, LookUpNetwork, Needs, ReadFigures, SignedIn};
use crate::listener::Listener;

/// What a branch has of a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TitleAt {
    /// The branch.
    pub branch: BranchCode,
    /// How long after the question, in milliseconds.
    pub after_ms: u32,
    /// What its site says.
    pub holding: Option<Holding>,
    /// Why it says nothing.
    pub absent: Option<Absent>,
    /// Of this desk's own branch, while its site says nothing: what the desk knows.
    pub known: Option<KnownHolding>,
}

/// What a desk knows of its own branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct KnownHolding {
    /// Copies.
    pub copies: u32,
    /// Those of them that are free.
    pub free: u32,
    /// Of when this is.
    pub as_of: Option<UtcMs>,
}

/// Where copies of a title are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TitleWhere {
    /// The title, where this desk knows it.
    pub title: Option<Title>,
    /// What the sites that answered have together.
    pub total: Holding,
    /// Every branch, by code.
    pub branches: Vec<TitleAt>,
    /// Which sites the total is made of.
    pub coverage: Coverage,
}

/// What a branch says of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopySaid {
    /// The copy there; nothing where it is not known.
    pub place: Option<CopyPlace>,
}

/// Where a copy is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopyWhere {
    /// What the sites say together.
    pub whereabouts: Whereabouts,
    /// The copy at every branch that knows it, by code.
    pub places: Vec<CopyPlace>,
    /// Which sites answered.
    pub coverage: Coverage,
}

/// Patrons that a branch knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CardsSaid {
    /// Their cards, by name.
    pub cards: Vec<PatronCard>,
}

/// Patrons anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronsWhere {
    /// Those that were found.
    pub found: PatronsAnywhere,
    /// Which sites answered.
    pub coverage: Coverage,
}

/// What a branch says of a patron's loans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HistorySaid {
    /// Their cards there.
    pub cards: Vec<PatronCard>,
    /// So many of the page's loans are from there.
    pub loans: u32,
}

/// A page of a patron's loans in the whole network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HistoryWhere {
    /// The page.
    pub history: History,
    /// Which sites it is made of.
    pub coverage: Coverage,
}

/// Figures of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StatisticsView {
    /// The first day.
    pub from: LocalDate,
    /// The last day.
    pub to: LocalDate,
    /// How long its steps are.
    pub step: Step,
    /// The figures.
    pub figures: Figures,
    /// Which sites they are made of. A librarian's are those of the own branch.
    pub coverage: Coverage,
}

/// The titles lent most often in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MostLentView {
    /// Most often lent first. No other title was lent more often than any of them at the sites that answered.
    pub titles: Vec<LentTitle>,
    /// Which sites they are made of. A librarian's are those of the own branch.
    pub coverage: Coverage,
}

/// A title and how often it was lent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LentTitle {
    /// Its key.
    pub key: TitleKey,
    /// The title, where this desk knows it.
    pub title: Option<Title>,
    /// How often.
    pub loans: u32,
}

/// What a site says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SiteSaid {
    /// It was restored, and does not take part in transactions before it was told what it missed.
    pub is_quarantined: bool,
    /// The version of the membership that it knows.
    pub membership: u32,
}

/// A site and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SiteView {
    /// Its branch.
    pub branch: BranchCode,
    /// Its name in the network file.
    pub name: String,
    /// Whether the branch takes part in the network, as the newest membership has it.
    pub standing: Option<BranchStanding>,
    /// How long it took to answer, in milliseconds.
    pub after_ms: Option<u32>,
    /// What it says of itself.
    pub said: Option<SiteSaid>,
    /// It knows an older membership than another site does.
    pub is_behind: bool,
    /// Why it says nothing.
    pub absent: Option<Absent>,
    /// Whether it is asked.
    pub breaker: BreakerView,
}

commands! {
    fail with DeskError;

    /// What each branch has of a title.
    WhereIsTitle { key: TitleKey, each: Listener<TitleAt> } needs CountFree
    => |self, app, permit, _correlation| -> TitleWhere {
        where_is_title(app, &permit, self.key, &self.each).await
    }

    /// Where a copy is.
    WhereIsCopy { barcode: Barcode, each: Listener<Part<CopySaid>> } needs LookUpNetwork
    => |self, app, permit, _correlation| -> CopyWhere {
        let sites = app.manager_sites(&permit)?;
        let answers = gather(places(&sites, self.barcode), |heard| {
            self.each.tell(part(heard, |place| CopySaid { place: place.clone() }));
        })
        .await;
        Ok(CopyWhere {
            whereabouts: whereabouts(&answers),
            coverage: answers.coverage(),
            places: answers.said.into_values().flatten().collect(),
        })
    }

    /// Patrons by name, code or phone, of every branch.
    FindPatronAnywhere { text: String, each: Listener<Part<CardsSaid>> } needs LookUpNetwork
    => |self, app, permit, _correlation| -> PatronsWhere {
        let sites = app.manager_sites(&permit)?;
        let answers = gather(find(&sites, self.text), |heard| {
            self.each.tell(part(heard, |patrons| CardsSaid {
                cards: patrons.iter().map(|patron| patron.card.clone()).collect(),
            }));
        })
        .await;
        Ok(PatronsWhere { found: merge_found(&answers), coverage: answers.coverage() })
    }

    /// A patron's loans at every branch, latest first, a page at a time.
    PatronHistory { patron: PatronOf, behind: Option<LoanPlace>, each: Listener<Part<HistorySaid>> }
    needs LookUpNetwork => |self, app, permit, _correlation| -> HistoryWhere {
        let sites = app.manager_sites(&permit)?;
        let answers = gather(history(&sites, self.patron, self.behind), |heard| {
            self.each.tell(part(heard, |said| HistorySaid {
                cards: said.cards.clone(),
                loans: u32::try_from(said.loans.len()).unwrap_or(u32::MAX),
            }));
        })
        .await;
        Ok(HistoryWhere { history: merge_history(&answers), coverage: answers.coverage() })
    }

    /// Figures of a period: for a manager those of every branch, for a librarian those of their own.
    Statistics { from: LocalDate, to: LocalDate, step: Step, each: Listener<Part<BranchFigures>> }
    needs ReadFigures => |self, app, permit, _correlation| -> StatisticsView {
        let period = period(self.from, self.to, self.step)?;
        let sites = whose_figures(app, &permit)?;
        let answers = gather(figures(&sites, period), |heard| {
            self.each.tell(part(heard, |said| of_branch(&heard.branch, said)));
        })
        .await;
        Ok(StatisticsView {
            from: self.from,
            to: self.to,
            step: self.step,
            figures: merge(&period, &answers),
            coverage: answers.coverage(),
        })
    }

    /// The titles lent most often in a period: for a manager at all branches together, for a librarian at
    /// their own.
    MostLentTitles { from: LocalDate, to: LocalDate, best: u32 } needs ReadFigures
    => |self, app, permit, _correlation| -> MostLentView {
        let period = period(self.from, self.to, Step::Month)?;
        let sites = whose_figures(app, &permit)?;
        let best = usize::try_from(self.best).unwrap_or(usize::MAX);
        let (titles, answers) = most_lent(&sites, period, best).await;
        Ok(MostLentView {
            titles: with_names(app, titles).await?,
            coverage: answers.coverage(),
        })
    }

    /// Which sites are there, and which rest because they did not answer.
    SiteStates { each: Listener<SiteView> } needs SignedIn
    => |self, app, permit, _correlation| -> Vec<SiteView> {
        site_states(app, &permit, &self.each).await
    }
}

fn period(from: LocalDate, to: LocalDate, step: Step) -> Result<Period, DeskError> {
    Period::new(from, to, step).map_err(|_| DeskError::FieldWrong)
}

/// A part of an answer, shown as something else.
fn part<T, V>(heard: &Heard<T>, show: impl FnOnce(&T) -> V) -> Part<V> {
    let said = heard.said.as_ref().map(show).map_err(Clone::clone);
    Part::from(Heard { branch: heard.branch.clone(), after_ms: heard.after_ms, said })
}

async fn where_is_title(
    app: &App,
    permit: &Permit,
    key: TitleKey,
    each: &Listener<TitleAt>,
) -> Result<TitleWhere, DeskError> {
    let sites = app.everywhere(permit).await?;
    let own = app.desk().title(&key).await?;
    let home = app.desk().enrolment()?.branch;
    let as_of = app.desk().status().await?.knowledge.as_of;
    let known = own.as_ref().map(|hit| KnownHolding { copies: hit.copies, free: hit.free, as_of });
    let mut branches: BTreeMap<BranchCode, TitleAt> = BTreeMap::new();
    let answers = gather(holdings(&sites, vec![key.clone()]), |heard| {
        let Part { branch, after_ms, answer, absent } = part(heard, |said| said.first().cloned());
        let is_own_and_away = branch == home && absent.is_some();
        let known = known.clone().filter(|_| is_own_and_away);
        let at = TitleAt { branch, after_ms, holding: answer.flatten(), absent, known };
        each.tell(at.clone());
        branches.insert(at.branch.clone(), at);
    })
    .await;
    Ok(TitleWhere {
        title: own.map(|hit| hit.title),
        total: total(&key, &answers),
        branches: branches.into_values().collect(),
        coverage: answers.coverage(),
    })
}

/// The sites whose figures someone may read, in their own name.
fn whose_figures(app: &App, permit: &Permit) -> Result<Sites, DeskError> {
    let sites = app.manager_sites(permit)?;
    if app.desk().permit_manager().is_ok() {
        return Ok((*sites).clone());
    }
    Ok(sites.only(&app.desk().enrolment()?.branch))
}

async fn with_names(app: &App, titles: Vec<TitleLoans>) -> Result<Vec<LentTitle>, DeskError> {
    let mut named = Vec::with_capacity(titles.len());
    for TitleLoans { title: key, loans } in titles {
        let title = app.desk().title(&key).await?.map(|hit| hit.title);
        named.push(LentTitle { key, title, loans });
    }
    Ok(named)
}

async fn site_states(
    app: &App,
    permit: &Permit,
    each: &Listener<SiteView>,
) -> Result<Vec<SiteView>, DeskError> {
    let sites = app.everywhere(permit).await?;
    let names: BTreeMap<BranchCode, String> =
        app.view().await?.branches.into_iter().map(|choice| (choice.code, choice.name)).collect();
    let limit = Duration::from_millis(LOOK_UP_MS_MAX);
    let mut states: BTreeMap<BranchCode, SiteView> = BTreeMap::new();
    let asked = ask_all(&sites, limit, |_, site| async move { site.network().await }.boxed());
    let answers: Answers<NetworkFacts> = gather(asked, |heard| {
        let Part { branch, after_ms, answer, absent } = part(heard, |facts: &NetworkFacts| {
            SiteSaid { is_quarantined: facts.is_quarantined, membership: facts.membership.0 }
        });
        let state = SiteView {
            name: names.get(&branch).cloned().unwrap_or_default(),
            standing: None,
            after_ms: answer.is_some().then_some(after_ms),
            said: answer,
            is_behind: false,
            absent,
            breaker: sites.breakers().view(&branch),
            branch,
        };
        each.tell(state.clone());
        states.insert(state.branch.clone(), state);
    })
    .await;
    // What is told of the others needs all of them: whose membership is the newest.
    let newest = answers.said.values().max_by_key(|facts| facts.membership);
    for state in states.values_mut() {
        let Some(newest) = newest else { continue };
        let listed = newest.branches.iter().find(|(code, _)| *code == state.branch);
        state.standing = listed.map(|(_, standing)| *standing);
        state.is_behind =
            state.said.as_ref().is_some_and(|said| said.membership < newest.membership.0);
    }
    Ok(states.into_values().collect())
}

/// What is said of a whole that lacks sites: it names them.
#[must_use]
pub fn partial(coverage: &Coverage) -> Option<Message> {
    if coverage.is_whole() {
        return None;
    }
    let names: Vec<&str> = coverage.absent.iter().map(|absent| absent.branch.as_str()).collect();
    let names = names.join(", ");
    Some(Message {
        code: "answer_partial".to_owned(),
        vi: format!("Kết quả chưa đủ: thiếu {names}. Hỏi lại khi các chi nhánh này trả lời."),
        en: format!("The answer is not whole: {names} is missing. Ask again when they answer."),
    })
}
