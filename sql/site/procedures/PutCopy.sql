-- Changes a copy.
--
-- @details, @seen: JSON objects, their names those of the columns: what it is to be, and what the caller
-- saw. Texts cleaned, '' for none.
CREATE PROCEDURE lienthu.PutCopy
    @details NVARCHAR(MAX),
    @seen NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @code NVARCHAR(MAX), @isbn NVARCHAR(MAX), @condition NVARCHAR(MAX), @mark NVARCHAR(MAX);
    DECLARE @price BIGINT;
    DECLARE @isbn_now VARCHAR(20), @condition_now VARCHAR(12);

    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@details) <> 1 OR ISJSON(@seen) <> 1
        THROW 51206, N'The copy is no JSON object.', 1;

    SELECT
        @code = MaQuyenSach, @isbn = ISBN, @condition = HienTrang, @mark = KyHieuXepGia, @price = GiaTien
    FROM lienthu.ReadCopy(@details);

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.TakeNumber;

        SELECT @isbn_now = ISBN, @condition_now = HienTrang
        FROM dbo.QUYENSACH
        WHERE MaQuyenSach = @code AND DaXoa = 0;

        IF @isbn_now IS NULL
            THROW 51102, N'There is no such copy.', 1;
        IF NOT EXISTS (
            SELECT
                MaQuyenSach COLLATE Latin1_General_BIN2, ISBN COLLATE Latin1_General_BIN2,
                HienTrang COLLATE Latin1_General_BIN2, KyHieuXepGia COLLATE Latin1_General_BIN2, GiaTien
            FROM dbo.QUYENSACH WHERE MaQuyenSach = @code
            INTERSECT
            SELECT
                MaQuyenSach COLLATE Latin1_General_BIN2, ISBN COLLATE Latin1_General_BIN2,
                HienTrang COLLATE Latin1_General_BIN2, KyHieuXepGia COLLATE Latin1_General_BIN2, GiaTien
            FROM lienthu.ReadCopy(@seen)
        )
            THROW 51103, N'Someone changed the copy meanwhile.', 1;
        IF EXISTS (
            SELECT 1 FROM lienthu.Hold WHERE kind = 'copy' AND row_key = @code COLLATE Latin1_General_BIN2
        )
            THROW 51111, N'A transfer that is not decided yet holds the copy.', 1;
        -- Conditions that only a transfer sets may stay, and neither come nor go here.
        IF @condition IS NULL
            OR @condition NOT IN (N'good', N'in_transit', N'forwarded', N'damaged', N'lost', N'withdrawn')
            OR (@condition <> @condition_now
                AND (@condition IN (N'in_transit', N'forwarded')
                    OR @condition_now IN ('in_transit', 'forwarded')))
            THROW 51108, N'Only a transfer sets this condition.', 1;
        IF @isbn IS NULL
            OR (@isbn <> @isbn_now AND NOT EXISTS (SELECT 1 FROM dbo.SACH WHERE ISBN = @isbn AND DaXoa = 0))
            THROW 51105, N'The title is not in the catalogue.', 1;
        IF @mark IS NULL OR LEN(@mark) > 50 OR @price NOT BETWEEN 0 AND 4294967295
            THROW 51109, N'A field of the copy is empty or too long.', 1;
        IF @isbn <> @isbn_now AND EXISTS (SELECT 1 FROM dbo.PHIEUMUON WHERE MaQuyenSach = @code)
            THROW 51106, N'The copy has loans, its title cannot change.', 1;
        IF @isbn <> @isbn_now AND EXISTS (
            SELECT 1 FROM lienthu.Hold
            WHERE kind = 'title' AND mode = 'exclusive' AND row_key = @isbn COLLATE Latin1_General_BIN2
        )
            THROW 51111, N'A transaction that is not decided yet holds the title.', 1;

        -- What changes nothing leaves no number behind.
        IF @details = @seen COLLATE Latin1_General_BIN2
        BEGIN
            ROLLBACK TRANSACTION;
            RETURN;
        END;

        UPDATE dbo.QUYENSACH
        SET ISBN = @isbn, HienTrang = @condition, KyHieuXepGia = @mark, GiaTien = @price
        WHERE MaQuyenSach = @code;

        INSERT INTO #touched (copy) VALUES (@code);
        EXEC lienthu.RefoldTimelines;
        EXEC lienthu.ReleaseNumber;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
