-- Internal, for FindHindrances: what stands against changes of rows that every site holds. A key that the server takes
-- for another one, which differs in the case of letters, would be written into the row of that one: it exists already.
CREATE PROCEDURE lienthu.FindCatalogueHindrances
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @here VARCHAR(10);
    SELECT @here = branch FROM lienthu.Site;

    -- Titles.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'title', found.row_key, found.why
    FROM (
        SELECT
            c.title_key AS row_key,
            CASE
                WHEN
                    c.becomes IS NOT NULL
                    AND (
                        lienthu.ReadKey(c.title_key, 20) IS NULL
                        OR n.name IS NULL OR LEN(n.name) NOT BETWEEN 1 AND 255
                        OR n.author IS NULL OR LEN(n.author) > 255
                        OR n.publisher IS NULL OR LEN(n.publisher) > 255
                        OR n.ddc IS NULL OR LEN(n.ddc) > 50
                        OR n.language IS NULL OR LEN(n.language) > 10
                    )
                    THEN 'field_wrong'
                WHEN c.seen IS NULL AND (b.ISBN IS NOT NULL OR c.alike > 1) THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND b.ISBN IS NULL THEN 'unknown'
                WHEN
                    b.ISBN IS NULL
                    AND EXISTS (
                        SELECT 1 FROM dbo.SACH AS other
                        WHERE
                            other.ISBN = CAST(c.title_key AS VARCHAR(20)) COLLATE DATABASE_DEFAULT
                            AND other.ISBN <> c.title_key COLLATE Latin1_General_BIN2
                    )
                    THEN 'already_exists'
                WHEN
                    c.seen IS NOT NULL
                    AND NOT (
                        COALESCE(b.TenSach, N'') = s.name COLLATE Latin1_General_BIN2
                        AND COALESCE(b.TacGia, N'') = s.author COLLATE Latin1_General_BIN2
                        AND b.NhaXuatBan = s.publisher COLLATE Latin1_General_BIN2
                        AND COALESCE(b.NamXuatBan, 32767) = COALESCE(s.published, 32767)
                        AND b.PhanLoaiDDC = s.ddc COLLATE Latin1_General_BIN2
                        AND b.NgonNgu = s.language COLLATE Latin1_General_BIN2
                    )
                    THEN 'changed_meanwhile'
                WHEN
                    c.change = N'remove_title'
                    AND EXISTS (
                        SELECT 1 FROM dbo.QUYENSACH AS q
                        WHERE q.ISBN = b.ISBN AND q.DaXoa = 0 AND q.HienTrang <> 'forwarded'
                    )
                    THEN 'title_has_copies'
                -- Nobody knows what a branch has that is away.
                WHEN
                    c.change = N'remove_title'
                    AND EXISTS (SELECT 1 FROM dbo.CHINHANH AS away WHERE away.TrangThai = 'away')
                    THEN 'branch_away'
                ELSE NULL
            END AS why
        FROM (
            SELECT
                change, becomes, seen, JSON_VALUE(COALESCE(becomes, seen), '$.key') AS title_key,
                COUNT(*) OVER (PARTITION BY CAST(row_key AS VARCHAR(20)) COLLATE DATABASE_DEFAULT) AS alike
            FROM lienthu.ReadChanges(@action)
            WHERE kind = 'title'
        ) AS c
        LEFT JOIN dbo.SACH AS b ON b.ISBN = c.title_key COLLATE Latin1_General_BIN2 AND b.DaXoa = 0
        OUTER APPLY lienthu.ReadTitle(c.becomes) AS n
        OUTER APPLY lienthu.ReadTitle(c.seen) AS s
    ) AS found
    WHERE found.why IS NOT NULL;

    -- Branches. One begins as away, and becomes active by another change, once its site was filled and audited.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'branch', found.row_key, found.why
    FROM (
        SELECT
            c.code AS row_key,
            CASE
                WHEN
                    lienthu.ReadKey(c.code, 10) IS NULL
                    OR c.name IS NULL OR LEN(c.name) NOT BETWEEN 1 AND 255
                    OR c.address IS NULL OR LEN(c.address) > 255
                    OR c.standing IS NULL OR c.standing NOT IN (N'active', N'away', N'closed')
                    THEN 'field_wrong'
                WHEN c.seen IS NULL AND (b.MaCN IS NOT NULL OR c.alike > 1) THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND b.MaCN IS NULL THEN 'unknown'
                WHEN
                    b.MaCN IS NULL
                    AND EXISTS (
                        SELECT 1 FROM dbo.CHINHANH AS other
                        WHERE other.MaCN = CAST(c.code AS VARCHAR(10)) COLLATE DATABASE_DEFAULT
                    )
                    THEN 'already_exists'
                WHEN
                    c.seen IS NOT NULL
                    AND NOT (
                        COALESCE(b.TenCN, N'') = JSON_VALUE(c.seen, '$.name') COLLATE Latin1_General_BIN2
                        AND COALESCE(b.DiaChi, N'') = JSON_VALUE(c.seen, '$.address') COLLATE Latin1_General_BIN2
                        AND b.TrangThai = JSON_VALUE(c.seen, '$.standing') COLLATE Latin1_General_BIN2
                    )
                    THEN 'changed_meanwhile'
                WHEN b.TrangThai = c.standing COLLATE Latin1_General_BIN2 THEN NULL
                WHEN c.standing = N'active' OR (b.MaCN IS NULL AND c.standing = N'closed') THEN 'not_audited'
                WHEN
                    b.TrangThai = 'active'
                    AND NOT EXISTS (
                        SELECT 1 FROM dbo.CHINHANH AS other
                        WHERE other.TrangThai = 'active' AND other.MaCN <> b.MaCN
                    )
                    THEN 'last_active_branch'
                -- What is left there, its own site alone knows.
                WHEN b.TrangThai <> 'active' OR c.standing <> N'closed' OR b.MaCN <> @here THEN NULL
                WHEN EXISTS (SELECT 1 FROM dbo.QUYENSACH AS q WHERE q.DaXoa = 0 AND q.HienTrang <> 'forwarded')
                    THEN 'branch_has_copies'
                WHEN EXISTS (SELECT 1 FROM dbo.PHIEUMUON AS m WHERE m.NgayTra IS NULL) THEN 'branch_has_loans'
                ELSE NULL
            END AS why
        FROM (
            SELECT
                seen,
                JSON_VALUE(becomes, '$.code') AS code, JSON_VALUE(becomes, '$.name') AS name,
                JSON_VALUE(becomes, '$.address') AS address, JSON_VALUE(becomes, '$.standing') AS standing,
                COUNT(*) OVER (PARTITION BY CAST(row_key AS VARCHAR(10)) COLLATE DATABASE_DEFAULT) AS alike
            FROM lienthu.ReadChanges(@action)
            WHERE kind = 'branch'
        ) AS c
        LEFT JOIN dbo.CHINHANH AS b ON b.MaCN = c.code COLLATE Latin1_General_BIN2
    ) AS found
    WHERE found.why IS NOT NULL;

    -- Loan policies.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'policy', found.branch + '|' + found.category, found.why
    FROM (
        SELECT
            c.branch, c.category,
            CASE
                WHEN
                    c.becomes IS NOT NULL
                    AND (
                        lienthu.ReadKey(c.branch, 10) IS NULL OR lienthu.ReadKey(c.category, 20) IS NULL
                        OR COALESCE(TRY_CAST(JSON_VALUE(c.becomes, '$.loan_days') AS INT), -1) NOT BETWEEN 0 AND 65535
                        OR COALESCE(TRY_CAST(JSON_VALUE(c.becomes, '$.loans_max') AS INT), -1) NOT BETWEEN 0 AND 65535
                        OR COALESCE(TRY_CAST(JSON_VALUE(c.becomes, '$.renewals_max') AS INT), -1) NOT BETWEEN 0 AND 255
                        OR COALESCE(TRY_CAST(JSON_VALUE(c.becomes, '$.renewal_days') AS INT), -1)
                        NOT BETWEEN 0 AND 65535
                    )
                    THEN 'field_wrong'
                WHEN c.seen IS NULL AND (p.branch IS NOT NULL OR c.alike > 1) THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND p.branch IS NULL THEN 'unknown'
                WHEN
                    p.branch IS NULL
                    AND EXISTS (
                        SELECT 1 FROM lienthu.LoanPolicy AS other
                        WHERE
                            other.branch = CAST(c.branch AS VARCHAR(10)) COLLATE DATABASE_DEFAULT
                            AND other.category = CAST(c.category AS VARCHAR(20)) COLLATE DATABASE_DEFAULT
                    )
                    THEN 'already_exists'
                WHEN
                    c.seen IS NOT NULL
                    AND NOT (
                        p.loan_days = CAST(JSON_VALUE(c.seen, '$.loan_days') AS INT)
                        AND p.loans_max = CAST(JSON_VALUE(c.seen, '$.loans_max') AS INT)
                        AND p.renewals_max = CAST(JSON_VALUE(c.seen, '$.renewals_max') AS INT)
                        AND p.renewal_days = CAST(JSON_VALUE(c.seen, '$.renewal_days') AS INT)
                        AND p.may_override = CASE JSON_VALUE(c.seen, '$.may_override') WHEN N'true' THEN 1 ELSE 0 END
                    )
                    THEN 'changed_meanwhile'
                WHEN
                    c.becomes IS NOT NULL AND c.branch <> N''
                    AND NOT EXISTS (
                        SELECT 1 FROM dbo.CHINHANH AS b WHERE b.MaCN = c.branch COLLATE Latin1_General_BIN2
                    )
                    THEN 'branch_not_active'
                ELSE NULL
            END AS why
        FROM (
            SELECT
                becomes, seen, COALESCE(JSON_VALUE(COALESCE(becomes, seen), '$.branch'), N'') AS branch,
                COALESCE(JSON_VALUE(COALESCE(becomes, seen), '$.category'), N'') AS category,
                COUNT(*) OVER (PARTITION BY CAST(row_key AS VARCHAR(64)) COLLATE DATABASE_DEFAULT) AS alike
            FROM lienthu.ReadChanges(@action)
            WHERE kind = 'policy'
        ) AS c
        LEFT JOIN lienthu.LoanPolicy AS p
            ON p.branch = c.branch COLLATE Latin1_General_BIN2 AND p.category = c.category COLLATE Latin1_General_BIN2
    ) AS found
    WHERE found.why IS NOT NULL;

    -- Closed days.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'closed_day', found.branch + '|' + found.closed_on, found.why
    FROM (
        SELECT
            c.branch, c.closed_on,
            CASE
                WHEN
                    c.becomes IS NOT NULL
                    AND (
                        lienthu.ReadKey(c.branch, 10) IS NULL OR TRY_CONVERT(DATE, c.closed_on, 23) IS NULL
                        OR COALESCE(LEN(JSON_VALUE(c.becomes, '$.note')), 256) > 255
                    )
                    THEN 'field_wrong'
                WHEN c.seen IS NULL AND d.branch IS NOT NULL THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND d.branch IS NULL THEN 'unknown'
                WHEN
                    c.seen IS NOT NULL AND d.note <> JSON_VALUE(c.seen, '$.note') COLLATE Latin1_General_BIN2
                    THEN 'changed_meanwhile'
                WHEN
                    c.becomes IS NOT NULL AND c.branch <> N''
                    AND NOT EXISTS (
                        SELECT 1 FROM dbo.CHINHANH AS b WHERE b.MaCN = c.branch COLLATE Latin1_General_BIN2
                    )
                    THEN 'branch_not_active'
                ELSE NULL
            END AS why
        FROM (
            SELECT
                becomes, seen, COALESCE(JSON_VALUE(COALESCE(becomes, seen), '$.branch'), N'') AS branch,
                JSON_VALUE(COALESCE(becomes, seen), '$.date') AS closed_on
            FROM lienthu.ReadChanges(@action)
            WHERE kind = 'closed_day'
        ) AS c
        LEFT JOIN lienthu.ClosedDay AS d
            ON d.branch = c.branch COLLATE Latin1_General_BIN2 AND d.closed_on = TRY_CONVERT(DATE, c.closed_on, 23)
    ) AS found
    WHERE found.why IS NOT NULL;
END;
