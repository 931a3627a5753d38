-- Makes a database the site of one branch: one transaction, all or nothing. The runner fills in the
-- variables. A database with data is adopted: what is in its tables stays, but for the values that are noted
-- in lienthu.AdoptedValue. Loans that have ended are history and are sealed; open ones count as borrows.

-- Old programs wait from here on, the tables first: whoever has begun to write ends before us. The first batch;
-- the runner measures the tables behind it.
DECLARE @waited NVARCHAR(40);
SELECT TOP (1) @waited = MaCN FROM dbo.CHINHANH WITH (TABLOCKX, HOLDLOCK);
SELECT TOP (1) @waited = ISBN FROM dbo.SACH WITH (TABLOCKX, HOLDLOCK);
SELECT TOP (1) @waited = MaDG FROM dbo.DOCGIA WITH (TABLOCKX, HOLDLOCK);
SELECT TOP (1) @waited = MaQuyenSach FROM dbo.QUYENSACH WITH (TABLOCKX, HOLDLOCK);
SELECT TOP (1) @waited = CAST(MaPM AS NVARCHAR(40)) FROM dbo.PHIEUMUON WITH (TABLOCKX, HOLDLOCK);
EXEC lienthu.TakeNumber;
GO

INSERT INTO lienthu.AdoptedValue (table_name, row_key, column_name, old_value, new_value)
SELECT 'CHINHANH', '$(branch)', '*', NULL, '$(branch)'
WHERE NOT EXISTS (SELECT 1 FROM dbo.CHINHANH WHERE MaCN = '$(branch)');
INSERT INTO dbo.CHINHANH (MaCN, TenCN)
SELECT '$(branch)', '$(branch)'
WHERE NOT EXISTS (SELECT 1 FROM dbo.CHINHANH WHERE MaCN = '$(branch)');
GO
INSERT INTO lienthu.Site (one, branch, zone_minutes, incarnation, snapshot_on, site_key)
SELECT
    1, MaCN, CAST('$(zone_minutes)' AS SMALLINT), LOWER(CAST(NEWID() AS CHAR(36))), CAST('$(snapshot_on)' AS BIT),
    '$(site_key)'
FROM dbo.CHINHANH
WHERE MaCN = '$(branch)';
GO

-- References in the spelling of the keys that they name: to the database they are the same in any case of
-- letters, to a desk they are not.
INSERT INTO lienthu.AdoptedValue (table_name, row_key, column_name, old_value, new_value)
SELECT 'QUYENSACH', q.MaQuyenSach, 'ISBN', q.ISBN, k.ISBN
FROM dbo.QUYENSACH AS q
INNER JOIN dbo.SACH AS k ON k.ISBN = q.ISBN
WHERE q.ISBN COLLATE Latin1_General_BIN2 <> k.ISBN COLLATE Latin1_General_BIN2
UNION ALL
SELECT 'QUYENSACH', q.MaQuyenSach, 'MaCN', q.MaCN, k.MaCN
FROM dbo.QUYENSACH AS q
INNER JOIN dbo.CHINHANH AS k ON k.MaCN = q.MaCN
WHERE q.MaCN COLLATE Latin1_General_BIN2 <> k.MaCN COLLATE Latin1_General_BIN2
UNION ALL
SELECT 'DOCGIA', d.MaDG, 'MaCN_DangKy', d.MaCN_DangKy, k.MaCN
FROM dbo.DOCGIA AS d
INNER JOIN dbo.CHINHANH AS k ON k.MaCN = d.MaCN_DangKy
WHERE d.MaCN_DangKy COLLATE Latin1_General_BIN2 <> k.MaCN COLLATE Latin1_General_BIN2
UNION ALL
SELECT 'PHIEUMUON', CAST(m.MaPM AS NVARCHAR(40)), 'MaDG', m.MaDG, k.MaDG
FROM dbo.PHIEUMUON AS m
INNER JOIN dbo.DOCGIA AS k ON k.MaDG = m.MaDG
WHERE m.MaDG COLLATE Latin1_General_BIN2 <> k.MaDG COLLATE Latin1_General_BIN2
UNION ALL
SELECT 'PHIEUMUON', CAST(m.MaPM AS NVARCHAR(40)), 'MaQuyenSach', m.MaQuyenSach, k.MaQuyenSach
FROM dbo.PHIEUMUON AS m
INNER JOIN dbo.QUYENSACH AS k ON k.MaQuyenSach = m.MaQuyenSach
WHERE m.MaQuyenSach COLLATE Latin1_General_BIN2 <> k.MaQuyenSach COLLATE Latin1_General_BIN2
UNION ALL
SELECT 'PHIEUMUON', CAST(m.MaPM AS NVARCHAR(40)), 'MaCN', m.MaCN, k.MaCN
FROM dbo.PHIEUMUON AS m
INNER JOIN dbo.CHINHANH AS k ON k.MaCN = m.MaCN
WHERE m.MaCN COLLATE Latin1_General_BIN2 <> k.MaCN COLLATE Latin1_General_BIN2;
GO
UPDATE dbo.QUYENSACH SET ISBN = k.ISBN
FROM dbo.QUYENSACH
INNER JOIN dbo.SACH AS k ON k.ISBN = QUYENSACH.ISBN
WHERE QUYENSACH.ISBN COLLATE Latin1_General_BIN2 <> k.ISBN COLLATE Latin1_General_BIN2;
UPDATE dbo.QUYENSACH SET MaCN = k.MaCN
FROM dbo.QUYENSACH
INNER JOIN dbo.CHINHANH AS k ON k.MaCN = QUYENSACH.MaCN
WHERE QUYENSACH.MaCN COLLATE Latin1_General_BIN2 <> k.MaCN COLLATE Latin1_General_BIN2;
UPDATE dbo.DOCGIA SET MaCN_DangKy = k.MaCN
FROM dbo.DOCGIA
INNER JOIN dbo.CHINHANH AS k ON k.MaCN = DOCGIA.MaCN_DangKy
WHERE DOCGIA.MaCN_DangKy COLLATE Latin1_General_BIN2 <> k.MaCN COLLATE Latin1_General_BIN2;
UPDATE dbo.PHIEUMUON SET MaDG = k.MaDG
FROM dbo.PHIEUMUON
INNER JOIN dbo.DOCGIA AS k ON k.MaDG = PHIEUMUON.MaDG
WHERE PHIEUMUON.MaDG COLLATE Latin1_General_BIN2 <> k.MaDG COLLATE Latin1_General_BIN2;
UPDATE dbo.PHIEUMUON SET MaQuyenSach = k.MaQuyenSach
FROM dbo.PHIEUMUON
INNER JOIN dbo.QUYENSACH AS k ON k.MaQuyenSach = PHIEUMUON.MaQuyenSach
WHERE PHIEUMUON.MaQuyenSach COLLATE Latin1_General_BIN2 <> k.MaQuyenSach COLLATE Latin1_General_BIN2;
UPDATE dbo.PHIEUMUON SET MaCN = k.MaCN
FROM dbo.PHIEUMUON
INNER JOIN dbo.CHINHANH AS k ON k.MaCN = PHIEUMUON.MaCN
WHERE PHIEUMUON.MaCN COLLATE Latin1_General_BIN2 <> k.MaCN COLLATE Latin1_General_BIN2;
GO

-- Where a customer's database has a check of that name already, it stays.
IF OBJECT_ID(N'dbo.CHK_QuyenSach_MaCN') IS NULL
ALTER TABLE dbo.QUYENSACH ADD CONSTRAINT CHK_QuyenSach_MaCN CHECK (MaCN = '$(branch)');
GO
IF OBJECT_ID(N'dbo.CHK_DocGia_MaCN') IS NULL
ALTER TABLE dbo.DOCGIA ADD CONSTRAINT CHK_DocGia_MaCN CHECK (MaCN_DangKy = '$(branch)');
GO
IF OBJECT_ID(N'dbo.CHK_PhieuMuon_MaCN') IS NULL
ALTER TABLE dbo.PHIEUMUON ADD CONSTRAINT CHK_PhieuMuon_MaCN CHECK (MaCN = '$(branch)');
GO
-- A copy that is added names no TinhTrang.
IF EXISTS (
    SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS
    WHERE
        TABLE_SCHEMA = N'dbo' AND TABLE_NAME = N'QUYENSACH' AND COLUMN_NAME = N'TinhTrang' AND COLUMN_DEFAULT IS NULL
)
ALTER TABLE dbo.QUYENSACH ADD CONSTRAINT DF_QuyenSach_TinhTrang DEFAULT N'Có sẵn' FOR TinhTrang;
GO

-- The rows that are there, into the feed.
INSERT INTO lienthu.Change (kind, row_key, number, since, gone)
SELECT k.kind, k.row_key, c.number, c.number, 0
FROM (
    SELECT 1 AS kind, MaCN AS row_key FROM dbo.CHINHANH
    UNION ALL
    SELECT 2 AS kind, ISBN AS row_key FROM dbo.SACH
    UNION ALL
    SELECT 5 AS kind, MaDG AS row_key FROM dbo.DOCGIA
    UNION ALL
    SELECT 6 AS kind, MaQuyenSach AS row_key FROM dbo.QUYENSACH
) AS k
CROSS JOIN lienthu.Counter AS c
WHERE NOT EXISTS (
    SELECT 1 FROM lienthu.Change AS known
    WHERE known.kind = k.kind AND known.row_key = k.row_key COLLATE Latin1_General_BIN2
);
GO

-- The loans. A time that has not come yet means now.
CREATE TABLE #adopted (
    MaPM    INT          NOT NULL PRIMARY KEY,
    borrow  CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
    copy    VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
    patron  VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
    lent_at DATETIME2(3) NOT NULL,
    NgayTra DATETIME     NULL
);
INSERT INTO #adopted (MaPM, borrow, copy, patron, lent_at, NgayTra)
SELECT
    m.MaPM, LOWER(CAST(NEWID() AS CHAR(36))), RTRIM(m.MaQuyenSach), RTRIM(m.MaDG),
    CASE
        WHEN m.NgayMuon IS NULL AND m.NgayTra IS NULL THEN lienthu.UtcNow()
        WHEN m.NgayMuon IS NULL THEN DATEADD(MINUTE, -s.zone_minutes, CAST(m.NgayTra AS DATETIME2(3)))
        WHEN m.NgayMuon > DATEADD(MINUTE, s.zone_minutes, lienthu.UtcNow()) THEN lienthu.UtcNow()
        ELSE DATEADD(MINUTE, -s.zone_minutes, CAST(m.NgayMuon AS DATETIME2(3)))
    END,
    m.NgayTra
FROM dbo.PHIEUMUON AS m
CROSS JOIN lienthu.Site AS s;
GO
INSERT INTO lienthu.Loan (borrow, MaPM, borrowed_at, ended_at, ending, returned_on, sealed)
SELECT
    a.borrow, a.MaPM, a.lent_at, DATEADD(MINUTE, -s.zone_minutes, CAST(a.NgayTra AS DATETIME2(3))), 'returned',
    CAST(a.NgayTra AS DATE), 1
FROM #adopted AS a
CROSS JOIN lienthu.Site AS s
WHERE a.NgayTra IS NOT NULL;
GO
-- What TellLoans tells of a row that is inserted, told of those that are there. Where no policy says how long,
-- the fact promises a week.
INSERT INTO lienthu.Event (
    id, desk, seq, scanned_by, happened_at, uncertainty_ms, overridden, copy, deed, patron, on_date, standing, sent_by,
    correlation, received_at
)
SELECT
    a.borrow, '00000000-0000-0000-0000-000000000000', ROW_NUMBER() OVER (ORDER BY a.lent_at, a.MaPM), 'adoption',
    a.lent_at, 0, 0, a.copy, 'borrow', a.patron,
    DATEADD(DAY, COALESCE(r.loan_days, 7), CAST(DATEADD(MINUTE, s.zone_minutes, a.lent_at) AS DATE)), 'fact', 'adoption',
    s.incarnation, lienthu.UtcNow()
FROM #adopted AS a
CROSS JOIN lienthu.Site AS s
OUTER APPLY (
    SELECT TOP (1) c.loan_days
    FROM lienthu.LoanPolicy AS c
    WHERE c.branch IN ('', s.branch) AND c.category IN ('', 'READER')
    ORDER BY LEN(c.branch) DESC, LEN(c.category) DESC
) AS r
WHERE a.NgayTra IS NULL;
INSERT INTO lienthu.Loan (borrow, MaPM, borrowed_at)
SELECT borrow, MaPM, lent_at FROM #adopted WHERE NgayTra IS NULL;
INSERT INTO lienthu.Flag (event, kind, copy)
SELECT a.borrow, 'patron_unknown', a.copy
FROM #adopted AS a
WHERE a.NgayTra IS NULL AND NOT EXISTS (SELECT 1 FROM dbo.DOCGIA AS d WHERE d.MaDG = a.patron);
GO

CREATE TABLE #state (
    MaQuyenSach VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY,
    TinhTrang   NVARCHAR(50) COLLATE DATABASE_DEFAULT NULL
);
INSERT INTO #state (MaQuyenSach, TinhTrang)
SELECT MaQuyenSach, TinhTrang FROM dbo.QUYENSACH;
CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);
INSERT INTO #touched (copy)
SELECT DISTINCT copy FROM #adopted WHERE NgayTra IS NULL;
GO
EXEC lienthu.RefoldTimelines @by_hand = 1;
GO
UPDATE dbo.QUYENSACH
SET TinhTrang = CASE WHEN TrangThai = 'free' THEN N'Có sẵn' ELSE N'Đang được mượn' END
WHERE
    TinhTrang IS NULL
    OR TinhTrang COLLATE Latin1_General_BIN2 <> CASE WHEN TrangThai = 'free' THEN N'Có sẵn' ELSE N'Đang được mượn' END;
GO
INSERT INTO lienthu.AdoptedValue (table_name, row_key, column_name, old_value, new_value)
SELECT 'QUYENSACH', q.MaQuyenSach, 'TinhTrang', w.TinhTrang, q.TinhTrang
FROM dbo.QUYENSACH AS q
INNER JOIN #state AS w ON w.MaQuyenSach = q.MaQuyenSach
WHERE w.TinhTrang IS NULL OR w.TinhTrang COLLATE Latin1_General_BIN2 <> q.TinhTrang COLLATE Latin1_General_BIN2;
INSERT INTO lienthu.AdoptedValue (table_name, row_key, column_name, old_value, new_value)
SELECT 'PHIEUMUON', CAST(m.MaPM AS NVARCHAR(40)), 'NgayTra', NULL, CONVERT(NVARCHAR(30), m.NgayTra, 121)
FROM dbo.PHIEUMUON AS m
INNER JOIN #adopted AS a ON a.MaPM = m.MaPM
WHERE a.NgayTra IS NULL AND m.NgayTra IS NOT NULL;
GO
DROP TABLE #touched;
DROP TABLE #state;
DROP TABLE #adopted;
EXEC lienthu.ReleaseNumber;
GO
