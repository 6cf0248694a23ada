-- Purpose: record the published version of each recomputed listener and the code that computed it. The next load compares them
-- to find the listeners to recompute.
-- Parameters: this_load, the load_id of every row written.
CREATE OR REPLACE FUNCTION audit.record_versions(this_load bigint) RETURNS void
LANGUAGE sql AS $$
    DELETE FROM audit.listener_version AS published
     USING candidate.touched
     WHERE touched.listener_id = published.listener_id AND touched.version IS NULL;

    UPDATE audit.listener_version AS published
       SET version = touched.version, definitions = touched.definitions, load_id = this_load
      FROM candidate.touched
     WHERE touched.listener_id = published.listener_id AND touched.version IS NOT NULL
       AND (touched.version, touched.definitions) IS DISTINCT FROM (published.version, published.definitions);

    INSERT INTO audit.listener_version (listener_id, version, load_id, definitions)
    SELECT listener_id, version, this_load, definitions
      FROM candidate.touched
     WHERE version IS NOT NULL
       AND NOT EXISTS (SELECT FROM audit.listener_version AS published WHERE published.listener_id = touched.listener_id);
$$;
