-- Copies of this branch as whoever moves them has to see them, by barcode, at most 500. One result set.
--
-- @sought: 'barcodes' for those of @barcodes, removed and forwarded ones too; 'title' for those of @title that
-- are here; 'arriving' for those that other branches sent and that nobody has received yet.
-- @barcodes: a JSON array of texts. @after: of a title and of arriving ones, the last barcode of the page before.
CREATE PROCEDURE lienthu.ListCopies
    @sought NVARCHAR(4000),
    @barcodes NVARCHAR(MAX),
    @title NVARCHAR(4000),
    @after NVARCHAR(4000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @isbn VARCHAR(20) = lienthu.ReadKey(@title, 20);
    DECLARE @behind VARCHAR(20) = COALESCE(lienthu.ReadKey(@after, 20), '');

    CREATE TABLE #wanted (copy VARCHAR(20) COLLATE Latin1_General_BIN2 NULL);
    CREATE TABLE #listed (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@barcodes) = 0 OR LEFT(LTRIM(@barcodes), 1) <> N'['
        THROW 51206, N'The barcodes are no JSON array.', 1;

    IF @sought = N'barcodes'
    BEGIN
        INSERT INTO #wanted (copy)
        SELECT lienthu.ReadKey(CAST(item.[value] AS NVARCHAR(4000)), 20)
        FROM OPENJSON(@barcodes) AS item;
        IF (SELECT COUNT(*) FROM #wanted) > 500
            THROW 51110, N'Too many copies at once.', 1;
        -- Keys are opaque: also where the database does not tell upper from lower case, only these are meant.
        INSERT INTO #listed (copy)
        SELECT DISTINCT q.MaQuyenSach
        FROM dbo.QUYENSACH AS q
        INNER JOIN #wanted AS w ON q.MaQuyenSach = w.copy COLLATE Latin1_General_BIN2;
    END
    ELSE IF @sought = N'title'
        INSERT INTO #listed (copy)
        SELECT TOP (500) q.MaQuyenSach
        FROM dbo.QUYENSACH AS q
        WHERE
            q.ISBN = @isbn AND q.ISBN = @isbn COLLATE Latin1_General_BIN2
            AND q.DaXoa = 0 AND q.HienTrang <> 'forwarded'
            AND q.MaQuyenSach COLLATE Latin1_General_BIN2 > @behind
        ORDER BY q.MaQuyenSach COLLATE Latin1_General_BIN2;
    ELSE
        INSERT INTO #listed (copy)
        SELECT TOP (500) t.copy
        FROM lienthu.Transit AS t
        WHERE t.copy COLLATE Latin1_General_BIN2 > @behind
        ORDER BY t.copy COLLATE Latin1_General_BIN2;

    SELECT
        q.MaQuyenSach AS MaQuyenSach, q.ISBN AS ISBN, q.MaCN AS MaCN, q.HienTrang AS HienTrang,
        q.TrangThai AS TrangThai, q.ChuyenDen AS ChuyenDen, q.KyHieuXepGia AS KyHieuXepGia,
        q.GiaTien AS GiaTien, b.TenSach AS TenSach, q.SoLanChuyen AS SoLanChuyen, q.DaXoa AS DaXoa,
        CAST(CASE WHEN EXISTS (
            SELECT 1 FROM lienthu.Hold AS h
            WHERE h.kind = 'copy' AND h.row_key = q.MaQuyenSach COLLATE Latin1_General_BIN2
        ) THEN 1 ELSE 0 END AS BIT) AS held,
        t.from_branch AS from_branch, t.txn AS txn, t.sent_at AS sent_at
    FROM #listed AS l
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = l.copy
    INNER JOIN dbo.SACH AS b ON b.ISBN = q.ISBN
    LEFT JOIN lienthu.Transit AS t ON t.copy = q.MaQuyenSach
    ORDER BY q.MaQuyenSach COLLATE Latin1_General_BIN2;
END;
