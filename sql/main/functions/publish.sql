-- Purpose: publish a checked load as a whole, or reject it and change only its status. A published load is not changed, so a
-- retry is safe.
-- Parameters: this_load, the load whose candidates are in schema candidate.
-- Returns: the row of the load in audit.load after the change.
-- The tables come from PostgreSQL's catalog. Rows are written by INSERT ... SELECT, not by COPY or by swapping tables, because
-- Debezium captures the tables.
-- SECURITY DEFINER: etl may change published rows only with this function, which requires the gate's verdict. It runs as its owner:
-- publisher, a role without superuser rights and without login.
CREATE OR REPLACE FUNCTION audit.publish(this_load bigint) RETURNS audit.load
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '60s' SET jit = off SET work_mem = '64MB' SET maintenance_work_mem = '256MB' AS $$
DECLARE
    result   audit.load;
    refusal  text;
    target   regclass;
    written  record;
    inserted bigint := 0;
    updated  bigint := 0;
    deleted  bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(audit.candidate_lock());
    PERFORM pg_advisory_xact_lock(audit.load_lock());

    SELECT * INTO result FROM audit.load WHERE load_id = this_load FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Load % does not exist: start one first.', this_load;
    END IF;
    IF result.status NOT IN ('running', 'rejected') THEN
        RETURN result;  -- already published, or failed and to be restarted
    END IF;

    refusal := audit.refusal(this_load);
    IF refusal IS NOT NULL THEN
        UPDATE audit.load SET status = 'rejected', reason = refusal, finished_at = clock_timestamp()
         WHERE load_id = this_load RETURNING * INTO result;
        RETURN result;
    END IF;

    FOR target IN
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('core', 'mart') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         ORDER BY n.nspname, c.relname
    LOOP
        written  := audit.publish_table(target, this_load);
        inserted := inserted + written.inserted;
        updated  := updated + written.updated;
        deleted  := deleted + written.deleted;
    END LOOP;

    PERFORM audit.record_versions(this_load);
    PERFORM audit.forget_listeners();
    UPDATE audit.load
       SET status = 'published', reason = NULL, finished_at = clock_timestamp(),
           rows_inserted = inserted, rows_updated = updated, rows_deleted = deleted
     WHERE load_id = this_load RETURNING * INTO result;
    RETURN result;
END
$$;
