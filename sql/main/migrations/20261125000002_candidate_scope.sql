-- migrate:up
-- The rows that a load may replace. The next load truncates these tables with the candidates.
CREATE UNLOGGED TABLE candidate.touched (
    listener_id text   COLLATE "C" NOT NULL PRIMARY KEY,
    version     bigint,
    load_id     bigint NOT NULL
);
COMMENT ON TABLE candidate.touched IS 'Grain: One row per listener whose published rows the candidates replace.';
COMMENT ON COLUMN candidate.touched.listener_id IS 'The listener.';
COMMENT ON COLUMN candidate.touched.version IS 'raw.listener.version in the snapshot that the load read; null for a listener deleted from source.';
COMMENT ON COLUMN candidate.touched.load_id IS 'The load that wrote the candidates.';

CREATE UNLOGGED TABLE candidate.touched_id (
    kind text COLLATE "C" NOT NULL,
    id   text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, id)
);
COMMENT ON TABLE candidate.touched_id IS
    'Grain: One row per track, album or artist whose published row the candidates replace: items that the recomputed listeners play or played, and the items to which those refer or referred.';
COMMENT ON COLUMN candidate.touched_id.kind IS 'track, album or artist.';
COMMENT ON COLUMN candidate.touched_id.id IS 'The mapped id, as in core.';

CREATE UNLOGGED TABLE candidate.complete (
    load_id    bigint      NOT NULL PRIMARY KEY,
    written_at timestamptz NOT NULL
);
COMMENT ON TABLE candidate.complete IS
    'Grain: at most one row: the load whose candidates are complete. Without a row the candidates are incomplete, or a crash truncated them, and must not be checked or published.';
COMMENT ON COLUMN candidate.complete.load_id IS 'The load.';
COMMENT ON COLUMN candidate.complete.written_at IS 'When the last candidate was written.';

-- migrate:down
DROP TABLE candidate.complete, candidate.touched_id, candidate.touched;
