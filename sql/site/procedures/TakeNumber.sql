-- Internal: takes the next number for the transaction that has just begun. The first thing that any
-- procedure does which writes: so numbers follow the order of commits, and writers wait for each other
-- here, where they cannot deadlock.
CREATE PROCEDURE lienthu.TakeNumber
AS
BEGIN
    SET NOCOUNT ON;

    UPDATE lienthu.Counter
    SET number = number + 1, taken = 1, at_time = lienthu.UtcNow();

    INSERT INTO lienthu.FeedToken (number, token, at_time)
    SELECT number, LOWER(CAST(NEWID() AS CHAR(36))), at_time FROM lienthu.Counter;
END;
