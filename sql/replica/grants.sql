-- Privileges in the replica. Idempotent: applied by every `make migrate`, after all tables exist.
GRANT USAGE ON SCHEMA core, mart, audit, cdc TO sink;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, MAINTAIN ON ALL TABLES IN SCHEMA core, mart, audit, cdc TO sink;

GRANT USAGE ON SCHEMA core, mart, audit TO dashboard;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit TO dashboard;

GRANT USAGE ON SCHEMA core, mart, audit, cdc TO verifier, reader;
GRANT SELECT ON ALL TABLES IN SCHEMA core, mart, audit, cdc TO verifier, reader;
