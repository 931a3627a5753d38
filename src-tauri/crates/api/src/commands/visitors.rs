//! The commands about readers of other branches.

use lienthu_domain::ids::{BranchCode, CorrelationId, PatronCode};

use crate::app::App;
use crate::command::{Access, Command, KeepPatrons, Needs};
use crate::commands::commands;
use crate::visitors::{ByHand, VisitorError, VisitorMade, Wanted};

commands! {
    fail with VisitorError;

    /// Makes a card for a reader of another branch, or brings the one that is here up to date. `home`: their branch;
    /// any that knows the card where nothing is said. `code`: what they get here; that of the card where nothing is
    /// said. `by_hand`: as they are entered where their branch cannot be asked.
    VisitorAdd {
        card: PatronCode,
        home: Option<BranchCode>,
        code: Option<PatronCode>,
        by_hand: Option<ByHand>,
    } needs KeepPatrons => |self, app, permit, _correlation| -> VisitorMade {
        let Self { card, home, code, by_hand } = self;
        app.make_visitor(&permit, Wanted { card, home, code, by_hand }).await
    }
}
