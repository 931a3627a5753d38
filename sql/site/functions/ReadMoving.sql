-- The copies of a transfer's document as rows, in their order.
CREATE FUNCTION lienthu.ReadMoving (@action NVARCHAR(MAX))
RETURNS TABLE
AS
RETURN
SELECT
    CAST(item.[key] AS INT) AS ordinal,
    CAST(JSON_VALUE(item.[value], '$.details.barcode') AS NVARCHAR(4000)) AS copy,
    CAST(JSON_VALUE(item.[value], '$.details.title') AS NVARCHAR(4000)) AS title,
    CAST(JSON_VALUE(item.[value], '$.details.condition') AS NVARCHAR(4000)) AS condition,
    CAST(JSON_VALUE(item.[value], '$.details.shelf_mark') AS NVARCHAR(4000)) AS shelf_mark,
    CAST(JSON_VALUE(item.[value], '$.details.price_vnd') AS BIGINT) AS price_vnd,
    CAST(JSON_VALUE(item.[value], '$.hop') AS INT) AS hop
FROM OPENJSON(@action, '$.copies') AS item;
