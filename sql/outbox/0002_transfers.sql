-- What managers ordered at this desk to be moved between branches, and how far it came. The place of a line is
-- that in which its copy was named.

CREATE TABLE transfer_order (
    id TEXT PRIMARY KEY,
    from_branch TEXT NOT NULL,
    to_branch TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The transactions of an order. Each is written here, with its copies, before a site hears of it.
CREATE TABLE transfer_part (
    txn TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES transfer_order (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'committed', 'aborted'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX transfer_part_of_order ON transfer_part (order_id, number);

CREATE TABLE transfer_line (
    order_id TEXT NOT NULL REFERENCES transfer_order (id),
    place INTEGER NOT NULL,
    copy TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'going', 'moved', 'refused', 'given_up')),
    -- The part that it is in, or that moved it.
    txn TEXT REFERENCES transfer_part (txn),
    -- Why it was left out.
    why TEXT,
    -- JSON: the copy as it was when it was last looked at, and the name of its title.
    moving TEXT,
    title_name TEXT,
    PRIMARY KEY (order_id, place),
    CHECK ((state IN ('going', 'moved')) = (txn IS NOT NULL)),
    CHECK ((state = 'refused') = (why IS NOT NULL)),
    CHECK ((moving IS NULL) = (title_name IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX transfer_line_of_copy ON transfer_line (order_id, copy);
CREATE INDEX transfer_line_of_part ON transfer_line (txn) WHERE txn IS NOT NULL;
