-- What Liên Thư adds to the base tables, in their style. Every column is NULL or has a default, so that
-- the statements of old programs, which do not name it, go on working. One column to a batch:
-- Babelfish takes no more.

ALTER TABLE dbo.CHINHANH ADD TrangThai VARCHAR(10) NOT NULL CONSTRAINT DF_ChiNhanh_TrangThai DEFAULT 'active'
    CONSTRAINT CHK_ChiNhanh_TrangThai CHECK (TrangThai IN ('active', 'away', 'closed'));
GO

ALTER TABLE dbo.SACH ADD NhaXuatBan NVARCHAR(255) NOT NULL CONSTRAINT DF_Sach_NhaXuatBan DEFAULT N'';
GO
ALTER TABLE dbo.SACH ADD NamXuatBan SMALLINT NULL;
GO
ALTER TABLE dbo.SACH ADD PhanLoaiDDC NVARCHAR(50) NOT NULL CONSTRAINT DF_Sach_PhanLoaiDDC DEFAULT N'';
GO
ALTER TABLE dbo.SACH ADD NgonNgu NVARCHAR(10) NOT NULL CONSTRAINT DF_Sach_NgonNgu DEFAULT N'';
GO
ALTER TABLE dbo.SACH ADD DaXoa BIT NOT NULL CONSTRAINT DF_Sach_DaXoa DEFAULT 0;
GO

-- TrangThai is what everyone sees; it follows from HienTrang, which is what people and transfers have
-- said of the copy, and from the timeline.
ALTER TABLE dbo.QUYENSACH ADD TrangThai VARCHAR(12) NOT NULL CONSTRAINT DF_QuyenSach_TrangThai DEFAULT 'free'
    CONSTRAINT CHK_QuyenSach_TrangThai CHECK (TrangThai IN
        ('free', 'on_loan', 'in_transit', 'forwarded', 'damaged', 'lost', 'withdrawn'));
GO
ALTER TABLE dbo.QUYENSACH ADD HienTrang VARCHAR(12) NOT NULL CONSTRAINT DF_QuyenSach_HienTrang DEFAULT 'good'
    CONSTRAINT CHK_QuyenSach_HienTrang CHECK (HienTrang IN
        ('good', 'in_transit', 'forwarded', 'damaged', 'lost', 'withdrawn'));
GO
ALTER TABLE dbo.QUYENSACH ADD ChuyenDen VARCHAR(10) NULL
    CONSTRAINT FK_QuyenSach_ChuyenDen REFERENCES dbo.CHINHANH (MaCN);
GO
-- Transfers that it has made.
ALTER TABLE dbo.QUYENSACH ADD SoLanChuyen INT NOT NULL CONSTRAINT DF_QuyenSach_SoLanChuyen DEFAULT 0
    CONSTRAINT CHK_QuyenSach_SoLanChuyen CHECK (SoLanChuyen >= 0);
GO
ALTER TABLE dbo.QUYENSACH ADD KyHieuXepGia NVARCHAR(50) NOT NULL CONSTRAINT DF_QuyenSach_KyHieuXepGia DEFAULT N'';
GO
ALTER TABLE dbo.QUYENSACH ADD GiaTien BIGINT NULL
    CONSTRAINT CHK_QuyenSach_GiaTien CHECK (GiaTien BETWEEN 0 AND 4294967295);
GO
ALTER TABLE dbo.QUYENSACH ADD DaXoa BIT NOT NULL CONSTRAINT DF_QuyenSach_DaXoa DEFAULT 0;
GO

-- BiKhoa is the reason of a block; free to borrow where there is none. A visitor card names the
-- patron's home branch and their code there.
ALTER TABLE dbo.DOCGIA ADD LoaiDocGia VARCHAR(20) NOT NULL CONSTRAINT DF_DocGia_LoaiDocGia DEFAULT 'READER';
GO
ALTER TABLE dbo.DOCGIA ADD NgaySinh DATE NULL;
GO
ALTER TABLE dbo.DOCGIA ADD DienThoai NVARCHAR(20) NOT NULL CONSTRAINT DF_DocGia_DienThoai DEFAULT N'';
GO
ALTER TABLE dbo.DOCGIA ADD Email NVARCHAR(255) NOT NULL CONSTRAINT DF_DocGia_Email DEFAULT N'';
GO
ALTER TABLE dbo.DOCGIA ADD HanThe DATE NULL;
GO
ALTER TABLE dbo.DOCGIA ADD BiKhoa NVARCHAR(255) NULL CONSTRAINT CHK_DocGia_BiKhoa CHECK (BiKhoa <> N'');
GO
ALTER TABLE dbo.DOCGIA ADD TienDatCoc BIGINT NOT NULL CONSTRAINT DF_DocGia_TienDatCoc DEFAULT 0
    CONSTRAINT CHK_DocGia_TienDatCoc CHECK (TienDatCoc BETWEEN 0 AND 4294967295);
GO
ALTER TABLE dbo.DOCGIA ADD GhiChu NVARCHAR(1000) NOT NULL CONSTRAINT DF_DocGia_GhiChu DEFAULT N'';
GO
-- When the card was made; nothing where that was not noted.
ALTER TABLE dbo.DOCGIA ADD NgayTaoThe DATE NULL;
GO
ALTER TABLE dbo.DOCGIA ADD MaCN_Goc VARCHAR(10) NULL
    CONSTRAINT FK_DocGia_MaCN_Goc REFERENCES dbo.CHINHANH (MaCN);
GO
ALTER TABLE dbo.DOCGIA ADD MaDG_Goc VARCHAR(10) NULL;
GO
ALTER TABLE dbo.DOCGIA ADD DaXoa BIT NOT NULL CONSTRAINT DF_DocGia_DaXoa DEFAULT 0;
GO

-- NgayTra is NULL while the book is out. Of an undone loan it is NgayMuon, so that no old report counts
-- the loan as open. Rows that old programs write carry no promise: their HanTra is NULL.
ALTER TABLE dbo.PHIEUMUON ADD HanTra DATE NULL;
GO
ALTER TABLE dbo.PHIEUMUON ADD SoLanGiaHan SMALLINT NOT NULL CONSTRAINT DF_PhieuMuon_SoLanGiaHan DEFAULT 0
    CONSTRAINT CHK_PhieuMuon_SoLanGiaHan CHECK (SoLanGiaHan BETWEEN 0 AND 255);
GO
ALTER TABLE dbo.PHIEUMUON ADD DaHuy BIT NOT NULL CONSTRAINT DF_PhieuMuon_DaHuy DEFAULT 0;
GO

CREATE INDEX IX_QuyenSach_ISBN ON dbo.QUYENSACH (ISBN);
GO
CREATE INDEX IX_PhieuMuon_MaQuyenSach ON dbo.PHIEUMUON (MaQuyenSach);
GO
CREATE INDEX IX_PhieuMuon_MaDG ON dbo.PHIEUMUON (MaDG, NgayTra);
GO
