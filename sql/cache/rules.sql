-- CHINHANH, loan policy and closed days, by their keys in the feed. `@` is the letter of the set; the
-- values are JSON.

CREATE TABLE branch_@ (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE policy_@ (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE closed_day_@ (
    key TEXT PRIMARY KEY,
    date TEXT NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
