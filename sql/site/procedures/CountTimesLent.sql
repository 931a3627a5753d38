-- How often titles were lent here in a period: one row for each that is asked for, in their order.
--
-- @from_day, @to_day: the first and the last day, such as 2026-11-26.
-- @titles: a JSON array of texts, at most a thousand.
CREATE PROCEDURE lienthu.CountTimesLent
    @from_day NVARCHAR(10),
    @to_day NVARCHAR(10),
    @titles NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @zone_minutes INT;
    DECLARE @from DATE = TRY_CONVERT(DATE, NULLIF(@from_day, N''), 23);
    DECLARE @to DATE = TRY_CONVERT(DATE, NULLIF(@to_day, N''), 23);
    DECLARE @first DATETIME2(3), @behind DATETIME2(3);

    CREATE TABLE #titles_lent (
        ordinal INT NOT NULL PRIMARY KEY,
        isbn    VARCHAR(20) COLLATE DATABASE_DEFAULT NULL
    );

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF @from IS NULL OR @to IS NULL
        THROW 51206, N'The period is none.', 1;
    SELECT @zone_minutes = zone_minutes FROM lienthu.Site;
    SET @first = DATEADD(MINUTE, -@zone_minutes, CAST(@from AS DATETIME2(3)));
    SET @behind = DATEADD(MINUTE, -@zone_minutes, CAST(DATEADD(DAY, 1, @to) AS DATETIME2(3)));
    IF ISJSON(@titles) = 0 OR LEFT(LTRIM(@titles), 1) <> N'['
        THROW 51206, N'The titles are no JSON array.', 1;
    INSERT INTO #titles_lent (ordinal, isbn)
    SELECT CAST(item.[key] AS INT), lienthu.ReadKey(item.[value], 20)
    FROM OPENJSON(@titles) AS item;
    IF (SELECT COUNT(*) FROM #titles_lent) > 1000
        THROW 51110, N'Too many titles at once.', 1;

    SELECT a.ordinal AS ordinal, COUNT(l.borrow) AS loans
    FROM #titles_lent AS a
    -- Keys are opaque: also where the database does not tell upper from lower case, only these are meant.
    LEFT JOIN dbo.QUYENSACH AS q ON q.ISBN = a.isbn AND q.ISBN = a.isbn COLLATE Latin1_General_BIN2
    LEFT JOIN dbo.PHIEUMUON AS m ON m.MaQuyenSach = q.MaQuyenSach AND m.DaHuy = 0
    LEFT JOIN lienthu.Loan AS l
        ON l.MaPM = m.MaPM AND l.withdrawn = 0 AND l.borrowed_at >= @first AND l.borrowed_at < @behind
    GROUP BY a.ordinal
    ORDER BY a.ordinal;
END;
