-- Purpose: replace the ids of deleted listeners in schema audit by random pseudonyms, so that the records of loads stay but no longer
-- say whose they are. Called by audit.publish, after audit.record_versions.
-- A listener counts as deleted if this load deletes their rows, or if an unpublished load read them and nothing of theirs is
-- published. So a new listener whose first load failed also gets a pseudonym in the record of that load.
CREATE OR REPLACE FUNCTION audit.forget_listeners() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    deleted_id text;
    pseudonym  text;
BEGIN
    FOR deleted_id IN
        SELECT listener_id FROM candidate.touched WHERE version IS NULL
        UNION
        SELECT key
          FROM audit.load
         CROSS JOIN LATERAL jsonb_object_keys(listener_versions) AS key
         WHERE status IN ('failed', 'rejected')
           AND key NOT LIKE 'deleted:%'
           AND NOT EXISTS (SELECT FROM audit.listener_version WHERE listener_id = key)
    LOOP
        pseudonym := 'deleted:' || gen_random_uuid();
        UPDATE audit.load
           SET listener_versions = listener_versions - deleted_id || jsonb_build_object(pseudonym, listener_versions -> deleted_id)
         WHERE listener_versions ? deleted_id;
        UPDATE audit.difference SET listener_id = pseudonym WHERE listener_id = deleted_id;
    END LOOP;
END
$$;
