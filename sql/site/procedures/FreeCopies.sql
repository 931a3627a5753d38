-- How many copies of a title are free here.
CREATE PROCEDURE lienthu.FreeCopies
    @title NVARCHAR(4000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @isbn VARCHAR(20) = lienthu.ReadKey(@title, 20);

    EXEC lienthu.RequireCaller @login OUTPUT;

    SELECT COUNT(*) AS free_count
    FROM dbo.QUYENSACH
    WHERE ISBN = @isbn AND TrangThai = 'free' AND DaXoa = 0;
END;
