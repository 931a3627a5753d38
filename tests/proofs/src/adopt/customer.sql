-- A branch's database as it stands in the field, before anybody has heard of Liên Thư: the five base tables
-- with data of some years, the procedures that its programs call, and what goes wrong when nobody checks.
-- The users of those programs are made by the proof.

CREATE TABLE dbo.CHINHANH (
    MaCN   VARCHAR(10)   NOT NULL PRIMARY KEY,
    TenCN  NVARCHAR(255) NOT NULL,
    DiaChi NVARCHAR(255) NULL
);
CREATE TABLE dbo.SACH (
    ISBN    VARCHAR(20)   NOT NULL PRIMARY KEY,
    TenSach NVARCHAR(255) NULL,
    TacGia  NVARCHAR(255) NULL
);
-- Somebody dropped CHK_QuyenSach_MaCN to receive books of another branch, and never made it again.
CREATE TABLE dbo.QUYENSACH (
    MaQuyenSach VARCHAR(20)  NOT NULL PRIMARY KEY,
    ISBN        VARCHAR(20)  NOT NULL,
    MaCN        VARCHAR(10)  NOT NULL REFERENCES dbo.CHINHANH (MaCN),
    TinhTrang   NVARCHAR(50) NULL DEFAULT N'Có sẵn',
    CONSTRAINT CHK_QuyenSach_TinhTrang CHECK (TinhTrang IN (N'Có sẵn', N'Đang được mượn'))
);
CREATE TABLE dbo.DOCGIA (
    MaDG        VARCHAR(10)   NOT NULL PRIMARY KEY,
    HoTen       NVARCHAR(255) NULL,
    MaCN_DangKy VARCHAR(10)   NOT NULL REFERENCES dbo.CHINHANH (MaCN),
    NgayDangKy  DATETIME      NULL,
    CONSTRAINT CHK_DocGia_MaCN CHECK (MaCN_DangKy = 'Q1')
);
CREATE TABLE dbo.PHIEUMUON (
    MaPM        INT         NOT NULL IDENTITY (1, 1) PRIMARY KEY,
    MaDG        VARCHAR(10) NOT NULL REFERENCES dbo.DOCGIA (MaDG),
    MaQuyenSach VARCHAR(20) NOT NULL,
    MaCN        VARCHAR(10) NULL,
    NgayMuon    DATETIME    NULL DEFAULT GETDATE(),
    NgayTra     DATETIME    NULL,
    CONSTRAINT CHK_PhieuMuon_MaCN CHECK (MaCN = 'Q1')
);
GO

INSERT INTO dbo.CHINHANH (MaCN, TenCN, DiaChi) VALUES
    ('Q1', N'Thư viện Quận 1', N'65 Lý Tự Trọng, Bến Nghé'),
    ('Q3', N'Thư viện Quận 3', NULL);
INSERT INTO dbo.SACH (ISBN, TenSach, TacGia) VALUES
    ('978-604-1-00001-8', N'Dế Mèn phiêu lưu ký', N'Tô Hoài'),
    ('978-604-1-00002-5', N'Số đỏ', N'Vũ Trọng Phụng'),
    ('978-604-1-00003-2', N'Truyện Kiều', N'Nguyễn Du'),
    ('978-604-1-00004-0', N'Đất rừng phương Nam', N'Đoàn Giỏi'),
    ('DIA-CHI-001', N'Địa chí Sài Gòn – Gia Định', NULL),
    ('9786041000068', NULL, NULL);
GO

-- Two hundred copies and a hundred patrons.
CREATE TABLE #digit (d INT NOT NULL PRIMARY KEY);
INSERT INTO #digit (d) VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO dbo.QUYENSACH (MaQuyenSach, ISBN, MaCN)
SELECT
    'S' + RIGHT('000' + CAST(100 * c.d + 10 * b.d + a.d AS VARCHAR(5)), 4),
    CASE a.d % 4
        WHEN 0 THEN '978-604-1-00001-8' WHEN 1 THEN '978-604-1-00002-5' WHEN 2 THEN '978-604-1-00003-2'
        ELSE '978-604-1-00004-0'
    END,
    'Q1'
FROM #digit AS a
CROSS JOIN #digit AS b
CROSS JOIN #digit AS c
WHERE c.d < 2;
INSERT INTO dbo.DOCGIA (MaDG, HoTen, MaCN_DangKy)
SELECT
    'DG' + RIGHT('00' + CAST(10 * b.d + a.d AS VARCHAR(5)), 3),
    CAST(CASE a.d % 3 WHEN 0 THEN N'Nguyễn Thị Hường ' WHEN 1 THEN N'Đặng Văn Đức ' ELSE N'Trần Quốc Bửu ' END AS NVARCHAR(100))
        + CAST(10 * b.d + a.d AS NVARCHAR(5)),
    'Q1'
FROM #digit AS a
CROSS JOIN #digit AS b;

-- Three years of loans that have ended, and every seventh copy out.
INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN, NgayMuon, NgayTra)
SELECT
    'DG' + RIGHT('00' + CAST((37 * c.d + 10 * b.d + a.d) % 100 AS VARCHAR(5)), 3),
    'S' + RIGHT('000' + CAST(10 * b.d + a.d AS VARCHAR(5)), 4),
    'Q1',
    DATEADD(DAY, 100 * c.d + a.d, '20230105 09:30:00'),
    DATEADD(DAY, 100 * c.d + a.d + 9, '20230105 16:05:12.347')
FROM #digit AS a
CROSS JOIN #digit AS b
CROSS JOIN #digit AS c
WHERE c.d < 4;
INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN, NgayMuon)
SELECT 'DG0' + RIGHT(MaQuyenSach, 2), MaQuyenSach, MaCN, '20261103 10:15:00'
FROM dbo.QUYENSACH
WHERE CAST(RIGHT(MaQuyenSach, 3) AS INT) % 7 = 0 AND CAST(RIGHT(MaQuyenSach, 3) AS INT) < 100;
UPDATE dbo.QUYENSACH SET TinhTrang = N'Đang được mượn'
WHERE MaQuyenSach IN (SELECT m.MaQuyenSach FROM dbo.PHIEUMUON AS m WHERE m.NgayTra IS NULL);
DROP TABLE #digit;
GO

-- What goes wrong. TinhTrang that the loans do not bear out, or that is not there at all.
UPDATE dbo.QUYENSACH SET TinhTrang = N'Đang được mượn' WHERE MaQuyenSach IN ('S0101', 'S0102');
UPDATE dbo.QUYENSACH SET TinhTrang = N'Có sẵn' WHERE MaQuyenSach = 'S0007';
UPDATE dbo.QUYENSACH SET TinhTrang = NULL WHERE MaQuyenSach = 'S0103';
-- Lent again without a return.
INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN, NgayMuon) VALUES
    ('DG001', 'S0110', 'Q1', '20261001 08:00:00'),
    ('DG002', 'S0110', 'Q1', '20261008 08:00:00'),
    ('DG003', 'S0110', 'Q1', '20261015 08:00:00');
-- Returned before it was lent; lent and returned in years to come; nobody knows when.
INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN, NgayMuon, NgayTra) VALUES
    ('DG004', 'S0111', 'Q1', '20260310 08:00:00', '20260301 08:00:00'),
    ('DG005', 'S0112', 'Q1', '20620105 08:00:00', NULL),
    ('DG006', 'S0113', 'Q1', '20260105 08:00:00', '20620110 08:00:00'),
    ('DG007', 'S0114', 'Q1', NULL, NULL);
-- Codes in another case than the table has them, and a book that was thrown out of the table.
INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN, NgayMuon, NgayTra) VALUES
    ('dg008', 's0115', 'q1', '20261110 08:00:00', NULL),
    ('DG009', 'MAT-01', 'Q1', '20250105 08:00:00', '20250110 08:00:00'),
    ('DG009', 'MAT-02', 'Q1', '20261110 08:00:00', NULL);
INSERT INTO dbo.DOCGIA (MaDG, HoTen, MaCN_DangKy) VALUES ('VO-DANH', NULL, 'Q1');
-- A book of another branch, a barcode from a spreadsheet, a book without a title, a loan of nowhere.
INSERT INTO dbo.QUYENSACH (MaQuyenSach, ISBN, MaCN) VALUES
    ('Q3-0001', '978-604-1-00001-8', 'Q3'),
    ('S0300' + CHAR(9), '978-604-1-00001-8', 'Q1'),
    ('S0301', '978-604-1-09999-0', 'Q1');
INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN, NgayMuon, NgayTra)
VALUES ('DG010', 'S0116', NULL, '20250105 08:00:00', '20250110 08:00:00');
GO

CREATE PROCEDURE dbo.sp_ThuThu_Muon
    @MaDG VARCHAR(10),
    @MaQuyenSach VARCHAR(20)
AS
BEGIN
    IF EXISTS (SELECT 1 FROM dbo.PHIEUMUON WHERE MaQuyenSach = @MaQuyenSach AND NgayTra IS NULL)
    BEGIN
        SELECT -1 AS MaPM;
        RETURN;
    END;
    UPDATE dbo.QUYENSACH SET TinhTrang = N'Đang được mượn' WHERE MaQuyenSach = @MaQuyenSach;
    INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN)
    SELECT @MaDG, MaQuyenSach, MaCN FROM dbo.QUYENSACH WHERE MaQuyenSach = @MaQuyenSach;
    SELECT CAST(@@IDENTITY AS INT) AS MaPM;
END;
GO
CREATE PROCEDURE dbo.sp_ThuThu_Tra
    @MaQuyenSach VARCHAR(20)
AS
BEGIN
    UPDATE dbo.PHIEUMUON SET NgayTra = GETDATE() WHERE MaQuyenSach = @MaQuyenSach AND NgayTra IS NULL;
    UPDATE dbo.QUYENSACH SET TinhTrang = N'Có sẵn' WHERE MaQuyenSach = @MaQuyenSach;
END;
GO
CREATE PROCEDURE dbo.sp_QuanLy_DemSachRanh
    @ISBN VARCHAR(20)
AS
BEGIN
    SELECT COUNT(*) AS SoLuong FROM dbo.QUYENSACH WHERE ISBN = @ISBN AND TinhTrang = N'Có sẵn';
END;
GO
