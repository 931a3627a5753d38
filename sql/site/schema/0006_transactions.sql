-- Transactions over several sites: what this one promised, what it decided, and what it holds meanwhile.

-- The other sites, as far as they were announced.
CREATE TABLE lienthu.Peer (
    branch      VARCHAR(10) NOT NULL CONSTRAINT PK_Peer PRIMARY KEY,
    incarnation CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    site_key    CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL
);
GO

-- The site's share. No action where it only learned that the transaction was aborted: the row then refuses
-- the promise that comes late. Forced is what a manager chose in place of the decision.
CREATE TABLE lienthu.TxnParticipant (
    txn                 CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL CONSTRAINT PK_TxnParticipant PRIMARY KEY,
    action              NVARCHAR(MAX) NULL,
    membership          INT           NULL,
    decides             VARCHAR(10)   NULL,
    prepared_at         DATETIME2(3)  NOT NULL,
    forced              VARCHAR(6)    NULL
    CONSTRAINT CHK_TxnParticipant_forced CHECK (forced IN ('commit', 'abort')),
    outcome             VARCHAR(6)    NULL
    CONSTRAINT CHK_TxnParticipant_outcome CHECK (outcome IN ('commit', 'abort')),
    decided_by          VARCHAR(10)   NULL,
    decided_incarnation CHAR(36) COLLATE Latin1_General_BIN2 NULL,
    seal                CHAR(64) COLLATE Latin1_General_BIN2 NULL,
    -- Of what was forced: a manager has seen to it.
    forgotten           BIT           NOT NULL CONSTRAINT DF_TxnParticipant_forgotten DEFAULT 0,
    CONSTRAINT CHK_TxnParticipant_action CHECK
    ((action IS NULL AND decides IS NULL AND membership IS NULL)
        OR (action IS NOT NULL AND decides IS NOT NULL AND membership IS NOT NULL)),
    CONSTRAINT CHK_TxnParticipant_decided CHECK
    ((outcome IS NULL AND decided_by IS NULL AND decided_incarnation IS NULL AND seal IS NULL)
        OR (outcome IS NOT NULL AND decided_by IS NOT NULL AND decided_incarnation IS NOT NULL
            AND seal IS NOT NULL))
);
GO
CREATE INDEX IX_TxnParticipant_open ON lienthu.TxnParticipant (outcome, txn);
GO

-- Who takes part.
CREATE TABLE lienthu.TxnParty (
    txn         CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL
    CONSTRAINT FK_TxnParty_txn REFERENCES lienthu.TxnParticipant (txn),
    branch      VARCHAR(10) NOT NULL,
    incarnation CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    CONSTRAINT PK_TxnParty PRIMARY KEY (txn, branch)
);
GO
CREATE INDEX IX_TxnParty_branch ON lienthu.TxnParty (branch, txn);
GO

-- What this site decided. The row is the commit point: it is written once, never changed, never deleted.
CREATE TABLE lienthu.TxnDecision (
    txn                 CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL CONSTRAINT PK_TxnDecision PRIMARY KEY,
    outcome             VARCHAR(6)   NOT NULL
    CONSTRAINT CHK_TxnDecision_outcome CHECK (outcome IN ('commit', 'abort')),
    decided_by          VARCHAR(10)  NOT NULL,
    decided_incarnation CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    seal                CHAR(64) COLLATE Latin1_General_BIN2 NOT NULL,
    decided_at          DATETIME2(3) NOT NULL
);
GO

-- What undecided transactions hold. Condition is that of a copy which leaves, as it was before: while it is
-- held it reads as on its way, so that nobody lends it.
CREATE TABLE lienthu.Hold (
    kind      VARCHAR(12) NOT NULL,
    row_key   VARCHAR(64) COLLATE Latin1_General_BIN2 NOT NULL,
    txn       CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL
    CONSTRAINT FK_Hold_txn REFERENCES lienthu.TxnParticipant (txn),
    mode      VARCHAR(10) NOT NULL CONSTRAINT CHK_Hold_mode CHECK (mode IN ('shared', 'exclusive')),
    condition VARCHAR(12) NULL,
    CONSTRAINT PK_Hold PRIMARY KEY (kind, row_key, txn)
);
GO
CREATE INDEX IX_Hold_txn ON lienthu.Hold (txn);
GO

-- Copies that were sent here and that nobody has received yet.
CREATE TABLE lienthu.Transit (
    copy        VARCHAR(20)  NOT NULL CONSTRAINT PK_Transit PRIMARY KEY
    CONSTRAINT FK_Transit_copy REFERENCES dbo.QUYENSACH (MaQuyenSach),
    -- None of a copy that a reader gave back at another branch.
    txn         CHAR(36) COLLATE Latin1_General_BIN2 NULL
    CONSTRAINT FK_Transit_txn REFERENCES lienthu.TxnParticipant (txn),
    from_branch VARCHAR(10)  NOT NULL,
    condition   VARCHAR(12)  NOT NULL,
    sent_at     DATETIME2(3) NOT NULL
);
GO
