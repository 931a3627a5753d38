-- Transactions over several sites: what this one promised, what it decided, and what it holds meanwhile.

-- The other sites, as far as they were announced.
CREATE TABLE lienthu_peer (
    branch      TEXT    NOT NULL PRIMARY KEY,
    incarnation TEXT    NOT NULL,
    site_key    TEXT    NOT NULL
) WITHOUT ROWID;

-- The site's share. No action where it only learned that the transaction was aborted: the row then refuses
-- the promise that comes late. Forced is what a manager chose in place of the decision.
CREATE TABLE lienthu_txn_participant (
    txn                 TEXT    NOT NULL PRIMARY KEY,
    action              TEXT    NULL,
    membership          INTEGER NULL,
    decides             TEXT    NULL,
    at_ms               INTEGER NOT NULL,
    forced              TEXT    NULL CHECK (forced IN ('commit', 'abort')),
    outcome             TEXT    NULL CHECK (outcome IN ('commit', 'abort')),
    decided_by          TEXT    NULL,
    decided_incarnation TEXT    NULL,
    seal                TEXT    NULL,
    -- Of what was forced: a manager has seen to it.
    forgotten           INTEGER NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1)),
    CHECK ((action IS NULL) = (decides IS NULL)),
    CHECK ((action IS NULL) = (membership IS NULL)),
    CHECK ((outcome IS NULL) = (seal IS NULL)),
    CHECK ((outcome IS NULL) = (decided_by IS NULL)),
    CHECK ((outcome IS NULL) = (decided_incarnation IS NULL))
) WITHOUT ROWID;
CREATE INDEX lienthu_txn_participant_open ON lienthu_txn_participant (txn)
WHERE (outcome IS NULL OR forced IS NOT NULL) AND forgotten = 0;

-- Who takes part.
CREATE TABLE lienthu_txn_party (
    txn         TEXT NOT NULL REFERENCES lienthu_txn_participant (txn),
    branch      TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    PRIMARY KEY (txn, branch)
) WITHOUT ROWID;
CREATE INDEX lienthu_txn_party_of_branch ON lienthu_txn_party (branch, incarnation);

-- What this site decided. The row is the commit point: it is written once, never changed, never deleted.
CREATE TABLE lienthu_txn_decision (
    txn                 TEXT    NOT NULL PRIMARY KEY,
    outcome             TEXT    NOT NULL CHECK (outcome IN ('commit', 'abort')),
    decided_by          TEXT    NOT NULL,
    decided_incarnation TEXT    NOT NULL,
    seal                TEXT    NOT NULL,
    at_ms               INTEGER NOT NULL
) WITHOUT ROWID;

-- What undecided transactions hold. Condition is that of a copy which leaves, as it was before: while it is
-- held it reads as on its way, so that nobody lends it.
CREATE TABLE lienthu_hold (
    kind      TEXT NOT NULL,
    key       TEXT NOT NULL,
    txn       TEXT NOT NULL REFERENCES lienthu_txn_participant (txn),
    mode      TEXT NOT NULL CHECK (mode IN ('shared', 'exclusive')),
    condition TEXT NULL,
    PRIMARY KEY (kind, key, txn)
) WITHOUT ROWID;
CREATE INDEX lienthu_hold_of_txn ON lienthu_hold (txn);

-- Copies that were sent here and that nobody has received yet.
CREATE TABLE lienthu_transit (
    copy        TEXT    NOT NULL PRIMARY KEY REFERENCES QUYENSACH (MaQuyenSach),
    -- None of a copy that a reader gave back at another branch.
    txn         TEXT    NULL REFERENCES lienthu_txn_participant (txn),
    from_branch TEXT    NOT NULL,
    condition   TEXT    NOT NULL,
    sent_at_ms  INTEGER NOT NULL
) WITHOUT ROWID;
