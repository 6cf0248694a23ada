-- Purpose: from any published row to the load that last changed it, and to that load's checks of the row's table.
--   SELECT lineage.* FROM mart.listener_summary AS row JOIN audit.lineage USING (load_id)
--    WHERE row.listener_id = 'ana' AND lineage.table_name = 'mart.listener_summary';
-- What the load read is in audit.load_input. Each reader sees what their own rights and policies show them.
CREATE OR REPLACE VIEW audit.lineage WITH (security_invoker = true) AS
SELECT load.load_id,
       load.run_id,
       load.kind,
       load.status,
       load.started_at,
       load.finished_at,
       check_result.table_name,
       check_result.check_name,
       check_result.outcome,
       check_result.measured,
       check_result.rows_failed
  FROM audit.load
  LEFT JOIN audit.check_result USING (load_id);

COMMENT ON VIEW audit.lineage IS 'Grain: One row per load and check, one row for a load without checks. Join it to a published row by load_id and table_name.';
COMMENT ON COLUMN audit.lineage.load_id IS 'The load; load_id of every row that it changed last.';
COMMENT ON COLUMN audit.lineage.run_id IS 'The run that made it, as the scheduler names it.';
COMMENT ON COLUMN audit.lineage.kind IS 'incremental or rebuild.';
COMMENT ON COLUMN audit.lineage.status IS 'running, published, rejected or failed.';
COMMENT ON COLUMN audit.lineage.started_at IS 'When it began.';
COMMENT ON COLUMN audit.lineage.finished_at IS 'When it was published.';
COMMENT ON COLUMN audit.lineage.table_name IS 'The table checked, with its schema.';
COMMENT ON COLUMN audit.lineage.check_name IS 'The check, as a sentence.';
COMMENT ON COLUMN audit.lineage.outcome IS 'pass, warn or fail.';
COMMENT ON COLUMN audit.lineage.measured IS 'What was measured; null when the check measures nothing.';
COMMENT ON COLUMN audit.lineage.rows_failed IS 'Rows that broke the check; null when it counts none.';
