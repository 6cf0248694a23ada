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
COMMENT ON COLUMN audit.check_result.table_name IS 'The table with the schema in which it is published, such as core.fct_play.';
COMMENT ON COLUMN audit.check_result.check_name IS 'Name of the check: what must be true.';
COMMENT ON COLUMN audit.check_result.outcome IS 'pass, warn or fail. A load with a failed check is not published.';
COMMENT ON COLUMN audit.check_result.measured IS 'Value that the check measured; null when it measures none. Never NaN or infinite.';
COMMENT ON COLUMN audit.check_result.rows_failed IS 'Number of rows that failed the check; null when it does not count rows.';
