-- Purpose: record the differences between candidates and published rows for listeners whose data and code did not change.
-- Such rows must not differ. Call it in a transaction of its own before publish, so that the differences are recorded before
-- publish replaces the rows. It records nothing for a load that is published, failed or may not be published.
-- Parameters: this_load, the load whose candidates are in schema candidate.
-- Returns: the differences found.
-- SECURITY DEFINER, because etl may not write audit.difference.
-- A row that does not belong to a listener depends on all listeners of the load, so it is compared only when none changed.
CREATE OR REPLACE FUNCTION audit.compare(this_load bigint) RETURNS SETOF audit.difference
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '60s' SET jit = off AS $$
DECLARE
    target      record;
    has_changes boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(audit.candidate_lock());
    PERFORM pg_advisory_xact_lock(audit.load_lock());
    DELETE FROM audit.difference WHERE load_id = this_load
        AND EXISTS (SELECT FROM audit.load WHERE load_id = this_load AND status IN ('running', 'rejected'));

    IF EXISTS (SELECT FROM audit.load WHERE load_id = this_load AND status IN ('running', 'rejected'))
       AND audit.refusal(this_load) IS NULL
       AND EXISTS (SELECT FROM candidate.touched JOIN audit.listener_version USING (listener_id, version, definitions)) THEN
        has_changes := EXISTS (
            SELECT FROM candidate.touched
             WHERE NOT EXISTS (
                       SELECT FROM audit.listener_version AS published
                        WHERE (published.listener_id, published.version, published.definitions)
                            = (touched.listener_id, touched.version, touched.definitions)));
        FOR target IN
            SELECT c.oid, EXISTS (
                       SELECT FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attname = 'listener_id' AND NOT a.attisdropped) AS has_listener
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('core', 'mart') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        LOOP
            IF target.has_listener OR NOT has_changes THEN
                PERFORM audit.compare_table(target.oid, this_load, target.has_listener);
            END IF;
        END LOOP;
    END IF;
    RETURN QUERY SELECT * FROM audit.difference WHERE load_id = this_load ORDER BY listener_id, table_name;
END
$$;
