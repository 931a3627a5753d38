//! `lienthu-cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(lienthu_cli::main(std::env::args_os()).number())
}
