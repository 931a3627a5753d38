-- Internal: what every procedure asks first. Nobody's open transaction is entered: its rollback would take
-- back what a receipt has promised. And the login must be an active person's here: one who is switched
-- off loses open sessions too.
CREATE PROCEDURE lienthu.RequireCaller
    @login VARCHAR(64) OUTPUT
AS
BEGIN
    SET NOCOUNT ON;

    IF @@TRANCOUNT > 0
        THROW 51201, N'This procedure begins its own transaction; commit or roll back yours first.', 1;

    SET @login = NULL;
    SELECT @login = login_name
    FROM lienthu.Staff
    WHERE login_name = ORIGINAL_LOGIN() AND active = 1;

    IF @login IS NULL
        THROW 51202, N'This login is nobody''s here, or is switched off.', 1;
END;
