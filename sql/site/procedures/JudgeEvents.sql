-- Internal, for DecideEvents: judges what is newly accepted in #decided. A request that breaks a rule is
-- refused, with all reasons, the one to say first; of a fact that does, the first broken rule is noted
-- in #odd. Both are the rules of lending, asked of the state at the moment of the event: what is written,
-- and the facts before it in the batch.
CREATE PROCEDURE lienthu.JudgeEvents
AS
BEGIN
    SET NOCOUNT ON;

    -- How many days a promised date may lie beyond what the policy gives: closed days in a row, and
    -- policies that reached the desk late.
    DECLARE @due_days_leeway INT = 91;
    DECLARE @never INT = 2147483647;
    DECLARE @all BIGINT = 2147483647;
    DECLARE @branch VARCHAR(10);
    DECLARE @zone_minutes INT;

    SELECT @branch = branch, @zone_minutes = zone_minutes FROM lienthu.Site;

    -- The copies in question, and those that the batch has touched before: their loans are not written yet.
    CREATE TABLE #involved (
        copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY
    );
    INSERT INTO #involved (copy)
    SELECT s.copy
    FROM #decided AS d
    INNER JOIN #sent AS s ON s.ordinal = d.ordinal
    WHERE d.was_accepted = 0 AND d.is_accepted = 1
    UNION
    SELECT t.copy FROM #touched AS t;

    -- The timelines of the copies involved, with the facts of the batch in their places. An event is in
    -- force for those with an ordinal above came, up to and with went. TOP: see RefoldTimelines.
    CREATE TABLE #story (
        copy        VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        place       BIGINT       NOT NULL,
        id          CHAR(36) COLLATE Latin1_General_BIN2 NOT NULL,
        deed        VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        happened_at DATETIME2(3) NOT NULL,
        patron      VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        on_date     DATE         NULL,
        target      CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        came        INT          NOT NULL,
        went        INT          NOT NULL,
        PRIMARY KEY (copy, place)
    );
    WITH told AS (
        SELECT i.copy, e.id, e.desk, e.seq, e.deed, e.happened_at, e.patron, e.on_date, e.target, -1 AS came
        FROM #involved AS i
        CROSS APPLY (
            SELECT TOP (@all) f.id, f.desk, f.seq, f.deed, f.happened_at, f.patron, f.on_date, f.target
            FROM lienthu.Event AS f
            WHERE f.copy = i.copy AND f.standing IN ('requested', 'fact')
            ORDER BY f.happened_at, f.desk, f.seq
        ) AS e
        UNION ALL
        SELECT i.copy, s.id, s.desk, s.seq, s.deed, s.happened_at, s.patron, s.on_date, s.target, s.ordinal
        FROM #decided AS d
        INNER JOIN #sent AS s ON s.ordinal = d.ordinal
        INNER JOIN #involved AS i ON i.copy = s.copy
        WHERE d.was_accepted = 0 AND d.stands = 'fact'
    )
    INSERT INTO #story (copy, place, id, deed, happened_at, patron, on_date, target, came, went)
    SELECT
        t.copy, ROW_NUMBER() OVER (PARTITION BY t.copy ORDER BY t.happened_at, t.desk, t.seq, t.id),
        t.id, t.deed, t.happened_at, t.patron, t.on_date, t.target, t.came, COALESCE(u.came, @never)
    FROM told AS t
    LEFT JOIN (
        SELECT copy, target, MIN(came) AS came
        FROM told
        WHERE deed = 'undo'
        GROUP BY copy, target
    ) AS u ON u.copy = t.copy AND u.target = t.id
    WHERE t.deed IN ('borrow', 'return', 'renew');

    -- What is known when an event is judged. Against_copy is what stands against it for the copy's sake. The
    -- patron is asked of a borrow, and of a renewal of the loan that is open.
    CREATE TABLE #case (
        ordinal      INT          NOT NULL PRIMARY KEY,
        is_request   BIT          NOT NULL,
        deed         VARCHAR(10) COLLATE DATABASE_DEFAULT NOT NULL,
        copy         VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL,
        happened_at  DATETIME2(3) NOT NULL,
        today        DATE         NOT NULL,
        is_odd_copy  BIT          NOT NULL,
        open_borrow  CHAR(36) COLLATE Latin1_General_BIN2 NULL,
        open_place   BIGINT       NULL,
        against_copy VARCHAR(30) COLLATE DATABASE_DEFAULT NULL,
        asks_patron  BIT          NOT NULL,
        patron       VARCHAR(10) COLLATE DATABASE_DEFAULT NULL,
        is_blocked   BIT          NOT NULL,
        card_expires DATE         NULL,
        due_days     INT          NULL,
        days         INT          NULL,
        loans_max    INT          NULL,
        renewals_max INT          NULL,
        overrides    BIT          NOT NULL,
        loans        INT          NOT NULL,
        overdue      INT          NOT NULL,
        renewals     INT          NOT NULL
    );
    INSERT INTO #case (
        ordinal, is_request, deed, copy, happened_at, today, is_odd_copy, open_borrow, open_place, against_copy,
        asks_patron, patron, is_blocked, card_expires, due_days, days, loans_max, renewals_max, overrides, loans,
        overdue, renewals
    )
    SELECT
        s.ordinal, CASE WHEN d.stands = 'requested' THEN 1 ELSE 0 END, s.deed, i.copy, s.happened_at,
        CAST(DATEADD(MINUTE, @zone_minutes, s.happened_at) AS DATE),
        CASE WHEN q.DaXoa = 1 THEN 1 WHEN q.HienTrang <> 'good' THEN 1 ELSE 0 END,
        o.id, o.place,
        CAST(
            CASE
                WHEN s.deed = 'borrow' AND q.MaQuyenSach IS NULL THEN 'copy_unknown'
                WHEN s.deed = 'borrow' AND q.DaXoa = 1 THEN 'copy_unknown'
                WHEN s.deed = 'borrow' AND o.patron = p.MaDG THEN 'copy_with_this_patron'
                WHEN s.deed = 'borrow' AND o.id IS NOT NULL THEN 'copy_on_loan'
                WHEN s.deed = 'borrow' AND q.HienTrang <> 'good' THEN 'copy_' + q.HienTrang
                WHEN s.deed = 'return' AND q.MaQuyenSach IS NULL THEN 'copy_unknown'
                WHEN s.deed = 'return' AND q.DaXoa = 1 AND o.id IS NULL THEN 'copy_unknown'
                WHEN s.deed = 'return' AND o.id IS NULL THEN 'not_on_loan'
                WHEN s.deed = 'renew' AND d.stands = 'requested' AND q.MaQuyenSach IS NULL THEN 'copy_unknown'
                WHEN s.deed = 'renew' AND o.id IS NULL THEN 'not_on_loan'
                WHEN s.deed = 'renew' AND o.id <> s.target THEN 'loan_not_open'
                WHEN s.deed = 'undo' AND undoable.id IS NULL THEN 'nothing_to_undo'
                WHEN s.deed = 'settle' AND item.event IS NULL THEN 'nothing_to_settle'
                ELSE NULL
            END AS VARCHAR(30)
        ),
        CASE
            WHEN s.deed = 'borrow' THEN 1
            WHEN s.deed = 'renew' AND d.stands = 'requested' AND q.MaQuyenSach IS NULL THEN 0
            WHEN s.deed = 'renew' AND o.id = s.target THEN 1
            ELSE 0
        END,
        p.MaDG, CASE WHEN p.BiKhoa IS NULL THEN 0 ELSE 1 END, p.HanThe,
        DATEDIFF(DAY, CAST(DATEADD(MINUTE, @zone_minutes, s.happened_at) AS DATE), s.on_date),
        CASE WHEN s.deed = 'borrow' THEN r.loan_days ELSE r.renewal_days END, r.loans_max, r.renewals_max,
        CASE WHEN s.overridden = 1 AND r.may_override = 1 THEN 1 ELSE 0 END, 0, 0, 0
    FROM #decided AS d
    INNER JOIN #sent AS s ON s.ordinal = d.ordinal
    INNER JOIN #involved AS i ON i.copy = s.copy
    LEFT JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = s.copy
    OUTER APPLY (
        SELECT TOP (1) t.place
        FROM #story AS t
        WHERE t.copy = s.copy AND t.deed <> 'renew' AND t.came < s.ordinal AND t.went >= s.ordinal
        ORDER BY t.place DESC
    ) AS last_turn
    LEFT JOIN #story AS o ON o.copy = s.copy AND o.place = last_turn.place AND o.deed = 'borrow'
    LEFT JOIN #story AS undoable
        ON undoable.copy = s.copy AND undoable.id = s.target AND undoable.came < s.ordinal AND undoable.went >= s.ordinal
    LEFT JOIN lienthu.ReviewItem AS item ON item.event = s.target AND item.kind = s.flag AND item.copy = s.copy
    LEFT JOIN dbo.DOCGIA AS p
        ON p.MaDG = CASE
            WHEN s.deed = 'borrow' THEN s.patron
            WHEN s.deed = 'renew' AND d.stands = 'requested' AND q.MaQuyenSach IS NULL THEN NULL
            WHEN s.deed = 'renew' THEN o.patron
            ELSE NULL
        END
        AND p.DaXoa = 0
    OUTER APPLY (
        SELECT TOP (1) c.loan_days, c.loans_max, c.renewals_max, c.renewal_days, c.may_override
        FROM lienthu.LoanPolicy AS c
        WHERE p.MaDG IS NOT NULL AND c.branch IN ('', @branch) AND c.category IN ('', p.LoaiDocGia)
        ORDER BY LEN(c.branch) DESC, LEN(c.category) DESC
    ) AS r
    WHERE d.was_accepted = 0 AND d.is_accepted = 1;

    -- How many books the patron of a borrow has, and how many of them are overdue. A late fact is not held
    -- against the loans that came after it, nor against the one that it ends.
    CREATE TABLE #held (
        ordinal INT NOT NULL,
        overdue INT NOT NULL
    );
    INSERT INTO #held (ordinal, overdue)
    SELECT c.ordinal, CASE WHEN m.HanTra < c.today THEN 1 ELSE 0 END
    FROM #case AS c
    INNER JOIN dbo.PHIEUMUON AS m ON m.MaDG = c.patron AND m.NgayTra IS NULL
    INNER JOIN lienthu.Loan AS l ON l.MaPM = m.MaPM
    LEFT JOIN #involved AS i ON i.copy = m.MaQuyenSach
    WHERE c.deed = 'borrow' AND i.copy IS NULL AND (c.is_request = 1 OR l.borrowed_at <= c.happened_at);

    INSERT INTO #held (ordinal, overdue)
    SELECT c.ordinal, CASE WHEN COALESCE(renewed.on_date, b.on_date) < c.today THEN 1 ELSE 0 END
    FROM #case AS c
    INNER JOIN #story AS b
        ON b.patron = c.patron AND b.deed = 'borrow' AND b.came < c.ordinal AND b.went >= c.ordinal
    INNER JOIN dbo.QUYENSACH AS q ON q.MaQuyenSach = b.copy
    OUTER APPLY (
        SELECT TOP (1) n.on_date
        FROM #story AS n
        WHERE
            n.copy = b.copy AND n.place > b.place AND n.deed = 'renew' AND n.target = b.id
            AND n.came < c.ordinal AND n.went >= c.ordinal
        ORDER BY n.place DESC
    ) AS renewed
    WHERE
        c.deed = 'borrow'
        AND (c.is_request = 1 OR (b.happened_at <= c.happened_at AND b.copy <> c.copy))
        AND NOT EXISTS (
            SELECT 1
            FROM #story AS later
            WHERE
                later.copy = b.copy AND later.place > b.place AND later.deed <> 'renew'
                AND later.came < c.ordinal AND later.went >= c.ordinal
        );

    UPDATE #case
    SET loans = has.loans, overdue = has.overdue
    FROM #case
    INNER JOIN (
        SELECT ordinal, COUNT(*) AS loans, SUM(overdue) AS overdue
        FROM #held
        GROUP BY ordinal
    ) AS has ON has.ordinal = #case.ordinal;

    UPDATE #case
    SET renewals = done.renewals
    FROM #case
    INNER JOIN (
        SELECT c.ordinal, COUNT(*) AS renewals
        FROM #case AS c
        INNER JOIN #story AS n
            ON n.copy = c.copy AND n.place > c.open_place AND n.deed = 'renew' AND n.target = c.open_borrow
            AND n.came < c.ordinal AND n.went >= c.ordinal
        WHERE c.deed = 'renew'
        GROUP BY c.ordinal
    ) AS done ON done.ordinal = #case.ordinal;

    -- Everything that stands against each event; the place says in which order it is told. From place 3 on it
    -- is a matter of rules alone.
    CREATE TABLE #against (
        ordinal INT         NOT NULL,
        place   INT         NOT NULL,
        reason  VARCHAR(30) COLLATE DATABASE_DEFAULT NOT NULL,
        PRIMARY KEY (ordinal, place)
    );
    INSERT INTO #against (ordinal, place, reason)
    SELECT ordinal, 1, against_copy FROM #case WHERE against_copy IS NOT NULL
    UNION ALL
    SELECT ordinal, 2, 'patron_unknown' FROM #case WHERE asks_patron = 1 AND patron IS NULL
    UNION ALL
    SELECT ordinal, 3, 'patron_blocked' FROM #case WHERE asks_patron = 1 AND is_blocked = 1
    UNION ALL
    SELECT ordinal, 4, 'card_expired' FROM #case WHERE asks_patron = 1 AND card_expires < today AND overrides = 0
    UNION ALL
    SELECT ordinal, 5, 'no_policy' FROM #case
    WHERE asks_patron = 1 AND days IS NULL AND (deed = 'renew' OR patron IS NOT NULL)
    UNION ALL
    SELECT ordinal, 6, 'limit_reached' FROM #case WHERE deed = 'borrow' AND loans >= loans_max AND overrides = 0
    UNION ALL
    SELECT ordinal, 6, 'renewal_limit_reached' FROM #case
    WHERE deed = 'renew' AND asks_patron = 1 AND renewals >= renewals_max AND overrides = 0
    UNION ALL
    SELECT ordinal, 7, 'has_overdue' FROM #case WHERE deed = 'borrow' AND overdue > 0 AND overrides = 0
    UNION ALL
    SELECT ordinal, 8, 'due_date_wrong' FROM #case
    WHERE deed IN ('borrow', 'renew') AND days IS NOT NULL AND due_days NOT BETWEEN 0 AND days + @due_days_leeway;

    UPDATE #decided
    SET stands = 'refused', is_accepted = 0, reasons = told.reasons
    FROM #decided
    INNER JOIN (
        SELECT a.ordinal, CAST(STRING_AGG(a.reason, ' ') WITHIN GROUP (ORDER BY a.place) AS VARCHAR(400)) AS reasons
        FROM #against AS a
        INNER JOIN #case AS c ON c.ordinal = a.ordinal
        WHERE c.is_request = 1
        GROUP BY a.ordinal
    ) AS told ON told.ordinal = #decided.ordinal;

    -- What is odd about a fact. What its timeline shows is flagged by the fold; that the copy is unknown is
    -- seen whenever the items are listed.
    INSERT INTO #odd (ordinal, kind, refusal)
    SELECT ordinal, 'copy_not_in_collection', NULL
    FROM #case
    WHERE is_request = 0 AND is_odd_copy = 1 AND deed IN ('borrow', 'return')
    UNION ALL
    SELECT ordinal, 'patron_unknown', NULL
    FROM #case
    WHERE is_request = 0 AND deed = 'borrow' AND patron IS NULL
    UNION ALL
    SELECT a.ordinal, 'rule_broken', a.reason
    FROM #against AS a
    INNER JOIN (
        SELECT broken.ordinal, MIN(broken.place) AS place
        FROM #against AS broken
        INNER JOIN #case AS c ON c.ordinal = broken.ordinal
        WHERE c.is_request = 0 AND broken.place >= 3
        GROUP BY broken.ordinal
    ) AS first_broken ON first_broken.ordinal = a.ordinal AND first_broken.place = a.place;

    INSERT INTO #odd (ordinal, kind, refusal)
    SELECT d.ordinal, 'scanner_lost_role', NULL
    FROM #decided AS d
    INNER JOIN #sent AS s ON s.ordinal = d.ordinal
    WHERE
        d.was_accepted = 0 AND d.is_accepted = 1
        -- Who received a book at another branch is nobody here.
        AND s.received_at IS NULL
        AND NOT EXISTS (
            SELECT 1
            FROM lienthu.Staff AS p
            INNER JOIN lienthu.StaffRole AS r ON r.login_name = p.login_name AND r.role_code = 'librarian'
            WHERE p.login_name = s.scanned_by AND p.active = 1
        );
END;
