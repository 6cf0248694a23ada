-- Grain: One row per listener, month and bracket of popularity with a counted play.
CREATE TABLE mart.popularity_distribution (
    listener_id        text COLLATE "C" NOT NULL,
    month              date NOT NULL,
    popularity_bracket smallint NOT NULL,
    play_count         integer NOT NULL,
    share              numeric(9,8) NOT NULL,
    load_id            bigint NOT NULL,
    PRIMARY KEY (listener_id, month, popularity_bracket)
);

COMMENT ON TABLE mart.popularity_distribution IS
    'Grain: One row per listener, month and bracket of popularity with a counted play.';
COMMENT ON COLUMN mart.popularity_distribution.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.popularity_distribution.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.popularity_distribution.popularity_bracket IS 'Tenth of the track''s popularity at load time: 0 for 0 to 9, up to 9 for 90 to 100; -1 when unknown.';
COMMENT ON COLUMN mart.popularity_distribution.play_count IS 'Counted plays of such tracks.';
COMMENT ON COLUMN mart.popularity_distribution.share IS 'play_count of the month''s counted plays, half up.';
COMMENT ON COLUMN mart.popularity_distribution.load_id IS 'The load that last changed this row.';
