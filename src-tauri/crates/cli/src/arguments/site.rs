//! Looking after sites as it is typed.

use clap::{Args, Subcommand, ValueEnum};
use lienthu_api::administration::Which;
use lienthu_domain::ids::{BranchCode, StaffLogin};
use lienthu_domain::rights::Role;
use lienthu_domain::times::ZoneOffset;

use super::records::text;

/// At which sites.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct At {
    /// At the site of this branch
    #[arg(long, value_name = "BRANCH")]
    branch: Option<BranchCode>,
    /// At all sites of the network file, one after the other; run it again to finish what is missing
    #[arg(long)]
    all_sites: bool,
}

impl From<At> for Which {
    fn from(at: At) -> Self {
        at.branch.map_or(Self::All, Self::One)
    }
}

/// The sites themselves; `--login` is an administrator's at their servers.
#[derive(Debug, Subcommand)]
pub enum SiteCommand {
    /// Brings a database to this program's version, and makes it a branch's site if it is none
    Migrate {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        at: At,
        /// Says what would be done, and what in a database with data contradicts the rules; does nothing
        #[arg(long, visible_alias = "plan")]
        dry_run: bool,
        /// Takes the rights that people hold on the tables of a database with data
        #[arg(long, conflicts_with = "keep_grants")]
        revoke_grants: bool,
        /// Leaves them; one of the two must be said where there are any
        #[arg(long)]
        keep_grants: bool,
        /// The offset of local time to record, where the database becomes a site
        #[arg(long, value_name = "±HH:MM", value_parser = zone, default_value = "+07:00", allow_hyphen_values = true)]
        zone: ZoneOffset,
    },
    /// Lists what is not as it should be, and changes nothing; ends with 1 where something is
    Check {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        at: At,
    },
    /// Says that a site was restored from a backup: its desks send again what it has lost, and it takes part in
    /// no transaction until a manager has had it told what it promised and decided (`txn readmit`)
    Restored {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        at: At,
        /// It was restored, and nobody is to be asked
        #[arg(long)]
        yes: bool,
    },
    /// Adds a person, or gives one who is there this name and these roles; the new login's password is asked
    /// for, or comes from LIENTHU_NEW_PASSWORD
    AddUser {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        at: At,
        /// The login; of Windows with its domain, such as LIBRARY\lan
        user: StaffLogin,
        /// The person's name
        #[arg(long, value_parser = text)]
        name: String,
        /// What they are; may be given several times
        #[arg(long = "role", required = true, value_enum, value_name = "ROLE")]
        roles: Vec<RoleTyped>,
    },
    /// Takes a person's roles and their way in; their name stays
    RevokeUser {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        at: At,
        /// The login
        user: StaffLogin,
    },
    /// Gives a person another password, which is asked for, or comes from LIENTHU_NEW_PASSWORD
    SetPassword {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        at: At,
        /// The login
        user: StaffLogin,
    },
    /// Lists the people of a site and what they are
    ListUsers {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        at: At,
    },
}

/// [`Role`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleTyped {
    /// Works at the desk of a branch
    Librarian,
    /// Asks and decides for all branches
    Manager,
    /// Finishes the work of desks without judgement
    Agent,
}

impl From<RoleTyped> for Role {
    fn from(role: RoleTyped) -> Self {
        match role {
            RoleTyped::Librarian => Self::Librarian,
            RoleTyped::Manager => Self::Manager,
            RoleTyped::Agent => Self::Agent,
        }
    }
}

/// An offset such as `+07:00`.
fn zone(typed: &str) -> Result<ZoneOffset, &'static str> {
    let wrong = "not an offset such as +07:00";
    let sign = match typed.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(wrong),
    };
    let (hours, minutes) = typed[1..].split_once(':').ok_or(wrong)?;
    let number = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| digits.parse::<i16>().ok()).flatten().ok_or(wrong)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if minutes > 59 {
        return Err(wrong);
    }
    ZoneOffset::from_minutes(sign * (hours * 60 + minutes)).map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_a_sign_hours_and_minutes() {
        assert_eq!(zone("+07:00"), Ok(ZoneOffset::VIET_NAM));
        assert_eq!(zone("-03:30").map(ZoneOffset::minutes), Ok(-210));
        for wrong in ["", "7", "07:00", "+7:00", "+07:60", "+19:00", "+ 7:00", "+07:00:00", "é"] {
            assert!(zone(wrong).is_err(), "{wrong}");
        }
    }
}
