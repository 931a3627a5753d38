-- Internal: the keys and digests of those rows of a table that lie in these buckets (see ReadDigests), behind @behind
-- ('' for the first page), by the bytes of the key.
CREATE PROCEDURE lienthu.ReadReplicaKeys
    @table NVARCHAR(12),
    @within_depth INT,
    @within NVARCHAR(MAX),
    @behind NVARCHAR(64)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @kind VARCHAR(12) = @table;
    DECLARE @key VARCHAR(64) = @behind;
    DECLARE @within_width INT = POWER(2, 24 - @within_depth);

    CREATE TABLE #within (number INT NOT NULL PRIMARY KEY);
    INSERT INTO #within (number) SELECT CAST(w.[value] AS INT) FROM OPENJSON(@within) AS w;

    SELECT TOP (2000)
        x.row_key AS row_key, x.n1 AS n1, x.n2 AS n2, x.n3 AS n3, x.n4 AS n4
    FROM lienthu.ReplicaRows() AS x
    INNER JOIN #within AS w ON w.number = x.place / @within_width
    WHERE x.kind = @kind AND x.row_key > @key COLLATE Latin1_General_BIN2
    ORDER BY x.row_key COLLATE Latin1_General_BIN2;
END;
