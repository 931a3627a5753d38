-- Digests of the rows that every site holds, for who compares sites; see ReadDigests.
CREATE PROCEDURE lienthu.DigestReplica
    @table NVARCHAR(12),
    @within_depth INT,
    @within NVARCHAR(MAX),
    @depth INT
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF EXISTS (SELECT 1 FROM lienthu.Site WHERE snapshot_on = 1)
        SET TRANSACTION ISOLATION LEVEL SNAPSHOT;

    EXEC lienthu.ReadDigests @table, @within_depth, @within, @depth;
END;
