-- How a site proves to the others what it decided: a keyed hash of its words, with the key that all sites of
-- the network hold. Hashed twice: who has the first hash could go on writing behind the words.
CREATE FUNCTION lienthu.SealOf (
    @site_key CHAR(36), @branch VARCHAR(10), @incarnation CHAR(36), @txn CHAR(36), @outcome VARCHAR(6)
)
RETURNS CHAR(64)
AS
BEGIN
    DECLARE @words VARCHAR(200) = @site_key + '|' + @branch + '|' + @incarnation + '|' + @txn + '|' + @outcome;
    DECLARE @outer VARCHAR(101) = @site_key + '|' + lienthu.HexOf(HASHBYTES('SHA2_256', @words));
    RETURN lienthu.HexOf(HASHBYTES('SHA2_256', @outer));
END;
