-- Grain: One row per listener, month and popularity bracket with a counted play.
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
    'Grain: One row per listener, month and popularity bracket with a counted play.';
COMMENT ON COLUMN mart.popularity_distribution.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.popularity_distribution.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.popularity_distribution.popularity_bracket IS 'The track''s popularity at load time divided by 10, rounded down: 0 for 0 to 9, up to 9 for 90 to 100; -1 when unknown.';
COMMENT ON COLUMN mart.popularity_distribution.play_count IS 'Number of the month''s counted plays of tracks in the bracket.';
COMMENT ON COLUMN mart.popularity_distribution.share IS 'play_count divided by the number of the month''s counted plays, rounded half up to 8 decimals.';
COMMENT ON COLUMN mart.popularity_distribution.load_id IS 'The load that last changed this row.';
