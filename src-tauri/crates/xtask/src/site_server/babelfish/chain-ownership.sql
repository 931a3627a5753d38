-- On SQL Server a procedure may do to the tables of its own owner what its caller may not (ownership
-- chaining): that is how Liên Thư's roles can do with EXECUTE alone. Babelfish 4 lacks it and refuses such a
-- caller at the table. Here every T-SQL procedure and trigger therefore runs with its owner's rights instead: who
-- may call it is still decided by the grants, and a table is still closed to who goes around it.
--
-- What differs from SQL Server: inside of a procedure USER_NAME() and IS_ROLEMEMBER() speak of the owner (not
-- so SUSER_SNAME() and ORIGINAL_LOGIN()), and dynamic SQL gets the owner's rights too. And a procedure that
-- ends by an error leaves its session with the owner's rights, until the session says USE or rolls a
-- transaction back: the adapter does so before it uses a connection again, and a test of refusals that goes around
-- the adapter takes a fresh connection for each.

CREATE SCHEMA ownership_chaining;

CREATE TABLE ownership_chaining.changed_procedure (at timestamptz NOT NULL DEFAULT now());

CREATE FUNCTION ownership_chaining.note_change() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO ownership_chaining.changed_procedure DEFAULT VALUES;
END $$;

CREATE FUNCTION ownership_chaining.chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    routine record;
BEGIN
    FOR routine IN
        SELECT p.oid::regprocedure AS name
        FROM pg_proc p
        JOIN pg_language l ON l.oid = p.prolang
        JOIN pg_namespace n ON n.oid = p.pronamespace
        JOIN sys.babelfish_namespace_ext x ON x.nspname = n.nspname
        -- Up to 4 they are master, tempdb and msdb.
        WHERE (p.prokind = 'p' OR p.prorettype = 'trigger'::regtype)
            AND NOT p.prosecdef AND l.lanname = 'pltsql' AND x.dbid > 4
    LOOP
        EXECUTE format('ALTER ROUTINE %s SECURITY DEFINER', routine.name);
    END LOOP;
    DELETE FROM ownership_chaining.changed_procedure;
    RETURN NULL;
END $$;

-- Babelfish's ALTER PROCEDURE takes the mark away again, and tells event triggers when it begins but not when
-- it has ended. So its beginning is noted, and the commit acts on the note. A T-SQL trigger begins as a function.
CREATE EVENT TRIGGER ownership_chaining ON ddl_command_start
WHEN TAG IN ('CREATE PROCEDURE', 'ALTER PROCEDURE', 'CREATE FUNCTION')
EXECUTE FUNCTION ownership_chaining.note_change();

CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON ownership_chaining.changed_procedure
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ownership_chaining.chain();
