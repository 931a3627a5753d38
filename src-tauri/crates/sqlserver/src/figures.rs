//! Figures of the branch, as its procedures add them up.

use lienthu_domain::ids::TitleKey;
use lienthu_domain::period::Period;
use lienthu_port::figures::{
    ClassFigures, LENT_TITLES_MAX, MostLent, SiteFigures, StepFigures, TitleLoans,
};

use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;
use crate::session::Answer;

/// The first and the last day of a period.
pub(crate) fn days(period: &Period) -> [Param; 2] {
    [period.from().to_string(), period.to().to_string()].map(Param::Text)
}

pub(crate) fn added_up(mut answer: Answer) -> Result<SiteFigures, Failure> {
    let (now, steps, classes) = (answer.row()?, answer.set()?, answer.set()?);
    let steps = steps.iter().map(|row| {
        Ok(StepFigures {
            from: rows::date(row, 0)?,
            loans: rows::number(row, 1)?,
            returns: rows::number(row, 2)?,
            new_patrons: rows::number(row, 3)?,
        })
    });
    let classes = classes.iter().map(|row| {
        Ok(ClassFigures {
            class: Some(rows::number(row, 0)?).filter(|class| *class < 10),
            titles: rows::number(row, 1)?,
            copies: rows::number(row, 2)?,
            free: rows::number(row, 3)?,
            on_loan: rows::number(row, 4)?,
            loans: rows::number(row, 5)?,
        })
    });
    Ok(SiteFigures {
        today: rows::date(&now, 0)?,
        on_loan: rows::number(&now, 1)?,
        overdue: rows::number(&now, 2)?,
        patrons: rows::number(&now, 3)?,
        visitors: rows::number(&now, 4)?,
        steps: steps.collect::<Result<_, Failure>>()?,
        classes: classes.collect::<Result<_, Failure>>()?,
    })
}

/// Which lines of the list of titles are asked for.
pub(crate) fn most_lent(period: &Period, asked: &MostLent) -> Vec<Param> {
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX).min(LENT_TITLES_MAX);
    let (loans, title) = match &asked.after {
        Some(after) => (after.loans, after.title.to_string()),
        None => (0, String::new()),
    };
    let mut params = Vec::from(days(period));
    params.extend([
        Param::BigInt(asked.at_least.into()),
        Param::BigInt(loans.into()),
        Param::Text(title),
        Param::Int(i32::try_from(limit).unwrap_or(i32::MAX)),
    ]);
    params
}

pub(crate) fn listed(mut answer: Answer) -> Result<Vec<TitleLoans>, Failure> {
    let line = |row| Ok(TitleLoans { title: rows::parsed(row, 0)?, loans: rows::number(row, 1)? });
    answer.set()?.iter().map(line).collect()
}

pub(crate) fn counted(mut answer: Answer, titles: &[TitleKey]) -> Result<Vec<TitleLoans>, Failure> {
    let set = answer.set()?;
    if set.len() != titles.len() {
        return Err(Failure::NotUnderstood("not one answer for each title".to_owned()));
    }
    let line = |(title, row): (&TitleKey, _)| {
        Ok(TitleLoans { title: title.clone(), loans: rows::number(row, 1)? })
    };
    titles.iter().zip(&set).map(line).collect()
}
