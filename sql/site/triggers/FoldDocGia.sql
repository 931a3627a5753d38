-- A patron who is written by hand may be one of whom loans are told already: those get their rows.
CREATE TRIGGER dbo.FoldDocGia ON dbo.DOCGIA AFTER INSERT, UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT UPDATE(MaDG) OR NOT EXISTS (SELECT 1 FROM lienthu.Site)
        RETURN;

    -- See TellPhieuMuon.
    EXEC lienthu.NoteNumber;
    IF EXISTS (SELECT 1 FROM lienthu.Counter WHERE taken = 1)
        RETURN;

    INSERT INTO lienthu.Unfolded (copy)
    SELECT DISTINCT e.copy
    FROM inserted AS i
    INNER JOIN lienthu.Event AS e ON e.patron = i.MaDG AND e.standing IN ('requested', 'fact')
    WHERE
        NOT EXISTS (SELECT 1 FROM lienthu.Loan AS l WHERE l.borrow = e.id)
        AND e.copy NOT IN (SELECT w.copy FROM lienthu.Unfolded AS w);
END;
