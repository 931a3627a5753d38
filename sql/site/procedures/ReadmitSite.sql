-- Lets a restored site take part again: it was told what it promised and decided.
CREATE PROCEDURE lienthu.ReadmitSite
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    EXEC lienthu.RequireCaller @login OUTPUT;

    UPDATE lienthu.Site SET quarantined = 0 WHERE quarantined = 1;
END;
