-- A patron's document as a row of columns; NULL where it names none. Texts are read one by one, because
-- that way they are unescaped everywhere; one of more than 4,000 letters reads as NULL, and so does a date
-- that is none: callers look first.
CREATE FUNCTION lienthu.ReadPatron (@document NVARCHAR(MAX))
RETURNS TABLE
AS
RETURN
SELECT
    CAST(JSON_VALUE(@document, '$.MaDG') AS NVARCHAR(4000)) AS MaDG,
    CAST(JSON_VALUE(@document, '$.HoTen') AS NVARCHAR(4000)) AS HoTen,
    CAST(JSON_VALUE(@document, '$.MaCN_DangKy') AS NVARCHAR(4000)) AS MaCN_DangKy,
    CAST(JSON_VALUE(@document, '$.LoaiDocGia') AS NVARCHAR(4000)) AS LoaiDocGia,
    TRY_CONVERT(DATE, JSON_VALUE(@document, '$.HanThe'), 23) AS HanThe,
    CAST(JSON_VALUE(@document, '$.BiKhoa') AS NVARCHAR(4000)) AS BiKhoa,
    CAST(JSON_VALUE(@document, '$.MaCN_Goc') AS NVARCHAR(4000)) AS MaCN_Goc,
    CAST(JSON_VALUE(@document, '$.MaDG_Goc') AS NVARCHAR(4000)) AS MaDG_Goc,
    TRY_CONVERT(DATE, JSON_VALUE(@document, '$.NgaySinh'), 23) AS NgaySinh,
    CAST(JSON_VALUE(@document, '$.DienThoai') AS NVARCHAR(4000)) AS DienThoai,
    CAST(JSON_VALUE(@document, '$.Email') AS NVARCHAR(4000)) AS Email,
    CAST(JSON_VALUE(@document, '$.TienDatCoc') AS BIGINT) AS TienDatCoc,
    CAST(JSON_VALUE(@document, '$.GhiChu') AS NVARCHAR(4000)) AS GhiChu;
