//! The typed commands and events of the window, and their TypeScript. `ui/src/platform/bindings.ts` is
//! generated from here; a test fails when it is stale.

use lienthu_across::transfers::progress::TransferProgress;
use lienthu_api::app::AppView;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::{Builder, Event, collect_commands, collect_events};

use crate::commands;

/// Sent to the window whenever the state of everything has changed.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub struct DeskChanged(pub AppView);

/// Sent to the window whenever a transfer has come a step further.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub struct TransferProgressed(pub TransferProgress);

/// All commands and events.
#[must_use]
pub fn builder<R: tauri::Runtime>() -> Builder<R> {
    Builder::<R>::new()
        .disable_serde_phases()
        .commands(collect_commands![
            commands::get_view,
            commands::enrol,
            commands::sign_in,
            commands::sign_out,
            commands::password_change,
            commands::scan,
            commands::renew,
            commands::undo,
            commands::queue_list,
            commands::queue_send,
            commands::queue_retry,
            commands::queue_export,
            commands::review_list,
            commands::review_settle,
            commands::review_undo,
            commands::title_search,
            commands::patron_find,
            commands::patron_get,
            commands::patron_save,
            commands::patron_remove,
            commands::copy_get,
            commands::copies_add,
            commands::copy_save,
            commands::copy_remove,
            commands::demo_line,
            commands::network_get,
            commands::network_reread,
            commands::network_test,
            commands::network_add,
            commands::network_change,
            commands::network_remove,
            commands::network_certificate,
            commands::network_template,
            commands::transactions_in_doubt,
            commands::transaction_resolve,
            commands::transaction_force,
            commands::transaction_repair,
            commands::transaction_forget,
            commands::catalogue_change,
            commands::changes_pending,
            commands::change_get,
            commands::change_withdraw,
            commands::change_retry,
            commands::catalogue_rows,
            commands::branches_list,
            commands::policies_list,
            commands::closed_days_list,
            commands::titles_import,
            commands::import_progress,
            commands::site_readmit,
            commands::transfer_compose,
            commands::transfer_begin,
            commands::transfer_resume,
            commands::transfer_give_up,
            commands::transfer_list,
            commands::transfer_get,
            commands::transfer_pick_list,
            commands::transfer_pick_list_export,
            commands::list_arriving,
            commands::receive_copies,
            commands::where_is_title,
            commands::where_is_copy,
            commands::find_patron_anywhere,
            commands::patron_history,
            commands::statistics,
            commands::most_lent_titles,
            commands::site_states,
            commands::replica_audit,
            commands::replica_repair,
            commands::replica_fill,
            commands::replica_activate,
            commands::transit_slips,
            commands::visitor_add,
        ])
        .events(collect_events![DeskChanged, TransferProgressed])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::builder;
    use specta_typescript::Typescript;
    use std::path::Path;

    /// Writes the bindings when they are stale, and fails, so that the next run passes and the change
    /// shows in the commit.
    #[test]
    fn the_generated_bindings_are_current() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/platform/bindings.ts");
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        builder::<tauri::Wry>().export(Typescript::default(), &file).unwrap();
        let after = std::fs::read_to_string(&file).unwrap();
        assert!(before == after, "ui/src/platform/bindings.ts was stale; it is written anew");
    }
}
