-- What the cache is about. The rows of the site stand in two sets of tables, `…_a` and `…_b`: one is
-- shown, the other is filled anew where that is needed, and they change places at its end.

CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- The set that is shown; none before the first fill is complete.
    shown TEXT CHECK (shown IN ('a', 'b')),
    -- The state of the site that it shows, and the site's clock then.
    number INTEGER,
    token TEXT,
    as_of_ms INTEGER,
    -- Whether pulls fill the other set, and how many rows have come; null before the first page.
    filling INTEGER NOT NULL CHECK (filling IN (0, 1)),
    filling_rows INTEGER,
    -- JSON: where the pull under way goes on, whether it fills or follows.
    position TEXT,
    -- The one among the programs that have this file open whose pull that is.
    puller TEXT,
    -- The sort key of a sample text: another one now means that the sort keys here are of another
    -- version of the collation.
    sample_key BLOB,
    -- JSON: what the desk remembers of its site.
    site TEXT,
    -- JSON: the agent's login at each site of the network.
    agents TEXT,
    CHECK ((shown IS NULL) = (number IS NULL)),
    CHECK (shown IS NOT NULL OR filling = 1)
) STRICT;
INSERT INTO state (one, filling) VALUES (1, 1);

-- How many rows there are; counting a million takes longer than a screen may wait.
CREATE TABLE size (
    row_set TEXT NOT NULL,
    kind INTEGER NOT NULL,
    row_count INTEGER NOT NULL CHECK (row_count >= 0),
    PRIMARY KEY (row_set, kind)
) STRICT, WITHOUT ROWID;

-- Pages of a difference, until its last page comes. The value is JSON.
CREATE TABLE staged (
    kind INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- People who signed in here, sealed. The value is JSON.
CREATE TABLE sign_in (
    login TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
