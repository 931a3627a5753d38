-- On SQL Server JSON_VALUE gives a text as it is meant. Babelfish 4 gives it as JSON writes it, with a backslash
-- before each quote.
CREATE OR REPLACE FUNCTION sys.json_value(json_string text, path text) RETURNS sys.NVARCHAR(4000)
LANGUAGE SQL IMMUTABLE PARALLEL SAFE AS $$
    SELECT CAST(pg_catalog.jsonb_path_query_first(
        CAST(json_string AS pg_catalog.jsonb), CAST(path AS pg_catalog.jsonpath)
    ) #>> '{}' AS sys.NVARCHAR(4000));
$$;
