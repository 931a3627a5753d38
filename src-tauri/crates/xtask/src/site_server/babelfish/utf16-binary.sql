-- On SQL Server the bytes of an NVARCHAR are its UTF-16 units, the lower byte first. Babelfish 4 gives those of a
-- code page of Windows, in which most Vietnamese letters are question marks. VARCHAR goes the same way here, because
-- Babelfish does not tell the two apart; the site never takes its bytes.
CREATE OR REPLACE FUNCTION sys.varcharvarbinary(words sys.varchar, size integer, is_explicit boolean)
RETURNS sys.bbf_varbinary LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT CAST(coalesce(pg_catalog.decode(pg_catalog.string_agg(
        CASE
            WHEN code < 65536
                THEN pg_catalog.lpad(pg_catalog.to_hex(code % 256 * 256 + code / 256), 4, '0')
            -- A letter of two units.
            ELSE
                pg_catalog.lpad(pg_catalog.to_hex(
                    (code - 65536) / 1024 % 256 * 256 + 216 + (code - 65536) / 262144
                ), 4, '0')
                || pg_catalog.lpad(pg_catalog.to_hex(code % 256 * 256 + 220 + code % 1024 / 256), 4, '0')
        END, '' ORDER BY place
    ), 'hex'), CAST('' AS pg_catalog.bytea)) AS sys.bbf_varbinary)
    FROM (
        SELECT pg_catalog.ascii(letter) AS code, place
        FROM pg_catalog.unnest(pg_catalog.string_to_array(CAST(words AS pg_catalog.text), NULL))
            WITH ORDINALITY AS letters (letter, place)
    ) AS codes
);
