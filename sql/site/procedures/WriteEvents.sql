-- Internal, for TakeEvents: writes down how the events of #decided stand now, with what was odd about
-- them when they came (#odd), and adds the copies whose timelines that changes to #touched.
CREATE PROCEDURE lienthu.WriteEvents
    @login VARCHAR(64)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @now DATETIME2(3) = lienthu.UtcNow();

    INSERT INTO lienthu.Event (
        id, desk, seq, scanned_by, happened_at, uncertainty_ms, overridden, copy, deed, patron, on_date,
        target, flag, settlement, standing, reasons, sent_by, correlation, received_at
    )
    SELECT
        s.id, s.desk, s.seq, s.scanned_by, s.happened_at, s.uncertainty_ms, s.overridden, s.copy, s.deed,
        s.patron, s.on_date, s.target, s.flag, s.settlement, d.stands, d.reasons, @login, s.correlation,
        @now
    FROM #decided AS d
    INNER JOIN #sent AS s ON s.ordinal = d.ordinal
    WHERE d.stood IS NULL;

    UPDATE lienthu.Event
    SET standing = d.stands, reasons = d.reasons, sent_by = @login
    FROM lienthu.Event
    INNER JOIN #sent AS s ON s.id = Event.id
    INNER JOIN #decided AS d ON d.ordinal = s.ordinal
    WHERE d.stood <> d.stands;

    INSERT INTO lienthu.Flag (event, kind, copy, refusal)
    SELECT s.id, o.kind, s.copy, o.refusal
    FROM #odd AS o
    INNER JOIN #sent AS s ON s.ordinal = o.ordinal;

    DELETE FROM lienthu.Flag
    WHERE event IN (
        SELECT s.id
        FROM #sent AS s
        INNER JOIN #decided AS d ON d.ordinal = s.ordinal
        WHERE d.was_accepted = 1 AND d.is_accepted = 0
    );

    INSERT INTO #touched (copy)
    SELECT DISTINCT s.copy
    FROM #decided AS d
    INNER JOIN #sent AS s ON s.ordinal = d.ordinal
    WHERE d.was_accepted <> d.is_accepted AND s.copy NOT IN (SELECT t.copy FROM #touched AS t);
END;
