-- A key as the tables hold it. NULL for a text that is none: too long, or with other letters than the visible
-- ones of ASCII and blanks. A parameter of a key's own type would cut or change it in silence, and collations
-- take many a letter for another: either way it would name another row than the caller did.
CREATE FUNCTION lienthu.ReadKey (@text NVARCHAR(4000), @length_max INT)
RETURNS VARCHAR(64)
AS
BEGIN
    IF LEN(@text) > @length_max OR @text LIKE N'%[^ -~]%' COLLATE Latin1_General_BIN2
        RETURN NULL;
    RETURN CAST(@text AS VARCHAR(64));
END;
