-- Notes the loans that begin. A loan is two rows: the one in dbo.PHIEUMUON is written first when the loan
-- begins, and last when it changes; see NotePhieuMuon. Sealed loans are history, which no desk follows.
CREATE TRIGGER lienthu.NoteLoan ON lienthu.Loan AFTER INSERT
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT EXISTS (SELECT 1 FROM inserted WHERE sealed = 0)
        RETURN;

    EXEC lienthu.NoteNumber;
    DECLARE @number BIGINT;
    SELECT @number = number FROM lienthu.Counter;

    UPDATE lienthu.Change
    SET number = @number, gone = CASE WHEN p.NgayTra IS NULL THEN 0 ELSE 1 END
    FROM lienthu.Change
    INNER JOIN inserted ON inserted.borrow = Change.row_key
    INNER JOIN dbo.PHIEUMUON AS p ON p.MaPM = inserted.MaPM
    WHERE Change.kind = 7;

    INSERT INTO lienthu.Change (kind, row_key, number, since, gone)
    SELECT 7, inserted.borrow, @number, @number, CASE WHEN p.NgayTra IS NULL THEN 0 ELSE 1 END
    FROM inserted
    INNER JOIN dbo.PHIEUMUON AS p ON p.MaPM = inserted.MaPM
    WHERE inserted.sealed = 0 AND NOT EXISTS (
        SELECT 1 FROM lienthu.Change AS known WHERE known.kind = 7 AND known.row_key = inserted.borrow
    );
END;
