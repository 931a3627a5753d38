-- A patron of this branch who shows their card at another one: name, category, expiry and block, and nothing more.
-- By the exact card alone, which is in somebody's hand. Visitors of this branch are found at their own.
CREATE PROCEDURE lienthu.FindVisitor
    @card NVARCHAR(4000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @code VARCHAR(10) = lienthu.ReadKey(@card, 10);

    EXEC lienthu.RequireCaller @login OUTPUT;

    SELECT d.HoTen AS HoTen, d.LoaiDocGia AS LoaiDocGia, d.HanThe AS HanThe, d.BiKhoa AS BiKhoa
    FROM dbo.DOCGIA AS d
    WHERE
        d.MaDG = @code AND d.MaDG = @code COLLATE Latin1_General_BIN2
        AND d.DaXoa = 0 AND d.MaCN_Goc IS NULL;
END;
