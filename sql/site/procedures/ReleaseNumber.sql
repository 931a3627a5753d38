-- Internal: the last thing before a writing procedure commits.
CREATE PROCEDURE lienthu.ReleaseNumber
AS
BEGIN
    SET NOCOUNT ON;

    UPDATE lienthu.Counter SET taken = 0;
END;
