-- Internal: drops tombstones older than sixty days, and the tokens of states before them: a cache or a pull
-- that knows no later state may have missed what was dropped, and has to begin anew. Sixty days are longer
-- than desks keep acknowledged events, so that a site put back to an older state is noticed by every desk
-- that can still mend it.
CREATE PROCEDURE lienthu.PruneFeed
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @before DATETIME2(3) = DATEADD(DAY, -60, lienthu.UtcNow());
    DECLARE @was BIGINT;
    DECLARE @floor BIGINT;

    BEGIN TRY
        BEGIN TRANSACTION;

        -- Takes the counter's row without a number: what is dropped is no change to any row.
        UPDATE lienthu.Counter SET taken = 0;
        UPDATE lienthu.Site SET pruned_at = lienthu.UtcNow();

        SELECT @was = floor_number, @floor = floor_number FROM lienthu.Counter;
        SELECT @floor = MAX(t.number)
        FROM lienthu.FeedToken AS t
        CROSS JOIN lienthu.Counter AS c
        WHERE t.at_time < @before AND t.number < c.number
        HAVING MAX(t.number) > @was;

        IF @floor > @was
        BEGIN
            DELETE FROM lienthu.Change WHERE gone = 1 AND number <= @floor;
            UPDATE lienthu.Counter SET floor_number = @floor;
            DELETE FROM lienthu.FeedToken WHERE number < @floor;
        END;

        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
