-- Internal: how the branch has its barcodes. With @asked, a JSON array, those of them that are there; else the next page
-- behind @behind ('' for the first), by the bytes of the barcode.
CREATE PROCEDURE lienthu.ReadHeldCopies
    @behind NVARCHAR(20),
    @asked NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @key VARCHAR(20) = @behind;

    CREATE TABLE #page (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    IF @asked <> N''
        INSERT INTO #page (copy)
        SELECT q.MaQuyenSach
        FROM OPENJSON(@asked) AS item
        INNER JOIN dbo.QUYENSACH AS q
            ON q.MaQuyenSach = CAST(item.[value] AS VARCHAR(20))
            AND q.MaQuyenSach = CAST(item.[value] AS VARCHAR(20)) COLLATE Latin1_General_BIN2;
    ELSE
        INSERT INTO #page (copy)
        SELECT TOP (5000) MaQuyenSach
        FROM dbo.QUYENSACH
        WHERE MaQuyenSach > @key COLLATE Latin1_General_BIN2
        ORDER BY MaQuyenSach COLLATE Latin1_General_BIN2;

    SELECT
        q.MaQuyenSach AS MaQuyenSach,
        CASE
            WHEN q.DaXoa = 1 THEN 'removed'
            WHEN q.HienTrang = 'forwarded' THEN 'forwarded'
            WHEN h.txn IS NOT NULL THEN 'leaving'
            WHEN t.txn IS NOT NULL THEN 'arrived'
            ELSE 'live'
        END AS holding,
        q.ChuyenDen AS ChuyenDen,
        COALESCE(h.txn, t.txn) AS txn,
        t.from_branch AS from_branch
    FROM #page AS p
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = p.copy
    LEFT JOIN lienthu.Transit AS t ON t.copy = q.MaQuyenSach
    LEFT JOIN lienthu.Hold AS h
        ON h.kind = 'copy' AND h.row_key = q.MaQuyenSach COLLATE Latin1_General_BIN2 AND h.condition IS NOT NULL
    ORDER BY q.MaQuyenSach COLLATE Latin1_General_BIN2;
END;
