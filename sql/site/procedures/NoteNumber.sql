-- Internal, for triggers: the next number for this statement, unless the transaction has taken its own.
CREATE PROCEDURE lienthu.NoteNumber
AS
BEGIN
    SET NOCOUNT ON;

    UPDATE lienthu.Counter
    SET number = number + 1, at_time = lienthu.UtcNow()
    WHERE taken = 0;

    IF @@ROWCOUNT = 1
        INSERT INTO lienthu.FeedToken (number, token, at_time)
        SELECT number, LOWER(CAST(NEWID() AS CHAR(36))), at_time FROM lienthu.Counter;
END;
