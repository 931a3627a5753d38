-- SACH. `@` is the letter of the set.

CREATE TABLE title_@ (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    author TEXT NOT NULL,
    publisher TEXT NOT NULL,
    year INTEGER,
    ddc TEXT NOT NULL,
    language TEXT NOT NULL,
    -- The name without case and tones.
    folded TEXT NOT NULL,
    -- The digits of the key, for looking up an ISBN however it is hyphenated.
    isbn TEXT NOT NULL,
    -- The place of the name in Vietnamese order.
    sort_key BLOB NOT NULL
) STRICT;
CREATE INDEX title_@_by_name ON title_@ (folded);
CREATE INDEX title_@_by_isbn ON title_@ (isbn) WHERE isbn <> '';
CREATE INDEX title_@_in_order ON title_@ (sort_key);

-- The words of name and author: without case and tones, and where that differs also as they are
-- written. The words come cut and folded, so that the simplest tokenizer will do; they are looked up
-- by their beginnings, of which the short ones, which match much, have an index of their own.
CREATE VIRTUAL TABLE title_word_@ USING fts5(
    words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3', tokenize = 'ascii'
);
