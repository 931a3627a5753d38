//! The commands about moving copies between branches.

use lienthu_across::transfers::pick_list::PickList;
use lienthu_desk::arrivals::{Arriving, Received};
use lienthu_domain::ids::{Barcode, BranchCode, CorrelationId, TransferId};
use lienthu_port::transfers::OrderSummary;

use crate::app::App;
use crate::command::{Access, Command, Decide, LookUpBranch, Needs, Receive};
use crate::commands::commands;
use crate::transfers::{Pick, PickListFile, TransferError, TransferPreview, TransferView};

commands! {
    fail with TransferError;

    /// What would become of a transfer. Nothing is begun.
    TransferCompose { from: BranchCode, to: BranchCode, pick: Pick } needs Decide
    => |self, app, permit, _correlation| -> TransferPreview {
        app.preview_transfer(&permit, self.from, self.to, self.pick).await
    }

    /// Orders copies to be moved, and moves them. What is not moved yet when something is in the way waits, and
    /// the answer says why.
    TransferBegin { from: BranchCode, to: BranchCode, copies: Vec<Barcode> } needs Decide
    => |self, app, permit, _correlation| -> TransferView {
        app.begin_transfer(&permit, self.from, self.to, self.copies).await
    }

    /// Goes on with an order where it stopped.
    TransferResume { id: TransferId } needs Decide
    => |self, app, permit, _correlation| -> TransferView {
        app.run_transfer(&permit, self.id).await
    }

    /// Gives up what waits of an order. What was moved stays moved.
    TransferGiveUp { id: TransferId } needs Decide
    => |self, app, _permit, _correlation| -> TransferView {
        app.give_up_transfer(self.id).await
    }

    /// A page of the orders of this desk, latest first.
    TransferList { skip: u32 } needs Decide
    => |self, app, _permit, _correlation| -> Vec<OrderSummary> {
        app.transfer_list(self.skip).await
    }

    /// One order of this desk.
    TransferGet { id: TransferId } needs Decide
    => |self, app, _permit, _correlation| -> TransferView {
        app.transfer_get(self.id).await
    }

    /// The books of an order that are still to be taken from the shelves, in their order.
    TransferPickList { id: TransferId } needs Decide
    => |self, app, permit, _correlation| -> PickList {
        app.transfer_pick_list(&permit, self.id).await
    }

    /// Writes that list to a file in the desk's folder, as a table.
    TransferPickListExport { id: TransferId } needs Decide
    => |self, app, permit, _correlation| -> PickListFile {
        let list = app.transfer_pick_list(&permit, self.id).await?;
        app.export_pick_list(&list)
    }

    /// What other branches sent here and nobody has received yet.
    ListArriving {} needs LookUpBranch => |self, app, permit, _correlation| -> Arriving {
        Ok(app.desk().arriving(&permit).await?)
    }

    /// Receives copies that other branches sent here.
    ReceiveCopies { copies: Vec<Barcode> } needs Receive
    => |self, app, permit, _correlation| -> Received {
        Ok(app.desk().receive(&permit, &self.copies).await?)
    }
}
