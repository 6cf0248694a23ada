-- Privileges in source. Idempotent: applied by every `make migrate`, after the migrations.
-- endpoint writes everything. etl, gate and reader read landing and raw, but not the vault.
GRANT USAGE ON SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO endpoint;

GRANT USAGE ON SCHEMA landing, raw TO etl, gate, reader;
GRANT SELECT ON ALL TABLES IN SCHEMA landing, raw TO etl, gate, reader;
GRANT INSERT, UPDATE, DELETE ON landing.check_result TO gate;

-- Revoke what an earlier version may have granted on the vault and the queue.
REVOKE ALL ON SCHEMA vault, jobs FROM etl, gate, reader;
REVOKE ALL ON ALL TABLES IN SCHEMA vault, jobs FROM etl, gate, reader;
