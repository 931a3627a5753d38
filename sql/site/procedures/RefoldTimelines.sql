-- Internal: folds the timelines of the copies in #touched (copy VARCHAR(20) PRIMARY KEY), which the caller
-- makes, and writes what follows from them: loans, the state of the copies, review items. The loans of a
-- copy are a pure function of its set of accepted events: nothing here may depend on policy, on the clock
-- or on the order of arrival. Rows are changed where they stand: a loan keeps its MaPM for good.
--
-- A loan of a patron whom the site does not know has no row, because PHIEUMUON.MaDG must name a row of
-- DOCGIA: the copy reads as on loan, and the row appears when the patron is added. A copy that the site
-- does not know has no rows at all until it is added.
--
-- With @items_only the review items alone are written, the rest when the batch has come to its end. With
-- @by_hand a trigger asks: see WriteLoans.
CREATE PROCEDURE lienthu.RefoldTimelines
    @items_only BIT = 0,
    @by_hand BIT = 0
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @branch VARCHAR(10);
    DECLARE @zone_minutes INT;
    DECLARE @epoch DATETIME2(3) = '1970-01-01';
    DECLARE @all BIGINT = 2147483647;

    SELECT @branch = branch, @zone_minutes = zone_minutes FROM lienthu.Site;

    -- What is told of these copies. TOP makes it one look-up for each, in the index on copies, whatever the
    -- server believes of the size of a temporary table.
    CREATE TABLE #told (
        id             CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY,
        copy           VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        desk           CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
        seq            BIGINT       NOT NULL,
        happened_at    DATETIME2(3) NOT NULL,
        uncertainty_ms BIGINT       NOT NULL,
        deed           VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        patron         VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        on_date        DATE         NULL,
        target         CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        flag           VARCHAR(30) COLLATE DATABASE_DEFAULT NULL,
        settlement     VARCHAR(20) COLLATE DATABASE_DEFAULT NULL
    );
    INSERT INTO #told (
        id, copy, desk, seq, happened_at, uncertainty_ms, deed, patron, on_date, target, flag, settlement
    )
    SELECT
        e.id, t.copy, e.desk, e.seq, e.happened_at, e.uncertainty_ms, e.deed, e.patron, e.on_date, e.target, e.flag,
        e.settlement
    FROM #touched AS t
    CROSS APPLY (
        SELECT TOP (@all)
            f.id, f.desk, f.seq, f.happened_at, f.uncertainty_ms, f.deed, f.patron, f.on_date, f.target, f.flag,
            f.settlement
        FROM lienthu.Event AS f
        WHERE f.copy = t.copy AND f.standing IN ('requested', 'fact')
        ORDER BY f.happened_at, f.desk, f.seq
    ) AS e;

    -- Undos and settlements name their target, so they hold whether they come before it or after.
    CREATE TABLE #undone (
        id CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY
    );
    INSERT INTO #undone (id)
    SELECT DISTINCT u.target
    FROM #told AS u
    INNER JOIN #told AS e ON e.id = u.target AND e.copy = u.copy
    WHERE u.deed = 'undo';

    -- Of several settlements of one item the last in order holds.
    CREATE TABLE #settled (
        event      CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
        kind       VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL,
        copy       VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        settlement VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        on_date    DATE        NULL,
        PRIMARY KEY (event, kind, copy)
    );
    INSERT INTO #settled (event, kind, copy, settlement, on_date)
    SELECT s.target, s.flag, s.copy, s.settlement, s.on_date
    FROM (
        SELECT
            target, flag, copy, settlement, on_date,
            ROW_NUMBER() OVER (
                PARTITION BY copy, target, flag ORDER BY happened_at DESC, desk DESC, seq DESC, id DESC
            ) AS from_last
        FROM #told
        WHERE deed = 'settle'
    ) AS s
    WHERE s.from_last = 1;

    -- The timelines: borrows, returns and renewals that nobody took back, in order. Last_turn is the place
    -- of the last borrow or return before: where it is a borrow, that loan is open. At_ms less its
    -- uncertainty, and plus it, bound when the event may really have been.
    CREATE TABLE #timeline (
        copy        VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        place       BIGINT       NOT NULL,
        id          CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
        desk        CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
        deed        VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        happened_at DATETIME2(3) NOT NULL,
        earliest_ms BIGINT       NOT NULL,
        latest_ms   BIGINT       NOT NULL,
        patron      VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        on_date     DATE         NULL,
        target      CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        last_turn   BIGINT       NULL,
        reached_ms  BIGINT       NULL,
        PRIMARY KEY (copy, place)
    );
    WITH ordered AS (
        SELECT
            e.copy, e.id, e.desk, e.deed, e.happened_at, e.patron, e.on_date, e.target,
            DATEDIFF_BIG(MILLISECOND, @epoch, e.happened_at) AS at_ms, e.uncertainty_ms,
            ROW_NUMBER() OVER (PARTITION BY e.copy ORDER BY e.happened_at, e.desk, e.seq, e.id) AS place
        FROM #told AS e
        WHERE
            e.deed IN ('borrow', 'return', 'renew')
            AND NOT EXISTS (SELECT 1 FROM #undone AS u WHERE u.id = e.id)
    )
    INSERT INTO #timeline (
        copy, place, id, desk, deed, happened_at, earliest_ms, latest_ms, patron, on_date, target, last_turn, reached_ms
    )
    SELECT
        o.copy, o.place, o.id, o.desk, o.deed, o.happened_at, o.at_ms - o.uncertainty_ms,
        o.at_ms + o.uncertainty_ms, o.patron, o.on_date, o.target,
        MAX(CASE WHEN o.deed <> 'renew' THEN o.place ELSE NULL END) OVER (
            PARTITION BY o.copy ORDER BY o.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        MAX(o.at_ms + o.uncertainty_ms) OVER (
            PARTITION BY o.copy ORDER BY o.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    FROM ordered AS o;

    -- The loans, one to each borrow. The next borrow or return ends a loan; one that was undone opens and
    -- ends nothing.
    CREATE TABLE #loan (
        borrow      CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY,
        copy        VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        patron      VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        borrowed_at DATETIME2(3) NOT NULL,
        due         DATE         NOT NULL,
        renewals    TINYINT      NOT NULL,
        ended_at    DATETIME2(3) NULL,
        ending      VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        returned_on DATE         NULL,
        undone      BIT          NOT NULL,
        next_event  CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        ngay_muon   DATETIME     NOT NULL,
        ngay_tra    DATETIME     NULL
    );
    INSERT INTO #loan (
        borrow, copy, patron, borrowed_at, due, renewals, ended_at, ending, returned_on, undone, next_event, ngay_muon
    )
    SELECT
        b.id, b.copy, b.patron, b.happened_at, COALESCE(r.on_date, b.on_date),
        CASE WHEN done.renewals > 255 THEN 255 ELSE COALESCE(done.renewals, 0) END,
        n.happened_at, CASE n.deed WHEN 'return' THEN 'returned' WHEN 'borrow' THEN 'lent_again' ELSE NULL END,
        COALESCE(
            CASE WHEN n.deed = 'return' THEN n.on_date WHEN n.deed = 'borrow' THEN s.on_date ELSE NULL END,
            CAST(DATEADD(MINUTE, @zone_minutes, n.happened_at) AS DATE)
        ),
        0, n.id, CAST(DATEADD(MINUTE, @zone_minutes, b.happened_at) AS DATETIME)
    FROM #timeline AS b
    LEFT JOIN #timeline AS n ON n.copy = b.copy AND n.last_turn = b.place AND n.deed <> 'renew'
    LEFT JOIN (
        SELECT copy, last_turn, target, COUNT(*) AS renewals, MAX(place) AS last_place
        FROM #timeline
        WHERE deed = 'renew'
        GROUP BY copy, last_turn, target
    ) AS done ON done.copy = b.copy AND done.last_turn = b.place AND done.target = b.id
    LEFT JOIN #timeline AS r ON r.copy = b.copy AND r.place = done.last_place
    LEFT JOIN #settled AS s
        ON s.event = b.id AND s.kind = 'return_missed' AND s.copy = b.copy AND s.settlement = 'returned_on'
    WHERE b.deed = 'borrow'
    UNION ALL
    SELECT
        e.id, e.copy, e.patron, e.happened_at, e.on_date, 0, NULL, NULL, NULL, 1, NULL,
        CAST(DATEADD(MINUTE, @zone_minutes, e.happened_at) AS DATETIME)
    FROM #undone AS u
    INNER JOIN #told AS e ON e.id = u.id
    WHERE e.deed = 'borrow';

    -- What NgayTra shows: the moment of the return, the start of the date to which it was back-dated, or,
    -- of an undone loan, the moment at which it began.
    UPDATE #loan
    SET ngay_tra = CASE
        WHEN undone = 1 THEN ngay_muon
        WHEN returned_on <> CAST(DATEADD(MINUTE, @zone_minutes, ended_at) AS DATE) THEN CAST(returned_on AS DATETIME)
        ELSE CAST(DATEADD(MINUTE, @zone_minutes, ended_at) AS DATETIME)
    END
    WHERE undone = 1 OR ended_at IS NOT NULL;

    EXEC lienthu.WriteReviewItems;
    IF @items_only = 1
        RETURN;

    EXEC lienthu.WriteLoans @by_hand;

    UPDATE dbo.QUYENSACH
    SET
        TrangThai = now_is.TrangThai,
        TinhTrang = CASE WHEN now_is.TrangThai = 'free' THEN N'Có sẵn' ELSE N'Đang được mượn' END
    FROM dbo.QUYENSACH
    INNER JOIN (
        SELECT
            q.MaQuyenSach,
            CAST(
                CASE
                    WHEN EXISTS (
                        SELECT 1 FROM #loan AS l
                        WHERE l.copy = q.MaQuyenSach AND l.undone = 0 AND l.ended_at IS NULL
                    ) THEN 'on_loan'
                    WHEN q.HienTrang = 'good' THEN 'free'
                    ELSE q.HienTrang
                END
                AS VARCHAR(12)
            ) AS TrangThai
        FROM dbo.QUYENSACH AS q
        INNER JOIN #touched AS t ON t.copy = q.MaQuyenSach
    ) AS now_is ON now_is.MaQuyenSach = QUYENSACH.MaQuyenSach
    WHERE
        QUYENSACH.TrangThai <> now_is.TrangThai
        OR QUYENSACH.TinhTrang IS NULL
        OR QUYENSACH.TinhTrang <> CASE WHEN now_is.TrangThai = 'free' THEN N'Có sẵn' ELSE N'Đang được mượn' END;
END;
