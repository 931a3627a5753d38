-- Notes the loans that change. A loan that is not open any more leaves the feed. What is told is what the
-- row is now: another trigger may have changed it since the statement.
CREATE TRIGGER dbo.NotePhieuMuon ON dbo.PHIEUMUON AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT EXISTS (SELECT 1 FROM inserted INNER JOIN lienthu.Loan AS l ON l.MaPM = inserted.MaPM WHERE l.sealed = 0)
        RETURN;

    EXEC lienthu.NoteNumber;
    DECLARE @number BIGINT;
    SELECT @number = number FROM lienthu.Counter;

    UPDATE lienthu.Change
    SET number = @number, gone = CASE WHEN p.NgayTra IS NULL THEN 0 ELSE 1 END
    FROM lienthu.Change
    INNER JOIN lienthu.Loan AS l ON l.borrow = Change.row_key
    INNER JOIN inserted ON inserted.MaPM = l.MaPM
    INNER JOIN dbo.PHIEUMUON AS p ON p.MaPM = l.MaPM
    WHERE Change.kind = 7;
END;
