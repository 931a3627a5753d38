-- Librarians: the desk of this branch. EXECUTE on what they need, and no right on any table.
IF DATABASE_PRINCIPAL_ID(N'THUTHU') IS NULL
CREATE ROLE THUTHU;
GO
GRANT EXECUTE ON lienthu.SubmitEvents TO THUTHU;
GO
GRANT EXECUTE ON lienthu.PullChanges TO THUTHU;
GO
GRANT EXECUTE ON lienthu.ListAgents TO THUTHU;
GO
GRANT EXECUTE ON lienthu.GetCopy TO THUTHU;
GO
GRANT EXECUTE ON lienthu.GetPatron TO THUTHU;
GO
GRANT EXECUTE ON lienthu.ListCopies TO THUTHU;
GO
GRANT EXECUTE ON lienthu.FindPatrons TO THUTHU;
GO
GRANT EXECUTE ON lienthu.ReviewItems TO THUTHU;
GO
GRANT EXECUTE ON lienthu.FreeCopies TO THUTHU;
GO
GRANT EXECUTE ON lienthu.CountHoldings TO THUTHU;
GO
GRANT EXECUTE ON lienthu.LocateCopy TO THUTHU;
GO
GRANT EXECUTE ON lienthu.AddUpFigures TO THUTHU;
GO
GRANT EXECUTE ON lienthu.ListMostLent TO THUTHU;
GO
GRANT EXECUTE ON lienthu.CountTimesLent TO THUTHU;
GO
GRANT EXECUTE ON lienthu.PutPatron TO THUTHU;
GO
GRANT EXECUTE ON lienthu.RemovePatron TO THUTHU;
GO
GRANT EXECUTE ON lienthu.AddCopies TO THUTHU;
GO
GRANT EXECUTE ON lienthu.PutCopy TO THUTHU;
GO
GRANT EXECUTE ON lienthu.RemoveCopy TO THUTHU;
GO
GRANT EXECUTE ON lienthu.ReceiveCopies TO THUTHU;
GO
