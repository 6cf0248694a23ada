-- migrate:up
-- Tables that change data capture needs for itself. They are captured like all others.
CREATE TABLE cdc.heartbeat (
    id smallint    NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL
);
COMMENT ON TABLE cdc.heartbeat IS 'Grain: one row. The source connector updates it regularly, so that the replication slot advances while the database is idle.';
COMMENT ON COLUMN cdc.heartbeat.id IS 'Always 1.';
COMMENT ON COLUMN cdc.heartbeat.at IS 'When the source connector last updated the row.';
INSERT INTO cdc.heartbeat (id, at) VALUES (1, now());

CREATE TABLE cdc.marker (
    marker_id  text        COLLATE "C" NOT NULL PRIMARY KEY,
    written_at timestamptz NOT NULL
);
COMMENT ON TABLE cdc.marker IS 'Grain: One row per marker that a verification wrote. Once the replica has the marker, it has all earlier changes.';
COMMENT ON COLUMN cdc.marker.marker_id IS 'Random id of the marker.';
COMMENT ON COLUMN cdc.marker.written_at IS 'When the marker was written.';

ALTER TABLE cdc.heartbeat REPLICA IDENTITY FULL;
ALTER TABLE cdc.marker REPLICA IDENTITY FULL;

-- migrate:down
DROP TABLE cdc.marker, cdc.heartbeat;
