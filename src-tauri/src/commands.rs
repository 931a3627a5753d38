//! The commands as the window calls them: each wraps one command of `lienthu-api`, one to one. What a
//! person typed comes as text and is parsed here, so that a mistake gets a sentence.

pub mod catalogue;
pub mod desk;
pub mod federation;
pub mod network;
pub mod replicas;
pub mod transactions;
pub mod transfers;
pub mod visitors;

use std::str::FromStr;

use lienthu_api::listener::Listener;
use lienthu_desk::error::DeskError;
use lienthu_domain::ids::KeyError;
use lienthu_port::message::Message;
use serde::Serialize;
use tauri::State;
use tauri::ipc::Channel;

use crate::shell::Shell;

type AppState<'a> = State<'a, Shell>;

/// Tells the window each part of an answer.
fn told<T: Serialize + Send + Sync + 'static>(parts: Channel<T>) -> Listener<T> {
    // A window that is just closing hears nothing any more.
    Listener::new(move |part| drop(parts.send(part)))
}

fn key<T: FromStr<Err = KeyError>>(text: &str) -> Result<T, Message> {
    text.parse().map_err(|error: KeyError| DeskError::from(error).message())
}
