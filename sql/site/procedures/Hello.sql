-- The first words: which site this is, its clock, who asks, and what it knows of the desk. Open to
-- everyone who may sign in. Drops once a day what the feed need not keep, and folds what waits for it.
--
-- @known_number and @known_token: the furthest state that the desk has proof of; token '' for none.
-- One row.
CREATE PROCEDURE lienthu.Hello
    @desk NVARCHAR(36),
    @known_number BIGINT,
    @known_token NVARCHAR(36)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @roles NVARCHAR(100);
    DECLARE @known_is_past BIT = 1;
    DECLARE @desk_seq_max BIGINT = 0;

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF NOT EXISTS (SELECT 1 FROM lienthu.Site)
        THROW 51205, N'This database was never made the site of a branch.', 1;

    IF EXISTS (SELECT 1 FROM lienthu.Site WHERE pruned_at <= DATEADD(HOUR, -24, lienthu.UtcNow()))
        EXEC lienthu.PruneFeed;

    IF EXISTS (SELECT 1 FROM lienthu.Unfolded)
        EXEC lienthu.FoldUnfolded;

    SELECT @roles = CAST(COALESCE(STRING_AGG(role_code, ' '), '') AS NVARCHAR(100))
    FROM lienthu.StaffRole
    WHERE login_name = @login;

    IF @known_token <> N''
        AND NOT EXISTS (
            SELECT 1 FROM lienthu.FeedToken
            WHERE number = @known_number AND token = CAST(@known_token AS CHAR(36)) COLLATE Latin1_General_BIN2
        )
        SET @known_is_past = 0;

    SELECT @desk_seq_max = COALESCE(MAX(seq), 0)
    FROM lienthu.Event
    WHERE desk = CAST(@desk AS CHAR(36)) COLLATE Latin1_General_BIN2;

    SELECT
        s.branch AS branch,
        (SELECT COALESCE(MAX(program), 0) FROM lienthu.Migration) AS program,
        s.incarnation AS incarnation,
        lienthu.UtcNow() AS now_time,
        s.zone_minutes AS zone_minutes,
        p.login_name AS login_name,
        p.full_name AS full_name,
        @roles AS roles,
        @known_is_past AS known_is_past,
        @desk_seq_max AS desk_seq_max
    FROM lienthu.Site AS s
    CROSS JOIN lienthu.Staff AS p
    WHERE p.login_name = @login;
END;
