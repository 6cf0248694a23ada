-- Grain: One row per listener, artist and maximal run of at least 2 consecutive local days with a counted play of the artist.
CREATE TABLE mart.artist_streak (
    listener_id text COLLATE "C" NOT NULL,
    artist_id   text COLLATE "C" NOT NULL,
    started_on  date NOT NULL,
    ended_on    date NOT NULL,
    day_count   integer NOT NULL,
    play_count  integer NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, artist_id, started_on)
);

COMMENT ON TABLE mart.artist_streak IS
    'Grain: One row per listener, artist and maximal run of at least 2 consecutive local days with a counted play of the artist.';
COMMENT ON COLUMN mart.artist_streak.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.artist_streak.artist_id IS 'The first credited artist of the plays.';
COMMENT ON COLUMN mart.artist_streak.started_on IS 'First day of the run.';
COMMENT ON COLUMN mart.artist_streak.ended_on IS 'Last day of the run.';
COMMENT ON COLUMN mart.artist_streak.day_count IS 'Number of days from started_on to ended_on, both included; at least 2.';
COMMENT ON COLUMN mart.artist_streak.play_count IS 'Number of counted plays of the artist in the run.';
COMMENT ON COLUMN mart.artist_streak.load_id IS 'The load that last changed this row.';
