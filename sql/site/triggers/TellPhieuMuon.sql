-- Tells as events what is written in dbo.PHIEUMUON by hand or by a program that knows nothing of Liên Thư,
-- whatever the statement: see TellLoans. What our own procedures write is told already: inside of them the
-- counter is taken. Makes no identity insert: old programs read @@IDENTITY.
CREATE TRIGGER dbo.TellPhieuMuon ON dbo.PHIEUMUON AFTER INSERT, UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT EXISTS (SELECT 1 FROM inserted) AND NOT EXISTS (SELECT 1 FROM deleted)
        RETURN;
    -- Before the database is the site of a branch its rows are nobody's loans; founding counts them.
    IF NOT EXISTS (SELECT 1 FROM lienthu.Site)
        RETURN;

    -- First, because it waits for whoever has the counter: what is then read of it is no other session's
    -- unfinished work, also for a program that reads uncommitted rows.
    EXEC lienthu.NoteNumber;
    IF EXISTS (SELECT 1 FROM lienthu.Counter WHERE taken = 1)
        RETURN;

    CREATE TABLE #was (
        MaPM        INT         NOT NULL PRIMARY KEY,
        MaDG        VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        MaQuyenSach VARCHAR(20) COLLATE DATABASE_DEFAULT NULL,
        NgayMuon    DATETIME    NULL,
        NgayTra     DATETIME    NULL
    );
    CREATE TABLE #is (
        MaPM        INT         NOT NULL PRIMARY KEY,
        MaDG        VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        MaQuyenSach VARCHAR(20) COLLATE DATABASE_DEFAULT NULL,
        NgayMuon    DATETIME    NULL,
        NgayTra     DATETIME    NULL
    );
    INSERT INTO #was (MaPM, MaDG, MaQuyenSach, NgayMuon, NgayTra)
    SELECT MaPM, MaDG, MaQuyenSach, NgayMuon, NgayTra FROM deleted;
    INSERT INTO #is (MaPM, MaDG, MaQuyenSach, NgayMuon, NgayTra)
    SELECT MaPM, MaDG, MaQuyenSach, NgayMuon, NgayTra FROM inserted;

    UPDATE lienthu.Counter SET taken = 1;
    EXEC lienthu.TellLoans;
    UPDATE lienthu.Counter SET taken = 0;
END;
