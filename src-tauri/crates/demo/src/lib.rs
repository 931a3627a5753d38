//! The demo network: three embedded sites with titles, patrons and a year of loans
