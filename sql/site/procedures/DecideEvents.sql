-- Internal, for TakeEvents: decides of the events @from to @to of #sent, none of which waits for another,
-- how they are to stand (#decided), and what is odd about them (#odd). Writes nothing else.
CREATE PROCEDURE lienthu.DecideEvents
    @from INT,
    @to INT
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @ahead_ms_max BIGINT = 86400000;
    DECLARE @now DATETIME2(3) = lienthu.UtcNow();

    -- An id's content never changes. INTERSECT takes two NULLs for the same; the collation tells apart
    -- what the database's does not.
    UPDATE #sent
    SET set_aside = 'other_content'
    FROM #sent
    INNER JOIN lienthu.Event AS e ON e.id = #sent.id
    WHERE
        #sent.ordinal BETWEEN @from AND @to AND #sent.set_aside IS NULL
        AND NOT EXISTS (
            SELECT
                #sent.desk, #sent.seq, #sent.scanned_by COLLATE Latin1_General_BIN2, #sent.happened_at,
                #sent.uncertainty_ms, #sent.overridden, #sent.copy COLLATE Latin1_General_BIN2,
                #sent.deed COLLATE Latin1_General_BIN2, #sent.patron COLLATE Latin1_General_BIN2,
                #sent.on_date, #sent.target, #sent.flag COLLATE Latin1_General_BIN2,
                #sent.settlement COLLATE Latin1_General_BIN2
            INTERSECT
            SELECT
                e.desk, e.seq, e.scanned_by COLLATE Latin1_General_BIN2, e.happened_at,
                e.uncertainty_ms, e.overridden, e.copy COLLATE Latin1_General_BIN2,
                e.deed COLLATE Latin1_General_BIN2, e.patron COLLATE Latin1_General_BIN2,
                e.on_date, e.target, e.flag COLLATE Latin1_General_BIN2,
                e.settlement COLLATE Latin1_General_BIN2
        );

    -- What another branch received is taken for a book of this one alone: else it is not known whose it is.
    UPDATE #sent
    SET set_aside = 'other_branch'
    WHERE
        ordinal BETWEEN @from AND @to AND set_aside IS NULL AND received_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM lienthu.Event AS e WHERE e.id = #sent.id)
        AND NOT EXISTS (
            SELECT 1 FROM dbo.QUYENSACH AS q
            WHERE
                q.MaQuyenSach = #sent.copy AND q.MaQuyenSach = #sent.copy COLLATE Latin1_General_BIN2
                AND q.DaXoa = 0 AND q.HienTrang <> 'forwarded'
        );

    -- Further ahead of the site's clock than any honest desk can be. What is withdrawn has no place in
    -- time: it is taken whatever the clocks say.
    UPDATE #sent
    SET set_aside = 'in_the_future'
    WHERE
        ordinal BETWEEN @from AND @to AND set_aside IS NULL AND claim <> 'withdrawal'
        AND DATEDIFF_BIG(MILLISECOND, @now, happened_at) > @ahead_ms_max + uncertainty_ms
        AND NOT EXISTS (SELECT 1 FROM lienthu.Event AS e WHERE e.id = #sent.id);

    INSERT INTO #decided (ordinal, stood, stands, reasons, was_accepted, is_accepted)
    SELECT
        d.ordinal, d.stood, d.stands, CASE WHEN d.stands = 'refused' THEN d.reasons END,
        CASE WHEN d.stood IN ('requested', 'fact') THEN 1 ELSE 0 END,
        CASE WHEN d.stands IN ('requested', 'fact') THEN 1 ELSE 0 END
    FROM (
        SELECT
            s.ordinal, e.standing AS stood, e.reasons,
            CASE
                WHEN e.standing = 'withdrawn' OR s.claim = 'withdrawal' THEN 'withdrawn'
                WHEN e.standing = 'fact' OR s.claim = 'fact' THEN 'fact'
                WHEN e.standing IS NOT NULL THEN e.standing
                -- To be judged: unless something is found against it, it is accepted.
                ELSE 'requested'
            END AS stands
        FROM #sent AS s
        LEFT JOIN lienthu.Event AS e ON e.id = s.id
        WHERE s.ordinal BETWEEN @from AND @to AND s.set_aside IS NULL
    ) AS d;

    IF EXISTS (SELECT 1 FROM #decided WHERE was_accepted = 0 AND is_accepted = 1)
        EXEC lienthu.JudgeEvents;
END;
