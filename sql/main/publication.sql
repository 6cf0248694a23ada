-- What Debezium reads: whole schemas, so that a table made later is captured without being named anywhere.
-- Needs a superuser. `candidate` is never in it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'cdc') THEN
        CREATE PUBLICATION cdc FOR TABLES IN SCHEMA core, mart, audit, cdc WITH (publish_via_partition_root = true);
    END IF;
END
$$;
