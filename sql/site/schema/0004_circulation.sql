-- The events from which the loans follow.

-- Every event that was ever sent here, also those that were refused or withdrawn: the id's content
-- never changes. No foreign key: an event may name what is not known yet.
CREATE TABLE lienthu.Event (
    id             CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL CONSTRAINT PK_Event PRIMARY KEY,
    desk           CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    seq            BIGINT       NOT NULL,
    scanned_by     VARCHAR(64)  NOT NULL,
    happened_at    DATETIME2(3) NOT NULL,
    uncertainty_ms BIGINT       NOT NULL,
    overridden     BIT          NOT NULL,
    copy           VARCHAR(20)  NOT NULL,
    deed           VARCHAR(10)  NOT NULL
    CONSTRAINT CHK_Event_deed CHECK (deed IN ('borrow', 'return', 'renew', 'undo', 'settle')),
    -- Of a borrow.
    patron         VARCHAR(10)  NULL,
    -- The promised date of a borrow or renewal; the date to show of a return or settlement.
    on_date        DATE         NULL,
    -- The loan's borrow of a renewal; the target of an undo or settlement.
    target         CHAR(36) COLLATE Latin1_General_BIN2 NULL,
    -- Of a settlement.
    flag           VARCHAR(30)  NULL,
    settlement     VARCHAR(20)  NULL
    CONSTRAINT CHK_Event_settlement CHECK (settlement IN ('confirmed', 'returned_on')),

    standing       VARCHAR(10)  NOT NULL
    CONSTRAINT CHK_Event_standing CHECK (standing IN ('refused', 'requested', 'fact', 'withdrawn')),
    -- Of a refused request: the codes of the reasons, the one to say first, with blanks between.
    reasons        VARCHAR(400) NULL,
    sent_by        VARCHAR(64)  NOT NULL,
    correlation    CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    received_at    DATETIME2(3) NOT NULL,
    CONSTRAINT CHK_Event_reasons CHECK
    ((standing = 'refused' AND reasons IS NOT NULL) OR (standing <> 'refused' AND reasons IS NULL)),
    CONSTRAINT CHK_Event_patron CHECK
    ((deed = 'borrow' AND patron IS NOT NULL) OR (deed <> 'borrow' AND patron IS NULL)),
    CONSTRAINT CHK_Event_flag CHECK
    ((deed = 'settle' AND flag IS NOT NULL AND settlement IS NOT NULL)
        OR (deed <> 'settle' AND flag IS NULL AND settlement IS NULL)),
    CONSTRAINT CHK_Event_target CHECK
    ((deed IN ('renew', 'undo', 'settle') AND target IS NOT NULL)
        OR (deed NOT IN ('renew', 'undo', 'settle') AND target IS NULL))
);
GO
CREATE INDEX IX_Event_copy ON lienthu.Event (copy, happened_at, desk, seq);
GO
CREATE INDEX IX_Event_desk ON lienthu.Event (desk, seq);
GO
CREATE INDEX IX_Event_patron ON lienthu.Event (patron);
GO

-- What was odd about an accepted event when it came. Kept also when it is settled.
CREATE TABLE lienthu.Flag (
    event   CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL CONSTRAINT FK_Flag_event REFERENCES lienthu.Event (id),
    kind    VARCHAR(30) NOT NULL,
    copy    VARCHAR(20) NOT NULL,
    refusal VARCHAR(30) NULL,
    CONSTRAINT PK_Flag PRIMARY KEY (event, kind)
);
GO
CREATE INDEX IX_Flag_copy ON lienthu.Flag (copy);
GO

-- A row of PHIEUMUON and the borrow event that made it are one to one. No foreign key on the row: someone
-- may delete it by hand, and old programs that do so go on working; MaPM is then NULL, and the fold does not
-- make the row again. None on the event either: sealed loans have none. A unique index that leaves out the
-- NULLs would refuse writers with old session settings; MaPM is unique because PHIEUMUON.MaPM is.
CREATE TABLE lienthu.Loan (
    borrow      CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL CONSTRAINT PK_Loan PRIMARY KEY,
    MaPM        INT          NULL,
    borrowed_at DATETIME2(3) NOT NULL,
    ended_at    DATETIME2(3) NULL,
    ending      VARCHAR(10)  NULL CONSTRAINT CHK_Loan_ending CHECK (ending IN ('returned', 'lent_again')),
    -- The date of the return as it is shown; NgayTra, being DATETIME, rounds to three milliseconds and
    -- with them, at midnight, to another day.
    returned_on DATE         NULL,
    -- The borrow was a request that was withdrawn: the row is marked and shown to nobody.
    withdrawn   BIT          NOT NULL CONSTRAINT DF_Loan_withdrawn DEFAULT 0,
    -- History from before the site was founded, or written by hand as such: it has ended, has no events,
    -- never folds, and stays readable.
    sealed      BIT          NOT NULL CONSTRAINT DF_Loan_sealed DEFAULT 0,
    CONSTRAINT CHK_Loan_sealed CHECK (sealed = 0 OR ended_at IS NOT NULL),
    CONSTRAINT CHK_Loan_ended CHECK
    ((ended_at IS NULL AND ending IS NULL AND returned_on IS NULL)
        OR (ended_at IS NOT NULL AND ending IS NOT NULL AND returned_on IS NOT NULL))
);
GO
CREATE INDEX IX_Loan_MaPM ON lienthu.Loan (MaPM);
GO
CREATE INDEX IX_Loan_borrowed_at ON lienthu.Loan (borrowed_at);
GO

-- Copies with a loan whose row is still to be made: a trigger makes none, because old programs read
-- @@IDENTITY. The next desk that greets the site has them folded.
CREATE TABLE lienthu.Unfolded (
    copy VARCHAR(20) NOT NULL CONSTRAINT PK_Unfolded PRIMARY KEY
);
GO

-- What waits for someone to look at it: written again whenever a timeline is folded.
CREATE TABLE lienthu.ReviewItem (
    event   CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL
    CONSTRAINT FK_ReviewItem_event REFERENCES lienthu.Event (id),
    kind    VARCHAR(30) NOT NULL,
    copy    VARCHAR(20) NOT NULL,
    refusal VARCHAR(30) NULL,
    other   CHAR(36) COLLATE Latin1_General_BIN2 NULL,
    CONSTRAINT PK_ReviewItem PRIMARY KEY (event, kind)
);
GO
CREATE INDEX IX_ReviewItem_copy ON lienthu.ReviewItem (copy);
GO
