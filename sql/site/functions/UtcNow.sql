-- The site's clock. Everything that happens here is dated by it, and by nothing else.
CREATE FUNCTION lienthu.UtcNow()
RETURNS DATETIME2(3)
AS
BEGIN
    RETURN CAST(SYSUTCDATETIME() AS DATETIME2(3));
END;
