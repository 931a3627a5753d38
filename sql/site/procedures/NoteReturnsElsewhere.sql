-- Internal, for TakeEvents: of the returns that another branch received, and that are newly accepted in #decided,
-- the books are on their way here, as if that branch had sent them. Not where something happened to the book since:
-- then it is back already; nor of a book that came to this branch since it was received here. #decided and #sent are
-- the caller's, and the copies are in #touched.
CREATE PROCEDURE lienthu.NoteReturnsElsewhere
AS
BEGIN
    SET NOCOUNT ON;

    CREATE TABLE #elsewhere (
        copy        VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY,
        received_at VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL
    );
    INSERT INTO #elsewhere (copy, received_at)
    SELECT s.copy, MAX(s.received_at)
    FROM #decided AS d
    INNER JOIN #sent AS s ON s.ordinal = d.ordinal
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = s.copy
    WHERE
        s.received_at IS NOT NULL AND d.was_accepted = 0 AND d.is_accepted = 1
        AND NOT EXISTS (SELECT 1 FROM lienthu.Site AS here WHERE here.branch = s.received_at)
        AND q.DaXoa = 0 AND q.HienTrang NOT IN ('in_transit', 'forwarded')
        AND NOT EXISTS (
            SELECT 1 FROM lienthu.Event AS e
            WHERE e.copy = s.copy AND e.standing IN ('requested', 'fact') AND e.happened_at > s.happened_at
        )
    GROUP BY s.copy;

    INSERT INTO lienthu.Transit (copy, txn, from_branch, condition, sent_at)
    SELECT w.copy, NULL, w.received_at, q.HienTrang, lienthu.UtcNow()
    FROM #elsewhere AS w
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = w.copy;
    UPDATE dbo.QUYENSACH
    SET HienTrang = 'in_transit'
    FROM dbo.QUYENSACH
    INNER JOIN #elsewhere AS w ON w.copy = QUYENSACH.MaQuyenSach;
END;
