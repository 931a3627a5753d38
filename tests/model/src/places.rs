//! The names of sites and their former and later selves.

use std::sync::{Arc, LazyLock};

use lienthu_domain::ids::{BranchCode, Incarnation, TxnId};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use uuid::Uuid;

/// Sites that a setup can have.
pub const SITES_MAX: usize = 4;

/// The only transaction.
pub const TXN: TxnId = TxnId::new(Uuid::from_u128(1));

/// The site that decides.
pub const DECIDER: usize = 0;

static BRANCHES: LazyLock<[BranchCode; SITES_MAX]> = LazyLock::new(|| {
    ["A", "B", "C", "D"].map(|name| match BranchCode::parse(name) {
        Ok(branch) => branch,
        Err(error) => panic!("{error}"),
    })
});

/// A site's branch.
pub fn branch(site: usize) -> BranchCode {
    BRANCHES[site].clone()
}

/// Which site a branch is.
pub fn site_of(branch: &BranchCode) -> usize {
    BRANCHES.iter().position(|known| known == branch).unwrap_or(SITES_MAX)
}

/// The site after it was restored so often.
pub fn party(site: usize, restored: u8) -> Party {
    let incarnation = Uuid::from_u128((site as u128 + 1) * 1_000 + u128::from(restored));
    Party { branch: branch(site), incarnation: Incarnation::new(incarnation) }
}

/// How often the site was restored that is this party.
pub fn restored_of(party: &Party) -> u8 {
    u8::try_from(party.incarnation.uuid().as_u128() % 1_000).unwrap_or(u8::MAX)
}

/// A site's key.
pub fn key(site: usize) -> SiteKey {
    SiteKey::new(Uuid::from_u128(site as u128 + 77))
}

/// What the first selves of these sites agree to.
pub fn terms(sites: usize) -> Arc<Terms> {
    let parties = (0..sites).map(|site| party(site, 0)).collect();
    match Terms::new(parties, &branch(DECIDER), MembershipVersion(1)) {
        Ok(terms) => Arc::new(terms),
        Err(error) => panic!("{error}"),
    }
}
