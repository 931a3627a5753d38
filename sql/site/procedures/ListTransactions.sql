-- What the site keeps of transactions, by id, behind @after ('' for the first page). With @naming those that name
-- that branch as another than @incarnation; else those in which something is left to do or to find out. Result
-- sets: the transactions; who takes part in each.
CREATE PROCEDURE lienthu.ListTransactions
    @naming NVARCHAR(10),
    @incarnation NVARCHAR(64),
    @after NVARCHAR(64)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @behind CHAR(36) = COALESCE(lienthu.ReadUuid(@after), '');

    CREATE TABLE #listed (txn CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF @naming <> N''
        INSERT INTO #listed (txn)
        SELECT TOP (100) txn
        FROM lienthu.TxnParty
        WHERE
            branch = @naming COLLATE Latin1_General_BIN2
            AND incarnation <> @incarnation COLLATE Latin1_General_BIN2
            AND txn > @behind COLLATE Latin1_General_BIN2
        ORDER BY txn;
    ELSE
        INSERT INTO #listed (txn)
        SELECT TOP (100) txn
        FROM lienthu.TxnParticipant
        WHERE
            (outcome IS NULL OR forced IS NOT NULL) AND forgotten = 0
            AND txn > @behind COLLATE Latin1_General_BIN2
        ORDER BY txn;

    SELECT
        l.txn AS txn, 1 AS has_share, p.forced AS forced, p.outcome AS outcome, p.decided_by AS decided_by,
        p.decided_incarnation AS decided_incarnation, p.seal AS seal,
        d.outcome AS own_outcome, d.decided_by AS own_decided_by,
        d.decided_incarnation AS own_decided_incarnation, d.seal AS own_seal,
        p.membership AS membership, p.decides AS decides, p.action AS action,
        DATEDIFF_BIG(MILLISECOND, p.prepared_at, lienthu.UtcNow()) AS age_ms,
        p.forgotten AS forgotten
    FROM #listed AS l
    INNER JOIN lienthu.TxnParticipant AS p ON p.txn = l.txn
    LEFT JOIN lienthu.TxnDecision AS d ON d.txn = l.txn
    ORDER BY l.txn;

    SELECT y.txn AS txn, y.branch AS branch, y.incarnation AS incarnation
    FROM #listed AS l
    INNER JOIN lienthu.TxnParty AS y ON y.txn = l.txn
    ORDER BY y.txn, y.branch;
END;
