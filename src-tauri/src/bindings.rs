//! The typed commands and events of the window, and their TypeScript. `ui/src/platform/bindings.ts` is
//! generated from here; a test fails when it is stale.

use lienthu_across::transfers::progress::TransferProgress;
use lienthu_api::app::AppView;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::{Builder, Event, collect_commands, collect_events};

use crate::commands::{
    catalogue, desk, federation, network, replicas, transactions, transfers, visitors,
};

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
            desk::get_view,
            desk::enrol,
            desk::sign_in,
            desk::sign_out,
            desk::password_change,
            desk::scan,
            desk::renew,
            desk::undo,
            desk::queue_list,
            desk::queue_send,
            desk::queue_retry,
            desk::queue_export,
            desk::review_list,
            desk::review_settle,
            desk::review_undo,
            desk::title_search,
            desk::patron_find,
            desk::patron_get,
            desk::patron_save,
            desk::patron_remove,
            desk::copy_get,
            desk::copies_add,
            desk::copy_save,
            desk::copy_remove,
            desk::demo_line,
            network::network_get,
            network::network_reread,
            network::network_test,
            network::network_add,
            network::network_change,
            network::network_remove,
            network::network_certificate,
            network::network_template,
            transactions::transactions_in_doubt,
            transactions::transaction_resolve,
            transactions::transaction_force,
            transactions::transaction_repair,
            transactions::transaction_forget,
            catalogue::catalogue_change,
            catalogue::changes_pending,
            catalogue::change_get,
            catalogue::change_withdraw,
            catalogue::change_retry,
            catalogue::catalogue_rows,
            catalogue::branches_list,
            catalogue::policies_list,
            catalogue::closed_days_list,
            catalogue::titles_import,
            catalogue::import_progress,
            transactions::site_readmit,
            transfers::transfer_compose,
            transfers::transfer_begin,
            transfers::transfer_resume,
            transfers::transfer_give_up,
            transfers::transfer_list,
            transfers::transfer_get,
            transfers::transfer_pick_list,
            transfers::transfer_pick_list_export,
            transfers::list_arriving,
            transfers::receive_copies,
            federation::where_is_title,
            federation::where_is_copy,
            federation::find_patron_anywhere,
            federation::patron_history,
            federation::statistics,
            federation::most_lent_titles,
            federation::site_states,
            replicas::replica_audit,
            replicas::replica_repair,
            replicas::replica_fill,
            replicas::replica_activate,
            visitors::transit_slips,
            visitors::visitor_add,
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
