-- Promises this site's share of a transaction: sees that the action can be done here and takes its holds, for
-- good until it is decided. For managers.
--
-- @terms: a JSON object: membership, decides, parties (an array of objects with branch and incarnation).
-- @action: what is to be done, as its program wrote it.
CREATE PROCEDURE lienthu.PrepareTransaction
    @txn NVARCHAR(64),
    @to_branch NVARCHAR(10),
    @to_incarnation NVARCHAR(64),
    @terms NVARCHAR(MAX),
    @action NVARCHAR(MAX)
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

        IF @refusal IS NULL AND NOT EXISTS (SELECT 1 FROM lienthu.TxnParticipant WHERE txn = @id)
        BEGIN
            SELECT
                @refusal = CASE
                    WHEN s.quarantined = 1 THEN 'quarantined'
                    WHEN NOT EXISTS (
                        SELECT 1 FROM #party AS p
                        WHERE
                            p.branch = s.branch COLLATE Latin1_General_BIN2
                            AND p.incarnation = s.incarnation
                    ) THEN 'not_party'
                    WHEN s.membership <> @membership THEN 'other_membership'
                    WHEN EXISTS (
                        SELECT 1 FROM #party AS p
                        WHERE
                            p.branch <> s.branch COLLATE Latin1_General_BIN2
                            AND NOT EXISTS (
                                SELECT 1 FROM lienthu.Peer AS k
                                WHERE k.branch = p.branch COLLATE Latin1_General_BIN2
                            )
                    ) THEN 'other_membership'
                    WHEN EXISTS (
                        SELECT 1 FROM #party AS p
                        INNER JOIN lienthu.Peer AS k ON k.branch = p.branch COLLATE Latin1_General_BIN2
                        WHERE k.incarnation <> p.incarnation
                    ) THEN 'party_restored'
                    ELSE NULL
                END
            FROM lienthu.Site AS s;

            IF @refusal IS NULL
                EXEC lienthu.FindHindrances @id, @action;
            IF EXISTS (SELECT 1 FROM #hindered)
                SET @refusal = 'action';

            IF @refusal IS NULL
            BEGIN
                EXEC lienthu.TakeNumber;
                INSERT INTO lienthu.TxnParticipant (txn, action, membership, decides, prepared_at)
                VALUES (@id, @action, @membership, @decides, lienthu.UtcNow());
                INSERT INTO lienthu.TxnParty (txn, branch, incarnation)
                SELECT @id, branch, incarnation FROM #party;
                EXEC lienthu.TakeHolds @id, @action;
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
