-- The changes of a catalogue document as rows, in their order: what each is, the row that it is about as a
-- document, what was seen of it. A change that takes a row away has only the latter.
CREATE FUNCTION lienthu.ReadChanges (@action NVARCHAR(MAX))
RETURNS TABLE
AS
RETURN
SELECT
    CAST(item.[key] AS INT) AS ordinal,
    CAST(JSON_VALUE(item.[value], '$.change') AS NVARCHAR(40)) AS change,
    COALESCE(
        JSON_QUERY(item.[value], '$.title'), JSON_QUERY(item.[value], '$.branch'),
        JSON_QUERY(item.[value], '$.policy'), JSON_QUERY(item.[value], '$.closed')
    ) AS becomes,
    JSON_QUERY(item.[value], '$.seen') AS seen
FROM OPENJSON(@action, '$.changes') AS item;
