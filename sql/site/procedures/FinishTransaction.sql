-- Carries out or undoes this site's share, as was decided at another site. Takes nothing but that site's seal
-- for it.
CREATE PROCEDURE lienthu.FinishTransaction
    @txn NVARCHAR(64),
    @to_branch NVARCHAR(10),
    @to_incarnation NVARCHAR(64),
    @outcome NVARCHAR(10),
    @decided_by NVARCHAR(10),
    @decided_incarnation NVARCHAR(64),
    @seal NVARCHAR(64)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @id CHAR(36) = lienthu.ReadUuid(@txn);
    DECLARE @refusal VARCHAR(30);
    DECLARE @has_share BIT = 0;
    DECLARE @decides VARCHAR(10) = NULL;
    DECLARE @forced VARCHAR(6) = NULL;
    DECLARE @ended VARCHAR(6) = NULL;
    DECLARE @quarantined BIT = 0;

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

        SELECT @has_share = 1, @decides = decides, @forced = forced, @ended = outcome
        FROM lienthu.TxnParticipant
        WHERE txn = @id;
        SELECT @quarantined = quarantined FROM lienthu.Site;

        -- What it decided itself, it knows.
        IF @refusal IS NULL AND @decided_by = @to_branch COLLATE Latin1_General_BIN2
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM lienthu.TxnDecision WHERE txn = @id)
                SET @refusal = 'not_decider';
        END;
        ELSE IF @refusal IS NULL
        BEGIN
            EXEC lienthu.ProveDecision @id, @outcome, @decided_by, @decided_incarnation, @seal, @refusal OUTPUT;
            SET @refusal = CASE
                WHEN @refusal IS NOT NULL THEN @refusal
                WHEN @has_share = 0 AND @quarantined = 1 THEN 'quarantined'
                -- The promise may still be on its way, and finds that it comes too late.
                WHEN @has_share = 0 AND @outcome = N'commit' THEN 'not_promised'
                WHEN @decides <> @decided_by COLLATE Latin1_General_BIN2 THEN 'not_decider'
                WHEN @has_share = 1 AND @forced IS NULL AND @ended IS NULL AND @quarantined = 1 THEN 'quarantined'
                ELSE NULL
            END;

            IF @refusal IS NULL AND @ended IS NULL
            BEGIN
                EXEC lienthu.TakeNumber;
                IF @has_share = 0
                    INSERT INTO lienthu.TxnParticipant (
                        txn, prepared_at, outcome, decided_by, decided_incarnation, seal
                    )
                    VALUES (@id, lienthu.UtcNow(), @outcome, @decided_by, @decided_incarnation, @seal);
                ELSE
                    -- What a manager forced is right now, or is noted as contradicted.
                    UPDATE lienthu.TxnParticipant
                    SET
                        outcome = @outcome, decided_by = @decided_by, decided_incarnation = @decided_incarnation,
                        seal = @seal, forced = CASE WHEN forced = @outcome THEN NULL ELSE forced END,
                        forgotten = 0
                    WHERE txn = @id;
                IF @has_share = 1 AND @forced IS NULL
                    EXEC lienthu.CarryOut @id, @outcome;
                EXEC lienthu.ReleaseNumber;
            END;
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
