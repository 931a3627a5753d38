-- Whoever may sign in may ask who they are.
GRANT EXECUTE ON lienthu.Hello TO public;
GO
