-- Notes the loans that change. A loan that is not open any more leaves the feed.
CREATE TRIGGER dbo.NotePhieuMuon ON dbo.PHIEUMUON AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT EXISTS (SELECT 1 FROM inserted INNER JOIN lienthu.Loan AS l ON l.MaPM = inserted.MaPM)
        RETURN;

    EXEC lienthu.NoteNumber;
    DECLARE @number BIGINT;
    SELECT @number = number FROM lienthu.Counter;

    UPDATE lienthu.Change
    SET number = @number, gone = CASE WHEN inserted.NgayTra IS NULL THEN 0 ELSE 1 END
    FROM lienthu.Change
    INNER JOIN lienthu.Loan AS l ON l.borrow = Change.row_key
    INNER JOIN inserted ON inserted.MaPM = l.MaPM
    WHERE Change.kind = 7;
END;
