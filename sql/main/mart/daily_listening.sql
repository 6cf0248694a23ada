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
COMMENT ON COLUMN mart.daily_listening.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.daily_listening.played_on IS 'The local date.';
COMMENT ON COLUMN mart.daily_listening.play_count IS 'Number of counted plays that ended on the day.';
COMMENT ON COLUMN mart.daily_listening.listened_ms IS 'Sum of listened_ms over these plays, in milliseconds; an unknown value adds 0.';
COMMENT ON COLUMN mart.daily_listening.track_count IS 'Number of distinct tracks in these plays.';
COMMENT ON COLUMN mart.daily_listening.artist_count IS 'Number of distinct first credited artists in these plays; a play without an artist adds none.';
COMMENT ON COLUMN mart.daily_listening.load_id IS 'The load that last changed this row.';
