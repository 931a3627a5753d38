-- Internal, for Hello: folds the copies of which a trigger could not make all rows.
CREATE PROCEDURE lienthu.FoldUnfolded
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;

    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.TakeNumber;

        INSERT INTO #touched (copy)
        SELECT TOP (1000) copy FROM lienthu.Unfolded ORDER BY copy;
        EXEC lienthu.RefoldTimelines;
        DELETE FROM lienthu.Unfolded WHERE copy IN (SELECT t.copy FROM #touched AS t);

        EXEC lienthu.ReleaseNumber;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
