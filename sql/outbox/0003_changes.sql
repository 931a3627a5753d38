-- A manager's changes of what every site holds, until they have ended at every site. `place` is the order in
-- which they were asked for.
CREATE TABLE change (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    made_by TEXT NOT NULL,
    made_at_ms INTEGER NOT NULL,
    -- The import that it is a part of.
    import TEXT,
    label TEXT,
    -- How many changes, the first of them for lists, and all of them; the latter go when they are done or
    -- withdrawn. JSON.
    size INTEGER NOT NULL,
    first TEXT NOT NULL,
    changes TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'refused', 'withdrawn')),
    -- JSON: why it waits, or what stands against it.
    reason TEXT,
    -- JSON: the transaction of which it is not known how it ended. It is here before the first site hears of it.
    attempt TEXT,
    withdrawing INTEGER NOT NULL CHECK (withdrawing IN (0, 1)),
    tries INTEGER NOT NULL,
    due_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    CHECK ((import IS NULL) = (label IS NULL)),
    CHECK ((state = 'waiting') = (ended_at_ms IS NULL)),
    CHECK (state = 'waiting' OR attempt IS NULL)
) STRICT;
CREATE INDEX change_waiting ON change (place) WHERE state = 'waiting';
CREATE INDEX change_of_import ON change (import) WHERE import IS NOT NULL;

-- The rows that waiting changes are about: one that changes the same row waits behind the earlier one.
CREATE TABLE change_row (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    place INTEGER NOT NULL REFERENCES change (place),
    PRIMARY KEY (kind, key, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_row_of ON change_row (place);
