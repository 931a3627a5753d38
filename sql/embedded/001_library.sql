-- The five tables of the field, with the columns that Liên Thư adds to them in their style.
-- Times in NgayMuon and NgayTra are the site's local time, for people and old reports; order is
-- decided by lienthu_loan and lienthu_event, in UTC.

CREATE TABLE CHINHANH (
    MaCN      VARCHAR(10)   NOT NULL PRIMARY KEY CHECK (length(MaCN) BETWEEN 1 AND 10),
    TenCN     NVARCHAR(255) NOT NULL CHECK (length(TenCN) <= 255),
    DiaChi    NVARCHAR(255) NOT NULL DEFAULT '' CHECK (length(DiaChi) <= 255),
    TrangThai VARCHAR(10)   NOT NULL DEFAULT 'active'
              CHECK (TrangThai IN ('active', 'away', 'closed'))
);

CREATE TABLE SACH (
    ISBN        VARCHAR(20)   NOT NULL PRIMARY KEY CHECK (length(ISBN) BETWEEN 1 AND 20),
    TenSach     NVARCHAR(255) NOT NULL CHECK (length(TenSach) <= 255),
    TacGia      NVARCHAR(255) NOT NULL DEFAULT '' CHECK (length(TacGia) <= 255),
    NhaXuatBan  NVARCHAR(255) NOT NULL DEFAULT '' CHECK (length(NhaXuatBan) <= 255),
    NamXuatBan  INTEGER       NULL CHECK (NamXuatBan BETWEEN -32768 AND 32767),
    PhanLoaiDDC VARCHAR(50)   NOT NULL DEFAULT '' CHECK (length(PhanLoaiDDC) <= 50),
    NgonNgu     VARCHAR(10)   NOT NULL DEFAULT '' CHECK (length(NgonNgu) <= 10),
    DaXoa       INTEGER       NOT NULL DEFAULT 0 CHECK (DaXoa IN (0, 1))
);

-- Which branch this site is. One row.
CREATE TABLE lienthu_site (
    one          INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    branch       TEXT    NOT NULL REFERENCES CHINHANH (MaCN),
    zone_minutes INTEGER NOT NULL CHECK (zone_minutes BETWEEN -1080 AND 1080),
    incarnation  TEXT    NOT NULL,
    -- When it began, if the site was put back and said so.
    incarnation_at_ms INTEGER NOT NULL DEFAULT 0,
    pruned_at_ms INTEGER NOT NULL DEFAULT 0,
    -- With it the site seals what it decides. Every site of the network holds it.
    site_key     TEXT    NOT NULL,
    -- Grows with every change of who belongs to the network.
    membership   INTEGER NOT NULL DEFAULT 0,
    -- Put back, and not yet told what it promised and decided.
    quarantined  INTEGER NOT NULL DEFAULT 0 CHECK (quarantined IN (0, 1))
);

CREATE TABLE QUYENSACH (
    MaQuyenSach  VARCHAR(20)  NOT NULL PRIMARY KEY CHECK (length(MaQuyenSach) BETWEEN 1 AND 20),
    ISBN         VARCHAR(20)  NOT NULL REFERENCES SACH (ISBN),
    MaCN         VARCHAR(10)  NOT NULL REFERENCES CHINHANH (MaCN),
    TinhTrang    NVARCHAR(50) NOT NULL DEFAULT 'Có sẵn'
                 CONSTRAINT CHK_QuyenSach_TinhTrang CHECK (TinhTrang IN ('Có sẵn', 'Đang được mượn')),
    -- What everyone sees; follows from HienTrang and the timeline.
    TrangThai    VARCHAR(12)  NOT NULL DEFAULT 'free' CHECK (TrangThai IN
                 ('free', 'on_loan', 'in_transit', 'forwarded', 'damaged', 'lost', 'withdrawn')),
    -- What people and transfers have said of it.
    HienTrang    VARCHAR(12)  NOT NULL DEFAULT 'good' CHECK (HienTrang IN
                 ('good', 'in_transit', 'forwarded', 'damaged', 'lost', 'withdrawn')),
    ChuyenDen    VARCHAR(10)  NULL REFERENCES CHINHANH (MaCN),
    -- Transfers that it has made.
    SoLanChuyen  INTEGER      NOT NULL DEFAULT 0 CHECK (SoLanChuyen >= 0),
    KyHieuXepGia NVARCHAR(50) NOT NULL DEFAULT '' CHECK (length(KyHieuXepGia) <= 50),
    GiaTien      INTEGER      NULL CHECK (GiaTien BETWEEN 0 AND 4294967295),
    DaXoa        INTEGER      NOT NULL DEFAULT 0 CHECK (DaXoa IN (0, 1))
);
CREATE INDEX QUYENSACH_ISBN ON QUYENSACH (ISBN);

CREATE TABLE DOCGIA (
    MaDG        VARCHAR(10)    NOT NULL PRIMARY KEY CHECK (length(MaDG) BETWEEN 1 AND 10),
    HoTen       NVARCHAR(255)  NOT NULL CHECK (length(HoTen) BETWEEN 1 AND 255),
    MaCN_DangKy VARCHAR(10)    NOT NULL REFERENCES CHINHANH (MaCN),
    LoaiDocGia  VARCHAR(20)    NOT NULL CHECK (length(LoaiDocGia) BETWEEN 1 AND 20),
    NgaySinh    TEXT           NULL,
    DienThoai   VARCHAR(20)    NOT NULL DEFAULT '' CHECK (length(DienThoai) <= 20),
    Email       NVARCHAR(255)  NOT NULL DEFAULT '' CHECK (length(Email) <= 255),
    HanThe      TEXT           NULL,
    -- The reason of a block; free to borrow where there is none.
    BiKhoa      NVARCHAR(255)  NULL CHECK (length(BiKhoa) BETWEEN 1 AND 255),
    TienDatCoc  INTEGER        NOT NULL DEFAULT 0 CHECK (TienDatCoc BETWEEN 0 AND 4294967295),
    GhiChu      NVARCHAR(1000) NOT NULL DEFAULT '' CHECK (length(GhiChu) <= 1000),
    -- When the card was made; nothing where that was not noted.
    NgayTaoThe  TEXT           NULL,
    -- A visitor card names the patron's home branch and their code there.
    MaCN_Goc    VARCHAR(10)    NULL REFERENCES CHINHANH (MaCN),
    MaDG_Goc    VARCHAR(10)    NULL,
    DaXoa       INTEGER        NOT NULL DEFAULT 0 CHECK (DaXoa IN (0, 1)),
    CHECK ((MaCN_Goc IS NULL) = (MaDG_Goc IS NULL))
);

CREATE TABLE PHIEUMUON (
    MaPM        INTEGER     NOT NULL PRIMARY KEY AUTOINCREMENT,
    MaDG        VARCHAR(10) NOT NULL REFERENCES DOCGIA (MaDG),
    MaQuyenSach VARCHAR(20) NOT NULL REFERENCES QUYENSACH (MaQuyenSach),
    MaCN        VARCHAR(10) NOT NULL REFERENCES CHINHANH (MaCN),
    NgayMuon    DATETIME    NOT NULL,
    -- NULL while the book is out. Of an undone loan it is NgayMuon, so that no old report counts the
    -- loan as open.
    NgayTra     DATETIME    NULL,
    HanTra      TEXT        NOT NULL,
    SoLanGiaHan INTEGER     NOT NULL DEFAULT 0 CHECK (SoLanGiaHan BETWEEN 0 AND 255),
    DaHuy       INTEGER     NOT NULL DEFAULT 0 CHECK (DaHuy IN (0, 1)),
    CHECK (DaHuy = 0 OR NgayTra IS NOT NULL)
);
CREATE INDEX PHIEUMUON_MaQuyenSach ON PHIEUMUON (MaQuyenSach);
CREATE INDEX PHIEUMUON_MaDG ON PHIEUMUON (MaDG);
CREATE INDEX PHIEUMUON_open ON PHIEUMUON (MaDG) WHERE NgayTra IS NULL;

-- The checks on MaCN. In SQL Server they name the branch; SQLite's CHECK cannot look into another
-- table, and a schema step is the same text for every branch, so they are triggers here.
CREATE TRIGGER CHK_QuyenSach_MaCN_insert BEFORE INSERT ON QUYENSACH
WHEN NEW.MaCN IS NOT (SELECT branch FROM lienthu_site)
BEGIN SELECT RAISE(ABORT, 'CHK_QuyenSach_MaCN'); END;
CREATE TRIGGER CHK_QuyenSach_MaCN_update BEFORE UPDATE OF MaCN ON QUYENSACH
WHEN NEW.MaCN IS NOT (SELECT branch FROM lienthu_site)
BEGIN SELECT RAISE(ABORT, 'CHK_QuyenSach_MaCN'); END;
CREATE TRIGGER CHK_DocGia_MaCN_insert BEFORE INSERT ON DOCGIA
WHEN NEW.MaCN_DangKy IS NOT (SELECT branch FROM lienthu_site)
BEGIN SELECT RAISE(ABORT, 'CHK_DocGia_MaCN'); END;
CREATE TRIGGER CHK_DocGia_MaCN_update BEFORE UPDATE OF MaCN_DangKy ON DOCGIA
WHEN NEW.MaCN_DangKy IS NOT (SELECT branch FROM lienthu_site)
BEGIN SELECT RAISE(ABORT, 'CHK_DocGia_MaCN'); END;
CREATE TRIGGER CHK_PhieuMuon_MaCN_insert BEFORE INSERT ON PHIEUMUON
WHEN NEW.MaCN IS NOT (SELECT branch FROM lienthu_site)
BEGIN SELECT RAISE(ABORT, 'CHK_PhieuMuon_MaCN'); END;
CREATE TRIGGER CHK_PhieuMuon_MaCN_update BEFORE UPDATE OF MaCN ON PHIEUMUON
WHEN NEW.MaCN IS NOT (SELECT branch FROM lienthu_site)
BEGIN SELECT RAISE(ABORT, 'CHK_PhieuMuon_MaCN'); END;
