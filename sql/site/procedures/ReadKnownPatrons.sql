-- Internal: the codes of the branch's patrons; see ReadHeldCopies.
CREATE PROCEDURE lienthu.ReadKnownPatrons
    @behind NVARCHAR(20),
    @asked NVARCHAR(MAX)
AS
BEGIN
    SET NOCOUNT ON;

    DECLARE @key VARCHAR(20) = @behind;

    IF @asked <> N''
        SELECT d.MaDG AS MaDG, d.MaCN_Goc AS MaCN_Goc, d.MaDG_Goc AS MaDG_Goc
        FROM OPENJSON(@asked) AS item
        INNER JOIN dbo.DOCGIA AS d
            ON d.MaDG = CAST(item.[value] AS VARCHAR(20))
            AND d.MaDG = CAST(item.[value] AS VARCHAR(20)) COLLATE Latin1_General_BIN2
        WHERE d.DaXoa = 0
        ORDER BY d.MaDG COLLATE Latin1_General_BIN2;
    ELSE
        SELECT TOP (5000) d.MaDG AS MaDG, d.MaCN_Goc AS MaCN_Goc, d.MaDG_Goc AS MaDG_Goc
        FROM dbo.DOCGIA AS d
        WHERE d.DaXoa = 0 AND d.MaDG > @key COLLATE Latin1_General_BIN2
        ORDER BY d.MaDG COLLATE Latin1_General_BIN2;
END;
