-- Internal: whether a decision is the deciding site's own, as that site is now.
CREATE PROCEDURE lienthu.ProveDecision
    @txn CHAR(36),
    @outcome NVARCHAR(10),
    @decided_by NVARCHAR(10),
    @decided_incarnation NVARCHAR(64),
    @seal NVARCHAR(64),
    @refusal VARCHAR(30) OUTPUT
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @incarnation CHAR(36) = NULL;
    DECLARE @site_key CHAR(36) = NULL;

    SELECT @incarnation = incarnation, @site_key = site_key
    FROM lienthu.Peer
    WHERE branch = @decided_by COLLATE Latin1_General_BIN2;

    SET @refusal = CASE
        WHEN @incarnation IS NULL THEN 'other_membership'
        WHEN
            @decided_incarnation IS NULL OR @incarnation <> @decided_incarnation COLLATE Latin1_General_BIN2
            THEN 'party_restored'
        WHEN
            @seal IS NULL
            OR lienthu.SealOf(@site_key, @decided_by, @incarnation, @txn, @outcome)
            <> @seal COLLATE Latin1_General_BIN2
            THEN 'not_proven'
        ELSE NULL
    END;
END;
