-- Purpose: delete the records of verifications that are older than two years.
-- SECURITY DEFINER: verifier may delete these, but not the newer ones.
CREATE OR REPLACE FUNCTION audit.forget_replica_checks() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM audit.replica_check WHERE started_at < now() - interval '2 years';
$$;
