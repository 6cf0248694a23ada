-- Grain: One row per load, table and check.
CREATE TABLE audit.check_result (
    load_id     bigint NOT NULL,
    table_name  text COLLATE "C" NOT NULL,
    check_name  text COLLATE "C" NOT NULL,
    outcome     text NOT NULL,
    measured    double precision,
    rows_failed bigint,
    PRIMARY KEY (load_id, table_name, check_name)
);

COMMENT ON TABLE audit.check_result IS
    'Grain: One row per load, table and check.';
COMMENT ON COLUMN audit.check_result.load_id IS 'The load that was checked.';
COMMENT ON COLUMN audit.check_result.table_name IS 'The table, with its schema, as published: core.fct_play.';
COMMENT ON COLUMN audit.check_result.check_name IS 'The check, as a sentence.';
COMMENT ON COLUMN audit.check_result.outcome IS 'pass, warn or fail; a fail keeps the load from being published.';
COMMENT ON COLUMN audit.check_result.measured IS 'What was measured; null when the check measures nothing. Never NaN or infinite.';
COMMENT ON COLUMN audit.check_result.rows_failed IS 'Rows that broke the check; null when it counts none.';
