-- Grain: One row per listener and span of time for which plays are known.
-- Whether anything was played outside all spans is unknown.
CREATE TABLE core.coverage (
    listener_id text COLLATE "C" NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL,
    basis       text NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, started_at)
);

COMMENT ON TABLE core.coverage IS
    'Grain: One row per listener and span of time for which plays are known. Whether anything was played outside all spans is unknown.';
COMMENT ON COLUMN core.coverage.listener_id IS 'The listener.';
COMMENT ON COLUMN core.coverage.started_at IS 'Start of the span.';
COMMENT ON COLUMN core.coverage.ended_at IS 'End of the span.';
COMMENT ON COLUMN core.coverage.basis IS 'polled: Spotify was polled without a gap. export: an export whose numbered files are all present. partly: an export with missing files.';
COMMENT ON COLUMN core.coverage.load_id IS 'The load that last changed this row.';
