-- What this site knows of the network. Result sets: itself; the other sites, as far as they were announced; the
-- branches.
CREATE PROCEDURE lienthu.DescribeNetwork
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET LOCK_TIMEOUT 5000;

    DECLARE @login VARCHAR(64);

    EXEC lienthu.RequireCaller @login OUTPUT;

    SELECT branch AS branch, incarnation AS incarnation, membership AS membership, quarantined AS quarantined
    FROM lienthu.Site;

    SELECT branch AS branch, incarnation AS incarnation
    FROM lienthu.Peer
    ORDER BY branch;

    SELECT MaCN AS MaCN, TrangThai AS TrangThai
    FROM dbo.CHINHANH
    ORDER BY MaCN;
END;
