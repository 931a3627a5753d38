-- Internal, for CarryOut: writes where the copies of a transfer are now, whatever the site knew of them. A
-- restored site is told of its transfers in any order: of each copy the last one holds. #touched is the caller's.
CREATE PROCEDURE lienthu.ApplyTransfer
    @txn CHAR(36),
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @here VARCHAR(10);
    DECLARE @to NVARCHAR(4000) = JSON_VALUE(@action, '$.to');
    DECLARE @leaves BIT = 0;
    SELECT @here = branch FROM lienthu.Site;
    IF JSON_VALUE(@action, '$.from') = @here COLLATE Latin1_General_BIN2
        SET @leaves = 1;

    CREATE TABLE #moved (
        copy       VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY,
        title      VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        condition  VARCHAR(12) COLLATE DATABASE_DEFAULT NOT NULL,
        shelf_mark NVARCHAR(50) COLLATE DATABASE_DEFAULT NOT NULL,
        price_vnd  BIGINT NULL,
        hop        INT    NOT NULL
    );
    INSERT INTO #moved (copy, title, condition, shelf_mark, price_vnd, hop)
    SELECT m.copy, m.title, m.condition, m.shelf_mark, m.price_vnd, m.hop
    FROM lienthu.ReadMoving(@action) AS m
    WHERE NOT EXISTS (
        SELECT 1 FROM dbo.QUYENSACH AS q
        WHERE q.MaQuyenSach = m.copy COLLATE Latin1_General_BIN2 AND q.SoLanChuyen >= m.hop
    );

    UPDATE dbo.QUYENSACH
    SET
        ISBN = m.title, KyHieuXepGia = m.shelf_mark, GiaTien = m.price_vnd, DaXoa = 0, SoLanChuyen = m.hop,
        HienTrang = CASE WHEN @leaves = 1 THEN 'forwarded' ELSE 'in_transit' END,
        ChuyenDen = CASE WHEN @leaves = 1 THEN @to ELSE NULL END
    FROM dbo.QUYENSACH
    INNER JOIN #moved AS m ON m.copy = QUYENSACH.MaQuyenSach;

    INSERT INTO dbo.QUYENSACH (
        MaQuyenSach, ISBN, MaCN, HienTrang, ChuyenDen, KyHieuXepGia, GiaTien, SoLanChuyen
    )
    SELECT
        m.copy, m.title, @here, CASE WHEN @leaves = 1 THEN 'forwarded' ELSE 'in_transit' END,
        CASE WHEN @leaves = 1 THEN @to ELSE NULL END, m.shelf_mark, m.price_vnd, m.hop
    FROM #moved AS m
    WHERE NOT EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = m.copy);

    DELETE FROM lienthu.Transit WHERE copy IN (SELECT copy FROM #moved);
    IF @leaves = 0
        INSERT INTO lienthu.Transit (copy, txn, from_branch, condition, sent_at)
        SELECT copy, @txn, CAST(JSON_VALUE(@action, '$.from') AS VARCHAR(10)), condition, lienthu.UtcNow()
        FROM #moved;

    INSERT INTO #touched (copy)
    SELECT copy FROM #moved;
END;
