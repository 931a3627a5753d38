//! Figures of the whole network: sites send sums, and sums of sums are made of them.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::BoxStream;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::period::Period;
use lienthu_domain::times::LocalDate;
use lienthu_port::figures::{ClassFigures, SiteFigures, StepFigures};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::federation::answers::{Answers, Heard};
use crate::federation::asking::{ADD_UP_MS_MAX, ask_all};
use crate::sites::Sites;

/// Asks every site to add up.
pub fn figures(sites: &Sites, period: Period) -> BoxStream<'static, Heard<SiteFigures>> {
    ask_all(sites, Duration::from_millis(ADD_UP_MS_MAX), move |_, site| {
        async move { site.figures(&period).await }.boxed()
    })
}

/// What a branch has of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BranchFigures {
    /// Whose.
    pub branch: BranchCode,
    /// Copies.
    pub copies: u32,
    /// Books that are out.
    pub on_loan: u32,
    /// Those of them that should have been back.
    pub overdue: u32,
    /// Patrons.
    pub patrons: u32,
    /// Visitor cards.
    pub visitors: u32,
    /// Loans in the period.
    pub loans: u32,
    /// Returns in the period.
    pub returns: u32,
    /// Patrons who got a card in the period.
    pub new_patrons: u32,
}

/// Figures of all sites that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Figures {
    /// By branch.
    pub branches: Vec<BranchFigures>,
    /// Every step of the period, in order, those without anything too.
    pub steps: Vec<StepFigures>,
    /// The collection by class, in order, what has none last. Titles are counted once at each branch.
    pub classes: Vec<ClassFigures>,
}

/// Sums of what the sites said.
#[must_use]
pub fn merge(period: &Period, answers: &Answers<SiteFigures>) -> Figures {
    let nothing = |from: LocalDate| StepFigures { from, loans: 0, returns: 0, new_patrons: 0 };
    let mut steps: BTreeMap<LocalDate, StepFigures> =
        period.steps().map(|from| (from, nothing(from))).collect();
    let mut classes: BTreeMap<u8, ClassFigures> = BTreeMap::new();
    for said in answers.said.values() {
        for step in &said.steps {
            let sum = steps.entry(step.from).or_insert(nothing(step.from));
            sum.loans = sum.loans.saturating_add(step.loans);
            sum.returns = sum.returns.saturating_add(step.returns);
            sum.new_patrons = sum.new_patrons.saturating_add(step.new_patrons);
        }
        for class in &said.classes {
            // What has no class comes last.
            let sum = classes.entry(class.class.unwrap_or(u8::MAX)).or_insert(ClassFigures {
                class: class.class,
                titles: 0,
                copies: 0,
                free: 0,
                on_loan: 0,
                loans: 0,
            });
            sum.titles = sum.titles.saturating_add(class.titles);
            sum.copies = sum.copies.saturating_add(class.copies);
            sum.free = sum.free.saturating_add(class.free);
            sum.on_loan = sum.on_loan.saturating_add(class.on_loan);
            sum.loans = sum.loans.saturating_add(class.loans);
        }
    }
    let branches = answers.said.iter().map(|(branch, said)| of_branch(branch, said)).collect();
    Figures {
        branches,
        steps: steps.into_values().collect(),
        classes: classes.into_values().collect(),
    }
}

/// What a branch has of the whole.
#[must_use]
pub fn of_branch(branch: &BranchCode, said: &SiteFigures) -> BranchFigures {
    let sum =
        |part: fn(&StepFigures) -> u32| said.steps.iter().map(part).fold(0, u32::saturating_add);
    BranchFigures {
        branch: branch.clone(),
        copies: said.classes.iter().map(|class| class.copies).fold(0, u32::saturating_add),
        on_loan: said.on_loan,
        overdue: said.overdue,
        patrons: said.patrons,
        visitors: said.visitors,
        loans: sum(|step| step.loans),
        returns: sum(|step| step.returns),
        new_patrons: sum(|step| step.new_patrons),
    }
}
