-- Purpose: delete all verdicts on a load, so that it must be checked again before it is published.
-- Parameters: this_load, the load that is computed again.
-- SECURITY DEFINER: etl may delete all verdicts on a load, but not only those that failed.
CREATE OR REPLACE FUNCTION audit.forget_checks(this_load bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM audit.check_result WHERE load_id = this_load;
$$;
