-- Internal, for RefoldTimelines: makes the rows of PHIEUMUON, and those of lienthu.Loan beside them, those
-- of #loan. Only what differs is written, PHIEUMUON last, so that the feed sees a loan whole.
--
-- @by_hand: a trigger asks, behind somebody else's statement. Rows that are missing then wait: that program
-- may read @@IDENTITY.
CREATE PROCEDURE lienthu.WriteLoans
    @by_hand BIT = 0
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @branch VARCHAR(10);
    DECLARE @all BIGINT = 2147483647;
    SELECT @branch = branch FROM lienthu.Site;

    -- What the fold does not know any more was a request, and withdrawn.
    CREATE TABLE #stale (
        MaPM         INT NOT NULL PRIMARY KEY,
        is_withdrawn BIT NOT NULL
    );
    INSERT INTO #stale (MaPM, is_withdrawn)
    SELECT w.MaPM, CASE WHEN f.borrow IS NULL THEN 1 ELSE 0 END
    FROM #touched AS t
    CROSS APPLY (
        -- TOP: see RefoldTimelines.
        SELECT TOP (@all)
            m.MaPM, l.borrow, l.ended_at, l.ending, l.returned_on, m.HanTra, m.SoLanGiaHan, m.DaHuy
        FROM dbo.PHIEUMUON AS m
        INNER JOIN lienthu.Loan AS l ON l.MaPM = m.MaPM
        WHERE m.MaQuyenSach = t.copy AND l.withdrawn = 0 AND l.sealed = 0
        ORDER BY m.MaPM
    ) AS w
    LEFT JOIN #loan AS f ON f.borrow = w.borrow
    WHERE
        NOT EXISTS (
            SELECT w.ended_at, w.ending, w.returned_on, w.HanTra, w.SoLanGiaHan, w.DaHuy
            INTERSECT
            SELECT f.ended_at, f.ending, f.returned_on, f.due, f.renewals, f.undone
        );

    UPDATE lienthu.Loan
    SET ended_at = f.ended_at, ending = f.ending, returned_on = f.returned_on, withdrawn = s.is_withdrawn
    FROM lienthu.Loan
    INNER JOIN #stale AS s ON s.MaPM = Loan.MaPM
    LEFT JOIN #loan AS f ON f.borrow = Loan.borrow;

    UPDATE dbo.PHIEUMUON
    SET NgayTra = f.ngay_tra, HanTra = f.due, SoLanGiaHan = f.renewals, DaHuy = f.undone
    FROM dbo.PHIEUMUON
    INNER JOIN #stale AS s ON s.MaPM = PHIEUMUON.MaPM
    INNER JOIN lienthu.Loan AS l ON l.MaPM = s.MaPM
    INNER JOIN #loan AS f ON f.borrow = l.borrow;

    UPDATE dbo.PHIEUMUON
    SET NgayTra = NgayMuon, DaHuy = 1
    WHERE MaPM IN (SELECT s.MaPM FROM #stale AS s WHERE s.is_withdrawn = 1);

    -- New loans. Identity values are given in the order of the insert's ORDER BY, so that the numbers that the
    -- rows were given, in their order, are those of the loans in theirs.
    CREATE TABLE #begun (
        nth    BIGINT NOT NULL PRIMARY KEY,
        borrow CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL
    );
    CREATE TABLE #numbered (
        MaPM INT NOT NULL PRIMARY KEY
    );
    INSERT INTO #begun (nth, borrow)
    SELECT ROW_NUMBER() OVER (ORDER BY f.borrowed_at, f.borrow), f.borrow
    FROM #loan AS f
    WHERE
        EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = f.copy)
        -- Removed patrons keep their rows, so a late loan of theirs can have one too.
        AND EXISTS (SELECT 1 FROM dbo.DOCGIA AS p WHERE p.MaDG = f.patron)
        AND NOT EXISTS (SELECT 1 FROM lienthu.Loan AS l WHERE l.borrow = f.borrow);

    IF @by_hand = 1
        INSERT INTO lienthu.Unfolded (copy)
        SELECT DISTINCT f.copy
        FROM #begun AS b
        INNER JOIN #loan AS f ON f.borrow = b.borrow
        WHERE f.copy NOT IN (SELECT w.copy FROM lienthu.Unfolded AS w);

    IF @by_hand = 1 OR NOT EXISTS (SELECT 1 FROM #begun)
        RETURN;

    INSERT INTO dbo.PHIEUMUON (MaDG, MaQuyenSach, MaCN, NgayMuon, NgayTra, HanTra, SoLanGiaHan, DaHuy)
    OUTPUT inserted.MaPM INTO #numbered (MaPM)
    SELECT f.patron, f.copy, @branch, f.ngay_muon, f.ngay_tra, f.due, f.renewals, f.undone
    FROM #begun AS b
    INNER JOIN #loan AS f ON f.borrow = b.borrow
    ORDER BY b.nth;

    INSERT INTO lienthu.Loan (MaPM, borrow, borrowed_at, ended_at, ending, returned_on)
    SELECT n.MaPM, f.borrow, f.borrowed_at, f.ended_at, f.ending, f.returned_on
    FROM (SELECT MaPM, ROW_NUMBER() OVER (ORDER BY MaPM) AS nth FROM #numbered) AS n
    INNER JOIN #begun AS b ON b.nth = n.nth
    INNER JOIN #loan AS f ON f.borrow = b.borrow;
END;
