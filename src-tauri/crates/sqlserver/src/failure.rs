//! What can go wrong in a call, and the one table by which the server's error numbers become the port's
//! errors. The numbers from 51000 are our own; `sql/site/errors.md` lists them.

use lienthu_domain::rights::Right;
use lienthu_port::diagnosis::{Finding, TlsRefusal};
use lienthu_port::error::{Obstacle, SiteError};
use thiserror::Error;
use tiberius::error::TokenError;

/// What Babelfish sends for errors that have no number in T-SQL.
const UNNUMBERED: u32 = 33_557_097;

/// "Cannot continue the execution because the session is in the kill state."
const SESSION_KILLED: u32 = 596;

/// Errors of our own beside the refusals and the obstacles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raised {
    /// A procedure was called inside the caller's own transaction.
    InTransaction,
    /// The login is nobody's here, or is switched off.
    NotActive,
    /// The state that the desk has proof of is not part of the site's past.
    PutBack,
    /// Only librarians send events.
    NotLibrarian,
    /// Nobody ever founded the site.
    NotFounded,
    /// A document is not what the procedure takes.
    DocumentWrong,
}

impl Raised {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::InTransaction,
        Self::NotActive,
        Self::PutBack,
        Self::NotLibrarian,
        Self::NotFounded,
        Self::DocumentWrong,
    ];

    /// The T-SQL error number.
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::InTransaction => 51_201,
            Self::NotActive => 51_202,
            Self::PutBack => 51_203,
            Self::NotLibrarian => 51_204,
            Self::NotFounded => 51_205,
            Self::DocumentWrong => 51_206,
        }
    }
}

/// See the module.
#[derive(Debug, Clone, Error)]
pub(crate) enum Failure {
    /// Nothing was asked.
    #[error("not reached: {0}")]
    NotReached(String),
    /// It was asked, and no whole answer came.
    #[error("reply lost: {0}")]
    ReplyLost(String),
    /// The way to the server is such that a person has to mend something.
    #[error("not set up: {}", .0.message().code)]
    NotSetUp(Box<Finding>),
    /// The server let nobody in.
    #[error("login failed")]
    Login,
    /// The server answered with an error.
    #[error("error {number} in {procedure}, line {line}")]
    Server {
        /// Its number.
        number: u32,
        /// What the number leaves open.
        said: Said,
        /// Where.
        procedure: String,
        /// Where in it.
        line: u32,
    },
    /// The answer is not one that the procedures give.
    #[error("{0}")]
    NotUnderstood(String),
}

/// What the words of an error tell, where the number is [`UNNUMBERED`]. The words themselves are not
/// kept: they can hold a patron's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    NoPermission,
    LockTimeout,
    Conflict,
    DiskFull,
    Ended,
    Starting,
    Missing,
}

impl Said {
    fn of(message: &str) -> Self {
        let has = |words: &str| message.contains(words);
        if has("permission denied") {
            Self::NoPermission
        } else if has("lock timeout") {
            Self::LockTimeout
        } else if has("deadlock detected") || has("could not serialize access") {
            Self::Conflict
        } else if has("deleted while still in use") || has("could not find pg_class tuple") {
            // Others made and dropped temporary tables, and Babelfish lost sight of this call's.
            Self::Conflict
        } else if has("No space left on device") {
            Self::DiskFull
        } else if has("terminating connection") {
            Self::Ended
        } else if has("the database system is") {
            Self::Starting
        } else if has("does not exist") {
            Self::Missing
        } else {
            Self::Nothing
        }
    }
}

impl Failure {
    pub(crate) fn not_reached(detail: &str) -> Self {
        Self::NotReached(detail.to_owned())
    }

    pub(crate) fn reply_lost(detail: &str) -> Self {
        Self::ReplyLost(detail.to_owned())
    }

    pub(crate) const fn login() -> Self {
        Self::Login
    }

    /// Of a way to the server that ended. A handshake can break off because the line did.
    pub(crate) fn of_finding(finding: Finding) -> Self {
        match finding {
            Finding::TlsRefused { why: TlsRefusal::Handshake } => {}
            Finding::TlsRefused { .. } | Finding::CertificateFile { .. } | Finding::WindowsOnly => {
                return Self::NotSetUp(Box::new(finding));
            }
            _ => {}
        }
        let said = finding.message();
        Self::NotReached(format!("{}: {}", said.code, said.en))
    }

    /// Of making a connection: nothing was asked yet, whatever went wrong.
    pub(crate) fn from_connect(error: tiberius::error::Error) -> Self {
        match error {
            tiberius::error::Error::Server(token) => Self::of_server(&token),
            error => Self::NotReached(error.to_string()),
        }
    }

    /// Of a call: what is no answer of the server's own means that the answer was lost.
    pub(crate) fn from_call(error: tiberius::error::Error) -> Self {
        match error {
            tiberius::error::Error::Server(token) => match Self::of_server(&token) {
                // The session was ended in mid-call, which may have been done.
                Self::Server { number: SESSION_KILLED, .. }
                | Self::Server { number: UNNUMBERED, said: Said::Ended, .. } => {
                    Self::reply_lost("the server ended the session")
                }
                failure => failure,
            },
            error => Self::ReplyLost(error.to_string()),
        }
    }

    /// Whether the server took back all of the call because another was in its way: a deadlock's victim,
    /// or a snapshot's update conflict. Sent again at once it finds the way clear, as a rule. So does 266, a
    /// procedure that left its transaction open: ours do not, but Babelfish does after an error that it
    /// caught itself; the transaction is taken back before the connection is used again.
    pub(crate) const fn is_victim(&self) -> bool {
        matches!(
            self,
            Self::Server { number: 266 | 1205 | 3960, .. }
                | Self::Server { number: UNNUMBERED, said: Said::Conflict, .. }
        )
    }

    fn of_server(token: &TokenError) -> Self {
        Self::Server {
            number: token.code(),
            said: if token.code() == UNNUMBERED {
                Said::of(token.message())
            } else {
                Said::Nothing
            },
            procedure: token.procedure().to_owned(),
            line: token.line(),
        }
    }

    /// The server's number, where it is the server that says no.
    pub(crate) const fn number(&self) -> Option<u32> {
        match self {
            Self::Server { number, .. } => Some(*number),
            _ => None,
        }
    }

    /// Whether the server would not let the login in: asking again could lock the account.
    pub(crate) const fn is_at_sign_in(&self) -> bool {
        matches!(
            self,
            Self::Login | Self::Server { number: 18_456 | 18_470 | 18_486 | 18_487 | 18_488, .. }
        )
    }

    /// Whether there is no such procedure, or no such table below it.
    pub(crate) const fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::Server { number: 208 | 2812, .. }
                | Self::Server { number: UNNUMBERED, said: Said::Missing, .. }
        )
    }

    /// What the port calls it, of a call that takes this right.
    pub(crate) fn of_call(self, right: Option<Right>) -> SiteError {
        let (number, said) = match &self {
            Self::NotReached(detail) => return SiteError::Unreachable { detail: detail.clone() },
            Self::ReplyLost(detail) => return SiteError::ReplyLost { detail: detail.clone() },
            Self::NotSetUp(finding) => {
                return SiteError::NotSetUp { finding: (**finding).clone() };
            }
            Self::Login => return SiteError::LoginFailed,
            Self::NotUnderstood(detail) => return SiteError::Unexpected { detail: detail.clone() },
            Self::Server { number, said, .. } => (*number, *said),
        };
        if let Some(obstacle) = Obstacle::ALL.into_iter().find(|o| o.code().1 == number) {
            return SiteError::Obstructed { obstacle };
        }
        if let Some(raised) = Raised::ALL.into_iter().find(|raised| raised.number() == number) {
            return match raised {
                Raised::NotActive => SiteError::LoginFailed,
                Raised::PutBack => SiteError::PutBack,
                Raised::NotLibrarian => match right {
                    Some(right) => SiteError::Forbidden { right },
                    None => SiteError::Unexpected { detail: self.to_string() },
                },
                Raised::NotFounded => SiteError::Damaged { detail: self.to_string() },
                Raised::InTransaction | Raised::DocumentWrong => {
                    SiteError::Unexpected { detail: self.to_string() }
                }
            };
        }
        match (number, said, right) {
            // A column or the schema refuses; "EXECUTE permission was denied".
            (229 | 230, _, Some(right)) | (UNNUMBERED, Said::NoPermission, Some(right)) => {
                SiteError::Forbidden { right }
            }
            // Chosen as a deadlock's victim; the lock time-out; a snapshot's update conflict.
            (1205 | 1222 | 3960, ..) | (UNNUMBERED, Said::LockTimeout | Said::Conflict, _) => {
                SiteError::Busy
            }
            // Wrong password; switched off; locked; expired; no access to this database.
            (18_456 | 18_470 | 18_486 | 18_487 | 18_488 | 4060 | 916, ..) => SiteError::LoginFailed,
            // The file group, the file or the log is full.
            (1101 | 1105 | 9002, ..) | (UNNUMBERED, Said::DiskFull, _) => SiteError::Full,
            // Pages that cannot be read; objects that are not there.
            (823 | 824 | 825 | 208 | 2812, ..) | (UNNUMBERED, Said::Missing, _) => {
                SiteError::Damaged { detail: self.to_string() }
            }
            // "String or binary data would be truncated", in its old and its new form.
            (8152 | 2628, ..) => SiteError::Obstructed { obstacle: Obstacle::FieldWrong },
            // The server is being shut down or started.
            (6005 | 17_142 | 18_401 | 18_451, ..) | (UNNUMBERED, Said::Starting, _) => {
                SiteError::Unreachable { detail: self.to_string() }
            }
            _ => SiteError::Unexpected { detail: self.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lienthu_domain::refusal::Refusal;

    use super::*;
    use crate::migrate::scripts;

    const LIST: &str = include_str!("../../../../sql/site/errors.md");

    fn listed() -> BTreeSet<(u32, String)> {
        let rows = LIST.lines().filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let number = cells.next()?.parse().ok()?;
            Some((number, cells.next()?.trim_matches('`').to_owned()))
        });
        rows.collect()
    }

    #[test]
    fn the_list_of_errors_and_the_programs_reasons_agree() {
        let refusals = Refusal::ALL.iter().map(|r| (r.number(), r.code().to_owned()));
        let obstacles = Obstacle::ALL.iter().map(|o| (o.code().1, o.code().0.to_owned()));
        let raised = Raised::ALL.iter().map(|r| {
            let words = format!("{r:?}");
            let mut code = String::new();
            for (place, c) in words.char_indices() {
                if c.is_uppercase() && place > 0 {
                    code.push('_');
                }
                code.push(c.to_ascii_lowercase());
            }
            (r.number(), code)
        });
        assert_eq!(listed(), refusals.chain(obstacles).chain(raised).collect());
    }

    #[test]
    fn what_another_call_was_in_the_way_of_is_sent_again_and_nothing_else() {
        let failure = |number, said| Failure::Server {
            number,
            said,
            procedure: "SubmitEvents".to_owned(),
            line: 1,
        };
        for words in [
            "deadlock detected",
            "could not serialize access due to concurrent update",
            "relation 802143 deleted while still in use",
            "could not find pg_class tuple for index 1424733",
        ] {
            assert!(failure(UNNUMBERED, Said::of(words)).is_victim(), "{words}");
        }
        for words in ["permission denied for table sach", "No space left on device", "anything"] {
            assert!(!failure(UNNUMBERED, Said::of(words)).is_victim(), "{words}");
        }
        assert!(
            [266, 1205, 3960]
                .map(|number| failure(number, Said::Nothing))
                .iter()
                .all(Failure::is_victim)
        );
        assert!(
            ![229, 1222, 2627, 51_203]
                .map(|number| failure(number, Said::Nothing))
                .iter()
                .any(Failure::is_victim)
        );
    }

    #[test]
    fn every_error_that_the_sql_throws_is_in_the_list() {
        let numbers: BTreeSet<u32> = listed().into_iter().map(|(number, _)| number).collect();
        let mut thrown = 0;
        for script in scripts() {
            for behind in script.text.split("THROW ").skip(1) {
                let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
                if let Ok(number) = digits.parse() {
                    assert!(numbers.contains(&number), "{number} in {}", script.name);
                    thrown += 1;
                }
            }
        }
        assert!(thrown > 10, "the procedures throw");
    }
}
