-- Titles that were lent here in a period, those lent most often first, and of those lent alike often by key, letter
-- by letter.
--
-- @from_day, @to_day: the first and the last day, such as 2026-11-26.
-- @at_least: only those that were lent so often.
-- @after_loans, @after_title: behind this line; 0 for the first page.
-- @limit: so many at most, and never more than a thousand.
CREATE PROCEDURE lienthu.ListMostLent
    @from_day NVARCHAR(10),
    @to_day NVARCHAR(10),
    @at_least BIGINT,
    @after_loans BIGINT,
    @after_title NVARCHAR(4000),
    @limit INT
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
    DECLARE @after VARCHAR(20) = lienthu.ReadKey(@after_title, 20);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF @from IS NULL OR @to IS NULL
        THROW 51206, N'The period is none.', 1;
    SELECT @zone_minutes = zone_minutes FROM lienthu.Site;
    SET @first = DATEADD(MINUTE, -@zone_minutes, CAST(@from AS DATETIME2(3)));
    SET @behind = DATEADD(MINUTE, -@zone_minutes, CAST(DATEADD(DAY, 1, @to) AS DATETIME2(3)));
    IF @limit > 1000
        SET @limit = 1000;

    SELECT TOP (@limit) c.title AS title, c.loans AS loans
    FROM (
        SELECT b.ISBN AS title, COUNT(*) AS loans
        FROM lienthu.Loan AS l
        INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
        INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = m.MaQuyenSach
        INNER JOIN dbo.SACH AS b ON b.ISBN = q.ISBN
        WHERE l.borrowed_at >= @first AND l.borrowed_at < @behind AND l.withdrawn = 0 AND m.DaHuy = 0
        GROUP BY b.ISBN
    ) AS c
    WHERE c.loans >= @at_least
        AND (
            @after_loans = 0 OR c.loans < @after_loans
            OR (c.loans = @after_loans AND c.title > @after COLLATE Latin1_General_BIN2)
        )
    ORDER BY c.loans DESC, c.title COLLATE Latin1_General_BIN2;
END;
