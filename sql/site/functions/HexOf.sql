-- Bytes in lower-case hexadecimal. CONVERT with style 2 says the same where it is known: Babelfish reads the
-- bytes as letters.
CREATE FUNCTION lienthu.HexOf (@bytes VARBINARY(32))
RETURNS VARCHAR(64)
AS
BEGIN
    DECLARE @digits CHAR(16) = '0123456789abcdef';
    DECLARE @hex VARCHAR(64) = '';
    DECLARE @place INT = 1;
    DECLARE @byte INT;
    WHILE @place <= DATALENGTH(@bytes)
    BEGIN
        SET @byte = CAST(SUBSTRING(@bytes, @place, 1) AS INT);
        SET @hex = @hex + SUBSTRING(@digits, @byte / 16 + 1, 1) + SUBSTRING(@digits, @byte % 16 + 1, 1);
        SET @place = @place + 1;
    END;
    RETURN @hex;
END;
