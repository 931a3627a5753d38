-- At the site that decides: decides so, unless it is decided. The row of lienthu.TxnDecision is the commit
-- point. To commit takes a manager; what was left alone for long anyone may have aborted.
CREATE PROCEDURE lienthu.DecideTransaction
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
    DECLARE @is_manager BIT = 0;
    DECLARE @left_alone_ms BIGINT = 60000;
    DECLARE @decides VARCHAR(10) = NULL;
    DECLARE @is_prepared BIT = 0;
    DECLARE @age_ms BIGINT = 0;

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
    IF EXISTS (SELECT 1 FROM lienthu.StaffRole WHERE login_name = @login AND role_code = 'manager')
        SET @is_manager = 1;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.OpenMessage @to_branch, @to_incarnation, @refusal OUTPUT;

        IF @refusal IS NULL AND NOT EXISTS (SELECT 1 FROM lienthu.TxnDecision WHERE txn = @id)
        BEGIN
            SELECT
                @decides = decides,
                @is_prepared = CASE WHEN forced IS NULL AND outcome IS NULL THEN 1 ELSE 0 END,
                @age_ms = DATEDIFF_BIG(MILLISECOND, prepared_at, lienthu.UtcNow())
            FROM lienthu.TxnParticipant
            WHERE txn = @id;

            SELECT
                @refusal = CASE
                    WHEN @decides <> s.branch COLLATE Latin1_General_BIN2 THEN 'not_decider'
                    WHEN s.quarantined = 1 THEN 'quarantined'
                    WHEN @outcome = N'commit' AND @is_manager = 0 THEN 'not_allowed'
                    WHEN @outcome = N'commit' AND @is_prepared = 0 THEN 'not_promised'
                    WHEN
                        @outcome = N'abort' AND @is_prepared = 1 AND @is_manager = 0 AND @age_ms < @left_alone_ms
                        THEN 'too_early'
                    ELSE NULL
                END
            FROM lienthu.Site AS s;

            IF @refusal IS NULL
            BEGIN
                EXEC lienthu.TakeNumber;
                INSERT INTO lienthu.TxnDecision (txn, outcome, decided_by, decided_incarnation, seal, decided_at)
                SELECT
                    @id, @outcome, branch, incarnation,
                    lienthu.SealOf(site_key, branch, incarnation, @id, @outcome), lienthu.UtcNow()
                FROM lienthu.Site;
                EXEC lienthu.EndShare @id;
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
