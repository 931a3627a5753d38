//! The embedded site: one branch's database as a SQLite file
