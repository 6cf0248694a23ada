-- Grain: One row per listener and local month with a counted play.
CREATE TABLE mart.metric_name (
    listener_id text COLLATE "C" NOT NULL,
    month       date NOT NULL,
    play_count  integer NOT NULL,
    listened_ms bigint NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, month)
);

COMMENT ON TABLE mart.metric_name IS
    'Grain: One row per listener and local month with a counted play.';
COMMENT ON COLUMN mart.metric_name.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.metric_name.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.metric_name.play_count IS 'Number of counted plays in the month.';
COMMENT ON COLUMN mart.metric_name.listened_ms IS 'Sum of listened_ms over these plays, in milliseconds; an unknown value adds 0.';
COMMENT ON COLUMN mart.metric_name.load_id IS 'The load that last changed this row.';
