-- Grain: One row per verification of the replica.
CREATE TABLE audit.replica_check (
    check_id        text COLLATE "C" NOT NULL,
    started_at      timestamptz NOT NULL,
    duration_ms     bigint NOT NULL,
    outcome         text NOT NULL,
    tables_compared bigint,
    rows_compared   bigint,
    keys_differing  bigint,
    reason          text,
    scope           text NOT NULL DEFAULT 'all',  -- as the migration adds it to existing tables
    PRIMARY KEY (check_id)
);

COMMENT ON TABLE audit.replica_check IS
    'Grain: One row per verification of the replica. Rows are kept for two years.';
COMMENT ON COLUMN audit.replica_check.check_id IS 'Random id of the verification.';
COMMENT ON COLUMN audit.replica_check.started_at IS 'When the verification started. If the outcome is equal, the replica had every change committed in main before that.';
COMMENT ON COLUMN audit.replica_check.duration_ms IS 'Milliseconds that the verification took, with its waits for the load lock and for the replica.';
COMMENT ON COLUMN audit.replica_check.outcome IS 'equal, different or not_compared (main and the replica could not be compared).';
COMMENT ON COLUMN audit.replica_check.tables_compared IS 'Number of tables that main or the replica has; null when they were not compared.';
COMMENT ON COLUMN audit.replica_check.rows_compared IS 'Number of rows of main that were compared; null when none were.';
COMMENT ON COLUMN audit.replica_check.keys_differing IS 'Number of keys found whose rows differ, counted up to 20 for each table; null when the rows of a table were not compared.';
COMMENT ON COLUMN audit.replica_check.reason IS 'The tables that differ, or why main and the replica could not be compared; null when they are equal. Contains no keys.';
COMMENT ON COLUMN audit.replica_check.scope IS 'all: every row of every table. changed: only what loads changed since the last verification that found all equal. That is enough only after an equal verification; after any other, all rows are compared. If the outcome is not_compared, the scope that was asked for.';
