-- Internal, for TellPhieuMuon: turns what a statement did to rows of PHIEUMUON (#was, #is: the rows before and
-- after) into events, and folds the copies. The rows were written by people or programs that know nothing of
-- events, so that their statement is never refused: what cannot be told, a key with control characters for
-- instance, stays a row that Liên Thư does not show.
--
-- | the statement                            | what it tells                                            |
-- |------------------------------------------|----------------------------------------------------------|
-- | inserts a loan that is open              | a borrow                                                 |
-- | inserts a loan that has ended            | nothing: history, sealed                                 |
-- | sets NgayTra                             | a return                                                 |
-- | moves NgayTra to another day             | that the return was on that day; its place stays         |
-- | sets NgayTra back to NULL                | an undo of the return; of sealed history, a borrow       |
-- | changes who has the copy, or which copy  | undos of the loan that was, and a loan as if inserted    |
-- | deletes a loan that is open              | an undo of the borrow                                    |
-- | deletes a loan that has ended            | nothing: it is not shown any more                        |
--
-- The events are facts of a desk of their own, which stands at no counter. A borrow happened at NgayMuon, a
-- return now. What the fold decides (NgayTra of a loan that another has ended, HanTra, SoLanGiaHan, DaHuy) is
-- put right behind the statement.
CREATE PROCEDURE lienthu.TellLoans
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @by_hand CHAR(36) = '00000000-0000-0000-0000-000000000000';
    -- Where no policy says how long, a fact has to promise something.
    DECLARE @fallback_days INT = 7;
    DECLARE @closed_days_max INT = 90;
    -- A time within so many seconds of the server's clock means now, in whatever zone that clock runs.
    DECLARE @now_seconds INT = 60;
    DECLARE @now DATETIME2(3) = lienthu.UtcNow();
    DECLARE @clock DATETIME = GETDATE();
    DECLARE @correlation CHAR(36) = LOWER(CAST(NEWID() AS CHAR(36)));
    DECLARE @login VARCHAR(64) = LEFT(ORIGINAL_LOGIN(), 64);
    DECLARE @here VARCHAR(10);
    DECLARE @zone_minutes INT;
    DECLARE @today DATE;
    DECLARE @number BIGINT;
    DECLARE @seq BIGINT;
    DECLARE @moved INT = 0;

    SELECT @here = branch, @zone_minutes = zone_minutes FROM lienthu.Site;
    SELECT @number = number FROM lienthu.Counter;
    SELECT @seq = COALESCE(MAX(seq), 0) FROM lienthu.Event WHERE desk = @by_hand;
    SET @today = CAST(DATEADD(MINUTE, @zone_minutes, @now) AS DATE);
    -- Names in events are printable ASCII.
    IF ORIGINAL_LOGIN() LIKE N'%[^ -~]%' COLLATE Latin1_General_BIN2
        SET @login = 'login ' + CAST(SUSER_ID() AS VARCHAR(20));

    -- The rows as they are, keys in the spelling of the tables that they point to. Lent_at: in UTC, and never
    -- after now. A date without a time means now too, if it is today's.
    CREATE TABLE #hand (
        MaPM        INT          NOT NULL PRIMARY KEY,
        borrow      CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        sealed      BIT          NULL,
        borrowed_at DATETIME2(3) NULL,
        ended_at    DATETIME2(3) NULL,
        ending      VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        told_on     DATE         NULL,
        is_undone   BIT          NOT NULL,
        was_copy    VARCHAR(20) COLLATE DATABASE_DEFAULT NULL,
        was_patron  VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        was_open    BIT          NOT NULL,
        is_there    BIT          NOT NULL,
        copy        VARCHAR(20) COLLATE DATABASE_DEFAULT NULL,
        patron      VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        lent_at     DATETIME2(3) NULL,
        NgayTra     DATETIME     NULL,
        -- The day that NgayTra names, and whether that is simply today.
        back_on     DATE         NULL,
        is_today    BIT          NOT NULL,
        deed        VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        new_borrow  CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        ended_by    CHAR(36) COLLATE Latin1_General_BIN2 NULL
    );
    INSERT INTO #hand (
        MaPM, borrow, sealed, borrowed_at, ended_at, ending, told_on, is_undone, was_copy, was_patron, was_open, is_there,
        copy, patron, lent_at, NgayTra, back_on, is_today
    )
    SELECT
        COALESCE(i.MaPM, w.MaPM), l.borrow, l.sealed, l.borrowed_at, l.ended_at, l.ending, l.returned_on,
        CASE WHEN l.withdrawn = 1 OR u.id IS NOT NULL THEN 1 ELSE 0 END,
        w.MaQuyenSach, w.MaDG,
        CASE WHEN w.MaPM IS NOT NULL AND w.NgayTra IS NULL THEN 1 ELSE 0 END,
        CASE WHEN i.MaPM IS NULL THEN 0 ELSE 1 END,
        COALESCE(q.MaQuyenSach, RTRIM(i.MaQuyenSach)), COALESCE(d.MaDG, RTRIM(i.MaDG)),
        CASE
            WHEN i.NgayMuon IS NULL OR i.NgayMuon > DATEADD(DAY, 2, @clock) THEN @now
            WHEN i.NgayMuon BETWEEN DATEADD(SECOND, -@now_seconds, @clock) AND DATEADD(SECOND, @now_seconds, @clock)
                THEN @now
            WHEN i.NgayMuon = CAST(@today AS DATETIME) THEN @now
            WHEN DATEADD(MINUTE, -@zone_minutes, CAST(i.NgayMuon AS DATETIME2(3))) > @now THEN @now
            ELSE DATEADD(MINUTE, -@zone_minutes, CAST(i.NgayMuon AS DATETIME2(3)))
        END,
        i.NgayTra, CAST(i.NgayTra AS DATE),
        CASE
            WHEN i.NgayTra BETWEEN DATEADD(SECOND, -@now_seconds, @clock) AND DATEADD(SECOND, @now_seconds, @clock)
                THEN 1
            WHEN CAST(i.NgayTra AS DATE) = @today THEN 1
            ELSE 0
        END
    FROM #is AS i
    FULL OUTER JOIN #was AS w ON w.MaPM = i.MaPM
    LEFT JOIN lienthu.Loan AS l ON l.MaPM = COALESCE(i.MaPM, w.MaPM)
    LEFT JOIN lienthu.Event AS u
        ON u.copy = w.MaQuyenSach AND u.deed = 'undo' AND u.target = l.borrow AND u.standing IN ('requested', 'fact')
        -- Of several undos one.
        AND NOT EXISTS (
            SELECT 1 FROM lienthu.Event AS o
            WHERE
                o.copy = u.copy AND o.deed = 'undo' AND o.target = u.target AND o.standing IN ('requested', 'fact')
                AND o.id < u.id
        )
    LEFT JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = i.MaQuyenSach
    LEFT JOIN dbo.DOCGIA AS d ON d.MaDG = i.MaDG;

    -- What the statement tells of each row. Reasons one under the other; the last that is written stays.
    UPDATE #hand SET deed = 'moves'
    WHERE borrow IS NOT NULL AND sealed = 0 AND is_undone = 0 AND ended_at IS NOT NULL AND back_on <> told_on;
    UPDATE #hand SET deed = 'ends'
    WHERE borrow IS NOT NULL AND sealed = 0 AND is_undone = 0 AND ended_at IS NULL AND NgayTra IS NOT NULL;
    UPDATE #hand SET deed = 'reopens'
    WHERE
        borrow IS NOT NULL AND sealed = 0 AND is_undone = 0 AND ending = 'returned' AND was_open = 0
        AND is_there = 1 AND NgayTra IS NULL;
    UPDATE #hand SET deed = 'replaces'
    WHERE
        borrow IS NOT NULL AND is_there = 1
        AND (
            copy COLLATE Latin1_General_BIN2 <> was_copy COLLATE Latin1_General_BIN2
            OR patron COLLATE Latin1_General_BIN2 <> was_patron COLLATE Latin1_General_BIN2
        )
        AND (copy <> was_copy OR patron <> was_patron);
    -- Undone before, and open again by hand: a loan of its own.
    UPDATE #hand SET deed = 'replaces'
    WHERE borrow IS NOT NULL AND is_there = 1 AND is_undone = 1 AND was_open = 0 AND NgayTra IS NULL;
    UPDATE #hand SET deed = 'begins' WHERE borrow IS NULL AND is_there = 1 AND NgayTra IS NULL;
    UPDATE #hand SET deed = 'begins' WHERE sealed = 1 AND is_there = 1 AND NgayTra IS NULL;
    UPDATE #hand SET deed = 'history' WHERE is_there = 1 AND NgayTra IS NOT NULL AND (borrow IS NULL OR sealed = 1);
    UPDATE #hand SET deed = 'goes' WHERE is_there = 0 AND borrow IS NOT NULL;
    -- Keys that no desk could read: such a row is no loan.
    UPDATE #hand SET deed = CASE WHEN borrow IS NULL THEN NULL ELSE 'goes' END
    WHERE
        deed IN ('begins', 'history', 'replaces')
        AND (
            copy IS NULL OR copy = '' OR copy LIKE ' %' OR copy LIKE '%[^ -~]%' COLLATE Latin1_General_BIN2
            OR patron IS NULL OR patron = '' OR patron LIKE ' %' OR patron LIKE '%[^ -~]%' COLLATE Latin1_General_BIN2
        );

    -- The return that ended each loan in question.
    UPDATE #hand
    SET ended_by = found.id
    FROM #hand
    INNER JOIN (
        SELECT h.MaPM, r.id, ROW_NUMBER() OVER (PARTITION BY h.MaPM ORDER BY r.desk, r.seq, r.id) AS nth
        FROM #hand AS h
        INNER JOIN lienthu.Event AS r
            ON r.copy = h.was_copy AND r.happened_at = h.ended_at AND r.deed = 'return'
            AND r.standing IN ('requested', 'fact')
        WHERE
            h.ending = 'returned' AND h.deed IN ('moves', 'reopens', 'replaces')
            AND NOT EXISTS (
                SELECT 1 FROM lienthu.Event AS u
                WHERE
                    u.copy = r.copy AND u.deed = 'undo' AND u.target = r.id AND u.standing IN ('requested', 'fact')
            )
    ) AS found ON found.MaPM = #hand.MaPM AND found.nth = 1;

    -- A borrow of its own. That of sealed history keeps the id that its loan was given.
    UPDATE #hand SET new_borrow = LOWER(CAST(NEWID() AS CHAR(36)))
    WHERE deed IN ('begins', 'replaces', 'history') AND (borrow IS NULL OR deed = 'replaces');
    UPDATE #hand SET new_borrow = borrow WHERE deed = 'begins' AND sealed = 1;

    -- What is told, in the order of the deeds of one statement.
    CREATE TABLE #say (
        id          CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY,
        turn        INT          NOT NULL,
        MaPM        INT          NOT NULL,
        happened_at DATETIME2(3) NOT NULL,
        copy        VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        deed        VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        patron      VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        on_date     DATE         NULL,
        target      CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        flag        VARCHAR(30) COLLATE DATABASE_DEFAULT NULL,
        settlement  VARCHAR(20) COLLATE DATABASE_DEFAULT NULL
    );
    INSERT INTO #say (id, turn, MaPM, happened_at, copy, deed, target)
    SELECT LOWER(CAST(NEWID() AS CHAR(36))), 1, MaPM, @now, was_copy, 'undo', borrow
    FROM #hand
    WHERE
        sealed = 0 AND is_undone = 0
        AND ((deed = 'goes' AND ended_at IS NULL) OR deed = 'replaces');
    INSERT INTO #say (id, turn, MaPM, happened_at, copy, deed, target)
    SELECT LOWER(CAST(NEWID() AS CHAR(36))), 2, MaPM, @now, was_copy, 'undo', ended_by
    FROM #hand
    WHERE ended_by IS NOT NULL;
    INSERT INTO #say (id, turn, MaPM, happened_at, copy, deed, on_date)
    SELECT
        LOWER(CAST(NEWID() AS CHAR(36))), 3, MaPM, ended_at, was_copy, 'return',
        CASE WHEN back_on = CAST(DATEADD(MINUTE, @zone_minutes, ended_at) AS DATE) THEN NULL ELSE back_on END
    FROM #hand
    WHERE deed = 'moves' AND ended_by IS NOT NULL;
    INSERT INTO #say (id, turn, MaPM, happened_at, copy, deed, on_date, target, flag, settlement)
    SELECT
        LOWER(CAST(NEWID() AS CHAR(36))), 3, MaPM, @now, was_copy, 'settle', back_on, borrow, 'return_missed',
        'returned_on'
    FROM #hand
    WHERE deed = 'moves' AND ending = 'lent_again';
    INSERT INTO #say (id, turn, MaPM, happened_at, copy, deed, on_date)
    SELECT
        LOWER(CAST(NEWID() AS CHAR(36))), 4, MaPM,
        CASE WHEN borrowed_at >= @now THEN DATEADD(MILLISECOND, 1, borrowed_at) ELSE @now END,
        was_copy, 'return', CASE WHEN is_today = 1 THEN NULL ELSE back_on END
    FROM #hand
    WHERE deed = 'ends';
    INSERT INTO #say (id, turn, MaPM, happened_at, copy, deed, patron, on_date)
    SELECT
        h.new_borrow, 5, h.MaPM, h.lent_at, h.copy, 'borrow', h.patron,
        DATEADD(
            DAY, COALESCE(r.loan_days, @fallback_days),
            CAST(DATEADD(MINUTE, @zone_minutes, h.lent_at) AS DATE)
        )
    FROM #hand AS h
    LEFT JOIN dbo.DOCGIA AS d ON d.MaDG = h.patron
    OUTER APPLY (
        SELECT TOP (1) c.loan_days
        FROM lienthu.LoanPolicy AS c
        WHERE d.MaDG IS NOT NULL AND c.branch IN ('', @here) AND c.category IN ('', d.LoaiDocGia)
        ORDER BY LEN(c.branch) DESC, LEN(c.category) DESC
    ) AS r
    WHERE h.deed IN ('begins', 'replaces') AND h.NgayTra IS NULL;

    -- Nothing is due on a closed day.
    WHILE
        @moved < @closed_days_max
        AND EXISTS (
            SELECT 1
            FROM #say AS s
            INNER JOIN lienthu.ClosedDay AS c ON c.closed_on = s.on_date AND c.branch IN ('', @here)
            WHERE s.deed = 'borrow'
        )
    BEGIN
        UPDATE #say
        SET on_date = DATEADD(DAY, 1, on_date)
        WHERE
            deed = 'borrow'
            AND EXISTS (
                SELECT 1 FROM lienthu.ClosedDay AS c WHERE c.closed_on = #say.on_date AND c.branch IN ('', @here)
            );
        SET @moved = @moved + 1;
    END;

    INSERT INTO lienthu.Event (
        id, desk, seq, scanned_by, happened_at, uncertainty_ms, overridden, copy, deed, patron, on_date,
        target, flag, settlement, standing, sent_by, correlation, received_at
    )
    SELECT
        s.id, @by_hand, @seq + ROW_NUMBER() OVER (ORDER BY s.turn, s.happened_at, s.MaPM, s.id), @login, s.happened_at,
        0, 0, s.copy, s.deed, s.patron, s.on_date, s.target, s.flag, s.settlement, 'fact', @login, @correlation, @now
    FROM #say AS s;

    INSERT INTO lienthu.Flag (event, kind, copy)
    SELECT s.id, 'copy_not_in_collection', s.copy
    FROM #say AS s
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = s.copy
    WHERE s.deed IN ('borrow', 'return') AND s.turn > 3 AND (q.DaXoa = 1 OR q.HienTrang <> 'good')
    UNION ALL
    SELECT s.id, 'patron_unknown', s.copy
    FROM #say AS s
    LEFT JOIN dbo.DOCGIA AS d ON d.MaDG = s.patron AND d.DaXoa = 0
    WHERE s.deed = 'borrow' AND d.MaDG IS NULL;

    -- The rows beside. A loan that lost its row, or gave it to another, stays known without one.
    UPDATE lienthu.Change
    SET number = @number, gone = 1
    WHERE
        kind = 7
        AND row_key IN (SELECT h.borrow FROM #hand AS h WHERE h.deed IN ('goes', 'replaces') AND h.sealed = 0);
    UPDATE lienthu.Loan
    SET MaPM = NULL
    WHERE
        sealed = 0
        AND borrow IN (SELECT h.borrow FROM #hand AS h WHERE h.deed IN ('goes', 'replaces'));
    DELETE FROM lienthu.Loan
    WHERE
        sealed = 1
        AND borrow IN (SELECT h.borrow FROM #hand AS h WHERE h.deed IN ('goes', 'replaces', 'begins'));

    INSERT INTO lienthu.Loan (borrow, MaPM, borrowed_at)
    SELECT new_borrow, MaPM, lent_at
    FROM #hand
    WHERE deed IN ('begins', 'replaces') AND NgayTra IS NULL;

    UPDATE lienthu.Loan
    SET borrowed_at = h.lent_at, ended_at = h.ended_at, returned_on = h.back_on
    FROM lienthu.Loan
    INNER JOIN (
        SELECT
            borrow, lent_at, back_on,
            DATEADD(MINUTE, -@zone_minutes, CAST(NgayTra AS DATETIME2(3))) AS ended_at
        FROM #hand
        WHERE deed = 'history' AND borrow IS NOT NULL
    ) AS h ON h.borrow = Loan.borrow;

    INSERT INTO lienthu.Loan (borrow, MaPM, borrowed_at, ended_at, ending, returned_on, sealed)
    SELECT
        new_borrow, MaPM, lent_at, DATEADD(MINUTE, -@zone_minutes, CAST(NgayTra AS DATETIME2(3))), 'returned', back_on, 1
    FROM #hand
    WHERE (deed = 'history' AND borrow IS NULL) OR (deed = 'replaces' AND NgayTra IS NOT NULL);

    -- Keys are the same in any case of letters to the database, and not to a desk.
    UPDATE dbo.PHIEUMUON
    SET MaQuyenSach = h.copy, MaDG = h.patron
    FROM dbo.PHIEUMUON
    INNER JOIN #hand AS h ON h.MaPM = PHIEUMUON.MaPM
    WHERE
        h.is_there = 1
        AND (
            PHIEUMUON.MaQuyenSach COLLATE Latin1_General_BIN2 <> h.copy COLLATE Latin1_General_BIN2
            OR PHIEUMUON.MaDG COLLATE Latin1_General_BIN2 <> h.patron COLLATE Latin1_General_BIN2
        );

    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);
    INSERT INTO #touched (copy)
    SELECT was_copy FROM #hand WHERE was_copy IS NOT NULL AND borrow IS NOT NULL AND sealed = 0
    UNION
    SELECT copy FROM #say;
    EXEC lienthu.RefoldTimelines @by_hand = 1;

    -- The moment that was written stays, where it names the day that the loan shows.
    UPDATE dbo.PHIEUMUON
    SET
        NgayTra = CASE
            WHEN PHIEUMUON.DaHuy = 1 THEN PHIEUMUON.NgayMuon
            WHEN l.ended_at IS NULL THEN NULL
            WHEN h.back_on = l.returned_on THEN h.NgayTra
            WHEN l.returned_on <> CAST(DATEADD(MINUTE, @zone_minutes, l.ended_at) AS DATE)
                THEN CAST(l.returned_on AS DATETIME)
            ELSE CAST(DATEADD(MINUTE, @zone_minutes, l.ended_at) AS DATETIME)
        END
    FROM dbo.PHIEUMUON
    INNER JOIN #hand AS h ON h.MaPM = PHIEUMUON.MaPM
    INNER JOIN lienthu.Loan AS l ON l.MaPM = PHIEUMUON.MaPM AND l.sealed = 0
    WHERE
        (PHIEUMUON.DaHuy = 1 AND (PHIEUMUON.NgayTra IS NULL OR PHIEUMUON.NgayTra <> PHIEUMUON.NgayMuon))
        OR (PHIEUMUON.DaHuy = 0 AND l.ended_at IS NULL AND PHIEUMUON.NgayTra IS NOT NULL)
        OR (PHIEUMUON.DaHuy = 0 AND l.ended_at IS NOT NULL AND PHIEUMUON.NgayTra IS NULL)
        OR (PHIEUMUON.DaHuy = 0 AND h.back_on = l.returned_on AND PHIEUMUON.NgayTra <> h.NgayTra);
END;
