//! How the program ends: one table, for `--help`, for scripts and for the tests.

use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::refusal::Refusal;
use lienthu_port::error::Obstacle;
use lienthu_port::password::PasswordRefusal;
use lienthu_port::submit::SetAside;

macro_rules! exits {
    ($( $(#[$doc:meta])* $name:ident = $number:literal, $meaning:literal; )*) => {
        /// See the module.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Exit { $( $(#[$doc])* $name, )* }

        impl Exit {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The number that the process ends with.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $( Self::$name => $number, )* }
            }

            /// What it says, for `--help`.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $( Self::$name => $meaning, )* }
            }
        }
    };
}

exits! {
    /// It happened, or it is written down and will be sent.
    Done = 0, "done, or accepted and queued: the desk has it, durably";
    /// Nothing happened, by a rule.
    Refused = 1, "refused by a rule; nothing happened";
    /// The command line is wrong.
    Usage = 2, "the command line is wrong, or a value in it is empty, too long or malformed";
    /// Only with `--require-site`.
    Queued = 3, "with --require-site: accepted and queued, but the site does not have it yet";
    /// Nobody with the right is signed in.
    NotAllowed = 4, "nobody signed in, wrong password, not allowed, or the desk is not enrolled";
    /// The site is needed.
    NoSite = 5, "this needs the site, and it cannot be reached or worked with";
    /// The desk's own files.
    LocalFiles = 6, "the desk's files: locked, damaged, no key, disk or queue full";
    /// The network file.
    NetworkFile = 7, "the network file: unreadable, wrong, or without that branch";
    /// The log has the rest.
    Unexpected = 8, "unexpected; the log has the detail";
    /// Of all sites.
    Partial = 9, "a partial answer: some of the sites said nothing, and are named";
}

impl Exit {
    /// The exit code that belongs to the code of a message.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        match code {
            "usage"
            | "change_wrong"
            | "nothing_to_change"
            | "import_unreadable"
            | "import_no_titles"
            | "import_too_many"
            | "agents_file"
            | "bad_key"
            | "field_wrong"
            | "passwords_differ"
            | "confirmation_missing"
            | "windows_login_unknown"
            | "no_windows_login_here" => Self::Usage,
            "not_signed_in"
            | "forbidden"
            | "managers_only"
            | "login_failed"
            | "no_offline_sign_in"
            | "wait_after_failures"
            | "not_enrolled"
            | "password_missing"
            | "password_over"
            | "old_password_wrong"
            | "administrator_not_allowed"
            | "agent_unknown"
            | "agents_file_open" => Self::NotAllowed,
            "needs_site"
            | "txn_in_doubt"
            | "not_readmitted"
            | "site_restored"
            | "network_changed"
            | "nobody_active"
            | "change_uncertain"
            | "password_uncertain"
            | "site_unreachable"
            | "reply_lost"
            | "site_busy"
            | "site_full"
            | "site_damaged"
            | "site_put_back"
            | "version_mismatch"
            | "wrong_branch"
            | "not_a_site"
            | "migration_running"
            | "migration_refused"
            | "step_changed"
            | "adoption_unproved"
            | "name_not_found"
            | "port_closed"
            | "no_answer"
            | "instance_unknown"
            | "not_sql_server"
            | "tls_failed"
            | "encryption_not_offered"
            | "encryption_demanded"
            | "windows_only"
            | "database_missing"
            | "not_migrated"
            | "version_behind"
            | "version_newer"
            | "other_incarnation" => Self::NoSite,
            "wrong_key" | "file_damaged" | "file_locked" | "disk_full" | "file_too_new"
            | "file_inaccessible" | "no_key" | "queue_full" | "no_folder" => Self::LocalFiles,
            "transfer_in_doubt"
            | "transfer_held_up"
            | "transaction_refused"
            | "site_quarantined" => Self::NoSite,
            "visitor_branch_silent" => Self::NoSite,
            "visitor_unknown"
            | "visitor_several"
            | "visitor_code_taken"
            | "visitor_not_by_hand"
            | "transfer_unknown"
            | "transfer_left_out"
            | "transfer_nothing_goes"
            | "transfer_to_itself"
            | "transaction_empty"
            | "transaction_wrong"
            | "list_too_long" => Self::Refused,
            "list_no_column" | "list_unreadable" => Self::Usage,
            "no_such_branch" => Self::NetworkFile,
            "already_enrolled"
            | "txn_not_found"
            | "txn_refused"
            | "txn_unsettled"
            | "txn_not_repaired"
            | "nothing_to_force"
            | "nothing_to_repair"
            | "replicas_differ"
            | "network_collides"
            | "rows_hindered"
            | "rows_left"
            | "rows_changing"
            | "branch_not_active"
            | "branch_not_away"
            | "branch_unknown"
            | "unknown_event"
            | "change_unknown"
            | "change_over"
            | "login_owns_database"
            | "site_not_clean"
            | "adoption_blocked"
            | "grants_undecided" => Self::Refused,
            code if code.starts_with("certificate_") => Self::NoSite,
            code if code.starts_with("login_") => Self::NotAllowed,
            code if code.starts_with("network_") => Self::NetworkFile,
            code if code.starts_with("scan_") => Self::Refused,
            code if is_rule(code) => Self::Refused,
            _ => Self::Unexpected,
        }
    }

    /// Whether what was asked for happened, or is sure to.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        matches!(self, Self::Done | Self::Queued)
    }

    /// Whether there is an answer to be read, be it a partial one.
    #[must_use]
    pub const fn has_answer(self) -> bool {
        self.is_ok() || matches!(self, Self::Partial)
    }

    /// How much it matters among the scans of one loop.
    #[must_use]
    pub const fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Queued => 1,
            Self::Refused => 2,
            other => other.number() + 1,
        }
    }

    /// The table, as `--help` shows it.
    #[must_use]
    pub fn table() -> String {
        let mut table = String::from("Exit codes:");
        for exit in Self::ALL {
            table.push_str(&format!("\n  {}  {}", exit.number(), exit.meaning()));
        }
        table
    }
}

/// Whether it is a reason that a desk, a site or a record gives for not doing something.
fn is_rule(code: &str) -> bool {
    Refusal::from_code(code).is_some()
        || Hindrance::from_code(code).is_some()
        || SetAside::from_code(code).is_some()
        || PasswordRefusal::ALL.iter().any(|refusal| refusal.code() == code)
        || Obstacle::ALL.iter().any(|obstacle| obstacle.code().0 == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lienthu_api::network::NetworkError;
    use lienthu_desk::error::DeskError;
    use lienthu_domain::rights::Right;
    use lienthu_port::diagnosis::{Finding, TlsRefusal};
    use lienthu_port::error::{SiteError, StoreError};

    fn of(error: impl Into<DeskError>) -> Exit {
        Exit::of_code(&error.into().message().code)
    }

    #[test]
    fn numbers_are_in_order_and_each_stands_once() {
        let numbers: Vec<u8> = Exit::ALL.iter().map(|exit| exit.number()).collect();
        assert_eq!(numbers, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn the_readme_shows_this_table() {
        let readme = include_str!("../README.md");
        for exit in Exit::ALL {
            let row = format!("\n| {} | {} |\n", exit.number(), exit.meaning());
            assert!(readme.contains(&row), "{row}");
        }
    }

    #[test]
    fn every_rule_is_a_refusal_and_a_field_that_is_wrong_is_a_mistake_of_whoever_typed_it() {
        for refusal in Refusal::ALL {
            assert_eq!(Exit::of_code(refusal.code()), Exit::Refused, "{refusal:?}");
        }
        for why in SetAside::ALL {
            assert_eq!(Exit::of_code(why.code()), Exit::Refused, "{why:?}");
        }
        for why in PasswordRefusal::ALL {
            let expected =
                if why == PasswordRefusal::OldWrong { Exit::NotAllowed } else { Exit::Refused };
            assert_eq!(of(SiteError::PasswordRefused { why }), expected, "{why:?}");
        }
        for obstacle in Obstacle::ALL {
            let expected =
                if obstacle == Obstacle::FieldWrong { Exit::Usage } else { Exit::Refused };
            assert_eq!(of(SiteError::Obstructed { obstacle }), expected, "{obstacle:?}");
        }
    }

    #[test]
    fn every_error_of_the_site_has_its_exit_code() {
        let detail = String::new;
        let q1 = || "Q1".parse().unwrap();
        for (error, expected) in [
            (SiteError::Unreachable { detail: detail() }, Exit::NoSite),
            (SiteError::ReplyLost { detail: detail() }, Exit::NoSite),
            (
                SiteError::NotSetUp {
                    finding: Finding::TlsRefused { why: TlsRefusal::NotTrusted },
                },
                Exit::NoSite,
            ),
            (SiteError::Busy, Exit::NoSite),
            (SiteError::LoginFailed, Exit::NotAllowed),
            (SiteError::AgentUnknown, Exit::NotAllowed),
            (SiteError::Forbidden { right: Right::Circulate }, Exit::NotAllowed),
            (SiteError::VersionMismatch { ours: 1, theirs: 2 }, Exit::NoSite),
            (SiteError::WrongBranch { expected: q1(), found: q1() }, Exit::NoSite),
            (SiteError::PutBack, Exit::NoSite),
            (SiteError::Full, Exit::NoSite),
            (SiteError::Damaged { detail: detail() }, Exit::NoSite),
            (SiteError::Unexpected { detail: detail() }, Exit::Unexpected),
        ] {
            assert_eq!(of(error.clone()), expected, "{error:?}");
        }
    }

    #[test]
    fn every_error_of_the_desk_and_its_files_has_its_exit_code() {
        let file = || "outbox.db".to_owned();
        for (error, expected) in [
            (StoreError::WrongKey { file: file() }.into(), Exit::LocalFiles),
            (StoreError::Damaged { file: file() }.into(), Exit::LocalFiles),
            (StoreError::Locked { file: file() }.into(), Exit::LocalFiles),
            (StoreError::Full.into(), Exit::LocalFiles),
            (StoreError::TooNew { file: file(), ours: 1, theirs: 2 }.into(), Exit::LocalFiles),
            (StoreError::Inaccessible { file: file(), detail: file() }.into(), Exit::LocalFiles),
            (StoreError::NoKey { detail: file() }.into(), Exit::LocalFiles),
            (StoreError::QueueFull.into(), Exit::LocalFiles),
            (StoreError::Unexpected { detail: file() }.into(), Exit::Unexpected),
            (DeskError::NotEnrolled, Exit::NotAllowed),
            (DeskError::AlreadyEnrolled, Exit::Refused),
            (DeskError::NoSuchBranch, Exit::NetworkFile),
            (DeskError::NotSignedIn, Exit::NotAllowed),
            (DeskError::Forbidden(Right::KeepCopies), Exit::NotAllowed),
            (DeskError::ManagersOnly, Exit::NotAllowed),
            (DeskError::NeedsSite, Exit::NoSite),
            (DeskError::ChangeUncertain, Exit::NoSite),
            (DeskError::PasswordUncertain, Exit::NoSite),
            (DeskError::NoOfflineSignIn, Exit::NotAllowed),
            (DeskError::WaitAfterFailures { seconds: 5 }, Exit::NotAllowed),
            (DeskError::UnknownEvent, Exit::Refused),
            (DeskError::FieldWrong, Exit::Usage),
        ] {
            assert_eq!(of(error.clone()), expected, "{error:?}");
        }
        for error in [NetworkError::Empty, NetworkError::Wrong(file()), NetworkError::TooLarge] {
            assert_eq!(Exit::of_code(&error.message().code), Exit::NetworkFile);
        }
    }
}
