-- A UUID as the tables hold it. NULL for a text that is none.
CREATE FUNCTION lienthu.ReadUuid (@text NVARCHAR(64))
RETURNS CHAR(36)
AS
BEGIN
    DECLARE @hex NVARCHAR(100) = REPLICATE(N'[0-9A-Fa-f]', 4);
    IF @text LIKE @hex + @hex + N'-' + @hex + N'-' + @hex + N'-' + @hex + N'-' + @hex + @hex + @hex
        RETURN LOWER(CAST(@text AS CHAR(36)));
    RETURN NULL;
END;
