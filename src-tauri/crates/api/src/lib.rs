//! The one surface that the window and the command line share.
//!
//! - [`network`]: the network file, which names the sites.
//! - [`app`]: puts the pieces together: files, clocks, sites, desk.
//! - [`command`]: what a command is, and the one place that looks at its right.
//! - [`commands`]: all commands; [`listener`]: whoever hears parts of an answer as they come.
//! - `across`: the ways to all sites, under whoever is signed in and under the agent's logins.
//! - [`recovering`]: finishing what others left behind, by itself; also unattended, without a desk.
//! - [`replicas`]: what the sites hold, compared and brought together, as it is shown.
//! - [`transactions`]: transactions that are not settled, as they are shown.
//! - [`barcode_list`]: a list of barcodes in a file.
//! - [`elsewhere`]: books of other branches on the returns desk; [`visitors`]: readers of other branches.
//! - [`transfers`]: orders to move copies, as this desk keeps and runs them.
//! - [`catalogue`]: what every site holds, and the changes of it that wait, as they are shown; `import`: titles
//!   from a file.
//! - [`administration`]: looking after sites, without a desk.
//! - `sites`: from its entries to ways to reach them; `trial`: trying one.
//! - [`system`]: the clocks and ids of this computer.
//! - [`logging`]: the log file.
//! - [`folders`]: where a desk keeps its things.
//!
//! **Architecture invariant:** a command without a right does not compile. Beside the commands a shell can
//! call nothing but [`administration`], which has an administrator's own login and no desk, and the agent's rounds in
//! [`recovering`], which choose nothing.

mod across;
pub mod administration;
pub mod app;
pub mod barcode_list;
pub mod catalogue;
pub mod command;
pub mod commands;
pub mod desk_lock;
pub mod elsewhere;
pub mod folders;
mod import;
pub mod listener;
pub mod logging;
pub mod network;
pub mod recovering;
pub mod replicas;
mod sites;
pub mod system;
pub mod transactions;
pub mod transfers;
mod trial;
pub mod visitors;
