//! The branch's copies.

use lienthu_api::commands::{CopiesAdd, CopyGet, CopyRemove, CopySave};
use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_port::lookup::{CopyChange, details_of};

use super::no_record;
use crate::arguments::records::{CopyCommand, put};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::report::Report;

/// Does a command about copies.
pub(super) async fn run(opened: &Opened<'_>, command: CopyCommand) -> Result<Report, Failure> {
    match command {
        CopyCommand::Show { barcode } => opened.answer(CopyGet { barcode }).await,
        CopyCommand::Add { barcodes, title, fields } => {
            let copies = barcodes
                .into_iter()
                .map(|barcode| {
                    let mut details = CopyDetails {
                        barcode,
                        title: title.clone(),
                        condition: CopyCondition::Good,
                        shelf_mark: String::new(),
                        price_vnd: None,
                    };
                    fields.put(&mut details);
                    details
                })
                .collect();
            opened.answer(CopiesAdd { copies }).await
        }
        CopyCommand::Change { barcode, title, fields } => {
            let Some(file) = opened.execute(CopyGet { barcode }).await?.file else {
                return Err(no_record(opened).await);
            };
            let seen = details_of(&file.copy);
            let mut details = seen.clone();
            put(&mut details.title, title);
            fields.put(&mut details);
            opened.answer(CopySave { change: CopyChange { details, seen } }).await
        }
        CopyCommand::Remove { barcode } => opened.answer(CopyRemove { barcode }).await,
    }
}
