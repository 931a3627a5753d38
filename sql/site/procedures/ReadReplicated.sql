-- The rows that every site holds, as they stand here: those that are asked for and that are there. For managers.
--
-- @rows: a JSON array of objects with kind and key, as a hold names them.
-- Result sets: branches, titles, policies, closed days.
CREATE PROCEDURE lienthu.ReadReplicated
    @rows NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @rows_max INT = 500;

    CREATE TABLE #asked (
        kind    VARCHAR(12) COLLATE Latin1_General_BIN2 NOT NULL,
        row_key VARCHAR(64) COLLATE Latin1_General_BIN2 NOT NULL
    );

    EXEC lienthu.RequireCaller @login OUTPUT;
    IF ISJSON(@rows) <> 1
        THROW 51206, N'The rows are no JSON array.', 1;

    INSERT INTO #asked (kind, row_key)
    SELECT DISTINCT
        lienthu.ReadKey(JSON_VALUE(item.[value], '$.kind'), 12), lienthu.ReadKey(JSON_VALUE(item.[value], '$.key'), 64)
    FROM OPENJSON(@rows) AS item
    WHERE
        lienthu.ReadKey(JSON_VALUE(item.[value], '$.kind'), 12) IS NOT NULL
        AND lienthu.ReadKey(JSON_VALUE(item.[value], '$.key'), 64) IS NOT NULL;
    IF (SELECT COUNT(*) FROM #asked) > @rows_max
        THROW 51110, N'Too many rows at once.', 1;

    SELECT b.MaCN AS MaCN, b.TenCN AS TenCN, b.DiaChi AS DiaChi, b.TrangThai AS TrangThai
    FROM #asked AS a
    INNER JOIN dbo.CHINHANH AS b ON b.MaCN COLLATE Latin1_General_BIN2 = a.row_key
    WHERE a.kind = 'branch'
    ORDER BY a.row_key;

    SELECT
        b.ISBN AS ISBN, b.TenSach AS TenSach, b.TacGia AS TacGia, b.NhaXuatBan AS NhaXuatBan,
        b.NamXuatBan AS NamXuatBan, b.PhanLoaiDDC AS PhanLoaiDDC, b.NgonNgu AS NgonNgu
    FROM #asked AS a
    INNER JOIN dbo.SACH AS b ON b.ISBN = CAST(a.row_key AS VARCHAR(20)) COLLATE DATABASE_DEFAULT
    WHERE a.kind = 'title' AND b.DaXoa = 0 AND b.ISBN COLLATE Latin1_General_BIN2 = a.row_key
    ORDER BY a.row_key;

    SELECT
        r.branch AS branch, r.category AS category, r.loan_days AS loan_days, r.loans_max AS loans_max,
        r.renewals_max AS renewals_max, r.renewal_days AS renewal_days, r.may_override AS may_override
    FROM #asked AS a
    INNER JOIN lienthu.LoanPolicy AS r
        ON CAST(r.branch + '|' + r.category AS VARCHAR(64)) COLLATE Latin1_General_BIN2 = a.row_key
    WHERE a.kind = 'policy'
    ORDER BY a.row_key;

    SELECT d.branch AS branch, d.closed_on AS closed_on, d.note AS note
    FROM #asked AS a
    INNER JOIN lienthu.ClosedDay AS d
        ON CAST(d.branch + '|' + CONVERT(CHAR(10), d.closed_on, 23) AS VARCHAR(64)) COLLATE Latin1_General_BIN2
            = a.row_key
    WHERE a.kind = 'closed_day'
    ORDER BY a.row_key;
END;
