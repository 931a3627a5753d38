-- Librarians: everything at the desk of this branch. No right on any table.
IF DATABASE_PRINCIPAL_ID(N'THUTHU') IS NULL
CREATE ROLE THUTHU;
GO
GRANT EXECUTE ON lienthu.RemovePatron TO THUTHU;
GO
