-- Grain: One row per load: a run that looked for changes and published, was refused or failed.
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
    'Grain: One row per load: a run that looked for changes and published, was refused or failed.';
COMMENT ON COLUMN audit.load.load_id IS 'Number of the load, rising; kept by the retries of its run.';
COMMENT ON COLUMN audit.load.run_id IS 'The run that made it, as the scheduler names it.';
COMMENT ON COLUMN audit.load.started_at IS 'When it began, or was begun again by a retry.';
COMMENT ON COLUMN audit.load.finished_at IS 'When it was published, rejected or failed; null while it runs.';
COMMENT ON COLUMN audit.load.status IS 'running, published, rejected (a check failed or none ran) or failed.';
COMMENT ON COLUMN audit.load.reason IS 'Why it was rejected or failed; null otherwise.';
COMMENT ON COLUMN audit.load.kind IS 'incremental (who changed, and the tenth that a night verifies), or rebuild (every listener, or the one asked for).';
COMMENT ON COLUMN audit.load.listeners_touched IS 'Listeners whose rows it replaces.';
COMMENT ON COLUMN audit.load.listener_versions IS 'What it read: each touched listener''s version in the snapshot; null when the listener is gone.';
COMMENT ON COLUMN audit.load.rows_inserted IS 'Rows of core and mart it inserted.';
COMMENT ON COLUMN audit.load.rows_updated IS 'Rows of core and mart it changed.';
COMMENT ON COLUMN audit.load.rows_deleted IS 'Rows of core and mart it deleted.';
