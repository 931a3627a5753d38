-- Internal, for CarryOut: writes changes of rows that every site holds, whatever stands there.
CREATE PROCEDURE lienthu.ApplyCatalogue
    @txn CHAR(36),
    @action NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    -- Titles.
    CREATE TABLE #title (
        ISBN        VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY,
        TenSach     NVARCHAR(255) COLLATE DATABASE_DEFAULT NOT NULL,
        TacGia      NVARCHAR(255) COLLATE DATABASE_DEFAULT NOT NULL,
        NhaXuatBan  NVARCHAR(255) COLLATE DATABASE_DEFAULT NOT NULL,
        NamXuatBan  SMALLINT NULL,
        PhanLoaiDDC NVARCHAR(50) COLLATE DATABASE_DEFAULT NOT NULL,
        NgonNgu     NVARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL
    );
    INSERT INTO #title (ISBN, TenSach, TacGia, NhaXuatBan, NamXuatBan, PhanLoaiDDC, NgonNgu)
    SELECT t.title_key, t.name, t.author, t.publisher, t.published, t.ddc, t.language
    FROM lienthu.ReadChanges(@action) AS c
    CROSS APPLY lienthu.ReadTitle(c.becomes) AS t
    WHERE c.change = N'put_title';

    UPDATE dbo.SACH
    SET
        TenSach = t.TenSach, TacGia = t.TacGia, NhaXuatBan = t.NhaXuatBan, NamXuatBan = t.NamXuatBan,
        PhanLoaiDDC = t.PhanLoaiDDC, NgonNgu = t.NgonNgu, DaXoa = 0
    FROM dbo.SACH
    INNER JOIN #title AS t ON t.ISBN = SACH.ISBN;
    INSERT INTO dbo.SACH (ISBN, TenSach, TacGia, NhaXuatBan, NamXuatBan, PhanLoaiDDC, NgonNgu)
    SELECT t.ISBN, t.TenSach, t.TacGia, t.NhaXuatBan, t.NamXuatBan, t.PhanLoaiDDC, t.NgonNgu
    FROM #title AS t
    WHERE NOT EXISTS (SELECT 1 FROM dbo.SACH AS b WHERE b.ISBN = t.ISBN);
    UPDATE dbo.SACH
    SET DaXoa = 1
    WHERE
        DaXoa = 0
        AND ISBN IN (
            SELECT CAST(JSON_VALUE(seen, '$.key') AS VARCHAR(20))
            FROM lienthu.ReadChanges(@action)
            WHERE change = N'remove_title'
        );

    -- Branches: who belongs to the network changes with them.
    CREATE TABLE #branch (
        MaCN      VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY,
        TenCN     NVARCHAR(255) COLLATE DATABASE_DEFAULT NOT NULL,
        DiaChi    NVARCHAR(255) COLLATE DATABASE_DEFAULT NOT NULL,
        TrangThai VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL
    );
    INSERT INTO #branch (MaCN, TenCN, DiaChi, TrangThai)
    SELECT
        JSON_VALUE(becomes, '$.code'), JSON_VALUE(becomes, '$.name'), JSON_VALUE(becomes, '$.address'),
        JSON_VALUE(becomes, '$.standing')
    FROM lienthu.ReadChanges(@action)
    WHERE kind = 'branch';
    UPDATE dbo.CHINHANH
    SET TenCN = n.TenCN, DiaChi = n.DiaChi, TrangThai = n.TrangThai
    FROM dbo.CHINHANH
    INNER JOIN #branch AS n ON n.MaCN = CHINHANH.MaCN;
    INSERT INTO dbo.CHINHANH (MaCN, TenCN, DiaChi, TrangThai)
    SELECT n.MaCN, n.TenCN, n.DiaChi, n.TrangThai
    FROM #branch AS n
    WHERE NOT EXISTS (SELECT 1 FROM dbo.CHINHANH AS b WHERE b.MaCN = n.MaCN);
    -- Once for all of them, and counted from what was agreed: done again it changes nothing.
    IF EXISTS (SELECT 1 FROM #branch)
        UPDATE lienthu.Site
        SET membership = t.membership + 1
        FROM lienthu.Site
        INNER JOIN lienthu.TxnParticipant AS t ON t.membership >= Site.membership
        WHERE t.txn = @txn;

    -- Loan policies.
    CREATE TABLE #policy (
        branch       VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        category     VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        is_kept      BIT NOT NULL,
        loan_days    INT NOT NULL,
        loans_max    INT NOT NULL,
        renewals_max INT NOT NULL,
        renewal_days INT NOT NULL,
        may_override BIT NOT NULL,
        PRIMARY KEY (branch, category)
    );
    INSERT INTO #policy (
        branch, category, is_kept, loan_days, loans_max, renewals_max, renewal_days, may_override
    )
    SELECT
        COALESCE(JSON_VALUE(c.document, '$.branch'), N''), COALESCE(JSON_VALUE(c.document, '$.category'), N''),
        CASE c.change WHEN N'put_policy' THEN 1 ELSE 0 END,
        CAST(JSON_VALUE(c.document, '$.loan_days') AS INT), CAST(JSON_VALUE(c.document, '$.loans_max') AS INT),
        CAST(JSON_VALUE(c.document, '$.renewals_max') AS INT), CAST(JSON_VALUE(c.document, '$.renewal_days') AS INT),
        CASE JSON_VALUE(c.document, '$.may_override') WHEN N'true' THEN 1 ELSE 0 END
    FROM (
        SELECT change, COALESCE(becomes, seen) AS document
        FROM lienthu.ReadChanges(@action)
        WHERE kind = 'policy'
    ) AS c;
    DELETE FROM lienthu.LoanPolicy
    WHERE EXISTS (
        SELECT 1 FROM #policy AS p
        WHERE p.is_kept = 0 AND p.branch = LoanPolicy.branch AND p.category = LoanPolicy.category
    );
    UPDATE lienthu.LoanPolicy
    SET
        loan_days = p.loan_days, loans_max = p.loans_max, renewals_max = p.renewals_max,
        renewal_days = p.renewal_days, may_override = p.may_override
    FROM lienthu.LoanPolicy
    INNER JOIN #policy AS p ON p.branch = LoanPolicy.branch AND p.category = LoanPolicy.category
    WHERE p.is_kept = 1;
    INSERT INTO lienthu.LoanPolicy (
        branch, category, loan_days, loans_max, renewals_max, renewal_days, may_override
    )
    SELECT p.branch, p.category, p.loan_days, p.loans_max, p.renewals_max, p.renewal_days, p.may_override
    FROM #policy AS p
    WHERE
        p.is_kept = 1
        AND NOT EXISTS (
            SELECT 1 FROM lienthu.LoanPolicy AS known
            WHERE known.branch = p.branch AND known.category = p.category
        );

    -- Closed days.
    CREATE TABLE #closed (
        branch    VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        closed_on DATE NOT NULL,
        is_kept   BIT NOT NULL,
        note      NVARCHAR(255) COLLATE DATABASE_DEFAULT NOT NULL,
        PRIMARY KEY (branch, closed_on)
    );
    INSERT INTO #closed (branch, closed_on, is_kept, note)
    SELECT
        COALESCE(JSON_VALUE(c.document, '$.branch'), N''), CAST(JSON_VALUE(c.document, '$.date') AS DATE),
        CASE c.change WHEN N'put_closed_day' THEN 1 ELSE 0 END, JSON_VALUE(c.document, '$.note')
    FROM (
        SELECT change, COALESCE(becomes, seen) AS document
        FROM lienthu.ReadChanges(@action)
        WHERE kind = 'closed_day'
    ) AS c;
    DELETE FROM lienthu.ClosedDay
    WHERE EXISTS (
        SELECT 1 FROM #closed AS c
        WHERE c.is_kept = 0 AND c.branch = ClosedDay.branch AND c.closed_on = ClosedDay.closed_on
    );
    UPDATE lienthu.ClosedDay
    SET note = c.note
    FROM lienthu.ClosedDay
    INNER JOIN #closed AS c ON c.branch = ClosedDay.branch AND c.closed_on = ClosedDay.closed_on
    WHERE c.is_kept = 1;
    INSERT INTO lienthu.ClosedDay (branch, closed_on, note)
    SELECT c.branch, c.closed_on, c.note
    FROM #closed AS c
    WHERE
        c.is_kept = 1
        AND NOT EXISTS (
            SELECT 1 FROM lienthu.ClosedDay AS known
            WHERE known.branch = c.branch AND known.closed_on = c.closed_on
        );
END;
