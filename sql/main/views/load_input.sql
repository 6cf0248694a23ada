-- Purpose: list the listeners that a load read, and their versions. Join it to a published row by load_id and listener_id.
CREATE OR REPLACE VIEW audit.load_input WITH (security_invoker = true) AS
SELECT load.load_id,
       read.key::text COLLATE "C" AS listener_id,
       read.value::text::bigint AS version
  FROM audit.load
 CROSS JOIN LATERAL jsonb_each_text(load.listener_versions) AS read;

COMMENT ON VIEW audit.load_input IS 'Grain: One row per load and listener whose plays the load read.';
COMMENT ON COLUMN audit.load_input.load_id IS 'The load.';
COMMENT ON COLUMN audit.load_input.listener_id IS 'The listener, or a random pseudonym for a deleted listener and for one without published rows.';
COMMENT ON COLUMN audit.load_input.version IS 'raw.listener.version in the snapshot that the load read; every change raises it. Null for a deleted listener.';
