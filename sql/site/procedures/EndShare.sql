-- Internal: ends this site's share as it decided itself, and carries out what was promised.
CREATE PROCEDURE lienthu.EndShare
    @txn CHAR(36)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @is_prepared BIT = 0;
    DECLARE @outcome VARCHAR(6);

    SELECT @outcome = outcome FROM lienthu.TxnDecision WHERE txn = @txn;
    SELECT @is_prepared = 1
    FROM lienthu.TxnParticipant
    WHERE txn = @txn AND forced IS NULL AND outcome IS NULL;

    UPDATE lienthu.TxnParticipant
    SET
        outcome = d.outcome, decided_by = d.decided_by, decided_incarnation = d.decided_incarnation,
        seal = d.seal
    FROM lienthu.TxnParticipant
    INNER JOIN lienthu.TxnDecision AS d ON d.txn = TxnParticipant.txn
    WHERE TxnParticipant.txn = @txn;

    -- What it never saw: the promise that comes late finds the row.
    INSERT INTO lienthu.TxnParticipant (
        txn, prepared_at, outcome, decided_by, decided_incarnation, seal
    )
    SELECT d.txn, lienthu.UtcNow(), d.outcome, d.decided_by, d.decided_incarnation, d.seal
    FROM lienthu.TxnDecision AS d
    WHERE d.txn = @txn AND NOT EXISTS (SELECT 1 FROM lienthu.TxnParticipant AS p WHERE p.txn = d.txn);

    IF @is_prepared = 1
        EXEC lienthu.CarryOut @txn, @outcome;
END;
