-- Grain: One row per listener and month with a counted play, even if nothing in it is new.
-- A track or artist is new in the month of its earliest counted play.
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
    'Grain: One row per listener and month with a counted play, even if nothing in it is new. A track or artist is new in the month of its earliest counted play.';
COMMENT ON COLUMN mart.discovery.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.discovery.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.discovery.new_track_count IS 'Number of tracks whose earliest counted play is in the month.';
COMMENT ON COLUMN mart.discovery.new_artist_count IS 'Number of first credited artists whose earliest counted play is in the month.';
COMMENT ON COLUMN mart.discovery.play_count IS 'Number of counted plays in the month.';
COMMENT ON COLUMN mart.discovery.plays_of_new_tracks IS 'Number of counted plays in the month of tracks that are new in the month.';
COMMENT ON COLUMN mart.discovery.load_id IS 'The load that last changed this row.';
