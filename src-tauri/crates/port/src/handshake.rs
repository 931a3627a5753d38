//! The first words between a desk and a site.

use lienthu_domain::ids::{BranchCode, DeskId, Incarnation, StaffLogin};
use lienthu_domain::rights::{Right, Role};
use lienthu_domain::times::{UtcMs, ZoneOffset};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::feed::Watermark;

/// The version of everything in this crate that goes over the wire. A site that speaks another one
/// answers [`crate::error::SiteError::VersionMismatch`].
pub const PROTOCOL_VERSION: u32 = 1;

/// What a desk says first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`].
    pub protocol: u32,
    /// Which desk.
    pub desk: DeskId,
    /// The furthest state of the site that this desk has proof of, from a pull or a receipt.
    pub known: Option<Watermark>,
}

/// Who a login is at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WhoAmI {
    /// The login.
    pub login: StaffLogin,
    /// For the screen.
    pub name: String,
    /// Sorted, each once.
    pub roles: Vec<Role>,
}

impl WhoAmI {
    /// Whether one of the roles carries the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.roles.iter().any(|role| role.may(right))
    }
}

/// What a site answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// The site's branch.
    pub branch: BranchCode,
    /// The version of the site's schema.
    pub schema: u32,
    /// Renewed when the site was restored with the proper procedure.
    pub incarnation: Incarnation,
    /// The site's clock.
    pub now: UtcMs,
    /// The site's recorded offset.
    pub zone: ZoneOffset,
    /// Who is asking.
    pub who: WhoAmI,
    /// Whether what the desk knows is part of this site's past. If not, the site was put back to an
    /// older state: the desk sends again what was acknowledged, and fills its cache anew.
    pub known_is_past: bool,
    /// The highest sequence number that the site has from this desk. If the desk has not come that
    /// far, the desk's own disk was put back.
    pub desk_seq_max: u32,
}
