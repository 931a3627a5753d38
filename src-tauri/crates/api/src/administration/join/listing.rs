//! Which branches the sites list once they have joined, by what each lists before. A database that is founded empty
//! knows its own branch alone.

use std::collections::BTreeMap;

use lienthu_domain::ids::BranchCode;
use lienthu_domain::replicated::{Branch, BranchStanding};
use lienthu_protocol::terms::MembershipVersion;

/// A site as it was found.
pub struct Lists<'a> {
    /// Whose.
    pub branch: &'a BranchCode,
    /// The version of the network's membership that it knows; the first where it never belonged to one.
    pub membership: MembershipVersion,
    /// The branches that it lists.
    pub rows: &'a [Branch],
}

/// The rows that every site is to have.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing(BTreeMap<BranchCode, Branch>);

impl Listing {
    /// Of sites that were never a network: all that any of them lists, each by its own word. Of a network that others
    /// come to: what it lists, and those others as away, until they are filled and audited.
    pub fn of(sites: &[Lists<'_>]) -> Self {
        let mut rows: BTreeMap<BranchCode, Branch> = BTreeMap::new();
        let mut add = |row: &Branch| {
            rows.entry(row.code.clone()).or_insert_with(|| row.clone());
        };
        let newest = sites.iter().map(|site| site.membership).max().unwrap_or_default();
        let own = sites.iter().flat_map(|site| site.rows.iter().filter(|r| r.code == *site.branch));
        if newest == MembershipVersion::default() {
            own.for_each(&mut add);
            sites.iter().flat_map(|site| site.rows).for_each(&mut add);
        } else {
            let knowing = sites.iter().filter(|site| site.membership == newest);
            knowing.flat_map(|site| site.rows).for_each(&mut add);
            let away = |row: &Branch| Branch { standing: BranchStanding::Away, ..row.clone() };
            own.for_each(|row| add(&away(row)));
        }
        Self(rows)
    }

    /// The rows.
    pub fn rows(&self) -> Vec<Branch> {
        self.0.values().cloned().collect()
    }

    /// Whether a site is told the network's membership. One that comes to a network is not: so it is refused by all
    /// others, and can be filled, which tells it.
    pub fn tells(&self, site: &Lists<'_>) -> bool {
        let standing = self.0.get(site.branch).map(|row| row.standing);
        site.membership > MembershipVersion::default() || standing == Some(BranchStanding::Active)
    }
}

#[cfg(test)]
mod tests {
    use BranchStanding::{Active, Away};

    use super::*;

    fn row(code: &str, standing: BranchStanding) -> Branch {
        let name = format!("Chi nhánh {code}");
        Branch { code: code.parse().unwrap(), name, address: String::new(), standing }
    }

    fn site<'a>(rows: &'a [Branch], membership: u32) -> Lists<'a> {
        let membership = MembershipVersion(membership);
        Lists { branch: &rows[0].code, membership, rows }
    }

    #[test]
    fn sites_that_were_never_a_network_list_each_other_as_each_has_itself() {
        let (q1, q3) = ([row("Q1", Active)], [row("Q3", Away), row("Q1", Away), row("Q5", Active)]);
        let sites = [site(&q3, 0), site(&q1, 0)];
        let listing = Listing::of(&sites);
        assert_eq!(listing.rows(), [row("Q1", Active), row("Q3", Away), row("Q5", Active)]);
        assert_eq!(sites.map(|site| listing.tells(&site)), [false, true]);
    }

    #[test]
    fn who_comes_to_a_network_is_away_and_is_not_told_until_it_is_filled() {
        let (q1, q5) = ([row("Q1", Active), row("Q3", Active)], [row("Q5", Active)]);
        let behind = [row("Q3", Away)];
        let sites = [site(&q5, 0), site(&q1, 4), site(&behind, 3)];
        let listing = Listing::of(&sites);
        assert_eq!(listing.rows(), [row("Q1", Active), row("Q3", Active), row("Q5", Away)]);
        assert_eq!(sites.map(|site| listing.tells(&site)), [false, true, true]);
    }

    #[test]
    fn who_was_out_of_reach_when_the_network_began_takes_part_as_it_is_listed() {
        let all = [row("Q1", Active), row("Q3", Active)];
        let missed = [row("Q3", Active), row("Q1", Active)];
        let sites = [site(&all, 1), site(&missed, 0)];
        assert!(Listing::of(&sites).tells(&sites[1]));
    }
}
