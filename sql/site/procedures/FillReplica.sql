-- Brings rows that every site holds to what the network has, all or none. Only where nobody counts on the site: it is
-- away, was restored, or knows an older network than the caller, which it knows from then on.
--
-- @action: a catalogue document, of repairs alone. Result set: what stands against it.
CREATE PROCEDURE lienthu.FillReplica
    @membership INT,
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @known INT;
    DECLARE @quarantined BIT;
    DECLARE @standing VARCHAR(10) = NULL;

    CREATE TABLE #hindered (
        kind    VARCHAR(12) COLLATE DATABASE_DEFAULT NOT NULL,
        row_key VARCHAR(64) COLLATE DATABASE_DEFAULT NOT NULL,
        why     VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL
    );

    EXEC lienthu.RequireCaller @login OUTPUT;
    IF ISJSON(@action) <> 1
        THROW 51206, N'The action is no JSON object.', 1;
    IF EXISTS (SELECT 1 FROM lienthu.ReadChanges(@action) WHERE manner <> 'repair')
        OR (SELECT COUNT(*) FROM lienthu.ReadChanges(@action)) > 500
        THROW 51110, N'A filling is at most 500 repairs.', 1;

    BEGIN TRY
        BEGIN TRANSACTION;
        UPDATE lienthu.Counter SET taken = taken;

        SELECT @known = s.membership, @quarantined = s.quarantined, @standing = b.TrangThai
        FROM lienthu.Site AS s
        LEFT JOIN dbo.CHINHANH AS b ON b.MaCN = s.branch;
        IF @quarantined = 0 AND @standing = 'active' AND @known >= @membership
            THROW 51113, N'The branch takes part in the network.', 1;

        EXEC lienthu.FindHindrances NULL, @action;
        IF NOT EXISTS (SELECT 1 FROM #hindered)
        BEGIN
            EXEC lienthu.TakeNumber;
            EXEC lienthu.ApplyCatalogue NULL, @action;
            UPDATE lienthu.Site
            SET membership = CASE WHEN @membership > @known THEN @membership ELSE @known END;
            EXEC lienthu.ReleaseNumber;
        END;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;

    SELECT TOP (500) kind AS kind, row_key AS row_key, why AS why
    FROM #hindered
    ORDER BY kind, row_key, why;
END;
