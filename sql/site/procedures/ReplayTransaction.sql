-- At a restored site: this is what became of a transaction that it may know nothing of. Where it decides itself,
-- it decides anew, as what it is now; else the decision comes with its seal ('' for none).
CREATE PROCEDURE lienthu.ReplayTransaction
    @txn NVARCHAR(64),
    @to_branch NVARCHAR(10),
    @to_incarnation NVARCHAR(64),
    @terms NVARCHAR(MAX),
    @action NVARCHAR(MAX),
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
    DECLARE @membership INT = NULL;
    DECLARE @decides NVARCHAR(4000) = NULL;
    DECLARE @was_committed BIT = 0;
    DECLARE @was_prepared BIT = 0;

    CREATE TABLE #hindered (
        kind    VARCHAR(12) COLLATE DATABASE_DEFAULT NOT NULL,
        row_key VARCHAR(64) COLLATE DATABASE_DEFAULT NOT NULL,
        why     VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL
    );
    CREATE TABLE #party (
        branch      VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        incarnation CHAR(36) COLLATE Latin1_General_BIN2 NULL
    );
    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;
    IF @id IS NULL
        THROW 51206, N'The transaction''s id is no UUID.', 1;
    IF ISJSON(@terms) <> 1 OR ISJSON(@action) <> 1
        THROW 51206, N'The terms or the action are no JSON object.', 1;
    IF @outcome IS NULL OR @outcome COLLATE Latin1_General_BIN2 NOT IN (N'commit', N'abort')
        THROW 51206, N'A transaction is committed or aborted.', 1;

    SET @seal = NULLIF(@seal, N'');
    SET @membership = CAST(JSON_VALUE(@terms, '$.membership') AS INT);
    SET @decides = JSON_VALUE(@terms, '$.decides');
    INSERT INTO #party (branch, incarnation)
    SELECT
        lienthu.ReadKey(JSON_VALUE(item.[value], '$.branch'), 10),
        lienthu.ReadUuid(JSON_VALUE(item.[value], '$.incarnation'))
    FROM OPENJSON(@terms, '$.parties') AS item;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.OpenMessage @to_branch, @to_incarnation, @refusal OUTPUT;

        -- What was agreed never changes.
        SELECT
            @decides = COALESCE(decides, @decides),
            @was_prepared = CASE WHEN forced IS NULL AND outcome IS NULL THEN 1 ELSE 0 END,
            @was_committed = CASE WHEN forced IS NULL AND outcome = 'commit' THEN 1 ELSE 0 END
        FROM lienthu.TxnParticipant
        WHERE txn = @id;

        SELECT
            @refusal = CASE
                WHEN @refusal IS NOT NULL THEN @refusal
                WHEN s.quarantined = 0 THEN 'not_restored'
                WHEN NOT EXISTS (
                    SELECT 1 FROM #party AS p WHERE p.branch = s.branch COLLATE Latin1_General_BIN2
                ) THEN 'not_party'
                WHEN @decides = s.branch COLLATE Latin1_General_BIN2 AND @seal IS NOT NULL THEN 'not_decider'
                WHEN @decides <> s.branch COLLATE Latin1_General_BIN2 AND @seal IS NULL THEN 'not_decider'
                ELSE NULL
            END
        FROM lienthu.Site AS s;
        IF @refusal IS NULL AND @seal IS NOT NULL
            EXEC lienthu.ProveDecision @id, @outcome, @decided_by, @decided_incarnation, @seal, @refusal OUTPUT;

        IF @refusal IS NULL
        BEGIN
            EXEC lienthu.TakeNumber;
            IF @seal IS NULL
            BEGIN
                -- Its backup may know better than whoever asks.
                SELECT @outcome = outcome FROM lienthu.TxnDecision WHERE txn = @id;
                SELECT
                    @decided_by = branch, @decided_incarnation = incarnation,
                    @seal = lienthu.SealOf(site_key, branch, incarnation, @id, @outcome)
                FROM lienthu.Site;
                UPDATE lienthu.TxnDecision
                SET decided_incarnation = @decided_incarnation, seal = @seal
                WHERE txn = @id;
                INSERT INTO lienthu.TxnDecision (txn, outcome, decided_by, decided_incarnation, seal, decided_at)
                SELECT @id, @outcome, @decided_by, @decided_incarnation, @seal, lienthu.UtcNow()
                WHERE NOT EXISTS (SELECT 1 FROM lienthu.TxnDecision WHERE txn = @id);
            END;
            UPDATE lienthu.TxnParticipant
            SET
                action = COALESCE(action, @action), membership = COALESCE(membership, @membership),
                decides = @decides, forced = NULL, outcome = @outcome,
                decided_by = @decided_by, decided_incarnation = @decided_incarnation, seal = @seal
            WHERE txn = @id;
            INSERT INTO lienthu.TxnParticipant (
                txn, action, membership, decides, prepared_at, outcome, decided_by, decided_incarnation, seal
            )
            SELECT
                @id, @action, @membership, @decides, lienthu.UtcNow(), @outcome, @decided_by, @decided_incarnation,
                @seal
            WHERE NOT EXISTS (SELECT 1 FROM lienthu.TxnParticipant WHERE txn = @id);
            INSERT INTO lienthu.TxnParty (txn, branch, incarnation)
            SELECT @id, p.branch, p.incarnation
            FROM #party AS p
            WHERE NOT EXISTS (SELECT 1 FROM lienthu.TxnParty WHERE txn = @id);
            IF (@outcome = N'commit' AND @was_committed = 0) OR (@outcome = N'abort' AND @was_prepared = 1)
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
