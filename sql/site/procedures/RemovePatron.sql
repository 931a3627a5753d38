-- Marks a patron removed; the row and its loans stay.
CREATE PROCEDURE lienthu.RemovePatron
    @code NVARCHAR(4000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @patron VARCHAR(10) = lienthu.ReadKey(@code, 10);

    EXEC lienthu.RequireCaller @login OUTPUT;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.TakeNumber;

        IF NOT EXISTS (SELECT 1 FROM dbo.DOCGIA WHERE MaDG = @patron AND DaXoa = 0)
            THROW 51102, N'There is no such patron.', 1;
        IF EXISTS (SELECT 1 FROM dbo.PHIEUMUON WHERE MaDG = @patron AND NgayTra IS NULL)
            THROW 51104, N'The patron has open loans.', 1;

        UPDATE dbo.DOCGIA SET DaXoa = 1 WHERE MaDG = @patron;

        EXEC lienthu.ReleaseNumber;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
