-- Grain: One row per listener and maximal run of consecutive local days with a counted play. A run may be a single day.
CREATE TABLE mart.listening_streak (
    listener_id text COLLATE "C" NOT NULL,
    started_on  date NOT NULL,
    ended_on    date NOT NULL,
    day_count   integer NOT NULL,
    play_count  integer NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, started_on)
);

COMMENT ON TABLE mart.listening_streak IS
    'Grain: One row per listener and maximal run of consecutive local days with a counted play. A run may be a single day.';
COMMENT ON COLUMN mart.listening_streak.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.listening_streak.started_on IS 'First day of the run.';
COMMENT ON COLUMN mart.listening_streak.ended_on IS 'Last day of the run.';
COMMENT ON COLUMN mart.listening_streak.day_count IS 'Number of days from started_on to ended_on, both included; at least 1.';
COMMENT ON COLUMN mart.listening_streak.play_count IS 'Number of counted plays in the run.';
COMMENT ON COLUMN mart.listening_streak.load_id IS 'The load that last changed this row.';
