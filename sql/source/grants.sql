-- Who may do what in source; applied after the migrations, as often as one likes.
-- endpoint writes everything; reader and gate see what was received, never the vault.
GRANT USAGE ON SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA landing, raw, vault, jobs TO endpoint;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO endpoint;

GRANT USAGE ON SCHEMA landing, raw TO reader, gate;
GRANT SELECT ON ALL TABLES IN SCHEMA landing, raw TO reader, gate;
GRANT INSERT, UPDATE, DELETE ON landing.check_result TO gate;

-- The vault and the queue stay closed, whatever an earlier version granted.
REVOKE ALL ON SCHEMA vault, jobs FROM reader, gate;
REVOKE ALL ON ALL TABLES IN SCHEMA vault, jobs FROM reader, gate;
