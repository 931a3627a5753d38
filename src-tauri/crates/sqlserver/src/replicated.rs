//! The rows that every site holds, as they stand at this one.

use lienthu_domain::action::Resource;
use lienthu_domain::replicated::ReplicatedRow;
use serde_json::{Value, json};

use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;
use crate::session::Answer;

/// Which rows are asked for, as holds name them.
pub(crate) fn asked(of: &[Resource]) -> Param {
    let one = |resource: &Resource| {
        let (kind, key) = resource.stored();
        json!({ "kind": kind, "key": key })
    };
    Param::Text(Value::from(of.iter().map(one).collect::<Vec<_>>()).to_string())
}

/// Those that are there.
pub(crate) fn rows(mut answer: Answer) -> Result<Vec<ReplicatedRow>, Failure> {
    let mut all = vec![];
    for row in answer.set()? {
        all.push(ReplicatedRow::Branch(rows::branch(&row)?));
    }
    for row in answer.set()? {
        all.push(ReplicatedRow::Title(rows::title(&row, 0, 1)?));
    }
    for row in answer.set()? {
        all.push(ReplicatedRow::Policy(rows::policy(&row)?));
    }
    for row in answer.set()? {
        all.push(ReplicatedRow::ClosedDay(rows::closed_day(&row)?));
    }
    Ok(all)
}
