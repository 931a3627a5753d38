//! A screen for what opens a window.

use std::path::Path;
use std::process::Command;

use crate::process;

/// The screen's size is part of what the proofs look at: one for everybody.
const SCREEN: &str = "-screen 0 1280x900x24";

/// What gives a program a message bus and a screen of its own.
const TOOLS: [&str; 2] = ["dbus-run-session", "xvfb-run"];

/// Whether a person can see a window that opens here.
pub fn has_screen() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// `program`, to be started with a screen and a bus of its own, so that it neither disturbs a person
/// at work nor is disturbed by one. `None` where that cannot be had.
pub fn private(program: &Path) -> Option<Command> {
    if !TOOLS.iter().all(|tool| process::on_path(tool)) {
        return None;
    }
    let mut command = Command::new(TOOLS[0]);
    command.args(["--", TOOLS[1], "-a", "-s", SCREEN]).arg(program);
    Some(command)
}
