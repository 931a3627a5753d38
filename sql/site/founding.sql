-- Makes a database the site of one branch. The runner fills in the variables. Where a customer's
-- database has a check of that name already, it stays.

INSERT INTO dbo.CHINHANH (MaCN, TenCN)
SELECT '$(branch)', '$(branch)'
WHERE NOT EXISTS (SELECT 1 FROM dbo.CHINHANH WHERE MaCN = '$(branch)');
GO
INSERT INTO lienthu.Site (one, branch, zone_minutes, incarnation, snapshot_on)
VALUES (1, '$(branch)', CAST('$(zone_minutes)' AS SMALLINT), LOWER(CAST(NEWID() AS CHAR(36))), CAST('$(snapshot_on)' AS BIT));
GO
IF OBJECT_ID(N'dbo.CHK_QuyenSach_MaCN') IS NULL
ALTER TABLE dbo.QUYENSACH ADD CONSTRAINT CHK_QuyenSach_MaCN CHECK (MaCN = '$(branch)');
GO
IF OBJECT_ID(N'dbo.CHK_DocGia_MaCN') IS NULL
ALTER TABLE dbo.DOCGIA ADD CONSTRAINT CHK_DocGia_MaCN CHECK (MaCN_DangKy = '$(branch)');
GO
IF OBJECT_ID(N'dbo.CHK_PhieuMuon_MaCN') IS NULL
ALTER TABLE dbo.PHIEUMUON ADD CONSTRAINT CHK_PhieuMuon_MaCN CHECK (MaCN = '$(branch)');
GO
