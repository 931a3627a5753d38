-- People, policy, and the events from which the loans follow.

CREATE TABLE lienthu_staff (
    login        TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    -- Argon2id, in PHC form.
    verifier     TEXT    NOT NULL,
    active       INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    failures     INTEGER NOT NULL DEFAULT 0,
    failed_at_ms INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE lienthu_staff_role (
    login TEXT NOT NULL REFERENCES lienthu_staff (login),
    role  TEXT NOT NULL CHECK (role IN ('librarian', 'manager', 'agent')),
    PRIMARY KEY (login, role)
) WITHOUT ROWID;

-- Branch and category are empty where the policy holds for all.
CREATE TABLE lienthu_loan_policy (
    branch       TEXT    NOT NULL,
    category     TEXT    NOT NULL,
    loan_days    INTEGER NOT NULL CHECK (loan_days BETWEEN 0 AND 65535),
    loans_max    INTEGER NOT NULL CHECK (loans_max BETWEEN 0 AND 65535),
    renewals_max INTEGER NOT NULL CHECK (renewals_max BETWEEN 0 AND 255),
    renewal_days INTEGER NOT NULL CHECK (renewal_days BETWEEN 0 AND 65535),
    may_override INTEGER NOT NULL CHECK (may_override IN (0, 1)),
    PRIMARY KEY (branch, category)
) WITHOUT ROWID;

CREATE TABLE lienthu_closed_day (
    branch TEXT NOT NULL,
    date   TEXT NOT NULL,
    note   TEXT NOT NULL,
    PRIMARY KEY (branch, date)
) WITHOUT ROWID;

-- Every event that was ever sent here, also those that were refused or withdrawn: the id's content
-- never changes. No foreign key: an event may name what is not known yet.
CREATE TABLE lienthu_event (
    id             TEXT    NOT NULL PRIMARY KEY,
    desk           TEXT    NOT NULL,
    seq            INTEGER NOT NULL,
    scanned_by     TEXT    NOT NULL,
    at_ms          INTEGER NOT NULL,
    uncertainty_ms INTEGER NOT NULL,
    overridden     INTEGER NOT NULL CHECK (overridden IN (0, 1)),
    copy           TEXT    NOT NULL,
    deed           TEXT    NOT NULL CHECK (deed IN ('borrow', 'return', 'renew', 'undo', 'settle')),
    -- Of a borrow.
    patron         TEXT    NULL,
    -- The promised date of a borrow or renewal; the date to show of a return or settlement.
    date           TEXT    NULL,
    -- The loan's borrow of a renewal; the target of an undo or settlement.
    target         TEXT    NULL,
    -- Of a settlement.
    flag           TEXT    NULL,
    settlement     TEXT    NULL CHECK (settlement IN ('confirmed', 'returned_on')),

    standing       TEXT    NOT NULL CHECK (standing IN ('refused', 'requested', 'fact', 'withdrawn')),
    -- Of a refused request: the codes of the reasons, the one to say first, with blanks between.
    reasons        TEXT    NULL,
    sent_by        TEXT    NOT NULL,
    correlation    TEXT    NOT NULL,
    received_at_ms INTEGER NOT NULL,
    CHECK ((standing = 'refused') = (reasons IS NOT NULL)),
    CHECK ((deed = 'borrow') = (patron IS NOT NULL)),
    CHECK ((deed = 'settle') = (flag IS NOT NULL)),
    CHECK ((deed = 'settle') = (settlement IS NOT NULL)),
    CHECK ((deed IN ('renew', 'undo', 'settle')) = (target IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX lienthu_event_of_copy ON lienthu_event (copy);
CREATE INDEX lienthu_event_of_desk ON lienthu_event (desk, seq);
CREATE INDEX lienthu_event_of_patron ON lienthu_event (patron) WHERE patron IS NOT NULL;

-- What was odd about an accepted event when it came. Kept also when it is settled.
CREATE TABLE lienthu_flag (
    event   TEXT NOT NULL REFERENCES lienthu_event (id),
    kind    TEXT NOT NULL,
    copy    TEXT NOT NULL,
    refusal TEXT NULL,
    PRIMARY KEY (event, kind)
) WITHOUT ROWID;
CREATE INDEX lienthu_flag_of_copy ON lienthu_flag (copy);

-- A row of PHIEUMUON and the borrow event that made it are one to one.
CREATE TABLE lienthu_loan (
    MaPM           INTEGER NOT NULL PRIMARY KEY REFERENCES PHIEUMUON (MaPM),
    borrow         TEXT    NOT NULL UNIQUE REFERENCES lienthu_event (id),
    borrowed_at_ms INTEGER NOT NULL,
    ended_at_ms    INTEGER NULL,
    ending         TEXT    NULL CHECK (ending IN ('returned', 'lent_again')),
    -- The borrow was a request that was withdrawn: the row is marked and shown to nobody.
    withdrawn      INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
    CHECK ((ended_at_ms IS NULL) = (ending IS NULL))
);
CREATE INDEX lienthu_loan_in_order ON lienthu_loan (borrowed_at_ms);

-- What waits for someone to look at it: written again whenever a timeline is folded.
CREATE TABLE lienthu_review_item (
    event   TEXT NOT NULL REFERENCES lienthu_event (id),
    kind    TEXT NOT NULL,
    copy    TEXT NOT NULL,
    refusal TEXT NULL,
    other   TEXT NULL,
    PRIMARY KEY (event, kind)
) WITHOUT ROWID;
CREATE INDEX lienthu_review_item_of_copy ON lienthu_review_item (copy);
