-- Internal, for FindHindrances: what stands against changes of rows that every site holds.
CREATE PROCEDURE lienthu.FindCatalogueHindrances
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    -- Titles.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'title', found.row_key, found.why
    FROM (
        SELECT
            c.title_key AS row_key,
            CASE
                -- A field that is not there is as wrong as one that is too long.
                WHEN
                    c.change = N'put_title'
                    AND (
                        COALESCE(LEN(n.name), 0) NOT BETWEEN 1 AND 255
                        OR COALESCE(LEN(n.author), 256) > 255
                        OR COALESCE(LEN(n.publisher), 256) > 255
                        OR COALESCE(LEN(n.ddc), 51) > 50
                        OR COALESCE(LEN(n.language), 11) > 10
                    )
                    THEN 'field_wrong'
                WHEN c.seen IS NULL AND b.ISBN IS NOT NULL THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND b.ISBN IS NULL THEN 'unknown'
                WHEN
                    c.seen IS NOT NULL
                    AND NOT (
                        b.TenSach = s.name COLLATE Latin1_General_BIN2
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
                ELSE NULL
            END AS why
        FROM (
            SELECT change, becomes, seen, JSON_VALUE(COALESCE(becomes, seen), '$.key') AS title_key
            FROM lienthu.ReadChanges(@action)
            WHERE change IN (N'put_title', N'remove_title')
        ) AS c
        LEFT JOIN dbo.SACH AS b ON b.ISBN = c.title_key COLLATE Latin1_General_BIN2 AND b.DaXoa = 0
        OUTER APPLY lienthu.ReadTitle(c.becomes) AS n
        OUTER APPLY lienthu.ReadTitle(c.seen) AS s
    ) AS found
    WHERE found.why IS NOT NULL;

    -- Branches.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'branch', found.row_key, found.why
    FROM (
        SELECT
            JSON_VALUE(c.becomes, '$.code') AS row_key,
            CASE
                WHEN
                    COALESCE(LEN(JSON_VALUE(c.becomes, '$.name')), 0) NOT BETWEEN 1 AND 255
                    OR COALESCE(LEN(JSON_VALUE(c.becomes, '$.address')), 256) > 255
                    THEN 'field_wrong'
                WHEN c.seen IS NULL AND b.MaCN IS NOT NULL THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND b.MaCN IS NULL THEN 'unknown'
                WHEN
                    c.seen IS NOT NULL
                    AND NOT (
                        b.TenCN = JSON_VALUE(c.seen, '$.name') COLLATE Latin1_General_BIN2
                        AND COALESCE(b.DiaChi, N'') = JSON_VALUE(c.seen, '$.address') COLLATE Latin1_General_BIN2
                        AND b.TrangThai = JSON_VALUE(c.seen, '$.standing') COLLATE Latin1_General_BIN2
                    )
                    THEN 'changed_meanwhile'
                ELSE NULL
            END AS why
        FROM lienthu.ReadChanges(@action) AS c
        LEFT JOIN dbo.CHINHANH AS b ON b.MaCN = JSON_VALUE(c.becomes, '$.code') COLLATE Latin1_General_BIN2
        WHERE c.change = N'put_branch'
    ) AS found
    WHERE found.why IS NOT NULL;

    -- Loan policies.
    INSERT INTO #hindered (kind, row_key, why)
    SELECT 'policy', found.branch + '|' + found.category, found.why
    FROM (
        SELECT
            c.branch, c.category,
            CASE
                WHEN c.seen IS NULL AND p.branch IS NOT NULL THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND p.branch IS NULL THEN 'unknown'
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
                ELSE NULL
            END AS why
        FROM (
            SELECT
                seen, COALESCE(JSON_VALUE(COALESCE(becomes, seen), '$.branch'), N'') AS branch,
                COALESCE(JSON_VALUE(COALESCE(becomes, seen), '$.category'), N'') AS category
            FROM lienthu.ReadChanges(@action)
            WHERE change IN (N'put_policy', N'remove_policy')
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
                WHEN c.change = N'put_closed_day' AND COALESCE(LEN(c.note), 256) > 255 THEN 'field_wrong'
                WHEN c.seen IS NULL AND d.branch IS NOT NULL THEN 'already_exists'
                WHEN c.seen IS NOT NULL AND d.branch IS NULL THEN 'unknown'
                WHEN
                    c.seen IS NOT NULL AND d.note <> JSON_VALUE(c.seen, '$.note') COLLATE Latin1_General_BIN2
                    THEN 'changed_meanwhile'
                ELSE NULL
            END AS why
        FROM (
            SELECT
                seen, COALESCE(JSON_VALUE(COALESCE(becomes, seen), '$.branch'), N'') AS branch,
                JSON_VALUE(COALESCE(becomes, seen), '$.date') AS closed_on, change,
                JSON_VALUE(becomes, '$.note') AS note
            FROM lienthu.ReadChanges(@action)
            WHERE change IN (N'put_closed_day', N'remove_closed_day')
        ) AS c
        LEFT JOIN lienthu.ClosedDay AS d
            ON d.branch = c.branch COLLATE Latin1_General_BIN2 AND d.closed_on = CAST(c.closed_on AS DATE)
    ) AS found
    WHERE found.why IS NOT NULL;
END;
