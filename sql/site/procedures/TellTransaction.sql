-- Internal: what the site keeps of a transaction. Result sets: one row, its columns of the share empty where
-- there is none; who takes part.
CREATE PROCEDURE lienthu.TellTransaction
    @txn CHAR(36)
AS
BEGIN
    SET NOCOUNT ON;

    SELECT
        @txn AS txn,
        CASE WHEN p.txn IS NULL THEN 0 ELSE 1 END AS has_share,
        p.forced AS forced, p.outcome AS outcome, p.decided_by AS decided_by,
        p.decided_incarnation AS decided_incarnation, p.seal AS seal,
        d.outcome AS own_outcome, d.decided_by AS own_decided_by,
        d.decided_incarnation AS own_decided_incarnation, d.seal AS own_seal,
        p.membership AS membership, p.decides AS decides, p.action AS action,
        COALESCE(DATEDIFF_BIG(MILLISECOND, p.prepared_at, lienthu.UtcNow()), 0) AS age_ms,
        CAST(COALESCE(p.forgotten, 0) AS BIT) AS forgotten
    FROM (SELECT @txn AS txn) AS asked
    LEFT JOIN lienthu.TxnParticipant AS p ON p.txn = asked.txn COLLATE Latin1_General_BIN2
    LEFT JOIN lienthu.TxnDecision AS d ON d.txn = asked.txn COLLATE Latin1_General_BIN2;

    SELECT branch AS branch, incarnation AS incarnation
    FROM lienthu.TxnParty
    WHERE txn = @txn COLLATE Latin1_General_BIN2
    ORDER BY branch;
END;
