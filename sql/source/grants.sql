-- Privileges in source. Idempotent: applied by every `make migrate`, after the migrations.
-- endpoint writes everything. reader and gate read landing and raw, but not the vault.
GRANT USAGE ON SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO endpoint;

GRANT USAGE ON SCHEMA landing, raw TO reader, gate;
GRANT SELECT ON ALL TABLES IN SCHEMA landing, raw TO reader, gate;
GRANT INSERT, UPDATE, DELETE ON landing.check_result TO gate;

-- Revoke what an earlier version may have granted on the vault and the queue.
REVOKE ALL ON SCHEMA vault, jobs FROM reader, gate;
REVOKE ALL ON ALL TABLES IN SCHEMA vault, jobs FROM reader, gate;
