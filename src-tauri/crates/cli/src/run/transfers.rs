//! Moving copies between branches.

use std::fs::File;
use std::io::{Read as _, Write as _, stderr};
use std::path::Path;
use std::pin::pin;

use lienthu_across::transfers::picking::TitlePick;
use lienthu_api::barcode_list::LIST_BYTES_MAX;
use lienthu_api::command::Command;
use lienthu_api::commands::transfers::{
    ListArriving, ReceiveCopies, TransferBegin, TransferCompose, TransferGet, TransferGiveUp,
    TransferList, TransferPickList, TransferResume,
};
use lienthu_api::transfers::{Pick, TransferPreview, TransferView, read_list};
use lienthu_domain::ids::Barcode;

use crate::arguments::transfers::{Books, TransferCommand, Wish};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::report::Report;
use crate::show::transfers::{CannotStart, PickListTable};

/// Does a command about transfers.
pub(super) async fn run(opened: &Opened<'_>, command: TransferCommand) -> Result<Report, Failure> {
    match command {
        TransferCommand::Preview { wish } => Ok(opened.report(&compose(opened, wish).await?)),
        TransferCommand::Start { wish, go_on } => {
            let preview = compose(opened, wish).await?;
            let is_whole = preview.left_out.is_empty() && preview.unread.is_empty();
            if preview.going.is_empty() || !(is_whole || go_on.go_on) {
                return Ok(opened.report(&CannotStart { preview }));
            }
            // What stays is part of the order, with its reason.
            let left_out = preview.left_out.into_iter().map(|left_out| left_out.copy);
            let copies = preview.going.into_iter().map(|line| line.copy).chain(left_out).collect();
            let (from, to) = (preview.from, preview.to);
            watched(opened, TransferBegin { from, to, copies }).await
        }
        TransferCommand::Resume { id } => watched(opened, TransferResume { id }).await,
        TransferCommand::GiveUp { id } => opened.answer(TransferGiveUp { id }).await,
        TransferCommand::List { skip } => opened.answer(TransferList { skip }).await,
        TransferCommand::Show { id } => opened.answer(TransferGet { id }).await,
        TransferCommand::PickList { id, csv } => {
            let list = opened.execute(TransferPickList { id }).await?;
            Ok(if csv { opened.report(&PickListTable(list)) } else { opened.report(&list) })
        }
        TransferCommand::Arriving => opened.answer(ListArriving {}).await,
        TransferCommand::Receive { books } => {
            let copies = barcodes(books)?;
            opened.answer(ReceiveCopies { copies }).await
        }
    }
}

async fn compose(opened: &Opened<'_>, wish: Wish) -> Result<TransferPreview, Failure> {
    let Wish { from, to, books, title, state: states, shelf_mark, most } = wish;
    let pick = match (title, books.list) {
        (Some(title), _) => Pick::Title { pick: TitlePick { title, states, shelf_mark, most } },
        (None, Some(file)) => Pick::List { text: text_of(&file)?, column: books.column },
        (None, None) => Pick::Barcodes { copies: books.copies },
    };
    opened.execute(TransferCompose { from, to, pick }).await
}

/// Runs an order, and says on stderr how far it is where that takes several parts.
async fn watched(
    opened: &Opened<'_>,
    command: impl Command<Reply = TransferView>,
) -> Result<Report, Failure> {
    let mut progress = opened.app.transfer_progress();
    let mut running = pin!(opened.execute(command));
    let mut said = None;
    loop {
        tokio::select! {
            done = &mut running => return Ok(opened.report(&done?)),
            changed = progress.changed() => {
                let Some(now) = progress.borrow_and_update().clone() else { continue };
                let (counts, copies) = (now.counts, now.counts.copies());
                let settled = copies - counts.waiting - counts.going;
                let is_news = settled > 0 && settled < copies && said != Some(settled);
                if changed.is_ok() && is_news && !opened.terms.quiet {
                    // Nobody is left to tell where this cannot be written.
                    writeln!(stderr(), "{settled}/{copies}").ok();
                    said = Some(settled);
                }
            }
        }
    }
}

fn barcodes(books: Books) -> Result<Vec<Barcode>, Failure> {
    match books.list {
        Some(file) => Ok(read_list(&text_of(&file)?, books.column.as_deref())?),
        None => Ok(books.copies),
    }
}

/// The text of a file, no more of it than is read as a list.
fn text_of(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        let bytes_max = u64::try_from(LIST_BYTES_MAX + 1).unwrap_or(u64::MAX);
        file.take(bytes_max).read_to_end(&mut bytes)
    });
    read.map_err(Failure::List)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
