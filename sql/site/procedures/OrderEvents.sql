-- Internal, for TakeEvents: says of the events @first to @last of #sent which of them have to be written
-- before which others can be decided (waits_for). Whatever waits for nobody is decided together.
CREATE PROCEDURE lienthu.OrderEvents
    @first INT,
    @last INT
AS
BEGIN
    SET NOCOUNT ON;

    -- One id, and withdrawals beside other claims, whose order tells.
    UPDATE #sent
    SET waits_for = ordered.waits_for
    FROM #sent
    INNER JOIN (
        SELECT
            s.ordinal,
            CASE
                WHEN s.withdraws <> LAG(s.withdraws) OVER (ORDER BY s.ordinal) THEN s.ordinal - 1
                ELSE LAG(s.ordinal) OVER (PARTITION BY s.id ORDER BY s.ordinal)
            END AS waits_for
        FROM (
            SELECT ordinal, id, CASE WHEN claim = 'withdrawal' THEN 1 ELSE 0 END AS withdraws
            FROM #sent
            WHERE ordinal BETWEEN @first AND @last AND set_aside IS NULL
        ) AS s
    ) AS ordered ON ordered.ordinal = #sent.ordinal;

    IF NOT EXISTS (
        SELECT 1 FROM #sent WHERE ordinal BETWEEN @first AND @last AND claim = 'request' AND set_aside IS NULL
    )
        RETURN;

    -- What an event touches: its copy, and every patron who ever had the copy.
    CREATE TABLE #touches (
        thing   VARCHAR(25) COLLATE DATABASE_DEFAULT NOT NULL,
        ordinal INT         NOT NULL,
        PRIMARY KEY (thing, ordinal)
    );
    INSERT INTO #touches (thing, ordinal)
    SELECT 'copy ' + copy, ordinal
    FROM #sent
    WHERE ordinal BETWEEN @first AND @last AND set_aside IS NULL AND claim <> 'withdrawal'
    UNION
    SELECT 'patron ' + had.patron, s.ordinal
    FROM #sent AS s
    INNER JOIN (
        SELECT e.copy, e.patron
        FROM lienthu.Event AS e
        WHERE
            e.deed = 'borrow' AND e.standing IN ('requested', 'fact')
            AND e.copy IN (SELECT here.copy FROM #sent AS here)
        UNION
        SELECT copy, patron
        FROM #sent
        WHERE deed = 'borrow' AND set_aside IS NULL
    ) AS had ON had.copy = s.copy
    WHERE s.ordinal BETWEEN @first AND @last AND s.set_aside IS NULL AND s.claim <> 'withdrawal';

    -- A settlement is judged by the review items as they are written, so it waits for every event of its
    -- copy; everything else for requests only.
    UPDATE #sent
    SET waits_for = found.waits_for
    FROM #sent
    INNER JOIN (
        SELECT later.ordinal, MAX(earlier.ordinal) AS waits_for
        FROM #touches AS later
        INNER JOIN #sent AS s ON s.ordinal = later.ordinal
        INNER JOIN #touches AS earlier ON earlier.thing = later.thing AND earlier.ordinal < later.ordinal
        INNER JOIN #sent AS before ON before.ordinal = earlier.ordinal
        WHERE before.claim = 'request' OR (s.deed = 'settle' AND s.claim = 'request')
        GROUP BY later.ordinal
    ) AS found ON found.ordinal = #sent.ordinal
    WHERE #sent.waits_for IS NULL OR #sent.waits_for < found.waits_for;
END;
