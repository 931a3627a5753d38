-- A copy as this branch has it, also where it only says where it went. Result sets: the copy with its title, its
-- transfers, what holds it and where it comes from (none where there is no such copy); its open loan; the card of
-- whoever has it.
CREATE PROCEDURE lienthu.LocateCopy
    @barcode NVARCHAR(4000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @copy VARCHAR(20) = lienthu.ReadKey(@barcode, 20);
    DECLARE @borrow CHAR(36);

    EXEC lienthu.RequireCaller @login OUTPUT;

    SELECT
        q.MaQuyenSach AS MaQuyenSach, q.ISBN AS ISBN, q.MaCN AS MaCN, q.HienTrang AS HienTrang,
        q.TrangThai AS TrangThai, q.ChuyenDen AS ChuyenDen, q.KyHieuXepGia AS KyHieuXepGia,
        q.GiaTien AS GiaTien, b.TenSach AS TenSach, b.TacGia AS TacGia, b.NhaXuatBan AS NhaXuatBan,
        b.NamXuatBan AS NamXuatBan, b.PhanLoaiDDC AS PhanLoaiDDC, b.NgonNgu AS NgonNgu,
        q.SoLanChuyen AS SoLanChuyen, h.txn AS held_by, t.from_branch AS coming_from
    FROM dbo.QUYENSACH AS q
    INNER JOIN dbo.SACH AS b ON b.ISBN = q.ISBN
    -- Whatever holds a copy excludes all others.
    LEFT JOIN lienthu.Hold AS h ON h.kind = 'copy' AND h.row_key = q.MaQuyenSach COLLATE Latin1_General_BIN2
    LEFT JOIN lienthu.Transit AS t ON t.copy = q.MaQuyenSach
    -- Keys are opaque: also where the database does not tell upper from lower case, only this one is meant.
    WHERE q.MaQuyenSach = @copy AND q.MaQuyenSach = @copy COLLATE Latin1_General_BIN2 AND q.DaXoa = 0;

    SELECT TOP (1) @borrow = l.borrow
    FROM dbo.PHIEUMUON AS m
    INNER JOIN lienthu.Loan AS l ON l.MaPM = m.MaPM
    WHERE m.MaQuyenSach = @copy AND l.withdrawn = 0 AND l.ended_at IS NULL AND m.DaHuy = 0
    ORDER BY l.borrowed_at DESC, l.borrow DESC;

    SELECT
        l.MaPM AS MaPM, l.borrow AS borrow, m.MaQuyenSach AS MaQuyenSach, m.MaDG AS MaDG, m.MaCN AS MaCN,
        l.borrowed_at AS borrowed_at, COALESCE(m.HanTra, l.returned_on) AS HanTra, m.SoLanGiaHan AS SoLanGiaHan,
        l.ended_at AS ended_at, l.ending AS ending, l.returned_on AS returned_on, m.DaHuy AS DaHuy
    FROM lienthu.Loan AS l
    INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
    WHERE l.borrow = @borrow;

    SELECT
        d.MaDG AS MaDG, d.HoTen AS HoTen, d.MaCN_DangKy AS MaCN_DangKy, d.LoaiDocGia AS LoaiDocGia,
        d.HanThe AS HanThe, d.BiKhoa AS BiKhoa, d.MaCN_Goc AS MaCN_Goc, d.MaDG_Goc AS MaDG_Goc
    FROM lienthu.Loan AS l
    INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
    INNER JOIN dbo.DOCGIA AS d ON d.MaDG = m.MaDG
    WHERE l.borrow = @borrow;
END;
