-- Purpose: find the load that last changed a published row, and the checks of the row's table in that load.
--   SELECT lineage.* FROM mart.listener_summary AS row JOIN audit.lineage USING (load_id)
--    WHERE row.listener_id = 'ana' AND lineage.table_name = 'mart.listener_summary';
-- audit.load_input has the load's input. The view applies the reader's own privileges and row-level policies.
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

COMMENT ON VIEW audit.lineage IS 'Grain: One row per load and check; one row for a load without checks. Join it to a published row by load_id and table_name.';
COMMENT ON COLUMN audit.lineage.load_id IS 'The load, as in the load_id column of each row that it last changed.';
COMMENT ON COLUMN audit.lineage.run_id IS 'Id of the scheduler''s run that started the load.';
COMMENT ON COLUMN audit.lineage.kind IS 'incremental or rebuild.';
COMMENT ON COLUMN audit.lineage.status IS 'running, published, rejected or failed.';
COMMENT ON COLUMN audit.lineage.started_at IS 'When the load started.';
COMMENT ON COLUMN audit.lineage.finished_at IS 'When the load was published, rejected or failed; null while it runs.';
COMMENT ON COLUMN audit.lineage.table_name IS 'The checked table with its schema.';
COMMENT ON COLUMN audit.lineage.check_name IS 'Name of the check: what must be true.';
COMMENT ON COLUMN audit.lineage.outcome IS 'pass, warn or fail.';
COMMENT ON COLUMN audit.lineage.measured IS 'Value that the check measured; null when it measures none.';
COMMENT ON COLUMN audit.lineage.rows_failed IS 'Number of rows that failed the check; null when it does not count rows.';
