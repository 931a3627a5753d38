-- A patron of this branch. Result sets: the patron (none where there is no such patron), their loans,
-- latest first; a loan from before anyone promised a date shows the day on which it ended.
CREATE PROCEDURE lienthu.GetPatron
    @code NVARCHAR(4000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @patron VARCHAR(10) = lienthu.ReadKey(@code, 10);

    EXEC lienthu.RequireCaller @login OUTPUT;

    SELECT
        d.MaDG AS MaDG, d.HoTen AS HoTen, d.MaCN_DangKy AS MaCN_DangKy, d.LoaiDocGia AS LoaiDocGia,
        d.HanThe AS HanThe, d.BiKhoa AS BiKhoa, d.MaCN_Goc AS MaCN_Goc, d.MaDG_Goc AS MaDG_Goc,
        d.NgaySinh AS NgaySinh, d.DienThoai AS DienThoai, d.Email AS Email, d.TienDatCoc AS TienDatCoc,
        d.GhiChu AS GhiChu
    FROM dbo.DOCGIA AS d
    -- Keys are opaque: also where the database does not tell upper from lower case, only this one is meant.
    WHERE d.MaDG = @patron AND d.MaDG = @patron COLLATE Latin1_General_BIN2 AND d.DaXoa = 0;

    SELECT TOP (500)
        l.MaPM AS MaPM, l.borrow AS borrow, m.MaQuyenSach AS MaQuyenSach, m.MaDG AS MaDG, m.MaCN AS MaCN,
        l.borrowed_at AS borrowed_at, COALESCE(m.HanTra, l.returned_on) AS HanTra, m.SoLanGiaHan AS SoLanGiaHan,
        l.ended_at AS ended_at, l.ending AS ending, l.returned_on AS returned_on, m.DaHuy AS DaHuy
    FROM dbo.PHIEUMUON AS m
    INNER JOIN lienthu.Loan AS l ON l.MaPM = m.MaPM
    WHERE m.MaDG = @patron AND l.withdrawn = 0
    ORDER BY l.borrowed_at DESC, l.borrow DESC;
END;
