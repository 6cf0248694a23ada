-- Grain: One row per listener and local day with a counted play.
CREATE TABLE mart.daily_listening (
    listener_id  text COLLATE "C" NOT NULL,
    played_on    date NOT NULL,
    play_count   integer NOT NULL,
    listened_ms  bigint NOT NULL,
    track_count  integer NOT NULL,
    artist_count integer NOT NULL,
    load_id      bigint NOT NULL,
    PRIMARY KEY (listener_id, played_on)
);

COMMENT ON TABLE mart.daily_listening IS
    'Grain: One row per listener and local day with a counted play.';
COMMENT ON COLUMN mart.daily_listening.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.daily_listening.played_on IS 'The local day.';
COMMENT ON COLUMN mart.daily_listening.play_count IS 'Counted plays that ended on the day.';
COMMENT ON COLUMN mart.daily_listening.listened_ms IS 'Sum of their listened_ms, unknown as 0.';
COMMENT ON COLUMN mart.daily_listening.track_count IS 'Distinct tracks.';
COMMENT ON COLUMN mart.daily_listening.artist_count IS 'Distinct first credited artists; plays without artist add none.';
COMMENT ON COLUMN mart.daily_listening.load_id IS 'The load that last changed this row.';
