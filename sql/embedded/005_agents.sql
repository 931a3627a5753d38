-- The agent's login at every site of the network, with its secret: what this site gives to the desks that sign
-- in here.
CREATE TABLE lienthu_agent (
    branch    TEXT    NOT NULL PRIMARY KEY,
    login     TEXT    NOT NULL,
    secret    TEXT    NOT NULL,
    -- Since when it holds; a later one from another site takes its place.
    set_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
