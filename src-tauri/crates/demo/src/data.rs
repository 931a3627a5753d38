//! The tables in `data/`, which are part of the program.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::DemoError;

#[derive(Debug, Deserialize)]
pub(crate) struct TitleRow {
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) publisher: String,
    pub(crate) year: Option<i16>,
    pub(crate) ddc: String,
    pub(crate) language: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Surname {
    pub(crate) surname: String,
    pub(crate) weight: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GivenName {
    pub(crate) middle_and_given: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Street {
    pub(crate) street: String,
    pub(crate) district: String,
}

pub(crate) fn titles() -> Result<Vec<TitleRow>, DemoError> {
    rows("titles.csv", include_str!("../data/titles.csv"))
}

pub(crate) fn surnames() -> Result<Vec<Surname>, DemoError> {
    rows("surnames.csv", include_str!("../data/surnames.csv"))
}

pub(crate) fn given_names() -> Result<Vec<GivenName>, DemoError> {
    rows("given_names.csv", include_str!("../data/given_names.csv"))
}

pub(crate) fn streets() -> Result<Vec<Street>, DemoError> {
    rows("streets.csv", include_str!("../data/streets.csv"))
}

fn rows<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<Vec<T>, DemoError> {
    csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| DemoError::Table { table, detail: error.to_string() })
}
