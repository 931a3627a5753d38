//! How closed lists are written in columns and documents: one word for each value, the same at every kind
//! of site and on the wire.

/// Gives a list its words. They are those that serde writes; a test holds the two together.
macro_rules! coded {
    ($type:ty { $( $value:ident = $code:literal ),* $(,)? }) => {
        impl $type {
            /// All of them.
            pub const ALL: [Self; [$( $code ),*].len()] = [$( Self::$value ),*];

            /// The word that is stored and sent.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$value => $code, )* }
            }

            /// The value with this word.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $( $code => Some(Self::$value), )* _ => None }
            }
        }
    };
}
pub(crate) use coded;

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use crate::copy::{CopyCondition, CopyState};
    use crate::event::Claim;
    use crate::loan::LoanEnding;
    use crate::replicated::BranchStanding;

    fn check<T: Serialize + Copy + PartialEq + std::fmt::Debug>(
        all: &[T],
        code: impl Fn(T) -> &'static str,
        from_code: impl Fn(&str) -> Option<T>,
    ) {
        for value in all {
            assert_eq!(serde_json::to_value(value).ok(), Some(code(*value).into()));
            assert_eq!(from_code(code(*value)), Some(*value));
        }
        assert_eq!(from_code("no such word"), None);
    }

    #[test]
    fn the_words_are_those_that_serde_writes() {
        check(&CopyCondition::ALL, CopyCondition::code, CopyCondition::from_code);
        check(&CopyState::ALL, CopyState::code, CopyState::from_code);
        check(&BranchStanding::ALL, BranchStanding::code, BranchStanding::from_code);
        check(&LoanEnding::ALL, LoanEnding::code, LoanEnding::from_code);
        check(&Claim::ALL, Claim::code, Claim::from_code);
    }
}
