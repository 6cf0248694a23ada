-- migrate:up
CREATE TABLE cdc.resync (
    id               smallint    NOT NULL PRIMARY KEY,
    resync_id        text        COLLATE "C" NOT NULL,
    kafka_cluster_id text        COLLATE "C" NOT NULL,
    started_at       timestamptz NOT NULL
);
COMMENT ON TABLE cdc.resync IS 'Grain: one row: the last copy of all tables to the replica. The replica has the same row once the copy is complete.';
COMMENT ON COLUMN cdc.resync.id IS 'Always 1.';
COMMENT ON COLUMN cdc.resync.resync_id IS 'Random id of the copy.';
COMMENT ON COLUMN cdc.resync.kafka_cluster_id IS 'The Kafka cluster through which the replica follows main since then.';
COMMENT ON COLUMN cdc.resync.started_at IS 'When the copy started.';

-- migrate:down
DROP TABLE cdc.resync;
