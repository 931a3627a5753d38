//! Where things are at this branch, as its procedures say.

use lienthu_domain::ids::TitleKey;
use lienthu_port::whereabouts::{
    CopyPlace, HISTORY_PAGE_MAX, Holding, LoanPlace, PatronLoan, PatronLoans, PatronOf,
};

use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;
use crate::session::Answer;

pub(crate) fn holdings(mut answer: Answer, titles: &[TitleKey]) -> Result<Vec<Holding>, Failure> {
    let set = answer.set()?;
    if set.len() != titles.len() {
        return Err(Failure::NotUnderstood("not one answer for each title".to_owned()));
    }
    let holdings = titles.iter().zip(&set).map(|(title, row)| {
        Ok(Holding {
            title: title.clone(),
            copies: rows::number(row, 1)?,
            free: rows::number(row, 2)?,
            on_loan: rows::number(row, 3)?,
            in_transit: rows::number(row, 4)?,
            unusable: rows::number(row, 5)?,
        })
    });
    holdings.collect()
}

pub(crate) fn copy_place(mut answer: Answer) -> Result<Option<CopyPlace>, Failure> {
    let (copy, loan, holder) = (answer.set()?, answer.set()?, answer.set()?);
    let Some(row) = copy.first() else { return Ok(None) };
    Ok(Some(CopyPlace {
        copy: rows::copy(row)?,
        title: rows::title(row, 1, 8)?,
        hops: rows::number(row, 14)?,
        held_by: rows::parsed_option(row, 15)?,
        coming_from: rows::parsed_option(row, 16)?,
        loan: loan.first().map(|row| rows::loan(row, 0)).transpose()?,
        holder: holder.first().map(rows::card).transpose()?,
    }))
}

/// Whose loans, and behind which place.
pub(crate) fn of_patron(patron: &PatronOf, behind: Option<LoanPlace>) -> [Param; 4] {
    let (at, borrow) = match behind {
        Some(place) => (place.borrowed_at.to_string(), place.borrow.to_string()),
        None => (String::new(), String::new()),
    };
    [patron.branch.to_string(), patron.code.to_string(), at, borrow].map(Param::Text)
}

pub(crate) fn patron_loans(mut answer: Answer) -> Result<PatronLoans, Failure> {
    let (cards, loans) = (answer.set()?, answer.set()?);
    let line =
        |row| Ok(PatronLoan { loan: rows::loan(row, 0)?, title: rows::text_or_empty(row, 12)? });
    Ok(PatronLoans {
        cards: cards.iter().map(rows::card).collect::<Result<_, _>>()?,
        loans: loans.iter().take(HISTORY_PAGE_MAX).map(line).collect::<Result<_, Failure>>()?,
        more: loans.len() > HISTORY_PAGE_MAX,
    })
}
