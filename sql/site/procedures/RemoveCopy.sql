-- Marks a copy removed; the row and its loans stay.
CREATE PROCEDURE lienthu.RemoveCopy
    @barcode NVARCHAR(4000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @copy VARCHAR(20) = lienthu.ReadKey(@barcode, 20);
    DECLARE @state VARCHAR(12), @condition VARCHAR(12);

    EXEC lienthu.RequireCaller @login OUTPUT;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.TakeNumber;

        SELECT @state = TrangThai, @condition = HienTrang
        FROM dbo.QUYENSACH
        WHERE MaQuyenSach = @copy AND DaXoa = 0;
        IF @state IS NULL
            THROW 51102, N'There is no such copy.', 1;
        IF @condition = 'forwarded'
            THROW 51107, N'The copy is another branch''s now.', 1;
        -- Also one that was sent here and is not received yet.
        IF @condition = 'in_transit' OR EXISTS (
            SELECT 1 FROM lienthu.Hold WHERE kind = 'copy' AND row_key = @copy COLLATE Latin1_General_BIN2
        )
            THROW 51111, N'The copy is on its way.', 1;
        -- Also of a loan without a row, because the site does not know the patron.
        IF @state = 'on_loan'
            THROW 51104, N'The copy is on loan.', 1;

        UPDATE dbo.QUYENSACH SET DaXoa = 1 WHERE MaQuyenSach = @copy;

        EXEC lienthu.ReleaseNumber;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
