-- Internal, for SubmitEvents: what became of the events in #sent, when all of them are in. See there for
-- the result sets.
CREATE PROCEDURE lienthu.AnswerEvents
AS
BEGIN
    SET NOCOUNT ON;

    SELECT c.number AS number, t.token AS token, lienthu.UtcNow() AS now
    FROM lienthu.Counter AS c
    INNER JOIN lienthu.FeedToken AS t ON t.number = c.number;

    -- The borrows and returns in force of the copies in question, each return with the borrow that it ends.
    CREATE TABLE #turn (
        id        CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY,
        copy      VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        deed      VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        ends      CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        from_last BIGINT      NOT NULL
    );
    INSERT INTO #turn (id, copy, deed, ends, from_last)
    SELECT
        t.id, t.copy, t.deed,
        LAG(CASE WHEN t.deed = 'borrow' THEN t.id ELSE NULL END) OVER (
            PARTITION BY t.copy ORDER BY t.happened_at, t.desk, t.seq, t.id
        ),
        ROW_NUMBER() OVER (PARTITION BY t.copy ORDER BY t.happened_at DESC, t.desk DESC, t.seq DESC, t.id DESC)
    FROM lienthu.Event AS t
    LEFT JOIN lienthu.Event AS u
        ON u.copy = t.copy AND u.deed = 'undo' AND u.target = t.id AND u.standing IN ('requested', 'fact')
    WHERE
        t.deed IN ('borrow', 'return') AND t.standing IN ('requested', 'fact') AND u.id IS NULL
        AND t.copy IN (SELECT s.copy FROM #sent AS s WHERE s.deed IN ('return', 'undo', 'settle') AND s.set_aside IS NULL);

    -- The loan that an event is about: of an undo or settlement, that of its target. A return is about the
    -- loan that it ends; one that was taken back, about the loan that is open again.
    CREATE TABLE #about (
        ordinal INT NOT NULL PRIMARY KEY,
        borrow  CHAR(36) COLLATE Latin1_General_BIN2 NULL
    );
    INSERT INTO #about (ordinal, borrow)
    SELECT
        s.ordinal,
        CASE WHEN s.deed = 'borrow' THEN s.id WHEN s.deed = 'renew' THEN s.target ELSE back.ends END
    FROM #sent AS s
    LEFT JOIN #turn AS back ON back.id = s.id
    WHERE s.set_aside IS NULL AND s.deed IN ('borrow', 'return', 'renew')
    UNION ALL
    SELECT
        s.ordinal,
        CASE
            WHEN a.deed = 'borrow' THEN a.id
            WHEN a.deed = 'renew' THEN a.target
            WHEN a.deed = 'return' AND back.id IS NOT NULL THEN back.ends
            WHEN a.deed = 'return' THEN reopened.id
            ELSE NULL
        END
    FROM #sent AS s
    INNER JOIN lienthu.Event AS a ON a.id = s.target AND a.copy = s.copy AND a.standing IN ('requested', 'fact')
    LEFT JOIN #turn AS back ON back.id = a.id
    LEFT JOIN #turn AS reopened ON reopened.copy = a.copy AND reopened.from_last = 1 AND reopened.deed = 'borrow'
    WHERE s.set_aside IS NULL AND s.deed IN ('undo', 'settle');

    SELECT
        s.ordinal AS ordinal,
        CAST(
            CASE
                WHEN s.set_aside IS NOT NULL OR e.standing IS NULL THEN 'set_aside'
                WHEN e.standing IN ('requested', 'fact') THEN 'done'
                ELSE e.standing
            END
            AS VARCHAR(10)
        ) AS outcome,
        e.reasons AS reasons,
        CAST(CASE WHEN e.standing IS NULL THEN COALESCE(s.set_aside, 'failed') ELSE s.set_aside END AS VARCHAR(20))
            AS set_aside,
        l.MaPM AS MaPM, l.borrow AS borrow, m.MaQuyenSach AS MaQuyenSach, m.MaDG AS MaDG, m.MaCN AS MaCN,
        l.borrowed_at AS borrowed_at, m.HanTra AS HanTra, m.SoLanGiaHan AS SoLanGiaHan,
        l.ended_at AS ended_at, l.ending AS ending, l.returned_on AS returned_on, m.DaHuy AS DaHuy
    FROM #sent AS s
    LEFT JOIN lienthu.Event AS e ON e.id = s.id AND s.set_aside IS NULL
    LEFT JOIN #about AS a ON a.ordinal = s.ordinal AND e.standing IN ('requested', 'fact')
    LEFT JOIN (
        lienthu.Loan AS l
        INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
    ) ON l.borrow = a.borrow AND l.withdrawn = 0 AND m.MaQuyenSach = s.copy
    ORDER BY s.ordinal;

    SELECT s.ordinal AS ordinal, r.event AS event, r.kind AS kind, r.refusal AS refusal, r.other AS other
    FROM #sent AS s
    INNER JOIN lienthu.ReviewItem AS r ON r.event = s.id
    INNER JOIN lienthu.Event AS e ON e.id = s.id AND e.standing IN ('requested', 'fact')
    WHERE s.set_aside IS NULL
    ORDER BY s.ordinal, r.kind;
END;
