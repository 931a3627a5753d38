-- QUYENSACH and the open loans of PHIEUMUON. `@` is the letter of the set; the values are JSON.

CREATE TABLE copy_@ (
    barcode TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    free INTEGER NOT NULL CHECK (free IN (0, 1)),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX copy_@_by_title ON copy_@ (title, free);

CREATE TABLE loan_@ (
    borrow TEXT PRIMARY KEY,
    copy TEXT NOT NULL,
    patron TEXT NOT NULL,
    due TEXT NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX loan_@_by_copy ON loan_@ (copy);
CREATE INDEX loan_@_by_patron ON loan_@ (patron, due);
