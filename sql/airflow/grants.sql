-- Privileges in Airflow's database. Idempotent: applied at every start. Airflow creates and migrates its own tables, so its role owns
-- the database and everything in it, also what an earlier version created as the superuser. A sequence follows its table.
DO $$
DECLARE
    statement text;
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO airflow', current_database());
    FOR statement IN
        SELECT format('ALTER TABLE %s OWNER TO airflow', c.oid::regclass)
          FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner <> 'airflow'::regrole
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO airflow', t.oid::regtype)
          FROM pg_type t
         WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd') AND t.typowner <> 'airflow'::regrole
        UNION ALL
        SELECT format('ALTER FUNCTION %s OWNER TO airflow', p.oid::regprocedure)
          FROM pg_proc p
         WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> 'airflow'::regrole
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
ALTER SCHEMA public OWNER TO airflow;
