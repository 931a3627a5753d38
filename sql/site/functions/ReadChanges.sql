-- The changes of a catalogue document as rows, in their order: what each is, the row that it is about, as a hold
-- names it and as a document, and what was seen of it. A change that takes a row away has only the latter.
CREATE FUNCTION lienthu.ReadChanges (@action NVARCHAR(MAX))
RETURNS TABLE
AS
RETURN
SELECT
    c.ordinal, c.change, c.kind, c.becomes, c.seen,
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
        CAST(JSON_VALUE(item.[value], '$.change') AS NVARCHAR(40)) AS change,
        CASE JSON_VALUE(item.[value], '$.change')
            WHEN N'put_title' THEN 'title'
            WHEN N'remove_title' THEN 'title'
            WHEN N'put_branch' THEN 'branch'
            WHEN N'put_policy' THEN 'policy'
            WHEN N'remove_policy' THEN 'policy'
            ELSE 'closed_day'
        END AS kind,
        COALESCE(
            JSON_QUERY(item.[value], '$.title'), JSON_QUERY(item.[value], '$.branch'),
            JSON_QUERY(item.[value], '$.policy'), JSON_QUERY(item.[value], '$.closed')
        ) AS becomes,
        JSON_QUERY(item.[value], '$.seen') AS seen
    FROM OPENJSON(@action, '$.changes') AS item
) AS c;
