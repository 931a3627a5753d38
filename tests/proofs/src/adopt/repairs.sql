-- What the people of the branch do about everything that keeps their database from being adopted.

DELETE FROM dbo.QUYENSACH WHERE MaCN = 'Q3';
UPDATE dbo.QUYENSACH SET MaQuyenSach = 'S0300' WHERE MaQuyenSach = 'S0300' + CHAR(9);
INSERT INTO dbo.SACH (ISBN, TenSach) VALUES ('978-604-1-09999-0', N'Chưa rõ tên');
UPDATE dbo.PHIEUMUON SET MaCN = 'Q1' WHERE MaCN IS NULL;
GO
