-- Receives copies that other branches sent, each on its own. One result set: those that are not received, and why.
--
-- @barcodes: a JSON array of texts.
CREATE PROCEDURE lienthu.ReceiveCopies
    @barcodes NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    CREATE TABLE #received (
        ordinal INT NOT NULL PRIMARY KEY,
        copy    NVARCHAR(4000) COLLATE DATABASE_DEFAULT NULL,
        why     VARCHAR(30) COLLATE DATABASE_DEFAULT NULL
    );
    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@barcodes) = 0 OR LEFT(LTRIM(@barcodes), 1) <> N'['
        THROW 51206, N'The barcodes are no JSON array.', 1;
    INSERT INTO #received (ordinal, copy)
    SELECT CAST(item.[key] AS INT), item.[value]
    FROM OPENJSON(@barcodes) AS item;
    IF (SELECT COUNT(*) FROM #received) > 1000
        THROW 51110, N'Too many copies at once.', 1;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.TakeNumber;

        UPDATE #received
        SET why = CASE
            WHEN q.MaQuyenSach IS NULL OR q.DaXoa = 1 THEN 'unknown'
            WHEN q.HienTrang = 'forwarded' THEN 'forwarded'
            -- It leaves, and its transfer is not decided yet.
            WHEN q.HienTrang = 'in_transit' THEN 'held'
            ELSE 'already_there'
        END
        FROM #received
        LEFT JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = #received.copy COLLATE Latin1_General_BIN2
        WHERE
            NOT EXISTS (
                SELECT 1 FROM lienthu.Transit AS t WHERE t.copy = #received.copy COLLATE Latin1_General_BIN2
            );
        UPDATE #received
        SET why = 'already_there'
        WHERE
            why IS NULL
            AND EXISTS (
                SELECT 1 FROM #received AS before
                WHERE before.copy = #received.copy AND before.ordinal < #received.ordinal
            );

        INSERT INTO #touched (copy)
        SELECT copy FROM #received WHERE why IS NULL;
        UPDATE dbo.QUYENSACH
        SET HienTrang = t.condition
        FROM dbo.QUYENSACH
        INNER JOIN lienthu.Transit AS t ON t.copy = QUYENSACH.MaQuyenSach
        INNER JOIN #touched AS r ON r.copy = QUYENSACH.MaQuyenSach;
        DELETE FROM lienthu.Transit WHERE copy IN (SELECT copy FROM #touched);

        IF EXISTS (SELECT 1 FROM #touched)
            EXEC lienthu.RefoldTimelines;
        EXEC lienthu.ReleaseNumber;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;

    SELECT copy AS copy, why AS why
    FROM #received
    WHERE why IS NOT NULL
    ORDER BY ordinal;
END;
