//! Starts the desktop app.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match lienthu_app::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("lienthu: {reason}");
            ExitCode::FAILURE
        }
    }
}
