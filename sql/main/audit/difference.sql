-- Grain: One row per load, table and listener whose rows a verification found to be other than published, though nothing had changed.
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
    'Grain: One row per load, table and listener whose rows a verification found to be other than published, though nothing had changed. Written before the load mends them.';
COMMENT ON COLUMN audit.difference.load_id IS 'The load that recomputed the listener, and then published what it found.';
COMMENT ON COLUMN audit.difference.table_name IS 'The table, with its schema: mart.artist_streak.';
COMMENT ON COLUMN audit.difference.listener_id IS 'The listener; empty for a table of items, whose rows belong to no listener.';
COMMENT ON COLUMN audit.difference.rows_missing IS 'Rows recomputed that were not published.';
COMMENT ON COLUMN audit.difference.rows_differing IS 'Rows published with other values than recomputed.';
COMMENT ON COLUMN audit.difference.rows_surplus IS 'Rows published that the recomputation does not have.';
COMMENT ON COLUMN audit.difference.found_at IS 'When it was found.';
