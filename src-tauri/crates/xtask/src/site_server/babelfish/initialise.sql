-- Makes a fresh PostgreSQL cluster a T-SQL server. For psql, with :login; the password by the environment.
\getenv password LIENTHU_TEST_ADMIN_PASSWORD

CREATE ROLE :"login" WITH LOGIN CREATEDB CREATEROLE INHERIT PASSWORD :'password';
CREATE DATABASE babelfish_db OWNER :"login";
\connect babelfish_db
CREATE EXTENSION babelfishpg_tds CASCADE;
GRANT ALL ON SCHEMA sys TO :"login";
CALL sys.initialize_babelfish(:'login');
