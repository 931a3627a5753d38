-- One site's empty database, in T-SQL by way of psql. With :login and :database.
SET babelfishpg_tsql.sql_dialect = 'tsql';
CREATE DATABASE :"database";
