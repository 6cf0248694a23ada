-- Grain: One row per load: one attempt to publish changed rows.
CREATE TABLE audit.load (
    load_id           bigint NOT NULL,
    run_id            text NOT NULL UNIQUE,
    started_at        timestamptz NOT NULL,
    finished_at       timestamptz,
    status            text NOT NULL,
    reason            text,
    kind              text NOT NULL,
    listeners_touched integer NOT NULL,
    listener_versions jsonb NOT NULL,
    rows_inserted     bigint NOT NULL,
    rows_updated      bigint NOT NULL,
    rows_deleted      bigint NOT NULL,
    PRIMARY KEY (load_id)
);

COMMENT ON TABLE audit.load IS
    'Grain: One row per load: one attempt to publish changed rows.';
COMMENT ON COLUMN audit.load.load_id IS 'Number of the load, ascending. Retries of the same run keep it.';
COMMENT ON COLUMN audit.load.run_id IS 'Id of the scheduler''s run that started the load.';
COMMENT ON COLUMN audit.load.started_at IS 'When the load started, or when a retry last restarted it.';
COMMENT ON COLUMN audit.load.finished_at IS 'When the load was published, rejected or failed; null while it runs.';
COMMENT ON COLUMN audit.load.status IS 'running, published, rejected (a check failed or did not run) or failed.';
COMMENT ON COLUMN audit.load.reason IS 'Why the load was rejected or failed; null otherwise.';
COMMENT ON COLUMN audit.load.kind IS 'incremental: recomputes changed listeners, and at night a tenth of the others to verify them. rebuild: recomputes every listener, or one given listener.';
COMMENT ON COLUMN audit.load.listeners_touched IS 'Number of listeners that the load recomputes.';
COMMENT ON COLUMN audit.load.listener_versions IS 'Version of each recomputed listener in the snapshot that the load read; null for a deleted listener. A random pseudonym replaces the id of a deleted listener, and of one without published rows.';
COMMENT ON COLUMN audit.load.rows_inserted IS 'Number of rows inserted into core and mart.';
COMMENT ON COLUMN audit.load.rows_updated IS 'Number of rows updated in core and mart.';
COMMENT ON COLUMN audit.load.rows_deleted IS 'Number of rows deleted from core and mart.';
