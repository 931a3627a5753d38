-- DOCGIA, as far as a desk may keep it. `@` is the letter of the set; the value is JSON.

CREATE TABLE patron_@ (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    folded_code TEXT NOT NULL,
    sort_key BLOB NOT NULL,
    value TEXT NOT NULL
) STRICT;
CREATE INDEX patron_@_by_code ON patron_@ (folded_code);
CREATE INDEX patron_@_in_order ON patron_@ (sort_key);

-- The words of the name, as of titles.
CREATE VIRTUAL TABLE patron_word_@ USING fts5(
    words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3', tokenize = 'ascii'
);
