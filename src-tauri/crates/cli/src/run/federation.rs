//! Questions to all sites at once. In JSON each site's part is a line, printed as it comes.

use std::io::Write;
use std::pin::pin;

use lienthu_api::command::Command;
use lienthu_api::commands::federation::{
    FindPatronAnywhere, MostLentTitles, SiteStates, Statistics, WhereIsCopy, WhereIsTitle,
};
use lienthu_api::listener::Listener;
use lienthu_api::system::wall_clock;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::arguments::federation::{StatsCommand, WhereCommand};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::report::{Reply, Report};

/// Does a command about where things are.
pub(super) async fn locate(
    opened: &Opened<'_>,
    command: WhereCommand,
    out: &mut impl Write,
) -> Result<Report, Failure> {
    match command {
        WhereCommand::Title { key } => {
            in_parts(opened, out, |each| WhereIsTitle { key, each }).await
        }
        WhereCommand::Copy { barcode } => {
            in_parts(opened, out, |each| WhereIsCopy { barcode, each }).await
        }
        WhereCommand::Patron { words } => {
            let text = words.join(" ");
            in_parts(opened, out, |each| FindPatronAnywhere { text, each }).await
        }
        WhereCommand::Sites => in_parts(opened, out, |each| SiteStates { each }).await,
    }
}

/// Does a command about figures.
pub(super) async fn stats(
    opened: &Opened<'_>,
    command: StatsCommand,
    out: &mut impl Write,
) -> Result<Report, Failure> {
    let today = wall_clock().date_at(opened.app.desk().zone());
    match command {
        StatsCommand::Figures { days, by } => {
            let (from, to) = days.ends(today);
            let step = by.into();
            in_parts(opened, out, |each| Statistics { from, to, step, each }).await
        }
        StatsCommand::Titles { days, best } => {
            let (from, to) = days.ends(today);
            opened.answer(MostLentTitles { from, to, best }).await
        }
    }
}

/// One part of an answer, on a line of its own.
#[derive(Serialize)]
struct Line<P> {
    part: P,
}

/// Asks, and prints each part as it comes where the answer is JSON.
pub(super) async fn in_parts<P, C>(
    opened: &Opened<'_>,
    out: &mut impl Write,
    question: impl FnOnce(Listener<P>) -> C,
) -> Result<Report, Failure>
where
    P: Serialize + Send + 'static,
    C: Command<Reply: Reply>,
{
    // It holds no more than one part of each site.
    let (tell, mut parts) = mpsc::unbounded_channel();
    let listener = Listener::new(move |part| drop(tell.send(part)));
    let mut asked = pin!(opened.execute(question(listener)));
    let mut print = |part: P| {
        if !opened.terms.json {
            return Ok(());
        }
        serde_json::to_writer(&mut *out, &Line { part })
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(out))
            .and_then(|()| out.flush())
            .map_err(Failure::Output)
    };
    let reply = loop {
        tokio::select! {
            biased;
            Some(part) = parts.recv() => print(part)?,
            reply = &mut asked => break reply?,
        }
    };
    while let Ok(part) = parts.try_recv() {
        print(part)?;
    }
    Ok(opened.report(&reply))
}
