-- The agent's login at every site of the network, with its secret: what this site gives to the desks that sign
-- in here. The secret is random, nobody types it, and with it one may only what needs no judgement.
CREATE TABLE lienthu.Agent (
    branch     VARCHAR(10)   NOT NULL CONSTRAINT PK_Agent PRIMARY KEY,
    login_name VARCHAR(64)   NOT NULL,
    secret     NVARCHAR(128) COLLATE Latin1_General_BIN2 NOT NULL,
    -- Since when it holds, in milliseconds since 1970; a later one from another site takes its place.
    set_at_ms  BIGINT        NOT NULL
);
GO
