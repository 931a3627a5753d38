-- What an action holds at the site of a branch, each thing once.
CREATE FUNCTION lienthu.HoldsOf (@action NVARCHAR(MAX), @here VARCHAR(10))
RETURNS TABLE
AS
RETURN (
SELECT 'copy' AS kind, CAST(m.copy AS VARCHAR(64)) AS row_key, 'exclusive' AS mode
FROM lienthu.ReadMoving(@action) AS m
UNION ALL
SELECT 'membership', '', CASE WHEN COUNT(*) > 0 THEN 'exclusive' ELSE 'shared' END
FROM lienthu.ReadChanges(@action) AS c
WHERE c.change = N'put_branch'
UNION ALL
-- They arrive: their titles must not go meanwhile.
SELECT DISTINCT 'title', CAST(m.title AS VARCHAR(64)), 'shared'
FROM lienthu.ReadMoving(@action) AS m
WHERE JSON_VALUE(@action, '$.to') = @here COLLATE Latin1_General_BIN2
UNION ALL
SELECT c.kind, c.row_key, 'exclusive'
FROM lienthu.ReadChanges(@action) AS c
);
