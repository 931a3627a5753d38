-- A patron's loans at this branch: on their own card where it is their home, elsewhere on visitor cards that name
-- them. Result sets: these cards; the loans with the names of the titles, latest first, behind a place: a hundred
-- and one, the last of which only says that there are more.
--
-- @home, @code: the patron's home branch and code.
-- @behind_at, @behind_borrow: the place; '' for the first page.
CREATE PROCEDURE lienthu.ListPatronLoans
    @home NVARCHAR(4000),
    @code NVARCHAR(4000),
    @behind_at NVARCHAR(64),
    @behind_borrow NVARCHAR(64)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @branch VARCHAR(10) = lienthu.ReadKey(@home, 10);
    DECLARE @patron VARCHAR(10) = lienthu.ReadKey(@code, 10);
    -- '' would read as the beginning of 1900.
    DECLARE @at DATETIME2(3) = TRY_CONVERT(DATETIME2(3), NULLIF(@behind_at, N''), 127);
    DECLARE @borrow CHAR(36) = lienthu.ReadUuid(@behind_borrow);

    CREATE TABLE #patron_cards (MaDG VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF @behind_at <> N'' AND (@at IS NULL OR @borrow IS NULL)
        THROW 51206, N'The place is none.', 1;

    INSERT INTO #patron_cards (MaDG)
    SELECT d.MaDG
    FROM dbo.DOCGIA AS d
    WHERE d.DaXoa = 0
        AND (
            (
                d.MaCN_DangKy = @branch COLLATE Latin1_General_BIN2 AND d.MaCN_Goc IS NULL
                AND d.MaDG = @patron COLLATE Latin1_General_BIN2
            )
            OR (
                d.MaCN_Goc = @branch COLLATE Latin1_General_BIN2
                AND d.MaDG_Goc = @patron COLLATE Latin1_General_BIN2
            )
        );

    SELECT
        d.MaDG AS MaDG, d.HoTen AS HoTen, d.MaCN_DangKy AS MaCN_DangKy, d.LoaiDocGia AS LoaiDocGia,
        d.HanThe AS HanThe, d.BiKhoa AS BiKhoa, d.MaCN_Goc AS MaCN_Goc, d.MaDG_Goc AS MaDG_Goc
    FROM #patron_cards AS c
    INNER JOIN dbo.DOCGIA AS d ON d.MaDG = c.MaDG
    ORDER BY d.MaDG COLLATE Latin1_General_BIN2;

    SELECT TOP (101)
        l.MaPM AS MaPM, l.borrow AS borrow, m.MaQuyenSach AS MaQuyenSach, m.MaDG AS MaDG, m.MaCN AS MaCN,
        l.borrowed_at AS borrowed_at, COALESCE(m.HanTra, l.returned_on) AS HanTra, m.SoLanGiaHan AS SoLanGiaHan,
        l.ended_at AS ended_at, l.ending AS ending, l.returned_on AS returned_on, m.DaHuy AS DaHuy,
        b.TenSach AS TenSach
    FROM #patron_cards AS c
    INNER JOIN dbo.PHIEUMUON AS m ON m.MaDG = c.MaDG
    INNER JOIN lienthu.Loan AS l ON l.MaPM = m.MaPM
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = m.MaQuyenSach
    INNER JOIN dbo.SACH AS b ON b.ISBN = q.ISBN
    WHERE l.withdrawn = 0
        AND (
            @at IS NULL OR l.borrowed_at < @at
            OR (l.borrowed_at = @at AND l.borrow < @borrow COLLATE Latin1_General_BIN2)
        )
    ORDER BY l.borrowed_at DESC, l.borrow DESC;
END;
