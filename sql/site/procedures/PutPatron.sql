-- Adds or changes a patron of this branch. Loans of theirs that waited for them get their rows.
--
-- @patron: a JSON object, its names those of the columns; texts cleaned, '' for none.
-- @seen: the same, what the caller saw; '' to add a new one.
CREATE PROCEDURE lienthu.PutPatron
    @patron NVARCHAR(MAX),
    @seen NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @here VARCHAR(10);
    DECLARE @code NVARCHAR(MAX), @name NVARCHAR(MAX), @branch NVARCHAR(MAX), @category NVARCHAR(MAX);
    DECLARE @expires DATE, @block NVARCHAR(MAX), @home_branch NVARCHAR(MAX), @home_code NVARCHAR(MAX);
    DECLARE @born DATE, @phone NVARCHAR(MAX), @email NVARCHAR(MAX), @deposit BIGINT, @note NVARCHAR(MAX);
    DECLARE @is_known BIT = 0, @is_removed BIT = 0;
    DECLARE @today DATE;

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@patron) <> 1 OR (@seen <> N'' AND ISJSON(@seen) <> 1)
        THROW 51206, N'The patron is no JSON object.', 1;

    SELECT @here = branch, @today = CAST(DATEADD(MINUTE, zone_minutes, lienthu.UtcNow()) AS DATE)
    FROM lienthu.Site;
    SELECT
        @code = MaDG, @name = HoTen, @branch = MaCN_DangKy, @category = LoaiDocGia, @expires = HanThe,
        @block = BiKhoa, @home_branch = MaCN_Goc, @home_code = MaDG_Goc, @born = NgaySinh,
        @phone = DienThoai, @email = Email, @deposit = TienDatCoc, @note = GhiChu
    FROM lienthu.ReadPatron(@patron);

    IF COALESCE(@branch, N'') <> @here
        THROW 51107, N'The patron belongs to another branch.', 1;
    IF COALESCE(LEN(@code), 0) NOT BETWEEN 1 AND 10
        OR lienthu.ReadKey(@code, 10) IS NULL
        OR lienthu.ReadKey(@category, 20) IS NULL
        OR (@home_code IS NOT NULL AND lienthu.ReadKey(@home_code, 10) IS NULL)
        OR (@expires IS NULL AND JSON_VALUE(@patron, '$.HanThe') IS NOT NULL)
        OR (@born IS NULL AND JSON_VALUE(@patron, '$.NgaySinh') IS NOT NULL)
        OR COALESCE(LEN(@name), 0) NOT BETWEEN 1 AND 255
        OR COALESCE(LEN(@category), 0) NOT BETWEEN 1 AND 20
        OR LEN(@block) NOT BETWEEN 1 AND 255
        OR @phone IS NULL OR LEN(@phone) > 20
        OR @email IS NULL OR LEN(@email) > 255
        OR @note IS NULL OR LEN(@note) > 1000
        OR @deposit IS NULL OR @deposit NOT BETWEEN 0 AND 4294967295
        OR (@home_branch IS NULL AND @home_code IS NOT NULL)
        OR (@home_branch IS NOT NULL AND @home_code IS NULL)
        OR LEN(@home_code) > 10
        OR @home_branch = @here
        OR (@home_branch IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dbo.CHINHANH WHERE MaCN = @home_branch))
        -- No field holds more; what reads as NULL for its length must not pass for none.
        OR EXISTS (SELECT 1 FROM OPENJSON(@patron) WHERE LEN([value]) > 1001)
        THROW 51109, N'A field of the patron is empty or too long.', 1;

    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.TakeNumber;

        SELECT @is_known = 1, @is_removed = DaXoa FROM dbo.DOCGIA WHERE MaDG = @code;

        IF @seen = N''
        BEGIN
            -- The code of a removed patron stays theirs: their loans name it.
            IF @is_known = 1
                THROW 51101, N'There is a patron with this code already.', 1;

            INSERT INTO dbo.DOCGIA (
                MaDG, HoTen, MaCN_DangKy, LoaiDocGia, HanThe, BiKhoa, MaCN_Goc, MaDG_Goc, NgaySinh,
                DienThoai, Email, TienDatCoc, GhiChu, NgayTaoThe
            )
            VALUES (
                @code, @name, @here, @category, @expires, @block, @home_branch, @home_code, @born,
                @phone, @email, @deposit, @note, @today
            );

            INSERT INTO #touched (copy)
            SELECT DISTINCT copy FROM lienthu.Event
            WHERE patron = @code AND standing IN ('requested', 'fact');
            EXEC lienthu.RefoldTimelines;
        END
        ELSE
        BEGIN
            IF @is_known = 0 OR @is_removed = 1
                THROW 51102, N'There is no such patron.', 1;
            IF NOT EXISTS (
                SELECT
                    MaDG COLLATE Latin1_General_BIN2, HoTen COLLATE Latin1_General_BIN2,
                    MaCN_DangKy COLLATE Latin1_General_BIN2, LoaiDocGia COLLATE Latin1_General_BIN2, HanThe,
                    BiKhoa COLLATE Latin1_General_BIN2, MaCN_Goc COLLATE Latin1_General_BIN2,
                    MaDG_Goc COLLATE Latin1_General_BIN2, NgaySinh, DienThoai COLLATE Latin1_General_BIN2,
                    Email COLLATE Latin1_General_BIN2, TienDatCoc, GhiChu COLLATE Latin1_General_BIN2
                FROM dbo.DOCGIA WHERE MaDG = @code
                INTERSECT
                SELECT
                    MaDG COLLATE Latin1_General_BIN2, HoTen COLLATE Latin1_General_BIN2,
                    MaCN_DangKy COLLATE Latin1_General_BIN2, LoaiDocGia COLLATE Latin1_General_BIN2, HanThe,
                    BiKhoa COLLATE Latin1_General_BIN2, MaCN_Goc COLLATE Latin1_General_BIN2,
                    MaDG_Goc COLLATE Latin1_General_BIN2, NgaySinh, DienThoai COLLATE Latin1_General_BIN2,
                    Email COLLATE Latin1_General_BIN2, TienDatCoc, GhiChu COLLATE Latin1_General_BIN2
                FROM lienthu.ReadPatron(@seen)
            )
                THROW 51103, N'Someone changed the patron meanwhile.', 1;

            -- What changes nothing leaves no number behind.
            IF @patron = @seen COLLATE Latin1_General_BIN2
            BEGIN
                ROLLBACK TRANSACTION;
                RETURN;
            END;

            UPDATE dbo.DOCGIA
            SET HoTen = @name, LoaiDocGia = @category, HanThe = @expires, BiKhoa = @block,
                MaCN_Goc = @home_branch, MaDG_Goc = @home_code, NgaySinh = @born, DienThoai = @phone,
                Email = @email, TienDatCoc = @deposit, GhiChu = @note
            WHERE MaDG = @code;
        END;

        EXEC lienthu.ReleaseNumber;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
