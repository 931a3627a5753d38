-- Patrons of this branch whose name holds all words as beginnings of words, or whose code or phone begins
-- with the text. By name, the first fifty.
--
-- @by_name: whether the words are to be looked for in names; no words find everyone.
-- @words: a JSON array of words, folded: letters and digits only, no marks.
-- @typed: the text as it was typed; '' finds no code.
CREATE PROCEDURE lienthu.FindPatrons
    @by_name BIT,
    @words NVARCHAR(MAX),
    @typed NVARCHAR(255)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@words) <> 1
        THROW 51206, N'The words are no JSON array.', 1;

    SELECT TOP (50)
        d.MaDG AS MaDG, d.HoTen AS HoTen, d.MaCN_DangKy AS MaCN_DangKy, d.LoaiDocGia AS LoaiDocGia,
        d.HanThe AS HanThe, d.BiKhoa AS BiKhoa, d.MaCN_Goc AS MaCN_Goc, d.MaDG_Goc AS MaDG_Goc,
        d.NgaySinh AS NgaySinh, d.DienThoai AS DienThoai, d.Email AS Email, d.TienDatCoc AS TienDatCoc,
        d.GhiChu AS GhiChu
    FROM dbo.DOCGIA AS d
    WHERE d.DaXoa = 0
        AND (
            (@by_name = 1 AND NOT EXISTS (
                SELECT 1 FROM OPENJSON(@words) AS word
                WHERE N' ' + lienthu.SearchName(d.HoTen)
                    NOT LIKE N'% ' + CAST(word.[value] AS NVARCHAR(255)) + N'%' COLLATE Latin1_General_CI_AI
            ))
            OR (@typed <> N'' AND UPPER(LEFT(d.MaDG, LEN(@typed))) = UPPER(@typed) COLLATE Latin1_General_BIN2)
            OR (@typed <> N'' AND LEFT(d.DienThoai, LEN(@typed)) = @typed COLLATE Latin1_General_BIN2)
        )
    ORDER BY lienthu.SearchName(d.HoTen) COLLATE Latin1_General_CI_AI, d.HoTen COLLATE Latin1_General_BIN2, d.MaDG;
END;
