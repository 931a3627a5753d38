-- The delta feed. A program that writes takes the next number first, for its whole transaction. Whoever
-- writes without it, an administrator at a prompt for instance, gets a number for each row from the
-- triggers. So nothing is ever written under a number that a cache has seen.

CREATE TABLE lienthu_counter (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    -- The transaction that writes has taken its number. Never 1 outside a transaction.
    taken  INTEGER NOT NULL CHECK (taken IN (0, 1)),
    at_ms  INTEGER NOT NULL,
    -- Tombstones at or below it may be gone.
    floor  INTEGER NOT NULL
);
INSERT INTO lienthu_counter (one, number, taken, at_ms, floor) VALUES (1, 0, 0, 0, 0);

CREATE TABLE lienthu_feed_token (
    number INTEGER NOT NULL PRIMARY KEY,
    token  TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL
);

CREATE TRIGGER lienthu_counter_token AFTER UPDATE OF number ON lienthu_counter
BEGIN
    INSERT INTO lienthu_feed_token (number, token, at_ms)
    VALUES (NEW.number, lower(hex(randomblob(16))), NEW.at_ms);
END;

-- The last change of every row that desks follow. Kinds: 1 branch, 2 title, 3 loan policy, 4 closed
-- day, 5 patron, 6 copy, 7 open loan.
CREATE TABLE lienthu_change (
    kind   INTEGER NOT NULL,
    key    TEXT    NOT NULL,
    number INTEGER NOT NULL,
    -- The number under which the row first came: a cache that has not come so far never had it, and
    -- needs no tombstone.
    since  INTEGER NOT NULL,
    gone   INTEGER NOT NULL CHECK (gone IN (0, 1)),
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX lienthu_change_in_order ON lienthu_change (number, kind, key);

-- What the triggers below write to: the one place where a change is noted.
CREATE VIEW lienthu_touched AS SELECT kind, key, gone FROM lienthu_change;
CREATE TRIGGER lienthu_touch INSTEAD OF INSERT ON lienthu_touched
BEGIN
    UPDATE lienthu_counter
    SET number = number + 1, at_ms = CAST(unixepoch('subsec') * 1000 AS INTEGER)
    WHERE taken = 0;
    INSERT INTO lienthu_change (kind, key, number, since, gone)
    SELECT NEW.kind, NEW.key, number, number, NEW.gone FROM lienthu_counter WHERE true
    ON CONFLICT (kind, key) DO UPDATE SET number = excluded.number, gone = excluded.gone;
END;

CREATE TRIGGER lienthu_feed_chinhanh_insert AFTER INSERT ON CHINHANH
BEGIN INSERT INTO lienthu_touched VALUES (1, NEW.MaCN, 0); END;
CREATE TRIGGER lienthu_feed_chinhanh_update AFTER UPDATE ON CHINHANH
BEGIN INSERT INTO lienthu_touched VALUES (1, NEW.MaCN, 0); END;
CREATE TRIGGER lienthu_feed_chinhanh_delete AFTER DELETE ON CHINHANH
BEGIN INSERT INTO lienthu_touched VALUES (1, OLD.MaCN, 1); END;

CREATE TRIGGER lienthu_feed_sach_insert AFTER INSERT ON SACH
BEGIN INSERT INTO lienthu_touched VALUES (2, NEW.ISBN, NEW.DaXoa); END;
CREATE TRIGGER lienthu_feed_sach_update AFTER UPDATE ON SACH
BEGIN INSERT INTO lienthu_touched VALUES (2, NEW.ISBN, NEW.DaXoa); END;
CREATE TRIGGER lienthu_feed_sach_delete AFTER DELETE ON SACH
BEGIN INSERT INTO lienthu_touched VALUES (2, OLD.ISBN, 1); END;

CREATE TRIGGER lienthu_feed_policy_insert AFTER INSERT ON lienthu_loan_policy
BEGIN INSERT INTO lienthu_touched VALUES (3, NEW.branch || '|' || NEW.category, 0); END;
CREATE TRIGGER lienthu_feed_policy_update AFTER UPDATE ON lienthu_loan_policy
BEGIN INSERT INTO lienthu_touched VALUES (3, NEW.branch || '|' || NEW.category, 0); END;
CREATE TRIGGER lienthu_feed_policy_delete AFTER DELETE ON lienthu_loan_policy
BEGIN INSERT INTO lienthu_touched VALUES (3, OLD.branch || '|' || OLD.category, 1); END;

CREATE TRIGGER lienthu_feed_closed_day_insert AFTER INSERT ON lienthu_closed_day
BEGIN INSERT INTO lienthu_touched VALUES (4, NEW.branch || '|' || NEW.date, 0); END;
CREATE TRIGGER lienthu_feed_closed_day_update AFTER UPDATE ON lienthu_closed_day
BEGIN INSERT INTO lienthu_touched VALUES (4, NEW.branch || '|' || NEW.date, 0); END;
CREATE TRIGGER lienthu_feed_closed_day_delete AFTER DELETE ON lienthu_closed_day
BEGIN INSERT INTO lienthu_touched VALUES (4, OLD.branch || '|' || OLD.date, 1); END;

CREATE TRIGGER lienthu_feed_docgia_insert AFTER INSERT ON DOCGIA
BEGIN INSERT INTO lienthu_touched VALUES (5, NEW.MaDG, NEW.DaXoa); END;
CREATE TRIGGER lienthu_feed_docgia_update AFTER UPDATE ON DOCGIA
BEGIN INSERT INTO lienthu_touched VALUES (5, NEW.MaDG, NEW.DaXoa); END;
CREATE TRIGGER lienthu_feed_docgia_delete AFTER DELETE ON DOCGIA
BEGIN INSERT INTO lienthu_touched VALUES (5, OLD.MaDG, 1); END;

CREATE TRIGGER lienthu_feed_quyensach_insert AFTER INSERT ON QUYENSACH
BEGIN INSERT INTO lienthu_touched VALUES (6, NEW.MaQuyenSach, NEW.DaXoa); END;
CREATE TRIGGER lienthu_feed_quyensach_update AFTER UPDATE ON QUYENSACH
BEGIN INSERT INTO lienthu_touched VALUES (6, NEW.MaQuyenSach, NEW.DaXoa); END;
CREATE TRIGGER lienthu_feed_quyensach_delete AFTER DELETE ON QUYENSACH
BEGIN INSERT INTO lienthu_touched VALUES (6, OLD.MaQuyenSach, 1); END;

-- A key is written once: a row that changes it is another row.
CREATE TRIGGER lienthu_key_chinhanh BEFORE UPDATE OF MaCN ON CHINHANH
WHEN NEW.MaCN IS NOT OLD.MaCN BEGIN SELECT RAISE(ABORT, 'a key is never rewritten'); END;
CREATE TRIGGER lienthu_key_sach BEFORE UPDATE OF ISBN ON SACH
WHEN NEW.ISBN IS NOT OLD.ISBN BEGIN SELECT RAISE(ABORT, 'a key is never rewritten'); END;
CREATE TRIGGER lienthu_key_docgia BEFORE UPDATE OF MaDG ON DOCGIA
WHEN NEW.MaDG IS NOT OLD.MaDG BEGIN SELECT RAISE(ABORT, 'a key is never rewritten'); END;
CREATE TRIGGER lienthu_key_quyensach BEFORE UPDATE OF MaQuyenSach ON QUYENSACH
WHEN NEW.MaQuyenSach IS NOT OLD.MaQuyenSach
BEGIN SELECT RAISE(ABORT, 'a key is never rewritten'); END;
CREATE TRIGGER lienthu_key_policy BEFORE UPDATE OF branch, category ON lienthu_loan_policy
WHEN NEW.branch IS NOT OLD.branch OR NEW.category IS NOT OLD.category
BEGIN SELECT RAISE(ABORT, 'a key is never rewritten'); END;
CREATE TRIGGER lienthu_key_closed_day BEFORE UPDATE OF branch, date ON lienthu_closed_day
WHEN NEW.branch IS NOT OLD.branch OR NEW.date IS NOT OLD.date
BEGIN SELECT RAISE(ABORT, 'a key is never rewritten'); END;

-- A loan is two rows. It is written to PHIEUMUON first when it begins, and last when it changes.
CREATE TRIGGER lienthu_feed_loan_insert AFTER INSERT ON lienthu_loan
BEGIN
    INSERT INTO lienthu_touched
    SELECT 7, NEW.borrow, NgayTra IS NOT NULL FROM PHIEUMUON WHERE MaPM = NEW.MaPM;
END;
CREATE TRIGGER lienthu_feed_phieumuon_update AFTER UPDATE ON PHIEUMUON
BEGIN
    INSERT INTO lienthu_touched
    SELECT 7, borrow, NEW.NgayTra IS NOT NULL FROM lienthu_loan WHERE MaPM = NEW.MaPM;
END;
