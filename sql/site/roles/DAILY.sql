-- The agent that every desk of the network is at every site: what needs no judgement. No right on any
-- table. (Đại lý: the word that the other two roles' names call for.)
IF DATABASE_PRINCIPAL_ID(N'DAILY') IS NULL
CREATE ROLE DAILY;
GO
GRANT EXECUTE ON lienthu.FreeCopies TO DAILY;
GO
