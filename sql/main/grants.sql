-- Privileges in main. Idempotent: applied by every `make migrate`, after all tables exist.

-- etl computes and publishes. It owns the candidates, because only the owner may truncate and analyze a table.
GRANT USAGE ON SCHEMA core, mart, audit, candidate, cdc TO etl;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA core, mart, audit, cdc TO etl;
DO $$
DECLARE
    candidate_table text;
BEGIN
    FOR candidate_table IN SELECT tablename FROM pg_tables WHERE schemaname = 'candidate' AND tableowner <> 'etl' LOOP
        EXECUTE format('ALTER TABLE candidate.%I OWNER TO etl', candidate_table);
    END LOOP;
END
$$;

-- gate reads everything and writes its verdicts.
GRANT USAGE ON SCHEMA core, mart, audit, candidate, cdc TO gate;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit, candidate, cdc TO gate;
GRANT INSERT, UPDATE, DELETE ON audit.check_result TO gate;

-- debezium reads the captured tables and updates its heartbeat.
GRANT USAGE ON SCHEMA core, mart, audit, cdc TO debezium;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit, cdc TO debezium;
GRANT UPDATE ON cdc.heartbeat TO debezium;

GRANT USAGE ON SCHEMA core, mart, audit TO dashboard;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit TO dashboard;

GRANT USAGE ON SCHEMA core, mart, audit, candidate, cdc TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit, candidate, cdc TO reader;

-- Only etl may publish.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA audit TO etl;
GRANT EXECUTE ON FUNCTION audit.load_lock() TO reader, gate;
