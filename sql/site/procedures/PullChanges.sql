-- The next page of what changed, in one snapshot.
--
-- @shown_number and @shown_token: what the cache shows; token '' to fill it anew.
-- @read_number, @read_token: the state in which the page before was read; token '' when a pull begins.
-- @at_number, @at_kind, @at_key: the last row of the page before.
--
-- Result sets: the verdict (refill: '', 'restored' or 'below_floor'; complete: whether the page is the
-- last; the site's number and token; its clock); the changes in order, each with its number;
-- then, with the same keys, the rows that are not gone: branches, titles, policies, closed days, patrons,
-- copies, open loans.
CREATE PROCEDURE lienthu.PullChanges
    @shown_number BIGINT,
    @shown_token NVARCHAR(36),
    @read_number BIGINT,
    @read_token NVARCHAR(36),
    @at_number BIGINT,
    @at_kind INT,
    @at_key NVARCHAR(40)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);
    DECLARE @rows_max INT = 2000;
    DECLARE @rows INT;
    DECLARE @refill VARCHAR(12) = '';
    DECLARE @floor BIGINT;
    DECLARE @number BIGINT;
    DECLARE @kind INT;
    DECLARE @key VARCHAR(40);
    DECLARE @sent_up_to BIGINT;

    CREATE TABLE #page (
        ordinal INT NOT NULL,
        number  BIGINT NOT NULL,
        kind    INT NOT NULL,
        row_key VARCHAR(40) COLLATE Latin1_General_BIN2 NOT NULL,
        gone    BIT NOT NULL
    );

    EXEC lienthu.RequireCaller @login OUTPUT;

    IF @shown_token = N''
        SET @shown_number = 0;
    SET @number = @shown_number;
    -- Behind every key of the number that is shown.
    SET @kind = 255;
    SET @key = '';
    SET @sent_up_to = @shown_number;
    IF @read_token <> N''
    BEGIN
        SET @number = @at_number;
        SET @kind = @at_kind;
        SET @key = @at_key;
        -- Rows that came after this were never sent to this cache, so that their end is no news either.
        IF @at_number > @sent_up_to
            SET @sent_up_to = @at_number;
    END;

    IF EXISTS (SELECT 1 FROM lienthu.Site WHERE snapshot_on = 1)
        SET TRANSACTION ISOLATION LEVEL SNAPSHOT;

    BEGIN TRY
        BEGIN TRANSACTION;

        -- Where there are no snapshots, nobody writes while the page is read.
        IF EXISTS (SELECT 1 FROM lienthu.Site WHERE snapshot_on = 0)
            UPDATE lienthu.Counter SET taken = 0;

        SELECT @floor = floor_number FROM lienthu.Counter;

        IF @shown_token <> N''
            AND NOT EXISTS (
                SELECT 1 FROM lienthu.FeedToken
                WHERE number = @shown_number
                    AND token = CAST(@shown_token AS CHAR(36)) COLLATE Latin1_General_BIN2
            )
        BEGIN
            SET @refill = 'restored';
            IF @shown_number < @floor
                SET @refill = 'below_floor';
        END
        -- A site that was put back since may have rows before the position that the page could not hold:
        -- they had moved behind it.
        ELSE IF @read_token <> N''
            AND NOT EXISTS (
                SELECT 1 FROM lienthu.FeedToken
                WHERE number = @read_number
                    AND token = CAST(@read_token AS CHAR(36)) COLLATE Latin1_General_BIN2
            )
        BEGIN
            SET @refill = 'restored';
            IF @read_number < @floor
                SET @refill = 'below_floor';
        END;

        -- One more than a page holds, so that the last page knows that it is the last.
        IF @refill = ''
            INSERT INTO #page (ordinal, number, kind, row_key, gone)
            SELECT
                ROW_NUMBER() OVER (ORDER BY found.number, found.kind, found.row_key),
                found.number, found.kind, found.row_key, found.gone
            FROM (
                SELECT TOP (@rows_max + 1) number, kind, row_key, gone
                FROM lienthu.Change
                WHERE number >= @number
                    AND (number > @number
                        OR kind > @kind
                        OR (kind = @kind AND row_key > @key COLLATE Latin1_General_BIN2))
                    AND NOT (gone = 1 AND since > @sent_up_to)
                ORDER BY number, kind, row_key
            ) AS found;

        SELECT @rows = COUNT(*) FROM #page;
        DELETE FROM #page WHERE ordinal > @rows_max;

        SELECT
            @refill AS refill,
            CASE WHEN @rows <= @rows_max THEN 1 ELSE 0 END AS complete,
            c.number AS number,
            t.token AS token,
            lienthu.UtcNow() AS now_time
        FROM lienthu.Counter AS c
        INNER JOIN lienthu.FeedToken AS t ON t.number = c.number;

        SELECT p.kind AS kind, p.row_key AS row_key, p.number AS number
        FROM #page AS p
        ORDER BY p.ordinal;

        SELECT b.MaCN AS MaCN, b.TenCN AS TenCN, b.DiaChi AS DiaChi, b.TrangThai AS TrangThai
        FROM #page AS p
        INNER JOIN dbo.CHINHANH AS b ON b.MaCN COLLATE Latin1_General_BIN2 = p.row_key
        WHERE p.kind = 1 AND p.gone = 0;

        SELECT
            b.ISBN AS ISBN, b.TenSach AS TenSach, b.TacGia AS TacGia, b.NhaXuatBan AS NhaXuatBan,
            b.NamXuatBan AS NamXuatBan, b.PhanLoaiDDC AS PhanLoaiDDC, b.NgonNgu AS NgonNgu
        FROM #page AS p
        INNER JOIN dbo.SACH AS b ON b.ISBN = CAST(p.row_key AS VARCHAR(20)) COLLATE DATABASE_DEFAULT
        WHERE p.kind = 2 AND p.gone = 0;

        SELECT
            r.branch AS branch, r.category AS category, r.loan_days AS loan_days, r.loans_max AS loans_max,
            r.renewals_max AS renewals_max, r.renewal_days AS renewal_days, r.may_override AS may_override
        FROM #page AS p
        INNER JOIN lienthu.LoanPolicy AS r
            ON CAST(r.branch + '|' + r.category AS VARCHAR(40)) COLLATE Latin1_General_BIN2 = p.row_key
        WHERE p.kind = 3 AND p.gone = 0;

        SELECT d.branch AS branch, d.closed_on AS closed_on, d.note AS note
        FROM #page AS p
        INNER JOIN lienthu.ClosedDay AS d
            ON CAST(d.branch + '|' + CONVERT(CHAR(10), d.closed_on, 23) AS VARCHAR(40))
                COLLATE Latin1_General_BIN2 = p.row_key
        WHERE p.kind = 4 AND p.gone = 0;

        SELECT
            d.MaDG AS MaDG, d.HoTen AS HoTen, d.MaCN_DangKy AS MaCN_DangKy, d.LoaiDocGia AS LoaiDocGia,
            d.HanThe AS HanThe, d.BiKhoa AS BiKhoa, d.MaCN_Goc AS MaCN_Goc, d.MaDG_Goc AS MaDG_Goc
        FROM #page AS p
        INNER JOIN dbo.DOCGIA AS d ON d.MaDG = CAST(p.row_key AS VARCHAR(10)) COLLATE DATABASE_DEFAULT
        WHERE p.kind = 5 AND p.gone = 0;

        SELECT
            q.MaQuyenSach AS MaQuyenSach, q.ISBN AS ISBN, q.MaCN AS MaCN, q.HienTrang AS HienTrang,
            q.TrangThai AS TrangThai, q.ChuyenDen AS ChuyenDen, q.KyHieuXepGia AS KyHieuXepGia,
            q.GiaTien AS GiaTien
        FROM #page AS p
        INNER JOIN dbo.QUYENSACH AS q
            ON q.MaQuyenSach = CAST(p.row_key AS VARCHAR(20)) COLLATE DATABASE_DEFAULT
        WHERE p.kind = 6 AND p.gone = 0;

        SELECT
            l.MaPM AS MaPM, l.borrow AS borrow, m.MaQuyenSach AS MaQuyenSach, m.MaDG AS MaDG,
            m.MaCN AS MaCN, l.borrowed_at AS borrowed_at, m.HanTra AS HanTra,
            m.SoLanGiaHan AS SoLanGiaHan, l.ended_at AS ended_at, l.ending AS ending,
            l.returned_on AS returned_on, m.DaHuy AS DaHuy
        FROM #page AS p
        INNER JOIN lienthu.Loan AS l ON l.borrow = CAST(p.row_key AS CHAR(36)) COLLATE Latin1_General_BIN2
        INNER JOIN dbo.PHIEUMUON AS m ON m.MaPM = l.MaPM
        WHERE p.kind = 7 AND p.gone = 0;

        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH;
END;
