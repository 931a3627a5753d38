-- Internal: the digests of the rows of a table (branch, title, policy, closed_day) that lie in buckets: @within is
-- a JSON array of their numbers among 2^@within_depth. They are told by buckets of @depth. Result sets: the number of
-- the last change of such a row, read first; the buckets in which there are rows.
CREATE PROCEDURE lienthu.ReadDigests
    @table NVARCHAR(12),
    @within_depth INT,
    @within NVARCHAR(MAX),
    @depth INT
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @kind VARCHAR(12) = @table;
    DECLARE @within_width INT = POWER(2, 24 - @within_depth);
    DECLARE @width INT = POWER(2, 24 - @depth);

    CREATE TABLE #within (number INT NOT NULL PRIMARY KEY);
    INSERT INTO #within (number) SELECT CAST(w.[value] AS INT) FROM OPENJSON(@within) AS w;

    SELECT COALESCE(MAX(number), 0) AS changed FROM lienthu.Change WHERE kind <= 4;

    SELECT
        x.place / @width AS bucket,
        COUNT(*) AS row_count,
        CAST(SUM(CAST(x.n1 AS BIGINT)) AS BIGINT) AS s1,
        CAST(SUM(CAST(x.n2 AS BIGINT)) AS BIGINT) AS s2,
        CAST(SUM(CAST(x.n3 AS BIGINT)) AS BIGINT) AS s3,
        CAST(SUM(CAST(x.n4 AS BIGINT)) AS BIGINT) AS s4
    FROM lienthu.ReplicaRows() AS x
    INNER JOIN #within AS w ON w.number = x.place / @within_width
    WHERE x.kind = @kind
    GROUP BY x.place / @width
    ORDER BY x.place / @width;
END;
