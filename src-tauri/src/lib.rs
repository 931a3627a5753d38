//! The desktop app: one window over the commands of `lienthu-api`.
//!
//! - [`commands`]: the commands as the window calls them.
//! - [`bindings`]: their TypeScript.
//! - [`shell`]: what stands behind the window.

pub mod bindings;
pub mod commands;
pub mod shell;

use lienthu_api::app::Options;
use tauri::Manager;
use tauri_specta::Event;

use crate::bindings::{DeskChanged, TransferProgressed, builder};
use crate::shell::Shell;

/// Opens the window and runs until it is closed.
///
/// # Errors
/// What the system refuses: no display, or no web view installed.
pub fn run(options: Options) -> tauri::Result<()> {
    let bindings = builder();
    tauri::Builder::default()
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            let (handle, transfers) = (app.handle().clone(), app.handle().clone());
            let shell = tauri::async_runtime::block_on(async move {
                let shell = Shell::open(&options).await;
                shell.tell(move |view| {
                    // A window that is just closing hears nothing any more.
                    DeskChanged(view).emit(&handle).ok();
                });
                shell.tell_transfers(move |progress| {
                    TransferProgressed(progress).emit(&transfers).ok();
                });
                shell
            });
            app.manage(shell);
            Ok(())
        })
        .run(tauri::generate_context!())
}
