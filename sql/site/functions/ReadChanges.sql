-- The changes of a catalogue document as rows, in their order: what each is, the row that it is about, as a hold
-- names it and as a document, and what was seen of it. A change that takes a row away has only the latter.
--
-- A repair reads as what it does, and so does letting a branch take part again, which puts it; manner tells them
-- from mere changes. What was seen of a row that is repaired is another thing, which FindRepairHindrances reads.
CREATE FUNCTION lienthu.ReadChanges (@action NVARCHAR(MAX))
RETURNS TABLE
AS
RETURN
SELECT
    c.ordinal, c.change, c.kind, c.becomes, c.seen, c.manner,
    CAST(
        CASE c.kind
            WHEN 'title' THEN JSON_VALUE(COALESCE(c.becomes, c.seen), '$.key')
            WHEN 'branch' THEN JSON_VALUE(COALESCE(c.becomes, c.seen), '$.code')
            WHEN 'policy'
                THEN COALESCE(JSON_VALUE(COALESCE(c.becomes, c.seen), '$.branch'), N'') + N'|'
                    + COALESCE(JSON_VALUE(COALESCE(c.becomes, c.seen), '$.category'), N'')
            ELSE COALESCE(JSON_VALUE(COALESCE(c.becomes, c.seen), '$.branch'), N'') + N'|'
                + JSON_VALUE(COALESCE(c.becomes, c.seen), '$.date')
        END AS VARCHAR(64)
    ) AS row_key
FROM (
    SELECT
        CAST(item.[key] AS INT) AS ordinal,
        CAST(
            CASE JSON_VALUE(item.[value], '$.change')
                WHEN N'repair'
                    THEN CASE JSON_VALUE(item.[value], '$.gone') WHEN N'true' THEN N'remove_' ELSE N'put_' END
                        + JSON_VALUE(item.[value], '$.row.kind')
                WHEN N'activate' THEN N'put_branch'
                ELSE JSON_VALUE(item.[value], '$.change')
            END AS NVARCHAR(40)
        ) AS change,
        CASE COALESCE(JSON_VALUE(item.[value], '$.row.kind'), JSON_VALUE(item.[value], '$.change'))
            WHEN N'title' THEN 'title'
            WHEN N'put_title' THEN 'title'
            WHEN N'remove_title' THEN 'title'
            WHEN N'branch' THEN 'branch'
            WHEN N'put_branch' THEN 'branch'
            WHEN N'activate' THEN 'branch'
            WHEN N'policy' THEN 'policy'
            WHEN N'put_policy' THEN 'policy'
            WHEN N'remove_policy' THEN 'policy'
            ELSE 'closed_day'
        END AS kind,
        CAST(
            CASE JSON_VALUE(item.[value], '$.gone')
                WHEN N'true' THEN NULL
                ELSE COALESCE(
                    JSON_QUERY(item.[value], '$.title'), JSON_QUERY(item.[value], '$.branch'),
                    JSON_QUERY(item.[value], '$.policy'), JSON_QUERY(item.[value], '$.closed'),
                    JSON_QUERY(item.[value], '$.row.row')
                )
            END AS NVARCHAR(MAX)
        ) AS becomes,
        CAST(
            CASE
                WHEN JSON_VALUE(item.[value], '$.gone') = N'true' THEN JSON_QUERY(item.[value], '$.row.row')
                WHEN JSON_VALUE(item.[value], '$.change') = N'repair' THEN NULL
                ELSE JSON_QUERY(item.[value], '$.seen')
            END AS NVARCHAR(MAX)
        ) AS seen,
        CASE JSON_VALUE(item.[value], '$.change')
            WHEN N'repair' THEN 'repair'
            WHEN N'activate' THEN 'activate'
            ELSE 'change'
        END AS manner
    FROM OPENJSON(@action, '$.changes') AS item
) AS c;
