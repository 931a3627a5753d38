//! The desktop app: one window over the commands of `lienthu-api`.

/// Opens the window and runs until it is closed.
///
/// # Errors
/// What the system refuses: no display, or no web view installed.
pub fn run() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!())
}
