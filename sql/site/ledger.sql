-- What the runner needs before its first step: the schema, and the ledger of what was applied. It keeps
-- its own list because catalogue views name objects differently from server to server.

IF SCHEMA_ID(N'lienthu') IS NULL
EXEC (N'CREATE SCHEMA lienthu AUTHORIZATION dbo');
GO
-- Batches counts how far a step has come: one that was interrupted goes on behind its last batch.
IF OBJECT_ID(N'lienthu.Migration') IS NULL
CREATE TABLE lienthu.Migration (
    object_name VARCHAR(100) NOT NULL CONSTRAINT PK_Migration PRIMARY KEY,
    checksum    CHAR(64)     NOT NULL,
    batches     INT          NOT NULL,
    program     INT          NOT NULL,
    applied_at  DATETIME2(3) NOT NULL
);
GO
