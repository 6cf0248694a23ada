-- The publication that Debezium reads. It lists schemas, so a new table is captured without a change here.
-- Creating it requires a superuser. Schema candidate is not part of it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'cdc') THEN
        CREATE PUBLICATION cdc FOR TABLES IN SCHEMA core, mart, audit, cdc WITH (publish_via_partition_root = true);
    END IF;
END
$$;
