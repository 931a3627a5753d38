-- Every value of a base table that was changed when the database became a site, with what stood there
-- before. Column '*' is a row that was added. Counts and checksums of the tables, taken with these values put
-- back, are those from before: so it is proved that nothing else was touched.
CREATE TABLE lienthu.AdoptedValue (
    table_name  VARCHAR(20)   NOT NULL,
    row_key     NVARCHAR(40) COLLATE Latin1_General_BIN2 NOT NULL,
    column_name VARCHAR(20)   NOT NULL,
    old_value   NVARCHAR(255) NULL,
    new_value   NVARCHAR(255) NULL,
    CONSTRAINT PK_AdoptedValue PRIMARY KEY (table_name, row_key, column_name)
);
GO
