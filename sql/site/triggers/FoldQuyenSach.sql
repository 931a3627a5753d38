-- Keeps the state of copies what the fold says, whatever is written in dbo.QUYENSACH by hand or by a program
-- that knows nothing of Liên Thư. Old programs set TinhTrang themselves, before or after they write the loan:
-- the loan decides, so that it ends right in either order. Makes no identity insert.
CREATE TRIGGER dbo.FoldQuyenSach ON dbo.QUYENSACH AFTER INSERT, UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF NOT EXISTS (SELECT 1 FROM inserted) AND NOT EXISTS (SELECT 1 FROM deleted)
        RETURN;
    IF NOT EXISTS (SELECT 1 FROM lienthu.Site)
        RETURN;
    -- A new price moves nothing.
    IF
        EXISTS (SELECT 1 FROM inserted)
        AND NOT (UPDATE(MaQuyenSach) OR UPDATE(TinhTrang) OR UPDATE(TrangThai) OR UPDATE(HienTrang))
        RETURN;

    -- See TellPhieuMuon.
    EXEC lienthu.NoteNumber;
    IF EXISTS (SELECT 1 FROM lienthu.Counter WHERE taken = 1)
        RETURN;
    UPDATE lienthu.Counter SET taken = 1;

    UPDATE dbo.QUYENSACH
    SET
        TrangThai = CASE WHEN i.HienTrang = 'good' THEN 'free' ELSE i.HienTrang END,
        TinhTrang = CASE WHEN i.HienTrang = 'good' THEN N'Có sẵn' ELSE N'Đang được mượn' END
    FROM dbo.QUYENSACH
    INNER JOIN inserted AS i ON i.MaQuyenSach = QUYENSACH.MaQuyenSach
    WHERE
        NOT EXISTS (SELECT 1 FROM lienthu.Event AS e WHERE e.copy = i.MaQuyenSach)
        AND (
            i.TinhTrang IS NULL
            OR i.TrangThai <> CASE WHEN i.HienTrang = 'good' THEN 'free' ELSE i.HienTrang END
            OR i.TinhTrang <> CASE WHEN i.HienTrang = 'good' THEN N'Có sẵn' ELSE N'Đang được mượn' END
        );

    CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);
    INSERT INTO #touched (copy)
    SELECT written.MaQuyenSach
    FROM (SELECT MaQuyenSach FROM inserted UNION SELECT MaQuyenSach FROM deleted) AS written
    WHERE EXISTS (SELECT 1 FROM lienthu.Event AS e WHERE e.copy = written.MaQuyenSach);
    IF EXISTS (SELECT 1 FROM #touched)
        EXEC lienthu.RefoldTimelines @by_hand = 1;

    UPDATE lienthu.Counter SET taken = 0;
END;
