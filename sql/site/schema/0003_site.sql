-- The site itself, its people, its rules, and its feed. Ids are UUIDs as lower-case text under a binary
-- collation: SQL Server sorts UNIQUEIDENTIFIER by other bytes than everyone else.

-- Which branch this site is. One row; it is written when the site is founded.
CREATE TABLE lienthu.Site (
    one          TINYINT      NOT NULL CONSTRAINT PK_Site PRIMARY KEY CONSTRAINT CHK_Site_one CHECK (one = 1),
    branch       VARCHAR(10)  NOT NULL CONSTRAINT FK_Site_branch REFERENCES dbo.CHINHANH (MaCN),
    zone_minutes SMALLINT     NOT NULL
    CONSTRAINT CHK_Site_zone_minutes CHECK (zone_minutes BETWEEN -1080 AND 1080),
    incarnation  CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    -- When it began: when the site was founded, or put back and said so.
    incarnation_at DATETIME2(3) NOT NULL CONSTRAINT DF_Site_incarnation_at DEFAULT SYSUTCDATETIME(),
    pruned_at    DATETIME2(3) NOT NULL CONSTRAINT DF_Site_pruned_at DEFAULT '1970-01-01',
    -- The database lets transactions read a snapshot. Where it does not, the last page of a pull holds
    -- the counter instead.
    snapshot_on  BIT          NOT NULL CONSTRAINT DF_Site_snapshot_on DEFAULT 0,
    -- With it the site seals what it decides. Every site of the network holds it.
    site_key     CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    -- Grows with every change of who belongs to the network.
    membership   INT          NOT NULL CONSTRAINT DF_Site_membership DEFAULT 0,
    -- Put back, and not yet told what it promised and decided.
    quarantined  BIT          NOT NULL CONSTRAINT DF_Site_quarantined DEFAULT 0
);
GO

-- People who may sign in. What they may is decided by database roles; StaffRole repeats the membership,
-- because a login without further rights cannot read who else is in a role.
CREATE TABLE lienthu.Staff (
    login_name VARCHAR(64)   NOT NULL CONSTRAINT PK_Staff PRIMARY KEY,
    full_name  NVARCHAR(255) NOT NULL,
    active     BIT           NOT NULL CONSTRAINT DF_Staff_active DEFAULT 1
);
GO
CREATE TABLE lienthu.StaffRole (
    login_name VARCHAR(64) NOT NULL CONSTRAINT FK_StaffRole_login REFERENCES lienthu.Staff (login_name),
    role_code  VARCHAR(10) NOT NULL
    CONSTRAINT CHK_StaffRole_code CHECK (role_code IN ('librarian', 'manager', 'agent')),
    CONSTRAINT PK_StaffRole PRIMARY KEY (login_name, role_code)
);
GO

-- Branch and category are empty where the policy holds for all.
CREATE TABLE lienthu.LoanPolicy (
    branch       VARCHAR(10) NOT NULL,
    category     VARCHAR(20) NOT NULL,
    loan_days    INT         NOT NULL CONSTRAINT CHK_LoanPolicy_loan_days CHECK (loan_days BETWEEN 0 AND 65535),
    loans_max    INT         NOT NULL CONSTRAINT CHK_LoanPolicy_loans_max CHECK (loans_max BETWEEN 0 AND 65535),
    renewals_max TINYINT     NOT NULL,
    renewal_days INT         NOT NULL
    CONSTRAINT CHK_LoanPolicy_renewal_days CHECK (renewal_days BETWEEN 0 AND 65535),
    may_override BIT         NOT NULL,
    CONSTRAINT PK_LoanPolicy PRIMARY KEY (branch, category)
);
GO
CREATE TABLE lienthu.ClosedDay (
    branch    VARCHAR(10)   NOT NULL,
    closed_on DATE          NOT NULL,
    note      NVARCHAR(255) NOT NULL,
    CONSTRAINT PK_ClosedDay PRIMARY KEY (branch, closed_on)
);
GO

-- The delta feed. A procedure that writes takes the next number first, for its whole transaction. Whoever
-- writes without it, an administrator at a prompt for instance, gets a number for each statement from the
-- triggers. So nothing is ever written under a number that a cache has seen.
CREATE TABLE lienthu.Counter (
    one          TINYINT      NOT NULL CONSTRAINT PK_Counter PRIMARY KEY
    CONSTRAINT CHK_Counter_one CHECK (one = 1),
    number       BIGINT       NOT NULL,
    -- The transaction that writes has taken its number. Never 1 outside a transaction.
    taken        BIT          NOT NULL,
    at_time      DATETIME2(3) NOT NULL,
    -- Tombstones at or below it may be gone.
    floor_number BIGINT       NOT NULL
);
GO
CREATE TABLE lienthu.FeedToken (
    number  BIGINT       NOT NULL CONSTRAINT PK_FeedToken PRIMARY KEY,
    token   CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    at_time DATETIME2(3) NOT NULL
);
GO
INSERT INTO lienthu.Counter (one, number, taken, at_time, floor_number)
VALUES (1, 0, 0, '1970-01-01', 0);
GO
INSERT INTO lienthu.FeedToken (number, token, at_time)
VALUES (0, LOWER(CAST(NEWID() AS CHAR(36))), '1970-01-01');
GO

-- The last change of every row that desks follow. Kinds: 1 branch, 2 title, 3 loan policy, 4 closed
-- day, 5 patron, 6 copy, 7 open loan. Since is the number under which the row first came: a cache that
-- has not come so far never had it, and needs no tombstone.
CREATE TABLE lienthu.Change (
    kind    TINYINT NOT NULL,
    row_key VARCHAR(40) COLLATE Latin1_General_BIN2 NOT NULL,
    number  BIGINT  NOT NULL,
    since   BIGINT  NOT NULL,
    gone    BIT     NOT NULL,
    CONSTRAINT PK_Change PRIMARY KEY (kind, row_key)
);
GO
CREATE UNIQUE INDEX UX_Change_in_order ON lienthu.Change (number, kind, row_key);
GO
