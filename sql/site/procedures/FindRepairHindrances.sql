-- Internal, for FindHindrances, behind FindCatalogueHindrances: what stands against repairs of rows that every site
-- holds, and against letting a branch take part again. Both are judged by another measure than a mere change, which is
-- what they read as: what was found against them as such is none, but for fields that are wrong.
CREATE PROCEDURE lienthu.FindRepairHindrances
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    CREATE TABLE #repair (
        ordinal INT NOT NULL PRIMARY KEY,
        kind    VARCHAR(12) COLLATE Latin1_General_BIN2 NOT NULL,
        row_key VARCHAR(64) COLLATE Latin1_General_BIN2 NOT NULL,
        raw_key VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        gone    BIT NOT NULL,
        found   VARCHAR(60) COLLATE Latin1_General_BIN2 NOT NULL
    );
    CREATE TABLE #version (
        ordinal INT NOT NULL,
        version VARCHAR(60) COLLATE Latin1_General_BIN2 NOT NULL
    );

    INSERT INTO #repair (ordinal, kind, row_key, raw_key, gone, found)
    SELECT
        ordinal, kind, row_key,
        CASE
            WHEN kind = 'title' OR kind = 'branch' THEN row_key
            ELSE COALESCE(JSON_VALUE(COALESCE(becomes, seen), '$.branch'), N'')
        END,
        CASE WHEN becomes IS NULL THEN 1 ELSE 0 END, ''
    FROM lienthu.ReadChanges(@action)
    WHERE manner = 'repair';
    IF EXISTS (SELECT 1 FROM #repair)
    BEGIN
        -- Each version that was seen; nothing where a site had no such row.
        INSERT INTO #version (ordinal, version)
        SELECT CAST(item.[key] AS INT), CAST(v.[value] AS VARCHAR(60))
        FROM OPENJSON(@action, '$.changes') AS item
        CROSS APPLY OPENJSON(item.[value], '$.seen') AS v
        WHERE JSON_VALUE(item.[value], '$.change') = N'repair';

        UPDATE #repair
        SET
            found = CAST(x.n1 AS VARCHAR(11)) + ',' + CAST(x.n2 AS VARCHAR(11)) + ','
            + CAST(x.n3 AS VARCHAR(11)) + ',' + CAST(x.n4 AS VARCHAR(11))
        FROM #repair
        INNER JOIN lienthu.ReplicaRows() AS x
            ON x.raw_key = #repair.raw_key
            AND x.kind = #repair.kind AND x.row_key = #repair.row_key COLLATE Latin1_General_BIN2;

        DELETE FROM #hindered
        WHERE
            why <> 'field_wrong'
            AND EXISTS (
                SELECT 1 FROM #repair AS r
                WHERE
                    r.kind = #hindered.kind COLLATE Latin1_General_BIN2
                    AND r.row_key = #hindered.row_key COLLATE Latin1_General_BIN2
            );
        INSERT INTO #hindered (kind, row_key, why)
        SELECT found.kind, found.row_key, found.why
        FROM (
            SELECT
                r.kind, r.row_key,
                CASE
                    WHEN NOT EXISTS (
                        SELECT 1 FROM #version AS v WHERE v.ordinal = r.ordinal AND v.version = r.found
                    ) THEN 'changed_meanwhile'
                    -- Where the server takes another title's key for this one, that one would be written.
                    WHEN r.kind = 'title' AND r.found = '' AND r.gone = 0 AND EXISTS (
                        SELECT 1 FROM dbo.SACH AS b
                        WHERE b.ISBN = r.raw_key AND b.ISBN <> r.raw_key COLLATE Latin1_General_BIN2
                    ) THEN 'already_exists'
                    WHEN r.kind = 'title' AND r.gone = 1 AND EXISTS (
                        SELECT 1 FROM dbo.QUYENSACH AS q
                        WHERE q.ISBN = r.raw_key AND q.DaXoa = 0 AND q.HienTrang <> 'forwarded'
                    ) THEN 'title_has_copies'
                    ELSE NULL
                END AS why
            FROM #repair AS r
        ) AS found
        WHERE found.why IS NOT NULL;
    END;

    DELETE FROM #hindered
    WHERE
        kind = 'branch' AND why = 'not_audited'
        AND EXISTS (
            SELECT 1 FROM OPENJSON(@action, '$.changes') AS item
            WHERE
                JSON_VALUE(item.[value], '$.change') = N'activate'
                AND JSON_VALUE(item.[value], '$.branch.code') = #hindered.row_key COLLATE Latin1_General_BIN2
        );
    -- A branch takes part again where each site is as it was when they were found to be the same.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'branch', JSON_VALUE(item.[value], '$.branch.code'), 'changed_meanwhile'
    FROM OPENJSON(@action, '$.changes') AS item
    WHERE
        JSON_VALUE(item.[value], '$.change') = N'activate'
        AND NOT EXISTS (
            SELECT 1
            FROM OPENJSON(@action, '$.changes') AS again
            CROSS APPLY OPENJSON(again.[value], '$.audited') AS state
            INNER JOIN lienthu.Site AS s
                ON JSON_VALUE(state.[value], '$.branch') = s.branch COLLATE Latin1_General_BIN2
            WHERE
                again.[key] = item.[key]
                AND CAST(JSON_VALUE(state.[value], '$.changed') AS BIGINT) = (
                    SELECT COALESCE(MAX(c.number), 0) FROM lienthu.Change AS c WHERE c.kind <= 4
                )
        );
END;
