-- Notes every row of lienthu.LoanPolicy that a statement writes: the next number, unless the procedure that writes has
-- taken one, and a tombstone for every row that is gone. Makes no identity insert: old programs read
-- @@IDENTITY.
CREATE TRIGGER lienthu.NoteLoanPolicy ON lienthu.LoanPolicy AFTER INSERT, UPDATE, DELETE
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
    INNER JOIN deleted ON Change.row_key = CAST(deleted.branch + '|' + deleted.category AS VARCHAR(40)) COLLATE Latin1_General_BIN2
    WHERE Change.kind = 3;

    UPDATE lienthu.Change
    SET number = @number, gone = 0
    FROM lienthu.Change
    INNER JOIN inserted ON Change.row_key = CAST(inserted.branch + '|' + inserted.category AS VARCHAR(40)) COLLATE Latin1_General_BIN2
    WHERE Change.kind = 3;

    INSERT INTO lienthu.Change (kind, row_key, number, since, gone)
    SELECT 3, CAST(inserted.branch + '|' + inserted.category AS VARCHAR(40)), @number, @number, 0
    FROM inserted
    WHERE NOT EXISTS (
        SELECT 1 FROM lienthu.Change AS known
        WHERE known.kind = 3 AND known.row_key = CAST(inserted.branch + '|' + inserted.category AS VARCHAR(40)) COLLATE Latin1_General_BIN2
    );
END;
