-- Internal, for SubmitEvents: takes the events @first to @last of #sent in one transaction.
--
-- What an id stands for is a small lattice: nothing < refused or accepted request < fact < withdrawn. A
-- claim only moves an event up it, so that a set of claims ends the same in whatever order and however
-- often they arrive. Facts are taken together, whatever their number. A request waits for the requests
-- before it that touch the same copy or patron, because it may be refused for their sake.
CREATE PROCEDURE lienthu.TakeEvents
    @login VARCHAR(64),
    @first INT,
    @last INT,
    @proven_number BIGINT,
    @proven_token CHAR(36)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;

    DECLARE @has_number BIT = 0;
    DECLARE @from INT = @first;
    DECLARE @to INT;

    CREATE TABLE #decided (
        ordinal      INT         NOT NULL PRIMARY KEY,
        stood        VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        stands       VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        reasons      VARCHAR(400) COLLATE DATABASE_DEFAULT NULL,
        was_accepted BIT         NOT NULL,
        is_accepted  BIT         NOT NULL
    );
    CREATE TABLE #odd (
        ordinal INT         NOT NULL,
        kind    VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL,
        refusal VARCHAR(30) COLLATE DATABASE_DEFAULT NULL,
        PRIMARY KEY (ordinal, kind)
    );
    CREATE TABLE #touched (
        copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY
    );

    BEGIN TRY
        BEGIN TRANSACTION;

        -- Takes the lock without a number: what changes nothing leaves no number behind.
        UPDATE lienthu.Counter SET taken = taken;

        -- Looked at where it is written, so that no backup can be put back in between.
        IF
            @proven_number IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM lienthu.FeedToken WHERE number = @proven_number AND token = @proven_token)
            THROW 51203, N'This site was put back to an older state than the desk has proof of.', 1;

        IF @last > @first
            EXEC lienthu.OrderEvents @first, @last;

        WHILE @from <= @last
        BEGIN
            SELECT @to = COALESCE(MIN(ordinal) - 1, @last)
            FROM #sent
            WHERE ordinal > @from AND ordinal <= @last AND waits_for >= @from;

            DELETE FROM #decided;
            DELETE FROM #odd;
            -- Settlements are judged by the review items as they are written.
            IF
                EXISTS (SELECT 1 FROM #touched)
                AND EXISTS (
                    SELECT 1 FROM #sent
                    WHERE ordinal BETWEEN @from AND @to AND deed = 'settle' AND claim = 'request'
                )
                EXEC lienthu.RefoldTimelines @items_only = 1;
            EXEC lienthu.DecideEvents @from, @to;

            IF EXISTS (SELECT 1 FROM #decided WHERE stood IS NULL OR stood <> stands)
            BEGIN
                IF @has_number = 0
                    EXEC lienthu.TakeNumber;
                SET @has_number = 1;
                EXEC lienthu.WriteEvents @login;
                IF EXISTS (SELECT 1 FROM #sent WHERE ordinal BETWEEN @from AND @to AND received_at IS NOT NULL)
                    EXEC lienthu.NoteReturnsElsewhere;
            END;
            SET @from = @to + 1;
        END;

        IF EXISTS (SELECT 1 FROM #touched)
            EXEC lienthu.RefoldTimelines;
        IF @has_number = 1
            EXEC lienthu.ReleaseNumber;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
