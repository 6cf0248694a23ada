-- Grain: One row per load, table and listener whose published rows differed from a recomputation although no input had changed.
CREATE TABLE audit.difference (
    load_id        bigint NOT NULL,
    table_name     text COLLATE "C" NOT NULL,
    listener_id    text COLLATE "C" NOT NULL,
    rows_missing   bigint NOT NULL,
    rows_differing bigint NOT NULL,
    rows_surplus   bigint NOT NULL,
    found_at       timestamptz NOT NULL,
    PRIMARY KEY (load_id, table_name, listener_id)
);

COMMENT ON TABLE audit.difference IS
    'Grain: One row per load, table and listener whose published rows differed from a recomputation although no input had changed. The rows are recorded before the load replaces them.';
COMMENT ON COLUMN audit.difference.load_id IS 'The load that recomputed the listener and then published the recomputed rows.';
COMMENT ON COLUMN audit.difference.table_name IS 'The table with its schema, such as mart.artist_streak.';
COMMENT ON COLUMN audit.difference.listener_id IS 'The listener, or a random pseudonym once the listener is deleted; empty for a table whose rows do not belong to a listener.';
COMMENT ON COLUMN audit.difference.rows_missing IS 'Number of recomputed rows that were not published.';
COMMENT ON COLUMN audit.difference.rows_differing IS 'Number of published rows with values that differ from the recomputed ones.';
COMMENT ON COLUMN audit.difference.rows_surplus IS 'Number of published rows that the recomputation does not contain.';
COMMENT ON COLUMN audit.difference.found_at IS 'When the difference was found.';
