-- The agent that every desk of the network is at every site: what needs no judgement. No right on any
-- table. (Đại lý: the word that the other two roles' names call for.)
IF DATABASE_PRINCIPAL_ID(N'DAILY') IS NULL
CREATE ROLE DAILY;
GO
GRANT EXECUTE ON lienthu.FreeCopies TO DAILY;
GO
GRANT EXECUTE ON lienthu.CountHoldings TO DAILY;
GO
GRANT EXECUTE ON lienthu.ListCopies TO DAILY;
GO
GRANT EXECUTE ON lienthu.FindVisitor TO DAILY;
GO
GRANT EXECUTE ON lienthu.SubmitEvents TO DAILY;
GO
GRANT EXECUTE ON lienthu.DecideTransaction TO DAILY;
GO
GRANT EXECUTE ON lienthu.FinishTransaction TO DAILY;
GO
GRANT EXECUTE ON lienthu.AskTransaction TO DAILY;
GO
GRANT EXECUTE ON lienthu.ListTransactions TO DAILY;
GO
GRANT EXECUTE ON lienthu.DescribeNetwork TO DAILY;
GO
