-- The rows that every site holds, as sites are compared by them: the table's kind, the stored key, the bucket of the
-- key among 2^24, the four numbers of the row's digest. domain/src/replica.rs defines them, and the conformance
-- suite holds this function to it. Raw_key is a column by which an index finds the rows: the title's or the branch's.
--
-- The key is ASCII and hashed as VARCHAR; the text of the row is hashed as UTF-16. Titles that are marked removed are
-- none. Keys are read without the blanks around them, as the program reads them.
CREATE FUNCTION lienthu.ReplicaRows ()
RETURNS TABLE
AS
RETURN
SELECT
    hashed.kind AS kind,
    hashed.row_key AS row_key,
    hashed.raw_key AS raw_key,
    CAST(SUBSTRING(HASHBYTES('SHA2_256', hashed.row_key), 1, 3) AS INT) AS place,
    CAST(SUBSTRING(hashed.hash, 1, 4) AS INT) AS n1,
    CAST(SUBSTRING(hashed.hash, 5, 4) AS INT) AS n2,
    CAST(SUBSTRING(hashed.hash, 9, 4) AS INT) AS n3,
    CAST(SUBSTRING(hashed.hash, 13, 4) AS INT) AS n4
FROM (
    SELECT
        written.kind AS kind, written.row_key AS row_key, written.raw_key AS raw_key,
        HASHBYTES('SHA2_256', CAST(CAST(written.words AS NVARCHAR(4000)) AS VARBINARY(8000))) AS hash
    FROM (
        SELECT
            CAST('branch' AS VARCHAR(12)) AS kind,
            CAST(LTRIM(RTRIM(b.MaCN)) AS VARCHAR(64)) AS row_key,
            CAST(b.MaCN AS VARCHAR(20)) AS raw_key,
            REPLACE(REPLACE(CAST(LTRIM(RTRIM(b.MaCN)) AS NVARCHAR(64)) COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + REPLACE(REPLACE(b.TenCN COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + REPLACE(REPLACE(COALESCE(b.DiaChi, N'') COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + CAST(b.TrangThai AS NVARCHAR(10)) AS words
        FROM dbo.CHINHANH AS b
        UNION ALL
        SELECT
            CAST('title' AS VARCHAR(12)) AS kind,
            CAST(LTRIM(RTRIM(s.ISBN)) AS VARCHAR(64)) AS row_key,
            CAST(s.ISBN AS VARCHAR(20)) AS raw_key,
            REPLACE(REPLACE(CAST(LTRIM(RTRIM(s.ISBN)) AS NVARCHAR(64)) COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + REPLACE(REPLACE(s.TenSach COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + REPLACE(REPLACE(COALESCE(s.TacGia, N'') COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + REPLACE(REPLACE(s.NhaXuatBan COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + COALESCE(CAST(s.NamXuatBan AS NVARCHAR(20)), N'')
            + N'|' + REPLACE(REPLACE(s.PhanLoaiDDC COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + REPLACE(REPLACE(s.NgonNgu COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1') AS words
        FROM dbo.SACH AS s
        WHERE s.DaXoa = 0
        UNION ALL
        SELECT
            CAST('policy' AS VARCHAR(12)) AS kind,
            CAST(p.branch + '|' + p.category AS VARCHAR(64)) AS row_key,
            CAST(p.branch AS VARCHAR(20)) AS raw_key,
            REPLACE(REPLACE(CAST(LTRIM(RTRIM(p.branch)) AS NVARCHAR(64)) COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + REPLACE(REPLACE(CAST(LTRIM(RTRIM(p.category)) AS NVARCHAR(64)) COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + CAST(p.loan_days AS NVARCHAR(20))
            + N'|' + CAST(p.loans_max AS NVARCHAR(20))
            + N'|' + CAST(p.renewals_max AS NVARCHAR(20))
            + N'|' + CAST(p.renewal_days AS NVARCHAR(20))
            + N'|' + CASE p.may_override WHEN 1 THEN N'1' ELSE N'0' END AS words
        FROM lienthu.LoanPolicy AS p
        UNION ALL
        SELECT
            CAST('closed_day' AS VARCHAR(12)) AS kind,
            CAST(d.branch + '|' + CONVERT(CHAR(10), d.closed_on, 23) AS VARCHAR(64)) AS row_key,
            CAST(d.branch AS VARCHAR(20)) AS raw_key,
            REPLACE(REPLACE(CAST(LTRIM(RTRIM(d.branch)) AS NVARCHAR(64)) COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1')
            + N'|' + CONVERT(NVARCHAR(10), d.closed_on, 23)
            + N'|' + REPLACE(REPLACE(d.note COLLATE Latin1_General_BIN2, N'~', N'~0'), N'|', N'~1') AS words
        FROM lienthu.ClosedDay AS d
    ) AS written
) AS hashed;
