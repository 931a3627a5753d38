-- A name as it is searched: lower case, đ as d, punctuation as blanks. Tones and other marks are left to
-- the collation that compares; đ is a letter of its own to it.
CREATE FUNCTION lienthu.SearchName (@name NVARCHAR(255))
RETURNS NVARCHAR(255)
AS
BEGIN
    RETURN CAST(TRANSLATE(
        LOWER(REPLACE(REPLACE(@name, N'đ', N'd'), N'Đ', N'D')),
        N'.,;:!?''"()[]{}<>/\|-_+=*&%$#@~`^«»“”‘’–—…',
        N'                                         '
    ) AS NVARCHAR(255));
END;
