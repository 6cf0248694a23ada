-- Grain: One row per listener and month with a counted play, also where nothing was new.
-- An item is new in the month of its earliest counted play.
CREATE TABLE mart.discovery (
    listener_id         text COLLATE "C" NOT NULL,
    month               date NOT NULL,
    new_track_count     integer NOT NULL,
    new_artist_count    integer NOT NULL,
    play_count          integer NOT NULL,
    plays_of_new_tracks integer NOT NULL,
    load_id             bigint NOT NULL,
    PRIMARY KEY (listener_id, month)
);

COMMENT ON TABLE mart.discovery IS
    'Grain: One row per listener and month with a counted play, also where nothing was new. An item is new in the month of its earliest counted play.';
COMMENT ON COLUMN mart.discovery.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.discovery.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.discovery.new_track_count IS 'Tracks first played in the month.';
COMMENT ON COLUMN mart.discovery.new_artist_count IS 'First credited artists first played in the month.';
COMMENT ON COLUMN mart.discovery.play_count IS 'Counted plays in the month.';
COMMENT ON COLUMN mart.discovery.plays_of_new_tracks IS 'Those of tracks first played in the month.';
COMMENT ON COLUMN mart.discovery.load_id IS 'The load that last changed this row.';
