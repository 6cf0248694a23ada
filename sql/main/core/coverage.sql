-- Grain: One row per listener and stretch of time about which something is known.
-- What is in no stretch is unknown.
CREATE TABLE core.coverage (
    listener_id text COLLATE "C" NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL,
    basis       text NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, started_at)
);

COMMENT ON TABLE core.coverage IS
    'Grain: One row per listener and stretch of time about which something is known. What is in no stretch is unknown.';
COMMENT ON COLUMN core.coverage.listener_id IS 'Whose plays.';
COMMENT ON COLUMN core.coverage.started_at IS 'Where the stretch begins.';
COMMENT ON COLUMN core.coverage.ended_at IS 'Where it ends.';
COMMENT ON COLUMN core.coverage.basis IS 'polled (without a break), export (numbered files complete from the first) or partly (an export with files missing).';
COMMENT ON COLUMN core.coverage.load_id IS 'The load that last changed this row.';
