-- migrate:up
-- The copies of main's cdc tables: same columns and keys, filled by the sink connector only.
CREATE TABLE cdc.heartbeat (
    id smallint    NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL
);
COMMENT ON TABLE cdc.heartbeat IS 'Grain: one row. Its age is the lag of the replica behind main.';
COMMENT ON COLUMN cdc.heartbeat.id IS 'Always 1.';
COMMENT ON COLUMN cdc.heartbeat.at IS 'When the source connector last updated the row in main.';

CREATE TABLE cdc.marker (
    marker_id  text        COLLATE "C" NOT NULL PRIMARY KEY,
    written_at timestamptz NOT NULL
);
COMMENT ON TABLE cdc.marker IS 'Grain: one row per marker that a verification wrote in main.';
COMMENT ON COLUMN cdc.marker.marker_id IS 'Random id of the marker.';
COMMENT ON COLUMN cdc.marker.written_at IS 'When the marker was written in main.';

-- migrate:down
DROP TABLE cdc.marker, cdc.heartbeat;
