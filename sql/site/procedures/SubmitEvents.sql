-- Takes a batch of events: JSON, an array of flat objects in the order of sending. Each has its effect
-- exactly once, however often it is sent. Where the batch fails for a reason that may lie in one event,
-- its events are tried one by one, so that one bad event never blocks the others.
--
-- Result sets: the state that holds all of them (number, token, now); for each event, in order, what
-- became of it and the loan that it is about; what is odd about the events.
CREATE PROCEDURE lienthu.SubmitEvents
    @events NVARCHAR(MAX),
    @proven_number BIGINT = NULL,
    @proven_token CHAR(36) = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @events_max INT = 10000;
    DECLARE @login VARCHAR(64);
    DECLARE @branch VARCHAR(10);
    DECLARE @ordinal INT = 0;
    DECLARE @last INT;
    DECLARE @goes_alone BIT = 0;
    DECLARE @hex NVARCHAR(100) = REPLICATE(N'[0-9A-Fa-f]', 4);
    -- Of a UUID as text, and of nothing else.
    DECLARE @uuid NVARCHAR(400) = @hex + @hex + N'-' + @hex + N'-' + @hex + N'-' + @hex + N'-' + @hex + @hex + @hex;

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF ISJSON(@events) = 0 OR LEFT(LTRIM(@events), 1) <> N'['
        THROW 51206, N'The events are not a JSON array.', 1;

    SELECT @branch = branch FROM lienthu.Site;

    -- Waits_for is the last event before it in the batch that has to be written before it can be decided.
    CREATE TABLE #sent (
        ordinal        INT          NOT NULL PRIMARY KEY,
        id             CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        desk           CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        seq            BIGINT       NULL,
        site           VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        scanned_by     VARCHAR(64) COLLATE DATABASE_DEFAULT NULL,
        happened_at    DATETIME2(3) NULL,
        uncertainty_ms BIGINT       NULL,
        overridden     BIT          NULL,
        copy           VARCHAR(20) COLLATE DATABASE_DEFAULT NULL,
        deed           VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        patron         VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        on_date        DATE         NULL,
        target         CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        flag           VARCHAR(30) COLLATE DATABASE_DEFAULT NULL,
        settlement     VARCHAR(20) COLLATE DATABASE_DEFAULT NULL,
        claim          VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        correlation    CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        waits_for      INT          NULL,
        received_at    VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        set_aside      VARCHAR(20) COLLATE DATABASE_DEFAULT NULL
    );

    -- Text first, values then: what cannot be read is one event's failure, not the batch's. What people
    -- may have typed is read by JSON_VALUE, which unescapes it everywhere. Keys are as ReadKey has them.
    INSERT INTO #sent (
        ordinal, id, desk, seq, site, scanned_by, happened_at, uncertainty_ms, overridden, copy, deed,
        patron, on_date, target, flag, settlement, claim, correlation, received_at
    )
    SELECT
        CAST(sent.[key] AS INT), CASE WHEN e.id LIKE @uuid THEN LOWER(e.id) ELSE NULL END, CASE WHEN e.desk LIKE @uuid THEN LOWER(e.desk) ELSE NULL END, TRY_CONVERT(BIGINT, e.seq), e.site,
        CASE
            WHEN LEN(typed.scanned_by) <= 64
                AND typed.scanned_by NOT LIKE N'%[^ -~]%' COLLATE Latin1_General_BIN2
                THEN typed.scanned_by
            ELSE NULL
        END,
        TRY_CONVERT(DATETIME2(3), e.happened_at, 127), TRY_CONVERT(BIGINT, e.uncertainty_ms),
        CASE e.overridden WHEN N'true' THEN 1 WHEN N'false' THEN 0 ELSE NULL END,
        CASE
            WHEN LEN(typed.copy) <= 20
                AND typed.copy NOT LIKE N'%[^ -~]%' COLLATE Latin1_General_BIN2
                THEN typed.copy
            ELSE NULL
        END, e.deed,
        CASE
            WHEN LEN(typed.patron) <= 10
                AND typed.patron NOT LIKE N'%[^ -~]%' COLLATE Latin1_General_BIN2
                THEN typed.patron
            ELSE NULL
        END,
        TRY_CONVERT(DATE, e.on_date, 23), CASE WHEN e.target LIKE @uuid THEN LOWER(e.target) ELSE NULL END, e.flag, e.settlement, e.claim, CASE WHEN e.correlation LIKE @uuid THEN LOWER(e.correlation) ELSE NULL END,
        -- Of a return that another branch received, and of nothing else.
        CASE WHEN e.deed = N'return' AND e.claim = N'fact' THEN lienthu.ReadKey(e.received_at, 10) ELSE NULL END
    FROM OPENJSON(@events) AS sent
    CROSS APPLY OPENJSON(sent.value) WITH (
        id             NVARCHAR(64) '$.id',
        desk           NVARCHAR(64) '$.desk',
        seq            NVARCHAR(20) '$.seq',
        site           NVARCHAR(10) '$.site',
        happened_at    NVARCHAR(30) '$.at',
        uncertainty_ms NVARCHAR(20) '$.uncertainty_ms',
        overridden     NVARCHAR(5) '$.overridden',
        deed           NVARCHAR(10) '$.deed',
        on_date        NVARCHAR(10) '$.date',
        target         NVARCHAR(64) '$.target',
        flag           NVARCHAR(30) '$.flag',
        settlement     NVARCHAR(20) '$.settlement',
        claim          NVARCHAR(10) '$.claim',
        correlation    NVARCHAR(64) '$.correlation',
        received_at    NVARCHAR(10) '$.received_at'
    ) AS e
    CROSS APPLY (
        SELECT
            CAST(JSON_VALUE(sent.[value], '$.scanned_by') AS NVARCHAR(4000)) AS scanned_by,
            CAST(JSON_VALUE(sent.[value], '$.copy') AS NVARCHAR(4000)) AS copy,
            CAST(JSON_VALUE(sent.[value], '$.patron') AS NVARCHAR(4000)) AS patron
    ) AS typed;

    -- The right to circulate and the right to settle are the librarian's alone; to deliver what another branch
    -- received is the agent's. The grants say less: they are the same for both.
    IF
        (
            EXISTS (SELECT 1 FROM #sent WHERE received_at IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM lienthu.StaffRole WHERE login_name = @login AND role_code = 'agent')
        )
        OR (
            (EXISTS (SELECT 1 FROM #sent WHERE received_at IS NULL) OR NOT EXISTS (SELECT 1 FROM #sent))
            AND NOT EXISTS (SELECT 1 FROM lienthu.StaffRole WHERE login_name = @login AND role_code = 'librarian')
        )
        THROW 51204, N'Only librarians of this branch may send events; agents may deliver returns.', 1;

    -- The log's columns say what an event needs; a claim has no column, and a promised date must not get
    -- lost for not being one.
    UPDATE #sent SET set_aside = 'other_branch' WHERE site <> @branch;
    UPDATE #sent
    SET set_aside = 'failed'
    WHERE
        COALESCE(claim, '') NOT IN ('request', 'fact', 'withdrawal')
        OR COALESCE(deed, '') NOT IN ('borrow', 'return', 'renew', 'undo', 'settle')
        OR id IS NULL OR desk IS NULL OR seq IS NULL OR scanned_by IS NULL OR happened_at IS NULL
        OR uncertainty_ms IS NULL OR overridden IS NULL OR copy IS NULL OR correlation IS NULL OR site IS NULL;
    UPDATE #sent SET set_aside = 'failed' WHERE deed IN ('borrow', 'renew') AND on_date IS NULL;

    SELECT @last = COALESCE(MAX(ordinal), -1) FROM #sent;
    IF @last >= @events_max
        THROW 51110, N'There are too many events in the batch.', 1;

    BEGIN TRY
        EXEC lienthu.TakeEvents @login, 0, @last, @proven_number, @proven_token;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        -- A lock, a deadlock, a snapshot, a right, the disk and what the procedures themselves say are
        -- never the fault of an event.
        IF
            ERROR_NUMBER() IN (229, 1205, 1222, 3960)
            OR ERROR_NUMBER() BETWEEN 51000 AND 51999
            OR ERROR_SEVERITY() > 16
            THROW;
        SET @goes_alone = 1;
    END CATCH;

    WHILE @goes_alone = 1 AND @ordinal <= @last
    BEGIN
        BEGIN TRY
            EXEC lienthu.TakeEvents @login, @ordinal, @ordinal, @proven_number, @proven_token;
        END TRY
        BEGIN CATCH
            IF @@TRANCOUNT > 0
                ROLLBACK TRANSACTION;
            IF
                ERROR_NUMBER() IN (229, 1205, 1222, 3960)
                OR ERROR_NUMBER() BETWEEN 51000 AND 51999
                OR ERROR_SEVERITY() > 16
                THROW;
            UPDATE #sent SET set_aside = 'failed' WHERE ordinal = @ordinal;
        END CATCH;
        SET @ordinal = @ordinal + 1;
    END;

    EXEC lienthu.AnswerEvents;
END;
