-- A title's document as a row of columns.
CREATE FUNCTION lienthu.ReadTitle (@document NVARCHAR(MAX))
RETURNS TABLE
AS
RETURN
SELECT
    CAST(JSON_VALUE(@document, '$.key') AS NVARCHAR(4000)) AS title_key,
    CAST(JSON_VALUE(@document, '$.name') AS NVARCHAR(4000)) AS name,
    CAST(JSON_VALUE(@document, '$.author') AS NVARCHAR(4000)) AS author,
    CAST(JSON_VALUE(@document, '$.publisher') AS NVARCHAR(4000)) AS publisher,
    CAST(JSON_VALUE(@document, '$.year') AS SMALLINT) AS published,
    CAST(JSON_VALUE(@document, '$.ddc') AS NVARCHAR(4000)) AS ddc,
    CAST(JSON_VALUE(@document, '$.language') AS NVARCHAR(4000)) AS language;
