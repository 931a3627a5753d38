-- A manager does not wait for the decision. What they choose counts as proof of nothing: it stays open until the
-- decision is known.
CREATE PROCEDURE lienthu.ForceTransaction
    @txn NVARCHAR(64),
    @to_branch NVARCHAR(10),
    @to_incarnation NVARCHAR(64),
    @outcome NVARCHAR(10)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @id CHAR(36) = lienthu.ReadUuid(@txn);
    DECLARE @refusal VARCHAR(30);
    DECLARE @decides VARCHAR(10) = NULL;
    DECLARE @is_prepared BIT = NULL;

    CREATE TABLE #hindered (
        kind    VARCHAR(12) COLLATE DATABASE_DEFAULT NOT NULL,
        row_key VARCHAR(64) COLLATE DATABASE_DEFAULT NOT NULL,
        why     VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL
    );
    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;
    IF @id IS NULL
        THROW 51206, N'The transaction''s id is no UUID.', 1;
    IF @outcome IS NULL OR @outcome COLLATE Latin1_General_BIN2 NOT IN (N'commit', N'abort')
        THROW 51206, N'A transaction is committed or aborted.', 1;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.OpenMessage @to_branch, @to_incarnation, @refusal OUTPUT;

        SELECT
            @decides = decides,
            @is_prepared = CASE WHEN forced IS NULL AND outcome IS NULL THEN 1 ELSE 0 END
        FROM lienthu.TxnParticipant
        WHERE txn = @id;

        SET @refusal = CASE
            WHEN @refusal IS NOT NULL THEN @refusal
            WHEN @is_prepared IS NULL THEN 'not_promised'
            -- It has but to decide.
            WHEN @decides = @to_branch COLLATE Latin1_General_BIN2 THEN 'not_decider'
            ELSE NULL
        END;

        IF @refusal IS NULL AND @is_prepared = 1
        BEGIN
            EXEC lienthu.TakeNumber;
            UPDATE lienthu.TxnParticipant SET forced = @outcome WHERE txn = @id;
            EXEC lienthu.CarryOut @id, @outcome;
            EXEC lienthu.ReleaseNumber;
        END;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;

    EXEC lienthu.AnswerTransaction @id, @refusal;
END;
