-- What the branch adds up of a period, by its own calendar. Result sets: today, books that are out, those of them
-- that should have been back, patrons and visitors; what happened in each step of the period; the collection by the
-- first digit of its Dewey classes, 10 for what has none.
--
-- @from_day, @to_day: the first and the last day, such as 2026-11-26.
-- @step: how long a step is: day, week or month.
CREATE PROCEDURE lienthu.AddUpFigures
    @from_day NVARCHAR(10),
    @to_day NVARCHAR(10),
    @step NVARCHAR(10)
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
    DECLARE @today DATE;
    DECLARE @on_loan INT, @overdue INT, @patrons INT, @visitors INT;

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF @from IS NULL OR @to IS NULL
        THROW 51206, N'The period is none.', 1;
    SELECT @zone_minutes = zone_minutes FROM lienthu.Site;
    SET @first = DATEADD(MINUTE, -@zone_minutes, CAST(@from AS DATETIME2(3)));
    SET @behind = DATEADD(MINUTE, -@zone_minutes, CAST(DATEADD(DAY, 1, @to) AS DATETIME2(3)));
    SET @today = CAST(DATEADD(MINUTE, @zone_minutes, lienthu.UtcNow()) AS DATE);

    SELECT @on_loan = COUNT(*), @overdue = COUNT(CASE WHEN m.HanTra < @today THEN 1 END)
    FROM lienthu.Loan AS l
    INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
    WHERE l.ended_at IS NULL AND l.withdrawn = 0 AND m.DaHuy = 0;

    SELECT @patrons = COUNT(CASE WHEN MaCN_Goc IS NULL THEN 1 END), @visitors = COUNT(MaCN_Goc)
    FROM dbo.DOCGIA
    WHERE DaXoa = 0;

    SELECT
        @today AS today, @on_loan AS on_loan, @overdue AS overdue, @patrons AS patrons, @visitors AS visitors;

    SELECT
        s.step_from AS step_from, SUM(d.loans) AS loans, SUM(d.returned) AS returned,
        SUM(d.new_patrons) AS new_patrons
    FROM (
        SELECT
            CAST(DATEADD(MINUTE, @zone_minutes, l.borrowed_at) AS DATE) AS on_day, COUNT(*) AS loans,
            0 AS returned, 0 AS new_patrons
        FROM lienthu.Loan AS l
        INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
        WHERE l.borrowed_at >= @first AND l.borrowed_at < @behind AND l.withdrawn = 0 AND m.DaHuy = 0
        GROUP BY CAST(DATEADD(MINUTE, @zone_minutes, l.borrowed_at) AS DATE)
        UNION ALL
        SELECT l.returned_on AS on_day, 0 AS loans, COUNT(*) AS returned, 0 AS new_patrons
        FROM lienthu.Loan AS l
        INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
        WHERE l.returned_on BETWEEN @from AND @to AND l.ending = 'returned' AND l.withdrawn = 0 AND m.DaHuy = 0
        GROUP BY l.returned_on
        UNION ALL
        SELECT NgayTaoThe AS on_day, 0 AS loans, 0 AS returned, COUNT(*) AS new_patrons
        FROM dbo.DOCGIA
        WHERE NgayTaoThe BETWEEN @from AND @to AND MaCN_Goc IS NULL
        GROUP BY NgayTaoThe
    ) AS d
    CROSS APPLY (
        SELECT CASE @step
            -- 1 January of the year 1 was a Monday.
            WHEN N'week' THEN DATEADD(DAY, -(DATEDIFF(DAY, CAST('0001-01-01' AS DATE), d.on_day) % 7), d.on_day)
            WHEN N'month' THEN DATEADD(DAY, 1 - DAY(d.on_day), d.on_day)
            ELSE d.on_day
        END AS step_from
    ) AS s
    GROUP BY s.step_from
    ORDER BY s.step_from;

    SELECT
        c.class AS class, SUM(c.titles) AS titles, SUM(c.copies) AS copies, SUM(c.free_count) AS free_count,
        SUM(c.on_loan) AS on_loan, SUM(c.loans) AS loans
    FROM (
        SELECT
            CASE
                WHEN LEFT(b.PhanLoaiDDC, 1) LIKE N'[0-9]' COLLATE Latin1_General_BIN2
                    THEN CAST(LEFT(b.PhanLoaiDDC, 1) AS INT)
                ELSE 10
            END AS class,
            1 AS titles, q.copies AS copies, q.free_count AS free_count, q.on_loan AS on_loan, 0 AS loans
        FROM (
            SELECT
                ISBN AS ISBN, COUNT(*) AS copies, COUNT(CASE WHEN TrangThai = 'free' THEN 1 END) AS free_count,
                COUNT(CASE WHEN TrangThai = 'on_loan' THEN 1 END) AS on_loan
            FROM dbo.QUYENSACH
            WHERE DaXoa = 0 AND HienTrang <> 'forwarded'
            GROUP BY ISBN
        ) AS q
        INNER JOIN dbo.SACH AS b ON b.ISBN = q.ISBN
        UNION ALL
        SELECT
            CASE
                WHEN LEFT(b.PhanLoaiDDC, 1) LIKE N'[0-9]' COLLATE Latin1_General_BIN2
                    THEN CAST(LEFT(b.PhanLoaiDDC, 1) AS INT)
                ELSE 10
            END AS class,
            0 AS titles, 0 AS copies, 0 AS free_count, 0 AS on_loan, 1 AS loans
        FROM lienthu.Loan AS l
        INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
        INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = m.MaQuyenSach
        INNER JOIN dbo.SACH AS b ON b.ISBN = q.ISBN
        WHERE l.borrowed_at >= @first AND l.borrowed_at < @behind AND l.withdrawn = 0 AND m.DaHuy = 0
    ) AS c
    GROUP BY c.class
    ORDER BY c.class;
END;
