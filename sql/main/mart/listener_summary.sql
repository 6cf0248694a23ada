-- Grain: One row per listener with a counted play.
CREATE TABLE mart.listener_summary (
    listener_id         text COLLATE "C" NOT NULL,
    first_played_at     timestamptz NOT NULL,
    last_played_at      timestamptz NOT NULL,
    play_count          integer NOT NULL,
    listened_ms         bigint NOT NULL,
    track_count         integer NOT NULL,
    artist_count        integer NOT NULL,
    album_count         integer NOT NULL,
    day_count           integer NOT NULL,
    longest_streak_days integer NOT NULL,
    longest_session_ms  bigint NOT NULL,
    busiest_day         date NOT NULL,
    load_id             bigint NOT NULL,
    PRIMARY KEY (listener_id)
);

COMMENT ON TABLE mart.listener_summary IS
    'Grain: One row per listener with a counted play.';
COMMENT ON COLUMN mart.listener_summary.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.listener_summary.first_played_at IS 'End of the earliest counted play.';
COMMENT ON COLUMN mart.listener_summary.last_played_at IS 'End of the latest counted play.';
COMMENT ON COLUMN mart.listener_summary.play_count IS 'Number of counted plays.';
COMMENT ON COLUMN mart.listener_summary.listened_ms IS 'Sum of listened_ms over these plays, in milliseconds; an unknown value adds 0.';
COMMENT ON COLUMN mart.listener_summary.track_count IS 'Number of distinct tracks in these plays.';
COMMENT ON COLUMN mart.listener_summary.artist_count IS 'Number of distinct first credited artists in these plays; a play without an artist adds none.';
COMMENT ON COLUMN mart.listener_summary.album_count IS 'Number of distinct albums in these plays; a play without an album adds none.';
COMMENT ON COLUMN mart.listener_summary.day_count IS 'Number of local days with a counted play.';
COMMENT ON COLUMN mart.listener_summary.longest_streak_days IS 'Length in days of the longest run of consecutive local days with a counted play; at least 1.';
COMMENT ON COLUMN mart.listener_summary.longest_session_ms IS 'Longest session in milliseconds, from its start to its end.';
COMMENT ON COLUMN mart.listener_summary.busiest_day IS 'Local date with the most listened_ms; the earliest on a tie.';
COMMENT ON COLUMN mart.listener_summary.load_id IS 'The load that last changed this row.';
