//! The rules of lending: pure types, policy, and the fold of a copy's timeline
