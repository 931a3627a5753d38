-- The agent's login at every site of the network, by branch. Whoever works here has it, and so every desk.
CREATE PROCEDURE lienthu.ListAgents
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    EXEC lienthu.RequireCaller @login OUTPUT;

    SELECT branch AS branch, login_name AS login_name, secret AS secret
    FROM lienthu.Agent
    ORDER BY branch;
END;
