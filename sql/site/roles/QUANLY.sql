-- Managers: look up, and follow the branch into a cache. No right on any table.
IF DATABASE_PRINCIPAL_ID(N'QUANLY') IS NULL
CREATE ROLE QUANLY;
GO
GRANT EXECUTE ON lienthu.PullChanges TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListAgents TO QUANLY;
GO
GRANT EXECUTE ON lienthu.GetCopy TO QUANLY;
GO
GRANT EXECUTE ON lienthu.GetPatron TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListCopies TO QUANLY;
GO
GRANT EXECUTE ON lienthu.FindPatrons TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ReviewItems TO QUANLY;
GO
GRANT EXECUTE ON lienthu.FreeCopies TO QUANLY;
GO
GRANT EXECUTE ON lienthu.CountHoldings TO QUANLY;
GO
GRANT EXECUTE ON lienthu.LocateCopy TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListPatronLoans TO QUANLY;
GO
GRANT EXECUTE ON lienthu.AddUpFigures TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListMostLent TO QUANLY;
GO
GRANT EXECUTE ON lienthu.CountTimesLent TO QUANLY;
GO
GRANT EXECUTE ON lienthu.PrepareTransaction TO QUANLY;
GO
GRANT EXECUTE ON lienthu.DecideTransaction TO QUANLY;
GO
GRANT EXECUTE ON lienthu.FinishTransaction TO QUANLY;
GO
GRANT EXECUTE ON lienthu.AskTransaction TO QUANLY;
GO
GRANT EXECUTE ON lienthu.AnnouncePeer TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ReplayTransaction TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ForceTransaction TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ForgetTransaction TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListTransactions TO QUANLY;
GO
GRANT EXECUTE ON lienthu.DescribeNetwork TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ReadmitSite TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ReadReplicated TO QUANLY;
GRANT EXECUTE ON lienthu.DigestReplica TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListReplicaKeys TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListHeldCopies TO QUANLY;
GO
GRANT EXECUTE ON lienthu.ListKnownPatrons TO QUANLY;
GO
GRANT EXECUTE ON lienthu.FillReplica TO QUANLY;
GO
