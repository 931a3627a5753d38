-- Books of other branches that came back at this desk. They are in no queue of the desk's own site: each goes to
-- the site of the branch that owns the book.
CREATE TABLE return_elsewhere (
    id TEXT PRIMARY KEY,
    -- The order in which they came.
    at_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    -- Whose it is, and the name of its title, as that branch's site said; nothing while nobody could be asked.
    owner TEXT,
    title_name TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'set_aside')),
    -- Why the owner's site cannot take it.
    reason TEXT,
    correlation TEXT NOT NULL,
    -- JSON: the event; its site is the desk's own until it is sent.
    event TEXT NOT NULL,
    CHECK ((owner IS NULL) = (title_name IS NULL)),
    CHECK ((state = 'set_aside') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX return_elsewhere_in_order ON return_elsewhere (at_ms, seq);
CREATE INDEX return_elsewhere_waiting ON return_elsewhere (at_ms, seq) WHERE state = 'waiting';

-- The furthest state of each branch's site that the receipt of a delivery proved. A site that does not know it was put
-- back to a backup, and hears of the returns again.
CREATE TABLE return_proven (
    branch TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    token TEXT NOT NULL
) STRICT, WITHOUT ROWID;
