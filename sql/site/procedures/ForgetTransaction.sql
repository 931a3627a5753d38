-- A manager has done what was left to do about a transaction whose outcome was forced here, or knows that nobody
-- will ever learn how it was decided: it is not listed any more. What is only promised is not forgotten.
CREATE PROCEDURE lienthu.ForgetTransaction
    @txn NVARCHAR(64),
    @to_branch NVARCHAR(10),
    @to_incarnation NVARCHAR(64)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @id CHAR(36) = lienthu.ReadUuid(@txn);
    DECLARE @refusal VARCHAR(30);
    DECLARE @is_promised BIT = NULL;

    CREATE TABLE #hindered (
        kind    VARCHAR(12) COLLATE DATABASE_DEFAULT NOT NULL,
        row_key VARCHAR(64) COLLATE DATABASE_DEFAULT NOT NULL,
        why     VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL
    );

    EXEC lienthu.RequireCaller @login OUTPUT;
    IF @id IS NULL
        THROW 51206, N'The transaction''s id is no UUID.', 1;

    BEGIN TRY
        BEGIN TRANSACTION;
        EXEC lienthu.OpenMessage @to_branch, @to_incarnation, @refusal OUTPUT;

        SELECT @is_promised = CASE WHEN forced IS NULL AND outcome IS NULL THEN 1 ELSE 0 END
        FROM lienthu.TxnParticipant
        WHERE txn = @id;

        SET @refusal = CASE
            WHEN @refusal IS NOT NULL THEN @refusal
            WHEN @is_promised IS NULL THEN 'not_promised'
            WHEN @is_promised = 1 THEN 'undecided'
            ELSE NULL
        END;

        IF @refusal IS NULL
            UPDATE lienthu.TxnParticipant SET forgotten = 1 WHERE txn = @id AND forced IS NOT NULL;
        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;

    EXEC lienthu.AnswerTransaction @id, @refusal;
END;
