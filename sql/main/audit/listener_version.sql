-- Grain: One row per listener that a published load read.
CREATE TABLE audit.listener_version (
    listener_id text COLLATE "C" NOT NULL,
    version     bigint NOT NULL,
    load_id     bigint NOT NULL,
    definitions text COLLATE "C",
    PRIMARY KEY (listener_id)
);

COMMENT ON TABLE audit.listener_version IS
    'Grain: One row per listener that a published load read.';
COMMENT ON COLUMN audit.listener_version.listener_id IS 'The listener.';
COMMENT ON COLUMN audit.listener_version.version IS 'raw.listener.version that the last published load read; a different one in source means there is something to load.';
COMMENT ON COLUMN audit.listener_version.load_id IS 'The load that last changed this row.';
COMMENT ON COLUMN audit.listener_version.definitions IS 'SHA-256 of the code that computed what is published; another one means that everything is to be computed anew. Null: not known.';
