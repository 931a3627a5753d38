//! What has come of a question to several sites.

use std::collections::BTreeMap;

use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Why a site's answer is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// It was not asked: it did not answer before, and rests for so long.
    Resting {
        /// Until it is tried again, when somebody asks.
        again_in_ms: u32,
    },
    /// It was not waited for: it did not answer before, and is being tried just now.
    BeingTried,
    /// Its time was over.
    Silent {
        /// How much it had.
        after_ms: u32,
    },
    /// It said no, or could not be asked.
    Failed(SiteError),
}

impl Missing {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let seconds = |ms: &u32| ms.div_ceil(1_000);
        match self {
            Self::Resting { again_in_ms } => Message {
                code: "site_resting".to_owned(),
                vi: format!(
                    "Chi nhánh này vừa không trả lời nên tạm chưa được hỏi. Hỏi lại sau {} giây.",
                    seconds(again_in_ms)
                ),
                en: format!(
                    "This site did not answer lately, so it was not asked. Ask again in {} s.",
                    seconds(again_in_ms)
                ),
            },
            Self::BeingTried => Message::new(
                "site_being_tried",
                (
                    "Chi nhánh này vừa không trả lời và đang được thử lại. Hỏi lại sau giây lát.",
                    "This site did not answer lately and is being tried just now. Ask again in a moment.",
                ),
            ),
            Self::Silent { after_ms } => Message {
                code: "site_silent".to_owned(),
                vi: format!(
                    "Chi nhánh này không trả lời trong {} giây. Kết quả chưa có phần của chi nhánh này.",
                    seconds(after_ms)
                ),
                en: format!(
                    "This site did not answer within {} s. The result lacks its part.",
                    seconds(after_ms)
                ),
            },
            Self::Failed(error) if error.is_line_down() => Message::new(
                "site_away",
                (
                    "Không liên lạc được với chi nhánh này. Kết quả chưa có phần của chi nhánh này.",
                    "This site cannot be reached. The result lacks its part.",
                ),
            ),
            Self::Failed(error) => error.message(),
        }
    }

    /// That this branch's answer is missing.
    #[must_use]
    pub fn absent(&self, branch: &BranchCode) -> Absent {
        let again_in_ms = match self {
            Self::Resting { again_in_ms } => Some(*again_in_ms),
            _ => None,
        };
        Absent { branch: branch.clone(), why: self.message(), again_in_ms }
    }
}

/// What a site said, or why it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard<T> {
    /// Whose.
    pub branch: BranchCode,
    /// How long after the question.
    pub after_ms: u32,
    /// What.
    pub said: Result<T, Missing>,
}

/// All that has been heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers<T> {
    /// What the sites said, by branch.
    pub said: BTreeMap<BranchCode, T>,
    /// Whose answer is missing, and why.
    pub missing: BTreeMap<BranchCode, Missing>,
}

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self { said: BTreeMap::new(), missing: BTreeMap::new() }
    }
}

impl<T> Answers<T> {
    /// Takes what was heard.
    pub fn take(&mut self, heard: Heard<T>) {
        match heard.said {
            Ok(said) => drop(self.said.insert(heard.branch, said)),
            Err(missing) => drop(self.missing.insert(heard.branch, missing)),
        }
    }

    /// Whose answers there are, and who is missing.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let absent = self.missing.iter().map(|(branch, missing)| missing.absent(branch));
        Coverage { present: self.said.keys().cloned().collect(), absent: absent.collect() }
    }
}

impl<T> Extend<Heard<T>> for Answers<T> {
    fn extend<I: IntoIterator<Item = Heard<T>>>(&mut self, heard: I) {
        heard.into_iter().for_each(|heard| self.take(heard));
    }
}

/// Which sites a whole is made of, and which it lacks: it is said of every whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Coverage {
    /// Those that it is made of, in order.
    pub present: Vec<BranchCode>,
    /// Those that it lacks, in order.
    pub absent: Vec<Absent>,
}

impl Coverage {
    /// Whether no site is missing.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.absent.is_empty()
    }
}

/// A site whose answer is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Absent {
    /// Whose.
    pub branch: BranchCode,
    /// Why.
    pub why: Message,
    /// In how many milliseconds it is tried again, when somebody asks; of one that rests.
    pub again_in_ms: Option<u32>,
}

/// A site's part of a question as it comes: its answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Part<T> {
    /// Whose.
    pub branch: BranchCode,
    /// How long after the question, in milliseconds.
    pub after_ms: u32,
    /// The answer.
    pub answer: Option<T>,
    /// Why there is none.
    pub absent: Option<Absent>,
}

impl<T> From<Heard<T>> for Part<T> {
    fn from(heard: Heard<T>) -> Self {
        let Heard { branch, after_ms, said } = heard;
        let (answer, absent) = match said {
            Ok(answer) => (Some(answer), None),
            Err(missing) => (None, Some(missing.absent(&branch))),
        };
        Self { branch, after_ms, answer, absent }
    }
}
