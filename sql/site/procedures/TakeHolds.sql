-- Internal: takes what an action holds here. Copies that leave read as on their way from now on.
CREATE PROCEDURE lienthu.TakeHolds
    @txn CHAR(36),
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @here VARCHAR(10);
    SELECT @here = branch FROM lienthu.Site;

    INSERT INTO lienthu.Hold (kind, row_key, txn, mode)
    SELECT kind, row_key, @txn, mode FROM lienthu.HoldsOf(@action, @here);

    IF
        JSON_VALUE(@action, '$.action') <> N'transfer'
        OR JSON_VALUE(@action, '$.from') <> @here COLLATE Latin1_General_BIN2
        RETURN;

    UPDATE lienthu.Hold
    SET condition = q.HienTrang
    FROM lienthu.Hold
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = Hold.row_key COLLATE Latin1_General_BIN2
    WHERE Hold.txn = @txn AND Hold.kind = 'copy';

    INSERT INTO #touched (copy)
    SELECT row_key FROM lienthu.Hold WHERE txn = @txn AND kind = 'copy';
    UPDATE dbo.QUYENSACH
    SET HienTrang = 'in_transit', ChuyenDen = NULL
    FROM dbo.QUYENSACH
    INNER JOIN #touched AS t ON t.copy = QUYENSACH.MaQuyenSach;
    EXEC lienthu.RefoldTimelines;
END;
