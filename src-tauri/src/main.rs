//! Starts the desktop app.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use lienthu_api::app::{KeyPolicy, Options};
use lienthu_api::folders::{NETWORK_FILE, desk_folder};
use lienthu_demo::{DemoOptions, LeftOut, PASSWORD, accounts, prepare};
use tokio::runtime::Runtime;

/// The desk of a library branch.
#[derive(Debug, Parser)]
#[command(name = "lienthu", version)]
struct Arguments {
    /// The desk's folder; otherwise this account's own.
    #[arg(long, env = "LIENTHU_DATA")]
    data: Option<PathBuf>,
    /// The network file; otherwise network.toml in the desk's folder.
    #[arg(long, env = "LIENTHU_NETWORK")]
    network: Option<PathBuf>,
    /// Keeps the encryption key in a file beside the data, where there is no keychain.
    #[arg(long)]
    key_file: bool,
    /// Tries the app on three branches of its own making, with a switch for each line.
    #[arg(long)]
    demo: bool,
    /// Of the demo: adds the titles of a MARC21 file.
    #[arg(long, requires = "demo")]
    catalogue: Option<PathBuf>,
}

fn main() -> ExitCode {
    match open(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("lienthu: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn open(arguments: &Arguments) -> Result<(), String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let options = options(&runtime, arguments)?;
    lienthu_app::run(runtime, options).map_err(|error| error.to_string())
}

fn options(runtime: &Runtime, arguments: &Arguments) -> Result<Options, String> {
    let own = || desk_folder().ok_or("this account has no home folder; name one with --data");
    let folder = match &arguments.data {
        Some(folder) => folder.clone(),
        None if arguments.demo => own()?.join("demo"),
        None => own()?,
    };
    if let Err(reason) = lienthu_api::logging::start(&folder) {
        eprintln!("lienthu: no log is written: {reason}");
    }
    let network = if arguments.demo {
        demo_network(runtime, &folder, arguments.catalogue.as_deref())?
    } else {
        arguments.network.clone().unwrap_or_else(|| folder.join(NETWORK_FILE))
    };
    let key = if arguments.key_file { KeyPolicy::KeyFile } else { KeyPolicy::Keychain };
    Ok(Options { folder, network, key, demo: arguments.demo })
}

/// Makes the demo's network if it is not there, and says who can sign in to it.
fn demo_network(
    runtime: &Runtime,
    folder: &Path,
    catalogue: Option<&Path>,
) -> Result<PathBuf, String> {
    let options =
        DemoOptions { catalogue: catalogue.map(Path::to_owned), ..DemoOptions::default() };
    let made = runtime.block_on(prepare(folder, &options));
    let network = made.map_err(|error| error.to_string())?;
    if let Some(report) = &network.catalogue {
        for left_out in report.damaged.iter().chain(&report.untitled) {
            let LeftOut { ordinal, byte_offset, reason } = left_out;
            eprintln!("demo: left out: record {ordinal} at byte {byte_offset}: {reason}");
        }
    }
    eprintln!("demo: everyone's password is {PASSWORD}");
    for account in accounts() {
        let branch = account.branch.unwrap_or("every branch");
        eprintln!("demo:   {:<10} {} ({branch})", account.login, account.name);
    }
    Ok(network.file)
}
