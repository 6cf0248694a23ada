-- Privileges in main. Idempotent: applied by every `make migrate`, after all tables exist.

-- publisher cannot log in. It owns the published tables and the functions that change them, and is no superuser.
GRANT USAGE, CREATE ON SCHEMA core, mart TO publisher;
GRANT USAGE ON SCHEMA audit, candidate TO publisher;
GRANT SELECT ON ALL TABLES IN SCHEMA audit, candidate TO publisher;
GRANT UPDATE ON audit.load TO publisher;
GRANT DELETE ON audit.check_result, audit.replica_check TO publisher;
GRANT INSERT, UPDATE, DELETE ON audit.listener_version, audit.difference TO publisher;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA audit TO publisher;
DO $$
DECLARE
    target record;
BEGIN
    FOR target IN
        SELECT c.oid::regclass AS name, CASE n.nspname WHEN 'candidate' THEN current_user ELSE 'publisher' END AS owner
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('core', 'mart', 'candidate') AND c.relkind IN ('r', 'p')
    LOOP
        IF (SELECT relowner <> target.owner::regrole FROM pg_class WHERE oid = target.name) THEN
            EXECUTE format('ALTER TABLE %s OWNER TO %I', target.name, target.owner);
        END IF;
    END LOOP;
END
$$;
ALTER FUNCTION audit.publish(bigint) OWNER TO publisher;
ALTER FUNCTION audit.compare(bigint) OWNER TO publisher;
ALTER FUNCTION audit.forget_checks(bigint) OWNER TO publisher;
ALTER FUNCTION audit.forget_replica_checks() OWNER TO publisher;

-- etl writes candidates and records loads. It publishes with audit.publish only, and may not write the gate's verdicts.
-- It must not own the candidates: the owner could change their types, and with them what publish runs.
REVOKE ALL ON ALL TABLES IN SCHEMA core, mart, audit, cdc FROM etl;
GRANT USAGE ON SCHEMA core, mart, audit, candidate TO etl;
REVOKE USAGE ON SCHEMA cdc FROM etl;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit TO etl;
GRANT INSERT, UPDATE ON audit.load TO etl;
GRANT SELECT, INSERT, TRUNCATE, MAINTAIN ON ALL TABLES IN SCHEMA candidate TO etl;

-- gate reads everything and writes its verdicts.
GRANT USAGE ON SCHEMA core, mart, audit, candidate, cdc TO gate;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit, candidate, cdc TO gate;
GRANT INSERT, UPDATE, DELETE ON audit.check_result TO gate;

-- debezium reads main's WAL, updates its heartbeat, and replaces the replication slot. It may not read the captured tables: a source
-- without its offset would otherwise write a snapshot over the replica, in which deleted rows stay.
REVOKE ALL ON ALL TABLES IN SCHEMA core, mart, audit, cdc FROM debezium;
GRANT USAGE ON SCHEMA core, mart, audit, cdc TO debezium;
GRANT SELECT, UPDATE ON cdc.heartbeat TO debezium;
GRANT SELECT, INSERT, UPDATE ON cdc.resync TO debezium;

-- verifier compares main with the replica, writes the markers for which it waits, and records the results.
GRANT USAGE ON SCHEMA core, mart, audit, cdc TO verifier;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit, cdc TO verifier;
GRANT INSERT, DELETE ON cdc.marker TO verifier;
GRANT INSERT ON audit.replica_check TO verifier;

GRANT USAGE ON SCHEMA core, mart, audit TO dashboard;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit TO dashboard;

GRANT USAGE ON SCHEMA core, mart, audit, candidate, cdc TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit, candidate, cdc TO reader;

-- Only etl may publish. A verification holds the load lock, and deletes records of old verifications.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC, etl, gate, reader;
GRANT EXECUTE ON FUNCTION
    audit.forget_checks(bigint), audit.publish(bigint), audit.compare(bigint), audit.load_lock(), audit.candidate_lock() TO etl;
GRANT EXECUTE ON FUNCTION audit.load_lock(), audit.forget_replica_checks() TO verifier;
