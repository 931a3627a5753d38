-- What waits for someone to look at it, oldest event first, the first two hundred.
CREATE PROCEDURE lienthu.ReviewItems
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    EXEC lienthu.RequireCaller @login OUTPUT;

    SELECT TOP (200)
        i.kind AS kind, i.refusal AS refusal, i.other AS other,
        e.id AS id, e.desk AS desk, e.seq AS seq, e.scanned_by AS scanned_by, e.happened_at AS happened_at,
        e.uncertainty_ms AS uncertainty_ms, e.overridden AS overridden, e.copy AS copy, e.deed AS deed,
        e.patron AS patron, e.on_date AS on_date, e.target AS target, e.flag AS flag,
        e.settlement AS settlement, e.sent_by AS sent_by
    FROM lienthu.ReviewItem AS i
    INNER JOIN lienthu.Event AS e ON e.id = i.event
    ORDER BY e.happened_at, e.desk, e.seq, e.id, i.kind;
END;
