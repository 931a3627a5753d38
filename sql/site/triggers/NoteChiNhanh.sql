-- Notes every row of dbo.CHINHANH that a statement writes: the next number, unless the procedure that writes has
-- taken one, and a tombstone for every row that is gone. Makes no identity insert: old programs read
-- @@IDENTITY.
CREATE TRIGGER dbo.NoteChiNhanh ON dbo.CHINHANH AFTER INSERT, UPDATE, DELETE
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
    INNER JOIN deleted ON Change.row_key = deleted.MaCN COLLATE Latin1_General_BIN2
    WHERE Change.kind = 1;

    UPDATE lienthu.Change
    SET number = @number, gone = 0
    FROM lienthu.Change
    INNER JOIN inserted ON Change.row_key = inserted.MaCN COLLATE Latin1_General_BIN2
    WHERE Change.kind = 1;

    INSERT INTO lienthu.Change (kind, row_key, number, since, gone)
    SELECT 1, inserted.MaCN, @number, @number, 0
    FROM inserted
    WHERE NOT EXISTS (
        SELECT 1 FROM lienthu.Change AS known
        WHERE known.kind = 1 AND known.row_key = inserted.MaCN COLLATE Latin1_General_BIN2
    );
END;
