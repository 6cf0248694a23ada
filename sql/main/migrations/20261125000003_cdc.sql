-- migrate:up
-- What change data capture needs in main: rows of its own, captured like all others.
CREATE TABLE cdc.heartbeat (
    id smallint    NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL
);
COMMENT ON TABLE cdc.heartbeat IS 'Grain: the one row that the source connector touches, so that an idle database still moves the slot.';
COMMENT ON COLUMN cdc.heartbeat.id IS 'Always 1.';
COMMENT ON COLUMN cdc.heartbeat.at IS 'When the source connector last touched it.';
INSERT INTO cdc.heartbeat (id, at) VALUES (1, now());

CREATE TABLE cdc.marker (
    marker_id  text        COLLATE "C" NOT NULL PRIMARY KEY,
    written_at timestamptz NOT NULL
);
COMMENT ON TABLE cdc.marker IS 'Grain: One row per marker that a verification wrote, to know when the replica holds all that came before.';
COMMENT ON COLUMN cdc.marker.marker_id IS 'A random name of the marker.';
COMMENT ON COLUMN cdc.marker.written_at IS 'When it was written.';

ALTER TABLE cdc.heartbeat REPLICA IDENTITY FULL;
ALTER TABLE cdc.marker REPLICA IDENTITY FULL;

-- migrate:down
DROP TABLE cdc.marker, cdc.heartbeat;
