-- What this branch has of titles: one row for each that is asked for, in their order. What went to another
-- branch is not this one's any more.
--
-- @titles: a JSON array of texts, at most a hundred.
CREATE PROCEDURE lienthu.CountHoldings
    @titles NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    CREATE TABLE #titles_held (
        ordinal INT NOT NULL PRIMARY KEY,
        isbn    VARCHAR(20) COLLATE DATABASE_DEFAULT NULL
    );

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@titles) = 0 OR LEFT(LTRIM(@titles), 1) <> N'['
        THROW 51206, N'The titles are no JSON array.', 1;
    INSERT INTO #titles_held (ordinal, isbn)
    SELECT CAST(item.[key] AS INT), lienthu.ReadKey(item.[value], 20)
    FROM OPENJSON(@titles) AS item;
    IF (SELECT COUNT(*) FROM #titles_held) > 100
        THROW 51110, N'Too many titles at once.', 1;

    SELECT
        a.ordinal AS ordinal,
        COUNT(q.MaQuyenSach) AS copies,
        COUNT(CASE WHEN q.TrangThai = 'free' THEN 1 END) AS free_count,
        COUNT(CASE WHEN q.TrangThai = 'on_loan' THEN 1 END) AS on_loan,
        COUNT(CASE WHEN q.TrangThai = 'in_transit' THEN 1 END) AS in_transit,
        COUNT(CASE WHEN q.TrangThai IN ('damaged', 'lost', 'withdrawn') THEN 1 END) AS unusable
    FROM #titles_held AS a
    -- Keys are opaque: also where the database does not tell upper from lower case, only these are meant.
    LEFT JOIN dbo.QUYENSACH AS q
        ON q.ISBN = a.isbn AND q.ISBN = a.isbn COLLATE Latin1_General_BIN2
        AND q.DaXoa = 0 AND q.HienTrang <> 'forwarded'
    GROUP BY a.ordinal
    ORDER BY a.ordinal;
END;
