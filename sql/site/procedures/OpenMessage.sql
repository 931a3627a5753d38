-- Internal: the first thing in the transaction of every message: takes the lock, and sees that the message is
-- meant for this site as it is now. No number is taken: what changes nothing leaves none behind.
CREATE PROCEDURE lienthu.OpenMessage
    @to_branch NVARCHAR(10),
    @to_incarnation NVARCHAR(64),
    @refusal VARCHAR(30) OUTPUT
AS
BEGIN
    SET NOCOUNT ON;

    UPDATE lienthu.Counter SET taken = taken;

    SET @refusal = NULL;
    IF NOT EXISTS (
        SELECT 1 FROM lienthu.Site
        WHERE
            branch = @to_branch COLLATE Latin1_General_BIN2
            AND incarnation = @to_incarnation COLLATE Latin1_General_BIN2
    )
        SET @refusal = 'other_incarnation';
END;
