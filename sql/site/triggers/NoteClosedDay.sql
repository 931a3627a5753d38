-- Notes every row of lienthu.ClosedDay that a statement writes: the next number, unless the procedure that writes has
-- taken one, and a tombstone for every row that is gone. Makes no identity insert: old programs read
-- @@IDENTITY.
CREATE TRIGGER lienthu.NoteClosedDay ON lienthu.ClosedDay AFTER INSERT, UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT EXISTS (SELECT 1 FROM inserted) AND NOT EXISTS (SELECT 1 FROM deleted)
        RETURN;

    EXEC lienthu.NoteNumber;
    DECLARE @number BIGINT;
    SELECT @number = number FROM lienthu.Counter;

    UPDATE lienthu.Change
    SET number = @number, gone = 1
    FROM lienthu.Change
    INNER JOIN deleted ON Change.row_key = CAST(deleted.branch + '|' + CONVERT(CHAR(10), deleted.closed_on, 23) AS VARCHAR(40)) COLLATE Latin1_General_BIN2
    WHERE Change.kind = 4;

    UPDATE lienthu.Change
    SET number = @number, gone = 0
    FROM lienthu.Change
    INNER JOIN inserted ON Change.row_key = CAST(inserted.branch + '|' + CONVERT(CHAR(10), inserted.closed_on, 23) AS VARCHAR(40)) COLLATE Latin1_General_BIN2
    WHERE Change.kind = 4;

    INSERT INTO lienthu.Change (kind, row_key, number, since, gone)
    SELECT 4, CAST(inserted.branch + '|' + CONVERT(CHAR(10), inserted.closed_on, 23) AS VARCHAR(40)), @number, @number, 0
    FROM inserted
    WHERE NOT EXISTS (
        SELECT 1 FROM lienthu.Change AS known
        WHERE known.kind = 4 AND known.row_key = CAST(inserted.branch + '|' + CONVERT(CHAR(10), inserted.closed_on, 23) AS VARCHAR(40)) COLLATE Latin1_General_BIN2
    );
END;
