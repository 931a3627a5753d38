//! The desktop app: one window over the commands of `lienthu-api`.
//!
//! - [`commands`]: the commands as the window calls them.
//! - [`bindings`]: their TypeScript.
//! - [`shell`]: what stands behind the window.

pub mod bindings;
pub mod commands;
pub mod shell;

use std::time::Duration;

use lienthu_api::app::Options;
use tauri::{Manager, RunEvent};
use tauri_specta::Event;
use tokio::runtime::Runtime;

use crate::bindings::{DeskChanged, TransferProgressed, builder};
use crate::shell::Shell;

/// How long whatever is under way at the end may take to close.
const CLOSING_MAX: Duration = Duration::from_secs(2);

/// Opens the window and runs until it is closed. Everything behind it runs on that runtime, which ends with it.
///
/// # Errors
/// What the system refuses: no display, or no web view installed.
pub fn run(runtime: Runtime, options: Options) -> tauri::Result<()> {
    tauri::async_runtime::set(runtime.handle().clone());
    let bindings = builder();
    let app = tauri::Builder::default()
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
        .build(tauri::generate_context!())?;
    let mut runtime = Some(runtime);
    app.run(move |app, event| {
        // A database that is still open while the program ends brings it down: the libraries below it clean up
        // under its feet.
        if matches!(event, RunEvent::Exit)
            && let Some(runtime) = runtime.take()
        {
            app.state::<Shell>().close();
            runtime.shutdown_timeout(CLOSING_MAX);
        }
    });
    Ok(())
}
