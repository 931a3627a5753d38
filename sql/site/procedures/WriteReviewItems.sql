-- Internal, for RefoldTimelines: makes the review items of the copies in #touched those that follow from
-- their timelines and from what was odd about their events when they came. What was undone or settled is
-- no item. Until a copy is known its timeline has no effect: that is then all there is to say of it.
CREATE PROCEDURE lienthu.WriteReviewItems
AS
BEGIN
    SET NOCOUNT ON;

    CREATE TABLE #item (
        event   CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
        kind    VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL,
        copy    VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        refusal VARCHAR(30) COLLATE DATABASE_DEFAULT NULL,
        other   CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        PRIMARY KEY (event, kind)
    );
    INSERT INTO #item (event, kind, copy, refusal, other)
    SELECT found.event, found.kind, found.copy, found.refusal, found.other
    FROM (
        SELECT f.event, f.kind, t.copy, f.refusal, CAST(NULL AS CHAR(36)) COLLATE Latin1_General_BIN2 AS other
        FROM #touched AS t
        INNER JOIN lienthu.Flag AS f ON f.copy = t.copy
        WHERE NOT EXISTS (SELECT 1 FROM #undone AS u WHERE u.id = f.event)
        UNION ALL
        SELECT l.borrow, 'return_missed', l.copy, NULL, l.next_event
        FROM #loan AS l
        WHERE l.ending = 'lent_again' AND EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = l.copy)
        UNION ALL
        SELECT
            e.id, CASE WHEN e.deed = 'return' THEN 'return_without_loan' ELSE 'renewal_mismatch' END, e.copy, NULL,
            e.target
        FROM #timeline AS e
        LEFT JOIN #timeline AS before ON before.copy = e.copy AND before.place = e.last_turn AND before.deed = 'borrow'
        WHERE
            EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = e.copy)
            AND ((e.deed = 'return' AND before.id IS NULL)
                OR (e.deed = 'renew' AND (before.id IS NULL OR before.id <> e.target)))
        UNION ALL
        SELECT u.id, 'undo_without_target', u.copy, NULL, NULL
        FROM #told AS u
        WHERE
            u.deed = 'undo'
            AND EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = u.copy)
            AND NOT EXISTS (
                SELECT 1
                FROM #told AS e
                WHERE e.id = u.target AND e.copy = u.copy AND e.deed IN ('borrow', 'return', 'renew')
            )
        UNION ALL
        -- Every event that an earlier one of another desk may really have followed, with the nearest. One
        -- desk's own events are never in doubt: their sequence tells.
        SELECT doubtful.id, 'order_uncertain', doubtful.copy, NULL, nearest.id
        FROM (
            SELECT e.id, e.copy, MAX(before.place) AS place
            FROM #timeline AS e
            INNER JOIN #timeline AS before
                ON before.copy = e.copy AND before.place < e.place AND before.desk <> e.desk
                AND before.latest_ms >= e.earliest_ms
            WHERE e.reached_ms >= e.earliest_ms
            GROUP BY e.id, e.copy
        ) AS doubtful
        INNER JOIN #timeline AS nearest ON nearest.copy = doubtful.copy AND nearest.place = doubtful.place
        WHERE EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = doubtful.copy)
        UNION ALL
        SELECT e.id, 'copy_unknown', e.copy, NULL, NULL
        FROM #timeline AS e
        WHERE NOT EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.MaQuyenSach = e.copy)
    ) AS found
    WHERE NOT EXISTS (
        SELECT 1 FROM #settled AS s WHERE s.event = found.event AND s.kind = found.kind AND s.copy = found.copy
    );

    DELETE FROM lienthu.ReviewItem
    WHERE
        copy IN (SELECT t.copy FROM #touched AS t)
        AND NOT EXISTS (
            SELECT 1
            FROM #item AS i
            WHERE
                i.event = ReviewItem.event AND i.kind = ReviewItem.kind
                AND EXISTS (SELECT i.refusal, i.other INTERSECT SELECT ReviewItem.refusal, ReviewItem.other)
        );

    INSERT INTO lienthu.ReviewItem (event, kind, copy, refusal, other)
    SELECT i.event, i.kind, i.copy, i.refusal, i.other
    FROM #item AS i
    WHERE NOT EXISTS (SELECT 1 FROM lienthu.ReviewItem AS r WHERE r.event = i.event AND r.kind = i.kind);
END;
