//! Everything that a demo network begins with, worked out before a file is touched. The same seed and
//! day give the same plan.

use lienthu_domain::event::Event;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replicated::{Branch, BranchStanding, ClosedDay, LoanPolicy, Title};
use lienthu_domain::times::{LocalDate, ZoneOffset};
use lienthu_port::seed::SiteSeed;

use crate::dice::Dice;
use crate::error::DemoError;
use crate::people::{self, Reader};
use crate::shelves::{self, Shelved};
use crate::year::{self, Branch as BranchAtWork};
use crate::{calendar, data, policy, staff, titles};

/// The branches' codes, names, patrons, and how many people come in on an ordinary day.
const BRANCHES: [(&str, &str, usize, f64); 3] = [
    ("Q1", "Thư viện Quận 1", 320, 11.0),
    ("Q3", "Thư viện Quận 3", 260, 8.0),
    ("Q5", "Thư viện Quận 5", 220, 6.0),
];

/// Where the demo's branches are.
pub(crate) const ZONE: ZoneOffset = ZoneOffset::VIET_NAM;

/// One branch's share.
pub(crate) struct BranchPlan {
    pub(crate) branch: Branch,
    pub(crate) readers: Vec<Reader>,
    pub(crate) shelves: Vec<Shelved>,
    /// In the order in which they happened.
    pub(crate) year: Vec<Event>,
}

/// See the module.
pub(crate) struct Plan {
    pub(crate) titles: Vec<Title>,
    pub(crate) policies: Vec<LoanPolicy>,
    pub(crate) closed_days: Vec<ClosedDay>,
    pub(crate) branches: Vec<BranchPlan>,
}

pub(crate) fn plan(seed: u64, today: LocalDate) -> Result<Plan, DemoError> {
    let titles = titles::own_titles()?;
    let ranks = shelves::ranks(seed, titles.len());
    let policies = policy::policies()?;
    let closed_days = calendar::closed_days(today)?;
    let branches = BRANCHES
        .into_iter()
        .map(|(code, name, patrons, visits_a_day)| {
            let branch = branch(seed, code, name)?;
            let readers = people::readers(seed, &branch.code, patrons, today)?;
            let shelves = shelves::shelve(seed, &branch.code, &titles, &ranks)?;
            let year = year::tell(
                &BranchAtWork {
                    code: &branch.code,
                    readers: &readers,
                    shelves: &shelves,
                    policies: &policies,
                    closed_days: &closed_days,
                    librarians: &staff::librarians(&branch.code)?,
                    visits_a_day,
                },
                seed,
                today,
            );
            Ok(BranchPlan { branch, readers, shelves, year })
        })
        .collect::<Result<_, DemoError>>()?;
    Ok(Plan { titles, policies, closed_days, branches })
}

impl Plan {
    /// What the site of one of the branches begins with.
    pub(crate) fn site_seed(&self, branch: &BranchCode) -> Result<SiteSeed, DemoError> {
        Ok(SiteSeed {
            branch: branch.clone(),
            zone: ZONE,
            branches: self.branches.iter().map(|plan| plan.branch.clone()).collect(),
            titles: self.titles.clone(),
            policies: self.policies.clone(),
            closed_days: self.closed_days.clone(),
            staff: staff::of_branch(branch)?,
        })
    }
}

/// A branch at a number of a street that its district really has.
fn branch(seed: u64, code: &str, name: &str) -> Result<Branch, DemoError> {
    let mut dice = Dice::of(seed, &format!("address of {code}"));
    let streets: Vec<_> =
        data::streets()?.into_iter().filter(|street| street.district == code).collect();
    let Some(street) = streets.get(dice.below(streets.len())) else {
        return Err(DemoError::Table {
            table: "streets.csv",
            detail: format!("no street of {code}"),
        });
    };
    let district = name.trim_start_matches("Thư viện ");
    Ok(Branch {
        code: BranchCode::parse(code).map_err(DemoError::own_key)?,
        name: name.to_owned(),
        address: format!(
            "{} {}, {district}, Thành phố Hồ Chí Minh",
            dice.between(12, 240),
            street.street
        ),
        standing: BranchStanding::Active,
    })
}
