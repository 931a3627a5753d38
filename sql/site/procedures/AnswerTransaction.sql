-- Internal: what every message of a transaction is answered. Result sets: why nothing happened, if so; what
-- stands against the action, from #hindered, which the caller makes; what the site keeps; who takes part.
CREATE PROCEDURE lienthu.AnswerTransaction
    @txn CHAR(36),
    @refusal VARCHAR(30)
AS
BEGIN
    SET NOCOUNT ON;

    SELECT @refusal AS refusal;

    SELECT TOP (500) kind AS kind, row_key AS row_key, why AS why
    FROM #hindered
    ORDER BY kind, row_key, why;

    EXEC lienthu.TellTransaction @txn;
END;
