-- The desk's own events. `place` is the order in which this file took them, over all ids that the
-- desk has had; `seq` is the place in the sequence of one desk id.

-- What this installation is.
CREATE TABLE enrolment (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    desk TEXT NOT NULL,
    branch TEXT NOT NULL,
    name TEXT NOT NULL,
    computer TEXT NOT NULL
) STRICT;

-- Numbers that change with every scan, together, so that they cost a scan one page:
-- how far the sequence of each desk id has come (`last_seq`; never given twice, also when the events
-- that had them are long pruned), the last corrected time frozen along it (`last_at_ms`; none goes
-- below it), and how many events are in each state (desk ''; kept by the triggers below, because
-- counting a long queue would make each scan slower than the one before).
CREATE TABLE counter (
    name TEXT NOT NULL,
    desk TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0 OR name = 'last_at_ms'),
    PRIMARY KEY (name, desk)
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, desk, value) VALUES
    ('waiting', '', 0), ('acknowledged', '', 0), ('refused', '', 0), ('withdrawn', '', 0),
    ('set_aside', '', 0);

CREATE TABLE event (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    desk TEXT NOT NULL,
    seq INTEGER NOT NULL,
    copy TEXT NOT NULL,
    -- Of a borrow: who took it.
    patron TEXT,
    -- The corrected time; provisional until it is frozen.
    at_ms INTEGER NOT NULL,
    frozen INTEGER NOT NULL CHECK (frozen IN (0, 1)),
    claim TEXT NOT NULL CHECK (claim IN ('request', 'fact', 'withdrawal')),
    state TEXT NOT NULL
        CHECK (state IN ('waiting', 'acknowledged', 'refused', 'withdrawn', 'set_aside')),
    -- JSON: the reasons of a refusal, the reason for setting aside.
    reason TEXT,
    -- The site's number at which the site had it.
    acked_number INTEGER,
    -- The desk's clocks at the scan.
    wall_ms INTEGER NOT NULL,
    monotonic_ms INTEGER NOT NULL,
    boot TEXT NOT NULL,
    correlation TEXT NOT NULL,
    -- JSON: the event as it is sent.
    event TEXT NOT NULL
) STRICT;

-- Each index costs a scan a page, so there is none that only asserts or that only a start uses.
CREATE INDEX event_by_copy ON event (copy, place);
CREATE INDEX event_by_patron ON event (patron, place) WHERE patron IS NOT NULL;
CREATE INDEX event_waiting ON event (place) WHERE state = 'waiting';
CREATE INDEX event_unfrozen ON event (place) WHERE state = 'waiting' AND frozen = 0;
CREATE INDEX event_set_aside ON event (place) WHERE state = 'set_aside';

CREATE TRIGGER event_counted AFTER INSERT ON event BEGIN
    UPDATE counter SET value = value + 1 WHERE name = NEW.state AND desk = '';
END;
CREATE TRIGGER event_counted_anew AFTER UPDATE OF state ON event WHEN OLD.state <> NEW.state BEGIN
    UPDATE counter SET value = value - 1 WHERE name = OLD.state AND desk = '';
    UPDATE counter SET value = value + 1 WHERE name = NEW.state AND desk = '';
END;
CREATE TRIGGER event_not_counted AFTER DELETE ON event BEGIN
    UPDATE counter SET value = value - 1 WHERE name = OLD.state AND desk = '';
END;

-- The furthest state of the site that a receipt proves.
CREATE TABLE proven (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    token TEXT NOT NULL
) STRICT;

-- Comparisons of the desk's clocks with the site's.
CREATE TABLE comparison (
    place INTEGER PRIMARY KEY,
    comparison TEXT NOT NULL
) STRICT;
