-- The codes of the branch's patrons, for who compares sites; see ReadKnownPatrons.
CREATE PROCEDURE lienthu.ListKnownPatrons
    @behind NVARCHAR(20),
    @asked NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF EXISTS (SELECT 1 FROM lienthu.Site WHERE snapshot_on = 1)
        SET TRANSACTION ISOLATION LEVEL SNAPSHOT;

    EXEC lienthu.ReadKnownPatrons @behind, @asked;
END;
