-- Grain: One row per listener and unbroken run of local days with a counted play.
-- Runs are maximal; a single day is one.
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
    'Grain: One row per listener and unbroken run of local days with a counted play. Runs are maximal; a single day is one.';
COMMENT ON COLUMN mart.listening_streak.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.listening_streak.started_on IS 'First day of the run.';
COMMENT ON COLUMN mart.listening_streak.ended_on IS 'Last day of the run.';
COMMENT ON COLUMN mart.listening_streak.day_count IS 'Days in the run, both ends included; at least 1.';
COMMENT ON COLUMN mart.listening_streak.play_count IS 'Counted plays in the run.';
COMMENT ON COLUMN mart.listening_streak.load_id IS 'The load that last changed this row.';
