-- Internal: what stands against an action at this site, into #hindered. Writes nothing else. Of a thing the
-- first reason is the one that counts.
CREATE PROCEDURE lienthu.FindHindrances
    @txn CHAR(36),
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @kind NVARCHAR(40) = JSON_VALUE(@action, '$.action');
    DECLARE @here VARCHAR(10);
    SELECT @here = branch FROM lienthu.Site;

    -- Against the transfer as a whole: where the copies go has to take part, and here has to be its one end.
    IF @kind = N'transfer'
        INSERT INTO #hindered (kind, row_key, why)
        SELECT 'branch', way.branch, way.why
        FROM (
            SELECT
                CASE
                    WHEN JSON_VALUE(@action, '$.from') = @here COLLATE Latin1_General_BIN2
                        THEN lienthu.ReadKey(JSON_VALUE(@action, '$.to'), 10)
                    ELSE @here
                END AS branch,
                CASE
                    WHEN JSON_VALUE(@action, '$.from') = @here COLLATE Latin1_General_BIN2
                        THEN CASE
                            WHEN NOT EXISTS (
                                SELECT 1 FROM dbo.CHINHANH AS b
                                WHERE
                                    b.MaCN = JSON_VALUE(@action, '$.to') COLLATE Latin1_General_BIN2
                                    AND b.TrangThai = 'active'
                            ) THEN 'branch_not_active'
                            ELSE NULL
                        END
                    WHEN JSON_VALUE(@action, '$.to') = @here COLLATE Latin1_General_BIN2 THEN NULL
                    ELSE 'unknown'
                END AS why
        ) AS way
        WHERE way.why IS NOT NULL;

    IF @kind = N'transfer' AND JSON_VALUE(@action, '$.from') = @here COLLATE Latin1_General_BIN2
        INSERT INTO #hindered (kind, row_key, why)
        SELECT 'copy', found.copy, found.why
        FROM (
            SELECT
                m.copy,
                CASE
                    WHEN q.MaQuyenSach IS NULL OR q.DaXoa = 1 THEN 'unknown'
                    WHEN EXISTS (
                        SELECT 1 FROM lienthu.Hold AS h
                        WHERE h.kind = 'copy' AND h.row_key = m.copy COLLATE Latin1_General_BIN2
                    ) THEN 'held'
                    WHEN q.TrangThai = 'on_loan' THEN 'on_loan'
                    WHEN q.TrangThai = 'in_transit' THEN 'in_transit'
                    WHEN
                        q.TrangThai = 'forwarded'
                        AND q.ChuyenDen = JSON_VALUE(@action, '$.to') COLLATE Latin1_General_BIN2
                        THEN 'already_there'
                    WHEN q.TrangThai = 'forwarded' THEN 'forwarded'
                    WHEN q.TrangThai = 'lost' THEN 'lost'
                    WHEN
                        q.SoLanChuyen + 1 <> m.hop
                        OR q.ISBN <> m.title COLLATE Latin1_General_BIN2
                        OR q.HienTrang <> m.condition COLLATE Latin1_General_BIN2
                        OR q.KyHieuXepGia <> m.shelf_mark COLLATE Latin1_General_BIN2
                        OR COALESCE(q.GiaTien, -1) <> COALESCE(m.price_vnd, -1)
                        THEN 'changed_meanwhile'
                    ELSE NULL
                END AS why
            FROM lienthu.ReadMoving(@action) AS m
            LEFT JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = m.copy COLLATE Latin1_General_BIN2
        ) AS found
        WHERE found.why IS NOT NULL;
    ELSE IF @kind = N'transfer'
        INSERT INTO #hindered (kind, row_key, why)
        SELECT 'copy', found.copy, found.why
        FROM (
            SELECT
                m.copy,
                CASE
                    WHEN EXISTS (
                        SELECT 1 FROM lienthu.Hold AS h
                        WHERE h.kind = 'copy' AND h.row_key = m.copy COLLATE Latin1_General_BIN2
                    ) THEN 'held'
                    WHEN NOT EXISTS (
                        SELECT 1 FROM dbo.SACH AS b
                        WHERE b.ISBN = m.title COLLATE Latin1_General_BIN2 AND b.DaXoa = 0
                    ) THEN 'title_unknown'
                    WHEN m.alike > 1 THEN 'code_collides'
                    WHEN q.MaQuyenSach IS NULL THEN NULL
                    WHEN q.DaXoa = 0 AND q.HienTrang <> 'forwarded' THEN 'code_collides'
                    WHEN q.ISBN <> m.title COLLATE Latin1_General_BIN2 THEN 'code_collides'
                    ELSE NULL
                END AS why
            FROM (
                SELECT
                    copy, title,
                    COUNT(*) OVER (PARTITION BY CAST(copy AS VARCHAR(20)) COLLATE DATABASE_DEFAULT) AS alike
                FROM lienthu.ReadMoving(@action)
            ) AS m
            LEFT JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = m.copy
        ) AS found
        WHERE found.why IS NOT NULL;
    ELSE
    BEGIN
        EXEC lienthu.FindCatalogueHindrances @action;
        EXEC lienthu.FindRepairHindrances @action;
    END;

    -- What another transaction holds in a way that does not agree with this one's; also under a key that the server
    -- takes for this one, which would meet it when both are carried out.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT DISTINCT w.kind, w.row_key, 'held'
    FROM lienthu.HoldsOf(@action, @here) AS w
    INNER JOIN lienthu.Hold AS h
        ON
            h.kind = w.kind COLLATE Latin1_General_BIN2
            AND CAST(h.row_key AS VARCHAR(64)) COLLATE DATABASE_DEFAULT
            = CAST(w.row_key AS VARCHAR(64)) COLLATE DATABASE_DEFAULT
    WHERE
        (w.mode = 'exclusive' OR h.mode = 'exclusive')
        AND NOT EXISTS (
            SELECT 1 FROM #hindered AS known
            WHERE
                known.kind = w.kind COLLATE Latin1_General_BIN2
                AND known.row_key = w.row_key COLLATE Latin1_General_BIN2
        );
END;
