-- Internal: does what was promised, or gives it up. #touched (copy VARCHAR(20) PRIMARY KEY) is the caller's.
CREATE PROCEDURE lienthu.CarryOut
    @txn CHAR(36),
    @outcome VARCHAR(6)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @action NVARCHAR(MAX);
    SELECT @action = action FROM lienthu.TxnParticipant WHERE txn = @txn;

    IF @outcome = 'abort'
    BEGIN
        -- Copies that were to leave are again what they were.
        INSERT INTO #touched (copy)
        SELECT row_key FROM lienthu.Hold WHERE txn = @txn AND kind = 'copy' AND condition IS NOT NULL;
        UPDATE dbo.QUYENSACH
        SET HienTrang = h.condition
        FROM dbo.QUYENSACH
        INNER JOIN lienthu.Hold AS h ON h.row_key = QUYENSACH.MaQuyenSach COLLATE Latin1_General_BIN2
        WHERE h.txn = @txn AND h.kind = 'copy' AND h.condition IS NOT NULL;
    END;
    ELSE IF JSON_VALUE(@action, '$.action') = N'transfer'
        EXEC lienthu.ApplyTransfer @txn, @action;
    ELSE
        EXEC lienthu.ApplyCatalogue @txn, @action;

    IF EXISTS (SELECT 1 FROM #touched)
        EXEC lienthu.RefoldTimelines;
    DELETE FROM lienthu.Hold WHERE txn = @txn;
END;
