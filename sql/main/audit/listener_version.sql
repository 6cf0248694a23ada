-- Grain: One row per listener whose rows a load has published.
CREATE TABLE audit.listener_version (
    listener_id text COLLATE "C" NOT NULL,
    version     bigint NOT NULL,
    load_id     bigint NOT NULL,
    definitions text COLLATE "C",
    PRIMARY KEY (listener_id)
);

COMMENT ON TABLE audit.listener_version IS
    'Grain: One row per listener whose rows a load has published.';
COMMENT ON COLUMN audit.listener_version.listener_id IS 'The listener.';
COMMENT ON COLUMN audit.listener_version.version IS 'raw.listener.version that the last published load read. If source has another version, the next load recomputes the listener.';
COMMENT ON COLUMN audit.listener_version.load_id IS 'The load that last changed this row.';
COMMENT ON COLUMN audit.listener_version.definitions IS 'SHA-256 of the code that computed the published rows; if the code changes, the next load recomputes the listener. Null when unknown.';
