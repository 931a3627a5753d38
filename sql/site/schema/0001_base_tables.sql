-- The five tables of the field. A customer's database has them already, with data: then nothing is made.
-- Keys are opaque text. NgayMuon and NgayTra are the site's local time, for people and old reports;
-- order is decided by lienthu.Loan and lienthu.Event, in UTC.

IF OBJECT_ID(N'dbo.CHINHANH') IS NULL
CREATE TABLE dbo.CHINHANH (
    MaCN   VARCHAR(10)   NOT NULL PRIMARY KEY,
    TenCN  NVARCHAR(255) NOT NULL,
    DiaChi NVARCHAR(255) NULL
);
GO

IF OBJECT_ID(N'dbo.SACH') IS NULL
CREATE TABLE dbo.SACH (
    ISBN    VARCHAR(20)   NOT NULL PRIMARY KEY,
    TenSach NVARCHAR(255) NOT NULL,
    TacGia  NVARCHAR(255) NULL
);
GO

IF OBJECT_ID(N'dbo.QUYENSACH') IS NULL
CREATE TABLE dbo.QUYENSACH (
    MaQuyenSach VARCHAR(20)  NOT NULL PRIMARY KEY,
    ISBN        VARCHAR(20)  NOT NULL REFERENCES dbo.SACH (ISBN),
    MaCN        VARCHAR(10)  NOT NULL REFERENCES dbo.CHINHANH (MaCN),
    TinhTrang   NVARCHAR(50) NOT NULL DEFAULT N'Có sẵn',
    CONSTRAINT CHK_QuyenSach_TinhTrang CHECK (TinhTrang IN (N'Có sẵn', N'Đang được mượn'))
);
GO

IF OBJECT_ID(N'dbo.DOCGIA') IS NULL
CREATE TABLE dbo.DOCGIA (
    MaDG        VARCHAR(10)   NOT NULL PRIMARY KEY,
    HoTen       NVARCHAR(255) NOT NULL,
    MaCN_DangKy VARCHAR(10)   NOT NULL REFERENCES dbo.CHINHANH (MaCN)
);
GO

IF OBJECT_ID(N'dbo.PHIEUMUON') IS NULL
CREATE TABLE dbo.PHIEUMUON (
    MaPM        INT         NOT NULL IDENTITY (1, 1) PRIMARY KEY,
    MaDG        VARCHAR(10) NOT NULL REFERENCES dbo.DOCGIA (MaDG),
    MaQuyenSach VARCHAR(20) NOT NULL REFERENCES dbo.QUYENSACH (MaQuyenSach),
    MaCN        VARCHAR(10) NOT NULL REFERENCES dbo.CHINHANH (MaCN),
    NgayMuon    DATETIME    NOT NULL DEFAULT GETDATE(),
    NgayTra     DATETIME    NULL
);
GO
