-- A copy's document as a row of columns; see ReadPatron.
CREATE FUNCTION lienthu.ReadCopy (@document NVARCHAR(MAX))
RETURNS TABLE
AS
RETURN
SELECT
    CAST(JSON_VALUE(@document, '$.MaQuyenSach') AS NVARCHAR(4000)) AS MaQuyenSach,
    CAST(JSON_VALUE(@document, '$.ISBN') AS NVARCHAR(4000)) AS ISBN,
    CAST(JSON_VALUE(@document, '$.HienTrang') AS NVARCHAR(4000)) AS HienTrang,
    CAST(JSON_VALUE(@document, '$.KyHieuXepGia') AS NVARCHAR(4000)) AS KyHieuXepGia,
    CAST(JSON_VALUE(@document, '$.GiaTien') AS BIGINT) AS GiaTien;
