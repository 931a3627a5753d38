-- Adds copies, all or none. What had been scanned of them takes effect. A barcode that was removed comes
-- back to life as the same title's: the book was found, and its loans are still its own.
--
-- @copies: a JSON array of objects, their names those of the columns; texts cleaned, '' for none.
CREATE PROCEDURE lienthu.AddCopies
    @copies NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @here VARCHAR(10);
    DECLARE @obstacle INT;

    CREATE TABLE #added (
        ordinal      INT NOT NULL PRIMARY KEY,
        MaQuyenSach  NVARCHAR(MAX) COLLATE DATABASE_DEFAULT NULL,
        ISBN         NVARCHAR(MAX) COLLATE DATABASE_DEFAULT NULL,
        HienTrang    NVARCHAR(MAX) COLLATE DATABASE_DEFAULT NULL,
        KyHieuXepGia NVARCHAR(MAX) COLLATE DATABASE_DEFAULT NULL,
        GiaTien      BIGINT NULL,
        obstacle     INT NULL
    );
    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@copies) <> 1
        THROW 51206, N'The copies are no JSON array.', 1;

    INSERT INTO #added (ordinal, MaQuyenSach, ISBN, HienTrang, KyHieuXepGia, GiaTien)
    SELECT
        CAST(item.[key] AS INT), c.MaQuyenSach, c.ISBN, c.HienTrang, c.KyHieuXepGia, c.GiaTien
    FROM OPENJSON(@copies) AS item
    CROSS APPLY lienthu.ReadCopy(item.[value]) AS c;

    IF (SELECT COUNT(*) FROM #added) > 1000
        THROW 51110, N'Too many copies at once.', 1;

    SELECT @here = branch FROM lienthu.Site;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.TakeNumber;

        -- They may be live at another branch.
        IF EXISTS (SELECT 1 FROM lienthu.Site WHERE quarantined = 1)
            THROW 51112, N'The site was restored and takes no copies yet.', 1;

        -- The reasons one under the other, so that the one to say stays: the last that is written.
        UPDATE #added SET obstacle = 51101
        WHERE EXISTS (
            SELECT 1 FROM dbo.QUYENSACH AS q
            WHERE q.MaQuyenSach = #added.MaQuyenSach AND NOT (q.DaXoa = 1 AND q.ISBN = #added.ISBN)
        )
            OR EXISTS (
                SELECT 1 FROM #added AS before
                WHERE before.MaQuyenSach = #added.MaQuyenSach AND before.ordinal < #added.ordinal
            );
        -- Of one that another branch is sending here, or whose title or branch is being changed.
        UPDATE #added SET obstacle = 51111
        WHERE EXISTS (
            SELECT 1 FROM lienthu.Hold AS h
            WHERE
                (h.kind = 'copy' AND h.row_key = #added.MaQuyenSach COLLATE Latin1_General_BIN2)
                OR (
                    h.kind = 'title' AND h.mode = 'exclusive'
                    AND h.row_key = #added.ISBN COLLATE Latin1_General_BIN2
                )
                OR (h.kind = 'branch' AND h.row_key = @here COLLATE Latin1_General_BIN2)
        );
        UPDATE #added SET obstacle = 51109
        WHERE KyHieuXepGia IS NULL OR LEN(KyHieuXepGia) > 50
            OR COALESCE(LEN(MaQuyenSach), 0) NOT BETWEEN 1 AND 20
            OR lienthu.ReadKey(MaQuyenSach, 20) IS NULL
            OR GiaTien NOT BETWEEN 0 AND 4294967295;
        UPDATE #added SET obstacle = 51105
        WHERE NOT EXISTS (SELECT 1 FROM dbo.SACH WHERE SACH.ISBN = #added.ISBN AND SACH.DaXoa = 0);
        UPDATE #added SET obstacle = 51108
        WHERE HienTrang IS NULL OR HienTrang NOT IN (N'good', N'damaged', N'lost', N'withdrawn');

        SELECT TOP (1) @obstacle = obstacle FROM #added WHERE obstacle IS NOT NULL ORDER BY ordinal;
        IF @obstacle = 51101
            THROW 51101, N'There is a copy with this barcode already.', 1;
        IF @obstacle = 51105
            THROW 51105, N'The title is not in the catalogue.', 1;
        IF @obstacle = 51108
            THROW 51108, N'Only a transfer sets this condition.', 1;
        IF @obstacle = 51111
            THROW 51111, N'A transaction that is not decided yet holds the barcode, its title or the branch.', 1;
        IF @obstacle = 51109
            THROW 51109, N'A field of a copy is empty or too long.', 1;

        INSERT INTO #touched (copy)
        SELECT MaQuyenSach FROM #added;

        UPDATE dbo.QUYENSACH
        SET ISBN = a.ISBN, HienTrang = a.HienTrang, KyHieuXepGia = a.KyHieuXepGia, GiaTien = a.GiaTien,
            DaXoa = 0
        FROM dbo.QUYENSACH
        INNER JOIN #added AS a ON a.MaQuyenSach = QUYENSACH.MaQuyenSach;

        INSERT INTO dbo.QUYENSACH (MaQuyenSach, ISBN, MaCN, HienTrang, KyHieuXepGia, GiaTien)
        SELECT a.MaQuyenSach, a.ISBN, @here, a.HienTrang, a.KyHieuXepGia, a.GiaTien
        FROM #added AS a
        WHERE NOT EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = a.MaQuyenSach);

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
